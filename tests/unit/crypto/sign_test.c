#include "tests/unit/common/test.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <pthread.h>

#include "crypto/sign.h"
#include "tests/unit/common/vectors.h"

static struct arena a;
static struct sign_key *es256, *rs256;

static int setup(void **state)
{
	(void)state;
	assert_ok(sign_key_generate(SIGN_ES256, &es256));
	assert_ok(sign_key_generate(SIGN_RS256, &rs256));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sign_key_free(es256);
	sign_key_free(rs256);
	arena_free(&a);
	return 0;
}

static size_t check_group(json_t *group)
{
	struct sign_key *key;
	json_t *test;
	size_t i;

	assert_ok(sign_key_from_public(vector_bytes(&a, group, "publicKeyDer"), &key));
	json_array_foreach(vector_member(group, "tests"), i, test) {
		bool valid = strcmp(vector_text(test, "result"), "valid") == 0;
		struct error e = sign_check(key, vector_bytes(&a, test, "msg"), vector_bytes(&a, test, "sig"));

		assert_int_equal(e.code, valid ? E_OK : E_SIGNATURE);
	}
	sign_key_free(key);
	return i;
}

static void es256_of_wycheproof(void **state)
{
	json_t *root = vectors_load("wycheproof-ecdsa-secp256r1-sha256-p1363.json"), *group;
	size_t i, done = 0;

	(void)state;
	json_array_foreach(vector_member(root, "testGroups"), i, group)
		done += check_group(group);
	assert_int_equal(done, 262);
	json_decref(root);
}

/* As others write it: DER, of one spelling. */
static void es256_in_der(void **state)
{
	struct slice private_key = sign_key_private(es256, &a);
	const unsigned char *at = private_key.p;
	EVP_PKEY *pkey = d2i_AutoPrivateKey(NULL, &at, (long)private_key.n);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t der[81];
	size_t n = 80;

	(void)state;
	assert_int_equal(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, pkey), 1);
	assert_int_equal(EVP_DigestSign(c, der, &n, (const unsigned char *)"message", 7), 1);
	der[n] = 0;
	assert_ok(sign_check_der(es256, S("message"), slice_of(der, n)));
	assert_err(sign_check_der(es256, S("messagE"), slice_of(der, n)), SIGNATURE);
	assert_err(sign_check_der(es256, S("message"), slice_of(der, n + 1)), SIGNATURE);
	for (size_t i = 0; i < n; i++) {
		assert_err(sign_check_der(es256, S("message"), slice_of(der, i)), SIGNATURE);
		der[i] ^= 1;
		assert_err(sign_check_der(es256, S("message"), slice_of(der, n)), SIGNATURE);
		der[i] ^= 1;
	}
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(pkey);
}

static void own_signatures_verify(void **state)
{
	uint8_t out[SIG_BYTES_MAX];
	size_t n;

	(void)state;
	assert_ok(sign_make(es256, S("message"), out, &n));
	assert_int_equal(n, ES256_SIG_BYTES);
	assert_ok(sign_check(es256, S("message"), slice_of(out, n)));
	assert_ok(sign_make(rs256, S("message"), out, &n));
	assert_int_equal(n, RSA_BITS / 8);
	assert_ok(sign_check(rs256, S("message"), slice_of(out, n)));
}

/* r or s with a leading zero byte must still be 32 bytes; one in 128 signatures has one. */
static void short_numbers_are_padded(void **state)
{
	uint8_t out[SIG_BYTES_MAX];
	size_t n, seen = 0;

	(void)state;
	for (int i = 0; i < 20000 && seen < 3; i++) {
		assert_ok(sign_make(es256, S("message"), out, &n));
		assert_int_equal(n, ES256_SIG_BYTES);
		if (out[0] && out[32])
			continue;
		assert_ok(sign_check(es256, S("message"), slice_of(out, n)));
		seen++;
	}
	assert_int_equal(seen, 3);
}

static void other_message_is_refused(void **state)
{
	uint8_t out[SIG_BYTES_MAX];
	size_t n;

	(void)state;
	assert_ok(sign_make(es256, S("message"), out, &n));
	assert_err(sign_check(es256, S("messagE"), slice_of(out, n)), SIGNATURE);
	assert_err(sign_check(es256, S(""), slice_of(out, n)), SIGNATURE);
	assert_ok(sign_make(rs256, S("message"), out, &n));
	assert_err(sign_check(rs256, S("messagE"), slice_of(out, n)), SIGNATURE);
}

static void other_lengths_are_refused(void **state)
{
	uint8_t out[SIG_BYTES_MAX + 1] = { 0 };
	size_t n;

	(void)state;
	assert_ok(sign_make(es256, S("message"), out, &n));
	assert_err(sign_check(es256, S("message"), slice_of(out, n - 1)), SIGNATURE);
	assert_err(sign_check(es256, S("message"), slice_of(out, n + 1)), SIGNATURE);
	assert_err(sign_check(es256, S("message"), slice_of(NULL, 0)), SIGNATURE);
	assert_ok(sign_make(rs256, S("message"), out, &n));
	assert_err(sign_check(rs256, S("message"), slice_of(out, n - 1)), SIGNATURE);
	assert_err(sign_check(rs256, S("message"), slice_of(out, n + 1)), SIGNATURE);
	assert_err(sign_check(rs256, S("message"), slice_of(NULL, 0)), SIGNATURE);
}

/* What OpenSSL itself makes is DER, which RFC 7518 does not allow here. */
static void der_signatures_are_refused(void **state)
{
	const struct slice der = sign_key_private(es256, &a);
	const unsigned char *at = der.p;
	EVP_PKEY *pkey = d2i_AutoPrivateKey(NULL, &at, (long)der.n);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t signature[80];
	size_t n = sizeof(signature);

	(void)state;
	assert_int_equal(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, pkey), 1);
	assert_int_equal(EVP_DigestSign(c, signature, &n, S("m").p, 1), 1);
	assert_err(sign_check(es256, S("m"), slice_of(signature, n)), SIGNATURE);
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(pkey);
}

/* PKCS #1 v1.5 is deterministic, so that the usual interface of OpenSSL must make the same bytes. */
static void rs256_agrees_with_the_usual_interface(void **state)
{
	const struct slice der = sign_key_private(rs256, &a);
	const unsigned char *at = der.p;
	EVP_PKEY *pkey = d2i_AutoPrivateKey(NULL, &at, (long)der.n);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t want[SIG_BYTES_MAX], got[SIG_BYTES_MAX];
	size_t want_n = sizeof(want), got_n;

	(void)state;
	assert_int_equal(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, pkey), 1);
	assert_int_equal(EVP_DigestSign(c, want, &want_n, S("message").p, 7), 1);
	assert_ok(sign_make(rs256, S("message"), got, &got_n));
	assert_slice_equal(slice_of(got, got_n), slice_of(want, want_n));
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(pkey);
}

static void a_public_key_signs_nothing(void **state)
{
	uint8_t out[SIG_BYTES_MAX];
	struct sign_key *key;
	size_t n;

	(void)state;
	assert_ok(sign_key_from_public(sign_key_public(es256, &a), &key));
	assert_err(sign_make(key, S("message"), out, &n), CRYPTO);
	sign_key_free(key);
}

static void *sign_and_check_much(void *ret_bad)
{
	uint8_t out[SIG_BYTES_MAX];
	int bad = 0;
	size_t n;

	for (int i = 0; i < 50; i++)
		bad += failed(sign_make(es256, S("message"), out, &n)) || failed(sign_check(es256, S("message"), slice_of(out, n)));
	*(int *)ret_bad = bad;
	return NULL;
}

static void many_threads_share_a_key(void **state)
{
	enum { THREADS = 20 };
	pthread_t threads[THREADS];
	int bad[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_and_check_much, &bad[i]), 0);
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(bad[i], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(es256_of_wycheproof),
		cmocka_unit_test(es256_in_der),
		cmocka_unit_test(own_signatures_verify),
		cmocka_unit_test(short_numbers_are_padded),
		cmocka_unit_test(other_message_is_refused),
		cmocka_unit_test(other_lengths_are_refused),
		cmocka_unit_test(der_signatures_are_refused),
		cmocka_unit_test(rs256_agrees_with_the_usual_interface),
		cmocka_unit_test(a_public_key_signs_nothing),
		cmocka_unit_test(many_threads_share_a_key),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

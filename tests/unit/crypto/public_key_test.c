/* Keys of others: what is one, what is none, and what they signed. */
#include "tests/unit/common/test.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "crypto/hash.h"
#include "crypto/public_key.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static EVP_PKEY *generate(const char *kind)
{
	if (strncmp(kind, "RSA-", 4) == 0)
		return EVP_RSA_gen((unsigned)strtoul(kind + 4, NULL, 10));
	if (strncmp(kind, "P-", 2) == 0)
		return EVP_EC_gen(kind);
	return EVP_PKEY_Q_keygen(NULL, NULL, kind);
}

static struct slice spki_of(EVP_PKEY *key)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(key, &der);
	struct slice copy = arena_copy(&a, slice_of(der, (size_t)n));

	assert_true(n > 0);
	OPENSSL_free(der);
	return copy;
}

static struct slice signed_by(EVP_PKEY *key, const char *digest, struct slice message)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t *out = arena_alloc(&a, 1024);
	size_t n = 1024;

	assert_int_equal(EVP_DigestSignInit_ex(c, NULL, digest, NULL, NULL, key, NULL), 1);
	assert_int_equal(EVP_DigestSign(c, out, &n, message.p, message.n), 1);
	EVP_MD_CTX_free(c);
	return slice_of(out, n);
}

static const struct { const char *kind, *digest; enum public_alg alg; } offered[] = {
	{ "P-256", "SHA256", PUBLIC_ES256 },
	{ "P-384", "SHA384", PUBLIC_ES384 },
	{ "ED25519", NULL, PUBLIC_EDDSA },
	{ "RSA-2048", "SHA256", PUBLIC_RS256 },
	{ "RSA-3072", "SHA256", PUBLIC_RS256 },
};

/* OpenSSL signs, the message comes in parts. */
static void each_algorithm(void **state)
{
	const struct slice parts[] = { S("one "), S(""), S("message") }, other[] = { S("one "), S("message!") };

	(void)state;
	for (size_t i = 0; i < COUNT(offered); i++) {
		EVP_PKEY *key = generate(offered[i].kind);
		struct slice signature = signed_by(key, offered[i].digest, S("one message"));
		uint8_t *bytes = (uint8_t *)(uintptr_t)signature.p;
		struct public_key read;

		assert_ok(public_key_read(spki_of(key), &a, &read));
		assert_int_equal(read.alg, offered[i].alg);
		assert_ok(public_key_verify(&read, parts, COUNT(parts), signature));
		assert_err(public_key_verify(&read, other, COUNT(other), signature), SIGNATURE);
		assert_err(public_key_verify(&read, parts, COUNT(parts), S("")), SIGNATURE);
		assert_err(public_key_verify(&read, parts, COUNT(parts), slice_of(bytes, signature.n - 1)), SIGNATURE);
		for (size_t k = 0; k < signature.n; k++) {
			bytes[k] ^= 1;
			assert_err(public_key_verify(&read, parts, COUNT(parts), signature), SIGNATURE);
			bytes[k] ^= 1;
		}
		EVP_PKEY_free(key);
	}
}

static void another_key_of_the_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(offered); i++) {
		EVP_PKEY *key = generate(offered[i].kind), *other = generate(offered[i].kind);
		struct slice signature = signed_by(key, offered[i].digest, S("message"));
		struct public_key mine, theirs;

		assert_ok(public_key_read(spki_of(key), &a, &mine));
		assert_ok(public_key_read(spki_of(other), &a, &theirs));
		assert_true(public_key_equal(&mine, &mine));
		assert_false(public_key_equal(&mine, &theirs));
		assert_err(public_key_verify(&theirs, PARTS(S("message")), signature), SIGNATURE);
		EVP_PKEY_free(key);
		EVP_PKEY_free(other);
	}
}

static void kinds_that_are_not_offered(void **state)
{
	static const char *const kinds[] = { "P-521", "P-224", "X25519", "ED448", "X448", "RSA-1024" };
	struct public_key read;

	(void)state;
	for (size_t i = 0; i < COUNT(kinds); i++) {
		EVP_PKEY *key = generate(kinds[i]);

		assert_non_null(key);
		if (!failed(public_key_read(spki_of(key), &a, &read)))
			fail_msg("%s", kinds[i]);
		EVP_PKEY_free(key);
	}
}

static void what_is_no_key_info(void **state)
{
	EVP_PKEY *key = generate("P-256");
	struct slice good = spki_of(key);
	struct buf longer = buf_arena(&a, 256);
	struct public_key read;

	(void)state;
	for (size_t n = 0; n < good.n; n++) {
		struct slice box = boxed(slice_of(good.p, n));

		assert_err(public_key_read(box, &a, &read), CRYPTO);
		unbox(box);
	}
	buf_slice(&longer, good);
	buf_byte(&longer, 0);
	assert_err(public_key_read(buf_bytes(&longer), &a, &read), CRYPTO);
	EVP_PKEY_free(key);
}

/* A coordinate that is too short, too long, off the curve or not below the prime. */
static void points_that_are_none(void **state)
{
	EVP_PKEY *key = generate("P-256");
	uint8_t x[33], prime[32];
	struct public_key good, bad;

	(void)state;
	assert_ok(public_key_read(spki_of(key), &a, &good));
	bad = good;
	bad.first.n = 31;
	assert_err(public_key_check(&bad), CRYPTO);
	memcpy(x, good.first.p, 32);
	x[32] = 0;
	bad.first = slice_of(x, 33);
	assert_err(public_key_check(&bad), CRYPTO);
	x[31] ^= 1;
	bad.first = slice_of(x, 32);
	assert_err(public_key_check(&bad), CRYPTO);
	memset(prime, 0xff, sizeof(prime));
	bad.first = slice_of(prime, 32);
	assert_err(public_key_check(&bad), CRYPTO);
	memset(x, 0, sizeof(x));
	bad.first = bad.second = slice_of(x, 32);
	assert_err(public_key_check(&bad), CRYPTO);
	bad = good;
	bad.alg = PUBLIC_ES384;
	assert_err(public_key_check(&bad), CRYPTO);
	assert_err(public_key_verify(&bad, PARTS(S("")), S("x")), CRYPTO);
	EVP_PKEY_free(key);
}

static void assert_rsa(struct public_key good, struct slice modulus, struct slice exponent, bool passes)
{
	good.first = modulus;
	good.second = exponent;
	assert_int_equal(!failed(public_key_check(&good)), passes);
}

static void moduli_and_exponents(void **state)
{
	EVP_PKEY *key = generate("RSA-2048");
	struct public_key good;
	uint8_t even[256], zero[257];
	struct slice n;

	(void)state;
	assert_ok(public_key_read(spki_of(key), &a, &good));
	n = good.first;
	memcpy(even, n.p, 256);
	even[255] &= 0xfe;
	zero[0] = 0;
	memcpy(zero + 1, n.p, 256);
	assert_rsa(good, n, S("\x01\x00\x01"), true);
	assert_rsa(good, n, S("\x03"), true);
	assert_rsa(good, n, S("\x01\x00\x00\x00\x01"), true);
	assert_rsa(good, n, S("\x01"), false);
	assert_rsa(good, n, S("\x01\x00\x00"), false);
	assert_rsa(good, n, S("\x00\x01\x00\x01"), false);
	assert_rsa(good, n, S("\x02\x00\x00\x00\x01"), false);
	assert_rsa(good, n, S("\x01\x00\x00\x00\x00\x01"), false);
	assert_rsa(good, n, S(""), false);
	assert_rsa(good, slice_of(even, 256), S("\x01\x00\x01"), false);
	assert_rsa(good, slice_of(zero, 257), S("\x01\x00\x01"), false);
	assert_rsa(good, slice_of(n.p, 255), S("\x01\x00\x01"), false);
	assert_rsa(good, S(""), S("\x01\x00\x01"), false);
	EVP_PKEY_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_algorithm),
		cmocka_unit_test(another_key_of_the_kind),
		cmocka_unit_test(kinds_that_are_not_offered),
		cmocka_unit_test(what_is_no_key_info),
		cmocka_unit_test(points_that_are_none),
		cmocka_unit_test(moduli_and_exponents),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

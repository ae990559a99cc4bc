#include "tests/unit/common/test.h"

#include <openssl/x509.h>
#include <pthread.h>

#include "crypto/x25519.h"
#include "tests/unit/common/scripted.h"
#include "tests/unit/common/vectors.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static bool has_flag(json_t *test, const char *name)
{
	json_t *flag;
	size_t i;

	json_array_foreach(vector_member(test, "flags"), i, flag)
		if (strcmp(json_string_value(flag), name) == 0)
			return true;
	return false;
}

static void check_vector(json_t *test)
{
	struct x25519_key *key = x25519_new(vector_bytes(&a, test, "private").p);
	uint8_t out[X25519_BYTES];
	struct error e = x25519_shared(key, vector_bytes(&a, test, "public").p, out);

	x25519_free(key);
	if (has_flag(test, "ZeroSharedSecret")) {
		assert_err(e, CRYPTO);
		return;
	}
	assert_ok(e);
	assert_slice_equal(slice_of(out, sizeof(out)), vector_bytes(&a, test, "shared"));
}

static void secrets_of_wycheproof(void **state)
{
	json_t *root = vectors_load("wycheproof-x25519.json"), *group, *test;
	size_t i, j, done = 0;

	(void)state;
	json_array_foreach(vector_member(root, "testGroups"), i, group)
		json_array_foreach(vector_member(group, "tests"), j, test) {
			check_vector(test);
			done++;
		}
	assert_int_equal(done, 518);
	json_decref(root);
}

static void generate_takes_its_bytes_from_the_environment(void **state)
{
	struct scripted s = scripted_env(S("abcdefghijklmnopqrstuvwxyz012345"));
	struct x25519_key *key = x25519_generate(&s.env);
	uint8_t out[X25519_BYTES];

	(void)state;
	x25519_private(key, out);
	assert_memory_equal(out, "abcdefghijklmnopqrstuvwxyz012345", X25519_BYTES);
	x25519_free(key);
}

static void both_sides_agree(void **state)
{
	struct x25519_key *one = x25519_generate(&env_system), *two = x25519_generate(&env_system);
	uint8_t public_one[X25519_BYTES], public_two[X25519_BYTES], secret_one[X25519_BYTES], secret_two[X25519_BYTES];

	(void)state;
	x25519_public(one, public_one);
	x25519_public(two, public_two);
	assert_ok(x25519_shared(one, public_two, secret_one));
	assert_ok(x25519_shared(two, public_one, secret_two));
	assert_memory_equal(secret_one, secret_two, X25519_BYTES);
	x25519_free(one);
	x25519_free(two);
}

static void a_key_works_on_after_a_refusal(void **state)
{
	static const uint8_t zero[X25519_BYTES] = { 0 }, nine[X25519_BYTES] = { 9 };
	struct x25519_key *key = x25519_generate(&env_system);
	uint8_t out[X25519_BYTES], public_key[X25519_BYTES];

	(void)state;
	assert_err(x25519_shared(key, zero, out), CRYPTO);
	assert_ok(x25519_shared(key, nine, out));
	x25519_public(key, public_key);
	assert_memory_equal(out, public_key, X25519_BYTES); /* the base point times the key */
	x25519_free(key);
}

static void spki_is_what_openssl_writes(void **state)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	uint8_t public_key[X25519_BYTES], spki[X25519_SPKI_BYTES], back[X25519_BYTES];
	unsigned char *der = NULL;
	size_t n = sizeof(public_key);
	int der_n = i2d_PUBKEY(pkey, &der);

	(void)state;
	assert_int_equal(EVP_PKEY_get_raw_public_key(pkey, public_key, &n), 1);
	x25519_spki_write(public_key, spki);
	assert_slice_equal(slice_of(spki, sizeof(spki)), slice_of(der, (size_t)der_n));
	assert_ok(x25519_spki_read(slice_of(der, (size_t)der_n), back));
	assert_memory_equal(back, public_key, X25519_BYTES);
	OPENSSL_free(der);
	EVP_PKEY_free(pkey);
}

static void other_spki_is_refused(void **state)
{
	uint8_t spki[X25519_SPKI_BYTES + 1] = { 0 }, key[X25519_BYTES] = { 9 }, out[X25519_BYTES];

	(void)state;
	x25519_spki_write(key, spki);
	for (size_t n = 0; n < X25519_SPKI_BYTES; n++)
		assert_err(x25519_spki_read(slice_of(spki, n), out), CRYPTO);
	assert_err(x25519_spki_read(slice_of(spki, sizeof(spki)), out), CRYPTO);
	for (size_t i = 0; i < X25519_SPKI_BYTES - X25519_BYTES; i++) {
		spki[i] ^= 1; /* at 8 this makes the OID that of X448 */
		assert_err(x25519_spki_read(slice_of(spki, X25519_SPKI_BYTES), out), CRYPTO);
		spki[i] ^= 1;
	}
}

static struct x25519_key *shared_key;

static void *agree_much(void *ret_bad)
{
	uint8_t peer[X25519_BYTES] = { 9 }, want[X25519_BYTES], out[X25519_BYTES];
	int bad = 0;

	x25519_public(shared_key, want);
	for (int i = 0; i < 50; i++)
		bad += failed(x25519_shared(shared_key, peer, out)) || memcmp(out, want, X25519_BYTES) != 0;
	*(int *)ret_bad = bad;
	return NULL;
}

static void many_threads_share_a_key(void **state)
{
	enum { THREADS = 20 };
	pthread_t threads[THREADS];
	int bad[THREADS];

	(void)state;
	shared_key = x25519_generate(&env_system);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, agree_much, &bad[i]), 0);
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(bad[i], 0);
	}
	x25519_free(shared_key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_of_wycheproof),
		cmocka_unit_test(generate_takes_its_bytes_from_the_environment),
		cmocka_unit_test(both_sides_agree),
		cmocka_unit_test(a_key_works_on_after_a_refusal),
		cmocka_unit_test(spki_is_what_openssl_writes),
		cmocka_unit_test(other_spki_is_refused),
		cmocka_unit_test(many_threads_share_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

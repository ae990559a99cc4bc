#include "tests/unit/common/test.h"

#include <openssl/bn.h>
#include <pthread.h>

#include "crypto/p256.h"
#include "tests/unit/common/scripted.h"
#include "tests/unit/common/vectors.h"

#define ORDER "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
#define HALF_ORDER "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8"
#define GENERATOR "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

/* 04 | x | y to the compressed form; whether y belongs to x is not looked at. */
static struct slice compressed(struct slice point)
{
	uint8_t *out = arena_alloc(&a, P256_POINT_BYTES);

	assert_int_equal(point.n, 65);
	out[0] = (uint8_t)(2 + (point.p[64] & 1));
	memcpy(out + 1, point.p + 1, 32);
	return slice_of(out, P256_POINT_BYTES);
}

/* The last 32 bytes of a number of any length, which must hold all of it. */
static const uint8_t *scalar_of(struct slice number)
{
	uint8_t *out = arena_alloc(&a, P256_SCALAR_BYTES);

	for (size_t i = 0; i < number.n; i++) {
		size_t from_end = number.n - i;

		if (from_end > P256_SCALAR_BYTES)
			assert_int_equal(number.p[i], 0);
		else
			out[P256_SCALAR_BYTES - from_end] = number.p[i];
	}
	return out;
}

static void check_product(json_t *test)
{
	struct slice point = vector_bytes(&a, test, "public");
	const uint8_t *scalar = scalar_of(vector_bytes(&a, test, "private"));
	bool valid = strcmp(vector_text(test, "result"), "invalid") != 0;
	uint8_t out[P256_POINT_BYTES];

	if (point.n != P256_POINT_BYTES) {
		assert_err(p256_multiply(scalar, point, out), CRYPTO);
		assert_err(p256_check(point), CRYPTO);
		if (!valid)
			return;
		point = compressed(point);
	}
	if (!valid) {
		assert_err(p256_multiply(scalar, point, out), CRYPTO);
		return;
	}
	assert_ok(p256_multiply(scalar, point, out));
	assert_slice_equal(slice_of(out + 1, 32), vector_bytes(&a, test, "shared"));
}

static void products_of_wycheproof(void **state)
{
	json_t *root = vectors_load("wycheproof-ecdh-secp256r1-ecpoint.json"), *group, *test;
	size_t i, j, done = 0;

	(void)state;
	json_array_foreach(vector_member(root, "testGroups"), i, group)
		json_array_foreach(vector_member(group, "tests"), j, test) {
			check_product(test);
			done++;
		}
	assert_int_equal(done, 355);
	json_decref(root);
}

static bool is_low(struct slice signature)
{
	return memcmp(signature.p + 32, unhex(&a, HALF_ORDER).p, 32) <= 0;
}

/* A valid signature with a high s is refused, and is good once s is replaced by n - s. */
static struct slice lowered(struct slice signature)
{
	uint8_t *out = arena_alloc(&a, P256_SIG_BYTES);
	BIGNUM *n = NULL, *s = BN_bin2bn(signature.p + 32, 32, NULL);

	BN_hex2bn(&n, ORDER);
	BN_sub(s, n, s);
	memcpy(out, signature.p, 32);
	BN_bn2binpad(s, out + 32, 32);
	BN_free(n);
	BN_free(s);
	return slice_of(out, P256_SIG_BYTES);
}

static void check_signature(struct slice point, json_t *test, size_t *high)
{
	struct slice message = vector_bytes(&a, test, "msg"), signature = vector_bytes(&a, test, "sig");

	if (strcmp(vector_text(test, "result"), "valid") != 0) {
		assert_err(p256_verify(point, PARTS(message), signature), SIGNATURE);
		return;
	}
	if (!is_low(signature)) {
		assert_err(p256_verify(point, PARTS(message), signature), SIGNATURE);
		signature = lowered(signature);
		(*high)++;
	}
	assert_ok(p256_verify(point, PARTS(message), signature));
}

static void signatures_of_wycheproof(void **state)
{
	json_t *root = vectors_load("wycheproof-ecdsa-secp256r1-sha256-p1363.json"), *group, *test;
	size_t i, j, done = 0, high = 0;

	(void)state;
	json_array_foreach(vector_member(root, "testGroups"), i, group) {
		struct slice point = compressed(vector_bytes(&a, vector_member(group, "publicKey"), "uncompressed"));

		json_array_foreach(vector_member(group, "tests"), j, test) {
			check_signature(point, test, &high);
			done++;
		}
	}
	assert_int_equal(done, 262);
	assert_in_range(high, 20, 150);
	json_decref(root);
}

static void malformed_points_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"00", /* OpenSSL takes this for infinity */
		"000000000000000000000000000000000000000000000000000000000000000000",
		"036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2",
		GENERATOR "00",
		"046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
		"016b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
		"076b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296", /* hybrid form */
		"046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
		"02ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", /* x = p */
		"02ffffffff00000001000000000000000000000001000000000000000000000004", /* x = p + 5, and 5 is the x of a point */
		"02ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"020000000000000000000000000000000000000000000000000000000000000001", /* no point has this x */
	};
	uint8_t out[P256_POINT_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct slice point = unhex(&a, bad[i]), signature = slice_of(arena_alloc(&a, 64), 64);

		assert_err(p256_check(point), CRYPTO);
		assert_err(p256_multiply(scalar_of(S("\x02")), point, out), CRYPTO);
		assert_err(p256_verify(point, PARTS(S("m")), signature), CRYPTO);
	}
	assert_ok(p256_check(unhex(&a, GENERATOR)));
	assert_ok(p256_check(unhex(&a, "020000000000000000000000000000000000000000000000000000000000000005")));
}

static void one_times_a_point_is_the_point(void **state)
{
	uint8_t out[P256_POINT_BYTES];

	(void)state;
	assert_ok(p256_public(scalar_of(S("\x01")), out));
	assert_slice_equal(slice_of(out, sizeof(out)), unhex(&a, GENERATOR));
	assert_ok(p256_multiply(scalar_of(S("\x01")), unhex(&a, GENERATOR), out));
	assert_slice_equal(slice_of(out, sizeof(out)), unhex(&a, GENERATOR));
}

static void scalars_out_of_range_are_refused(void **state)
{
	static const char *const bad[] = { "0000000000000000000000000000000000000000000000000000000000000000", ORDER,
		"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632552",
		"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" };
	struct slice largest = unhex(&a, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550");
	uint8_t out[P256_SIG_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_err(p256_public(unhex(&a, bad[i]).p, out), CRYPTO);
		assert_err(p256_multiply(unhex(&a, bad[i]).p, unhex(&a, GENERATOR), out), CRYPTO);
		assert_err(p256_sign(unhex(&a, bad[i]).p, PARTS(S("m")), out), CRYPTO);
	}
	assert_ok(p256_public(largest.p, out));
	assert_int_equal(out[0], 2); /* the opposite of the generator */
}

static void generate_draws_until_the_scalar_is_good(void **state)
{
	struct slice random = unhex(&a, "0000000000000000000000000000000000000000000000000000000000000000" ORDER
		"0000000000000000000000000000000000000000000000000000000000000001");
	struct scripted s = scripted_env(random);
	uint8_t private_key[P256_SCALAR_BYTES], point[P256_POINT_BYTES];

	(void)state;
	p256_generate(&s.env, private_key, point);
	assert_int_equal(s.bytes.n, 0);
	assert_memory_equal(private_key, random.p + 64, 32);
	assert_slice_equal(slice_of(point, sizeof(point)), unhex(&a, GENERATOR));
}

static void wide_numbers_make_private_keys(void **state)
{
	static const struct {
		const char *wide, *key;
	} known[] = {
		{ "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
			"0000000000000000000000000000000000000000000000000000000000000001" },
		{ "00000000000000000000000000000000ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254f",
			"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550" },
		{ "00000000000000000000000000000000ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550",
			"0000000000000000000000000000000000000000000000000000000000000001" },
		{ "000000000000000000000000000000000000000000000000000000000000000000000000ffffffffffffffffffffffff",
			"0000000000000000000000000000000000000001000000000000000000000000" },
	};
	uint8_t key[P256_SCALAR_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		p256_private_from_wide(unhex(&a, known[i].wide).p, key);
		assert_slice_equal(slice_of(key, sizeof(key)), unhex(&a, known[i].key));
	}
}

static void signature_lengths_are_strict(void **state)
{
	uint8_t private_key[P256_SCALAR_BYTES], point[P256_POINT_BYTES], signature[P256_SIG_BYTES + 1] = { 0 };
	struct slice key = slice_of(point, sizeof(point));

	(void)state;
	p256_generate(&env_system, private_key, point);
	assert_ok(p256_sign(private_key, PARTS(S("m")), signature));
	assert_ok(p256_verify(key, PARTS(S("m")), slice_of(signature, 64)));
	assert_err(p256_verify(key, PARTS(S("m")), slice_of(signature, 63)), SIGNATURE);
	assert_err(p256_verify(key, PARTS(S("m")), slice_of(signature, 65)), SIGNATURE);
	assert_err(p256_verify(key, PARTS(S("m")), slice_of(NULL, 0)), SIGNATURE);
}

static void other_message_or_key_is_refused(void **state)
{
	uint8_t private_key[P256_SCALAR_BYTES], point[P256_POINT_BYTES], other[P256_POINT_BYTES], signature[P256_SIG_BYTES];

	(void)state;
	p256_generate(&env_system, private_key, other);
	p256_generate(&env_system, private_key, point);
	assert_ok(p256_sign(private_key, PARTS(S("m")), signature));
	assert_err(p256_verify(slice_of(point, 33), PARTS(S("n")), slice_of(signature, 64)), SIGNATURE);
	assert_err(p256_verify(slice_of(other, 33), PARTS(S("m")), slice_of(signature, 64)), SIGNATURE);
	point[0] ^= 1;
	assert_err(p256_verify(slice_of(point, 33), PARTS(S("m")), slice_of(signature, 64)), SIGNATURE);
}

static void *use_much(void *ret_bad)
{
	uint8_t private_key[P256_SCALAR_BYTES], point[P256_POINT_BYTES], signature[P256_SIG_BYTES];
	int bad = 0;

	for (int i = 0; i < 20; i++) {
		p256_generate(&env_system, private_key, point);
		bad += failed(p256_sign(private_key, PARTS(S("m")), signature)) ||
			failed(p256_verify(slice_of(point, 33), PARTS(S("m")), slice_of(signature, 64)));
	}
	*(int *)ret_bad = bad;
	return NULL;
}

static void many_threads_share_the_pool(void **state)
{
	enum { THREADS = 20 };
	pthread_t threads[THREADS];
	int bad[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, use_much, &bad[i]), 0);
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(bad[i], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(products_of_wycheproof),
		cmocka_unit_test(signatures_of_wycheproof),
		cmocka_unit_test(malformed_points_are_refused),
		cmocka_unit_test(one_times_a_point_is_the_point),
		cmocka_unit_test(scalars_out_of_range_are_refused),
		cmocka_unit_test(generate_draws_until_the_scalar_is_good),
		cmocka_unit_test(wide_numbers_make_private_keys),
		cmocka_unit_test(signature_lengths_are_strict),
		cmocka_unit_test(other_message_or_key_is_refused),
		cmocka_unit_test(many_threads_share_the_pool),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

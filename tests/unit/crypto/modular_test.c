/* Compared with OpenSSL's BIGNUM, on edges and on random numbers. */
#include "tests/unit/common/test.h"

#include <openssl/bn.h>

#include "base/env.h"
#include "crypto/modular.h"
#include "tests/unit/common/vectors.h"

static BN_CTX *bn;
static BIGNUM *x, *y, *m, *result;

static int setup(void **state)
{
	(void)state;
	bn = BN_CTX_new();
	x = BN_new();
	y = BN_new();
	m = BN_new();
	result = BN_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	BN_free(x);
	BN_free(y);
	BN_free(m);
	BN_free(result);
	BN_CTX_free(bn);
	return 0;
}

static void to_bn(struct u256 a, BIGNUM *out)
{
	uint8_t bytes[U256_BYTES];

	u256_write(a, bytes);
	assert_non_null(BN_bin2bn(bytes, sizeof(bytes), out));
}

static void assert_number(struct u256 got, const BIGNUM *want)
{
	uint8_t got_bytes[U256_BYTES], want_bytes[U256_BYTES];

	u256_write(got, got_bytes);
	assert_int_equal(BN_bn2binpad(want, want_bytes, U256_BYTES), U256_BYTES);
	assert_memory_equal(got_bytes, want_bytes, U256_BYTES);
}

enum { EDGES = 10, SAMPLES = EDGES + 30 };

/* Numbers below the modulus: near zero, near the modulus, with limbs of ones and zeros; then random ones. */
static struct u256 sample(const struct modulus *p, size_t i)
{
	static const struct u256 edges[EDGES] = {
		{ { 0, 0, 0, 0 } },
		{ { 1, 0, 0, 0 } },
		{ { 2, 0, 0, 0 } },
		{ { UINT64_MAX, 0, 0, 0 } },
		{ { UINT64_MAX, UINT64_MAX, UINT64_MAX, 0 } },
		{ { 0, 0, 0, 1 } },
		{ { 0, UINT64_MAX, 0, UINT64_MAX } },
		{ { UINT64_MAX, UINT64_MAX, UINT64_MAX, 0xfffffffe00000000 } },
	};
	struct u256 a = p->m;
	uint8_t bytes[U256_BYTES];

	if (i == 8 || i == 9) {
		a.limb[0] -= i - 7;
		return a;
	}
	if (i < EDGES)
		return u256_reduce((u256_write(edges[i], bytes), slice_of(bytes, sizeof(bytes))), p->m);
	env_random(&env_system, bytes, sizeof(bytes));
	return u256_reduce(slice_of(bytes, sizeof(bytes)), p->m);
}

typedef void (*pair_check)(const struct modulus *, struct u256, struct u256);

static void for_all_pairs(pair_check check)
{
	static const struct modulus *const moduli[] = { &p256_prime, &p256_order };

	for (size_t k = 0; k < 2; k++) {
		to_bn(moduli[k]->m, m);
		for (size_t i = 0; i < SAMPLES; i++)
			for (size_t j = 0; j < SAMPLES; j++) {
				struct u256 a = sample(moduli[k], i), b = sample(moduli[k], j);

				to_bn(a, x);
				to_bn(b, y);
				check(moduli[k], a, b);
			}
	}
}

static void check_sum(const struct modulus *p, struct u256 a, struct u256 b)
{
	BN_mod_add(result, x, y, m, bn);
	assert_number(mod_add(p, a, b), result);
}

static void check_difference(const struct modulus *p, struct u256 a, struct u256 b)
{
	BN_mod_sub(result, x, y, m, bn);
	assert_number(mod_sub(p, a, b), result);
}

static void check_product(const struct modulus *p, struct u256 a, struct u256 b)
{
	BN_mod_mul(result, x, y, m, bn);
	assert_number(mod_leave(p, mod_mul(p, mod_enter(p, a), mod_enter(p, b))), result);
}

static void check_order(const struct modulus *p, struct u256 a, struct u256 b)
{
	(void)p;
	assert_true(u256_below(a, b) == (BN_cmp(x, y) < 0 ? UINT64_MAX : 0));
	assert_true(u256_equal(a, b) == (BN_cmp(x, y) == 0 ? UINT64_MAX : 0));
	assert_true(u256_is_zero(a) == (BN_is_zero(x) ? UINT64_MAX : 0));
}

static void sums_agree(void **state)
{
	(void)state;
	for_all_pairs(check_sum);
}

static void differences_agree(void **state)
{
	(void)state;
	for_all_pairs(check_difference);
}

static void products_agree(void **state)
{
	(void)state;
	for_all_pairs(check_product);
}

static void comparisons_agree(void **state)
{
	(void)state;
	for_all_pairs(check_order);
}

static void inverses_agree(void **state)
{
	static const struct modulus *const moduli[] = { &p256_prime, &p256_order };

	(void)state;
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 1; i < SAMPLES; i++) {
			struct u256 a = sample(moduli[k], i);

			to_bn(a, x);
			to_bn(moduli[k]->m, m);
			assert_non_null(BN_mod_inverse(result, x, m, bn));
			assert_number(mod_leave(moduli[k], mod_inverse(moduli[k], mod_enter(moduli[k], a))), result);
		}
}

static void zero_has_no_inverse(void **state)
{
	(void)state;
	assert_true(u256_is_zero(mod_inverse(&p256_prime, (struct u256){ { 0 } })) != 0);
}

static void powers_agree(void **state)
{
	struct u256 a = sample(&p256_prime, 20), e = sample(&p256_order, 21);

	(void)state;
	to_bn(a, x);
	to_bn(e, y);
	to_bn(p256_prime.m, m);
	BN_mod_exp(result, x, y, m, bn);
	assert_number(mod_leave(&p256_prime, mod_power(&p256_prime, mod_enter(&p256_prime, a), &e)), result);
}

/* mod_enter() reduces numbers that are not below the modulus. */
static void too_large_numbers_are_reduced_on_entering(void **state)
{
	static const struct u256 largest = { { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX } };

	(void)state;
	to_bn(largest, x);
	to_bn(p256_order.m, m);
	BN_mod(result, x, m, bn);
	assert_number(mod_leave(&p256_order, mod_enter(&p256_order, largest)), result);
	assert_number(mod_leave(&p256_order, mod_enter(&p256_order, p256_order.m)), (BN_zero(result), result));
}

static void wide_numbers_are_reduced(void **state)
{
	uint8_t bytes[100];

	(void)state;
	to_bn(p256_order.m, m);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		env_random(&env_system, bytes, sizeof(bytes));
		if (n % 3 == 0)
			memset(bytes, 0xff, sizeof(bytes));
		BN_bin2bn(bytes, (int)n, x);
		BN_mod(result, x, m, bn);
		assert_number(u256_reduce(slice_of(bytes, n), p256_order.m), result);
	}
}

static void numbers_of_48_bytes_are_reduced(void **state)
{
	static const struct modulus *const moduli[] = { &p256_prime, &p256_order };

	(void)state;
	for (size_t i = 0; i < 200; i++) {
		const struct modulus *p = moduli[i % 2];
		uint8_t bytes[WIDE_BYTES];

		env_random(&env_system, bytes, sizeof(bytes));
		if (i < 10)
			memset(bytes, i < 4 ? 0xff : 0, i < 8 ? WIDE_BYTES : 16);
		BN_bin2bn(bytes, WIDE_BYTES, x);
		to_bn(p->m, m);
		BN_mod(result, x, m, bn);
		assert_number(mod_wide(p, bytes), result);
	}
}

static void small_and_even_moduli_reduce_too(void **state)
{
	(void)state;
	assert_true(u256_equal(u256_reduce(S("\x03\xe8"), (struct u256){ { 10 } }), (struct u256){ { 0 } }) != 0);
	assert_true(u256_equal(u256_reduce(S("\x03\xe9"), (struct u256){ { 10 } }), (struct u256){ { 1 } }) != 0);
}

static void constants_are_what_they_say(void **state)
{
	static const struct modulus *const moduli[] = { &p256_prime, &p256_order };
	static const char *const digits[] = { "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF",
		"FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551" };

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		BN_hex2bn(&m, digits[k]);
		assert_number(moduli[k]->m, m);
		BN_sub(result, m, BN_value_one());
		BN_sub_word(result, 1);
		assert_number(moduli[k]->minus_two, result);
		BN_lshift(x, BN_value_one(), 256);
		BN_mod(result, x, m, bn);
		assert_number(moduli[k]->one, result);
		BN_lshift(x, BN_value_one(), 512);
		BN_mod(result, x, m, bn);
		assert_number(moduli[k]->square, result);
		assert_true(moduli[k]->m.limb[0] * moduli[k]->inverse == UINT64_MAX);
	}
}

static void bytes_come_back(void **state)
{
	uint8_t bytes[U256_BYTES], back[U256_BYTES];

	(void)state;
	for (uint8_t i = 0; i < U256_BYTES; i++)
		bytes[i] = i;
	assert_true(u256_read(bytes).limb[0] == 0x18191a1b1c1d1e1f);
	assert_true(u256_read(bytes).limb[3] == 0x0001020304050607);
	u256_write(u256_read(bytes), back);
	assert_memory_equal(bytes, back, U256_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_agree),
		cmocka_unit_test(differences_agree),
		cmocka_unit_test(products_agree),
		cmocka_unit_test(comparisons_agree),
		cmocka_unit_test(inverses_agree),
		cmocka_unit_test(zero_has_no_inverse),
		cmocka_unit_test(powers_agree),
		cmocka_unit_test(too_large_numbers_are_reduced_on_entering),
		cmocka_unit_test(wide_numbers_are_reduced),
		cmocka_unit_test(numbers_of_48_bytes_are_reduced),
		cmocka_unit_test(small_and_even_moduli_reduce_too),
		cmocka_unit_test(constants_are_what_they_say),
		cmocka_unit_test(bytes_come_back),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

/* Compared with OpenSSL's EC_POINT. */
#include "tests/unit/common/test.h"

#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "crypto/p256_point.h"
#include "tests/unit/common/vectors.h"

static EC_GROUP *group;
static EC_POINT *one, *two, *sum;
static BIGNUM *number;

static const struct point infinity = { .y = { { 1 } } };

static int setup(void **state)
{
	(void)state;
	group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	one = EC_POINT_new(group);
	two = EC_POINT_new(group);
	sum = EC_POINT_new(group);
	number = BN_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	BN_free(number);
	EC_POINT_free(one);
	EC_POINT_free(two);
	EC_POINT_free(sum);
	EC_GROUP_free(group);
	return 0;
}

static void random_point(EC_POINT *out)
{
	BN_rand_range(number, EC_GROUP_get0_order(group));
	EC_POINT_mul(group, out, number, NULL, NULL, NULL);
}

static struct slice compressed(const EC_POINT *p, uint8_t out[static P256_POINT_BYTES])
{
	assert_int_equal(EC_POINT_point2oct(group, p, POINT_CONVERSION_COMPRESSED, out, P256_POINT_BYTES, NULL), P256_POINT_BYTES);
	return slice_of(out, P256_POINT_BYTES);
}

static struct point ours(const EC_POINT *p)
{
	uint8_t bytes[P256_POINT_BYTES];
	struct point out;

	assert_ok(point_decode(compressed(p, bytes), &out));
	return out;
}

static void assert_same(const struct point *got, const EC_POINT *want)
{
	uint8_t got_bytes[P256_POINT_BYTES], want_bytes[P256_POINT_BYTES];

	assert_ok(point_encode(got, got_bytes));
	assert_slice_equal(slice_of(got_bytes, sizeof(got_bytes)), compressed(want, want_bytes));
}

static void assert_infinity(const struct point *p)
{
	uint8_t bytes[P256_POINT_BYTES];

	assert_true(u256_is_zero(p->z) != 0);
	assert_err(point_encode(p, bytes), CRYPTO);
}

static void points_come_back(void **state)
{
	(void)state;
	for (int i = 0; i < 50; i++) {
		struct point p;

		random_point(one);
		p = ours(one);
		assert_same(&p, one);
	}
}

static void sums_agree(void **state)
{
	(void)state;
	for (int i = 0; i < 50; i++) {
		struct point p, q;

		random_point(one);
		random_point(two);
		EC_POINT_add(group, sum, one, two, NULL);
		p = ours(one);
		q = ours(two);
		p = point_add(&p, &q);
		assert_same(&p, sum);
	}
}

static void a_point_is_added_to_itself(void **state)
{
	struct point p;

	(void)state;
	random_point(one);
	EC_POINT_dbl(group, sum, one, NULL);
	p = ours(one);
	p = point_add(&p, &p);
	assert_same(&p, sum);
}

static void a_point_and_its_opposite_make_infinity(void **state)
{
	struct point p, q;

	(void)state;
	random_point(one);
	p = ours(one);
	EC_POINT_invert(group, one, NULL);
	q = ours(one);
	p = point_add(&p, &q);
	assert_infinity(&p);
}

static void infinity_changes_nothing(void **state)
{
	struct point p, q;

	(void)state;
	random_point(one);
	p = ours(one);
	q = point_add(&p, &infinity);
	assert_same(&q, one);
	q = point_add(&infinity, &p);
	assert_same(&q, one);
	q = point_add(&infinity, &infinity);
	assert_infinity(&q);
}

static void products_agree(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		uint8_t scalar[U256_BYTES];
		struct point p;

		random_point(one);
		p = ours(one);
		BN_rand_range(number, EC_GROUP_get0_order(group));
		BN_bn2binpad(number, scalar, U256_BYTES);
		EC_POINT_mul(group, sum, NULL, one, number, NULL);
		p = point_multiply(u256_read(scalar), &p);
		assert_same(&p, sum);
	}
}

static void edge_scalars_multiply(void **state)
{
	struct u256 scalar = p256_order.m;
	struct point p, q;

	(void)state;
	random_point(one);
	p = ours(one);
	q = point_multiply((struct u256){ { 0 } }, &p);
	assert_infinity(&q);
	q = point_multiply((struct u256){ { 1 } }, &p);
	assert_same(&q, one);
	q = point_multiply(scalar, &p);
	assert_infinity(&q);
	scalar.limb[0]++;
	q = point_multiply(scalar, &p);
	assert_same(&q, one);
	scalar.limb[0] -= 2;
	EC_POINT_invert(group, one, NULL);
	q = point_multiply(scalar, &p);
	assert_same(&q, one);
	q = point_multiply(scalar, &infinity);
	assert_infinity(&q);
}

static void both_roots_are_found(void **state)
{
	uint8_t bytes[P256_POINT_BYTES];
	struct point even, odd;

	(void)state;
	random_point(one);
	compressed(one, bytes);
	bytes[0] = 2;
	assert_ok(point_decode(slice_of(bytes, sizeof(bytes)), &even));
	bytes[0] = 3;
	assert_ok(point_decode(slice_of(bytes, sizeof(bytes)), &odd));
	assert_true((mod_leave(&p256_prime, even.y).limb[0] & 1) == 0);
	assert_true((mod_leave(&p256_prime, odd.y).limb[0] & 1) == 1);
	even = point_add(&even, &odd);
	assert_infinity(&even);
}

/* Half of all x belong to no point; what we say of each must be what OpenSSL says. */
static void bad_x_are_refused(void **state)
{
	uint8_t bytes[P256_POINT_BYTES] = { 2 };
	int refused = 0;

	(void)state;
	for (uint8_t i = 0; i < 100; i++) {
		struct point p;
		struct error e;

		bytes[32] = i;
		e = point_decode(slice_of(bytes, sizeof(bytes)), &p);
		assert_int_equal(!failed(e), EC_POINT_oct2point(group, one, bytes, sizeof(bytes), NULL) == 1);
		refused += failed(e);
	}
	assert_in_range(refused, 30, 70);
}

static void the_curve_constant_is_right(void **state)
{
	BIGNUM *b = BN_new();
	uint8_t want[U256_BYTES], got[U256_BYTES];

	(void)state;
	EC_GROUP_get_curve(group, NULL, NULL, b, NULL);
	BN_bn2binpad(b, want, U256_BYTES);
	u256_write(mod_leave(&p256_prime, p256_b), got);
	assert_memory_equal(got, want, U256_BYTES);
	BN_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(points_come_back),
		cmocka_unit_test(sums_agree),
		cmocka_unit_test(a_point_is_added_to_itself),
		cmocka_unit_test(a_point_and_its_opposite_make_infinity),
		cmocka_unit_test(infinity_changes_nothing),
		cmocka_unit_test(products_agree),
		cmocka_unit_test(edge_scalars_multiply),
		cmocka_unit_test(both_roots_are_found),
		cmocka_unit_test(bad_x_are_refused),
		cmocka_unit_test(the_curve_constant_is_right),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

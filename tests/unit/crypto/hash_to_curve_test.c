#include "tests/unit/common/test.h"

#include "crypto/hash_to_curve.h"
#include "tests/unit/common/vectors.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

/* "q128_" and 128 q, "a512_" and 512 a, as the RFC's vectors have them */
static struct slice repeated(const char *head, char letter, size_t n)
{
	struct slice s = arena_printf(&a, "%s%*s", head, (int)n, "");

	memset((uint8_t *)(uintptr_t)s.p + strlen(head), letter, n);
	return s;
}

/* RFC 9380, K.1 */
static void expansions_of_the_rfc(void **state)
{
	struct slice tag = S("QUUX-V01-CS02-with-expander-SHA256-128"), abc = S("abc"), empty = S("");
	uint8_t out[32];

	(void)state;
	expand_message(&empty, 1, tag, out, sizeof(out));
	assert_slice_equal(slice_of(out, 32), unhex(&a, "68a985b87eb6b46952128911f2a4412bbc302a9d759667f87f7a21d803f07235"));
	expand_message(&abc, 1, tag, out, sizeof(out));
	assert_slice_equal(slice_of(out, 32), unhex(&a, "d8ccab23b5985ccea865c6c97b6e5b8350e794e603b4b97902f53a8a0d605615"));
}

static void a_longer_expansion_is_another(void **state)
{
	uint8_t short_one[32], long_one[64];
	struct slice message = S("message");

	(void)state;
	expand_message(&message, 1, S("tag"), short_one, sizeof(short_one));
	expand_message(&message, 1, S("tag"), long_one, sizeof(long_one));
	assert_memory_not_equal(short_one, long_one, sizeof(short_one));
}

/* RFC 9380, J.1.1 */
static void points_of_the_rfc(void **state)
{
	const struct {
		struct slice message;
		const char *x, *y;
	} known[] = {
		{ S(""), "2c15230b26dbc6fc9a37051158c95b79656e17a1a920b11394ca91c44247d3e4",
			"8a7a74985cc5c776cdfe4b1f19884970453912e9d31528c060be9ab5c43e8415" },
		{ S("abc"), "0bb8b87485551aa43ed54f009230450b492fead5f1cc91658775dac4a3388a0f",
			"5c41b3d0731a27a7b14bc0bf0ccded2d8751f83493404c84a88e71ffd424212e" },
		{ S("abcdef0123456789"), "65038ac8f2b1def042a5df0b33b1f4eca6bff7cb0f9c6c1526811864e544ed80",
			"cad44d40a656e7aff4002a8de287abc8ae0482b5ae825822bb870d6df9b56ca3" },
		{ repeated("q128_", 'q', 128), "4be61ee205094282ba8a2042bcb48d88dfbb609301c49aa8b078533dc65a0b5d",
			"98f8df449a072c4721d241a3b1236d3caccba603f916ca680f4539d2bfb3c29e" },
		{ repeated("a512_", 'a', 512), "457ae2981f70ca85d8e24c308b14db22f3e3862c5ea0f652ca38b5e49cd64bc5",
			"ecb9f0eadc9aeed232dabc53235368c1394c78de05dd96893eefa62b0f4757dc" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct point p = hash_to_curve(&known[i].message, 1, S("QUUX-V01-CS02-with-P256_XMD:SHA-256_SSWU_RO_"));
		struct slice y = unhex(&a, known[i].y);
		uint8_t out[P256_POINT_BYTES];

		assert_ok(point_encode(&p, out));
		assert_slice_equal(slice_of(out + 1, 32), unhex(&a, known[i].x));
		assert_int_equal(out[0], 2 + (y.p[31] & 1));
	}
}

/* Encoding gives an x, and decoding finds the same y only if the point lies on the curve. */
static void assert_on_curve(struct u256 u)
{
	struct point p = map_to_curve(u), back, sum;
	uint8_t bytes[P256_POINT_BYTES];

	assert_ok(point_encode(&p, bytes));
	assert_ok(point_decode(slice_of(bytes, sizeof(bytes)), &back));
	back.y = mod_sub(&p256_prime, (struct u256){ { 0 } }, back.y);
	sum = point_add(&p, &back);
	assert_true(u256_is_zero(sum.z) != 0);
}

/* For u = 0 and for u^2 = 1/10 (Z u^2 = -1) the formula divides by zero; the map has a rule of its own there. */
static void exceptional_numbers_are_mapped(void **state)
{
	static const struct u256 exponent = { { 0x0000000000000000, 0x0000000040000000, 0x4000000000000000, 0x3fffffffc0000000 } };
	struct u256 tenth = mod_inverse(&p256_prime, mod_enter(&p256_prime, (struct u256){ { 10 } }));
	struct u256 root = mod_power(&p256_prime, tenth, &exponent);

	(void)state;
	assert_true(u256_equal(mod_mul(&p256_prime, root, root), tenth) != 0);
	assert_on_curve((struct u256){ { 0 } });
	assert_on_curve(root);
	assert_on_curve(mod_sub(&p256_prime, (struct u256){ { 0 } }, root));
}

static void all_numbers_are_mapped(void **state)
{
	(void)state;
	for (uint64_t i = 1; i < 200; i++)
		assert_on_curve(mod_enter(&p256_prime, (struct u256){ { i } }));
}

/* The map is odd: -u gives -P. */
static void signs_follow_the_number(void **state)
{
	(void)state;
	for (uint64_t i = 1; i < 50; i++) {
		struct u256 u = mod_enter(&p256_prime, (struct u256){ { i } });
		struct point p = map_to_curve(u), q = map_to_curve(mod_sub(&p256_prime, (struct u256){ { 0 } }, u));

		p = point_add(&p, &q);
		assert_true(u256_is_zero(p.z) != 0);
	}
}

static void scalars_depend_on_message_and_tag(void **state)
{
	struct slice one = S("one"), two = S("two"), halves[] = { S("on"), S("e") };
	struct u256 scalar = hash_to_scalar(&one, 1, S("tag"));

	(void)state;
	assert_true(u256_below(scalar, p256_order.m) != 0);
	assert_true(u256_equal(scalar, hash_to_scalar(halves, 2, S("tag"))) != 0);
	assert_true(u256_equal(scalar, hash_to_scalar(&two, 1, S("tag"))) == 0);
	assert_true(u256_equal(scalar, hash_to_scalar(&one, 1, S("gat"))) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expansions_of_the_rfc),
		cmocka_unit_test(a_longer_expansion_is_another),
		cmocka_unit_test(points_of_the_rfc),
		cmocka_unit_test(exceptional_numbers_are_mapped),
		cmocka_unit_test(all_numbers_are_mapped),
		cmocka_unit_test(signs_follow_the_number),
		cmocka_unit_test(scalars_depend_on_message_and_tag),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

#include "tests/unit/common/test.h"

#include "sdk/internal.h"
#include "tests/unit/common/vectors.h"

/* Signatures of one message, raw and in DER, and what is no signature. */
static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

#define SMALL "0000000000000000000000000000000000000000000000000000000000000001"
#define ORDER_LESS_1 "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"

static void assert_reads(const char *digits, const char *want)
{
	uint8_t out[P256_SIG_BYTES];

	assert_ok(signature_read(unhex(&a, digits), out));
	assert_slice_equal(slice_of(out, sizeof(out)), unhex(&a, want));
}

static void raw(void **state)
{
	(void)state;
	assert_reads(SMALL SMALL, SMALL SMALL);
}

static void a_high_s_is_made_low(void **state)
{
	(void)state;
	assert_reads(SMALL ORDER_LESS_1, SMALL SMALL);
}

static void der(void **state)
{
	(void)state;
	assert_reads("3006020101020101", SMALL SMALL);
	assert_reads("3026020101022100" ORDER_LESS_1, SMALL SMALL);
}

static void what_is_none(void **state)
{
	static const char *const bad[] = { "", "30", "3000", "3006020101020102ff", "3005020101020101", "3007020101020101", "3106020101020101",
		"3006030101020101", "3006020181020101", "3003020101", "30050200020101", "300602010102" };
	uint8_t out[P256_SIG_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_err(signature_read(unhex(&a, bad[i]), out), CRYPTO);
	assert_err(signature_read(unhex(&a, "3028022301" SMALL "0000" "020101"), out), CRYPTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raw),
		cmocka_unit_test(a_high_s_is_made_low),
		cmocka_unit_test(der),
		cmocka_unit_test(what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

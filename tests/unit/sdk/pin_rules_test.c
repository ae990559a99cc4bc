#include "tests/unit/common/test.h"

#include "sdk/reuseid_device.h"

static int check(rid_alphabet alphabet, const char *pin)
{
	const rid_form form = { 4, 6, alphabet };

	return rid_pin_check(&form, pin, strlen(pin));
}

static void forms(void **state)
{
	(void)state;
	assert_int_equal(check(RID_ALPHABET_NUMERIC, "1234"), RID_OK);
	assert_int_equal(check(RID_ALPHABET_NUMERIC, "123456"), RID_OK);
	assert_int_equal(check(RID_ALPHABET_NUMERIC, "123"), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_int_equal(check(RID_ALPHABET_NUMERIC, "1234567"), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_int_equal(check(RID_ALPHABET_NUMERIC, "123a"), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_int_equal(check(RID_ALPHABET_ALPHA, "abCD"), RID_OK);
	assert_int_equal(check(RID_ALPHABET_ALPHA, "abc1"), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_int_equal(check(RID_ALPHABET_ALPHA, "ab[]"), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_int_equal(check(RID_ALPHABET_ALPHANUMERIC, "ab12"), RID_OK);
	assert_int_equal(check(RID_ALPHABET_ALPHANUMERIC, "ab1_"), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_int_equal(check(RID_ALPHABET_ANY, "a b!"), RID_OK);
	assert_int_equal(check(RID_ALPHABET_ANY, "ab\n1"), RID_ERROR_INVALID_INPUT_FORMAT);
}

/* Characters count, not bytes. */
static void other_scripts(void **state)
{
	(void)state;
	assert_int_equal(check(RID_ALPHABET_ANY, "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"), RID_OK);
	assert_int_equal(check(RID_ALPHABET_ANY, "\xc3\xa4\xc3\xb6\xc3\xbc"), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_int_equal(check(RID_ALPHABET_ALPHA, "\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f"), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_int_equal(check(RID_ALPHABET_ANY, "abc\xff"), RID_ERROR_INVALID_INPUT_FORMAT);
}

static void weak_ones(void **state)
{
	static const char *const weak[] = { "1111", "1234", "4321", "2468", "1212", "123123", "12341234", "1987", "2024", "2580", "abcd",
		"aaaa", "password", "123", "" };
	static const char *const good[] = { "1357924", "4711", "8203", "73921", "x7!q" };

	(void)state;
	for (size_t i = 0; i < COUNT(weak); i++)
		assert_true(rid_pin_is_weak(weak[i], strlen(weak[i])));
	for (size_t i = 0; i < COUNT(good); i++)
		assert_false(rid_pin_is_weak(good[i], strlen(good[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(other_scripts),
		cmocka_unit_test(weak_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/common/test.h"

static const struct slice nothing;

static void equality_is_of_length_and_content(void **state)
{
	(void)state;
	assert_true(slice_eq(S("abc"), S("abc")));
	assert_false(slice_eq(S("abc"), S("ab")));
	assert_false(slice_eq(S("abc"), S("abd")));
	assert_false(slice_eq(S("a\0b"), S("a\0c")));
	assert_true(slice_eq(nothing, S("")));
	assert_true(slice_is(S(""), NULL));
	assert_false(slice_is(S("a\0"), "a"));
}

static void case_is_ignored_in_ascii_letters_only(void **state)
{
	(void)state;
	assert_true(slice_ieq(S("AZaz09"), S("azAZ09")));
	assert_false(slice_ieq(S("@"), S("`")));
	assert_false(slice_ieq(S("["), S("{")));
	assert_false(slice_ieq(S("\xc1"), S("\xe1")));
	assert_false(slice_ieq(S("a"), S("ab")));
	assert_true(slice_ieq(nothing, S("")));
}

static void starts_with_a_prefix(void **state)
{
	(void)state;
	assert_true(slice_starts(S("Bearer x"), S("Bearer ")));
	assert_true(slice_starts(S("x"), S("x")));
	assert_true(slice_starts(nothing, nothing));
	assert_false(slice_starts(S("Bearer"), S("Bearer ")));
	assert_false(slice_starts(nothing, S("x")));
}

static void find_gives_the_first_place_or_the_length(void **state)
{
	struct slice text = boxed(S("abcb"));

	(void)state;
	assert_int_equal(slice_find(text, 'b'), 1);
	assert_int_equal(slice_find(text, 'x'), 4);
	assert_int_equal(slice_find(text, 0), 4);
	assert_int_equal(slice_find(nothing, 'x'), 0);
	unbox(text);
}

static void trim_takes_blanks_and_tabs_only(void **state)
{
	struct slice blank = boxed(S(" \t "));

	(void)state;
	assert_slice_equal(slice_trim(S(" \t a b\t ")), S("a b"));
	assert_slice_equal(slice_trim(S("\na\r")), S("\na\r"));
	assert_slice_equal(slice_trim(blank), nothing);
	assert_slice_equal(slice_trim(nothing), nothing);
	unbox(blank);
}

static void cut_takes_the_parts_in_turn(void **state)
{
	struct slice box = boxed(S("a&&bc")), rest = box;

	(void)state;
	assert_slice_equal(slice_cut(&rest, '&'), S("a"));
	assert_slice_equal(slice_cut(&rest, '&'), S(""));
	assert_slice_equal(slice_cut(&rest, '&'), S("bc"));
	assert_int_equal(rest.n, 0);
	assert_slice_equal(slice_cut(&rest, '&'), S(""));
	unbox(box);
}

static void cut_at_the_end_leaves_nothing(void **state)
{
	struct slice rest = S("a&"), empty = nothing;

	(void)state;
	assert_slice_equal(slice_cut(&rest, '&'), S("a"));
	assert_int_equal(rest.n, 0);
	assert_slice_equal(slice_cut(&empty, '&'), nothing);
}

static void secrets_differ_by_any_one_bit(void **state)
{
	uint8_t a[32] = { 0 }, b[32] = { 0 };

	(void)state;
	assert_true(slice_eq_secret(slice_of(a, 32), slice_of(b, 32)));
	assert_true(slice_eq_secret(nothing, nothing));
	assert_false(slice_eq_secret(slice_of(a, 32), slice_of(b, 31)));
	for (size_t bit = 0; bit < 256; bit++) {
		b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(slice_eq_secret(slice_of(a, 32), slice_of(b, 32)));
		b[bit / 8] = 0;
	}
}

static void u64_reads_its_whole_range(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} good[] = { { "0", 0 }, { "7", 7 }, { "00000000000000000000000042", 42 }, { "18446744073709551615", UINT64_MAX },
		{ "18446744073709551609", UINT64_MAX - 6 } };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		uint64_t value = 1;

		assert_ok(slice_u64(slice_text(good[i].text), &value));
		assert_true(value == good[i].value);
	}
}

static void u64_refuses(void **state)
{
	static const char *const bad[] = { "", "-", "-1", "+1", " 1", "1 ", "1a", "a", "0x1", "1.0", "1e3", "1,000", "/", ":",
		"18446744073709551616", "18446744073709551620", "18446744073709551700", "28446744073709551615",
		"99999999999999999999", "184467440737095516150", "\xd9\xa1" };
	uint64_t value = 77;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_err(slice_u64(slice_text(bad[i]), &value), PARSE);
	assert_err(slice_u64(S("1\0"), &value), PARSE);
	assert_err(slice_u64(nothing, &value), PARSE);
	assert_int_equal(value, 77);
}

static void i64_reads_its_whole_range(void **state)
{
	static const struct {
		const char *text;
		int64_t value;
	} good[] = { { "0", 0 }, { "-0", 0 }, { "-1", -1 }, { "9223372036854775807", INT64_MAX },
		{ "-9223372036854775807", -INT64_MAX }, { "-9223372036854775808", INT64_MIN } };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		int64_t value = 1;

		assert_ok(slice_i64(slice_text(good[i].text), &value));
		assert_true(value == good[i].value);
	}
}

static void i64_refuses(void **state)
{
	static const char *const bad[] = { "", "-", "--1", "-+1", "+1", "- 1", "1-", "9223372036854775808", "-9223372036854775809",
		"18446744073709551615", "-18446744073709551616", "99999999999999999999" };
	int64_t value = 77;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_err(slice_i64(slice_text(bad[i]), &value), PARSE);
	assert_int_equal(value, 77);
}

static void reader_takes_big_endian_numbers(void **state)
{
	struct slice box = boxed(S("\xff\x80\x01\xfe\xdc\xba\x98z"));
	struct reader r = { box };
	struct slice rest;
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;

	(void)state;
	assert_ok(read_u8(&r, &u8));
	assert_int_equal(u8, 0xff);
	assert_ok(read_u16(&r, &u16));
	assert_int_equal(u16, 0x8001);
	assert_ok(read_u32(&r, &u32));
	assert_int_equal(u32, 0xfedcba98);
	assert_err(read_end(&r), PARSE);
	assert_ok(read_bytes(&r, 1, &rest));
	assert_slice_equal(rest, S("z"));
	assert_ok(read_end(&r));
	unbox(box);
}

static void reader_that_fails_stays_where_it_was(void **state)
{
	struct slice box = boxed(S("abc")), out = S("untouched");
	struct reader r = { box };
	uint32_t u32 = 5;
	uint16_t u16 = 5;

	(void)state;
	assert_err(read_u32(&r, &u32), PARSE);
	assert_int_equal(u32, 5);
	assert_err(read_bytes(&r, 4, &out), PARSE);
	assert_err(read_bytes(&r, SIZE_MAX, &out), PARSE);
	assert_slice_equal(out, S("untouched"));
	assert_slice_equal(r.rest, S("abc"));
	assert_ok(read_bytes(&r, 2, &out));
	assert_err(read_u16(&r, &u16), PARSE);
	assert_int_equal(u16, 5);
	assert_slice_equal(r.rest, S("c"));
	unbox(box);
}

static void reader_of_nothing(void **state)
{
	struct reader r = { nothing };
	struct slice out = S("x");
	uint8_t u8 = 5;

	(void)state;
	assert_ok(read_bytes(&r, 0, &out));
	assert_int_equal(out.n, 0);
	assert_ok(read_end(&r));
	assert_err(read_u8(&r, &u8), PARSE);
	assert_int_equal(u8, 5);
}

static void wipe_clears_just_that(void **state)
{
	char text[] = "abcdef";

	(void)state;
	wipe(text + 1, 4);
	assert_memory_equal(text, "a\0\0\0\0f", 7);
	wipe(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equality_is_of_length_and_content),
		cmocka_unit_test(case_is_ignored_in_ascii_letters_only),
		cmocka_unit_test(starts_with_a_prefix),
		cmocka_unit_test(find_gives_the_first_place_or_the_length),
		cmocka_unit_test(trim_takes_blanks_and_tabs_only),
		cmocka_unit_test(cut_takes_the_parts_in_turn),
		cmocka_unit_test(cut_at_the_end_leaves_nothing),
		cmocka_unit_test(secrets_differ_by_any_one_bit),
		cmocka_unit_test(u64_reads_its_whole_range),
		cmocka_unit_test(u64_refuses),
		cmocka_unit_test(i64_reads_its_whole_range),
		cmocka_unit_test(i64_refuses),
		cmocka_unit_test(reader_takes_big_endian_numbers),
		cmocka_unit_test(reader_that_fails_stays_where_it_was),
		cmocka_unit_test(reader_of_nothing),
		cmocka_unit_test(wipe_clears_just_that),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

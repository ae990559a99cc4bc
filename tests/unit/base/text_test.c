#include "tests/unit/common/test.h"

#include "base/text.h"

/* Encodes as the definition says, without asking whether the code point may be encoded at all or in so many bytes. */
static size_t encode(uint32_t point, size_t n, uint8_t *out)
{
	static const uint8_t leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n - 1; i > 0; i--) {
		out[i] = (uint8_t)(0x80 | (point & 0x3f));
		point >>= 6;
	}
	out[0] = (uint8_t)(leads[n] | point);
	return n;
}

static size_t shortest(uint32_t point)
{
	return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

static void every_code_point_is_well_formed(void **state)
{
	uint8_t bytes[4];

	(void)state;
	for (uint32_t point = 0; point <= 0x10ffff; point++) {
		struct slice text = slice_of(bytes, encode(point, shortest(point), bytes));
		bool surrogate = point >= 0xd800 && point <= 0xdfff;

		assert_int_equal(text_is_utf8(text), !surrogate);
		assert_int_equal(text_sequence(text), surrogate ? 0 : text.n);
		assert_int_equal(text_points(text), 1);
	}
}

static void overlong_forms_are_not(void **state)
{
	static const uint32_t limits[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t bytes[4];

	(void)state;
	for (size_t n = 2; n <= 4; n++)
		for (uint32_t point = 0; point < limits[n]; point++)
			assert_int_equal(text_sequence(slice_of(bytes, encode(point, n, bytes))), 0);
}

static void points_beyond_unicode_are_not(void **state)
{
	uint8_t bytes[4];

	(void)state;
	for (uint32_t point = 0x110000; point <= 0x1fffff; point++)
		assert_int_equal(text_sequence(slice_of(bytes, encode(point, 4, bytes))), 0);
}

static void cut_sequences_are_not(void **state)
{
	static const uint32_t points[] = { 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff };

	(void)state;
	for (size_t i = 0; i < COUNT(points); i++) {
		for (size_t n = 1; n < shortest(points[i]); n++) {
			uint8_t whole[4];
			struct slice part;

			encode(points[i], shortest(points[i]), whole);
			part = boxed(slice_of(whole, n));
			assert_int_equal(text_sequence(part), 0);
			assert_false(text_is_utf8(part));
			assert_false(text_has_controls(part, false));
			unbox(part);
		}
	}
}

/* Length of the sequence at p by the definition: the shortest form of a code point that may stand in text. */
static size_t decoded(const uint8_t *p, size_t n)
{
	uint8_t again[4];

	for (size_t length = 1; length <= n; length++) {
		uint32_t point = length == 1 ? p[0] : p[0] & (0xffu >> (length + 1));

		for (size_t i = 1; i < length; i++)
			point = point << 6 | (p[i] & 0x3f);
		if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) || shortest(point) != length)
			continue;
		encode(point, length, again);
		if (memcmp(again, p, length) == 0)
			return length;
	}
	return 0;
}

/* All pairs of a first and a second byte, with third and fourth bytes at their edges. */
static void any_bytes_against_the_definition(void **state)
{
	static const uint8_t edges[] = { 0x00, 0x7f, 0x80, 0x8f, 0xbf, 0xc0, 0xff };
	uint8_t bytes[4];

	(void)state;
	for (uint32_t pair = 0; pair < 0x10000; pair++) {
		bytes[0] = (uint8_t)(pair >> 8);
		bytes[1] = (uint8_t)pair;
		for (size_t i = 0; i < COUNT(edges) * COUNT(edges); i++) {
			bytes[2] = edges[i / COUNT(edges)];
			bytes[3] = edges[i % COUNT(edges)];
			if (text_sequence(slice_of(bytes, 4)) != decoded(bytes, 4))
				fail_msg("%02x %02x %02x %02x", bytes[0], bytes[1], bytes[2], bytes[3]);
		}
	}
}

static void one_bad_byte_spoils_a_text(void **state)
{
	static const uint8_t bad[] = { 0x80, 0xbf, 0xc0, 0xc1, 0xf5, 0xfe, 0xff };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		uint8_t text[] = "a\xc3\xa9?\xe2\x82\xac";

		text[3] = bad[i];
		assert_false(text_is_utf8(slice_of(text, sizeof(text) - 1)));
	}
}

static void nothing_is_well_formed_but_no_sequence(void **state)
{
	(void)state;
	assert_true(text_is_utf8(slice_of(NULL, 0)));
	assert_int_equal(text_sequence(slice_of(NULL, 0)), 0);
	assert_int_equal(text_points(slice_of(NULL, 0)), 0);
	assert_false(text_has_controls(slice_of(NULL, 0), false));
}

static void length_counts_code_points(void **state)
{
	(void)state;
	assert_int_equal(text_points(S("abc")), 3);
	assert_int_equal(text_points(S("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")), 3);
	assert_int_equal(text_points(S("e\xcc\x81")), 2);
	assert_int_equal(text_points(S("a\0b")), 3);
}

static void every_control_is_found(void **state)
{
	uint8_t bytes[4];

	(void)state;
	for (uint32_t point = 0; point <= 0x10ffff; point++) {
		bool control = point < 0x20 || (point >= 0x7f && point <= 0x9f);
		bool line = point == '\t' || point == '\n' || point == '\r';
		struct slice text = slice_of(bytes, encode(point, shortest(point), bytes));

		assert_int_equal(text_has_controls(text, false), control);
		assert_int_equal(text_has_controls(text, true), control && !line);
	}
}

static void control_is_found_anywhere(void **state)
{
	(void)state;
	assert_true(text_has_controls(S("\0abc"), true));
	assert_true(text_has_controls(S("abc\x7f"), true));
	assert_true(text_has_controls(S("ab\xc2\x85"), true));
	assert_true(text_has_controls(S("a\nb"), false));
	assert_false(text_has_controls(S("a\nb\r\n\t"), true));
	assert_false(text_has_controls(S("\xc3\x85\xc2\xa0"), false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_point_is_well_formed),
		cmocka_unit_test(overlong_forms_are_not),
		cmocka_unit_test(points_beyond_unicode_are_not),
		cmocka_unit_test(cut_sequences_are_not),
		cmocka_unit_test(any_bytes_against_the_definition),
		cmocka_unit_test(one_bad_byte_spoils_a_text),
		cmocka_unit_test(nothing_is_well_formed_but_no_sequence),
		cmocka_unit_test(length_counts_code_points),
		cmocka_unit_test(every_control_is_found),
		cmocka_unit_test(control_is_found_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

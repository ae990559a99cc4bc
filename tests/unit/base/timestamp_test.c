#include "tests/unit/common/test.h"

#include <stdio.h>
#include <time.h>

#include "base/timestamp.h"
#include "tests/unit/base/fake_env.h"

/* Milliseconds as text, in a buffer of the caller. */
static struct slice written(struct buf *b, int64_t ms, enum time_style style)
{
	buf_clear(b);
	time_write(b, ms, style);
	return buf_bytes(b);
}

static void writes(int64_t ms, enum time_style style, const char *want)
{
	struct buf b = buf_heap(64);

	assert_slice_equal(written(&b, ms, style), slice_text(want));
	buf_free(&b);
}

static void reads(const char *text, int64_t want)
{
	int64_t ms = 0;

	if (failed(time_parse(slice_text(text), &ms)) || ms != want)
		fail_msg("%s is %lld, not %lld", text, (long long)ms, (long long)want);
}

static void refuses(const char *const *texts, size_t n)
{
	int64_t ms = 77;

	for (size_t i = 0; i < n; i++)
		if (!is_err(time_parse(slice_text(texts[i]), &ms), E_PARSE))
			fail_msg("%s is accepted", texts[i]);
	assert_int_equal(ms, 77);
}

static void each_style_has_its_form(void **state)
{
	(void)state;
	writes(1611269247123, TIME_AS_MS, "2021-01-21T22:47:27.123Z");
	writes(1611269247123, TIME_AS_SECONDS, "2021-01-21T22:47:27.000Z");
	writes(1611269247123, TIME_AS_UTC, "2021-01-21T22:47:27.000UTC");
	writes(0, TIME_AS_MS, "1970-01-01T00:00:00.000Z");
	writes(7, TIME_AS_MS, "1970-01-01T00:00:00.007Z");
}

static void times_before_1970_count_down(void **state)
{
	(void)state;
	writes(-1, TIME_AS_MS, "1969-12-31T23:59:59.999Z");
	writes(-1, TIME_AS_SECONDS, "1969-12-31T23:59:59.000Z");
	writes(-1000, TIME_AS_MS, "1969-12-31T23:59:59.000Z");
	writes(-86400000, TIME_AS_MS, "1969-12-31T00:00:00.000Z");
	writes(-86400001, TIME_AS_MS, "1969-12-30T23:59:59.999Z");
	reads("1969-12-31T23:59:59.999Z", -1);
}

static void years_0_to_9999_are_the_limits(void **state)
{
	(void)state;
	writes(TIME_MIN_MS, TIME_AS_MS, "0000-01-01T00:00:00.000Z");
	writes(TIME_MAX_MS, TIME_AS_MS, "9999-12-31T23:59:59.999Z");
	reads("0000-01-01T00:00:00.000Z", TIME_MIN_MS);
	reads("9999-12-31T23:59:59.999Z", TIME_MAX_MS);
}

static void times_beyond_the_limits_are_written_as_the_limits(void **state)
{
	(void)state;
	writes(TIME_MIN_MS - 1, TIME_AS_MS, "0000-01-01T00:00:00.000Z");
	writes(TIME_MAX_MS + 1, TIME_AS_MS, "9999-12-31T23:59:59.999Z");
	writes(INT64_MIN, TIME_AS_MS, "0000-01-01T00:00:00.000Z");
	writes(INT64_MAX, TIME_AS_UTC, "9999-12-31T23:59:59.000UTC");
}

static void offset_may_not_lead_beyond_the_limits(void **state)
{
	static const char *const bad[] = { "0000-01-01T00:00:00+00:01", "0000-01-01T23:58:59.999+23:59", "9999-12-31T23:59:00-00:01" };

	(void)state;
	refuses(bad, COUNT(bad));
	reads("0000-01-01T00:01:00+00:01", TIME_MIN_MS);
	reads("9999-12-31T23:58:59.999-00:01", TIME_MAX_MS);
}

static void leap_years_have_their_day(void **state)
{
	static const char *const bad[] = { "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2024-02-30T00:00:00Z",
		"0100-02-29T00:00:00Z" };

	(void)state;
	refuses(bad, COUNT(bad));
	reads("2024-02-29T00:00:00Z", 1709164800000);
	reads("2000-02-29T12:00:00Z", 951825600000);
	reads("0000-02-29T00:00:00Z", TIME_MIN_MS + (int64_t)59 * 86400000);
}

static void months_end_where_they_end(void **state)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	char text[32];
	int64_t ms;

	(void)state;
	for (int month = 1; month <= 12; month++) {
		snprintf(text, sizeof(text), "2023-%02d-%02dT00:00:00Z", month, days[month - 1]);
		assert_ok(time_parse(slice_text(text), &ms));
		snprintf(text, sizeof(text), "2023-%02d-%02dT00:00:00Z", month, days[month - 1] + 1);
		assert_err(time_parse(slice_text(text), &ms), PARSE);
	}
}

static void offsets_are_taken_off(void **state)
{
	(void)state;
	reads("2021-01-21T22:47:27.123+00:00", 1611269247123);
	reads("2021-01-21T22:47:27.123-00:00", 1611269247123);
	reads("2021-01-21T23:47:27.123+01:00", 1611269247123);
	reads("2021-01-21T17:17:27.123-05:30", 1611269247123);
	reads("2021-01-22T22:46:27.123+23:59", 1611269247123);
	reads("2021-01-20T22:48:27.123-23:59", 1611269247123);
}

static void fractions_are_cut_to_milliseconds(void **state)
{
	(void)state;
	reads("1970-01-01T00:00:01Z", 1000);
	reads("1970-01-01T00:00:01.5Z", 1500);
	reads("1970-01-01T00:00:01.05Z", 1050);
	reads("1970-01-01T00:00:01.0019Z", 1001);
	reads("1970-01-01T00:00:01.999999999Z", 1999);
	reads("1969-12-31T23:59:59.9999Z", -1);
}

static void other_forms_are_refused(void **state)
{
	static const char *const bad[] = { "", "Z", "2021-01-21", "2021-01-21T22:47Z", "2021-01-21T22:47:27", "2021-01-21 22:47:27Z",
		"2021-01-21t22:47:27Z", "2021-01-21T22:47:27z", "20210121T224727Z", "21-01-21T22:47:27Z", "+2021-01-21T22:47:27Z",
		"-021-01-21T22:47:27Z", "12021-01-21T22:47:27Z", "2021-1-21T22:47:27Z", "2021-01-1T22:47:27Z", "2021-021T22:47:27Z",
		"2021-W03-4T22:47:27Z", "2021-01-21T22:47:27.Z", "2021-01-21T22:47:27,123Z", "2021-01-21T22:47:27.1234567890Z",
		"2021-01-21T22:47:27.12 Z", "2021-01-21T22:47:27UTC", "2021-01-21T22:47:27.000UTC", "2021-01-21T22:47:27 Z",
		" 2021-01-21T22:47:27Z", "2021-01-21T22:47:27Z ", "2021-01-21T22:47:27Z\n", "2021-01-21T22:47:27ZZ",
		"2021-01-21T22:47:27+01", "2021-01-21T22:47:27+0100", "2021-01-21T22:47:27+1:00", "2021-01-21T22:47:27+01:0",
		"2021-01-21T22:47:27+01:000", "2021-01-21T22:47:27Z+01:00", "2021-01-21T22:47:27[UTC]", "1611269247123" };

	(void)state;
	refuses(bad, COUNT(bad));
}

static void numbers_out_of_range_are_refused(void **state)
{
	static const char *const bad[] = { "2021-00-21T22:47:27Z", "2021-13-21T22:47:27Z", "2021-01-00T22:47:27Z", "2021-01-32T22:47:27Z",
		"2021-01-21T24:00:00Z", "2021-01-21T22:60:27Z", "2021-01-21T22:47:60Z", "2016-12-31T23:59:60Z",
		"2021-01-21T22:47:27+24:00", "2021-01-21T22:47:27-24:00", "2021-01-21T22:47:27+01:60" };

	(void)state;
	refuses(bad, COUNT(bad));
}

static void every_shorter_text_is_refused(void **state)
{
	static const char text[] = "2021-01-21T22:47:27.123+01:00";
	int64_t ms;

	(void)state;
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		struct slice part = boxed(slice_of(text, n));

		assert_err(time_parse(part, &ms), PARSE);
		unbox(part);
	}
}

static void a_wrong_byte_anywhere_is_refused(void **state)
{
	static const char wrong[] = { 0, ' ', '/', 'x', '\n', (char)0xb2, '%' };
	char text[] = "2021-01-21T22:47:27.123+01:00";
	int64_t ms;

	(void)state;
	for (size_t at = 0; at < sizeof(text) - 1; at++) {
		char right = text[at];

		for (size_t i = 0; i < COUNT(wrong); i++) {
			text[at] = wrong[i];
			assert_err(time_parse(slice_of(text, sizeof(text) - 1), &ms), PARSE);
		}
		text[at] = right;
	}
}

/* The C library's idea of the same moment. */
static void compare_with_libc(struct buf *b, int64_t ms)
{
	int64_t part = ((ms % 1000) + 1000) % 1000, back;
	time_t seconds = (time_t)((ms - part) / 1000);
	char want[80];
	struct tm tm;

	assert_non_null(gmtime_r(&seconds, &tm));
	snprintf(want, sizeof(want), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		tm.tm_min, tm.tm_sec, (int)part);
	assert_slice_equal(written(b, ms, TIME_AS_MS), slice_text(want));
	assert_ok(time_parse(slice_text(want), &back));
	assert_int_equal(back, ms);
}

static int64_t anywhere(uint64_t *sequence)
{
	return TIME_MIN_MS + (int64_t)(fake_next(sequence) % (uint64_t)(TIME_MAX_MS - TIME_MIN_MS + 1));
}

static void random_times_agree_with_libc(void **state)
{
	struct buf b = buf_heap(64);
	uint64_t sequence = 20;

	(void)state;
	for (int i = 0; i < 50000; i++)
		compare_with_libc(&b, anywhere(&sequence));
	buf_free(&b);
}

static void both_sides_of_every_month_agree_with_libc(void **state)
{
	struct buf b = buf_heap(64);

	(void)state;
	for (int year = 0; year <= 9999; year++) {
		for (int month = 0; month < 12; month++) {
			struct tm first = { .tm_year = year - 1900, .tm_mon = month, .tm_mday = 1 };
			int64_t ms = (int64_t)timegm(&first) * 1000;

			compare_with_libc(&b, ms);
			if (ms > TIME_MIN_MS)
				compare_with_libc(&b, ms - 1);
		}
	}
	buf_free(&b);
}

static void random_offsets_agree_with_libc(void **state)
{
	uint64_t sequence = 21;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		int hours = (int)(fake_next(&sequence) % 24), minutes = (int)(fake_next(&sequence) % 60);
		int year = 1 + (int)(fake_next(&sequence) % 9998), day = 1 + (int)(fake_next(&sequence) % 28);
		int month = (int)(fake_next(&sequence) % 12), second = (int)(fake_next(&sequence) % 60);
		struct tm tm = { .tm_year = year - 1900, .tm_mon = month, .tm_mday = day, .tm_hour = hours, .tm_sec = second };
		int64_t offset_ms = (int64_t)(hours * 60 + minutes) * 60000;
		char text[80];

		snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:00:%02d%c%02d:%02d", year, month + 1, day, hours, second,
			i % 2 ? '+' : '-', hours, minutes);
		reads(text, (int64_t)timegm(&tm) * 1000 - (i % 2 ? offset_ms : -offset_ms));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_style_has_its_form),
		cmocka_unit_test(times_before_1970_count_down),
		cmocka_unit_test(years_0_to_9999_are_the_limits),
		cmocka_unit_test(times_beyond_the_limits_are_written_as_the_limits),
		cmocka_unit_test(offset_may_not_lead_beyond_the_limits),
		cmocka_unit_test(leap_years_have_their_day),
		cmocka_unit_test(months_end_where_they_end),
		cmocka_unit_test(offsets_are_taken_off),
		cmocka_unit_test(fractions_are_cut_to_milliseconds),
		cmocka_unit_test(other_forms_are_refused),
		cmocka_unit_test(numbers_out_of_range_are_refused),
		cmocka_unit_test(every_shorter_text_is_refused),
		cmocka_unit_test(a_wrong_byte_anywhere_is_refused),
		cmocka_unit_test(random_times_agree_with_libc),
		cmocka_unit_test(both_sides_of_every_month_agree_with_libc),
		cmocka_unit_test(random_offsets_agree_with_libc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

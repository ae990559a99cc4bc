#include "tests/unit/common/test.h"

#include "tests/unit/codec/reading.h"
#include "tests/unit/codec/thing.h"

static struct thing *accepts(const char *text)
{
	struct thing *out = read_body(&thing_schema, slice_text(text));

	if (bad.n)
		fail_msg("%s: %s", text, reasons());
	return out;
}

/* Each text gives just this fault. */
static void refuses(const char *const *texts, size_t n, const char *reason)
{
	for (size_t i = 0; i < n; i++) {
		read_body(&thing_schema, slice_text(texts[i]));
		if (bad.n != 1 || !slice_is(bad.list[0].reason, reason))
			fail_msg("%s: \"%s\" and not \"%s\"", texts[i], reasons(), reason);
	}
}

#define REFUSES(reason, ...)                                     \
	do {                                                     \
		static const char *const texts_[] = { __VA_ARGS__ }; \
		refuses(texts_, COUNT(texts_), reason);          \
	} while (0)

static void absent_and_null_leave_everything_empty(void **state)
{
	static const struct thing nothing;
	static const char *const names[] = { "str", "text", "uuid", "bytes", "time", "timeSeconds", "timeUtc", "yes", "number", "numberText",
		"numberAny", "colour", "anyCase", "map", "json", "point", "points", "strings" };

	(void)state;
	assert_int_equal(COUNT(names), thing_fields);
	assert_memory_equal(accepts("{}"), &nothing, sizeof(nothing));
	for (size_t i = 0; i < COUNT(names); i++)
		assert_memory_equal(accepts((const char *)arena_printf(&a, "{\"%s\":null}", names[i]).p), &nothing, sizeof(nothing));
}

static void unknown_members_are_ignored(void **state)
{
	struct thing *out = accepts("{\"Str\":1,\"zzz\":{\"str\":[]},\"str\":\"abc\",\"\":null}");

	(void)state;
	assert_slice_equal(out->str, S("abc"));
	assert_int_equal(out->set, (uint64_t)1 << thing_str);
}

static void text_of_one_line(void **state)
{
	(void)state;
	assert_slice_equal(accepts("{\"str\":\"ab\"}")->str, S("ab"));
	assert_slice_equal(accepts("{\"str\":\"\\u20ac\xf0\x9f\x98\x80\xc3\xa9xy\"}")->str, S("\xe2\x82\xac\xf0\x9f\x98\x80\xc3\xa9xy"));
	assert_non_null(accepts("{\"str\":\"\"}")->str.p);
	assert_int_equal(accepts("{\"str\":\"\"}")->str.n, 0);
	REFUSES("str must be between 2 and 5 characters long", "{\"str\":\"a\"}", "{\"str\":\"abcdef\"}", "{\"str\":\"\xf0\x9f\x98\x80\"}");
	REFUSES("str must be a string", "{\"str\":1}", "{\"str\":1.5}", "{\"str\":true}", "{\"str\":[]}", "{\"str\":{}}", "{\"str\":[\"abc\"]}");
	REFUSES("str must not contain control characters", "{\"str\":\"a\\nb\"}", "{\"str\":\"a\\u0000b\"}", "{\"str\":\"ab\\u001f\"}",
		"{\"str\":\"\\u007fab\"}", "{\"str\":\"a\\u0085b\"}", "{\"str\":\"a\\tb\"}");
}

static void text_of_lines(void **state)
{
	(void)state;
	assert_slice_equal(accepts("{\"text\":\"a\\r\\n\\tb\"}")->text, S("a\r\n\tb"));
	REFUSES("text must be between 0 and 5 characters long", "{\"text\":\"abcdef\"}");
	REFUSES("text must be a string", "{\"text\":1}", "{\"text\":false}", "{\"text\":{}}");
	REFUSES("text must not contain control characters", "{\"text\":\"a\\u0000\"}", "{\"text\":\"\\u000b\"}", "{\"text\":\"\\u009b\"}");
}

static void uuid(void **state)
{
	(void)state;
	assert_slice_equal(uuid_text(&a, &accepts("{\"uuid\":\"017F22E2-79b0-7cc3-98c4-dc0c0c07398f\"}")->uuid),
		S("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"));
	REFUSES("uuid must be a valid UUID", "{\"uuid\":\"\"}", "{\"uuid\":\"017f22e279b07cc398c4dc0c0c07398f\"}",
		"{\"uuid\":\"017f22e2-79b0-7cc3-98c4-dc0c0c07398f\\u0000\"}");
	REFUSES("uuid must be a string", "{\"uuid\":1}", "{\"uuid\":[]}", "{\"uuid\":true}");
}

static void bytes(void **state)
{
	(void)state;
	assert_slice_equal(accepts("{\"bytes\":\"-_8\"}")->bytes, S("\xfb\xff"));
	assert_slice_equal(accepts("{\"bytes\":\"AAAAAA\"}")->bytes, S("\0\0\0\0"));
	REFUSES("bytes must be between 2 and 4 bytes long", "{\"bytes\":\"\"}", "{\"bytes\":\"AA\"}", "{\"bytes\":\"AAAAAAA\"}");
	REFUSES("bytes must be base64url without padding", "{\"bytes\":\"AAA=\"}", "{\"bytes\":\"+/8\"}", "{\"bytes\":\"-_9\"}",
		"{\"bytes\":\"AA A\"}", "{\"bytes\":\"AAA\\u0000\"}");
	REFUSES("bytes must be a string", "{\"bytes\":1}", "{\"bytes\":[0,0]}");
}

static void times(void **state)
{
	(void)state;
	assert_int_equal(accepts("{\"time\":\"2021-01-21T23:47:27.123+01:00\"}")->time, 1611269247123);
	assert_int_equal(accepts("{\"timeSeconds\":\"2021-01-21T22:47:27Z\"}")->timeSeconds, 1611269247000);
	assert_int_equal(accepts("{\"timeUtc\":\"2021-01-21T22:47:27.000Z\"}")->timeUtc, 1611269247000);
	REFUSES("time must be a time in ISO 8601 form", "{\"time\":\"\"}", "{\"time\":\"2021-01-21\"}", "{\"time\":\"2023-02-29T00:00:00Z\"}");
	REFUSES("timeSeconds must be a time in ISO 8601 form", "{\"timeSeconds\":\"1611269247\"}");
	REFUSES("timeUtc must be a time in ISO 8601 form", "{\"timeUtc\":\"now\"}");
	REFUSES("time must be a string", "{\"time\":1611269247123}", "{\"time\":{}}");
}

static void boolean(void **state)
{
	struct thing *out = accepts("{\"yes\":true}");

	(void)state;
	assert_true(out->yes && HAS(out, thing, yes));
	out = accepts("{\"yes\":false}");
	assert_true(!out->yes && HAS(out, thing, yes));
	assert_false(HAS(accepts("{}"), thing, yes));
	REFUSES("yes must be true or false", "{\"yes\":1}", "{\"yes\":0}", "{\"yes\":\"true\"}", "{\"yes\":[]}");
}

static void integer(void **state)
{
	(void)state;
	assert_int_equal(accepts("{\"number\":-3}")->number, -3);
	assert_int_equal(accepts("{\"number\":5}")->number, 5);
	assert_true(HAS(accepts("{\"number\":0}"), thing, number));
	REFUSES("number must be between -3 and 5", "{\"number\":-4}", "{\"number\":6}", "{\"number\":9223372036854775807}",
		"{\"number\":-9223372036854775808}");
	REFUSES("number must be an integer", "{\"number\":1.0}", "{\"number\":1e0}", "{\"number\":\"1\"}", "{\"number\":true}",
		"{\"number\":[1]}");
}

static void integer_from_text(void **state)
{
	(void)state;
	assert_true(accepts("{\"numberText\":\"-9223372036854775808\"}")->numberText == INT64_MIN);
	assert_true(accepts("{\"numberText\":9223372036854775807}")->numberText == INT64_MAX);
	assert_int_equal(accepts("{\"numberAny\":\"10\"}")->numberAny, 10);
	assert_int_equal(accepts("{\"numberAny\":1}")->numberAny, 1);
	REFUSES("numberAny must be between 1 and 10", "{\"numberAny\":\"11\"}", "{\"numberAny\":0}", "{\"numberAny\":\"-1\"}");
	REFUSES("numberText must be a number", "{\"numberText\":\"\"}", "{\"numberText\":\" 1\"}", "{\"numberText\":\"1.0\"}",
		"{\"numberText\":\"9223372036854775808\"}", "{\"numberText\":\"0x1\"}", "{\"numberText\":\"1\\u0000\"}");
	REFUSES("numberText must be an integer, as a number or a string", "{\"numberText\":1.5}", "{\"numberText\":true}",
		"{\"numberText\":[]}");
}

static void enumeration_of_exact_case(void **state)
{
	(void)state;
	assert_int_equal(accepts("{\"colour\":\"DARK_GREEN\"}")->colour, colour_DARK_GREEN);
	assert_int_equal(accepts("{\"colour\":\"light\"}")->colour, colour_light);
	REFUSES("colour must be one of RED, DARK_GREEN, light", "{\"colour\":\"red\"}", "{\"colour\":\"\"}", "{\"colour\":\"RE\"}",
		"{\"colour\":\"REDD\"}", "{\"colour\":\"none\"}", "{\"colour\":\"RED\\u0000\"}", "{\"colour\":\"BLUE\"}");
	REFUSES("colour must be a string", "{\"colour\":1}", "{\"colour\":[\"RED\"]}");
}

static void enumeration_of_any_case(void **state)
{
	(void)state;
	assert_int_equal(accepts("{\"anyCase\":\"dark_Green\"}")->anyCase, colour_DARK_GREEN);
	assert_int_equal(accepts("{\"anyCase\":\"LIGHT\"}")->anyCase, colour_light);
	REFUSES("anyCase must be one of RED, DARK_GREEN, light", "{\"anyCase\":\"dark-green\"}", "{\"anyCase\":\"\"}");
}

static void map(void **state)
{
	(void)state;
	assert_int_equal(json_object_size(accepts("{\"map\":{\"a\":null,\"b\":[1]}}")->map), 2);
	assert_non_null(accepts("{\"map\":{}}")->map);
	REFUSES("map must be between 0 and 2 entries", "{\"map\":{\"a\":1,\"b\":2,\"c\":3}}");
	REFUSES("map must be an object", "{\"map\":[]}", "{\"map\":\"{}\"}", "{\"map\":1}");
}

static void json_as_text(void **state)
{
	(void)state;
	assert_slice_equal(accepts("{\"json\": { \"a\" : [ 1 , 0.1 ] } }")->json, S("{\"a\":[1,0.1]}"));
	assert_slice_equal(accepts("{\"json\":false}")->json, S("false"));
	assert_slice_equal(accepts("{\"json\":\"123456789012345678\"}")->json, S("\"123456789012345678\""));
	REFUSES("json is too large", "{\"json\":\"1234567890123456789\"}", "{\"json\":[1,2,3,4,5,6,7,8,9,0]}");
}

static void object(void **state)
{
	struct thing *out = accepts("{\"point\":{\"x\":7,\"y\":1}}");

	(void)state;
	assert_non_null(out->point);
	assert_int_equal(out->point->x, 7);
	assert_null(out->point->label.p);
	REFUSES("point must be an object", "{\"point\":[]}", "{\"point\":1}", "{\"point\":\"{}\"}");
	REFUSES("point.x cannot be null or empty", "{\"point\":{}}", "{\"point\":{\"x\":null}}");
	REFUSES("point.x must be an integer", "{\"point\":{\"x\":\"1\"}}");
	REFUSES("point.label must be between 1 and 3 characters long", "{\"point\":{\"x\":1,\"label\":\"abcd\"}}");
}

static void list_of_objects(void **state)
{
	struct thing *out = accepts("{\"points\":[{\"x\":1},{\"x\":2,\"label\":\"b\"},{\"x\":3}]}");
	const struct point *points = out->points.items;

	(void)state;
	assert_int_equal(out->points.n, 3);
	assert_int_equal(points[1].x, 2);
	assert_slice_equal(points[1].label, S("b"));
	assert_int_equal(points[2].x, 3);
	out = accepts("{\"points\":[]}");
	assert_int_equal(out->points.n, 0);
	assert_non_null(out->points.items);
	REFUSES("points must be between 2 and 3 items long", "{\"points\":[{\"x\":1}]}", "{\"points\":[1,2,3,4]}");
	REFUSES("points must be an array", "{\"points\":{}}", "{\"points\":\"\"}");
	REFUSES("points must hold objects", "{\"points\":[{\"x\":1},2]}", "{\"points\":[{\"x\":1},null]}", "{\"points\":[[],{\"x\":1}]}");
	REFUSES("points[1].x cannot be null or empty", "{\"points\":[{\"x\":1},{}]}");
}

static void list_of_strings(void **state)
{
	struct buf b = buf_arena(&a, 1000);
	const struct slice *items = accepts("{\"strings\":[\"a\",\"\\u20ac\"]}")->strings.items;

	(void)state;
	assert_slice_equal(items[0], S("a"));
	assert_slice_equal(items[1], S("\xe2\x82\xac"));
	buf_printf(&b, "{\"strings\":[\"%0*d\"]}", LIST_STRING_POINTS_MAX, 0);
	assert_int_equal(((const struct slice *)accepts(arena_cstr(&a, buf_bytes(&b)))->strings.items)->n, LIST_STRING_POINTS_MAX);
	assert_non_null(accepts("{\"strings\":[]}")->strings.items);
	REFUSES("strings must be between 0 and 2 items long", "{\"strings\":[\"a\",\"b\",\"c\"]}");
	REFUSES("strings must be an array", "{\"strings\":\"a\"}", "{\"strings\":{}}");
	REFUSES("strings must hold strings of 1 to 64 characters without control characters", "{\"strings\":[\"a\",1]}",
		"{\"strings\":[\"\"]}", "{\"strings\":[null]}", "{\"strings\":[\"a\\nb\"]}", "{\"strings\":[[\"a\"]]}",
		"{\"strings\":[\"12345678901234567890123456789012345678901234567890123456789012345\"]}");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(absent_and_null_leave_everything_empty),
		CASE(unknown_members_are_ignored),
		CASE(text_of_one_line),
		CASE(text_of_lines),
		CASE(uuid),
		CASE(bytes),
		CASE(times),
		CASE(boolean),
		CASE(integer),
		CASE(integer_from_text),
		CASE(enumeration_of_exact_case),
		CASE(enumeration_of_any_case),
		CASE(map),
		CASE(json_as_text),
		CASE(object),
		CASE(list_of_objects),
		CASE(list_of_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/common/test.h"

#include "tests/unit/codec/thing.h"

/* What is required is written even where its value is nothing, if JSON has a word for that. */
#define ANSWER(F, T) \
	F(T, STR, str, REQ, 0, 0, "", "") \
	F(T, BOOL, yes, REQ, 0, 0, "", "") \
	F(T, INT, number, REQ, 0, 0, "", "") \
	F(T, INT_TEXT, numberText, REQ, 0, 0, "", "") \
	F(T, LIST(point), points, REQ, 0, 0, "", "") \
	F(T, STRS, strings, REQ, 0, 0, "", "")
SCHEMA_STRUCT(answer, ANSWER);
SCHEMA(answer, ANSWER, "");

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static struct slice written(const struct schema *schema, const void *object)
{
	struct buf b = buf_arena(&a, 1 << 20);

	schema_write(schema, object, &b);
	assert_ok(buf_ok(&b));
	return buf_bytes(&b);
}

static json_t *parsed(struct slice text)
{
	json_t *value = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);

	if (!value)
		fail_msg("no JSON: %.*s", FMT(text));
	return value;
}

static void writes(const struct thing *thing, const char *want)
{
	struct slice text = written(&thing_schema, thing);

	json_decref(parsed(text));
	assert_slice_equal(text, slice_text(want));
}

static void absent_values_are_left_out(void **state)
{
	static const struct thing nothing;

	(void)state;
	writes(&nothing, "{}");
}

static void required_values_are_always_written(void **state)
{
	struct answer answer = { 0 };

	(void)state;
	assert_slice_equal(written(&answer_schema, &answer), S("{\"yes\":false,\"number\":0,\"numberText\":\"0\",\"points\":[],\"strings\":[]}"));
}

static void text_is_escaped(void **state)
{
	(void)state;
	writes(&(struct thing){ .str = S("a\"\\\n\xe2\x82\xac\xff") }, "{\"str\":\"a\\\"\\\\\\n\xe2\x82\xac\xef\xbf\xbd\"}");
	writes(&(struct thing){ .text = S("a\r\nb\t\0") }, "{\"text\":\"a\\r\\nb\\t\\u0000\"}");
}

static void empty_text_is_there_and_no_text_is_not(void **state)
{
	(void)state;
	writes(&(struct thing){ .str = S("") }, "{\"str\":\"\"}");
	writes(&(struct thing){ .str = { NULL, 0 } }, "{}");
}

static void bounds_do_not_hold_back_an_answer(void **state)
{
	struct thing thing = { .str = S("longer than five"), .number = 1000 };

	(void)state;
	MARK(&thing, thing, number);
	writes(&thing, "{\"str\":\"longer than five\",\"number\":1000}");
}

static void uuid_is_lower_case(void **state)
{
	struct thing thing = { .uuid = { { 0x01, 0x7f, [15] = 0xab } } };

	(void)state;
	writes(&thing, "{\"uuid\":\"017f0000-0000-0000-0000-0000000000ab\"}");
}

static void bytes_are_base64url(void **state)
{
	(void)state;
	writes(&(struct thing){ .bytes = S("\xfb\xff\0") }, "{\"bytes\":\"-_8A\"}");
	writes(&(struct thing){ .bytes = S(""), .time = 1 }, "{\"bytes\":\"\",\"time\":\"1970-01-01T00:00:00.001Z\"}");
}

static void times_have_their_styles(void **state)
{
	(void)state;
	writes(&(struct thing){ .time = 1611269247123, .timeSeconds = 1611269247123, .timeUtc = 1611269247123 },
		"{\"time\":\"2021-01-21T22:47:27.123Z\",\"timeSeconds\":\"2021-01-21T22:47:27.000Z\",\"timeUtc\":\"2021-01-21T22:47:27.000UTC\"}");
	writes(&(struct thing){ .time = -1 }, "{\"time\":\"1969-12-31T23:59:59.999Z\"}");
	writes(&(struct thing){ .time = INT64_MAX }, "{\"time\":\"9999-12-31T23:59:59.999Z\"}");
}

static void numbers_are_written_when_marked(void **state)
{
	struct thing thing = { .number = INT64_MIN, .numberText = INT64_MAX, .numberAny = 7, .yes = true };

	(void)state;
	writes(&thing, "{}");
	MARK(&thing, thing, yes);
	MARK(&thing, thing, number);
	MARK(&thing, thing, numberText);
	MARK(&thing, thing, numberAny);
	writes(&thing, "{\"yes\":true,\"number\":-9223372036854775808,\"numberText\":\"9223372036854775807\",\"numberAny\":7}");
	thing.yes = false;
	thing.number = thing.numberText = thing.numberAny = 0;
	writes(&thing, "{\"yes\":false,\"number\":0,\"numberText\":\"0\",\"numberAny\":0}");
}

static void enumerations_are_written_by_name(void **state)
{
	(void)state;
	writes(&(struct thing){ .colour = colour_DARK_GREEN, .anyCase = colour_light }, "{\"colour\":\"DARK_GREEN\",\"anyCase\":\"light\"}");
}

static void map_keeps_order_and_digits(void **state)
{
	static const char text[] = "{\"map\":{\"z\":0.1,\"a\":[1,null,{\"x\":true}],\"\":\"\xe2\x82\xac\\n\"},\"json\":[1]}";
	json_t *map = json_loads("{\"z\":0.1,\"a\":[1,null,{\"x\":true}],\"\":\"\\u20ac\\n\"}", 0, NULL);

	(void)state;
	writes(&(struct thing){ .map = map, .json = S("[1]") }, text);
	json_decref(map);
	map = json_object();
	writes(&(struct thing){ .map = map }, "{\"map\":{}}");
	json_decref(map);
}

static void json_is_copied_as_it_is(void **state)
{
	struct thing thing = { .json = S("{ \"a\": 1.50 }") };
	struct point point = { .x = 1 };

	(void)state;
	thing.point = &point;
	writes(&thing, "{\"json\":{ \"a\": 1.50 },\"point\":{\"x\":1}}");
	writes(&(struct thing){ .json = S("null") }, "{\"json\":null}");
	writes(&(struct thing){ .json = S("") }, "{}");
}

static void lists_have_their_commas(void **state)
{
	struct point points[] = { { .x = 1 }, { .x = 2, .label = S("b") }, { .x = 3 } };
	struct slice strings[] = { S("a"), S(""), S("c\"") };
	struct thing thing = { .points = { points, 3 }, .strings = { strings, 3 } };

	(void)state;
	writes(&thing, "{\"points\":[{\"x\":1},{\"x\":2,\"label\":\"b\"},{\"x\":3}],\"strings\":[\"a\",\"\",\"c\\\"\"]}");
	thing.points.n = 1;
	thing.strings.n = 0;
	writes(&thing, "{\"points\":[{\"x\":1}],\"strings\":[]}");
}

static void objects_stand_inside_objects(void **state)
{
	struct point point = { .x = -1, .label = S("p") };
	struct thing thing = { .str = S("s"), .point = &point };

	(void)state;
	writes(&thing, "{\"str\":\"s\",\"point\":{\"x\":-1,\"label\":\"p\"}}");
}

/* Every type at once: what is written equals what was read. */
static void what_was_read_is_written_again(void **state)
{
	static const char text[] = "{\"str\":\"a\xc3\xa9\\\"b\",\"text\":\"\\t\\n\",\"uuid\":\"017f22e2-79b0-7cc3-98c4-dc0c0c07398f\",\"bytes\":\"-_8\","
		"\"time\":\"2021-01-21T22:47:27.123Z\",\"timeSeconds\":\"2021-01-21T22:47:27.000Z\",\"yes\":false,\"number\":0,"
		"\"numberText\":\"-5\",\"numberAny\":3,\"colour\":\"RED\",\"anyCase\":\"light\",\"map\":{\"b\":1.8,\"a\":{}},"
		"\"json\":[1,{\"a\":null}],\"point\":{\"x\":1},\"points\":[{\"x\":1,\"label\":\"\"},{\"x\":2}],\"strings\":[\"a\",\"b\"]}";
	struct invalids bad = { .arena = &a };
	json_t *in = parsed(slice_text(text)), *out;
	struct thing thing = { 0 };

	(void)state;
	schema_read(&thing_schema, in, &a, &bad, &thing);
	assert_int_equal(bad.n, 0);
	out = parsed(written(&thing_schema, &thing));
	assert_true(json_equal(in, out));
	writes(&thing, text);
	json_decref(in);
	json_decref(out);
}

static void the_maximum_is_respected(void **state)
{
	struct buf b = buf_arena(&a, 10);

	(void)state;
	schema_write(&thing_schema, &(struct thing){ .str = S("abcdef") }, &b);
	assert_err(buf_ok(&b), LIMIT);
}

static void names_of_enumerations(void **state)
{
	(void)state;
	assert_string_equal(enum_text(&colour_enum, colour_RED), "RED");
	assert_string_equal(enum_text(&colour_enum, colour_light), "light");
	assert_string_equal(enum_text(&colour_enum, colour_none), "");
	assert_string_equal(enum_text(&colour_enum, colour_count), "");
	assert_string_equal(enum_text(&colour_enum, -1), "");
	assert_int_equal(enum_find(&colour_enum, S("DARK_GREEN"), false), colour_DARK_GREEN);
	assert_int_equal(enum_find(&colour_enum, S("dark_green"), true), colour_DARK_GREEN);
	assert_int_equal(enum_find(&colour_enum, S("dark_green"), false), 0);
	assert_int_equal(enum_find(&colour_enum, S(""), true), 0);
	assert_int_equal(enum_find(&colour_enum, S("RED "), true), 0);
	assert_int_equal(colour_enum.n, colour_count);
}

static void schemas_describe_themselves(void **state)
{
	(void)state;
	assert_string_equal(thing_schema.name, "thing");
	assert_string_equal(thing_schema.doc, "Every type of field");
	assert_int_equal(thing_schema.n, thing_fields);
	assert_int_equal(thing_schema.size, sizeof(struct thing));
	assert_string_equal(thing_schema.fields[thing_anyCase].name, "anyCase");
	assert_int_equal(thing_schema.fields[thing_anyCase].flags, NOCASE);
	assert_ptr_equal(thing_schema.fields[thing_points].of, &point_schema);
	assert_ptr_equal(thing_schema.fields[thing_colour].of, &colour_enum);
	assert_string_equal(thing_schema.fields[thing_yes].example, "true");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absent_values_are_left_out),
		cmocka_unit_test(required_values_are_always_written),
		cmocka_unit_test(text_is_escaped),
		cmocka_unit_test(empty_text_is_there_and_no_text_is_not),
		cmocka_unit_test(bounds_do_not_hold_back_an_answer),
		cmocka_unit_test(uuid_is_lower_case),
		cmocka_unit_test(bytes_are_base64url),
		cmocka_unit_test(times_have_their_styles),
		cmocka_unit_test(numbers_are_written_when_marked),
		cmocka_unit_test(enumerations_are_written_by_name),
		cmocka_unit_test(map_keeps_order_and_digits),
		cmocka_unit_test(json_is_copied_as_it_is),
		cmocka_unit_test(lists_have_their_commas),
		cmocka_unit_test(objects_stand_inside_objects),
		cmocka_unit_test(what_was_read_is_written_again),
		cmocka_unit_test(the_maximum_is_respected),
		cmocka_unit_test(names_of_enumerations),
		cmocka_unit_test(schemas_describe_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

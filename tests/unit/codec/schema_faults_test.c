/* schema_in.c: what has to be there, what null means, and how faults are named and collected. */
#include "tests/unit/codec/reading.h"
#include "tests/unit/codec/thing.h"

#define NEEDED(F, T) \
	F(T, STR, str, REQ, 0, 0, "", "") \
	F(T, TEXT, text, REQ, 0, 0, "", "") \
	F(T, UUID, uuid, REQ, 0, 0, "", "") \
	F(T, BYTES, bytes, REQ, 0, 0, "", "") \
	F(T, TIME, time, REQ, 0, 0, "", "") \
	F(T, BOOL, yes, REQ, 0, 0, "", "") \
	F(T, INT, number, REQ, 0, 0, "", "") \
	F(T, INT_TEXT, numberText, REQ, 0, 0, "", "") \
	F(T, ENUM(colour), colour, REQ, 0, 0, "", "") \
	F(T, MAP, map, REQ, 0, 0, "", "") \
	F(T, JSON, json, REQ, 0, 0, "", "") \
	F(T, OBJ(point), point, REQ, 0, 0, "", "") \
	F(T, LIST(point), points, REQ, 0, 0, "", "") \
	F(T, STRS, strings, REQ, 0, 0, "", "") \
	F(T, STR, nullable, REQ | NULLS, 0, 0, "", "")
SCHEMA_STRUCT(needed, NEEDED);
SCHEMA(needed, NEEDED, "");

#define PROPERTIES(F, T) \
	F(T, INT, sessionTimeout, OPT, 30, 60, "", "") \
	F(T, LIST(point), corners, OPT, 0, 9, "", "")
SCHEMA_STRUCT(properties, PROPERTIES);
SCHEMA(properties, PROPERTIES, "");

#define OPERATION(F, T) \
	F(T, OBJ(properties), operationProperties, OPT, 0, 0, "", "") \
	F(T, LIST(properties), more, OPT, 0, 100, "", "") \
	F(T, STR, ref, NULLS, 0, 0, "", "") \
	F(T, INT, count, NULLS, 0, 0, "", "") \
	F(T, STR, plain, OPT, 0, 0, "", "")
SCHEMA_STRUCT(operation, OPERATION);
SCHEMA(operation, OPERATION, "");

#define EMPTIABLE(F, T) \
	F(T, STR, str, REQ | EMPTY, 0, 2, "", "") \
	F(T, TEXT, text, REQ | EMPTY, 0, 2, "", "") \
	F(T, BYTES, bytes, REQ | EMPTY, 0, 2, "", "") \
	F(T, MAP, map, REQ | EMPTY, 0, 2, "", "") \
	F(T, LIST(point), points, REQ | EMPTY, 0, 2, "", "") \
	F(T, STRS, strings, REQ | EMPTY, 0, 2, "", "")
SCHEMA_STRUCT(emptiable, EMPTIABLE);
SCHEMA(emptiable, EMPTIABLE, "");

static const char needed_faults[] =
	"str cannot be null or empty\ntext cannot be null or empty\nuuid cannot be null or empty\nbytes cannot be null or empty\n"
	"time cannot be null or empty\nyes cannot be null or empty\nnumber cannot be null or empty\nnumberText cannot be null or empty\n"
	"colour cannot be null or empty\nmap cannot be null or empty\njson cannot be null or empty\npoint cannot be null or empty\n"
	"points cannot be null or empty\nstrings cannot be null or empty\nnullable cannot be null or empty\n";

static void required_fields_may_not_be_absent_or_null(void **state)
{
	(void)state;
	read_body(&needed_schema, S("{}"));
	assert_string_equal(reasons(), needed_faults);
	read_body(&needed_schema, S("{\"str\":null,\"text\":null,\"uuid\":null,\"bytes\":null,\"time\":null,\"yes\":null,\"number\":null,"
		"\"numberText\":null,\"colour\":null,\"map\":null,\"json\":null,\"point\":null,\"points\":null,\"strings\":null,"
		"\"nullable\":null}"));
	assert_string_equal(reasons(), needed_faults);
}

static void required_fields_may_not_be_empty(void **state)
{
	(void)state;
	read_body(&needed_schema, S("{\"str\":\"\",\"text\":\"\",\"uuid\":\"\",\"bytes\":\"\",\"time\":\"\",\"yes\":false,\"number\":0,"
		"\"numberText\":\"\",\"colour\":\"\",\"map\":{},\"json\":{},\"point\":{\"x\":0},\"points\":[],\"strings\":[],\"nullable\":\"\"}"));
	assert_string_equal(reasons(), "str cannot be null or empty\ntext cannot be null or empty\nuuid cannot be null or empty\n"
		"bytes cannot be null or empty\ntime cannot be null or empty\nnumberText cannot be null or empty\ncolour cannot be null or empty\n"
		"map cannot be null or empty\npoints cannot be null or empty\nstrings cannot be null or empty\nnullable cannot be null or empty\n");
}

/* Each in turn, and the others are of no interest. */
static bool is_missing(const char *text, const char *name)
{
	read_body(&needed_schema, slice_text(text));
	for (size_t i = 0; i < bad.n; i++)
		if (slice_is(bad.list[i].name, name))
			return bad.list[i].missing;
	fail_msg("%s: no fault of %s", text, name);
	return false;
}

static void faults_tell_missing_from_wrong(void **state)
{
	(void)state;
	assert_true(is_missing("{}", "str"));
	assert_true(is_missing("{\"str\":null}", "str"));
	assert_true(is_missing("{\"str\":\"\"}", "str"));
	assert_true(is_missing("{\"uuid\":\"\"}", "uuid"));
	assert_true(is_missing("{\"strings\":[]}", "strings"));
	assert_true(is_missing("{\"point\":{}}", "point.x"));
	assert_false(is_missing("{\"str\":1}", "str"));
	assert_false(is_missing("{\"str\":\"\\u0000\"}", "str"));
	assert_false(is_missing("{\"uuid\":\"x\"}", "uuid"));
	assert_false(is_missing("{\"strings\":[\"\"]}", "strings"));
}

static void required_may_be_empty_where_it_says_so(void **state)
{
	struct emptiable *out;

	(void)state;
	out = read_body(&emptiable_schema, S("{\"str\":\"\",\"text\":\"\",\"map\":{},\"points\":[],\"strings\":[],\"bytes\":\"\"}"));
	assert_string_equal(reasons(), "");
	assert_true(out->str.p && out->text.p && out->bytes.p && out->map && out->points.items && out->strings.items);
	read_body(&emptiable_schema, S("{\"str\":null,\"text\":null,\"map\":null,\"points\":null,\"bytes\":null}"));
	assert_int_equal(bad.n, emptiable_fields);
	read_body(&emptiable_schema, S("{\"str\":\"abc\",\"text\":\"abc\",\"map\":{},\"points\":[],\"strings\":[\"a\",\"b\",\"c\"],\"bytes\":\"\"}"));
	assert_string_equal(reasons(), "str must be between 0 and 2 characters long\ntext must be between 0 and 2 characters long\n"
		"strings must be between 0 and 2 items long\n");
}

static void null_is_remembered_where_it_has_a_meaning(void **state)
{
	struct operation *out = read_body(&operation_schema, S("{\"ref\":null,\"count\":null,\"plain\":null}"));

	(void)state;
	assert_int_equal(bad.n, 0);
	assert_true(HAS(out, operation, ref) && IS_NULL(out, operation, ref));
	assert_true(HAS(out, operation, count) && IS_NULL(out, operation, count));
	assert_false(HAS(out, operation, plain) || IS_NULL(out, operation, plain));
	out = read_body(&operation_schema, S("{\"ref\":\"x\"}"));
	assert_true(HAS(out, operation, ref) && !IS_NULL(out, operation, ref));
	assert_false(HAS(out, operation, count) || IS_NULL(out, operation, count));
}

static void nested_faults_have_their_place(void **state)
{
	(void)state;
	read_body(&operation_schema, S("{\"operationProperties\":{\"sessionTimeout\":61,\"corners\":[{\"x\":1},{\"x\":\"a\",\"label\":1}]},"
		"\"more\":[{},{\"sessionTimeout\":1,\"corners\":[{}]}],\"plain\":5}"));
	assert_string_equal(reasons(), "operationProperties.sessionTimeout must be between 30 and 60\n"
		"operationProperties.corners[1].x must be an integer\noperationProperties.corners[1].label must be a string\n"
		"more[1].sessionTimeout must be between 30 and 60\nmore[1].corners[0].x cannot be null or empty\nplain must be a string\n");
	assert_slice_equal(bad.list[0].name, S("operationProperties.sessionTimeout"));
	assert_slice_equal(bad.list[4].name, S("more[1].corners[0].x"));
}

static void every_fault_is_collected(void **state)
{
	(void)state;
	read_body(&thing_schema, S("{\"str\":1,\"text\":1,\"uuid\":1,\"bytes\":1,\"time\":1,\"timeSeconds\":1,\"timeUtc\":1,\"yes\":1,\"number\":\"\","
		"\"numberText\":{},\"numberAny\":{},\"colour\":1,\"anyCase\":1,\"map\":1,\"json\":[1,2,3,4,5,6,7,8,9,0],\"point\":1,"
		"\"points\":1,\"strings\":1}"));
	assert_int_equal(bad.n, thing_fields);
	for (size_t i = 0; i < bad.n; i++)
		assert_true(slice_is(bad.list[i].name, thing_schema.fields[i].name));
}

static void faults_beyond_the_limit_are_dropped(void **state)
{
	struct buf b = buf_arena(&a, 10000);

	(void)state;
	buf_text(&b, "{\"more\":[{}");
	for (int i = 0; i < 99; i++)
		buf_text(&b, ",{\"sessionTimeout\":1}");
	buf_text(&b, "]}");
	read_body(&operation_schema, buf_bytes(&b));
	assert_int_equal(bad.n, INVALIDS_MAX);
	assert_slice_equal(bad.list[INVALIDS_MAX - 1].name, S("more[50].sessionTimeout"));
	invalid_add(&bad, S("x"), "x %d", 1);
	assert_int_equal(bad.n, INVALIDS_MAX);
}

static void faults_add_to_those_before(void **state)
{
	struct thing out = { 0 };

	(void)state;
	invalid_add(&bad, S("userId"), "%s is %d", "userId", 1);
	body = json_pack("{s:i}", "str", 1);
	schema_read(&thing_schema, body, &a, &bad, &out);
	assert_string_equal(reasons(), "userId is 1\nstr must be a string\n");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(required_fields_may_not_be_absent_or_null),
		CASE(required_fields_may_not_be_empty),
		CASE(required_may_be_empty_where_it_says_so),
		CASE(faults_tell_missing_from_wrong),
		CASE(null_is_remembered_where_it_has_a_meaning),
		CASE(nested_faults_have_their_place),
		CASE(every_fault_is_collected),
		CASE(faults_beyond_the_limit_are_dropped),
		CASE(faults_add_to_those_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

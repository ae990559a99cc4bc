/* schema_read_form: the part of schema_in.c that reads queries and token requests. */
#include "tests/unit/common/test.h"

#include "tests/unit/codec/thing.h"

#define QUERY(F, T) \
	F(T, STR, userId, REQ, 1, 8, "", "") \
	F(T, UUID, device, OPT, 0, 0, "", "") \
	F(T, INT, limit, OPT, 1, 100, "", "") \
	F(T, TIME, since, OPT, 0, 0, "", "") \
	F(T, BOOL, detailed, OPT, 0, 0, "", "") \
	F(T, ENUM(colour), colour, NOCASE, 0, 0, "", "") \
	F(T, TEXT, note, OPT, 0, 0, "", "") \
	F(T, INT_TEXT, level, REQ, 0, 0, "", "") \
	F(T, BYTES, bytes, OPT, 1, 2, "", "")
SCHEMA_STRUCT(query, QUERY);
SCHEMA(query, QUERY, "");

/* No schema of a query should have these; if one does, a request must not write through them. */
#define WRONG(F, T) \
	F(T, MAP, map, OPT, 0, 0, "", "") \
	F(T, JSON, json, OPT, 0, 0, "", "") \
	F(T, OBJ(point), point, OPT, 0, 0, "", "") \
	F(T, LIST(point), points, OPT, 0, 0, "", "") \
	F(T, STRS, strings, OPT, 0, 0, "", "")
SCHEMA_STRUCT(wrong, WRONG);
SCHEMA(wrong, WRONG, "");

static struct arena a;
static struct invalids bad;
static struct query out;
static struct slice missing;

static int setup(void **state)
{
	(void)state;
	bad.arena = &a;
	bad.n = 0;
	out = (struct query){ 0 };
	missing = S("");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static err read_query(const char *form)
{
	setup(NULL);
	return schema_read_form(&query_schema, slice_text(form), &a, &bad, &out, &missing);
}

static void accepts(const char *form)
{
	assert_ok(read_query(form));
	assert_int_equal(bad.n, 0);
}

/* One fault, besides what every good query has. */
static void refuses(const char *more, const char *reason)
{
	assert_ok(read_query((const char *)arena_printf(&a, "userId=u&level=1&%s", more).p));
	if (bad.n != 1 || !slice_is(bad.list[0].reason, reason))
		fail_msg("%s: %zu faults, first \"%.*s\"", more, bad.n, FMT(bad.list[0].reason));
}

static void every_scalar_is_read(void **state)
{
	(void)state;
	accepts("userId=a%20%C3%A9&device=017f22e2-79b0-7cc3-98c4-dc0c0c07398f&limit=100&since=2021-01-21T23:47:27.123%2B01:00"
		"&detailed=true&colour=dark_green&note=a%0Ab+c&level=-9223372036854775808&bytes=%2D_8");
	assert_slice_equal(out.userId, S("a \xc3\xa9"));
	assert_int_equal(out.device.b[15], 0x8f);
	assert_int_equal(out.limit, 100);
	assert_int_equal(out.since, 1611269247123);
	assert_true(out.detailed);
	assert_int_equal(out.colour, colour_DARK_GREEN);
	assert_slice_equal(out.note, S("a\nb c"));
	assert_true(out.level == INT64_MIN);
	assert_slice_equal(out.bytes, S("\xfb\xff"));
	assert_int_equal(out.set, ((uint64_t)1 << query_fields) - 1);
}

static void absent_fields_are_not_set(void **state)
{
	(void)state;
	accepts("level=1&userId=u");
	assert_true(HAS(&out, query, userId) && HAS(&out, query, level));
	assert_int_equal(out.set, (uint64_t)1 << query_userId | (uint64_t)1 << query_level);
}

static void unknown_names_are_ignored(void **state)
{
	(void)state;
	accepts("userId=u&level=1&UserId=x&zzz=1&zzz=2&=5&limit%20=0");
	assert_slice_equal(out.userId, S("u"));
	assert_false(HAS(&out, query, limit));
}

static void names_may_be_escaped(void **state)
{
	(void)state;
	accepts("user%49d=u&%6cevel=1");
	assert_slice_equal(out.userId, S("u"));
}

static void only_true_is_true(void **state)
{
	(void)state;
	accepts("userId=u&level=1&detailed=false");
	assert_true(!out.detailed && HAS(&out, query, detailed));
	accepts("userId=u&level=1&detailed=TRUE");
	assert_false(out.detailed);
	accepts("userId=u&level=1&detailed=1");
	assert_false(out.detailed);
}

static void missing_required_fields_are_named(void **state)
{
	(void)state;
	assert_err(read_query("level=1"), PARAM_MISSING);
	assert_slice_equal(missing, S("userId"));
	assert_err(read_query("userId=u"), PARAM_MISSING);
	assert_slice_equal(missing, S("level"));
	assert_err(read_query(""), PARAM_MISSING);
	assert_slice_equal(missing, S("userId"));
}

static void empty_counts_as_missing(void **state)
{
	(void)state;
	assert_err(read_query("userId=&level=1"), PARAM_MISSING);
	assert_slice_equal(missing, S("userId"));
	assert_err(read_query("userId&level=1"), PARAM_MISSING);
	accepts("userId=u&level=1&limit=&device=&detailed=");
	assert_false(HAS(&out, query, limit) || HAS(&out, query, device) || HAS(&out, query, detailed));
}

static void doubled_names_are_refused(void **state)
{
	(void)state;
	refuses("limit=1&limit=1", "limit is given more than once");
	refuses("limit=1&limit=", "limit is given more than once");
	refuses("limit=&limit=1", "limit is given more than once");
	refuses("limit&%6cimit", "limit is given more than once");
	refuses("userId=v", "userId is given more than once");
	assert_slice_equal(out.userId, S("u"));
}

static void wrong_values_are_refused(void **state)
{
	(void)state;
	refuses("limit=0", "limit must be between 1 and 100");
	refuses("limit=101", "limit must be between 1 and 100");
	refuses("limit=1.0", "limit must be a number");
	refuses("limit=+1", "limit must be a number");
	refuses("limit=%2B1", "limit must be a number");
	refuses("limit=99999999999999999999", "limit must be a number");
	refuses("device=1", "device must be a valid UUID");
	refuses("since=2021-01-21", "since must be a time in ISO 8601 form");
	refuses("since=2021-01-21T23:47:27.123+01:00", "since must be a time in ISO 8601 form");
	refuses("colour=blue", "colour must be one of RED, DARK_GREEN, light");
	refuses("bytes=+", "bytes must be base64url without padding");
	refuses("bytes=AAAA", "bytes must be between 1 and 2 bytes long");
	refuses("note=%01", "note must not contain control characters");
}

static void text_has_its_bounds(void **state)
{
	(void)state;
	accepts("level=1&userId=%F0%9F%98%801234567");
	assert_ok(read_query("level=1&userId=123456789"));
	assert_int_equal(bad.n, 1);
	assert_slice_equal(bad.list[0].reason, S("userId must be between 1 and 8 characters long"));
	assert_ok(read_query("level=1&userId=a%0Ab"));
	assert_slice_equal(bad.list[0].reason, S("userId must not contain control characters"));
}

static void broken_escapes_are_faults(void **state)
{
	(void)state;
	refuses("limit=%zz", "query holds a broken escape");
	refuses("zzz=%", "query holds a broken escape");
	refuses("%ff=1", "query holds a broken escape");
	refuses("note=%00", "query holds a broken escape");
	assert_err(read_query("userId=%zz&level=1"), PARAM_MISSING);
}

static void all_faults_are_collected(void **state)
{
	(void)state;
	assert_ok(read_query("userId=u&level=x&limit=0&device=1&colour=x&since=x&note=%07&zzz=%"));
	assert_int_equal(bad.n, 7);
}

static void what_is_no_scalar_cannot_be_given(void **state)
{
	static const struct wrong nothing;
	struct wrong got = { 0 };

	(void)state;
	assert_ok(schema_read_form(&wrong_schema, S("map=12345&json=12345&point=12345&points=12345&strings=12345"), &a, &bad, &got,
		&missing));
	assert_int_equal(bad.n, wrong_fields);
	got.set = 0;
	assert_memory_equal(&got, &nothing, sizeof(got));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_scalar_is_read),
		CASE(absent_fields_are_not_set),
		CASE(unknown_names_are_ignored),
		CASE(names_may_be_escaped),
		CASE(only_true_is_true),
		CASE(missing_required_fields_are_named),
		CASE(empty_counts_as_missing),
		CASE(doubled_names_are_refused),
		CASE(wrong_values_are_refused),
		CASE(text_has_its_bounds),
		CASE(broken_escapes_are_faults),
		CASE(all_faults_are_collected),
		CASE(what_is_no_scalar_cannot_be_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

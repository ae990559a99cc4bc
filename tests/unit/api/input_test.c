/* Path parameters, query and body on their way into an operation. */
#include "things.h"

/* Answers what was read, so that a test can look at it. */
static struct error echo_path(struct op *op)
{
	op_answer(op, 200, "text/plain", op->path[0]);
	return OK;
}

static struct error echo_id(struct op *op)
{
	op_answer(op, 200, "text/plain", uuid_text(op->arena, &op->path_id[1]));
	return OK;
}

static struct error echo_query(struct op *op)
{
	const struct thing_query *q = op->query;

	op_answer(op, 200, "text/plain", arena_printf(op->arena, "%d %d %lld %d", q->colour, q->all, (long long)q->limit,
		HAS(q, thing_query, offset)));
	return OK;
}

static struct error echo_body(struct op *op)
{
	op->out = op->in;
	return OK;
}

static struct error echo_raw(struct op *op)
{
	op_answer(op, 200, "text/plain", arena_copy(op->arena, op->http->body));
	return OK;
}

static const struct route rows[] = {
	{ HTTP_GET, "/text/{name:text}", PUBLIC, NO_RATE, OP(.prepare = echo_path) },
	{ HTTP_GET, "/ids/{first}/{second}", PUBLIC, NO_RATE, OP(.prepare = echo_id) },
	{ HTTP_GET, "/query", PUBLIC, NO_RATE, QUERY(thing_query), OP(.prepare = echo_query) },
	{ HTTP_POST, "/body", PUBLIC, NO_RATE, IN(thing), OUT(thing), OP(.prepare = echo_body) },
	{ HTTP_POST, "/maybe", PUBLIC, NO_RATE, IN(part), OUT(part), OP(.prepare = echo_body), .flags = EMPTY_BODY_OK },
	{ HTTP_POST, "/form", PUBLIC, NO_RATE, OP(.prepare = echo_raw), .flags = FORM_BODY },
	{ HTTP_POST, "/raw", PUBLIC, NO_RATE, OP(.prepare = echo_raw), .flags = RAW_BODY },
	{ HTTP_DELETE, "/none", PUBLIC, NO_RATE, OP(.prepare = echo_raw) },
};
static const struct route_table table = { .base = "", .routes = rows, .n = COUNT(rows) };

static int setup(void **state)
{
	static const struct route_table *const tables[] = { &table };
	struct fixture *f = fixture_new(NULL);

	fixture_serve(f, tables, COUNT(tables), NULL);
	*state = f;
	return 0;
}

static struct answer send_as(struct fixture *f, const char *type, enum http_method method, const char *target, const char *body)
{
	return fixture_request(f, &(struct from){ .type = type }, method, target, body);
}

/* ---- path ---- */

static void text_is_decoded(void **state)
{
	assert_slice_equal(get(*state, "/text/a%%20b%%2Fc+d").text, S("a b/c+d"));
}

static void malformed_text_is_named(void **state)
{
	static const char *const texts[] = { "%", "%2", "%zz", "%00", "%ff", "a%c3" };

	for (size_t i = 0; i < COUNT(texts); i++)
		assert_invalid(get(*state, "/text/%s", texts[i]), "name");
}

static void id_in_any_case(void **state)
{
	assert_slice_equal(get(*state, "/ids/00000000-0000-0000-0000-000000000000/ABCDEF00-0000-0000-0000-00000000000f").text,
		S("abcdef00-0000-0000-0000-00000000000f"));
}

static void malformed_id_is_named(void **state)
{
	static const char *const ids[] = {
		"x", "0e99b25c-abde-4553-973b-8d94d49cd87", "0e99b25c-abde-4553-973b-8d94d49cd87ee", "0e99b25cabde4553973b8d94d49cd87e",
		"{0e99b25c-abde-4553-973b-8d94d49cd87e}", "0e99b25c-abde-4553-973b-8d94d49cd87g", "%200e99b25c-abde-4553-973b-8d94d49cd87e",
		"0e99b25c-abde-4553-973b-8d94d49cd87e%00",
	};

	for (size_t i = 0; i < COUNT(ids); i++)
		assert_invalid(get(*state, "/ids/00000000-0000-0000-0000-000000000000/%s", ids[i]), "second");
}

static void reason_names_the_parameter(void **state)
{
	assert_string_equal(text_of(get(*state, "/ids/x/y"), "invalidParams.0.reason"), "first must be a valid UUID");
}

/* ---- query ---- */

static void query_is_read(void **state)
{
	assert_slice_equal(get(*state, "/query?limit=7&colour=GREEN&all=true&other=1").text, S("2 1 7 0"));
}

static void query_is_decoded(void **state)
{
	assert_slice_equal(get(*state, "/query?colour=%%47REEN&%%6cimit=%%37").text, S("2 0 7 0"));
}

static void query_that_is_needed(void **state)
{
	static const char *const targets[] = { "/query", "/query?", "/query?limit=3", "/query?colour", "/query?colour=", "/query?Colour=RED" };

	for (size_t i = 0; i < COUNT(targets); i++) {
		struct answer answer = get(*state, "%s", targets[i]);

		assert_problem(answer, 400, "invalid_request");
		assert_string_equal(text_of(answer, "detail"), "colour parameter is missing");
	}
}

static void missing_is_told_before_malformed(void **state)
{
	assert_problem(get(*state, "/query?limit=x"), 400, "invalid_request");
}

static void every_fault_of_the_query_is_told(void **state)
{
	struct answer answer = get(*state, "/query?colour=BLUE&limit=0&offset=x");

	assert_invalid(answer, "colour");
	assert_invalid(answer, "limit");
	assert_invalid(answer, "offset");
}

static void path_is_told_before_the_query(void **state)
{
	assert_invalid(get(*state, "/ids/x/y?limit=0"), "first");
}

static void query_of_a_route_that_has_none_is_ignored(void **state)
{
	assert_status(get(*state, "/text/a?limit=0&%%"), 200);
}

/* ---- body ---- */

static void body_is_read(void **state)
{
	assert_slice_equal(post(*state, "/body", "{\"name\":\"x\",\"size\":3,\"other\":[{}]}").text, S("{\"name\":\"x\",\"size\":3}"));
}

static void media_types_that_are_read(void **state)
{
	static const char *const types[] = {
		"application/json", "Application/JSON", "application/json; charset=utf-8", "application/json;charset=\"UTF-8\"",
		"application/json ; version=1", "application/json; version=1; charset=utf-8", "application/json;", "application/json; charset = utf-8",
	};

	for (size_t i = 0; i < COUNT(types); i++)
		assert_status(send_as(*state, types[i], HTTP_POST, "/body", "{\"name\":\"x\"}"), 200);
}

static void media_types_that_are_refused(void **state)
{
	static const char *const types[] = {
		"", "text/plain", "application/jsonx", "application", "application/problem+json", "text/json", "application/json, text/plain",
		"application/json; charset=latin1", "application/json; version=1; charset=utf-16", "application/x-www-form-urlencoded", "*/*",
	};

	for (size_t i = 0; i < COUNT(types); i++) {
		struct answer answer = send_as(*state, types[i], HTTP_POST, "/body", "{\"name\":\"x\"}");

		assert_problem(answer, 415, "unsupported_media_type");
		assert_string_equal(text_of(answer, "detail"), "The request body must be of type application/json");
	}
}

static void two_media_types_are_none(void **state)
{
	struct http_header header = { S("content-type"), S("application/json") };
	struct from from = { .headers = &header, .header_count = 1 };

	assert_problem(fixture_request(*state, &from, HTTP_POST, "/body", "{\"name\":\"x\"}"), 415, "unsupported_media_type");
}

static void no_body_is_no_json(void **state)
{
	struct answer answer = send_as(*state, NULL, HTTP_POST, "/body", NULL);

	assert_problem(answer, 400, "invalid_request");
	assert_string_equal(text_of(answer, "title"), "Invalid_request");
}

static void what_is_no_json(void **state)
{
	static const char *const bodies[] = { "{", "{} x", "{\"name\":\"x\"}}", "{'name':1}", "{\"name\":\"\xff\"}", "\xef\xbb\xbf{}", "nul" };

	for (size_t i = 0; i < COUNT(bodies); i++)
		assert_problem(send_as(*state, NULL, HTTP_POST, "/body", bodies[i]), 400, "invalid_request");
}

static void what_is_no_object(void **state)
{
	static const char *const bodies[] = { "[]", "\"x\"", "1", "null", "true", "[{\"name\":\"x\"}]" };

	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct answer answer = send_as(*state, NULL, HTTP_POST, "/body", bodies[i]);

		assert_problem(answer, 400, "invalid_request");
		assert_string_equal(text_of(answer, "detail"), "The request body must be a JSON object");
	}
}

/* {"a": {"a": … }}, so deep; with a name, so that nothing else is wrong. */
static const char *nested(struct fixture *f, int depth)
{
	struct buf b = buf_arena(&f->arena, 4096);

	buf_text(&b, "{\"name\":\"x\",\"a\":");
	for (int i = 2; i < depth; i++)
		buf_text(&b, "{\"a\":");
	buf_text(&b, "{}");
	for (int i = 1; i < depth; i++)
		buf_text(&b, "}");
	buf_byte(&b, 0);
	return (const char *)b.p;
}

static void deep_body(void **state)
{
	assert_status(send_as(*state, NULL, HTTP_POST, "/body", nested(*state, JSON_DEPTH_MAX)), 200);
	assert_problem(send_as(*state, NULL, HTTP_POST, "/body", nested(*state, JSON_DEPTH_MAX + 1)), 400, "invalid_request");
}

static void every_fault_of_the_body_is_told(void **state)
{
	struct answer answer = post(*state, "/body", "{\"size\":\"x\",\"colour\":\"BLUE\",\"parts\":[{},{\"name\":7}]}");

	assert_invalid(answer, "name");
	assert_invalid(answer, "size");
	assert_invalid(answer, "colour");
	assert_invalid(answer, "parts[0].name");
	assert_invalid(answer, "parts[1].name");
}

static void body_that_may_be_left_out(void **state)
{
	assert_invalid(send_as(*state, NULL, HTTP_POST, "/maybe", NULL), "name");
	assert_problem(send_as(*state, "text/plain", HTTP_POST, "/maybe", "{}"), 415, "unsupported_media_type");
}

static void form_body(void **state)
{
	assert_slice_equal(send_as(*state, "application/x-www-form-urlencoded", HTTP_POST, "/form", "a=b").text, S("a=b"));
	assert_status(send_as(*state, "application/x-www-form-urlencoded; charset=UTF-8", HTTP_POST, "/form", "a=b"), 200);
	assert_problem(send_as(*state, "application/json", HTTP_POST, "/form", "a=b"), 415, "unsupported_media_type");
	assert_problem(send_as(*state, "", HTTP_POST, "/form", "a=b"), 415, "unsupported_media_type");
}

static void raw_body(void **state)
{
	assert_slice_equal(send_as(*state, "application/octet-stream", HTTP_POST, "/raw", "\x01\x02").text, S("\x01\x02"));
	assert_status(send_as(*state, "", HTTP_POST, "/raw", "x"), 200);
}

static void body_that_nobody_wants_is_ignored(void **state)
{
	assert_status(send_as(*state, "text/plain", HTTP_DELETE, "/none", "{"), 200);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, things_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(text_is_decoded),
		TEST(malformed_text_is_named),
		TEST(id_in_any_case),
		TEST(malformed_id_is_named),
		TEST(reason_names_the_parameter),
		TEST(query_is_read),
		TEST(query_is_decoded),
		TEST(query_that_is_needed),
		TEST(missing_is_told_before_malformed),
		TEST(every_fault_of_the_query_is_told),
		TEST(path_is_told_before_the_query),
		TEST(query_of_a_route_that_has_none_is_ignored),
		TEST(body_is_read),
		TEST(media_types_that_are_read),
		TEST(media_types_that_are_refused),
		TEST(two_media_types_are_none),
		TEST(no_body_is_no_json),
		TEST(what_is_no_json),
		TEST(what_is_no_object),
		TEST(deep_body),
		TEST(every_fault_of_the_body_is_told),
		TEST(body_that_may_be_left_out),
		TEST(form_body),
		TEST(raw_body),
		TEST(body_that_nobody_wants_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

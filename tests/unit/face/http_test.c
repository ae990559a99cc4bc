/* The HTTP adapter: what it asks, and what it makes of answers; whatever is none is no verdict. */
#include "face/face.h"
#include "tests/unit/common/test.h"

static struct arena a;

static int begin(void **state)
{
	(void)state;
	arena_init(&a);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

#define FACE_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)
#define FACE_ID "0190f2d5-7b3c-8000-8000-000000000001"

static const struct face_setup setup = { .provider = face_provider_HTTP, .url = { (const uint8_t *)"https://faces.example/v1/", 25 },
	.secret = { (const uint8_t *)"s3cret", 6 }, .timeout_ms = 4000 };

static struct face_ask task(enum face_task t, const char *scan, const char *template)
{
	struct face_ask ask = { .task = t, .scan = slice_text(scan), .template = slice_text(template) };

	assert_ok(uuid_parse(S(FACE_ID), &ask.face));
	return ask;
}

static struct outbound_request request(enum face_task t, const char *scan, const char *template)
{
	struct face_ask ask = task(t, scan, template);
	struct outbound_request r;

	assert_true(face_http.request(&setup, &ask, &a, &r));
	return r;
}

static struct face_verdict verdict(const struct face_setup *s, enum face_task t, int status, const char *body)
{
	struct outbound_answer answer = { .reason = OUTBOUND_ANSWERED, .status = status, .body = slice_text(body) };
	struct face_ask ask = task(t, "scan", "");
	struct face_verdict v;

	face_http.verdict(s, &ask, &answer, &a, &v);
	return v;
}

static void four_calls(void **state)
{
	struct outbound_request r = request(FACE_INIT, "", "");

	(void)state;
	assert_int_equal(r.method, HTTP_POST);
	assert_slice_equal(r.url, S("https://faces.example/v1/sessions"));
	assert_slice_equal(r.body, S("{}"));
	assert_int_equal(r.timeout_ms, 4000);
	r = request(FACE_ENROL, "abc", "");
	assert_slice_equal(r.url, S("https://faces.example/v1/faces"));
	assert_slice_equal(r.body, S("{\"faceId\":\"" FACE_ID "\",\"scan\":\"YWJj\"}"));
	r = request(FACE_MATCH, "abc", "xyz");
	assert_slice_equal(r.url, S("https://faces.example/v1/faces/" FACE_ID "/match"));
	assert_slice_equal(r.body, S("{\"scan\":\"YWJj\",\"template\":\"eHl6\"}"));
	r = request(FACE_MATCH, "abc", "");
	assert_slice_equal(r.body, S("{\"scan\":\"YWJj\"}"));
	r = request(FACE_DELETE, "", "");
	assert_int_equal(r.method, HTTP_DELETE);
	assert_slice_equal(r.url, S("https://faces.example/v1/faces/" FACE_ID));
	assert_int_equal(r.body.n, 0);
}

static void token_goes_along(void **state)
{
	struct outbound_request r = request(FACE_MATCH, "abc", "");
	bool seen = false;

	(void)state;
	for (size_t i = 0; i < r.header_count; i++)
		seen |= slice_is(r.headers[i].name, "Authorization") && slice_is(r.headers[i].value, "Bearer s3cret");
	assert_true(seen);
}

static void what_is_answered(void **state)
{
	struct face_verdict v = verdict(&setup, FACE_ENROL, 200, "{\"enrolled\":true,\"template\":\"eHl6\"}");

	(void)state;
	assert_true(v.heard && v.good);
	assert_slice_equal(v.template, S("xyz"));
	v = verdict(&setup, FACE_ENROL, 200, "{\"enrolled\":false}");
	assert_true(v.heard && !v.good);
	v = verdict(&setup, FACE_MATCH, 200, "{\"matched\":true,\"score\":871.5}");
	assert_true(v.heard && v.good);
	assert_int_equal(v.score, 871);
	v = verdict(&setup, FACE_MATCH, 200, "{\"matched\":true}");
	assert_true(v.heard && v.good);
	v = verdict(&setup, FACE_MATCH, 200, "{\"matched\":false,\"score\":1000}");
	assert_true(v.heard && !v.good);
	v = verdict(&setup, FACE_INIT, 200, "{\"init\":\"eHl6\"}");
	assert_true(v.heard);
	assert_slice_equal(v.init, S("xyz"));
	assert_true(verdict(&setup, FACE_INIT, 200, "{}").heard);
}

static void score_that_is_asked(void **state)
{
	struct face_setup strict = setup;

	(void)state;
	strict.score_least = 900;
	assert_true(verdict(&strict, FACE_MATCH, 200, "{\"matched\":true,\"score\":900}").good);
	assert_false(verdict(&strict, FACE_MATCH, 200, "{\"matched\":true,\"score\":899}").good);
	assert_false(verdict(&strict, FACE_MATCH, 200, "{\"matched\":true}").good);
	assert_false(verdict(&strict, FACE_MATCH, 200, "{\"matched\":true,\"score\":1e300}").good);
	assert_false(verdict(&strict, FACE_MATCH, 200, "{\"matched\":true,\"score\":\"950\"}").good);
}

static void what_is_no_answer(void **state)
{
	static const char *const bodies[] = { "", "true", "[]", "{}", "{\"matched\":\"true\"}", "{\"matched\":1}", "{\"matched\":true", "null",
		"{\"matched\":false,\"matched\":true}" };
	struct face_ask ask = task(FACE_MATCH, "scan", "");
	struct face_verdict v;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		v = verdict(&setup, FACE_MATCH, 200, bodies[i]);
		assert_false(v.heard || v.good);
	}
	assert_false(verdict(&setup, FACE_MATCH, 500, "{\"matched\":true}").heard);
	assert_false(verdict(&setup, FACE_MATCH, 302, "{\"matched\":true}").good);
	assert_false(verdict(&setup, FACE_ENROL, 200, "{\"enrolled\":true,\"template\":\"no base64\"}").good);
	face_http.verdict(&setup, &ask, &(struct outbound_answer){ .reason = OUTBOUND_TIMED_OUT }, &a, &v);
	assert_false(v.heard || v.good);
}

static void forgotten_is_forgotten(void **state)
{
	(void)state;
	assert_true(verdict(&setup, FACE_DELETE, 204, "").good);
	assert_true(verdict(&setup, FACE_DELETE, 404, "").good);
	assert_true(verdict(&setup, FACE_DELETE, 410, "").good);
	assert_false(verdict(&setup, FACE_DELETE, 401, "").good);
	assert_false(verdict(&setup, FACE_DELETE, 503, "").good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FACE_TEST(four_calls),
		FACE_TEST(token_goes_along),
		FACE_TEST(what_is_answered),
		FACE_TEST(score_that_is_asked),
		FACE_TEST(what_is_no_answer),
		FACE_TEST(forgotten_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

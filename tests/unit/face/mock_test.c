/* The provider of sandbox accounts does what its scans say. */
#include "face/face.h"
#include "tests/unit/common/test.h"

static struct face_verdict ask(enum face_task task, const char *scan, const char *template)
{
	const struct face_setup setup = { .provider = face_provider_MOCK };
	const struct face_ask what = { .task = task, .scan = slice_text(scan), .template = slice_text(template) };
	struct outbound_request request;
	struct face_verdict verdict;
	static struct arena a;

	arena_init(&a);
	assert_false(face_mock.request(&setup, &what, &a, &request));
	face_mock.verdict(&setup, &what, NULL, &a, &verdict);
	verdict.template = slice_text(slice_is(verdict.template, scan) ? scan : "");
	arena_free(&a);
	return verdict;
}

static void who_is_alive_is_taken(void **state)
{
	(void)state;
	assert_true(ask(FACE_ENROL, "live:anna", "").good);
	assert_slice_equal(ask(FACE_ENROL, "live:anna", "").template, S("live:anna"));
	assert_false(ask(FACE_ENROL, "live:", "").good);
	assert_false(ask(FACE_ENROL, "photo:anna", "").good);
	assert_true(ask(FACE_ENROL, "photo:anna", "").heard);
}

static void who_is_the_same_matches(void **state)
{
	(void)state;
	assert_true(ask(FACE_MATCH, "live:anna", "live:anna").good);
	assert_int_equal(ask(FACE_MATCH, "live:anna", "live:anna").score, FACE_SCORE_MAX);
	assert_false(ask(FACE_MATCH, "live:berta", "live:anna").good);
	assert_false(ask(FACE_MATCH, "photo:anna", "photo:anna").good);
	assert_false(ask(FACE_MATCH, "live:anna", "").good);
}

static void silence_is_no_verdict(void **state)
{
	(void)state;
	assert_false(ask(FACE_MATCH, "silent:", "live:anna").heard);
	assert_false(ask(FACE_ENROL, "silent:", "").heard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_alive_is_taken),
		cmocka_unit_test(who_is_the_same_matches),
		cmocka_unit_test(silence_is_no_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

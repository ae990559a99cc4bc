#include "tests/unit/common/test.h"

#include "tests/unit/sdk/phone.h"

static int setup(void **state)
{
	*state = phone_registered();
	return 0;
}

static int teardown(void **state)
{
	phone_free(*state);
	return 0;
}

static void token_is_told_and_taken_back(void **state)
{
	struct phone *p = *state;

	assert_done(perform(p, rid_push_token(p->c, "dGVzdA:APA91b")));
	assert_string_equal(p->server.push_token, "dGVzdA:APA91b");
	assert_done(perform(p, rid_push_token(p->c, NULL)));
	assert_string_equal(p->server.push_token, "");
}

static void push_that_was_heard(void **state)
{
	struct phone *p = *state;

	p->server.pending = device_operation_AUTHENTICATION;
	assert_done(perform(p, rid_push_heard(p->c, "push-1")));
	assert_int_equal(p->server.heard, 1);
	assert_failed(perform(p, rid_push_heard(p->c, "push-2")), RID_ERROR_INCORRECT_PUSH);
}

static void texts_that_are_none(void **state)
{
	struct phone *p = *state;
	char large[4100];

	memset(large, 'a', sizeof(large));
	large[4097] = 0;
	assert_failed(perform(p, rid_push_token(p->c, large)), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_failed(perform(p, rid_push_token(p->c, "a\nb")), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_failed(perform(p, rid_push_token(p->c, "\xff")), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_failed(perform(p, rid_push_heard(p->c, NULL)), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_failed(perform(p, rid_push_heard(p->c, "")), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_int_equal(p->messages, 0);
}

static void answer_that_was_lost(void **state)
{
	struct phone *p = *state;

	p->mishaps.lose_request = 1;
	assert_failed(perform(p, rid_push_token(p->c, "token")), RID_ERROR_NO_INTERNET);
	assert_done(perform(p, rid_repeat(p->c)));
	assert_string_equal(p->server.push_token, "token");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(token_is_told_and_taken_back),
		TEST(push_that_was_heard),
		TEST(texts_that_are_none),
		TEST(answer_that_was_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

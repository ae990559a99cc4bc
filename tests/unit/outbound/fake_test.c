/* What other tests rely on: the fake keeps copies, answers when it is told to, and every call has its end. */
#include "tests/unit/common/outbound_fake.h"

static int ends;
static enum outbound_reason last;
static int last_status;

static void done(void *ctx, const struct outbound_answer *answer)
{
	assert_ptr_equal(ctx, &ends);
	ends++;
	last = answer->reason;
	last_status = answer->status;
}

static void call(struct outbound_fake *fake, const char *body)
{
	char copied[16] = "";
	struct http_header header = { S("X-A"), S("b") };

	strcpy(copied, body);
	outbound_send(&fake->outbound, &(struct outbound_request){ .method = HTTP_POST, .url = S("https://a/"), .headers = &header,
		.header_count = 1, .body = slice_text(copied), .done = done, .ctx = &ends });
	memset(copied, 'x', sizeof(copied));
}

static void answers_when_told(void **state)
{
	struct outbound_fake *fake = outbound_fake_new();

	(void)state;
	ends = 0;
	call(fake, "one");
	call(fake, "two");
	assert_int_equal(ends, 0);
	assert_slice_equal(fake->calls[0].body, S("one"));
	assert_string_equal(outbound_fake_header(fake, 1, "x-a"), "b");
	assert_string_equal(outbound_fake_header(fake, 1, "x-b"), "");
	outbound_fake_answer(fake, 1, 204, "");
	assert_int_equal(last_status, 204);
	outbound_fake_fail(fake, 0, OUTBOUND_TIMED_OUT);
	assert_int_equal(last, OUTBOUND_TIMED_OUT);
	fake->status = 200;
	call(fake, "three");
	assert_int_equal(ends, 3);
	fake->status = 0;
	call(fake, "four");
	outbound_fake_free(fake);
	assert_int_equal(ends, 4);
	assert_int_equal(last, OUTBOUND_STOPPED);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(answers_when_told) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Calls to the outside in the midst of prepare: parked until they are answered, each made once, and always with an end. */
#include <pthread.h>
#include <unistd.h>

#include "api/api.h"
#include "api/ask.h"
#include "tests/unit/common/fixture.h"
#include "tests/unit/common/outbound_fake.h"
#include "tests/unit/common/parked.h"

static _Atomic int prepared;
static _Atomic bool stale;

static err say(struct op *op, const struct outbound_answer *one, const struct outbound_answer *two)
{
	op_answer(op, 200, "text/plain", arena_printf(op->arena, "%s %d %.*s, %s %d %.*s", outbound_word(one->reason), one->status, FMT(one->body),
		outbound_word(two->reason), two->status, FMT(two->body)));
	return OK;
}

static const struct outbound_answer *ask_for(struct op *op, const char *url)
{
	return op_ask(op, &(struct outbound_request){ .method = HTTP_POST, .url = slice_text(url), .body = S("{}"), .timeout_ms = 1 });
}

static err two_prepare(struct op *op)
{
	const struct outbound_answer *one = ask_for(op, "https://one.example/"), *two;

	prepared++;
	assert_int_equal(op->woken, NOT_WOKEN); /* it is nothing that a handler would have to know of */
	if (!one)
		return OK;
	two = ask_for(op, "https://two.example/");
	return two ? say(op, one, two) : OK;
}

static err again_prepare(struct op *op)
{
	const struct outbound_answer *one = ask_for(op, "https://one.example/");

	prepared++;
	if (one)
		*op_own(op, struct slice) = one->body;
	return OK;
}

static err again_apply(struct op *op, struct tx *tx)
{
	(void)op;
	(void)tx;
	return atomic_exchange(&stale, false) ? FAIL(STALE) : OK;
}

static err again_reply(struct op *op)
{
	op_answer(op, 200, "text/plain", *op_own(op, struct slice));
	return OK;
}

static const struct route rows[] = {
	{ HTTP_GET, "/two", PUBLIC, NO_RATE, OP(.prepare = two_prepare), "Two calls", .flags = NO_ACCOUNT },
	{ HTTP_POST, "/again", PUBLIC, NO_RATE, OP(.prepare = again_prepare, .apply = again_apply, .reply = again_reply), "Repeated",
		.flags = NO_ACCOUNT },
};
static const struct route_table table = { .base = "", .title = "Asking", .routes = rows, .n = COUNT(rows) };

struct place {
	struct fixture *f;
	struct outbound_fake *fake;
};

static int begin(void **state)
{
	static const struct route_table *const tables[] = { &table };
	struct place *p = xalloc(sizeof(*p));

	p->f = fixture_new(&(struct fixture_options){ .system_env = true });
	p->fake = outbound_fake_new();
	p->f->app.outbound = &p->fake->outbound;
	fixture_serve(p->f, tables, 1, NULL);
	prepared = 0;
	stale = false;
	*state = p;
	return 0;
}

static int end(void **state)
{
	struct place *p = *state;

	outbound_fake_free(p->fake);
	fixture_free(p->f);
	free(p);
	return 0;
}

#define ASK_TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

struct asker {
	struct place *p;
	enum http_method method;
	const char *path;
	char text[256];
	pthread_t thread;
};

static void *ask_it(void *arg)
{
	struct asker *a = arg;
	struct http_request req = { .method = a->method, .path = slice_text(a->path), .peer = S("192.0.2.1") };

	arena_init(&req.arena);
	parked_run(api_handler(a->p->f->api), &req);
	snprintf(a->text, sizeof(a->text), "%.*s", FMT(req.reply.body));
	arena_free(&req.arena);
	return NULL;
}

static void wait_for_calls(struct place *p, size_t n)
{
	while (p->fake->count < n)
		usleep(1000);
	usleep(20 * 1000); /* and whoever asked is waiting by now, or about to */
}

static void waits_for_one_answer_after_the_other(void **state)
{
	struct asker a = { .p = *state, .method = HTTP_GET, .path = "/two" };

	assert_int_equal(pthread_create(&a.thread, NULL, ask_it, &a), 0);
	wait_for_calls(a.p, 1);
	outbound_fake_answer(a.p->fake, 0, 200, "first");
	wait_for_calls(a.p, 2);
	outbound_fake_fail(a.p->fake, 1, OUTBOUND_NOT_CONNECTED);
	pthread_join(a.thread, NULL);
	assert_string_equal(a.text, "answered 200 first, not_connected 0 ");
	assert_int_equal(a.p->fake->count, 2);
	assert_int_equal(prepared, 3);
}

static void answer_from_within_the_call_needs_no_wait(void **state)
{
	struct asker a = { .p = *state, .method = HTTP_GET, .path = "/two" };

	a.p->fake->status = 204;
	ask_it(&a);
	assert_string_equal(a.text, "answered 204 , answered 204 ");
	assert_int_equal(prepared, 1);
}

static void repeated_preparation_asks_nobody_again(void **state)
{
	struct asker a = { .p = *state, .method = HTTP_POST, .path = "/again" };

	stale = true;
	assert_int_equal(pthread_create(&a.thread, NULL, ask_it, &a), 0);
	wait_for_calls(a.p, 1);
	outbound_fake_answer(a.p->fake, 0, 200, "once");
	pthread_join(a.thread, NULL);
	assert_string_equal(a.text, "once");
	assert_int_equal(a.p->fake->count, 1);
	assert_int_equal(prepared, 3);
}

static void without_an_outside_nobody_is_asked(void **state)
{
	struct asker a = { .p = *state, .method = HTTP_GET, .path = "/two" };

	a.p->f->app.outbound = NULL;
	ask_it(&a);
	assert_string_equal(a.text, "not_connected 0 , not_connected 0 ");
	a.p->f->app.outbound = &a.p->fake->outbound;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ASK_TEST(waits_for_one_answer_after_the_other),
		ASK_TEST(answer_from_within_the_call_needs_no_wait),
		ASK_TEST(repeated_preparation_asks_nobody_again),
		ASK_TEST(without_an_outside_nobody_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

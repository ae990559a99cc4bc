/*
 * The mechanism behind a real server, where an operation gives its thread back while the store writes: the same outcomes as in
 * run_test.c, and long polls. Requests come through the operator's socket, each from a thread of its own where they have to meet.
 */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/wait.h"
#include "http/local_call.h"
#include "things.h"

enum { CALLERS = 8 };

SQL(count_add, "INSERT INTO meta (key, value) VALUES ('count', '1') ON CONFLICT (key) DO UPDATE SET value = CAST(meta.value AS bigint) + 1");
SQL(count_at, "SELECT value FROM meta WHERE key = 'count'");
SQL(count_change, "UPDATE meta SET value = $2 WHERE key = 'count' AND value = $1");

static const struct uuid topic = { { 1 } }, other_topic = { { 2 } };

struct served {
	struct fixture *f;
	struct http_server *server;
	char socket[160];
	_Atomic int stale; /* so many tries come too late */
};

static struct served *served_of(struct op *op)
{
	return (struct served *)op->app->running;
}

static struct error add(struct op *op, struct tx *tx)
{
	op_wake_after_commit(op, tx, &topic);
	return sql_run(tx, &count_add, NO_ARGS, NULL);
}

static struct error touch_other(struct op *op, struct tx *tx)
{
	op_wake_after_commit(op, tx, &other_topic);
	return OK;
}

/* Reads, and writes one more only if nobody wrote in between. */
static struct error read_count(struct op *op)
{
	struct slice *count = op_own(op, struct slice);
	struct rows r;

	TRY(sql_one(op_reader(op), &count_at, NO_ARGS, &r));
	*count = arena_copy(op->arena, col_text(&r, 0));
	return sql_close(&r);
}

static struct error change_count(struct op *op, struct tx *tx)
{
	const struct slice *count = op_own(op, struct slice);
	int64_t n = 0, changes;

	TRY(slice_i64(*count, &n));
	TRY(sql_run(tx, &count_change, ARGS(v_text(*count), v_text(arena_printf(op->arena, "%lld", (long long)n + 1))), &changes));
	ENSURE(changes == 1, STALE);
	return OK;
}

static struct error too_late(struct op *op, struct tx *tx)
{
	(void)tx;
	ENSURE(atomic_fetch_sub(&served_of(op)->stale, 1) <= 0, STALE);
	return OK;
}

static struct error fails(struct op *op, struct tx *tx)
{
	TRY(sql_run(tx, &count_add, NO_ARGS, NULL));
	return op_fail(op, INVALID_REQUEST, "on purpose");
}

/* Waits until the topic is touched, and tells why it went on. */
static struct error poll(struct op *op)
{
	static const char *const words[] = { "not woken", "woken", "timed out", "replaced" };
	uint64_t ms = 0;

	op_watch(op, &topic);
	if (op->woken == NOT_WOKEN) {
		TRY(slice_u64(op->path[0], &ms));
		op_wait(op, (int64_t)ms);
		return OK;
	}
	op_answer(op, 200, "text/plain", slice_text(words[op->woken]));
	return OK;
}

static struct error replace(struct op *op)
{
	op_end_waits(op, &topic);
	return OK;
}

static const struct route rows[] = {
	{ HTTP_POST, "/add", LOCAL_ONLY, NO_RATE, OP(.apply = add) },
	{ HTTP_POST, "/change", LOCAL_ONLY, NO_RATE, OP(.prepare = read_count, .apply = change_count) },
	{ HTTP_POST, "/late", LOCAL_ONLY, NO_RATE, OP(.apply = too_late) },
	{ HTTP_POST, "/fails", LOCAL_ONLY, NO_RATE, OP(.apply = fails) },
	{ HTTP_GET, "/poll/{ms:text}", LOCAL_ONLY, NO_RATE, OP(.prepare = poll) },
	{ HTTP_POST, "/other", LOCAL_ONLY, NO_RATE, OP(.apply = touch_other) },
	{ HTTP_POST, "/replace", LOCAL_ONLY, NO_RATE, OP(.prepare = replace) },
};
static const struct route_table table = { .base = "", .routes = rows, .n = COUNT(rows) };

static int setup(void **state)
{
	static const struct route_table *const tables[] = { &table };
	static const struct fixture_options options = { .system_env = true };
	struct served *s = xalloc(sizeof(*s));
	struct http_handler handler;

	s->f = fixture_new(&options);
	s->f->app.running = (struct running *)s;
	fixture_serve(s->f, tables, COUNT(tables), NULL);
	snprintf(s->socket, sizeof(s->socket), "%s/admin.sock", s->f->dir);
	handler = api_handler(s->f->api);
	must(http_start(&(struct http_config){ .env = s->f->app.env, .log = &s->f->log, .unix_path = s->socket, .threads = 2,
		.connections_max = 64, .idle_timeout_ms = 10000, .request_timeout_ms = 10000 }, &handler, &s->server));
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct served *s = *state;

	api_end_waits(s->f->api);
	http_drain(s->server, 5000);
	http_stop(s->server);
	fixture_free(s->f);
	free(s);
	return 0;
}

struct calling {
	pthread_t thread;
	struct served *s;
	struct arena a;
	enum http_method method;
	const char *target;
	struct error error;
	struct local_answer answer;
	const char *why;
};

static void *call_out(void *arg)
{
	struct calling *c = arg;

	c->error = http_local_call(c->s->socket, c->method, c->target, S(""), &c->a, &c->answer, &c->why);
	return NULL;
}

static void call_begin(struct served *s, struct calling *c, enum http_method method, const char *target)
{
	*c = (struct calling){ .s = s, .method = method, .target = target };
	assert_int_equal(pthread_create(&c->thread, NULL, call_out, c), 0);
}

/* Its status, or 0 when there was no answer. */
static int call_end(struct calling *c)
{
	pthread_join(c->thread, NULL);
	return failed(c->error) ? 0 : c->answer.status;
}

static int call(struct served *s, enum http_method method, const char *target)
{
	struct calling c;
	int status;

	call_begin(s, &c, method, target);
	status = call_end(&c);
	arena_free(&c.a);
	return status;
}

static void call_all(struct served *s, const char *target, int status)
{
	struct calling callers[CALLERS];

	for (int i = 0; i < CALLERS; i++)
		call_begin(s, &callers[i], HTTP_POST, target);
	for (int i = 0; i < CALLERS; i++) {
		assert_int_equal(call_end(&callers[i]), status);
		arena_free(&callers[i].a);
	}
}

/* ---- operations ---- */

static void write_is_there_when_it_is_answered(void **state)
{
	struct served *s = *state;

	assert_int_equal(call(s, HTTP_POST, "/add"), 204);
	assert_int_equal(fixture_number(s->f, &count_at), 1);
}

static void writes_of_many_callers(void **state)
{
	struct served *s = *state;

	call_all(s, "/add", 204);
	assert_int_equal(fixture_number(s->f, &count_at), CALLERS);
}

static void loser_of_a_race_reads_again(void **state)
{
	struct served *s = *state;

	call(s, HTTP_POST, "/add");
	call_all(s, "/change", 204);
	assert_int_equal(fixture_number(s->f, &count_at), 1 + CALLERS);
}

static void tries_that_are_granted(void **state)
{
	struct served *s = *state;

	s->stale = STALE_TRIES_MAX - 1;
	assert_int_equal(call(s, HTTP_POST, "/late"), 204);
	assert_int_equal(metric_get(&s->f->metrics, METRIC_operations_retried_total), STALE_TRIES_MAX - 1);
}

static void one_try_too_many(void **state)
{
	struct served *s = *state;

	s->stale = STALE_TRIES_MAX;
	assert_int_equal(call(s, HTTP_POST, "/late"), 409);
	assert_int_equal(s->stale, 0);
}

static void failure_in_apply_leaves_nothing(void **state)
{
	struct served *s = *state;

	call(s, HTTP_POST, "/add");
	assert_int_equal(call(s, HTTP_POST, "/fails"), 400);
	assert_int_equal(fixture_number(s->f, &count_at), 1);
}

static void refusals(void **state)
{
	assert_int_equal(call(*state, HTTP_GET, "/nothing"), 404);
	assert_int_equal(call(*state, HTTP_DELETE, "/add"), 405);
}

/* ---- long polls ---- */

static void assert_polled(struct calling *c, const char *want)
{
	assert_int_equal(call_end(c), 200);
	assert_slice_equal(c->answer.body, slice_text(want));
	arena_free(&c->a);
}

static void wait_until_polling(void)
{
	usleep(150 * 1000);
}

static void time_of_a_wait_is_over(void **state)
{
	struct calling c;

	call_begin(*state, &c, HTTP_GET, "/poll/50");
	assert_polled(&c, "timed out");
}

static void commit_wakes_who_waits_for_it(void **state)
{
	struct calling callers[CALLERS];

	for (int i = 0; i < CALLERS; i++)
		call_begin(*state, &callers[i], HTTP_GET, "/poll/30000");
	wait_until_polling();
	assert_int_equal(call(*state, HTTP_POST, "/add"), 204);
	for (int i = 0; i < CALLERS; i++)
		assert_polled(&callers[i], "woken");
}

static void commit_of_something_else_wakes_nobody(void **state)
{
	struct calling c;

	call_begin(*state, &c, HTTP_GET, "/poll/600");
	wait_until_polling();
	assert_int_equal(call(*state, HTTP_POST, "/other"), 204);
	assert_polled(&c, "timed out");
}

static void waits_can_be_ended(void **state)
{
	struct calling c;

	call_begin(*state, &c, HTTP_GET, "/poll/30000");
	wait_until_polling();
	assert_int_equal(call(*state, HTTP_POST, "/replace"), 204);
	assert_polled(&c, "replaced");
}

static void stop_ends_every_wait(void **state)
{
	struct served *s = *state;
	struct calling c;

	call_begin(s, &c, HTTP_GET, "/poll/30000");
	wait_until_polling();
	api_end_waits(s->f->api);
	assert_polled(&c, "timed out");
}

static void nobody_waits_once_the_stop_began(void **state)
{
	struct served *s = *state;
	struct calling c;

	api_end_waits(s->f->api);
	call_begin(s, &c, HTTP_GET, "/poll/30000");
	assert_polled(&c, "timed out");
}

static void short_and_long_waits(void **state)
{
	struct calling lasting, brief;

	call_begin(*state, &lasting, HTTP_GET, "/poll/700");
	wait_until_polling();
	call_begin(*state, &brief, HTTP_GET, "/poll/50");
	assert_polled(&brief, "timed out");
	assert_polled(&lasting, "timed out");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(write_is_there_when_it_is_answered),
		TEST(writes_of_many_callers),
		TEST(loser_of_a_race_reads_again),
		TEST(tries_that_are_granted),
		TEST(one_try_too_many),
		TEST(failure_in_apply_leaves_nothing),
		TEST(refusals),
		TEST(time_of_a_wait_is_over),
		TEST(commit_wakes_who_waits_for_it),
		TEST(commit_of_something_else_wakes_nobody),
		TEST(waits_can_be_ended),
		TEST(stop_ends_every_wait),
		TEST(nobody_waits_once_the_stop_began),
		TEST(short_and_long_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Long polls: no change is missed, whenever it comes; each wait ends once, for one reason. */
#include "api/wait.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "api/internal.h"
#include "http/trace.h"
#include "test/unit/common/fixture.h"
#include "test/unit/common/parked.h"

enum { LONG_MS = 20000, SOON_MS = 30, WAITERS = 4 };

SQL(note_read, "SELECT value FROM meta WHERE key = $1");
SQL(note_write, "INSERT INTO meta (key, value) VALUES ($1, '1') ON CONFLICT (key) DO UPDATE SET value = CAST(value AS bigint) + 1");

struct place;
typedef void between_fn(struct place *p);

struct place {
	struct fixture *f;
	_Atomic(between_fn *) between; /* called once behind the next op_watch() */
	_Atomic int watching;
};

static struct place *place_of(struct op *op)
{
	return (struct place *)(uintptr_t)op->app->running;
}

/* ---- routes: wait until a topic's number is above one; raise it; end its waits; raise it, but fail ---- */

static err read_number(struct op *op, struct slice topic, int64_t *ret_number)
{
	struct rows r;
	struct error e = sql_one(op_reader(op), &note_read, ARGS(v_text(topic)), &r);

	*ret_number = 0;
	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	IGNORE(slice_i64(col_text(&r, 0), ret_number));
	return sql_close(&r);
}

static void watch(struct op *op)
{
	struct place *p = place_of(op);
	between_fn *between;

	op_watch(op, &op->path_id[0]);
	atomic_fetch_add(&p->watching, 1);
	between = atomic_exchange(&p->between, NULL);
	if (between)
		between(p);
}

static err answer(struct op *op, int64_t number)
{
	static const char *const words[] = { "at once", "woken", "timed out", "replaced" };

	op_answer(op, 200, NULL, arena_printf(op->arena, "{\"number\":%lld,\"end\":\"%s\",\"now\":%lld}", (long long)number, words[op->woken],
		(long long)op->now));
	return OK;
}

static struct error wait_prepare(struct op *op)
{
	int64_t number, above, ms;
	struct slice rest = op->path[2];

	TRY(slice_i64(op->path[1], &above));
	TRY(slice_i64(rest, &ms));
	if (op->woken == NOT_WOKEN)
		watch(op);
	TRY(read_number(op, uuid_text(op->arena, &op->path_id[0]), &number));
	if (number <= above && op->woken == NOT_WOKEN) {
		op_wait(op, ms);
		return OK;
	}
	return answer(op, number);
}

static struct error raise_apply(struct op *op, struct tx *tx)
{
	op_wake_after_commit(op, tx, &op->path_id[0]);
	return sql_run(tx, &note_write, ARGS(v_text(uuid_text(op->arena, &op->path_id[0]))), NULL);
}

static struct error break_apply(struct op *op, struct tx *tx)
{
	TRY(raise_apply(op, tx));
	return FAIL(UNAVAILABLE);
}

static struct error end_prepare(struct op *op)
{
	op_end_waits(op, &op->path_id[0]);
	return answer(op, 0);
}

static struct error end_and_wait_prepare(struct op *op)
{
	if (op->woken != NOT_WOKEN)
		return answer(op, 0);
	watch(op);
	op_end_waits(op, &op->path_id[0]);
	op_wait(op, SOON_MS);
	return OK;
}

#define OPEN PUBLIC, NO_RATE, .flags = NO_ACCOUNT | EMPTY_BODY_OK

static const struct route routes[] = {
	{ HTTP_GET, "/wait/{topic}/{above:text}/{ms:text}", OPEN, OP(.prepare = wait_prepare) },
	{ HTTP_POST, "/raise/{topic}", OPEN, OP(.apply = raise_apply) },
	{ HTTP_POST, "/break/{topic}", OPEN, OP(.apply = break_apply) },
	{ HTTP_POST, "/end/{topic}", OPEN, OP(.prepare = end_prepare) },
	{ HTTP_POST, "/end-and-wait/{topic}", OPEN, OP(.prepare = end_and_wait_prepare) },
};
static const struct route_table table = { .base = "", .title = "Waits", .routes = routes, .n = COUNT(routes) };

/* ---- asking ---- */

#define TOPIC "00000000-0000-4000-8000-000000000001"
#define OTHER "00000000-0000-4000-8000-0000ff000002"
#define NEIGHBOUR "00000000-0000-4000-8000-000100000001" /* shares TOPIC's counters */

struct told {
	int status;
	char body[128];
};

static struct told ask(struct place *p, enum http_method method, const char *path)
{
	struct http_request req = { .method = (int)method, .path = slice_text(path), .peer = S("192.0.2.1") };
	struct told told;

	arena_init(&req.arena);
	trace_begin(&req, p->f->app.env);
	parked_run(api_handler(p->f->api), &req);
	told.status = req.reply.status;
	snprintf(told.body, sizeof(told.body), "%.*s", FMT(req.reply.body));
	arena_free(&req.arena);
	return told;
}

static void assert_told(struct told told, const char *end)
{
	if (told.status != 200 || !strstr(told.body, end))
		fail_msg("%d %s instead of %s", told.status, told.body, end);
}

static void raise_topic(struct place *p)
{
	ask(p, HTTP_POST, "/raise/" TOPIC);
}

static void raise_other(struct place *p)
{
	ask(p, HTTP_POST, "/raise/" OTHER);
}

static void end_topic(struct place *p)
{
	ask(p, HTTP_POST, "/end/" TOPIC);
}

/* A thread that waits; its answer when it is joined. */
struct waiter {
	struct place *p;
	const char *path;
	pthread_t thread;
	struct told told;
};

static void *run_waiter(void *arg)
{
	struct waiter *w = arg;

	w->told = ask(w->p, strncmp(w->path, "/wait", 5) == 0 ? HTTP_GET : HTTP_POST, w->path);
	return NULL;
}

/* Once it watches; whether it waits already is left open. */
static void waiter_start(struct waiter *w, struct place *p, const char *path)
{
	int before = atomic_load(&p->watching);

	*w = (struct waiter){ .p = p, .path = path };
	assert_int_equal(pthread_create(&w->thread, NULL, run_waiter, w), 0);
	while (atomic_load(&p->watching) == before)
		usleep(200);
}

static struct told waiter_end(struct waiter *w)
{
	pthread_join(w->thread, NULL);
	return w->told;
}

static int setup(void **state)
{
	static const struct route_table *const tables[] = { &table };
	struct place *p = xalloc(sizeof(*p));

	p->f = fixture_new(&(struct fixture_options){ .system_env = true });
	p->f->app.running = (struct running *)(uintptr_t)p;
	fixture_serve(p->f, tables, 1, NULL);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	fixture_free(p->f);
	free(p);
	return 0;
}

/* ---- a change ---- */

static void change_while_waiting_wakes(void **state)
{
	struct waiter w;

	waiter_start(&w, *state, "/wait/" TOPIC "/0/20000");
	usleep(SOON_MS * 1000);
	raise_topic(*state);
	assert_told(waiter_end(&w), "\"number\":1,\"end\":\"woken\"");
}

static void change_between_looking_and_waiting_is_not_missed(void **state)
{
	struct place *p = *state;

	/* Behind op_watch() and in front of the reading: it may answer at once. */
	p->between = raise_topic;
	assert_told(ask(p, HTTP_GET, "/wait/" TOPIC "/0/20000"), "\"number\":1");
	/* A change that does not suffice wakes all the same, and the truth is read again. */
	p->between = raise_topic;
	assert_told(ask(p, HTTP_GET, "/wait/" TOPIC "/9/20000"), "\"number\":2,\"end\":\"woken\"");
}

static void change_of_another_topic_wakes_nobody(void **state)
{
	struct place *p = *state;

	p->between = raise_other;
	assert_told(ask(p, HTTP_GET, "/wait/" TOPIC "/0/30"), "\"number\":0,\"end\":\"timed out\"");
}

static void neighbour_among_the_waiting_sleeps_on(void **state)
{
	struct waiter w;

	waiter_start(&w, *state, "/wait/" NEIGHBOUR "/0/150");
	usleep(SOON_MS * 1000);
	raise_topic(*state);
	assert_told(waiter_end(&w), "timed out");
}

static void change_that_fails_wakes_nobody(void **state)
{
	struct waiter w;

	waiter_start(&w, *state, "/wait/" TOPIC "/0/150");
	usleep(SOON_MS * 1000);
	assert_int_equal(ask(*state, HTTP_POST, "/break/" TOPIC).status, 503);
	assert_told(waiter_end(&w), "\"number\":0,\"end\":\"timed out\"");
}

static void all_who_wait_are_woken(void **state)
{
	struct waiter w[WAITERS];

	for (int i = 0; i < WAITERS; i++)
		waiter_start(&w[i], *state, "/wait/" TOPIC "/0/20000");
	usleep(SOON_MS * 1000);
	raise_topic(*state);
	for (int i = 0; i < WAITERS; i++)
		assert_told(waiter_end(&w[i]), "\"number\":1");
}

/* ---- time ---- */

static void time_ends_a_wait(void **state)
{
	struct place *p = *state;
	int64_t before = env_mono_ms(p->f->app.env), took;

	assert_told(ask(p, HTTP_GET, "/wait/" TOPIC "/0/50"), "timed out");
	took = env_mono_ms(p->f->app.env) - before;
	assert_in_range(took, 50, 5000);
}

static void no_time_is_no_wait(void **state)
{
	assert_told(ask(*state, HTTP_GET, "/wait/" TOPIC "/0/0"), "timed out");
}

/* The timer sleeps towards the first: a later one that ends sooner must move it. */
static void sooner_end_of_a_later_wait(void **state)
{
	struct place *p = *state;
	struct waiter w;
	int64_t before;

	waiter_start(&w, p, "/wait/" TOPIC "/0/20000");
	usleep(SOON_MS * 1000);
	before = env_mono_ms(p->f->app.env);
	assert_told(ask(p, HTTP_GET, "/wait/" OTHER "/0/50"), "timed out");
	assert_in_range(env_mono_ms(p->f->app.env) - before, 50, 5000);
	raise_topic(p);
	assert_told(waiter_end(&w), "woken");
}

static void answer_has_the_time_of_the_answer(void **state)
{
	struct place *p = *state;
	int64_t before = env_now_ms(p->f->app.env), now = 0;
	struct told told = ask(p, HTTP_GET, "/wait/" TOPIC "/0/60");

	must(slice_i64(slice_of(strstr(told.body, "now\":") + 5, 13), &now));
	assert_true(now >= before + 50);
}

/* ---- being replaced ---- */

static void whoever_waits_can_be_replaced(void **state)
{
	struct waiter w;

	waiter_start(&w, *state, "/wait/" TOPIC "/0/20000");
	usleep(SOON_MS * 1000);
	end_topic(*state);
	assert_told(waiter_end(&w), "replaced");
}

static void so_can_whoever_is_about_to_wait(void **state)
{
	struct place *p = *state;

	p->between = end_topic;
	assert_told(ask(p, HTTP_GET, "/wait/" TOPIC "/0/20000"), "replaced");
}

static void replacing_does_not_end_ones_own_wait(void **state)
{
	assert_told(ask(*state, HTTP_POST, "/end-and-wait/" TOPIC), "timed out");
}

static void of_several_in_turn_the_last_one_waits(void **state)
{
	struct waiter w[WAITERS];

	for (int i = 0; i < WAITERS; i++)
		waiter_start(&w[i], *state, "/end-and-wait/" TOPIC);
	for (int i = 0; i < WAITERS - 1; i++)
		waiter_end(&w[i]);
	assert_told(waiter_end(&w[WAITERS - 1]), "timed out");
}

/* ---- the end ---- */

static void end_of_all_waits_is_at_once_and_for_good(void **state)
{
	struct place *p = *state;
	struct waiter w;

	waiter_start(&w, p, "/wait/" TOPIC "/0/20000");
	usleep(SOON_MS * 1000);
	api_end_waits(p->f->api);
	assert_told(waiter_end(&w), "timed out");
	assert_told(ask(p, HTTP_GET, "/wait/" TOPIC "/0/20000"), "timed out");
}

static void without_a_server_nobody_waits(void **state)
{
	struct place *p = *state;
	int64_t before = env_mono_ms(p->f->app.env);

	assert_status(fixture_request(p->f, &(struct from){ .local = false }, HTTP_GET, "/wait/" TOPIC "/0/20000", NULL), 200);
	assert_true(env_mono_ms(p->f->app.env) - before < LONG_MS / 2);
}

/* ---- under fire: whoever waits for the next number always gets it ---- */

struct chase {
	struct place *p;
	int rounds;
	bool lost;
	pthread_t thread;
};

static void *chase(void *arg)
{
	struct chase *c = arg;
	char path[96];

	for (int i = 0; i < c->rounds && !c->lost; i++) {
		struct told told;

		snprintf(path, sizeof(path), "/wait/" TOPIC "/%d/%d", i, LONG_MS);
		told = ask(c->p, HTTP_GET, path);
		c->lost = told.status != 200 || strstr(told.body, "timed out");
		/* A wake-up may come for a number already seen. */
		if (strtol(strstr(told.body, "number\":") + 8, NULL, 10) <= i)
			i--;
	}
	return NULL;
}

static void nobody_misses_a_change(void **state)
{
	struct place *p = *state;
	int rounds = getenv("LONG") ? 2000 : 100;
	struct chase chases[WAITERS];

	for (int i = 0; i < WAITERS; i++) {
		chases[i] = (struct chase){ .p = p, .rounds = rounds };
		assert_int_equal(pthread_create(&chases[i].thread, NULL, chase, &chases[i]), 0);
	}
	for (int i = 0; i < rounds; i++) {
		raise_topic(p);
		raise_other(p);
		usleep((unsigned)(i * 37 % 400));
	}
	for (int i = 0; i < WAITERS; i++) {
		pthread_join(chases[i].thread, NULL);
		assert_false(chases[i].lost);
	}
}

#define WAIT_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WAIT_TEST(change_while_waiting_wakes),
		WAIT_TEST(change_between_looking_and_waiting_is_not_missed),
		WAIT_TEST(change_of_another_topic_wakes_nobody),
		WAIT_TEST(neighbour_among_the_waiting_sleeps_on),
		WAIT_TEST(change_that_fails_wakes_nobody),
		WAIT_TEST(all_who_wait_are_woken),
		WAIT_TEST(time_ends_a_wait),
		WAIT_TEST(no_time_is_no_wait),
		WAIT_TEST(sooner_end_of_a_later_wait),
		WAIT_TEST(answer_has_the_time_of_the_answer),
		WAIT_TEST(whoever_waits_can_be_replaced),
		WAIT_TEST(so_can_whoever_is_about_to_wait),
		WAIT_TEST(replacing_does_not_end_ones_own_wait),
		WAIT_TEST(of_several_in_turn_the_last_one_waits),
		WAIT_TEST(end_of_all_waits_is_at_once_and_for_good),
		WAIT_TEST(without_a_server_nobody_waits),
		WAIT_TEST(nobody_misses_a_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

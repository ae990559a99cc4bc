#include "tests/unit/api/waits.h"

#include <stdio.h>
#include <unistd.h>

#include "api/internal.h"
#include "api/wait.h"
#include "http/trace.h"
#include "tests/unit/common/parked.h"

SQL(note_read, "SELECT value FROM meta WHERE key = $1");
SQL(note_write, "INSERT INTO meta (key, value) VALUES ($1, '1') ON CONFLICT (key) DO UPDATE SET value = CAST(value AS bigint) + 1");

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

struct told ask(struct place *p, enum http_method method, const char *path)
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

void assert_told(struct told told, const char *end)
{
	if (told.status != 200 || !strstr(told.body, end))
		fail_msg("%d %s instead of %s", told.status, told.body, end);
}

void raise_topic(struct place *p)
{
	ask(p, HTTP_POST, "/raise/" TOPIC);
}

void raise_other(struct place *p)
{
	ask(p, HTTP_POST, "/raise/" OTHER);
}

void end_topic(struct place *p)
{
	ask(p, HTTP_POST, "/end/" TOPIC);
}

static void *run_waiter(void *arg)
{
	struct waiter *w = arg;

	w->told = ask(w->p, strncmp(w->path, "/wait", 5) == 0 ? HTTP_GET : HTTP_POST, w->path);
	return NULL;
}

void waiter_start(struct waiter *w, struct place *p, const char *path)
{
	int before = atomic_load(&p->watching);

	*w = (struct waiter){ .p = p, .path = path };
	assert_int_equal(pthread_create(&w->thread, NULL, run_waiter, w), 0);
	while (atomic_load(&p->watching) == before)
		usleep(200);
}

struct told waiter_end(struct waiter *w)
{
	pthread_join(w->thread, NULL);
	return w->told;
}

int setup_waits(void **state)
{
	static const struct route_table *const tables[] = { &table };
	struct place *p = xalloc(sizeof(*p));

	p->f = fixture_new(&(struct fixture_options){ .system_env = true });
	p->f->app.running = (struct running *)(uintptr_t)p;
	fixture_serve(p->f, tables, 1, NULL);
	*state = p;
	return 0;
}

int free_waits(void **state)
{
	struct place *p = *state;

	fixture_free(p->f);
	free(p);
	return 0;
}

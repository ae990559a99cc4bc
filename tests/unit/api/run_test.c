/* From prepare to reply: what runs, how often, and what a loser of a race gets to hear. */
#include <stdlib.h>

#include "things.h"

SQL(meta_add, "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = $2");
SQL(meta_count, "SELECT count(*) FROM meta WHERE key LIKE 'run-%'");

/* What the operations are to do, and what they did. */
struct script {
	struct fixture *f;
	int prepared, applied, replied;
	int stale;          /* so often is the apply too late */
	bool fail_apply, fail_reply;
	bool own_is_zeroed; /* at the first prepare */
	bool reader_was_there;
};

/* The tests of this file find their script behind a pointer of the app that the operations here have no other use for. */
static struct script *script_of(struct op *op)
{
	return (struct script *)op->app->running;
}

struct scratch {
	int number;
};

static struct error prepare_scripted(struct op *op)
{
	struct script *s = script_of(op);
	struct scratch *own = op_own(op, struct scratch);

	if (s->prepared++ == 0)
		s->own_is_zeroed = own->number == 0;
	own->number++;
	s->reader_was_there |= op->reader != NULL;
	op_reader(op);
	op->out = arena_new(op->arena, struct thing);
	*(struct thing *)op->out = (struct thing){ .name = arena_printf(op->arena, "try %d", own->number) };
	return OK;
}

static struct error apply_scripted(struct op *op, struct tx *tx)
{
	struct script *s = script_of(op);
	struct slice key = arena_printf(op->arena, "run-%d", s->applied);

	s->applied++;
	TRY(sql_run(tx, &meta_add, ARGS(v_text(key), v_text(S("x"))), NULL));
	ENSURE(s->applied > s->stale, STALE);
	ENSURE(!s->fail_apply, USER_EXISTS);
	return OK;
}

static struct error reply_scripted(struct op *op)
{
	struct script *s = script_of(op);

	s->replied++;
	ENSURE(!s->fail_reply, INTERNAL);
	return OK;
}

static struct error prepare_unchanged(struct op *op)
{
	op->unchanged = true;
	return prepare_scripted(op);
}

static struct error prepare_answers(struct op *op)
{
	op_answer(op, 200, "text/plain", S("early"));
	return OK;
}

static struct error prepare_fails(struct op *op)
{
	op_reader(op);
	return FAIL(USER_EXISTS);
}

static const struct route rows[] = {
	{ HTTP_POST, "/all", PUBLIC, NO_RATE, OUT(thing),
		OP(.prepare = prepare_scripted, .apply = apply_scripted, .reply = reply_scripted) },
	{ HTTP_POST, "/unchanged", PUBLIC, NO_RATE, OUT(thing),
		OP(.prepare = prepare_unchanged, .apply = apply_scripted, .reply = reply_scripted) },
	{ HTTP_POST, "/early", PUBLIC, NO_RATE, OP(.prepare = prepare_answers, .apply = apply_scripted, .reply = reply_scripted) },
	{ HTTP_POST, "/failing", PUBLIC, NO_RATE, OP(.prepare = prepare_fails, .apply = apply_scripted, .reply = reply_scripted) },
	{ HTTP_POST, "/apply", PUBLIC, NO_RATE, OP(.apply = apply_scripted) },
	{ HTTP_GET, "/read", PUBLIC, NO_RATE, OUT(thing), OP(.prepare = prepare_scripted) },
};
static const struct route_table table = { .base = "", .routes = rows, .n = COUNT(rows) };

static int setup(void **state)
{
	static const struct route_table *const tables[] = { &table };
	struct script *s = xalloc(sizeof(*s));

	s->f = fixture_new(NULL);
	s->f->app.running = (struct running *)s;
	fixture_serve(s->f, tables, COUNT(tables), NULL);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct script *s = *state;

	fixture_free(s->f);
	free(s);
	return 0;
}

static struct answer run(struct script *s, enum http_method method, const char *target)
{
	return fixture_request(s->f, &(struct from){ 0 }, method, target, NULL);
}

static void assert_ran(const struct script *s, int prepared, int applied, int replied)
{
	assert_int_equal(s->prepared, prepared);
	assert_int_equal(s->applied, applied);
	assert_int_equal(s->replied, replied);
}

static void each_step_runs_once(void **state)
{
	struct script *s = *state;

	assert_string_equal(text_of(run(s, HTTP_POST, "/all"), "name"), "try 1");
	assert_ran(s, 1, 1, 1);
	assert_int_equal(fixture_number(s->f, &meta_count), 1);
}

static void steps_that_are_not_there_are_left_out(void **state)
{
	struct script *s = *state;

	assert_status(run(s, HTTP_POST, "/apply"), 204);
	assert_ran(s, 0, 1, 0);
	assert_status(run(s, HTTP_GET, "/read"), 200);
	assert_ran(s, 1, 1, 0);
}

static void apply_is_left_out_when_nothing_changed(void **state)
{
	struct script *s = *state;

	assert_status(run(s, HTTP_POST, "/unchanged"), 200);
	assert_ran(s, 1, 0, 1);
	assert_int_equal(store_counts(s->f->app.store).jobs, 0);
}

static void answer_in_prepare_is_the_last_word(void **state)
{
	struct script *s = *state;

	assert_slice_equal(run(s, HTTP_POST, "/early").text, S("early"));
	assert_ran(s, 0, 0, 0);
}

static void failure_in_prepare_ends_it(void **state)
{
	struct script *s = *state;

	assert_problem(run(s, HTTP_POST, "/failing"), 409, "user_entity_already_exists");
	assert_ran(s, 0, 0, 0);
}

/* All readers are lent out at once only if one was not given back. */
static void reader_is_given_back_on_every_way_out(void **state)
{
	struct script *s = *state;

	for (int i = 0; i < 10; i++) {
		run(s, HTTP_POST, "/failing");
		run(s, HTTP_POST, "/all");
		run(s, HTTP_GET, "/read");
	}
	assert_false(s->reader_was_there);
}

static void failure_in_apply_leaves_nothing(void **state)
{
	struct script *s = *state;

	s->fail_apply = true;
	assert_problem(run(s, HTTP_POST, "/all"), 409, "user_entity_already_exists");
	assert_int_equal(s->replied, 0);
	assert_int_equal(fixture_number(s->f, &meta_count), 0);
}

static void failure_in_reply_is_told(void **state)
{
	struct script *s = *state;

	s->fail_reply = true;
	assert_problem(run(s, HTTP_POST, "/all"), 500, "internal_error");
}

/* ---- the loser of a race ---- */

static void prepare_and_apply_run_again(void **state)
{
	struct script *s = *state;

	s->stale = 3;
	assert_string_equal(text_of(run(s, HTTP_POST, "/all"), "name"), "try 4");
	assert_ran(s, 4, 4, 1);
}

static void tries_that_came_too_late_leave_nothing(void **state)
{
	struct script *s = *state;

	s->stale = 3;
	run(s, HTTP_POST, "/all");
	assert_int_equal(fixture_number(s->f, &meta_count), 1);
}

static void last_try_that_is_granted(void **state)
{
	struct script *s = *state;

	s->stale = STALE_TRIES_MAX - 1;
	assert_status(run(s, HTTP_POST, "/all"), 200);
	assert_int_equal(s->applied, STALE_TRIES_MAX);
}

static void one_try_too_many(void **state)
{
	struct script *s = *state;

	s->stale = STALE_TRIES_MAX;
	assert_problem(run(s, HTTP_POST, "/all"), 409, "concurrent_request");
	assert_ran(s, STALE_TRIES_MAX, STALE_TRIES_MAX, 0);
	assert_int_equal(fixture_number(s->f, &meta_count), 0);
}

static void tries_are_counted(void **state)
{
	struct script *s = *state;

	s->stale = 3;
	run(s, HTTP_POST, "/all");
	assert_int_equal(metric_get(&s->f->metrics, METRIC_operations_retried_total), 3);
}

static void scratch_is_zeroed_once_and_kept(void **state)
{
	struct script *s = *state;

	s->stale = 1;
	assert_string_equal(text_of(run(s, HTTP_POST, "/all"), "name"), "try 2");
	assert_true(s->own_is_zeroed);
}

/* ---- no route ---- */

static void unknown_path(void **state)
{
	assert_problem(run(*state, HTTP_GET, "/nothing"), 404, "not_found");
}

static void wrong_method(void **state)
{
	struct answer answer = run(*state, HTTP_DELETE, "/read");

	assert_problem(answer, 405, "method_not_allowed");
	assert_string_equal(answer_header(&answer, "Allow"), "GET, HEAD");
}

static void method_that_no_route_has(void **state)
{
	struct answer answer = run(*state, (enum http_method)HTTP_OTHER, "/all");

	assert_problem(answer, 405, "method_not_allowed");
	assert_string_equal(answer_header(&answer, "Allow"), "POST");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_step_runs_once),
		TEST(steps_that_are_not_there_are_left_out),
		TEST(apply_is_left_out_when_nothing_changed),
		TEST(answer_in_prepare_is_the_last_word),
		TEST(failure_in_prepare_ends_it),
		TEST(reader_is_given_back_on_every_way_out),
		TEST(failure_in_apply_leaves_nothing),
		TEST(failure_in_reply_is_told),
		TEST(prepare_and_apply_run_again),
		TEST(tries_that_came_too_late_leave_nothing),
		TEST(last_try_that_is_granted),
		TEST(one_try_too_many),
		TEST(tries_are_counted),
		TEST(scratch_is_zeroed_once_and_kept),
		TEST(unknown_path),
		TEST(wrong_method),
		TEST(method_that_no_route_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

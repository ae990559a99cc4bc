/* Hooks that jobs ask for: called once after the commit, before any job is told. */
#include "tests/unit/store/jobs.h"

struct watch {
	struct store_hook hook;
	struct fixture *f;
	int calls;
	int64_t things_then;
	int told_then;
	struct plan *plan;
};

static struct watch *asked; /* by the jobs of the test that runs */

static void watch_fn(void *ctx)
{
	struct watch *w = ctx;

	w->calls++;
	w->things_then = things(w->f);
	w->told_then = atomic_load(&w->plan->told);
}

static struct error adds_and_asks(struct job *job, struct tx *tx)
{
	tx_after_commit(tx, &asked->hook);
	return add_thing(tx, job->id);
}

static struct error asks_and_fails_late(struct job *job, struct tx *tx)
{
	TRY(adds_and_asks(job, tx));
	return FAIL(USER_LOCKED);
}

static struct error asks_and_fails_at_once(struct job *job, struct tx *tx)
{
	(void)job;
	tx_after_commit(tx, &asked->hook);
	return FAIL(USER_LOCKED);
}

static void watch_batch(struct fixture *f, struct watch *w, struct plan *plan, struct job *jobs, int n)
{
	*w = (struct watch){ .hook = { .fn = watch_fn, .ctx = w }, .f = f, .plan = plan };
	asked = w;
	run_as_batch(f->s, plan, jobs, n);
}

static void hook_runs_once_after_the_commit_and_before_any_is_told(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct watch w;
	struct job jobs[3] = {
		job_of(&plan, adds_and_asks, 1), job_of(&plan, job_adds, 2), job_of(&plan, adds_and_asks, 3) };

	watch_batch(f, &w, &plan, jobs, 3);
	assert_int_equal(w.calls, 1);
	assert_int_equal(w.things_then, 3);
	assert_int_equal(w.told_then, 0);
}

static void hook_runs_again_for_the_next_batch(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 }, next = { 0 };
	struct watch w;
	struct job first = job_of(&plan, adds_and_asks, 1), second = job_of(&next, adds_and_asks, 2);

	watch_batch(f, &w, &plan, &first, 1);
	run_as_batch(f->s, &next, &second, 1);
	assert_int_equal(w.calls, 2);
}

static void hook_of_a_repeated_batch_runs_once(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct watch w;
	struct job jobs[2] = { job_of(&plan, adds_and_asks, 1), job_of(&plan, job_adds_and_fails, 2) };

	watch_batch(f, &w, &plan, jobs, 2);
	assert_int_equal(w.calls, 1);
}

static void hook_of_a_job_that_failed_late_does_not_run(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct watch w;
	struct job jobs[2] = { job_of(&plan, job_adds, 1), job_of(&plan, asks_and_fails_late, 2) };

	watch_batch(f, &w, &plan, jobs, 2);
	assert_int_equal(w.calls, 0);
	assert_false(w.hook.queued);
}

static void hook_of_a_job_that_failed_at_once_does_not_run(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct watch w;
	struct job jobs[2] = { job_of(&plan, job_adds, 1), job_of(&plan, asks_and_fails_at_once, 2) };

	watch_batch(f, &w, &plan, jobs, 2);
	assert_int_equal(w.calls, 0);
	assert_false(w.hook.queued);
}

static void hook_that_another_job_asked_for_runs_in_spite_of_a_failed_one(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct watch w;
	struct job jobs[2] = { job_of(&plan, asks_and_fails_at_once, 2), job_of(&plan, adds_and_asks, 1) };

	watch_batch(f, &w, &plan, jobs, 2);
	assert_int_equal(w.calls, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_STORE(hook_runs_once_after_the_commit_and_before_any_is_told),
		IN_STORE(hook_runs_again_for_the_next_batch),
		IN_STORE(hook_of_a_repeated_batch_runs_once),
		IN_STORE(hook_of_a_job_that_failed_late_does_not_run),
		IN_STORE(hook_of_a_job_that_failed_at_once_does_not_run),
		IN_STORE(hook_that_another_job_asked_for_runs_in_spite_of_a_failed_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

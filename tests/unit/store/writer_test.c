#include "tests/unit/store/jobs.h"

/* ---- a batch ---- */

static void jobs_that_queued_together_are_committed_once(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct job jobs[100];
	int64_t before = store_counts(f->s).commits;

	for (int i = 0; i < 100; i++)
		jobs[i] = job_of(&plan, job_adds, i);
	run_as_batch(f->s, &plan, jobs, 100);
	assert_int_equal(store_counts(f->s).commits - before, 1);
	assert_int_equal(things(f), 100);
}

static void batch_has_no_more_jobs_than_allowed(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct job jobs[100];
	int64_t before;

	f->config.batch_jobs_max = 10;
	fixture_reopen(f);
	before = store_counts(f->s).commits;
	for (int i = 0; i < 100; i++)
		jobs[i] = job_of(&plan, job_adds, i);
	run_as_batch(f->s, &plan, jobs, 100);
	assert_int_equal(store_counts(f->s).commits - before, 10);
}

static void jobs_are_told_in_the_order_of_submission(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct job jobs[300];

	for (int i = 0; i < 300; i++)
		jobs[i] = job_of(&plan, job_adds, i);
	run_as_batch(f->s, &plan, jobs, 300);
	for (int i = 0; i < 300; i++)
		assert_int_equal(jobs[i].told_as, i);
}

static void who_lost_more_often_goes_first(void **state)
{
	static const int lost[] = { 0, 2, 0, 1, 2, 0, 15, 1 }, wanted[] = { 5, 1, 6, 3, 2, 7, 0, 4 };
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct job jobs[8];

	for (int i = 0; i < 8; i++) {
		jobs[i] = job_of(&plan, job_adds, i);
		jobs[i].job.lost = lost[i];
	}
	run_as_batch(f->s, &plan, jobs, 8);
	for (int i = 0; i < 8; i++)
		assert_int_equal(jobs[i].told_as, wanted[i]);
	assert_int_equal(things(f), 8);
}

static struct error adds_what_comes_next(struct job *job, struct tx *tx)
{
	job->id = count_in(tx) + 1;
	return add_thing(tx, job->id);
}

static void job_sees_what_earlier_ones_of_its_batch_did(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct job jobs[50];

	for (int i = 0; i < 50; i++)
		jobs[i] = job_of(&plan, adds_what_comes_next, 0);
	run_as_batch(f->s, &plan, jobs, 50);
	for (int i = 0; i < 50; i++)
		assert_int_equal(jobs[i].id, i + 1);
}

/* ---- jobs that fail ---- */

static void job_that_fails_late_leaves_nothing_and_disturbs_none(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct job jobs[3] = {
		job_of(&plan, job_adds, 1), job_of(&plan, job_adds_and_fails, 2), job_of(&plan, job_adds, 3) };

	run_as_batch(f->s, &plan, jobs, 3);
	assert_ok(jobs[0].result);
	assert_err(jobs[1].result, USER_LOCKED);
	assert_ok(jobs[2].result);
	assert_int_equal(store_counts(f->s).repeats, 1);
	assert_int_equal(things(f), 2);
}

static void lone_job_that_fails_late_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct job job = job_of(&plan, job_adds_and_fails, 2);

	run_as_batch(f->s, &plan, &job, 1);
	assert_err(job.result, USER_LOCKED);
	assert_int_equal(job.applied, 1);
	assert_int_equal(things(f), 0);
}

static void batch_in_which_all_fail_late_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct job jobs[20];

	for (int i = 0; i < 20; i++)
		jobs[i] = job_of(&plan, job_adds_and_fails, i);
	run_as_batch(f->s, &plan, jobs, 20);
	for (int i = 0; i < 20; i++)
		assert_err(jobs[i].result, USER_LOCKED);
	assert_int_equal(things(f), 0);
}

static void job_that_fails_before_it_wrote_repeats_nothing(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct job jobs[3] = {
		job_of(&plan, job_adds, 1), job_of(&plan, job_fails_at_once, 0), job_of(&plan, job_adds, 3) };

	run_as_batch(f->s, &plan, jobs, 3);
	assert_err(jobs[1].result, USER_LOCKED);
	assert_int_equal(store_counts(f->s).repeats, 0);
	assert_int_equal(jobs[0].applied, 1);
	assert_int_equal(things(f), 2);
}

static void taken_value_repeats_nothing(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct job jobs[3] = { job_of(&plan, job_adds, 1), job_of(&plan, job_adds, 1), job_of(&plan, job_adds, 2) };

	run_as_batch(f->s, &plan, jobs, 3);
	assert_ok(jobs[0].result);
	assert_err(jobs[1].result, TAKEN);
	assert_ok(jobs[2].result);
	assert_int_equal(store_counts(f->s).repeats, 0);
}

static struct error adds_two(struct job *job, struct tx *tx)
{
	TRY(add_thing(tx, job->id));
	return add_thing(tx, job->id + 1);
}

static void value_taken_at_the_second_write_undoes_the_first(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct job jobs[2] = { job_of(&plan, job_adds, 2), job_of(&plan, adds_two, 1) };

	run_as_batch(f->s, &plan, jobs, 2);
	assert_err(jobs[1].result, TAKEN);
	assert_int_equal(things(f), 1);
}

/* What was taken only by a job that itself failed is free. */
static void value_of_a_failed_job_is_free(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct job jobs[2] = { job_of(&plan, job_adds_and_fails, 1), job_of(&plan, job_adds, 1) };

	run_as_batch(f->s, &plan, jobs, 2);
	assert_err(jobs[0].result, USER_LOCKED);
	assert_ok(jobs[1].result);
	assert_int_equal(things(f), 1);
}

static struct error adds_or_takes_another(struct job *job, struct tx *tx)
{
	struct error e = add_thing(tx, job->id);

	return is_err(e, E_TAKEN) ? add_thing(tx, job->id + 100) : e;
}

static void job_may_go_on_after_a_taken_value(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct job jobs[2] = { job_of(&plan, job_adds, 1), job_of(&plan, adds_or_takes_another, 1) };

	run_as_batch(f->s, &plan, jobs, 2);
	assert_ok(jobs[1].result);
	assert_int_equal(things(f), 2);
}

SQL(writer_list, "SELECT id FROM thing ORDER BY id");

static struct error leaves_rows_open(struct job *job, struct tx *tx)
{
	struct rows r;

	TRY(add_thing(tx, job->id));
	TRY(sql_open(tx, &writer_list, NO_ARGS, &r));
	return rows_next(&r) ? OK : FAIL(INTERNAL);
}

static void rows_left_open_do_not_outlive_their_job(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct job jobs[2] = { job_of(&plan, leaves_rows_open, 1), job_of(&plan, leaves_rows_open, 2) };

	run_as_batch(f->s, &plan, jobs, 2);
	assert_ok(jobs[0].result);
	assert_ok(jobs[1].result);
	assert_int_equal(things(f), 2);
}

/* ---- many submitters ---- */

enum { THREADS = 8, WRITES = 100 };

struct submitter {
	struct fixture *f;
	int number;
	pthread_t thread;
	int failures;
};

static void *submitter_main(void *arg)
{
	struct submitter *who = arg;

	for (int i = 0; i < WRITES; i++) {
		int64_t id = who->number * WRITES + i;

		who->failures += failed(store_write(who->f->s, add_thing_at, &id));
	}
	return NULL;
}

static void many_submitters_share_commits_and_lose_nothing(void **state)
{
	struct fixture *f = *state;
	struct submitter all[THREADS];
	int64_t before = store_counts(f->s).commits;

	for (int i = 0; i < THREADS; i++) {
		all[i] = (struct submitter){ .f = f, .number = i };
		assert_int_equal(pthread_create(&all[i].thread, NULL, submitter_main, &all[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(all[i].thread, NULL);
		assert_int_equal(all[i].failures, 0);
	}
	assert_true(store_counts(f->s).commits - before < THREADS * WRITES);
	assert_int_equal(things(f), THREADS * WRITES);
}

struct chain {
	struct store_job job;
	struct store *s;
	int64_t id;
	sem_t ended;
};

static struct error chain_apply(struct store_job *job, struct tx *tx)
{
	return add_thing(tx, ((struct chain *)job)->id);
}

static void chain_done(struct store_job *job, struct error result)
{
	struct chain *c = (struct chain *)job;

	if (!failed(result) && ++c->id < 100)
		store_submit(c->s, job);
	else
		sem_post(&c->ended);
}

static void done_may_submit_its_job_again(void **state)
{
	struct fixture *f = *state;
	struct chain c = { .job = { .apply = chain_apply, .done = chain_done }, .s = f->s };

	sem_init(&c.ended, 0, 0);
	store_submit(f->s, &c.job);
	sem_wait(&c.ended);
	assert_int_equal(things(f), 100);
}

/* ---- closing ---- */

static void *closer_main(void *arg)
{
	fixture_close(arg);
	return NULL;
}

enum { QUEUED_MAX = 10000 };

static void closing_finishes_what_is_queued_and_refuses_what_comes_after(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct job *jobs = xalloc(QUEUED_MAX * sizeof(*jobs));
	struct store *s = f->s;
	struct gate gate;
	pthread_t closer;
	int n = 0;

	gate_shut(&gate, s);
	assert_int_equal(pthread_create(&closer, NULL, closer_main, f), 0);
	do {
		jobs[n] = job_of(&plan, job_adds, n);
		store_submit(s, &jobs[n].job);
		usleep(100);
	} while (!is_err(jobs[n++].result, E_UNAVAILABLE) && n < QUEUED_MAX);
	sem_post(&gate.open);
	pthread_join(closer, NULL);
	assert_err(jobs[n - 1].result, UNAVAILABLE);
	assert_int_equal(jobs[n - 1].applied, 0);
	assert_int_equal(atomic_load(&plan.told), n);
	assert_ok(fixture_open(f));
	assert_int_equal(things(f), n - 1);
	free(jobs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_STORE(jobs_that_queued_together_are_committed_once), IN_STORE(batch_has_no_more_jobs_than_allowed),
		IN_STORE(jobs_are_told_in_the_order_of_submission), IN_STORE(who_lost_more_often_goes_first),
		IN_STORE(job_sees_what_earlier_ones_of_its_batch_did),
		IN_STORE(job_that_fails_late_leaves_nothing_and_disturbs_none), IN_STORE(lone_job_that_fails_late_leaves_nothing),
		IN_STORE(batch_in_which_all_fail_late_leaves_nothing), IN_STORE(job_that_fails_before_it_wrote_repeats_nothing),
		IN_STORE(taken_value_repeats_nothing), IN_STORE(value_taken_at_the_second_write_undoes_the_first),
		IN_STORE(value_of_a_failed_job_is_free), IN_STORE(job_may_go_on_after_a_taken_value),
		IN_STORE(rows_left_open_do_not_outlive_their_job), IN_STORE(many_submitters_share_commits_and_lose_nothing),
		IN_STORE(done_may_submit_its_job_again),
		IN_STORE(closing_finishes_what_is_queued_and_refuses_what_comes_after),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

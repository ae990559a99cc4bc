/* What the store does when the disk does not do its part. */
#include "tests/unit/store/disk.h"
#include "tests/unit/store/jobs.h"

#include "store/parts.h"

static int well_again(void **state)
{
	atomic_store(&disk.write_errno, 0);
	atomic_store(&disk.sync_errno, 0);
	return fixture_free(state);
}

static void break_writes(enum disk_file which, int error)
{
	atomic_store(&disk.failing, which);
	atomic_store(&disk.write_errno, error);
}

static void break_syncs(enum disk_file which, int error)
{
	atomic_store(&disk.failing, which);
	atomic_store(&disk.sync_errno, error);
}

static void mend(void)
{
	atomic_store(&disk.write_errno, 0);
	atomic_store(&disk.sync_errno, 0);
}

static struct error add(struct fixture *f, int64_t id)
{
	return store_write(f->s, add_thing_at, &id);
}

/* Three jobs, as one batch. */
static void three_adds(struct fixture *f, struct job jobs[3], int64_t first)
{
	struct plan plan = { 0 };

	for (int i = 0; i < 3; i++)
		jobs[i] = job_of(&plan, job_adds, first + i);
	run_as_batch(f->s, &plan, jobs, 3);
}

/* ---- the promise ---- */

struct synced_job {
	struct store_job job;
	int64_t id;
	int unsynced;
	sem_t told;
};

static struct error synced_apply(struct store_job *job, struct tx *tx)
{
	return add_thing(tx, ((struct synced_job *)job)->id);
}

static void synced_done(struct store_job *job, struct error result)
{
	struct synced_job *j = (struct synced_job *)job;

	IGNORE(result); /* the rows are counted at the end */
	j->unsynced = atomic_load(&disk.log_writes_unsynced);
	sem_post(&j->told);
}

static void nothing_is_told_done_before_it_is_synced(void **state)
{
	struct fixture *f = *state;
	int before = atomic_load(&disk.log_syncs);

	for (int i = 0; i < 100; i++) {
		struct synced_job j = { .job = { .apply = synced_apply, .done = synced_done }, .id = i };

		sem_init(&j.told, 0, 0);
		store_submit(f->s, &j.job);
		sem_wait(&j.told);
		assert_int_equal(j.unsynced, 0);
	}
	assert_true(atomic_load(&disk.log_syncs) - before >= 100);
	assert_int_equal(things(f), 100);
}

/* ---- commits that fail ---- */

static void full_disk_is_told_to_every_job_of_the_batch(void **state)
{
	struct fixture *f = *state;
	struct job jobs[3];

	break_writes(DISK_ANY, ENOSPC);
	three_adds(f, jobs, 1);
	for (int i = 0; i < 3; i++)
		assert_err(jobs[i].result, STORAGE_FULL);
	mend();
	assert_int_equal(things(f), 0);
}

static void writes_work_as_soon_as_there_is_space(void **state)
{
	struct fixture *f = *state;
	struct job jobs[3];

	break_writes(DISK_ANY, ENOSPC);
	three_adds(f, jobs, 1);
	mend();
	three_adds(f, jobs, 1);
	for (int i = 0; i < 3; i++)
		assert_ok(jobs[i].result);
	fixture_reopen(f);
	assert_int_equal(things(f), 3);
}

static void reads_work_on_a_full_disk(void **state)
{
	struct fixture *f = *state;

	assert_ok(add(f, 1));
	break_writes(DISK_ANY, ENOSPC);
	assert_err(add(f, 2), STORAGE_FULL);
	assert_int_equal(things(f), 1);
}

static void failed_sync_fails_the_batch_and_nothing_of_it_stays(void **state)
{
	struct fixture *f = *state;
	struct job jobs[3];

	assert_ok(add(f, 100));
	break_syncs(DISK_LOG, EIO);
	three_adds(f, jobs, 1);
	for (int i = 0; i < 3; i++)
		assert_err(jobs[i].result, STORAGE);
	mend();
	assert_int_equal(things(f), 1);
	assert_ok(add(f, 1));
	fixture_reopen(f);
	assert_int_equal(things(f), 2);
}

static atomic_int hook_calls;

static void count_call(void *ctx)
{
	(void)ctx;
	atomic_fetch_add(&hook_calls, 1);
}

static struct store_hook hook = { .fn = count_call };

static struct error adds_with_hook(struct job *job, struct tx *tx)
{
	tx_after_commit(tx, &hook);
	return add_thing(tx, job->id);
}

static void hook_does_not_run_when_the_commit_fails(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 }, next = { 0 };
	struct job job = job_of(&plan, adds_with_hook, 1), again = job_of(&next, adds_with_hook, 1);

	break_writes(DISK_ANY, ENOSPC);
	run_as_batch(f->s, &plan, &job, 1);
	assert_int_equal(atomic_load(&hook_calls), 0);
	mend();
	run_as_batch(f->s, &next, &again, 1);
	assert_int_equal(atomic_load(&hook_calls), 1);
}

/* ---- health ---- */

static void health_tells_and_heals_by_itself(void **state)
{
	struct fixture *f = *state;

	break_writes(DISK_ANY, ENOSPC);
	assert_err(add(f, 1), STORAGE_FULL);
	for (int i = 0; i < 20; i++) {
		assert_err(store_health(f->s), STORAGE_FULL);
		usleep(2000);
	}
	mend();
	for (int i = 0; i < 1000 && failed(store_health(f->s)); i++)
		usleep(5000);
	assert_ok(store_health(f->s));
}

static void job_that_writes_nothing_does_not_make_the_store_look_well(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct job job = job_of(&plan, job_fails_at_once, 0);

	break_writes(DISK_ANY, ENOSPC);
	assert_err(add(f, 1), STORAGE_FULL);
	run_as_batch(f->s, &plan, &job, 1);
	assert_err(store_health(f->s), STORAGE_FULL);
}

static void job_whose_writes_were_undone_does_not_make_the_store_look_well(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct job job = job_of(&plan, job_adds_and_fails, 1);

	break_writes(DISK_ANY, ENOSPC);
	assert_err(add(f, 1), STORAGE_FULL);
	run_as_batch(f->s, &plan, &job, 1);
	assert_err(job.result, USER_LOCKED);
	assert_err(store_health(f->s), STORAGE_FULL);
}

/* ---- a statement that meets the full disk, before the commit does ---- */

static void limit_pages(struct fixture *f, int more)
{
	int64_t pages;
	char text[64];

	assert_ok(tx_number(&f->s->writer.tx, "PRAGMA page_count", &pages));
	snprintf(text, sizeof(text), "PRAGMA max_page_count = %lld", (long long)pages + more);
	assert_ok(tx_exec(&f->s->writer.tx, text));
}

SQL(disk_large, "INSERT INTO thing (id, note) VALUES ($1, zeroblob(1000000))");

static struct error adds_much(struct job *job, struct tx *tx)
{
	return sql_run(tx, &disk_large, ARGS(v_int(job->id)), NULL);
}

static struct error adds_much_and_shrugs(struct job *job, struct tx *tx)
{
	IGNORE(adds_much(job, tx)); /* what this test is about */
	return OK;
}

static void job_too_large_for_the_disk_is_told_and_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct job jobs[3] = { job_of(&plan, job_adds, 1), job_of(&plan, adds_much, 2), job_of(&plan, job_adds, 3) };
	int64_t kept;

	limit_pages(f, 20);
	run_as_batch(f->s, &plan, jobs, 3);
	assert_err(jobs[1].result, STORAGE_FULL);
	kept = !failed(jobs[0].result) + !failed(jobs[2].result);
	assert_int_equal(things(f), kept);
	assert_ok(add(f, 4));
	assert_int_equal(things(f), kept + 1);
}

static void error_that_a_job_shrugs_off_is_told_all_the_same(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct job job = job_of(&plan, adds_much_and_shrugs, 1);

	limit_pages(f, 20);
	run_as_batch(f->s, &plan, &job, 1);
	assert_err(job.result, STORAGE_FULL);
	assert_int_equal(things(f), 0);
}

/* More than the writer's cache holds, so that pages go to the log before the commit. */
static void large_batch_that_meets_the_full_disk_half_way_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };
	struct job jobs[20];

	for (int i = 0; i < 20; i++)
		jobs[i] = job_of(&plan, adds_much, i);
	break_writes(DISK_LOG, ENOSPC);
	run_as_batch(f->s, &plan, jobs, 20);
	mend();
	for (int i = 0; i < 20; i++)
		assert_err(jobs[i].result, STORAGE_FULL);
	assert_int_equal(things(f), 0);
	assert_ok(add(f, 1));
}

/* ---- other places ---- */

static void checkpoint_that_fails_loses_nothing(void **state)
{
	struct fixture *f = *state;
	struct plan plan = { 0 };

	break_writes(DISK_DATABASE, ENOSPC);
	for (int i = 0; i < 20; i++) {
		struct job job = job_of(&plan, adds_much, i);

		plan = (struct plan){ 0 };
		run_as_batch(f->s, &plan, &job, 1);
		assert_ok(job.result);
	}
	assert_int_equal(things(f), 20);
	mend();
	fixture_reopen(f);
	assert_int_equal(things(f), 20);
}

static void backup_to_a_full_disk_leaves_no_file(void **state)
{
	struct fixture *f = *state;
	char path[128];

	snprintf(path, sizeof(path), "%s/backup", f->dir);
	break_writes(DISK_ANY, ENOSPC);
	assert_err(store_backup(f->s, path), STORAGE_FULL);
	assert_int_not_equal(access(path, F_OK), 0);
	mend();
	assert_ok(store_backup(f->s, path));
}

static void store_cannot_be_made_on_a_full_disk_and_can_be_later(void **state)
{
	struct fixture *f = *state;

	break_writes(DISK_ANY, ENOSPC);
	assert_err(fixture_open(f), STORAGE_FULL);
	mend();
	assert_ok(fixture_open(f));
	assert_ok(store_write(f->s, make_things, NULL));
}

static void close_on_a_full_disk_keeps_what_was_told_done(void **state)
{
	struct fixture *f = *state;

	assert_ok(add(f, 1));
	break_writes(DISK_DATABASE, ENOSPC);
	fixture_close(f);
	mend();
	assert_ok(fixture_open(f));
	assert_int_equal(things(f), 1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, fixture_opened, well_again)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_told_done_before_it_is_synced),
		TEST(full_disk_is_told_to_every_job_of_the_batch),
		TEST(writes_work_as_soon_as_there_is_space),
		TEST(reads_work_on_a_full_disk),
		TEST(failed_sync_fails_the_batch_and_nothing_of_it_stays),
		TEST(hook_does_not_run_when_the_commit_fails),
		TEST(health_tells_and_heals_by_itself),
		TEST(job_that_writes_nothing_does_not_make_the_store_look_well),
		TEST(job_whose_writes_were_undone_does_not_make_the_store_look_well),
		TEST(job_too_large_for_the_disk_is_told_and_leaves_nothing),
		TEST(error_that_a_job_shrugs_off_is_told_all_the_same),
		TEST(large_batch_that_meets_the_full_disk_half_way_leaves_nothing),
		TEST(checkpoint_that_fails_loses_nothing),
		TEST(backup_to_a_full_disk_leaves_no_file),
		cmocka_unit_test_setup_teardown(store_cannot_be_made_on_a_full_disk_and_can_be_later, fixture_new, well_again),
		TEST(close_on_a_full_disk_keeps_what_was_told_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

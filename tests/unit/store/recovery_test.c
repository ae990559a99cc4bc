/* A process that is killed while it writes loses nothing that it was told done. */
#include "tests/unit/store/fixture.h"

enum { THREADS = 4, WAIT_FOR = 400 };

struct writer_thread {
	struct fixture *f;
	int64_t number;
	int acknowledged; /* pipe */
};

static struct error add_and_fail(void *arg, struct tx *tx)
{
	TRY(add_thing_at(arg, tx));
	return FAIL(USER_LOCKED);
}

static void *write_for_ever(void *arg)
{
	struct writer_thread *w = arg;

	for (int64_t n = 0;; n++) {
		/* Every eighth fails late; these have negative ids. */
		int64_t id = (n * THREADS + w->number) * (n % 8 ? 1 : -1);
		struct error e = store_write(w->f->s, n % 8 ? add_thing_at : add_and_fail, &id);

		if (!failed(e) && write(w->acknowledged, &id, sizeof(id)) != sizeof(id))
			_exit(1);
	}
	return NULL;
}

static void child_main(struct fixture *f, int acknowledged)
{
	struct writer_thread all[THREADS];
	pthread_t thread;

	if (failed(fixture_open(f)) || failed(store_write(f->s, make_things, NULL)))
		_exit(1);
	for (int i = 0; i < THREADS; i++) {
		all[i] = (struct writer_thread){ f, i, acknowledged };
		if (pthread_create(&thread, NULL, write_for_ever, &all[i]) != 0)
			_exit(1);
	}
	pause();
}

SQL(recovery_find, "SELECT 1 FROM thing WHERE id = $1");

static bool is_there(struct fixture *f, int64_t id)
{
	struct tx *tx = store_read_begin(f->s);
	struct rows r;
	bool there = !failed(sql_one(tx, &recovery_find, ARGS(v_int(id)), &r));

	store_read_end(tx);
	return there;
}

SQL(recovery_failed, "SELECT count(*) FROM thing WHERE id <= 0");

static int64_t left_by_failures(struct fixture *f)
{
	struct tx *tx = store_read_begin(f->s);
	struct rows r;
	int64_t n;

	assert_ok(sql_one(tx, &recovery_failed, NO_ARGS, &r));
	n = col_int(&r, 0);
	store_read_end(tx);
	return n;
}

static void killed_process_loses_nothing_that_was_told_done(void **state)
{
	struct fixture *f = *state;
	int64_t *ids = xalloc(sizeof(int64_t) * 1000000);
	int status, pipes[2];
	size_t n = 0;
	pid_t child;

	assert_int_equal(pipe(pipes), 0);
	child = fork();
	if (child == 0)
		child_main(f, pipes[1]);
	close(pipes[1]);
	while (n < 1000000 && read(pipes[0], &ids[n], sizeof(ids[n])) == sizeof(ids[n]))
		if (++n == WAIT_FOR)
			kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_ok(fixture_open(f));
	for (size_t i = 0; i < n; i++)
		assert_true(is_there(f, ids[i]));
	assert_true(n >= WAIT_FOR);
	assert_int_equal(left_by_failures(f), 0);
	close(pipes[0]);
	free(ids);
}

static void killed_process_holds_no_lock(void **state)
{
	struct fixture *f = *state;
	int status, pipes[2];
	int64_t id;
	pid_t child;

	assert_int_equal(pipe(pipes), 0);
	child = fork();
	if (child == 0)
		child_main(f, pipes[1]);
	assert_int_equal(read(pipes[0], &id, sizeof(id)), sizeof(id));
	assert_err(fixture_open(f), LOCKED_BY_PROCESS);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	assert_ok(fixture_open(f));
	close(pipes[0]);
	close(pipes[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(killed_process_loses_nothing_that_was_told_done),
		IN_DIRECTORY(killed_process_loses_nothing_that_was_told_done),
		IN_DIRECTORY(killed_process_loses_nothing_that_was_told_done),
		IN_DIRECTORY(killed_process_holds_no_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/store/jobs.h"

#include <sqlite3.h>
#include <sys/resource.h>

static void add(struct fixture *f, int64_t id)
{
	assert_ok(store_write(f->s, add_thing_at, &id));
}

/* ---- snapshots ---- */

static void all_statements_of_a_reader_see_one_state(void **state)
{
	struct fixture *f = *state;
	struct tx *tx;

	add(f, 1);
	tx = store_read_begin(f->s);
	assert_int_equal(count_in(tx), 1);
	add(f, 2);
	assert_int_equal(count_in(tx), 1);
	assert_int_equal(things(f), 2); /* another reader, meanwhile */
	store_read_end(tx);
	assert_int_equal(things(f), 2);
}

SQL(reader_ids, "SELECT id FROM thing ORDER BY id");

static void rows_being_read_do_not_change(void **state)
{
	struct fixture *f = *state;
	struct tx *tx = store_read_begin(f->s);
	struct rows r;
	int n = 0;

	for (int i = 0; i < 100; i++)
		add(f, i);
	assert_ok(sql_open(tx, &reader_ids, NO_ARGS, &r));
	while (rows_next(&r)) {
		if (n++ == 0)
			add(f, 100);
	}
	assert_ok(sql_close(&r));
	store_read_end(tx);
	assert_int_equal(n, 100);
}

static struct error adds_and_waits(struct store_job *job, struct tx *tx)
{
	TRY(add_thing(tx, 1));
	return gate_apply(job, tx);
}

static void reader_neither_waits_for_the_writer_nor_sees_what_is_not_committed(void **state)
{
	struct fixture *f = *state;
	struct gate gate = { .job = { .apply = adds_and_waits, .done = gate_done } };

	sem_init(&gate.reached, 0, 0);
	sem_init(&gate.open, 0, 0);
	sem_init(&gate.told, 0, 0);
	store_submit(f->s, &gate.job);
	sem_wait(&gate.reached);
	assert_int_equal(things(f), 0);
	gate_open(&gate);
	assert_int_equal(things(f), 1);
}

static void reader_cannot_write(void **state)
{
	struct fixture *f = *state;
	struct tx *tx = store_read_begin(f->s);

	assert_err(add_thing(tx, 1), STORAGE);
	store_read_end(tx);
	assert_int_equal(things(f), 0);
}

static void rows_left_open_do_not_hold_the_snapshot(void **state)
{
	struct fixture *f = *state;
	struct tx *tx;
	struct rows r;

	add(f, 1);
	add(f, 2);
	tx = store_read_begin(f->s);
	assert_ok(sql_open(tx, &reader_ids, NO_ARGS, &r));
	assert_true(rows_next(&r));
	store_read_end(tx);
	add(f, 3);
	assert_int_equal(things(f), 3);
}

static void commit_of_another_process_is_seen_too(void **state)
{
	struct fixture *f = *state;
	sqlite3 *db;

	assert_int_equal(things(f), 0);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "INSERT INTO thing (id) VALUES (1)", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(things(f), 1);
	sqlite3_close(db);
}

static void reader_that_failed_begins_anew(void **state)
{
	struct fixture *f = *state;
	struct tx *tx = store_read_begin(f->s);

	assert_int_equal(count_in(tx), 0);
	assert_err(add_thing(tx, 1), STORAGE);
	store_read_end(tx);
	add(f, 2);
	assert_int_equal(things(f), 1);
}

/* ---- the pool ---- */

static void connection_used_last_is_lent_first(void **state)
{
	struct fixture *f = *state;
	struct tx *first = store_read_begin(f->s), *second = store_read_begin(f->s);

	assert_ptr_not_equal(first, second);
	store_read_end(first);
	store_read_end(second);
	assert_ptr_equal(store_read_begin(f->s), second);
	assert_ptr_equal(store_read_begin(f->s), first);
	store_read_end(first);
	store_read_end(second);
}

struct borrower {
	struct fixture *f;
	atomic_bool got;
	pthread_t thread;
};

static void *borrower_main(void *arg)
{
	struct borrower *b = arg;
	struct tx *tx = store_read_begin(b->f->s);

	atomic_store(&b->got, true);
	store_read_end(tx);
	return NULL;
}

static void borrower_beyond_the_limit_waits(void **state)
{
	struct fixture *f = *state;
	struct tx *lent[4];
	struct borrower b = { .f = f };

	for (int i = 0; i < 4; i++)
		lent[i] = store_read_begin(f->s);
	assert_int_equal(pthread_create(&b.thread, NULL, borrower_main, &b), 0);
	usleep(50 * 1000);
	assert_false(atomic_load(&b.got));
	store_read_end(lent[0]);
	pthread_join(b.thread, NULL);
	assert_true(atomic_load(&b.got));
	for (int i = 1; i < 4; i++)
		store_read_end(lent[i]);
}

enum { THREADS = 6, ROUNDS = 200 };

static void *reads_and_checks(void *arg)
{
	struct fixture *f = arg;
	int64_t last = 0, failures = 0;

	for (int i = 0; i < ROUNDS; i++) {
		struct tx *tx = store_read_begin(f->s);
		int64_t n = count_in(tx);

		failures += n < last || count_in(tx) != n;
		last = n;
		store_read_end(tx);
	}
	return (void *)(intptr_t)failures;
}

static void many_readers_beside_a_writer_see_whole_states_only(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, reads_and_checks, f), 0);
	for (int i = 0; i < ROUNDS; i++)
		add(f, i);
	for (int i = 0; i < THREADS; i++) {
		void *failures;

		pthread_join(threads[i], &failures);
		assert_null(failures);
	}
}

static void connection_that_cannot_be_opened_fails_in_its_statements_and_is_tried_again(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, none;
	struct tx *tx;
	struct rows r;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	tx = store_read_begin(f->s);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_err(sql_one(tx, &thing_count, NO_ARGS, &r), STORAGE);
	assert_err(sql_run(tx, &thing_count, NO_ARGS, NULL), STORAGE);
	store_read_end(tx);
	assert_int_equal(things(f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_STORE(all_statements_of_a_reader_see_one_state),
		IN_STORE(rows_being_read_do_not_change),
		IN_STORE(reader_neither_waits_for_the_writer_nor_sees_what_is_not_committed),
		IN_STORE(reader_cannot_write),
		IN_STORE(rows_left_open_do_not_hold_the_snapshot),
		IN_STORE(commit_of_another_process_is_seen_too),
		IN_STORE(reader_that_failed_begins_anew),
		IN_STORE(connection_used_last_is_lent_first),
		IN_STORE(borrower_beyond_the_limit_waits),
		IN_STORE(many_readers_beside_a_writer_see_whole_states_only),
		IN_STORE(connection_that_cannot_be_opened_fails_in_its_statements_and_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

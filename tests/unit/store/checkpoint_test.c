#include "tests/unit/store/fixture.h"

enum { MIB = 1024 * 1024 };

SQL(checkpoint_large, "INSERT INTO thing (id, note) VALUES ($1, zeroblob(1048576))");

static struct error add_mib(void *arg, struct tx *tx)
{
	return sql_run(tx, &checkpoint_large, ARGS(v_int(*(const int64_t *)arg)), NULL);
}

static void write_mibs(struct fixture *f, int64_t first, int64_t count)
{
	for (int64_t id = first; id < first + count; id++)
		assert_ok(store_write(f->s, add_mib, &id));
}

static off_t log_bytes(struct fixture *f)
{
	char wal[160];
	struct stat st;

	snprintf(wal, sizeof(wal), "%s-wal", f->path);
	assert_int_equal(stat(wal, &st), 0);
	return st.st_size;
}

static void log_stays_small_while_much_is_written(void **state)
{
	struct fixture *f = *state;

	write_mibs(f, 0, 100);
	assert_true(log_bytes(f) < 50 * MIB);
	assert_int_equal(things(f), 100);
}

static void reader_keeps_its_snapshot_while_the_log_is_moved(void **state)
{
	struct fixture *f = *state;
	struct tx *tx;

	write_mibs(f, 0, 1);
	tx = store_read_begin(f->s);
	assert_int_equal(count_in(tx), 1);
	write_mibs(f, 1, 30);
	assert_int_equal(count_in(tx), 1);
	store_read_end(tx);
	assert_int_equal(things(f), 31);
}

static void log_that_a_reader_held_is_cut_back_afterwards(void **state)
{
	struct fixture *f = *state;
	struct tx *tx = store_read_begin(f->s);

	assert_int_equal(count_in(tx), 0);
	write_mibs(f, 0, 40);
	assert_true(log_bytes(f) > 40 * MIB);
	store_read_end(tx);
	for (int i = 0; i < 100 && log_bytes(f) > 20 * MIB; i++)
		write_mibs(f, 100 + i, 1);
	assert_true(log_bytes(f) <= 20 * MIB);
}

static void readers_that_came_back_do_not_hold_the_log(void **state)
{
	struct fixture *f = *state;

	for (int64_t id = 0; id < 100; id++) {
		write_mibs(f, id, 1);
		assert_int_equal(things(f), id + 1);
	}
	assert_true(log_bytes(f) < 50 * MIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_STORE(log_stays_small_while_much_is_written),
		IN_STORE(reader_keeps_its_snapshot_while_the_log_is_moved),
		IN_STORE(log_that_a_reader_held_is_cut_back_afterwards),
		IN_STORE(readers_that_came_back_do_not_hold_the_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

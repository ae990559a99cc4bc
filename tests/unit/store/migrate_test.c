#include "tests/unit/store/fixture.h"

#include "store/migrate.h"
#include "store/sqlite.h"

static const struct migration steps[] = {
	{ "first", "CREATE TABLE a (id {serial}, data {bytes}, name text); CREATE INDEX a_name ON a (name)" },
	{ "second", "ALTER TABLE a ADD COLUMN more bigint" },
	{ "third", "CREATE TABLE b (x bigint); INSERT INTO b (x) VALUES (7);" },
};

struct bench {
	struct log log;
	struct tx tx;
};

static int setup(void **state)
{
	struct bench *b = xalloc(sizeof(*b));

	b->log = (struct log){ .env = &env_system, .fd = open("/dev/null", O_WRONLY | O_CLOEXEC) };
	assert_ok(tx_open(&b->tx, &b->log, ":memory:", TX_WRITE));
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	tx_close(&b->tx);
	close(b->log.fd);
	free(b);
	return 0;
}

static int64_t number(struct tx *tx, const char *text)
{
	int64_t n;

	assert_ok(tx_number(tx, text, &n));
	return n;
}

static void steps_are_applied_in_order(void **state)
{
	struct bench *b = *state;

	assert_ok(migrate_steps(&b->tx, steps, 3));
	assert_int_equal(number(&b->tx, "SELECT count(*) FROM migration"), 3);
	assert_int_equal(number(&b->tx, "SELECT x FROM b"), 7);
	assert_int_equal(number(&b->tx, "SELECT count(more) FROM a"), 0);
}

/* How many steps there are up to and without the named one. */
static size_t steps_before(const char *name)
{
	size_t n = 0;

	while (n < migrations_count && strcmp(migrations[n].name, name) != 0)
		n++;
	assert_int_not_equal(n, migrations_count);
	return n;
}

static void transactions_keep_their_user_or_get_none(void **state)
{
	struct bench *b = *state;

	assert_ok(migrate_steps(&b->tx, migrations, steps_before("transactions of nobody as yet")));
	assert_ok(tx_exec(&b->tx, "INSERT INTO transactions (id, account, user_id, type, operation, state, error, credential_id, created,"
		" expires, completed, mobileid) VALUES (x'01', 1, zeroblob(16), 2, 2, 1, NULL, NULL, 5, 6, 0, 0),"
		" (x'02', 1, x'00000000000000000000000000000007', 1, 3, 3, 'EXPIRED', x'0a', 7, 8, 9, 1)"));
	assert_ok(migrate_steps(&b->tx, migrations, migrations_count));
	assert_int_equal(number(&b->tx, "SELECT count(*) FROM transactions WHERE id = x'01' AND account = 1 AND user_id IS NULL AND type = 2"
		" AND operation = 2 AND state = 1 AND error IS NULL AND credential_id IS NULL AND created = 5 AND expires = 6 AND completed = 0"
		" AND mobileid = 0"), 1);
	assert_int_equal(number(&b->tx, "SELECT count(*) FROM transactions WHERE id = x'02' AND account = 1 AND"
		" user_id = x'00000000000000000000000000000007' AND type = 1 AND operation = 3 AND state = 3 AND error = 'EXPIRED' AND"
		" credential_id = x'0a' AND created = 7 AND expires = 8 AND completed = 9 AND mobileid = 1"), 1);
	assert_int_equal(number(&b->tx, "SELECT count(*) FROM transactions"), 2);
}

static void second_time_changes_nothing(void **state)
{
	struct bench *b = *state;
	int64_t before;

	assert_ok(migrate_steps(&b->tx, steps, 3));
	before = number(&b->tx, "PRAGMA schema_version");
	assert_ok(migrate_steps(&b->tx, steps, 3));
	assert_int_equal(number(&b->tx, "PRAGMA schema_version"), before);
	assert_int_equal(number(&b->tx, "SELECT count(*) FROM b"), 1);
}

static void older_database_gets_the_new_steps_only(void **state)
{
	struct bench *b = *state;

	assert_ok(migrate_steps(&b->tx, steps, 1));
	assert_ok(tx_exec(&b->tx, "INSERT INTO a (name) VALUES ('kept')"));
	assert_ok(migrate_steps(&b->tx, steps, 3));
	assert_int_equal(number(&b->tx, "SELECT count(*) FROM a WHERE name = 'kept' AND more IS NULL"), 1);
}

static void newer_database_is_refused(void **state)
{
	struct bench *b = *state;

	assert_ok(migrate_steps(&b->tx, steps, 3));
	assert_err(migrate_steps(&b->tx, steps, 2), CONFIG);
}

static void step_of_another_name_is_refused(void **state)
{
	struct bench *b = *state;

	assert_ok(migrate_steps(&b->tx, steps, 3));
	assert_ok(tx_exec(&b->tx, "UPDATE migration SET name = 'other' WHERE position = 1"));
	assert_err(migrate_steps(&b->tx, steps, 3), CONFIG);
}

static void missing_step_is_refused(void **state)
{
	struct bench *b = *state;

	assert_ok(migrate_steps(&b->tx, steps, 3));
	assert_ok(tx_exec(&b->tx, "DELETE FROM migration WHERE position = 0"));
	assert_err(migrate_steps(&b->tx, steps, 3), CONFIG);
}

static void step_that_fails_is_told(void **state)
{
	static const struct migration bad[] = { { "bad", "CREATE TABLE c (x bigint); CREATE TABLE c (x bigint)" } };
	struct bench *b = *state;

	assert_err(migrate_steps(&b->tx, bad, 1), STORAGE);
}

static void serial_counts_up_and_never_comes_back(void **state)
{
	struct bench *b = *state;

	assert_ok(migrate_steps(&b->tx, steps, 3));
	assert_ok(tx_exec(&b->tx, "INSERT INTO a (name) VALUES ('x'), ('y')"));
	assert_int_equal(number(&b->tx, "SELECT max(id) FROM a"), 2);
	assert_ok(tx_exec(&b->tx, "DELETE FROM a; INSERT INTO a (name) VALUES ('z')"));
	assert_int_equal(number(&b->tx, "SELECT max(id) FROM a"), 3);
}

static void bytes_stay_bytes(void **state)
{
	struct bench *b = *state;

	assert_ok(migrate_steps(&b->tx, steps, 3));
	assert_ok(tx_exec(&b->tx, "INSERT INTO a (data) VALUES (x'3132')"));
	assert_int_equal(number(&b->tx, "SELECT typeof(data) = 'blob' FROM a"), 1);
}

/* ---- a whole store ---- */

SQL(from_the_future, "INSERT INTO migration (position, name) VALUES (999999, 'from the future')");

static struct error claim_to_be_newer(void *arg, struct tx *tx)
{
	(void)arg;
	return sql_run(tx, &from_the_future, NO_ARGS, NULL);
}

static void store_that_is_newer_does_not_open(void **state)
{
	struct fixture *f = *state;

	assert_ok(store_write(f->s, claim_to_be_newer, NULL));
	fixture_close(f);
	assert_err(fixture_open(f), CONFIG);
}

static void refused_store_keeps_its_content(void **state)
{
	struct fixture *f = *state;
	int64_t id = 1;
	struct tx tx;

	assert_ok(store_write(f->s, add_thing_at, &id));
	assert_ok(store_write(f->s, claim_to_be_newer, NULL));
	fixture_close(f);
	assert_err(fixture_open(f), CONFIG);
	assert_ok(tx_open(&tx, &f->log, f->path, TX_READ));
	assert_int_equal(count_in(&tx), 1);
	tx_close(&tx);
}

static void names_of_our_steps_are_distinct(void **state)
{
	(void)state;
	for (size_t i = 0; i < migrations_count; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(migrations[i].name, migrations[j].name);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(steps_are_applied_in_order),
		TEST(second_time_changes_nothing),
		TEST(transactions_keep_their_user_or_get_none),
		TEST(older_database_gets_the_new_steps_only),
		TEST(newer_database_is_refused),
		TEST(step_of_another_name_is_refused),
		TEST(missing_step_is_refused),
		TEST(step_that_fails_is_told),
		TEST(serial_counts_up_and_never_comes_back),
		TEST(bytes_stay_bytes),
		IN_STORE(store_that_is_newer_does_not_open),
		IN_STORE(refused_store_keeps_its_content),
		cmocka_unit_test(names_of_our_steps_are_distinct),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

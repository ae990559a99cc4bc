/* Refusals counted in memory and written as one record each. */
#include "event/denials.h"

#include <pthread.h>
#include <stdlib.h>

#include "tests/unit/common/database.h"
#include "tests/unit/common/fixture.h"

struct counting {
	struct fixture *f;
	struct denials *d;
	struct database *db;
};

static int setup(void **state)
{
	struct counting *c = xalloc(sizeof(*c));

	c->f = fixture_new(NULL);
	c->d = denials_new();
	c->db = database_open(c->f->dir);
	*state = c;
	return 0;
}

static int teardown(void **state)
{
	struct counting *c = *state;

	database_close(c->db);
	denials_free(c->d);
	fixture_free(c->f);
	free(c);
	return 0;
}

static void note(struct counting *c, const char *client, const char *reason)
{
	denials_note(c->d, FACT_TOKEN_DENIED, 1, slice_text(client), S("192.0.2.1"), reason);
}

static void flush(struct counting *c)
{
	must(denials_flush(c->d, &c->f->app));
}

static void assert_records(struct counting *c, int64_t n)
{
	assert_int_equal(database_number(c->db, "SELECT count(*) FROM audit"), n);
}

static void nothing_counted_is_nothing_written(void **state)
{
	struct counting *c = *state;

	flush(c);
	assert_records(c, 0);
	assert_int_equal(store_counts(c->f->app.store).jobs, 0);
}

static void record_of_one(void **state)
{
	struct counting *c = *state;

	note(c, "client", "wrong");
	flush(c);
	assert_string_equal(database_text(c->db, "SELECT type || ' ' || account || ' ' || client_id || ' ' || address || ' ' || data FROM audit"),
		"API_TOKEN_DENIED 1 client 192.0.2.1 {\"reason\":\"wrong\",\"count\":1}");
}

static void equal_ones_are_counted(void **state)
{
	struct counting *c = *state;

	for (int i = 0; i < 1000; i++)
		note(c, "client", "wrong");
	flush(c);
	assert_string_equal(database_text(c->db, "SELECT data FROM audit"), "{\"reason\":\"wrong\",\"count\":1000}");
	assert_records(c, 1);
}

static void reason_is_told_by_its_words(void **state)
{
	struct counting *c = *state;
	char same[] = "wrong";

	note(c, "client", "wrong");
	note(c, "client", same);
	flush(c);
	assert_records(c, 1);
}

static void others_are_told_apart(void **state)
{
	struct counting *c = *state;

	note(c, "client", "wrong");
	note(c, "other", "wrong");
	note(c, "client", "other");
	denials_note(c->d, FACT_TOKEN_DENIED, 2, S("client"), S("192.0.2.1"), "wrong");
	denials_note(c->d, FACT_PERMISSION_DENIED, 1, S("client"), S("192.0.2.1"), "wrong");
	flush(c);
	assert_records(c, 5);
}

static void address_is_that_of_the_first(void **state)
{
	struct counting *c = *state;

	note(c, "client", "wrong");
	denials_note(c->d, FACT_TOKEN_DENIED, 1, S("client"), S("192.0.2.2"), "wrong");
	flush(c);
	assert_string_equal(database_text(c->db, "SELECT address FROM audit"), "192.0.2.1");
	assert_records(c, 1);
}

static void unknown_client_has_no_name(void **state)
{
	struct counting *c = *state;

	note(c, "", "wrong");
	flush(c);
	assert_int_equal(database_number(c->db, "SELECT count(*) FROM audit WHERE client_id IS NULL"), 1);
}

static void counting_begins_anew_after_each_flush(void **state)
{
	struct counting *c = *state;

	note(c, "client", "wrong");
	flush(c);
	note(c, "client", "wrong");
	flush(c);
	flush(c);
	assert_int_equal(database_number(c->db, "SELECT count(*) FROM audit WHERE data = '{\"reason\":\"wrong\",\"count\":1}'"), 2);
	assert_records(c, 2);
}

static void long_names_are_cut(void **state)
{
	struct counting *c = *state;
	char name[200];

	memset(name, 'n', sizeof(name));
	denials_note(c->d, FACT_TOKEN_DENIED, 1, slice_of(name, sizeof(name)), slice_of(name, sizeof(name)), "wrong");
	flush(c);
	assert_int_equal(database_number(c->db, "SELECT length(client_id) + length(address) FROM audit"), 126);
}

static void note_clients(struct counting *c, int from, int to)
{
	for (int i = from; i < to; i++)
		note(c, (const char *)arena_printf(&c->f->arena, "client-%d", i).p, "wrong");
}

static void what_is_beyond_the_table_is_counted_together(void **state)
{
	struct counting *c = *state;

	note_clients(c, 0, 600);
	flush(c);
	assert_records(c, 513);
	assert_int_equal(database_number(c->db, "SELECT count(*) FROM audit WHERE data = '{\"reason\":\"others\",\"count\":88}'"), 1);
}

static void known_ones_are_counted_when_the_table_is_full(void **state)
{
	struct counting *c = *state;

	note_clients(c, 0, 600);
	note_clients(c, 0, 512);
	flush(c);
	assert_int_equal(database_number(c->db, "SELECT count(*) FROM audit WHERE data LIKE '%\"count\":2}'"), 512);
}

static void each_kind_has_a_rest_of_its_own(void **state)
{
	struct counting *c = *state;

	note_clients(c, 0, 513);
	denials_note(c->d, FACT_PERMISSION_DENIED, 1, S("client"), S("192.0.2.1"), "wrong");
	flush(c);
	assert_int_equal(database_number(c->db, "SELECT count(*) FROM audit WHERE data = '{\"reason\":\"others\",\"count\":1}'"), 2);
}

static void what_could_not_be_written_is_kept(void **state)
{
	struct counting *c = *state;

	note(c, "client", "wrong");
	database_run(c->db, "ALTER TABLE audit RENAME TO away");
	assert_true(failed(denials_flush(c->d, &c->f->app)));
	database_run(c->db, "ALTER TABLE away RENAME TO audit");
	note(c, "client", "wrong");
	flush(c);
	assert_string_equal(database_text(c->db, "SELECT data FROM audit"), "{\"reason\":\"wrong\",\"count\":2}");
}

enum { THREADS = 4, NOTES = 500 };

static void *note_often(void *arg)
{
	for (int i = 0; i < NOTES; i++)
		note(arg, i % 2 ? "one" : "two", "wrong");
	return NULL;
}

static void threads_lose_no_count(void **state)
{
	struct counting *c = *state;
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, note_often, c), 0);
	flush(c);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	flush(c);
	assert_int_equal(database_number(c->db, "SELECT sum(json_extract(data, '$.count')) FROM audit"), THREADS * NOTES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_counted_is_nothing_written),
		TEST(record_of_one),
		TEST(equal_ones_are_counted),
		TEST(reason_is_told_by_its_words),
		TEST(others_are_told_apart),
		TEST(address_is_that_of_the_first),
		TEST(unknown_client_has_no_name),
		TEST(counting_begins_anew_after_each_flush),
		TEST(long_names_are_cut),
		TEST(what_is_beyond_the_table_is_counted_together),
		TEST(known_ones_are_counted_when_the_table_is_full),
		TEST(each_kind_has_a_rest_of_its_own),
		TEST(what_could_not_be_written_is_kept),
		TEST(threads_lose_no_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

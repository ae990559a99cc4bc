/* What has had its time is deleted, and nothing else, however much of it there is. */
#include "event/retention.h"

#include <stdlib.h>

#include "tests/unit/common/database.h"
#include "tests/unit/common/fixture.h"

#define DAY_MS INT64_C(86400000)

struct keeping {
	struct fixture *f;
	struct database *db;
};

static int setup(void **state)
{
	struct keeping *k = xalloc(sizeof(*k));

	k->f = fixture_new(NULL);
	k->db = database_open(k->f->dir);
	*state = k;
	return 0;
}

static int teardown(void **state)
{
	struct keeping *k = *state;

	database_close(k->db);
	fixture_free(k->f);
	free(k);
	return 0;
}

struct writing {
	struct app *app;
	int count;
};

static struct error write_facts(void *arg, struct tx *tx)
{
	const struct writing *w = arg;
	struct fact_origin origin = fact_origin_here(w->app);

	origin.account = 1;
	for (int i = 0; i < w->count; i++)
		TRY(fact_from(&origin, tx, &(struct fact){ .kind = FACT_AUTHENTICATION_FAILED }));
	return OK;
}

/* So many records, with an event each. */
static void record(struct keeping *k, int count)
{
	struct writing w = { &k->f->app, count };

	must(store_write(k->f->app.store, write_facts, &w));
}

static int64_t records(struct keeping *k)
{
	return database_number(k->db, "SELECT count(*) FROM audit");
}

static int64_t events(struct keeping *k)
{
	return database_number(k->db, "SELECT count(*) FROM outbox");
}

static void many_events_go_at_once(void **state)
{
	struct keeping *k = *state;

	record(k, 2500);
	fixture_advance(k->f, 31 * DAY_MS);
	must(facts_forget(&k->f->app));
	assert_int_equal(events(k), 0);
}

static void events_stay_for_a_while_after_their_end(void **state)
{
	struct keeping *k = *state;

	record(k, 1);
	fixture_advance(k->f, 31 * DAY_MS - 1);
	must(facts_forget(&k->f->app));
	assert_int_equal(events(k), 1);
	fixture_advance(k->f, 1);
	must(facts_forget(&k->f->app));
	assert_int_equal(events(k), 0);
	assert_int_equal(records(k), 1);
}

static void nothing_to_delete_writes_nothing(void **state)
{
	struct keeping *k = *state;
	struct digest before, after;

	record(k, 1);
	database_digest(k->db, &before);
	must(facts_forget(&k->f->app));
	database_digest(k->db, &after);
	assert_nothing_changed(&before, &after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(many_events_go_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(events_stay_for_a_while_after_their_end, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_to_delete_writes_nothing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

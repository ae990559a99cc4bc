/* Trees that grow, and records that go when their time is over, and leave their hashes behind. */
#include "audit/tree.h"

#include <stdlib.h>

#include "audit/audit.h"
#include "tests/unit/common/database.h"
#include "tests/unit/common/world.h"

#define DAY_MS INT64_C(86400000)

struct logged {
	struct world *w;
	struct database *db;
	int64_t account;
};

static const struct route_table *const tables[] = { &audit_routes };

static int setup(void **state)
{
	struct logged *l = xalloc(sizeof(*l));

	l->w = world_new(NULL, tables, 1);
	l->db = database_open(l->w->f->dir);
	l->account = world_account_number(l->w, l->w->first.account_id);
	*state = l;
	return 0;
}

static int teardown(void **state)
{
	struct logged *l = *state;

	database_close(l->db);
	world_free(l->w);
	free(l);
	return 0;
}

struct writing {
	struct logged *l;
	int count;
};

static struct error write_facts(void *arg, struct tx *tx)
{
	const struct writing *w = arg;
	struct fact_origin origin = fact_origin_here(&w->l->w->f->app);

	origin.account = w->l->account;
	for (int i = 0; i < w->count; i++)
		TRY(fact_from(&origin, tx, &(struct fact){ .kind = FACT_BACKUP_MADE, .reference = S("r"), .data = S("{\"a\":\"b\",\"c\":1}") }));
	return OK;
}

static void record(struct logged *l, int count)
{
	must(store_write(l->w->f->app.store, write_facts, &(struct writing){ l, count }));
}

static int64_t records(struct logged *l)
{
	return database_number(l->db, TEXT(l->w, "SELECT count(*) FROM audit WHERE account = %lld", (long long)l->account));
}

static int64_t size(struct logged *l)
{
	return database_number(l->db, TEXT(l->w, "SELECT size FROM audit_trees WHERE account = %lld", (long long)l->account));
}

static struct hash root(struct logged *l, int64_t n)
{
	struct tx *tx = store_read_begin(l->w->f->app.store);
	struct tree tree;
	struct hash hash;

	must(tree_open(tx, &l->w->f->arena, l->account, &tree));
	must(merkle_root(&tree.source, n ? n : tree.log.end, &hash));
	store_read_end(tx);
	return hash;
}

/* The same root whether the hashes come from the records, from tiles, or from both. */
static void root_is_the_same_before_and_after_growing(void **state)
{
	static const int steps[] = { 1, 2, 250, 3, 256, 257, 1000 };
	struct logged *l = *state;

	for (size_t i = 0; i < COUNT(steps); i++) {
		struct hash before, after;

		record(l, steps[i]);
		before = root(l, 0);
		must(audit_grow(&l->w->f->app));
		after = root(l, 0);
		assert_int_equal(size(l), records(l));
		assert_memory_equal(before.b, after.b, SHA256_BYTES);
	}
}

static void more_than_fit_into_one_step(void **state)
{
	struct logged *l = *state;
	struct hash before, after;

	record(l, 2 * TREE_GROW_MAX + 77);
	before = root(l, 0);
	must(audit_grow(&l->w->f->app));
	after = root(l, 0);
	assert_int_equal(size(l), records(l));
	assert_memory_equal(before.b, after.b, SHA256_BYTES);
}

static void proofs_do_not_need_the_records(void **state)
{
	struct logged *l = *state;
	struct hash before, after;
	int64_t n;

	record(l, 700);
	must(audit_grow(&l->w->f->app));
	n = size(l);
	before = root(l, n);
	fixture_advance(l->w->f, 366 * DAY_MS);
	record(l, 5);
	must(audit_grow(&l->w->f->app));
	must(audit_forget(&l->w->f->app));
	assert_int_equal(records(l), 6); /* five, and the record of those that went */
	after = root(l, n);
	assert_memory_equal(before.b, after.b, SHA256_BYTES);
}

static void what_went_is_on_record(void **state)
{
	struct logged *l = *state;
	int64_t n;

	record(l, 3);
	must(audit_grow(&l->w->f->app));
	n = size(l);
	fixture_advance(l->w->f, 366 * DAY_MS);
	must(audit_forget(&l->w->f->app));
	assert_string_equal(database_text(l->db, TEXT(l->w, "SELECT type || data || sequence FROM audit WHERE account = %lld", (long long)l->account)),
		TEXT(l->w, "SYSTEM_AUDIT_FORGOTTEN{\"firstKept\":%lld}%lld", (long long)n, (long long)n));
}

static void records_stay_for_their_time(void **state)
{
	struct logged *l = *state;
	int64_t n;

	record(l, 3);
	must(audit_grow(&l->w->f->app));
	n = records(l);
	fixture_advance(l->w->f, 365 * DAY_MS - 1);
	must(audit_forget(&l->w->f->app));
	assert_int_equal(records(l), n);
}

/* What is not hashed yet cannot go, however old it is. */
static void records_outside_the_tree_stay(void **state)
{
	struct logged *l = *state;
	int64_t n = records(l);

	fixture_advance(l->w->f, 400 * DAY_MS);
	must(audit_forget(&l->w->f->app));
	assert_int_equal(records(l), n);
}

/* A longer retention in front of shorter ones keeps them: the log has no holes. */
static void no_holes(void **state)
{
	struct logged *l = *state;
	int64_t n;

	record(l, 1);
	l->w->f->settings.audit_retention_days = 3;
	record(l, 5);
	must(audit_grow(&l->w->f->app));
	n = records(l);
	fixture_advance(l->w->f, 10 * DAY_MS);
	must(audit_forget(&l->w->f->app));
	assert_int_equal(records(l), n);
}

static void thousands_go(void **state)
{
	struct logged *l = *state;

	record(l, 4500);
	must(audit_grow(&l->w->f->app));
	fixture_advance(l->w->f, 400 * DAY_MS);
	must(audit_forget(&l->w->f->app));
	assert_int_equal(database_number(l->db, "SELECT count(*) FROM audit WHERE type <> 'SYSTEM_AUDIT_FORGOTTEN'"), 0);
	assert_int_equal(database_number(l->db, TEXT(l->w, "SELECT min(sequence) FROM audit WHERE account = %lld", (long long)l->account)), size(l));
}

/* A record that somebody took away is noticed by the very job that would hash it. */
static void gap_is_an_error(void **state)
{
	struct logged *l = *state;

	record(l, 5);
	database_run(l->db, TEXT(l->w, "DELETE FROM audit WHERE account = %lld AND sequence = 2", (long long)l->account));
	assert_err(audit_grow(&l->w->f->app), STORAGE);
}

static void checkpoints_are_kept_and_thinned_out(void **state)
{
	struct logged *l = *state;
	const char *count = TEXT(l->w, "SELECT count(*) FROM audit_checkpoints WHERE account = %lld", (long long)l->account);

	for (int i = 0; i < 120; i++) {
		record(l, 1);
		must(audit_grow(&l->w->f->app));
		fixture_advance(l->w->f, 30 * 1000);
	}
	assert_in_range(database_number(l->db, count), 60, 61);
	fixture_advance(l->w->f, 2 * DAY_MS);
	must(audit_forget(&l->w->f->app));
	assert_in_range(database_number(l->db, count), 1, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(root_is_the_same_before_and_after_growing),
		TEST(more_than_fit_into_one_step),
		TEST(proofs_do_not_need_the_records),
		TEST(what_went_is_on_record),
		TEST(records_stay_for_their_time),
		TEST(records_outside_the_tree_stay),
		TEST(no_holes),
		TEST(thousands_go),
		TEST(gap_is_an_error),
		TEST(checkpoints_are_kept_and_thinned_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

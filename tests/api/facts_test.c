/* What changes something leaves a record, and where the list of facts says so an event, in the very transaction that changes it. */
#include "tests/api/matrix.h"

#include "device/device.h"
#include "event/fact.h"

/* The device channel decides by the message, not by the route; it has tests of its own. tables_test.c knows what else is not here. */
static bool is_recorded(const struct spot *at)
{
	return changes(at) && at->table != &channel_routes;
}

/* Where the record is all that there is to write. */
static bool changes_records_only(const struct spot *at)
{
	return strcmp(at->where, "POST /auth/open/connect/token") == 0 || strcmp(at->where, "POST /admin/backup") == 0;
}

struct tally {
	int64_t records, events, commits;
};

static struct tally tally_of(struct matrix *m)
{
	return (struct tally){
		database_number(m->visit->db, "SELECT max(n) FROM audit"),
		database_number(m->visit->db, "SELECT coalesce(max(n), 0) FROM outbox"),
		store_counts(m->w->f->app.store).commits,
	};
}

static const struct fact_info *info_of(struct slice type)
{
	for (int i = FACT_NONE + 1; i < FACT_COUNT; i++)
		if (slice_is(type, fact_info((enum fact_kind)i)->type))
			return fact_info((enum fact_kind)i);
	fail_msg("%.*s is no fact", FMT(type));
	return NULL;
}

/* Who locks a piece of hardware wants to be told of each device. */
static bool wishes(const struct spot *at)
{
	return strstr(at->where, "/hashes/") != NULL;
}

/* How many events the records behind `since` ask for, going by the list. */
static int64_t events_expected(struct matrix *m, const struct spot *at, int64_t since, bool extended)
{
	const char *types = WORDS(m, "%s", database_text(m->visit->db,
		WORDS(m, "SELECT group_concat(type, ' ') FROM (SELECT type FROM audit WHERE n > %lld ORDER BY n)", (long long)since)));
	struct slice rest = slice_text(types);
	int64_t n = 0;

	while (rest.n) {
		const struct fact_info *info = info_of(slice_cut(&rest, ' '));

		n += *info->event && (!info->on_wish || wishes(at)) && (extended || !info->extended);
	}
	return n;
}

static int64_t events_since(struct matrix *m, struct tally before)
{
	return database_number(m->visit->db, WORDS(m, "SELECT count(*) FROM outbox WHERE n > %lld", (long long)before.events));
}

static void a_record(struct matrix *m, const struct spot *at)
{
	struct tally before = tally_of(m), after;
	struct digest old = m->before;

	matrix_accepted(m, at, &(struct how){ 0 });
	after = tally_of(m);
	assert_true(after.records > before.records);
	if (!changes_records_only(at))
		for (size_t i = 0, other = 0; i < old.n; i++) {
			const char *name = old.table[i].name;

			other += strcmp(name, "audit") != 0 && strcmp(name, "outbox") != 0 && digest_differs(&old, &m->before, name);
			assert_true(other > 0 || i + 1 < old.n);
		}
}

static void its_events(struct matrix *m, const struct spot *at)
{
	struct tally before = tally_of(m);

	matrix_accepted(m, at, &(struct how){ 0 });
	assert_int_equal(events_since(m, before), events_expected(m, at, before.records, true));
}

static void no_extended_events_unless_asked_for(struct matrix *m, const struct spot *at)
{
	struct tally before;

	assert_status(patch(m->w->f, WORDS(m, "/admin/accounts/%s", m->town->mine.account), "{\"extendedEvents\":false}"), 200);
	m->used = true;
	before = tally_of(m);
	matrix_accepted(m, at, &(struct how){ 0 });
	assert_int_equal(events_since(m, before), events_expected(m, at, before.records, false));
}

static void one_commit(struct matrix *m, const struct spot *at)
{
	struct tally before = tally_of(m);

	matrix_accepted(m, at, &(struct how){ 0 });
	assert_int_equal(tally_of(m).commits, before.commits + 1);
}

/* The record cannot be written: then nothing is. */
static void no_record_no_change(struct matrix *m, const struct spot *at)
{
	database_run(m->visit->db, "ALTER TABLE audit RENAME TO audit_away");
	database_digest(m->visit->db, &m->before);
	m->used = true;
	matrix_refused(m, at, &(struct how){ 0 }, 500, NULL);
}

static void no_event_no_change(struct matrix *m, const struct spot *at)
{
	struct tally before = tally_of(m);
	bool told;

	/* Is there one at all? */
	matrix_accepted(m, at, &(struct how){ 0 });
	told = events_since(m, before) > 0;
	if (!told)
		return;
	town_leave(m->visit);
	m->visit = town_visit(m->town);
	m->w = m->visit->w;
	database_run(m->visit->db, "ALTER TABLE outbox RENAME TO outbox_away");
	database_digest(m->visit->db, &m->before);
	matrix_refused(m, at, &(struct how){ 0 }, 500, NULL);
}

/* Where and by whom. */
static void record_names_who_did_it(struct matrix *m, const struct spot *at)
{
	struct tally before = tally_of(m);
	const char *address = is_local(at) ? "local" : "192.0.2.1";

	matrix_accepted(m, at, &(struct how){ 0 });
	assert_int_equal(database_number(m->visit->db, WORDS(m, "SELECT count(*) FROM audit WHERE n > %lld AND (address IS NOT '%s'"
		" OR trace IS NULL OR length(trace) <> 16 OR at <> %lld)", (long long)before.records, address,
		(long long)env_now_ms(m->w->f->app.env))), 0);
	if (wants_token(at))
		assert_int_equal(database_number(m->visit->db, WORDS(m, "SELECT count(*) FROM audit WHERE n > %lld AND (client_id IS NOT '%s'"
			" OR token_id IS NULL OR account IS NOT %lld)", (long long)before.records, m->town->first.client_id,
			(long long)world_account_number(m->w, m->town->mine.account))), 0);
}

static bool has_apply_and_token(const struct spot *at)
{
	return is_recorded(at) && wants_token(at);
}

static const struct property properties[] = {
	{ "a record", OF_ROUTE, is_recorded, a_record },
	{ "its events", OF_ROUTE, is_recorded, its_events },
	{ "no extended events", OF_ROUTE, has_apply_and_token, no_extended_events_unless_asked_for },
	{ "one commit", OF_ROUTE, is_recorded, one_commit },
	{ "no record, no change", OF_ROUTE, is_recorded, no_record_no_change },
	{ "no event, no change", OF_ROUTE, is_recorded, no_event_no_change },
	{ "record names who did it", OF_ROUTE, is_recorded, record_names_who_did_it },
};

int main(void)
{
	return matrix_run(properties, COUNT(properties));
}

/* Audit records and events: what is written, when, and that both stand or fall with what happened. */
#include "event/fact.h"

#include <stdlib.h>

#include "tests/unit/common/database.h"
#include "tests/unit/common/fixture.h"

struct recording {
	struct fixture *f;
	struct database *db;
	struct fact_origin origin;
	struct fact fact;
	bool fail; /* behind the fact */
};

static const struct uuid user = { { 1, 2, 3 } }, other = { { 4, 5, 6 } };

static int setup(void **state)
{
	struct recording *r = xalloc(sizeof(*r));

	r->f = fixture_new(NULL);
	r->db = database_open(r->f->dir);
	r->origin = fact_origin_here(&r->f->app);
	r->origin.account = 7;
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct recording *r = *state;

	database_close(r->db);
	fixture_free(r->f);
	free(r);
	return 0;
}

static struct error write_fact(void *arg, struct tx *tx)
{
	struct recording *r = arg;

	TRY(fact_from(&r->origin, tx, &r->fact));
	ENSURE(!r->fail, USER_EXISTS);
	return OK;
}

static void record(struct recording *r, struct fact fact)
{
	r->fact = fact;
	must(store_write(r->f->app.store, write_fact, r));
}

static void assert_events(struct recording *r, int64_t n)
{
	assert_int_equal(database_number(r->db, "SELECT count(*) FROM outbox"), n);
}

/* ---- records ---- */

static void record_of_everything(void **state)
{
	struct recording *r = *state;

	r->origin.client_id = S("client");
	r->origin.token_id = S("token");
	r->origin.address = S("192.0.2.1");
	r->origin.trace = S("0123456789abcdef");
	record(r, (struct fact){ .kind = FACT_USER_UPDATED, .user = &user, .reference = S("reference"), .data = S("{\"a\":1}") });
	assert_string_equal(database_text(r->db, "SELECT account || ' ' || type || ' ' || hex(user_id) || ' ' || reference || ' ' || client_id"
		" || ' ' || token_id || ' ' || address || ' ' || trace || ' ' || data FROM audit"),
		"7 API_USER_UPDATED 01020300000000000000000000000000 reference client token 192.0.2.1 0123456789abcdef {\"a\":1}");
}

static void records_of_an_account_are_numbered_without_a_gap(void **state)
{
	struct recording *r = *state;

	for (int i = 0; i < 5; i++) {
		r->origin.account = i % 2 ? 8 : 7;
		record(r, (struct fact){ .kind = FACT_BACKUP_MADE });
	}
	r->fail = true;
	r->fact = (struct fact){ .kind = FACT_BACKUP_MADE };
	assert_err(store_write(r->f->app.store, write_fact, r), USER_EXISTS);
	r->fail = false;
	record(r, (struct fact){ .kind = FACT_BACKUP_MADE });
	assert_string_equal(database_text(r->db, "SELECT group_concat(account || ':' || sequence, ' ') FROM (SELECT * FROM audit ORDER BY n)"),
		"7:0 8:0 7:1 8:1 7:2 7:3");
}

/* The tree remembers how many there were. */
static void numbers_go_on_behind_what_was_deleted(void **state)
{
	struct recording *r = *state;

	database_run(r->db, "INSERT INTO audit_trees VALUES (7, 'a', 'o', 1, 41, NULL, 0)");
	record(r, (struct fact){ .kind = FACT_BACKUP_MADE });
	assert_int_equal(database_number(r->db, "SELECT sequence FROM audit"), 41);
}

static void none_is_no_fact(void **state)
{
	struct recording *r = *state;

	r->fact = (struct fact){ .reference = S("r") };
	assert_err(store_write(r->f->app.store, write_fact, r), INTERNAL);
	assert_int_equal(database_number(r->db, "SELECT count(*) FROM audit"), 0);
}

static void retention_of_the_account_comes_first(void **state)
{
	struct recording *r = *state;

	database_run(r->db, "INSERT INTO accounts (n, id, organisation, name, sandbox, extended_events, created, audit_retention_days)"
		" VALUES (7, 'a', 1, 'n', 1, 0, 0, 3)");
	record(r, (struct fact){ .kind = FACT_BACKUP_MADE });
	assert_int_equal(database_number(r->db, "SELECT expires - at FROM audit"), 3 * INT64_C(86400000));
}

/* ---- what is personal ---- */

static const struct data_key key = { { 9, 9, 9 } };

static const struct fact_personal *person_at(struct recording *r, struct slice address)
{
	struct http_request http = { .peer = address };
	struct op op = { .app = &r->f->app, .arena = &r->f->arena, .settings = &r->f->settings, .http = &http };

	return personal_seal(&op, &key, &user, true, S(""));
}

static void address_of_a_person_is_sealed(void **state)
{
	struct recording *r = *state;
	struct slice salt, json;

	r->origin.address = S("203.0.113.77");
	r->origin.person = person_at(r, r->origin.address);
	record(r, (struct fact){ .kind = FACT_DEVICE_TRY_FAILED, .user = &user });
	assert_int_equal(database_number(r->db, "SELECT count(*) FROM audit WHERE address IS NULL AND length(commitment) = 32"), 1);
	assert_false(directory_holds(r->f->dir, r->origin.address));
	must(personal_open(&key, &user, r->origin.person->box, &r->f->arena, &salt, &json));
	assert_slice_equal(json, S("{\"ipAddress\":\"203.0.113.77\"}"));
	assert_int_equal(salt.n, PERSONAL_SALT_BYTES);
	assert_err(personal_open(&key, &other, r->origin.person->box, &r->f->arena, &salt, &json), CRYPTO);
}

static void address_of_a_person_is_not_told_of_another(void **state)
{
	struct recording *r = *state;

	r->origin.address = S("203.0.113.77");
	r->origin.person = person_at(r, r->origin.address);
	record(r, (struct fact){ .kind = FACT_DEVICE_REPLACED, .user = &other });
	record(r, (struct fact){ .kind = FACT_DEVICE_REPLACED });
	assert_int_equal(database_number(r->db, "SELECT count(*) FROM audit WHERE address IS NULL AND personal IS NULL"), 2);
}

static void commitments_of_equal_texts_differ(void **state)
{
	struct recording *r = *state;
	struct slice one = person_at(r, S("203.0.113.77"))->commitment, two = person_at(r, S("203.0.113.77"))->commitment;

	assert_memory_not_equal(one.p, two.p, 32);
}

static void what_is_not_known_is_null(void **state)
{
	struct recording *r = *state;

	record(r, (struct fact){ .kind = FACT_BACKUP_MADE });
	assert_int_equal(database_number(r->db, "SELECT count(*) FROM audit WHERE user_id IS NULL AND reference IS NULL AND client_id IS NULL"
		" AND token_id IS NULL AND address IS NULL AND trace IS NULL AND data IS NULL"), 1);
}

static void record_is_kept_for_a_year(void **state)
{
	struct recording *r = *state;

	record(r, (struct fact){ .kind = FACT_BACKUP_MADE });
	assert_int_equal(database_number(r->db, "SELECT at FROM audit"), FIXTURE_START_MS);
	assert_int_equal(database_number(r->db, "SELECT expires FROM audit"), FIXTURE_START_MS + 365 * INT64_C(86400000));
}

static void retention_by_setting(void **state)
{
	struct recording *r = *state;

	r->f->settings.audit_retention_days = 36500;
	record(r, (struct fact){ .kind = FACT_BACKUP_MADE });
	assert_int_equal(database_number(r->db, "SELECT expires - at FROM audit"), 36500 * INT64_C(86400000));
}

/* ---- events ---- */

static void no_event_unless_the_list_says_so(void **state)
{
	struct recording *r = *state;

	r->origin.extended_events = true;
	record(r, (struct fact){ .kind = FACT_USER_UPDATED, .wished = true, .event_data = S("{}") });
	assert_events(r, 0);
}

static void extended_event_is_not_sent_to_everybody(void **state)
{
	struct recording *r = *state;

	record(r, (struct fact){ .kind = FACT_USER_LOCKED, .wished = true, .event_data = S("{}") });
	assert_events(r, 0);
}

static void extended_event(void **state)
{
	struct recording *r = *state;

	r->origin.extended_events = true;
	record(r, (struct fact){ .kind = FACT_USER_LOCKED, .event_data = S("{\"b\":2}") });
	assert_string_equal(database_text(r->db, "SELECT account || ' ' || sender || ' ' || name || ' ' || data FROM outbox"),
		"7 reuseid user.state.change {\"b\":2}");
}

static void event_is_tried_for_a_day(void **state)
{
	struct recording *r = *state;

	r->origin.extended_events = true;
	record(r, (struct fact){ .kind = FACT_USER_LOCKED, .event_data = S("{}") });
	assert_int_equal(database_number(r->db, "SELECT at FROM outbox"), FIXTURE_START_MS);
	assert_int_equal(database_number(r->db, "SELECT expires - at FROM outbox"), 86400000);
}

static void event_has_an_id(void **state)
{
	struct recording *r = *state;

	r->origin.extended_events = true;
	record(r, (struct fact){ .kind = FACT_USER_LOCKED, .event_data = S("{}") });
	record(r, (struct fact){ .kind = FACT_USER_LOCKED, .event_data = S("{}") });
	assert_int_equal(database_number(r->db, "SELECT count(DISTINCT id) FROM outbox WHERE length(id) = 16"), 2);
}

static void event_on_wish(void **state)
{
	struct recording *r = *state;

	record(r, (struct fact){ .kind = FACT_DEVICE_LOCKED, .device = &other, .wished = true });
	assert_string_equal(database_text(r->db, "SELECT name || ' ' || hex(device_id) FROM outbox"),
		"device.state.change 04050600000000000000000000000000");
}

static void event_that_nobody_wished_for(void **state)
{
	struct recording *r = *state;

	r->origin.extended_events = true;
	record(r, (struct fact){ .kind = FACT_DEVICE_LOCKED, .device = &other });
	assert_events(r, 0);
}

static void event_of_a_transaction(void **state)
{
	struct recording *r = *state;

	record(r, (struct fact){ .kind = FACT_AUTHENTICATION_COMPLETED, .user = &user, .transaction = &other });
	assert_int_equal(database_number(r->db, "SELECT count(*) FROM outbox WHERE hex(transaction_id) = '04050600000000000000000000000000'"
		" AND device_id IS NULL AND data IS NULL"), 1);
}

/* ---- together ---- */

static void failure_behind_it_leaves_neither(void **state)
{
	struct recording *r = *state;
	struct error e;

	r->origin.extended_events = r->fail = true;
	r->fact = (struct fact){ .kind = FACT_USER_LOCKED, .event_data = S("{}") };
	e = store_write(r->f->app.store, write_fact, r);
	assert_err(e, USER_EXISTS);
	assert_int_equal(database_number(r->db, "SELECT count(*) FROM audit"), 0);
	assert_events(r, 0);
}

/* The name under which the older paths know it; what they do not know stays as it is. */
static void events_of_the_older_paths(void **state)
{
	struct recording *r = *state;
	const struct uuid transaction = { { 4, 5, 6 } };

	record(r, (struct fact){ .kind = FACT_AUTHENTICATION_COMPLETED, .transaction = &transaction, .mobileid = true });
	record(r, (struct fact){ .kind = FACT_AUTHENTICATION_COMPLETED, .transaction = &transaction });
	assert_string_equal(database_text(r->db, "SELECT group_concat(sender || ':' || name, ' ') FROM (SELECT * FROM outbox ORDER BY n)"),
		"mobileid:authentication.completed reuseid:device.authentication.completed");
}

static void event_that_cannot_be_written_takes_the_record_along(void **state)
{
	struct recording *r = *state;

	r->origin.extended_events = true;
	r->fact = (struct fact){ .kind = FACT_USER_LOCKED, .event_data = S("{}") };
	database_run(r->db, "ALTER TABLE outbox RENAME TO away");
	assert_true(failed(store_write(r->f->app.store, write_fact, r)));
	assert_int_equal(database_number(r->db, "SELECT count(*) FROM audit"), 0);
}

static void both_are_counted(void **state)
{
	struct recording *r = *state;

	r->origin.extended_events = true;
	record(r, (struct fact){ .kind = FACT_USER_LOCKED, .event_data = S("{}") });
	record(r, (struct fact){ .kind = FACT_USER_UPDATED });
	assert_int_equal(metric_get(&r->f->metrics, METRIC_facts_total), 2);
	assert_int_equal(metric_get(&r->f->metrics, METRIC_events_total), 1);
}

/* ---- the list ---- */

static void each_type_stands_once(void **state)
{
	(void)state;
	for (int i = FACT_NONE + 1; i < FACT_COUNT; i++)
		for (int k = 0; k < i; k++)
			assert_string_not_equal(fact_info((enum fact_kind)i)->type, fact_info((enum fact_kind)k)->type);
}

static void types_are_origin_action_event(void **state)
{
	(void)state;
	for (int i = FACT_NONE + 1; i < FACT_COUNT; i++) {
		const char *type = fact_info((enum fact_kind)i)->type;
		bool origin = strncmp(type, "API_", 4) == 0 || strncmp(type, "ADMIN_", 6) == 0 || strncmp(type, "DEVICE_", 7) == 0 ||
			      strncmp(type, "PASSKEY_", 8) == 0 || strncmp(type, "SYSTEM_", 7) == 0 ||
			      strncmp(type, "PROOFING_", 9) == 0;

		if (!origin || type[strspn(type, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")])
			fail_msg("%s", type);
	}
}

static void services_are_known(void **state)
{
	static const char *const services[] = {
		"reuseid", "mobileid", "passkeys", "onboarding", "assure", "auth", "iam", "events", "dashboard" };

	(void)state;
	for (int i = FACT_NONE + 1; i < FACT_COUNT; i++) {
		bool known = false;

		for (size_t k = 0; k < COUNT(services); k++)
			known |= strcmp(fact_info((enum fact_kind)i)->service, services[k]) == 0;
		if (!known)
			fail_msg("%s: %s", fact_info((enum fact_kind)i)->type, fact_info((enum fact_kind)i)->service);
	}
}

static void each_has_a_message(void **state)
{
	(void)state;
	for (int i = FACT_NONE + 1; i < FACT_COUNT; i++)
		assert_true(*fact_info((enum fact_kind)i)->message);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(record_of_everything),
		TEST(what_is_not_known_is_null),
		TEST(records_of_an_account_are_numbered_without_a_gap),
		TEST(numbers_go_on_behind_what_was_deleted),
		TEST(none_is_no_fact),
		TEST(retention_of_the_account_comes_first),
		TEST(address_of_a_person_is_sealed),
		TEST(address_of_a_person_is_not_told_of_another),
		TEST(commitments_of_equal_texts_differ),
		TEST(record_is_kept_for_a_year),
		TEST(retention_by_setting),
		TEST(no_event_unless_the_list_says_so),
		TEST(extended_event_is_not_sent_to_everybody),
		TEST(extended_event),
		TEST(event_is_tried_for_a_day),
		TEST(event_has_an_id),
		TEST(event_on_wish),
		TEST(event_that_nobody_wished_for),
		TEST(event_of_a_transaction),
		TEST(failure_behind_it_leaves_neither),
		TEST(events_of_the_older_paths),
		TEST(event_that_cannot_be_written_takes_the_record_along),
		TEST(both_are_counted),
		cmocka_unit_test(each_type_stands_once),
		cmocka_unit_test(types_are_origin_action_event),
		cmocka_unit_test(services_are_known),
		cmocka_unit_test(each_has_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

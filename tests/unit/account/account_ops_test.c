#include <stdlib.h>

#include "setup.h"

static bool is_id(const char *id, const char *front)
{
	size_t n = strlen(front);

	return strncmp(id, front, n) == 0 && strlen(id + n) == 20 && strspn(id + n,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") == 20;
}

/* ---- create ---- */

static void id_of_a_sandbox_account(void **state)
{
	struct setup *s = *state;

	assert_true(is_id(account_made(s, "sandbox"), "a-spge-"));
}

static void id_of_a_production_account(void **state)
{
	struct setup *s = *state;

	assert_true(is_id(account_made(s, "production"), "a-ppge-"));
}

static void created_account_is_told_whole(void **state)
{
	struct setup *s = *state;
	struct answer a = post(s->f, "/admin/accounts", "{\"name\":\"Bank\",\"type\":\"production\",\"extendedEvents\":true}");

	assert_status(a, 200);
	assert_string_equal(text_of(a, "name"), "Bank");
	assert_string_equal(text_of(a, "type"), "production");
	assert_true(json_is_true(member(a, "extendedEvents")));
	assert_string_equal(text_of(a, "created"), "2026-01-01T00:00:00.000Z");
}

static void extended_events_are_off_unless_asked_for(void **state)
{
	struct setup *s = *state;
	struct answer a = post(s->f, "/admin/accounts", "{\"name\":\"Bank\",\"type\":\"sandbox\"}");

	assert_true(json_is_false(member(a, "extendedEvents")));
}

static void created_account_is_known_at_once(void **state)
{
	struct setup *s = *state;
	const char *id = account_made(s, "production");
	const struct snapshot *snapshot = accounts_hold(&s->f->app);
	const struct account_info *info = snapshot_account(snapshot, slice_text(id));

	assert_non_null(info);
	assert_false(info->sandbox);
	accounts_release(snapshot);
}

static void creation_is_recorded(void **state)
{
	struct setup *s = *state;
	const char *id = account_made(s, "sandbox");

	assert_last_fact(s, number_of_account(s, id), "ADMIN_ACCOUNT_CREATED", id, "");
}

static void location_names_the_account(void **state)
{
	struct setup *s = *state;
	struct answer a = post(s->f, "/admin/accounts", "{\"name\":\"Bank\",\"type\":\"sandbox\"}");

	assert_string_equal(answer_header(&a, "Location"), PATH(s, "/admin/accounts/%s", text_of(a, "id")));
}

static void name_is_needed(void **state)
{
	struct setup *s = *state;

	assert_invalid(post(s->f, "/admin/accounts", "{\"type\":\"sandbox\"}"), "name");
	assert_invalid(post(s->f, "/admin/accounts", "{\"name\":\"\",\"type\":\"sandbox\"}"), "name");
}

static void name_has_a_bound(void **state)
{
	struct setup *s = *state;

	assert_status(post(s->f, "/admin/accounts", "{\"name\":\"%0100d\",\"type\":\"sandbox\"}", 1), 200);
	assert_invalid(post(s->f, "/admin/accounts", "{\"name\":\"%0101d\",\"type\":\"sandbox\"}", 1), "name");
}

static void type_is_needed(void **state)
{
	struct setup *s = *state;

	assert_invalid(post(s->f, "/admin/accounts", "{\"name\":\"Bank\"}"), "type");
}

static void unknown_type_is_refused(void **state)
{
	struct setup *s = *state;

	assert_invalid(post(s->f, "/admin/accounts", "{\"name\":\"Bank\",\"type\":\"test\"}"), "type");
}

static void without_an_organisation_there_is_no_account(void **state)
{
	struct setup *s = *state;

	assert_problem(post(s->f, "/admin/accounts", "{\"name\":\"Bank\",\"type\":\"sandbox\"}"), 404, "organisation_does_not_exist");
}

/* ---- read ---- */

static void list_of_none(void **state)
{
	struct setup *s = *state;
	struct answer a = get(s->f, "/admin/accounts");

	assert_status(a, 200);
	assert_slice_equal(a.text, S("{\"accounts\":[]}"));
}

static void list_shows_every_account_oldest_first(void **state)
{
	struct setup *s = *state;
	const char *second = account_made(s, "production");
	const char *third = account_made(s, "sandbox");
	struct answer a = get(s->f, "/admin/accounts");

	assert_int_equal(json_array_size(member(a, "accounts")), 3);
	assert_string_equal(text_of(a, "accounts.0.id"), s->first.account_id);
	assert_string_equal(text_of(a, "accounts.1.id"), second);
	assert_string_equal(text_of(a, "accounts.2.id"), third);
}

static void one_account(void **state)
{
	struct setup *s = *state;
	struct answer a = get(s->f, "/admin/accounts/%s", s->first.account_id);

	assert_status(a, 200);
	assert_string_equal(text_of(a, "id"), s->first.account_id);
	assert_string_equal(text_of(a, "type"), "sandbox");
}

static void unknown_account(void **state)
{
	struct setup *s = *state;

	assert_problem(get(s->f, "/admin/accounts/a-spge-x"), 404, "account_does_not_exist");
	assert_problem(patch(s->f, "/admin/accounts/a-spge-x", "{\"name\":\"x\"}"), 404, "account_does_not_exist");
	assert_problem(del(s->f, "/admin/accounts/a-spge-x"), 404, "account_does_not_exist");
}

/* ---- change ---- */

static void change_tells_the_account_as_it_is_now(void **state)
{
	struct setup *s = *state;
	struct answer a = patch(s->f, PATH(s, "/admin/accounts/%s", s->first.account_id), "{\"name\":\"Other\",\"extendedEvents\":true}");

	assert_status(a, 200);
	assert_string_equal(text_of(a, "name"), "Other");
	assert_true(json_is_true(member(a, "extendedEvents")));
	assert_slice_equal(get(s->f, "/admin/accounts/%s", s->first.account_id).text, a.text);
}

static void what_is_not_named_stays(void **state)
{
	struct setup *s = *state;
	const char *path = PATH(s, "/admin/accounts/%s", s->first.account_id);

	patch(s->f, path, "{\"name\":\"Other\",\"extendedEvents\":true}");
	assert_true(json_is_true(member(patch(s->f, path, "{\"name\":\"Third\"}"), "extendedEvents")));
	assert_string_equal(text_of(patch(s->f, path, "{\"extendedEvents\":false}"), "name"), "Third");
}

static void change_counts_at_once(void **state)
{
	struct setup *s = *state;
	const struct snapshot *snapshot;

	patch(s->f, PATH(s, "/admin/accounts/%s", s->first.account_id), "{\"extendedEvents\":true}");
	snapshot = accounts_hold(&s->f->app);
	assert_true(snapshot_account(snapshot, slice_text(s->first.account_id))->extended_events);
	accounts_release(snapshot);
}

static void record_of_a_change_names_what_changed(void **state)
{
	struct setup *s = *state;
	int64_t n = number_of_account(s, s->first.account_id);

	patch(s->f, PATH(s, "/admin/accounts/%s", s->first.account_id), "{\"name\":\"Sandbox\",\"extendedEvents\":true}");
	assert_last_fact(s, n, "ADMIN_ACCOUNT_UPDATED", s->first.account_id, "{\"changed\":[\"extendedEvents\"]}");
}

static void change_of_nothing_is_not_recorded(void **state)
{
	struct setup *s = *state;
	int64_t before = fixture_number(s->f, &fact_count);

	assert_status(patch(s->f, PATH(s, "/admin/accounts/%s", s->first.account_id), "{\"name\":\"Sandbox\"}"), 200);
	assert_int_equal(fixture_number(s->f, &fact_count), before);
}

static void name_cannot_be_emptied(void **state)
{
	struct setup *s = *state;

	assert_invalid(patch(s->f, PATH(s, "/admin/accounts/%s", s->first.account_id), "{\"name\":\"\"}"), "name");
}

static void type_can_never_change(void **state)
{
	struct setup *s = *state;
	const char *path = PATH(s, "/admin/accounts/%s", s->first.account_id);

	assert_invalid(patch(s->f, path, "{\"type\":\"production\"}"), "type");
	assert_status(patch(s->f, path, "{\"type\":\"sandbox\"}"), 200);
}

/* ---- delete ---- */

SQL(add_user,
	"INSERT INTO users (id, account, version, state, created, last_used, wrapped_key, profile)"
	" SELECT 'x', n, 1, 1, 1, 1, 'k', 'p' FROM accounts LIMIT 1");
SQL(domain_count, "SELECT count(*) FROM domains");
SQL(client_count, "SELECT count(*) FROM clients");
SQL(secret_count, "SELECT count(*) FROM client_secrets");

static struct error add_user_now(void *arg, struct tx *tx)
{
	(void)arg;
	return sql_run(tx, &add_user, NO_ARGS, NULL);
}

static void delete_takes_everything_of_the_account_along(void **state)
{
	struct setup *s = *state;

	post(s->f, "/admin/domains", "{\"accountId\":\"%s\",\"name\":\"a.example.com\"}", s->first.account_id);
	assert_status(del(s->f, "/admin/accounts/%s", s->first.account_id), 204);
	assert_problem(get(s->f, "/admin/accounts/%s", s->first.account_id), 404, "account_does_not_exist");
	assert_int_equal(fixture_number(s->f, &domain_count), 0);
	assert_int_equal(fixture_number(s->f, &client_count), 0);
	assert_int_equal(fixture_number(s->f, &secret_count), 0);
}

static void delete_leaves_other_accounts_alone(void **state)
{
	struct setup *s = *state;
	const char *other = account_made(s, "sandbox");

	post(s->f, "/admin/clients", "{\"accountId\":\"%s\",\"name\":\"Other\"}", other);
	post(s->f, "/admin/domains", "{\"accountId\":\"%s\",\"name\":\"a.example.com\"}", other);
	del(s->f, "/admin/accounts/%s", s->first.account_id);
	assert_int_equal(fixture_number(s->f, &domain_count), 1);
	assert_int_equal(fixture_number(s->f, &client_count), 1);
	assert_int_equal(fixture_number(s->f, &secret_count), 1);
}

static void delete_counts_at_once(void **state)
{
	struct setup *s = *state;

	assert_true(secret_works(s, s->first.client_id, s->first.secret));
	del(s->f, "/admin/accounts/%s", s->first.account_id);
	assert_false(secret_works(s, s->first.client_id, s->first.secret));
}

static void delete_is_recorded(void **state)
{
	struct setup *s = *state;
	int64_t n = number_of_account(s, s->first.account_id);

	del(s->f, "/admin/accounts/%s", s->first.account_id);
	assert_last_fact(s, n, "ADMIN_ACCOUNT_DELETED", s->first.account_id, "");
}

static void account_with_users_is_kept(void **state)
{
	struct setup *s = *state;

	must(store_write(s->f->app.store, add_user_now, NULL));
	assert_problem(del(s->f, "/admin/accounts/%s", s->first.account_id), 409, "account_in_use");
	assert_true(secret_works(s, s->first.client_id, s->first.secret));
}

/* ---- who may ---- */

static void nothing_is_there_for_others(void **state)
{
	static const struct from outside = { .token = "token" };
	struct setup *s = *state;

	assert_problem(fixture_request(s->f, &outside, HTTP_GET, "/admin/accounts", NULL), 404, "not_found");
	assert_problem(fixture_request(s->f, &outside, HTTP_DELETE, PATH(s, "/admin/accounts/%s", s->first.account_id), NULL), 404,
		"not_found");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		USUAL(id_of_a_sandbox_account),
		USUAL(id_of_a_production_account),
		USUAL(created_account_is_told_whole),
		USUAL(extended_events_are_off_unless_asked_for),
		USUAL(created_account_is_known_at_once),
		USUAL(creation_is_recorded),
		USUAL(location_names_the_account),
		USUAL(name_is_needed),
		USUAL(name_has_a_bound),
		USUAL(type_is_needed),
		USUAL(unknown_type_is_refused),
		EMPTY(without_an_organisation_there_is_no_account),
		EMPTY(list_of_none),
		USUAL(list_shows_every_account_oldest_first),
		USUAL(one_account),
		USUAL(unknown_account),
		USUAL(change_tells_the_account_as_it_is_now),
		USUAL(what_is_not_named_stays),
		USUAL(change_counts_at_once),
		USUAL(record_of_a_change_names_what_changed),
		USUAL(change_of_nothing_is_not_recorded),
		USUAL(name_cannot_be_emptied),
		USUAL(type_can_never_change),
		USUAL(delete_takes_everything_of_the_account_along),
		USUAL(delete_leaves_other_accounts_alone),
		USUAL(delete_counts_at_once),
		USUAL(delete_is_recorded),
		USUAL(account_with_users_is_kept),
		USUAL(nothing_is_there_for_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The MobileID Admin API: which accounts have MobileID, one more, and whether it is at work. */
#include "tests/unit/device/scene.h"

#define ACCOUNTS "/mobileid/admin/accounts"

static struct answer put_state(struct site *s, const char *state)
{
	return ask(s->w, HTTP_PUT, TEXT(s->w, ACCOUNTS "/%s/state", s->w->first.account_id), TEXT(s->w, "{\"state\":\"%s\"}", state));
}

static void use_client_of_the_organisation(struct site *s)
{
	s->w->token = world_token(s->w, world_client(s->w, NULL, "[\"all\"]"));
}

static struct answer add(struct site *s, const char *account)
{
	return ask(s->w, HTTP_POST, ACCOUNTS, TEXT(s->w, "{\"accountId\":\"%s\"}", account));
}

static void one_is_added_once(void **state)
{
	struct site *s = *state;
	const char *other = world_account(s->w, "sandbox");
	struct answer added, again;

	use_client_of_the_organisation(s);
	added = add(s, other);
	assert_status(added, 200);
	assert_string_equal(text_of(added, "accountId"), other);
	assert_string_equal(text_of(added, "state"), "ACTIVE");
	assert_int_equal(number(s, "SELECT count(*) FROM audit WHERE type = 'ADMIN_CONFIG_CHANGED' AND client_id IS NOT NULL AND account = %lld",
		(long long)world_account_number(s->w, other)), 1);
	again = ask(s->w, HTTP_GET, TEXT(s->w, ACCOUNTS "/%s/application-configurations", other), NULL);
	assert_string_equal(text_of(again, "applications.0.applicationId"), text_of(added, "applicationId"));
	assert_problem(add(s, other), 409, "account_already_onboarded");
	assert_problem(add(s, "a-spge-nobody"), 404, "account_does_not_exist");
	assert_invalid(ask(s->w, HTTP_POST, ACCOUNTS, "{}"), "accountId");
	assert_int_equal(number(s, "SELECT count(*) FROM applications"), 2);
	assert_int_equal(number(s, "SELECT count(*) FROM e2e_keys"), 2);
}

/* A client of one account neither sees nor changes another one, though it is of the same organisation. */
static void a_client_of_an_account_has_that_one_alone(void **state)
{
	struct site *s = *state;
	const char *other = world_account(s->w, "sandbox");
	struct answer list;

	assert_problem(add(s, other), 404, "account_does_not_exist");
	assert_int_equal(number(s, "SELECT count(*) FROM applications"), 1);
	assert_status(post(s->f, "/admin/mobileid", "{\"accountId\":\"%s\"}", other), 200);
	assert_problem(add(s, other), 404, "account_does_not_exist");
	assert_problem(ask(s->w, HTTP_PUT, TEXT(s->w, ACCOUNTS "/%s/state", other), "{\"state\":\"INACTIVE\"}"), 404, "account_does_not_exist");
	assert_int_equal(number(s, "SELECT count(*) FROM applications WHERE state = 1"), 2);
	list = ask(s->w, HTTP_GET, ACCOUNTS, NULL);
	assert_int_equal(json_array_size(member(list, "accounts")), 1);
	assert_string_equal(text_of(list, "accounts.0.accountId"), s->w->first.account_id);
}

static void those_of_an_organisation(void **state)
{
	struct site *s = *state;
	const char *other = world_account(s->w, "sandbox");
	struct answer list, statistics;
	json_t *whole;

	world_account(s->w, "production"); /* has none */
	assert_status(post(s->f, "/admin/mobileid", "{\"accountId\":\"%s\"}", other), 200);
	use_client_of_the_organisation(s);
	list = ask(s->w, HTTP_GET, ACCOUNTS, NULL);
	assert_int_equal(json_array_size(member(list, "accounts")), 2);
	assert_string_equal(text_of(list, "accounts.0.accountId"), s->w->first.account_id);
	statistics = ask(s->w, HTTP_GET, TEXT(s->w, ACCOUNTS "/%s/statistics", s->w->first.account_id), NULL);
	whole = json_loadb((const char *)statistics.text.p, statistics.text.n, 0, NULL);
	assert_true(json_equal(member(list, "accounts.0.statistics"), whole));
	json_decref(whole);
	assert_int_equal(json_integer_value(member(list, "accounts.1.statistics.users")), 0);
	list = ask(s->w, HTTP_GET, TEXT(s->w, ACCOUNTS "?statistics=false&signicat-accountid=%s", other), NULL);
	assert_int_equal(json_array_size(member(list, "accounts")), 1);
	assert_string_equal(text_of(list, "accounts.0.accountId"), other);
	assert_null(member(list, "accounts.0.statistics"));
}

static void nothing_begins_while_it_is_inactive(void **state)
{
	struct scene *c = scene_new(*state);
	struct site *s = c->s;
	int64_t begun;

	scene_registered(c);
	begun = number(s, "SELECT count(*) FROM transactions");
	assert_string_equal(text_of(put_state(s, "INACTIVE"), "state"), "INACTIVE");
	assert_problem(start_registration(s, c->user, ""), 403, "account_inactive");
	assert_problem(start_authentication(s, c->user, c->device, ""), 403, "account_inactive");
	assert_problem(start_signature(s, c->user, c->device, ""), 403, "account_inactive");
	assert_code(phone_cfg_get(c->p), 221);
	assert_int_equal(number(s, "SELECT count(*) FROM transactions"), begun);
	assert_string_equal(scene_device(c), "ACTIVE OPEN");
	assert_status(put_state(s, "ACTIVE"), 200);
	scene_authentication(c, "");
	assert_ok_reply(phone_approve(c->p, PIN));
	scene_free(c);
}

/* A session that was open goes on where it was; what was refused meanwhile was neither counted nor written. */
static void what_was_open_goes_on(void **state)
{
	struct scene *c = scene_new(*state);
	struct site *s = c->s;

	scene_started(c);
	assert_status(put_state(s, "INACTIVE"), 200);
	for (int i = 0; i < 5; i++)
		assert_code(phone_ses_pin(c->p, WRONG_PIN, PROPER), 221);
	assert_string_equal(scene_outcome(c), "PENDING");
	assert_status(put_state(s, "ACTIVE"), 200);
	assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
	assert_ok_reply(phone_ses_finish(c->p, "DEVICE_PIN", PROPER));
	assert_string_equal(scene_outcome(c), "COMPLETED");
	scene_free(c);
}

static void each_change_is_recorded(void **state)
{
	struct site *s = *state;

	assert_status(put_state(s, "ACTIVE"), 200);
	assert_int_equal(facts_of(s, "API_MOBILEID_ACTIVATED"), 0);
	assert_status(put_state(s, "INACTIVE"), 200);
	assert_status(put_state(s, "INACTIVE"), 200);
	assert_int_equal(facts_of(s, "API_MOBILEID_INACTIVATED"), 1);
	assert_string_equal(text_of(ask(s->w, HTTP_GET, ACCOUNTS, NULL), "accounts.0.state"), "INACTIVE");
	assert_status(put_state(s, "ACTIVE"), 200);
	assert_int_equal(facts_of(s, "API_MOBILEID_ACTIVATED"), 1);
	assert_invalid(put_state(s, "ASLEEP"), "state");
}

static void nobody_is_cleaned_up_while_it_is_inactive(void **state)
{
	struct scene *c = scene_new(*state);
	const int64_t day = 24 * 60 * 60 * 1000;

	scene_registered(c);
	site_configure(c->s, "{\"inactiveDeviceCleanupDays\":30}");
	assert_status(put_state(c->s, "INACTIVE"), 200);
	site_advance(c->s, 31 * day);
	must(devices_clean_up(&c->s->f->app));
	assert_string_equal(scene_device(c), "ACTIVE OPEN");
	assert_status(put_state(c->s, "ACTIVE"), 200);
	must(devices_clean_up(&c->s->f->app));
	assert_string_equal(scene_device(c), "DELETED OPEN");
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(one_is_added_once),
		SITE_TEST(a_client_of_an_account_has_that_one_alone),
		SITE_TEST(those_of_an_organisation),
		SITE_TEST(nothing_begins_while_it_is_inactive),
		SITE_TEST(what_was_open_goes_on),
		SITE_TEST(each_change_is_recorded),
		SITE_TEST(nobody_is_cleaned_up_while_it_is_inactive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

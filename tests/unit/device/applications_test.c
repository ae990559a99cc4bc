/* Applications and their keys in memory, adding MobileID to an account, and what an app is configured with. */
#include <pthread.h>

#include "codec/encode.h"
#include "tests/unit/device/site.h"

static const struct application_set *set_of(struct site *s)
{
	return applications_now(&s->f->app);
}

/* ---- what is found ---- */

static void found_by_id_text_and_account(void **state)
{
	struct site *s = *state;
	const struct application *a = application_of_account(set_of(s), s->account);

	assert_non_null(a);
	assert_ptr_equal(application_by_id(set_of(s), &a->id), a);
	assert_ptr_equal(application_by_text(set_of(s), slice_text(a->id_text)), a);
	assert_string_equal(a->id_text, s->configuration.application_id);
	assert_slice_equal(a->info->id, slice_text(s->w->first.account_id));
}

static void unknown_ones_are_not_found(void **state)
{
	struct site *s = *state;
	const struct application *a = application_of_account(set_of(s), s->account);
	const struct uuid unknown = { { 1 } };
	uint8_t id[KEY_ID_BYTES] = { 0 };

	assert_null(application_by_id(set_of(s), &unknown));
	assert_null(application_by_text(set_of(s), S("")));
	assert_null(application_by_text(set_of(s), slice_of(a->id_text, UUID_TEXT - 1)));
	assert_null(application_of_account(set_of(s), s->account + 1));
	assert_null(e2e_key_find(set_of(s), slice_of(id, sizeof(id))));
	assert_null(e2e_key_newest(set_of(s), &unknown));
	assert_null(salt_key_find(set_of(s), &a->id, S("s-none")));
	assert_null(salt_key_newest(set_of(s), &unknown));
}

static void key_is_known_by_its_hash(void **state)
{
	struct site *s = *state;
	const struct e2e_key *key = e2e_key_newest(set_of(s), &application_of_account(set_of(s), s->account)->id);
	uint8_t id[KEY_ID_BYTES];

	envelope_key_id(key->public_key, id);
	assert_memory_equal(id, key->id, KEY_ID_BYTES);
	assert_ptr_equal(e2e_key_find(set_of(s), slice_of(id, sizeof(id))), key);
}

/* A salt key of another application is none. */
static void salt_keys_belong_to_their_application(void **state)
{
	struct site *s = *state;
	int64_t other = world_account_number(s->w, world_account(s->w, "sandbox"));
	const struct application *a, *b;

	must(devices_add_mobileid(&s->f->app, other, "Other"));
	a = application_of_account(set_of(s), s->account);
	b = application_of_account(set_of(s), other);
	assert_null(salt_key_find(set_of(s), &a->id, slice_text(salt_key_newest(set_of(s), &b->id)->id)));
	assert_string_not_equal(salt_key_newest(set_of(s), &a->id)->id, salt_key_newest(set_of(s), &b->id)->id);
}

static void the_same_after_a_restart(void **state)
{
	struct site *s = *state;
	struct device_configuration again;
	uint8_t secret[SALT_KEY_BYTES];

	memcpy(secret, set_of(s)->salt_keys[0].secret, sizeof(secret));
	devices_close(&s->f->app);
	fixture_reopen(s->f);
	must(devices_open(&s->f->app));
	must(devices_configuration(&s->f->app, s->account, &again));
	assert_string_equal(again.application_id, s->configuration.application_id);
	assert_string_equal(again.public_key, s->configuration.public_key);
	assert_memory_equal(secret, set_of(s)->salt_keys[0].secret, sizeof(secret));
}

/* ---- what does not open ---- */

static void damaged_rows_stop_the_start(void **state)
{
	static const char *const damages[] = {
		"UPDATE e2e_keys SET private_key = x'00'", "UPDATE salt_keys SET secret = (SELECT private_key FROM e2e_keys)",
		"UPDATE salt_keys SET id = 'another'", "UPDATE e2e_keys SET id = x'0000000000000000'", "UPDATE applications SET config = '{'",
		"UPDATE e2e_keys SET wrapped_key = (SELECT wrapped_key FROM salt_keys)",
	};
	(void)state;

	for (size_t i = 0; i < COUNT(damages); i++) {
		struct site *s = site_new(NULL);

		database_run(s->db, damages[i]);
		devices_close(&s->f->app);
		if (!failed(devices_open(&s->f->app)))
			fail_msg("opened in spite of: %s", damages[i]);
		site_free(s);
	}
}

/* ---- adding MobileID ---- */

static void what_is_there_stays(void **state)
{
	struct site *s = *state;
	struct device_configuration again;
	struct digest before, after;

	database_digest(s->db, &before);
	must(devices_add_mobileid(&s->f->app, s->account, "Another name"));
	must(devices_configuration(&s->f->app, s->account, &again));
	database_digest(s->db, &after);
	assert_nothing_changed(&before, &after);
	assert_string_equal(again.public_key, s->configuration.public_key);
}

static void account_without_it_has_no_configuration(void **state)
{
	struct site *s = *state;
	struct device_configuration none;

	assert_err(devices_configuration(&s->f->app, s->account + 1, &none), NOT_ONBOARDED);
}

struct adder {
	struct site *s;
	int64_t account;
	pthread_t thread;
	struct error error;
};

static void *add(void *arg)
{
	struct adder *a = arg;

	a->error = devices_add_mobileid(&a->s->f->app, a->account, "Two at once");
	return NULL;
}

static void two_at_once_add_one(void **state)
{
	struct site *s = *state;

	for (int round = 0; round < 20; round++) {
		int64_t account = world_account_number(s->w, world_account(s->w, "sandbox"));
		struct adder adders[2] = { { .s = s, .account = account }, { .s = s, .account = account } };

		for (int i = 0; i < 2; i++)
			assert_int_equal(pthread_create(&adders[i].thread, NULL, add, &adders[i]), 0);
		for (int i = 0; i < 2; i++) {
			pthread_join(adders[i].thread, NULL);
			must(adders[i].error);
		}
		assert_int_equal(number(s, "SELECT count(*) FROM applications WHERE account = %lld", (long long)account), 1);
		assert_non_null(application_of_account(set_of(s), account));
	}
}

/* ---- the operator's routes ---- */

static void operator_adds_and_shows(void **state)
{
	struct site *s = *state;
	const char *account = world_account(s->w, "sandbox");
	struct answer added = post(s->f, "/admin/mobileid", "{\"accountId\":\"%s\"}", account), shown;

	assert_status(added, 200);
	assert_int_equal(json_integer_value(member(added, "v")), 1);
	assert_string_equal(text_of(added, "name"), "Another");
	assert_string_equal(text_of(added, "serverUrl"), "http://localhost:8080" DEVICE_SERVER_PATH);
	shown = get(s->f, "/admin/mobileid/%s", account);
	assert_slice_equal(shown.text, added.text);
	assert_slice_equal(post(s->f, "/admin/mobileid", "{\"accountId\":\"%s\"}", account).text, added.text);
	assert_int_equal(facts_of(s, "ADMIN_CONFIG_CHANGED"), 2); /* the site's own, and this one */
}

static void configuration_is_that_of_the_key(void **state)
{
	struct site *s = *state;
	struct answer shown = get(s->f, "/admin/mobileid/%s", s->w->first.account_id);
	struct slice der;
	uint8_t public_key[X25519_BYTES];

	must(b64_read(&s->f->arena, slice_text(text_of(shown, "publicKey")), &der));
	must(x25519_spki_read(der, public_key));
	assert_memory_equal(public_key, set_of(s)->e2e_keys[0].public_key, X25519_BYTES);
}

static void operator_is_refused(void **state)
{
	struct site *s = *state;
	const char *account = world_account(s->w, "sandbox");

	assert_problem(post(s->f, "/admin/mobileid", "{\"accountId\":\"a-spge-nobody\"}"), 404, "account_does_not_exist");
	assert_problem(get(s->f, "/admin/mobileid/a-spge-nobody"), 404, "account_does_not_exist");
	assert_problem(get(s->f, "/admin/mobileid/%s", account), 403, "account_not_onboarded");
	assert_invalid(post(s->f, "/admin/mobileid", "{}"), "accountId");
	assert_problem(ask(s->w, HTTP_GET, TEXT(s->w, "/admin/mobileid/%s", account), NULL), 404, "not_found"); /* not through the socket */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(found_by_id_text_and_account),
		SITE_TEST(unknown_ones_are_not_found),
		SITE_TEST(key_is_known_by_its_hash),
		SITE_TEST(salt_keys_belong_to_their_application),
		SITE_TEST(the_same_after_a_restart),
		cmocka_unit_test(damaged_rows_stop_the_start),
		SITE_TEST(what_is_there_stays),
		SITE_TEST(account_without_it_has_no_configuration),
		SITE_TEST(two_at_once_add_one),
		SITE_TEST(operator_adds_and_shows),
		SITE_TEST(configuration_is_that_of_the_key),
		SITE_TEST(operator_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Accounts at the services: what is read, and what is refused with a reason. */
#include "tests/unit/push/accounts.h"

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void standard_addresses(void **state)
{
	struct push_account fcm = account_of(push_service_FCM, fcm_json("")), apns = account_of(push_service_APNS, apns_json(""));
	struct push_account test = account_of(push_service_APNS, apns_json(",\"environment\":\"DEVELOPMENT\""));

	(void)state;
	assert_slice_equal(fcm.fcm.url, S("https://fcm.googleapis.com"));
	assert_slice_equal(fcm.fcm.token_uri, S("https://oauth2.googleapis.com/token"));
	assert_slice_equal(apns.apns.url, S("https://api.push.apple.com"));
	assert_slice_equal(test.apns.url, S("https://api.sandbox.push.apple.com"));
	push_account_clear(&fcm);
	push_account_clear(&apns);
	push_account_clear(&test);
}

static void addresses_of_ones_own(void **state)
{
	struct push_account fcm = account_of(push_service_FCM, fcm_json(",\"url\":\"https://a.example\",\"token_uri\":\"https://b.example/t\""));
	struct push_account apns = account_of(push_service_APNS, apns_json(",\"url\":\"https://c.example\",\"environment\":\"DEVELOPMENT\""));

	(void)state;
	assert_slice_equal(fcm.fcm.url, S("https://a.example"));
	assert_slice_equal(fcm.fcm.token_uri, S("https://b.example/t"));
	assert_slice_equal(apns.apns.url, S("https://c.example"));
	push_account_clear(&fcm);
	push_account_clear(&apns);
}

static void assert_refused(enum push_service service, struct slice json)
{
	struct push_account account;
	const char *why = NULL;

	if (!is_err(push_account_read(service, json, &arena, &account, &why), E_CONFIG))
		fail_msg("%.*s", FMT(json));
	assert_non_null(why);
	assert_null(account.key);
}

static void key_of_the_wrong_kind(void **state)
{
	struct slice rsa = pem_of(SIGN_RS256), ec = pem_of(SIGN_ES256);

	(void)state;
	assert_refused(push_service_FCM, arena_printf(&arena, "{\"project_id\":\"a\",\"client_email\":\"b\",\"private_key_id\":\"c\",\"private_key\":\"%.*s\"}",
		FMT(ec)));
	assert_refused(push_service_APNS, arena_printf(&arena, "{\"teamId\":\"a\",\"keyId\":\"b\",\"topic\":\"c\",\"privateKey\":\"%.*s\"}", FMT(rsa)));
	assert_refused(push_service_WEBPUSH, arena_printf(&arena, "{\"subject\":\"mailto:a\",\"privateKey\":\"%.*s\"}", FMT(rsa)));
}

static void what_is_refused(void **state)
{
	struct slice pem = pem_of(SIGN_ES256);

	(void)state;
	for (int service = 1; service < push_service_count; service++) {
		assert_refused((enum push_service)service, S(""));
		assert_refused((enum push_service)service, S("[]"));
		assert_refused((enum push_service)service, S("{}"));
		assert_refused((enum push_service)service, S("null"));
	}
	assert_refused(push_service_APNS, apns_json(",\"environment\":\"MOON\""));
	assert_refused(push_service_WEBPUSH, S("{\"subject\":\"mailto:a\"}"));
	assert_refused(push_service_WEBPUSH, S("{\"subject\":\"mailto:a\",\"privateKey\":\"no key\"}"));
	assert_refused(push_service_WEBPUSH, S("{\"subject\":\"mailto:a\",\"privateKey\":\"-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----\"}"));
	assert_refused(push_service_WEBPUSH, arena_printf(&arena, "{\"subject\":\"push@example.com\",\"privateKey\":\"%.*s\"}", FMT(pem)));
}

static void key_that_is_made_here(void **state)
{
	struct push_account account;
	struct buf json = buf_arena(&arena, 4096);
	struct jw w = jw_new(&json);
	struct slice pem;
	const char *why;

	(void)state;
	assert_ok(push_key_new(&arena, &pem));
	jw_open(&w, '{');
	jw_pair(&w, "subject", "https://example.com/push");
	jw_pair_text(&w, "privateKey", pem);
	jw_close(&w, '}');
	assert_ok(push_account_read(push_service_WEBPUSH, buf_bytes(&json), &arena, &account, &why));
	assert_int_equal(account.vapid_key.n, 87);
	push_account_clear(&account);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(standard_addresses),
		cmocka_unit_test(addresses_of_ones_own),
		cmocka_unit_test(key_of_the_wrong_kind),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(key_that_is_made_here),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

/* The MobileID Admin API: configuration at run time, E2E keys while phones go on, figures; devices that nobody uses. */
#include <string.h>

#include "codec/encode.h"
#include "tests/unit/device/scene.h"

static struct answer admin(struct site *s, enum http_method method, const char *path, const char *body)
{
	return ask(s->w, method, TEXT(s->w, "/mobileid/admin/accounts/%s%s", s->w->first.account_id, path), body);
}

static struct answer configure(struct site *s, const char *body)
{
	return admin(s, HTTP_PATCH, TEXT(s->w, "/application-configurations/%s", s->configuration.application_id), body);
}

static struct answer configuration(struct site *s)
{
	return admin(s, HTTP_GET, TEXT(s->w, "/application-configurations/%s", s->configuration.application_id), NULL);
}

static void every_property_is_shown_with_its_value(void **state)
{
	struct answer got = configuration(*state);

	assert_status(got, 200);
	assert_int_equal(json_object_size(member(got, "properties")), device_config_schema.n);
	assert_int_equal(json_integer_value(member(got, "properties.amountFailuresAllowed")), 3);
	assert_string_equal(text_of(got, "properties.hwKeyValidationStrategy"), "SUPPORTED");
	assert_int_equal(json_array_size(member(got, "changed")), 0);
	assert_string_equal(text_of(admin(*state, HTTP_GET, "/application-configurations", NULL), "applications.0.applicationId"),
		((struct site *)*state)->configuration.application_id);
}

static void changes_count_from_the_next_request_on(void **state)
{
	struct scene *c = scene_new(*state);
	struct answer changed;

	changed = configure(c->s, "{\"amountFailuresAllowed\":1,\"ACTIVATION_CODE_LENGTH\":9,\"geofencingActivationMode\":\"OFF\"}");
	assert_status(changed, 200);
	assert_int_equal(json_integer_value(member(changed, "properties.activationCodeLength")), 9);
	assert_string_equal(text_of(changed, "properties.geofencingActivationMode"), "DISABLED");
	assert_int_equal(strlen(text_of(start_registration(c->s, c->user, ""), "operationProperties.activationCode")), 9);
	scene_started(c);
	assert_ok_reply(phone_ses_pin(c->p, WRONG_PIN, PROPER));
	assert_code(phone_ses_finish(c->p, "DEVICE_PIN", PROPER), 226);
	changed = configure(c->s, "{\"amountFailuresAllowed\":null}");
	assert_int_equal(json_integer_value(member(changed, "properties.amountFailuresAllowed")), 3);
	assert_int_equal(json_array_size(member(changed, "changed")), 2);
	assert_int_equal(facts_of(c->s, "API_CONFIG_CHANGED"), 2);
	scene_free(c);
}

static void what_is_no_configuration(void **state)
{
	static const struct {
		const char *body, *name;
	} rows[] = {
		{ "{\"somethingNew\":1}", "somethingNew" },
		{ "{\"activationCodeLength\":3}", "activationCodeLength" },
		{ "{\"ACTIVATION_CODE_LENGTH\":129}", "activationCodeLength" },
		{ "{\"allowedAuthMethods\":\"DEVICE:PIN\"}", "allowedAuthMethods" },
		{ "{\"allowedAuthMethods\":\"DEVICE, DEVICE:FOOT\"}", "allowedAuthMethods" },
		{ "{\"allowedAuthMethods\":\"DEVICE\"}", "allowedAuthMethodsForAuthAndActivate" },
		{ "{\"pinCodeLengthMin\":8,\"pinCodeLengthMax\":6}", "pinCodeLengthMin" },
		{ "{\"recoveryCodeMinLength\":51}", "recoveryCodeMinLength" },
		{ "{\"attestationIosAppAttestMode\":\"REQUIRED\"}", "attestationIosAppAttestAppId" },
		{ "{\"attestationAndroidPlayIntegrityMode\":\"OPTIONAL\"}", "attestationAndroidPlayIntegrityPackageName" },
		{ "{\"encapApiBlacklistIos\":\"3.5.3, three\"}", "encapApiBlacklistIos" },
		{ "{\"geofencingDeniedCountries\":\"RUS\"}", "geofencingDeniedCountries" },
		{ "{\"riskAttributes\":\"ssid, isRootavailable\"}", "riskAttributes" },
		{ "{\"riskAttributes\":\"device_hash\"}", "riskAttributes" },
		{ "{\"riskAttributes\":\"ssid,,bssid\"}", "riskAttributes" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_invalid(configure(*state, rows[i].body), rows[i].name);
	assert_int_equal(json_array_size(member(configuration(*state), "changed")), 0);
}

static void risk_attributes_are_those_that_there_are(void **state)
{
	assert_status(configure(*state, "{\"riskAttributes\":\"ssid,isVpnEnabled , deviceHash, hwKeyServerResult\"}"), 200);
	assert_status(configure(*state, "{\"riskAttributes\":\"\"}"), 200);
}

static void unwise_ones_are_warned_of(void **state)
{
	struct answer changed = configure(*state, "{\"amountFailuresAllowed\":6}");

	assert_status(changed, 200);
	assert_int_equal(json_array_size(member(changed, "warnings")), 1);
	assert_null(member(configure(*state, "{\"amountFailuresAllowed\":5}"), "warnings"));
	changed = configure(*state, "{\"intermediatePushMode\":\"REQUIRED\"}");
	assert_string_equal(text_of(changed, "warnings.0"), "intermediatePushMode has no effect without pushEnabled");
	assert_null(member(configure(*state, "{\"pushEnabled\":true}"), "warnings"));
	changed = configure(*state, "{\"attestationIosAppAttestMode\":\"REQUIRED\",\"attestationIosAppAttestAppId\":\"TEAM.app\"}");
	assert_int_equal(json_array_size(member(changed, "warnings")), 1);
	assert_null(member(configure(*state, "{\"attestationIosAppAttestMode\":\"OPTIONAL\"}"), "warnings"));
}

#define KEY "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ="

static void secrets_are_neither_shown_nor_readable(void **state)
{
	struct site *s = *state;
	const struct device_config *config;
	struct answer changed = configure(s, "{\"attestationAndroidPlayIntegrityDecryptionKey\":\"" KEY "\",\"pinCodeLengthMin\":5}");

	assert_status(changed, 200);
	assert_string_equal(text_of(changed, "properties.attestationAndroidPlayIntegrityDecryptionKey"), "********");
	assert_int_equal(number(s, "SELECT count(*) FROM applications WHERE config LIKE '%%secret%%' OR config LIKE '%%c2Vj%%'"), 0);
	assert_status(configure(s, "{\"attestationAndroidPlayIntegrityDecryptionKey\":\"********\"}"), 200);
	config = &application_of_account(applications_now(&s->f->app), s->account)->config;
	assert_slice_equal(config->attestationAndroidPlayIntegrityDecryptionKey, S(KEY));
	assert_int_equal(config->pinCodeLengthMin, 5);
}

static void other_accounts_are_unknown(void **state)
{
	struct site *s = *state;
	const char *other = world_account(s->w, "sandbox");

	assert_problem(ask(s->w, HTTP_GET, TEXT(s->w, "/mobileid/admin/accounts/%s/statistics", other), NULL), 404, "account_does_not_exist");
	assert_problem(ask(s->w, HTTP_GET, "/mobileid/admin/accounts/a-spge-nobody/statistics", NULL), 404, "account_does_not_exist");
}

/* ---- E2E keys ---- */

static void use_key(struct phone *p, const char *public_key)
{
	struct slice der;

	must(b64_read(&p->arena, slice_text(public_key), &der));
	must(x25519_spki_read(der, p->server_key));
}

/* Made and handed out for apps with older SDKs; this server does not speak with them, and such a key is nobody's last one. */
static void keys_of_older_apps(void **state)
{
	static const uint8_t curve[] = { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x1a }; /* OID 1.3.132.0.26 */
	struct scene *c = scene_new(*state);
	struct answer added, keys;
	struct slice spki;

	fixture_advance(c->s->f, 1); /* so that it is the newer one */
	added = admin(c->s, HTTP_POST, "/e2e-keys", "{\"algorithm\":\"SECT233K1\"}");
	assert_status(added, 200);
	assert_true(json_is_false(member(added, "supported")));
	assert_ok(b64_read(&c->s->f->arena, slice_text(text_of(added, "publicKey")), &spki));
	assert_non_null(memmem(spki.p, spki.n, curve, sizeof(curve)));
	keys = admin(c->s, HTTP_GET, "/e2e-keys", NULL);
	assert_int_equal(json_array_size(member(keys, "keys")), 2);
	assert_problem(admin(c->s, HTTP_DELETE, TEXT(c->s->w, "/e2e-keys/%s", text_of(keys, "keys.1.keyId")), NULL), 409, "key_in_use");
	assert_string_equal(text_of(admin(c->s, HTTP_GET, TEXT(c->s->w, "/e2e-keys/%s", text_of(added, "keyId")), NULL), "publicKey"),
		text_of(added, "publicKey"));
	scene_registered(c); /* phones never hear of it */
	assert_int_equal(json_array_size(json_object_get(phone_cfg_get(c->p).json, "e2eKeys")), 1);
	assert_status(admin(c->s, HTTP_DELETE, TEXT(c->s->w, "/e2e-keys/%s", text_of(added, "keyId")), NULL), 204);
	scene_free(c);
}

/* What was retired stands in the list, but not in the way. */
static void keys_rotate_as_often_as_one_likes(void **state)
{
	struct scene *c = scene_new(*state);
	const char *old = text_of(admin(c->s, HTTP_GET, "/e2e-keys", NULL), "keys.0.keyId");

	for (int i = 0; i < 20; i++) {
		struct answer added = admin(c->s, HTTP_POST, "/e2e-keys", "{}");

		assert_status(added, 200);
		assert_status(admin(c->s, HTTP_DELETE, TEXT(c->s->w, "/e2e-keys/%s", old), NULL), 204);
		old = text_of(added, "keyId");
	}
	scene_free(c);
}

static void keys_change_while_phones_go_on(void **state)
{
	struct scene *c = scene_new(*state);
	struct answer added, keys;
	const char *old;

	scene_registered(c);
	old = text_of(admin(c->s, HTTP_GET, "/e2e-keys", NULL), "keys.0.keyId");
	assert_problem(admin(c->s, HTTP_DELETE, TEXT(c->s->w, "/e2e-keys/%s", old), NULL), 409, "key_in_use");
	fixture_advance(c->s->f, 1);
	added = admin(c->s, HTTP_POST, "/e2e-keys", "{\"algorithm\":\"X25519\"}");
	assert_status(added, 200);
	/* Both are taken: the shipped one until everybody moved. */
	scene_authentication(c, "");
	assert_ok_reply(phone_approve(c->p, PIN));
	use_key(c->p, text_of(added, "publicKey"));
	scene_authentication(c, "");
	assert_ok_reply(phone_ses_start(c->p, PROPER));
	assert_status(admin(c->s, HTTP_DELETE, TEXT(c->s->w, "/e2e-keys/%s", old), NULL), 204);
	assert_status(admin(c->s, HTTP_DELETE, TEXT(c->s->w, "/e2e-keys/%s", old), NULL), 204);
	/* A session goes on under the key of its own. */
	assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
	assert_ok_reply(phone_ses_finish(c->p, "DEVICE_PIN", PROPER));
	keys = admin(c->s, HTTP_GET, "/e2e-keys", NULL);
	assert_int_equal(json_array_size(member(keys, "keys")), 2);
	assert_string_equal(text_of(keys, "keys.1.state"), "RETIRED");
	assert_int_equal(number(c->s, "SELECT count(*) FROM e2e_keys WHERE state = 2 AND length(private_key) = 0"), 1);
	use_key(c->p, c->s->configuration.public_key);
	assert_int_equal(phone_ses_start(c->p, PROPER).http, 400);
	assert_problem(admin(c->s, HTTP_GET, "/e2e-keys/0123456789abcdef", NULL), 404, "e2e_key_does_not_exist");
	scene_free(c);
}

/* ---- figures ---- */

static void figures_by_segment(void **state)
{
	struct scene *c = scene_new(*state), *same = scene_new(*state);
	struct answer got;

	assert_status(ask(c->s->w, HTTP_PATCH, TEXT(c->s->w, "/reuseid/core/users/%s", c->user), "{\"segment\":\"SE\"}"), 200);
	scene_registered(c);
	scene_registered(same);
	assert_status(scene_patch(same, "{\"state\":\"LOCKED\"}"), 200);
	got = admin(c->s, HTTP_GET, "/statistics", NULL);
	assert_int_equal(json_integer_value(member(got, "activeDevices")), 1);
	assert_int_equal(json_integer_value(member(got, "lockedDevices")), 1);
	assert_int_equal(json_integer_value(member(got, "deviceHashes")), 1);
	assert_int_equal(json_integer_value(member(got, "flaggedDeviceHashes")), 0);
	assert_int_equal(json_array_size(member(got, "segments")), 2);
	assert_string_equal(text_of(got, "segments.1.segment"), "SE");
	assert_int_equal(json_integer_value(member(got, "segments.1.devices")), 1);
	assert_status(admin(c->s, HTTP_PATCH, "/risk-indicators/device-hash", "{\"allowedUsers\":1}"), 200);
	assert_int_equal(json_integer_value(member(admin(c->s, HTTP_GET, "/statistics", NULL), "flaggedDeviceHashes")), 1);
	assert_int_equal(json_integer_value(member(admin(c->s, HTTP_GET, "/risk-indicators/device-hash", NULL), "allowedUsers")), 1);
	scene_free(same);
	scene_free(c);
}

/* ---- devices that nobody uses ---- */

static void unused_devices_are_deleted(void **state)
{
	struct scene *c = scene_new(*state), *used = scene_new(*state);
	const int64_t day = 24 * 60 * 60 * 1000;

	scene_registered(c);
	scene_registered(used);
	must(devices_clean_up(&c->s->f->app));
	site_advance(c->s, 20 * day);
	must(devices_clean_up(&c->s->f->app));
	assert_string_equal(scene_device(c), "ACTIVE OPEN");
	assert_status(configure(c->s, "{\"inactiveDeviceCleanupDays\":30}"), 200);
	scene_authentication(used, "");
	assert_ok_reply(phone_approve(used->p, PIN));
	site_advance(c->s, 10 * day);
	must(devices_clean_up(&c->s->f->app));
	assert_string_equal(scene_device(c), "ACTIVE OPEN");
	site_advance(c->s, 1);
	scene_authentication(c, "");
	must(devices_clean_up(&c->s->f->app));
	assert_string_equal(scene_device(c), "DELETED OPEN");
	assert_string_equal(scene_device(used), "ACTIVE OPEN");
	assert_string_equal(scene_outcome(c), "CANCELLED_BY_SP");
	assert_int_equal(number(c->s, "SELECT count(*) FROM outbox WHERE name = 'device.state.change'"), 1);
	assert_int_equal(number(c->s, "SELECT count(*) FROM devices WHERE pin_keys IS NULL AND ticket IS NULL"), 1);
	scene_free(used);
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(every_property_is_shown_with_its_value),
		SITE_TEST(changes_count_from_the_next_request_on),
		SITE_TEST(what_is_no_configuration),
		SITE_TEST(risk_attributes_are_those_that_there_are),
		SITE_TEST(unwise_ones_are_warned_of),
		SITE_TEST(secrets_are_neither_shown_nor_readable),
		SITE_TEST(other_accounts_are_unknown),
		SITE_TEST(keys_of_older_apps),
		SITE_TEST(keys_rotate_as_often_as_one_likes),
		SITE_TEST(keys_change_while_phones_go_on),
		SITE_TEST(figures_by_segment),
		SITE_TEST(unused_devices_are_deleted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

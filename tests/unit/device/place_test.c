/* Geofencing (mobileid.md 5.7; device-protocol 8): what is asked, what is reported, what fails. */
#include "tests/unit/device/scene.h"

/* Starts, evaluates the PIN and finishes with these members besides. */
static struct reply finish_with(struct scene *c, const char *pin, const char *members)
{
	struct draft d;

	assert_ok_reply(phone_ses_start(c->p, PROPER));
	assert_ok_reply(phone_ses_pin(c->p, pin, PROPER));
	draft_inside(c->p, &d, "ses.finish", ",\"m\":\"DEVICE_PIN\",\"chal\":\"%s\"%s", c->p->challenge, members);
	draft_sign(c->p, &d, SIG_DEVICE, c->p->dk);
	draft_sign(c->p, &d, SIG_PIN, c->p->pin_key);
	return draft_send(c->p, &d);
}

static struct scene *pending(struct site *s, const char *config)
{
	struct scene *c = scene_new(s);

	scene_registered(c);
	site_configure(s, config);
	scene_authentication(c, "");
	return c;
}

static const char *geofencing(struct scene *c, const char *member)
{
	return text_of(poll_authentication(c->s, c->operation), TEXT(c->s->w, "geofencing.%s", member));
}

#define REQUIRED_IN_EUROPE "{\"geofencingAuthenticationMode\":\"REQUIRED\",\"geofencingAllowedContinents\":\"EU\",\"geofencingDeniedCountries\":\"BY\"}"
#define OPTIONAL_IN_EUROPE "{\"geofencingAuthenticationMode\":\"OPTIONAL\",\"geofencingAllowedContinents\":\"EU\"}"
#define AT(country) ",\"geo\":{\"clientStatus\":\"OK\",\"country\":\"" country "\"}"

static void inside_the_region(void **state)
{
	struct scene *c = pending(*state, REQUIRED_IN_EUROPE);

	assert_ok_reply(finish_with(c, PIN, AT("NO")));
	assert_string_equal(scene_outcome(c), "COMPLETED");
	assert_string_equal(geofencing(c, "clientStatus"), "OK");
	assert_string_equal(geofencing(c, "countryCode"), "NO");
	assert_string_equal(geofencing(c, "serverBoundaryValidation"), "SUCCESS");
	scene_free(c);
}

static void what_fails_where_it_is_required(void **state)
{
	static const char *const rows[] = {
		AT("US"), AT("BY"), AT("XX"), "", ",\"geo\":{\"clientStatus\":\"OK\"}", ",\"geo\":{\"clientStatus\":\"LOCATION_MOCKED\",\"country\":\"NO\"}",
		",\"geo\":{\"clientStatus\":\"LOCATION_NOT_ENABLED\"}", ",\"geo\":{\"clientStatus\":\"LOCATION_TIMEOUT\"}",
		",\"geo\":{\"clientStatus\":\"GEOCODER_NOT_SUPPORTED\"}", ",\"geo\":{\"clientStatus\":\"GEOCODER_NETWORK_ERROR\"}",
		",\"geo\":{\"clientStatus\":\"GEOCODER_UNEXPECTED_ERROR\"}", ",\"geo\":{\"clientStatus\":\"GEOCODER_TIMEOUT\"}",
		",\"geo\":{\"clientStatus\":\"GEOCODER_NO_RESULT_FOUND\"}",
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct scene *c = pending(*state, REQUIRED_IN_EUROPE);
		struct reply r = finish_with(c, PIN, rows[i]);

		assert_code(r, 214);
		assert_false(r.recoverable);
		assert_int_equal(r.remaining, -1);
		assert_string_equal(scene_outcome(c), "GEOFENCING_FAILED");
		assert_string_equal(scene_device(c), "ACTIVE OPEN");
		scene_free(c);
	}
}

static void what_is_reported_where_it_is_optional(void **state)
{
	struct scene *c = pending(*state, OPTIONAL_IN_EUROPE);

	assert_ok_reply(finish_with(c, PIN, AT("US")));
	assert_string_equal(scene_outcome(c), "COMPLETED");
	assert_string_equal(geofencing(c, "serverBoundaryValidation"), "FAILURE");
	scene_free(c);
	c = pending(*state, OPTIONAL_IN_EUROPE);
	assert_ok_reply(finish_with(c, PIN, ",\"geo\":{\"clientStatus\":\"LOCATION_MOCKED\"}"));
	assert_string_equal(geofencing(c, "clientStatus"), "LOCATION_MOCKED");
	assert_null(json_object_get(json_object_get(poll_authentication(c->s, c->operation).body, "geofencing"), "serverBoundaryValidation"));
	scene_free(c);
	c = pending(*state, OPTIONAL_IN_EUROPE);
	assert_ok_reply(finish_with(c, PIN, ""));
	assert_null(json_object_get(poll_authentication(c->s, c->operation).body, "geofencing"));
	scene_free(c);
}

/* Failed answers carry what the last finish told. */
static void failure_tells_the_place(void **state)
{
	struct scene *c = pending(*state, REQUIRED_IN_EUROPE);

	assert_code(finish_with(c, PIN, AT("US")), 214);
	assert_string_equal(geofencing(c, "countryCode"), "US");
	assert_string_equal(geofencing(c, "serverBoundaryValidation"), "FAILURE");
	scene_free(c);
}

/* The wrong place takes back the charge of a right PIN, and only of a right one. */
static void right_pin_at_the_wrong_place_is_not_charged(void **state)
{
	struct scene *c = pending(*state, REQUIRED_IN_EUROPE);

	assert_code(finish_with(c, PIN, AT("US")), 214);
	assert_int_equal(number(c->s, "SELECT sum(fail_second + fail_device) FROM devices"), 0);
	scene_authentication(c, "");
	assert_code(finish_with(c, WRONG_PIN, AT("US")), 214);
	assert_int_equal(number(c->s, "SELECT sum(fail_second + fail_device) FROM devices"), 1);
	scene_free(c);
}

static void nothing_is_asked_unless_it_is_configured(void **state)
{
	struct scene *c = pending(*state, "{}");

	assert_ok_reply(finish_with(c, PIN, AT("US")));
	assert_null(json_object_get(poll_authentication(c->s, c->operation).body, "geofencing"));
	scene_free(c);
}

static void start_tells_what_is_asked(void **state)
{
	struct scene *c = pending(*state, "{\"geofencingAuthenticationMode\":\"OPTIONAL\",\"geofencingTimeout\":7000,\"locationAccuracy\":50}");
	struct reply r = phone_ses_start(c->p, PROPER);
	json_t *geo = json_object_get(r.json, "geo");

	assert_ok_reply(r);
	assert_string_equal(json_string_value(json_object_get(geo, "mode")), "OPTIONAL");
	assert_int_equal(json_integer_value(json_object_get(geo, "timeoutMs")), 7000);
	assert_int_equal(json_integer_value(json_object_get(geo, "accuracy")), 50);
	scene_free(c);
}

static void status_that_is_none(void **state)
{
	struct scene *c = pending(*state, OPTIONAL_IN_EUROPE);

	assert_code(finish_with(c, PIN, ",\"geo\":{\"clientStatus\":\"SOMEWHERE\"}"), 245);
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(inside_the_region),
		SITE_TEST(what_fails_where_it_is_required),
		SITE_TEST(what_is_reported_where_it_is_optional),
		SITE_TEST(failure_tells_the_place),
		SITE_TEST(right_pin_at_the_wrong_place_is_not_charged),
		SITE_TEST(nothing_is_asked_unless_it_is_configured),
		SITE_TEST(start_tells_what_is_asked),
		SITE_TEST(status_that_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

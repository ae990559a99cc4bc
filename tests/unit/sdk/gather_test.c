/* What a finish tells of the phone besides its keys: place, attestation, push, the number that is shown. */
#include "tests/unit/common/test.h"

#include "codec/encode.h"
#include "tests/unit/sdk/phone.h"

static int setup(void **state)
{
	*state = phone_registered();
	return 0;
}

static int teardown(void **state)
{
	phone_free(*state);
	return 0;
}

static void the_place(void **state)
{
	struct phone *p = *state;

	p->server.extra_policies = "\"geo\":{\"mode\":\"REQUIRED\",\"timeoutMs\":15000,\"accuracy\":100}";
	p->country = "NO";
	assert_shown(authenticate_start(p));
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
	assert_string_equal(p->server.report, "{\"geo\":{\"clientStatus\":\"OK\",\"country\":\"NO\"}}");
}

static void a_country_that_is_none(void **state)
{
	static const char *const bad[] = { "no", "NOR", "", "N\n", "\xc3\x98" };
	struct phone *p = *state;

	p->server.extra_policies = "\"geo\":{\"mode\":\"OPTIONAL\"}";
	for (size_t i = 0; i < COUNT(bad); i++) {
		p->country = bad[i];
		assert_approves(p, RID_METHOD_DEVICE, NULL);
		assert_string_equal(p->server.report, "{\"geo\":{\"clientStatus\":\"GEOCODER_NO_RESULT_FOUND\"}}");
	}
}

/* The PIN is not tried where the place is missing anyway. */
static void a_required_place_that_is_missing(void **state)
{
	struct phone *p = *state;

	p->server.extra_policies = "\"geo\":{\"mode\":\"REQUIRED\"}";
	assert_shown(authenticate_start(p));
	approve(p, RID_METHOD_DEVICE_PIN, "1357");
	assert_int_equal(p->server.evaluations, 1); /* that of the registration */
	assert_string_equal(p->server.report, "{\"geo\":{\"clientStatus\":\"LOCATION_TIMEOUT\"}}");
}

static void off_is_off(void **state)
{
	struct phone *p = *state;

	p->server.extra_policies = "\"geo\":{\"mode\":\"OFF\"},\"attest\":{\"mode\":\"OFF\"},\"push\":{\"mode\":\"OFF\"}";
	assert_shown(authenticate_start(p));
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
	assert_int_equal(p->located + p->attested + p->pushes_awaited, 0);
	assert_string_equal(p->server.report, "{}");
}

static void an_attestation(void **state)
{
	struct phone *p = *state;

	p->server.extra_policies = "\"attest\":{\"type\":\"playIntegrity\",\"mode\":\"REQUIRED\",\"timeoutMs\":10000}";
	p->attestation.token = "ey.token";
	assert_shown(authenticate_start(p));
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
	assert_string_equal(p->server.report, "{\"attest\":{\"kind\":\"playIntegrity\",\"status\":\"OK\",\"token\":\"ey.token\"}}");
}

/* Sent as it is the server would take it for a forged one. */
static void an_attestation_that_cannot_be_one(void **state)
{
	static const unsigned char object[] = { 0xa0 };
	static const rid_attestation bad[] = { { .key_id = "key" }, { .key_id = "key", .object = object }, { .token = "ey.token" },
		{ .key_id = "", .object = object, .object_bytes = 1, .token = "ey.token" },
		{ .key_id = "key\n", .object = object, .object_bytes = 1 }, { .key_id = "key", .object = object, .object_bytes = 65537 } };
	struct phone *p = *state;

	p->server.extra_policies = "\"attest\":{\"type\":\"appAttest\",\"mode\":\"OPTIONAL\"}";
	for (size_t i = 0; i < COUNT(bad); i++) {
		p->attestation = bad[i];
		assert_approves(p, RID_METHOD_DEVICE, NULL);
		assert_string_equal(p->server.report,
			"{\"attest\":{\"kind\":\"appAttest\",\"status\":\"FAILED_CLIENT_UNEXPECTED_ERROR\",\"message\":\"missing or too long\"}}");
	}
}

/* 6.6, computed here from the text: the label, th1, and the keys. */
static void what_it_is_bound_to(void **state)
{
	static const uint8_t none[POINT_BYTES];
	struct phone *p = *state;
	struct transcript th1;
	uint8_t hash[SHA256_BYTES];

	p->server.extra_policies = "\"attest\":{\"type\":\"appAttest\",\"mode\":\"OPTIONAL\"}";
	assert_shown(authenticate_start(p));
	th1 = p->server.session.th;
	assert_done(approve(p, RID_METHOD_DEVICE, NULL));
	sha256_parts(PARTS(S("rid-device/v1 attest\0"), slice_of(th1.th, SHA256_BYTES),
		slice_of(p->server.registrations[0].dk, POINT_BYTES), slice_of(none, POINT_BYTES)), hash);
	assert_memory_equal(p->attest_hash, hash, SHA256_BYTES);
	assert_string_equal(p->server.report,
		"{\"attest\":{\"kind\":\"appAttest\",\"status\":\"FAILED_CLIENT_TIMEOUT\",\"message\":\"none came\"}}");
}

/* What has no status is not sent: the server would take it for a forged attestation, and lock the device. */
static void nothing_to_say(void **state)
{
	struct phone *p = *state;

	p->server.extra_policies = "\"attest\":{\"type\":\"appAttest\",\"mode\":\"OPTIONAL\"}";
	p->platform_silent = true;
	assert_shown(authenticate_start(p));
	assert_done(approve(p, RID_METHOD_DEVICE, NULL));
	assert_int_equal(p->attested, 1);
	assert_string_equal(p->server.report, "{}");
}

/* Verified once in a session; later tries leave it out. */
static void once_in_a_session(void **state)
{
	struct phone *p = *state;

	p->server.extra_policies = "\"attest\":{\"type\":\"playIntegrity\",\"mode\":\"REQUIRED\"},\"geo\":{\"mode\":\"OPTIONAL\"}";
	p->attestation.token = "ey.token";
	p->country = "SE";
	assert_shown(authenticate_start(p));
	assert_failed(approve(p, RID_METHOD_DEVICE_PIN, "9999"), RID_ERROR_AUTHENTICATION_FAILED);
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
	assert_int_equal(p->attested, 1);
	assert_int_equal(p->located, 1);
	assert_string_equal(p->server.report, "{\"geo\":{\"clientStatus\":\"OK\",\"country\":\"SE\"}}");
}

/* A type that nobody knows is not handed to the app. */
static void an_attestation_of_an_unknown_type(void **state)
{
	struct phone *p = *state;

	p->server.extra_policies = "\"attest\":{\"type\":\"; rm -rf /\",\"mode\":\"OPTIONAL\"}";
	assert_shown(authenticate_start(p));
	assert_done(approve(p, RID_METHOD_DEVICE, NULL));
	assert_int_equal(p->attested, 0);
}

static void an_intermediate_push(void **state)
{
	struct phone *p = *state;

	p->server.extra_policies = "\"push\":{\"mode\":\"REQUIRED\",\"timeoutMs\":20000}";
	p->push_nonce = "AAECAwQFBgcICQoLDA0ODw";
	assert_shown(authenticate_start(p));
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
	assert_string_equal(p->server.report, "{\"pushNonce\":\"AAECAwQFBgcICQoLDA0ODw\"}");
}

static void a_push_that_does_not_come(void **state)
{
	static const char *const bad[] = { NULL, "", "AAEC", "no base64url at all!!!" };
	struct phone *p = *state;

	p->server.extra_policies = "\"push\":{\"mode\":\"OPTIONAL\"}";
	for (size_t i = 0; i < COUNT(bad); i++) {
		p->push_nonce = bad[i];
		assert_approves(p, RID_METHOD_DEVICE, NULL);
		assert_string_equal(p->server.report, "{}");
	}
}

static void the_number_that_is_shown(void **state)
{
	struct phone *p = *state;
	const rid_step *s;

	p->server.match_digits = 2;
	s = authenticate_start(p);
	assert_shown(s);
	assert_int_equal(s->started.match_digits, 2);
	s = approve(p, RID_METHOD_DEVICE_PIN, "1357");
	assert_failed(s, RID_ERROR_INVALID_AUTH_PARAMETERS);
	assert_true(s->failure.recoverable);
	assert_int_equal(rid_set_match_number(p->c, "4x"), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_int_equal(rid_set_match_number(p->c, "12345678901234567"), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_int_equal(rid_set_match_number(p->c, "421"), RID_OK);
	assert_failed(approve(p, RID_METHOD_DEVICE_PIN, "1357"), RID_ERROR_INVALID_AUTH_PARAMETERS);
	assert_int_equal(rid_set_match_number(p->c, "42"), RID_OK);
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
	assert_string_equal(p->server.report, "{\"match\":\"42\"}");
}

/* It belongs to its session. */
static void a_number_of_another_session(void **state)
{
	struct phone *p = *state;

	p->server.match_digits = 2;
	assert_shown(authenticate_start(p));
	assert_int_equal(rid_set_match_number(p->c, "42"), RID_OK);
	assert_shown(authenticate_start(p));
	assert_failed(approve(p, RID_METHOD_DEVICE_PIN, "1357"), RID_ERROR_INVALID_AUTH_PARAMETERS);
}

static void answers_to_what_was_not_asked(void **state)
{
	const rid_attestation a = { .token = "x" };
	struct phone *p = *state;

	assert_failed(rid_attested(p->c, &a), RID_ERROR_WRONG_STATE);
	assert_failed(rid_not_attested(p->c, NULL, NULL), RID_ERROR_WRONG_STATE);
	assert_failed(rid_located(p->c, RID_LOCATION_OK, "NO"), RID_ERROR_WRONG_STATE);
	assert_failed(rid_push_came(p->c, NULL), RID_ERROR_WRONG_STATE);
	assert_failed(rid_backup_loaded(p->c, RID_ABSENT, NULL, 0), RID_ERROR_WRONG_STATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_place, setup, teardown),
		cmocka_unit_test_setup_teardown(a_country_that_is_none, setup, teardown),
		cmocka_unit_test_setup_teardown(a_required_place_that_is_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(off_is_off, setup, teardown),
		cmocka_unit_test_setup_teardown(an_attestation, setup, teardown),
		cmocka_unit_test_setup_teardown(an_attestation_that_cannot_be_one, setup, teardown),
		cmocka_unit_test_setup_teardown(what_it_is_bound_to, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_to_say, setup, teardown),
		cmocka_unit_test_setup_teardown(once_in_a_session, setup, teardown),
		cmocka_unit_test_setup_teardown(an_attestation_of_an_unknown_type, setup, teardown),
		cmocka_unit_test_setup_teardown(an_intermediate_push, setup, teardown),
		cmocka_unit_test_setup_teardown(a_push_that_does_not_come, setup, teardown),
		cmocka_unit_test_setup_teardown(the_number_that_is_shown, setup, teardown),
		cmocka_unit_test_setup_teardown(a_number_of_another_session, setup, teardown),
		cmocka_unit_test_setup_teardown(answers_to_what_was_not_asked, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

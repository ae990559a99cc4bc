/* Keys that the app makes and uses, in hardware or not. */
#include "tests/unit/common/test.h"

#include "tests/unit/sdk/phone.h"

static int teardown(void **state)
{
	phone_free(*state);
	return 0;
}

static int setup(void **state)
{
	struct phone *p = phone_new();

	p->config.device_key_in_app = 1;
	p->config.hardware = RID_HARDWARE_YES;
	p->server.hardware_wanted = true;
	assert_int_equal(phone_restart(p), 0);
	*state = p;
	return 0;
}

static void registered_and_asked(struct phone *p)
{
	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	p->server.pending = device_operation_AUTHENTICATION;
	assert_shown(authenticate_start(p));
}

static void both_keys_in_the_app(void **state)
{
	struct phone *p = *state;

	registered_and_asked(p);
	assert_true(p->server.registrations[0].has_hk);
	assert_int_equal(p->server.hardware_status, hw_key_client_status_OK_KEY_PROVIDED);
	assert_int_equal(app_keys(p), 2);
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
	assert_int_equal(p->server.hardware_status, hw_key_client_status_OK_SIGNED_SUCCESS);
}

static void after_a_restart(void **state)
{
	struct phone *p = *state;

	registered_and_asked(p);
	assert_int_equal(phone_restart(p), 0);
	assert_shown(authenticate_start(p));
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
}

static void signatures_in_der(void **state)
{
	struct phone *p = *state;

	p->mishaps.der = true;
	registered_and_asked(p);
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
}

static void signatures_with_a_high_s(void **state)
{
	struct phone *p = *state;

	p->mishaps.high_s = true;
	registered_and_asked(p);
	p->mishaps.der = true;
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
}

static void no_hardware_key_can_be_made(void **state)
{
	struct phone *p = *state;

	p->mishaps.no_hardware_keys = true;
	registered_and_asked(p);
	assert_false(p->server.registrations[0].has_hk);
	assert_int_equal(p->server.hardware_status, hw_key_client_status_ERR_KEY_GENERATION_FAILED);
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
	assert_int_equal(p->server.hardware_status, hw_key_client_status_INFO_NOT_ACTIVATED_WITH_HW_KEY);
}

/* Made, but it does not sign: the registration goes on without it, and what vouches for the app vouches for that (6.6). */
static void a_hardware_key_that_does_not_sign(void **state)
{
	static const uint8_t none[POINT_BYTES];
	struct phone *p = *state;
	uint8_t hash[SHA256_BYTES];
	struct transcript th1;

	p->config.device_key_in_app = 0;
	p->attestation.token = "ey.token";
	p->server.extra_policies = "\"attest\":{\"type\":\"playIntegrity\",\"mode\":\"REQUIRED\"}";
	assert_int_equal(phone_restart(p), 0);
	assert_shown(activate_start(p, p->server.code));
	th1 = p->server.session.th;
	p->mishaps.key_broken = true;
	assert_done(perform(p, rid_finish_activation(p->c, RID_METHOD_DEVICE_PIN, NULL, (char[]){ "1357" }, 4)));
	assert_false(p->server.registrations[0].has_hk);
	assert_int_equal(p->server.hardware_status, hw_key_client_status_ERR_SIGN_OPERATION_FAILED);
	sha256_parts(PARTS(S("rid-device/v1 attest\0"), slice_of(th1.th, SHA256_BYTES),
		slice_of(p->server.registrations[0].dk, POINT_BYTES), slice_of(none, POINT_BYTES)), hash);
	assert_memory_equal(p->attest_hash, hash, SHA256_BYTES);
	assert_int_equal(app_keys(p), 0);
	assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
}

static void the_server_wants_none(void **state)
{
	struct phone *p = *state;

	p->server.hardware_wanted = false;
	registered_and_asked(p);
	assert_false(p->server.registrations[0].has_hk);
	assert_int_equal(p->server.hardware_status, hw_key_client_status_INFO_NOT_ACTIVATED_WITH_HW_KEY);
}

static void a_phone_without_hardware(void **state)
{
	struct phone *p = *state;

	p->config.hardware = RID_HARDWARE_NONE;
	assert_int_equal(phone_restart(p), 0);
	registered_and_asked(p);
	assert_int_equal(p->server.hardware_status, hw_key_client_status_INFO_NO_HARDWARE_SUPPORT);
}

static void a_system_that_is_too_old(void **state)
{
	struct phone *p = *state;

	p->config.hardware = RID_HARDWARE_OS_TOO_OLD;
	assert_int_equal(phone_restart(p), 0);
	registered_and_asked(p);
	assert_int_equal(p->server.hardware_status, hw_key_client_status_INFO_NO_OPERATING_SYSTEM_SUPPORT);
}

static void the_person_does_not_unlock_the_key(void **state)
{
	struct phone *p = *state;
	const rid_step *s;

	registered_and_asked(p);
	p->mishaps.key_refused = true;
	s = approve(p, RID_METHOD_DEVICE, NULL);
	assert_failed(s, RID_ERROR_AUTHENTICATION_ABORTED);
	assert_true(s->failure.recoverable);
	p->mishaps.key_refused = false;
	assert_done(approve(p, RID_METHOD_DEVICE, NULL));
}

static void the_device_key_is_gone(void **state)
{
	struct phone *p = *state;

	registered_and_asked(p);
	p->mishaps.key_gone = true;
	assert_failed(authenticate_start(p), RID_ERROR_REGISTRATION_DATA_INVALIDATED);
}

/* A signature that is wrong does not leave the phone, where it would count. */
static void a_key_that_signs_wrongly(void **state)
{
	struct phone *p = *state;

	registered_and_asked(p);
	p->messages = 0;
	p->mishaps.key_broken = true;
	assert_failed(authenticate_start(p), RID_ERROR_CLIENT_AUTHENTICATION_FAILED);
	assert_int_equal(p->messages, 0);
}

/* Whether it goes on without is for the server to say. */
static void the_hardware_key_is_gone(void **state)
{
	struct phone *p = *state;
	const rid_step *s;

	registered_and_asked(p);
	for (size_t i = 0; i < APP_KEYS_MAX; i++)
		p->keys[i].there = p->keys[i].there && !p->keys[i].hardware;
	s = approve(p, RID_METHOD_DEVICE_PIN, "1357");
	assert_failed(s, RID_ERROR_AUTHENTICATION_FAILED);
	assert_int_equal(p->server.hardware_status, hw_key_client_status_ERR_RETRIEVE_PRIVATE_KEY_REF_FAILED);
}

static void old_keys_are_dropped(void **state)
{
	struct phone *p = *state;

	registered_and_asked(p);
	p->server.code = "777777";
	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "2468"));
	assert_int_equal(app_keys(p), 2);
	assert_done(perform(p, rid_deactivate(p->c, 0)));
	assert_int_equal(app_keys(p), 0);
}

static void keys_of_a_registration_that_was_refused_are_dropped(void **state)
{
	struct phone *p = *state;

	p->server.refuse_finish = "";
	assert_failed(activate(p, RID_METHOD_DEVICE_PIN, "1357"), RID_ERROR_ACTIVATION_FAILED);
	assert_int_equal(app_keys(p), 0);
}

static void public_keys_that_are_none(void **state)
{
	static const unsigned char bytes[65] = { 4, 1 };
	struct phone *p = *state;

	for (size_t n = 0; n <= sizeof(bytes); n += 16) {
		char code[] = "123456";

		assert_int_equal(rid_start_activation(p->c, code, 6)->kind, RID_MAKE_KEY);
		assert_failed(rid_key_made(p->c, bytes, n), RID_ERROR_CLIENT_AUTHENTICATION_FAILED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(both_keys_in_the_app, setup, teardown),
		cmocka_unit_test_setup_teardown(after_a_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(signatures_in_der, setup, teardown),
		cmocka_unit_test_setup_teardown(signatures_with_a_high_s, setup, teardown),
		cmocka_unit_test_setup_teardown(no_hardware_key_can_be_made, setup, teardown),
		cmocka_unit_test_setup_teardown(a_hardware_key_that_does_not_sign, setup, teardown),
		cmocka_unit_test_setup_teardown(the_server_wants_none, setup, teardown),
		cmocka_unit_test_setup_teardown(a_phone_without_hardware, setup, teardown),
		cmocka_unit_test_setup_teardown(a_system_that_is_too_old, setup, teardown),
		cmocka_unit_test_setup_teardown(the_person_does_not_unlock_the_key, setup, teardown),
		cmocka_unit_test_setup_teardown(the_device_key_is_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(a_key_that_signs_wrongly, setup, teardown),
		cmocka_unit_test_setup_teardown(the_hardware_key_is_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(old_keys_are_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(keys_of_a_registration_that_was_refused_are_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(public_keys_that_are_none, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

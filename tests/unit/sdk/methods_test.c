/* Methods added, changed and removed. */
#include "tests/unit/common/test.h"

#include "tests/unit/sdk/phone.h"

enum { BIOMETRIC = RID_METHOD_ANDROID_BIOMETRIC_PROMPT };

static int setup(void **state)
{
	struct phone *p = *state = phone_registered();

	p->config.app_methods = BIOMETRIC | RID_METHOD_IOS_FACE_ID;
	assert_int_equal(phone_restart(p), 0);
	return 0;
}

static int teardown(void **state)
{
	phone_free(*state);
	return 0;
}

static void approves_with(struct phone *p, int method, const char *pin)
{
	assert_approves(p, method, pin);
}

static void the_pin_is_changed(void **state)
{
	struct phone *p = *state;
	const rid_step *s = change(p, RID_METHOD_DEVICE_PIN, "1357", RID_METHOD_DEVICE_PIN, "2468");

	assert_done(s);
	assert_int_equal(s->result.operation, RID_OPERATION_ADD_OR_UPDATE);
	assert_int_equal(phone_restart(p), 0);
	approves_with(p, RID_METHOD_DEVICE_PIN, "2468");
	p->server.pending = device_operation_AUTHENTICATION;
	assert_shown(authenticate_start(p));
	assert_failed(approve(p, RID_METHOD_DEVICE_PIN, "1357"), RID_ERROR_AUTHENTICATION_FAILED);
}

static void a_wrong_pin_leaves_the_old_one(void **state)
{
	struct phone *p = *state;
	char right[] = "1357";
	const rid_step *s = change(p, RID_METHOD_DEVICE_PIN, "9999", RID_METHOD_DEVICE_PIN, "2468");

	assert_failed(s, RID_ERROR_AUTHENTICATION_FAILED);
	assert_true(s->failure.recoverable);
	assert_int_equal(s->failure.remaining, 2);
	/* The new one need not be typed again. */
	assert_done(perform(p, rid_finish_add_or_update(p->c, RID_METHOD_DEVICE_PIN, right, 4, NULL, 0)));
	approves_with(p, RID_METHOD_DEVICE_PIN, "2468");
}

static void a_wrong_pin_and_a_cancel(void **state)
{
	struct phone *p = *state;

	assert_failed(change(p, RID_METHOD_DEVICE_PIN, "9999", RID_METHOD_DEVICE_PIN, "2468"), RID_ERROR_AUTHENTICATION_FAILED);
	assert_done(perform(p, rid_cancel_session(p->c)));
	assert_int_equal(p->server.cancelled, 1);
	assert_int_equal(phone_restart(p), 0);
	approves_with(p, RID_METHOD_DEVICE_PIN, "1357");
}

static void pins_that_are_none(void **state)
{
	struct phone *p = *state;
	const rid_step *s = change(p, RID_METHOD_DEVICE_PIN, "1357", RID_METHOD_DEVICE_PIN, "12");

	assert_failed(s, RID_ERROR_INVALID_INPUT_FORMAT);
	assert_true(s->failure.recoverable);
	assert_failed(change(p, RID_METHOD_DEVICE_PIN, NULL, RID_METHOD_DEVICE_PIN, "2468"), RID_ERROR_INVALID_AUTH_PARAMETERS);
	assert_failed(change(p, RID_METHOD_DEVICE_PIN, "1357", RID_METHOD_DEVICE_PIN, NULL), RID_ERROR_INVALID_AUTH_PARAMETERS);
	assert_failed(change(p, RID_METHOD_DEVICE_PIN, "1357", RID_METHOD_DEVICE, "2468"), RID_ERROR_METHOD_NOT_ALLOWED);
	assert_int_equal(p->server.evaluations, 1); /* that of the registration */
}

static void both_pins_are_overwritten(void **state)
{
	static const char zeros[4];
	struct phone *p = *state;
	char old[] = "1357", fresh[] = "2468";

	assert_failed(rid_finish_add_or_update(p->c, RID_METHOD_DEVICE_PIN, old, 4, fresh, 4), RID_ERROR_WRONG_STATE);
	assert_memory_equal(old, zeros, 4);
	assert_memory_equal(fresh, zeros, 4);
}

static void a_biometric_method_comes_and_goes(void **state)
{
	struct phone *p = *state;

	assert_done(change(p, BIOMETRIC, "1357", RID_METHOD_DEVICE_PIN, NULL));
	assert_int_equal(rid_activated_auth_methods(p->c), RID_METHOD_DEVICE | RID_METHOD_DEVICE_PIN | BIOMETRIC);
	assert_int_equal(app_keys(p), 1);
	assert_int_equal(p->keys[0].method, BIOMETRIC);
	approves_with(p, BIOMETRIC, NULL);
	assert_int_equal(p->server.method, auth_method_DEVICE_ANDROID_BIOMETRIC_PROMPT);
	assert_int_equal(phone_restart(p), 0);
	approves_with(p, BIOMETRIC, NULL);
	assert_done(perform(p, rid_deactivate_auth_method(p->c, BIOMETRIC)));
	assert_int_equal(rid_activated_auth_methods(p->c), RID_METHOD_DEVICE | RID_METHOD_DEVICE_PIN);
	assert_int_equal(app_keys(p), 0);
}

static void it_can_authorise_a_new_pin(void **state)
{
	struct phone *p = *state;

	assert_done(change(p, BIOMETRIC, "1357", RID_METHOD_DEVICE_PIN, NULL));
	assert_done(change(p, RID_METHOD_DEVICE_PIN, NULL, BIOMETRIC, "2468"));
	approves_with(p, RID_METHOD_DEVICE_PIN, "2468");
}

static void a_new_key_replaces_the_old_one(void **state)
{
	struct phone *p = *state;

	assert_done(change(p, BIOMETRIC, "1357", RID_METHOD_DEVICE_PIN, NULL));
	assert_done(change(p, BIOMETRIC, "1357", RID_METHOD_DEVICE_PIN, NULL));
	assert_int_equal(app_keys(p), 1);
	approves_with(p, BIOMETRIC, NULL);
}

static void biometrics_at_the_registration(void **state)
{
	struct phone *p = *state;

	p->server.code = "777777";
	assert_done(activate(p, RID_METHOD_DEVICE_PIN | RID_METHOD_IOS_FACE_ID, "1357"));
	approves_with(p, RID_METHOD_IOS_FACE_ID, NULL);
	assert_int_equal(p->server.method, auth_method_DEVICE_IOS_FACE_ID);
}

static void what_becomes_of_its_key(void **state)
{
	struct phone *p = *state;
	const rid_step *s;

	assert_done(change(p, BIOMETRIC, "1357", RID_METHOD_DEVICE_PIN, NULL));
	p->server.pending = device_operation_AUTHENTICATION;
	assert_shown(authenticate_start(p));
	p->mishaps.key_refused = true;
	s = approve(p, BIOMETRIC, NULL);
	assert_failed(s, RID_ERROR_AUTHENTICATION_ABORTED);
	assert_true(s->failure.recoverable);
	p->mishaps.key_refused = false;
	p->mishaps.key_broken = true;
	assert_failed(approve(p, BIOMETRIC, NULL), RID_ERROR_CLIENT_AUTHENTICATION_FAILED);
	p->mishaps.key_broken = false;
	p->mishaps.key_gone = true;
	s = approve(p, BIOMETRIC, NULL);
	assert_failed(s, RID_ERROR_AUTH_DATA_INVALIDATED);
	assert_true(s->failure.recoverable);
	p->mishaps.key_gone = false;
	assert_int_equal(p->server.registrations[0].fails, 0);
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
}

static void methods_that_are_none(void **state)
{
	struct phone *p = *state;

	assert_failed(rid_start_add_or_update(p->c, 0), RID_ERROR_INVALID_AUTH_PARAMETERS);
	assert_failed(rid_start_add_or_update(p->c, 3), RID_ERROR_INVALID_AUTH_PARAMETERS);
	assert_failed(rid_start_add_or_update(p->c, RID_METHOD_DEVICE), RID_ERROR_METHOD_UNAVAILABLE);
	assert_failed(rid_start_add_or_update(p->c, RID_METHOD_STRONG_TOUCH_ID), RID_ERROR_METHOD_UNAVAILABLE);
	assert_failed(rid_start_authentication_and_activation(p->c, RID_METHOD_DEVICE_PIN), RID_ERROR_METHOD_NOT_ALLOWED);
	assert_failed(rid_deactivate_auth_method(p->c, 64), RID_ERROR_INVALID_AUTH_PARAMETERS);
	assert_shown(perform(p, rid_start_authentication_and_activation(p->c, BIOMETRIC)));
}

/* Its new key may or may not be the one that the server has: it is not used, and given up by the next change. */
static void a_replaced_key_without_an_answer(void **state)
{
	struct phone *p = *state;

	assert_done(change(p, BIOMETRIC, "1357", RID_METHOD_DEVICE_PIN, NULL));
	p->mishaps.lose_answer = p->messages + 3;
	assert_shown(perform(p, rid_start_add_or_update(p->c, BIOMETRIC)));
	assert_failed(perform(p, rid_finish_add_or_update(p->c, RID_METHOD_DEVICE_PIN, (char[]){ "1357" }, 4, NULL, 0)),
		RID_ERROR_CONNECTION_TIMEOUT);
	assert_int_equal(phone_restart(p), 0);
	p->server.pending = device_operation_AUTHENTICATION;
	assert_shown(authenticate_start(p));
	assert_failed(approve(p, BIOMETRIC, NULL), RID_ERROR_METHOD_NOT_ALLOWED);
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
	assert_done(change(p, RID_METHOD_DEVICE_PIN, "1357", RID_METHOD_DEVICE_PIN, "2468"));
	assert_int_equal(rid_activated_auth_methods(p->c), RID_METHOD_DEVICE | RID_METHOD_DEVICE_PIN);
	assert_int_equal(app_keys(p), 0);
	assert_done(change(p, BIOMETRIC, "2468", RID_METHOD_DEVICE_PIN, NULL));
	approves_with(p, BIOMETRIC, NULL);
}

static void a_pin_under_a_newer_salt_key(void **state)
{
	struct phone *p = *state;

	p->server.new_salt_key = "s2";
	approves_with(p, RID_METHOD_DEVICE_PIN, "1357");
	assert_string_equal(p->server.pin_salt, "s1");
	assert_non_null(strstr(p->server.report, "rot"));
	p->server.new_salt_key = NULL;
	approves_with(p, RID_METHOD_DEVICE_PIN, "1357");
	assert_string_equal(p->server.pin_salt, "s2");
	assert_null(strstr(p->server.report, "rot"));
}

/* What could not be recorded is not used: the older one still will do, and a phone that forgets the newer one would be locked. */
static void a_newer_salt_key_that_is_not_stored(void **state)
{
	struct phone *p = *state;

	p->server.new_salt_key = "s2";
	p->server.pending = device_operation_AUTHENTICATION;
	assert_shown(authenticate_start(p));
	p->mishaps.fail_store = p->stores + 1;
	assert_int_equal(approve(p, RID_METHOD_DEVICE_PIN, "1357")->result.warning, RID_ERROR_STORAGE);
	p->server.new_salt_key = NULL;
	approves_with(p, RID_METHOD_DEVICE_PIN, "1357");
	assert_string_equal(p->server.pin_salt, "s1");
}

static void a_refusal_drops_what_was_prepared(void **state)
{
	struct phone *p = *state;

	p->server.refuse_finish = "";
	assert_failed(change(p, BIOMETRIC, "1357", RID_METHOD_DEVICE_PIN, NULL), RID_ERROR_MALFORMED_PARAMETER);
	assert_int_equal(app_keys(p), 0);
	p->server.refuse_finish = NULL;
	approves_with(p, RID_METHOD_DEVICE_PIN, "1357");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_pin_is_changed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrong_pin_leaves_the_old_one, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrong_pin_and_a_cancel, setup, teardown),
		cmocka_unit_test_setup_teardown(pins_that_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(both_pins_are_overwritten, setup, teardown),
		cmocka_unit_test_setup_teardown(a_biometric_method_comes_and_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(it_can_authorise_a_new_pin, setup, teardown),
		cmocka_unit_test_setup_teardown(a_new_key_replaces_the_old_one, setup, teardown),
		cmocka_unit_test_setup_teardown(biometrics_at_the_registration, setup, teardown),
		cmocka_unit_test_setup_teardown(what_becomes_of_its_key, setup, teardown),
		cmocka_unit_test_setup_teardown(methods_that_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(a_replaced_key_without_an_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(a_pin_under_a_newer_salt_key, setup, teardown),
		cmocka_unit_test_setup_teardown(a_newer_salt_key_that_is_not_stored, setup, teardown),
		cmocka_unit_test_setup_teardown(a_refusal_drops_what_was_prepared, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

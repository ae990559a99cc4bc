#include "tests/unit/common/test.h"

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

static void with_the_pin(void **state)
{
	struct phone *p = *state;
	const rid_step *s;

	assert_shown(authenticate_start(p));
	s = approve(p, RID_METHOD_DEVICE_PIN, "1357");
	assert_done(s);
	assert_int_equal(s->result.operation, RID_OPERATION_AUTHENTICATION);
	assert_int_equal(p->server.completed, 1);
	assert_int_equal(p->server.method, auth_method_DEVICE_PIN);
	assert_int_equal(p->server.hardware_status, hw_key_client_status_INFO_NOT_ACTIVATED_WITH_HW_KEY);
}

static void with_the_device(void **state)
{
	struct phone *p = *state;

	assert_shown(authenticate_start(p));
	assert_done(approve(p, RID_METHOD_DEVICE, NULL));
	assert_int_equal(p->server.method, auth_method_DEVICE);
	assert_int_equal(p->server.evaluations, 1); /* that of the registration */
}

static void again_and_again(void **state)
{
	struct phone *p = *state;

	for (int i = 0; i < 5; i++) {
		assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
	}
	assert_int_equal(p->server.completed, 5);
}

static void what_is_shown(void **state)
{
	struct phone *p = *state;
	const rid_step *s;

	p->server.title = "Pay";
	p->server.mime = "text/plain";
	p->server.content = "100 EUR to Acme";
	s = authenticate_start(p);
	assert_shown(s);
	assert_int_equal(s->started.operation, RID_OPERATION_AUTHENTICATION);
	assert_string_equal(s->started.context.title, "Pay");
	assert_string_equal(s->started.context.mime, "text/plain");
	assert_string_equal((const char *)s->started.context.content, "100 EUR to Acme");
	assert_int_equal(s->started.context.content_bytes, 15);
	assert_int_equal(s->started.methods, RID_METHOD_DEVICE | RID_METHOD_DEVICE_PIN);
	assert_int_equal(s->started.attempts_total, 3);
	assert_int_equal(s->started.attempts_remaining, 3);
}

static void only_activated_methods_are_offered(void **state)
{
	struct phone *p = *state;

	p->server.code = "777777";
	assert_done(activate(p, RID_METHOD_DEVICE, NULL));
	assert_int_equal(authenticate_start(p)->started.methods, RID_METHOD_DEVICE);
	assert_failed(approve(p, RID_METHOD_DEVICE_PIN, "1357"), RID_ERROR_METHOD_NOT_ALLOWED);
}

static void the_context_behind_it(void **state)
{
	struct phone *p = *state;
	const rid_step *s;

	p->server.after = "Paid";
	assert_shown(authenticate_start(p));
	s = approve(p, RID_METHOD_DEVICE, NULL);
	assert_done(s);
	assert_null(s->result.context.title);
	assert_string_equal((const char *)s->result.context.content, "Paid");
}

static void a_signature(void **state)
{
	struct phone *p = *state;
	char pin[] = "1357";
	const rid_step *s;

	p->server.pending = device_operation_SIGNING;
	s = perform(p, rid_start_signing(p->c, NULL));
	assert_shown(s);
	assert_int_equal(s->started.operation, RID_OPERATION_SIGNING);
	s = perform(p, rid_finish_signing(p->c, RID_METHOD_DEVICE_PIN, pin, 4));
	assert_done(s);
	assert_int_equal(s->result.operation, RID_OPERATION_SIGNING);
}

static void whichever_is_pending(void **state)
{
	struct phone *p = *state;

	p->server.pending = device_operation_SIGNING;
	assert_shown(perform(p, rid_start_authentication_or_signing(p->c, NULL)));
	assert_done(approve(p, RID_METHOD_DEVICE, NULL));
}

static void the_other_kind(void **state)
{
	struct phone *p = *state;

	p->server.pending = device_operation_SIGNING;
	assert_failed(authenticate_start(p), RID_ERROR_NO_SESSION_FOR_PURPOSE);
}

static void the_finish_of_the_other_kind(void **state)
{
	struct phone *p = *state;

	assert_shown(authenticate_start(p));
	assert_failed(rid_finish_signing(p->c, RID_METHOD_DEVICE, NULL, 0), RID_ERROR_WRONG_STATE);
	assert_done(perform(p, rid_finish_authentication(p->c, RID_METHOD_DEVICE, NULL, 0)));
}

static void nothing_is_pending(void **state)
{
	struct phone *p = *state;

	p->server.pending = 0;
	assert_failed(authenticate_start(p), RID_ERROR_NO_SESSION);
}

static void not_activated(void **state)
{
	struct phone *p = *state;

	assert_done(perform(p, rid_deactivate(p->c, 1)));
	assert_failed(authenticate_start(p), RID_ERROR_NOT_ACTIVATED);
	assert_failed(rid_pending(p->c), RID_ERROR_NOT_ACTIVATED);
}

static void a_wrong_pin(void **state)
{
	struct phone *p = *state;
	const rid_step *s;

	assert_shown(authenticate_start(p));
	s = approve(p, RID_METHOD_DEVICE_PIN, "2468");
	assert_failed(s, RID_ERROR_AUTHENTICATION_FAILED);
	assert_true(s->failure.recoverable);
	assert_int_equal(s->failure.remaining, 2);
	assert_int_equal(s->started.attempts_remaining, 2);
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
	assert_int_equal(p->server.completed, 1);
}

static void wrong_pins_up_to_the_lock(void **state)
{
	struct phone *p = *state;
	const rid_step *s;

	assert_shown(authenticate_start(p));
	assert_int_equal(approve(p, RID_METHOD_DEVICE_PIN, "2468")->failure.remaining, 2);
	assert_int_equal(approve(p, RID_METHOD_DEVICE_PIN, "2468")->failure.remaining, 1);
	s = approve(p, RID_METHOD_DEVICE_PIN, "2468");
	assert_failed(s, RID_ERROR_LOCKED);
	assert_false(s->failure.recoverable);
	assert_failed(approve(p, RID_METHOD_DEVICE_PIN, "1357"), RID_ERROR_WRONG_STATE);
	assert_failed(authenticate_start(p), RID_ERROR_LOCKED);
}

static void pins_that_are_none_cost_nothing(void **state)
{
	struct phone *p = *state;
	char empty[] = "", broken[] = "\xff", control[] = "12\n";

	assert_shown(authenticate_start(p));
	assert_failed(rid_finish_authentication(p->c, RID_METHOD_DEVICE_PIN, empty, 0), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_failed(rid_finish_authentication(p->c, RID_METHOD_DEVICE_PIN, broken, 1), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_failed(rid_finish_authentication(p->c, RID_METHOD_DEVICE_PIN, control, 3), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_int_equal(p->server.evaluations, 1);
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
}

/* Rules for PINs may change after one was set: a form that is no longer allowed still has to be typed. */
static void a_pin_of_an_older_form(void **state)
{
	struct phone *p = *state;

	p->server.pin_min = 6;
	assert_shown(authenticate_start(p));
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
}

static void a_pin_that_was_set_elsewhere(void **state)
{
	struct phone *p = *state;

	p->server.registrations[0].cid[0] ^= 1;
	assert_shown(authenticate_start(p));
	assert_failed(approve(p, RID_METHOD_DEVICE_PIN, "1357"), RID_ERROR_AUTH_DATA_INVALIDATED);
	assert_int_equal(p->server.evaluations, 1);
	assert_done(approve(p, RID_METHOD_DEVICE, NULL));
}

static void two_factors_are_asked(void **state)
{
	struct phone *p = *state;
	const rid_step *s;

	p->server.two_factor = true;
	assert_shown(authenticate_start(p));
	s = approve(p, RID_METHOD_DEVICE, NULL);
	assert_failed(s, RID_ERROR_ILLEGAL_FACTOR);
	assert_true(s->failure.recoverable);
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
}

static void methods_that_are_none(void **state)
{
	struct phone *p = *state;

	assert_shown(authenticate_start(p));
	assert_failed(approve(p, 0, NULL), RID_ERROR_INVALID_AUTH_PARAMETERS);
	assert_failed(approve(p, RID_METHOD_DEVICE | RID_METHOD_DEVICE_PIN, "1357"), RID_ERROR_METHOD_UNAVAILABLE);
	assert_failed(approve(p, RID_METHOD_IOS_FACE_ID, NULL), RID_ERROR_METHOD_UNAVAILABLE);
}

static void the_app_asks_for_the_pin_when_told(void **state)
{
	struct phone *p = *state;
	char pin[] = "1357";
	const rid_step *s;

	assert_shown(authenticate_start(p));
	s = approve(p, RID_METHOD_DEVICE_PIN, NULL);
	assert_int_equal(s->kind, RID_ASK_PIN);
	assert_int_equal(s->started.attempts_remaining, 3);
	assert_done(perform(p, rid_pin(p->c, pin, 4)));
}

static void refusing_to_type_the_pin(void **state)
{
	struct phone *p = *state;

	assert_shown(authenticate_start(p));
	assert_int_equal(approve(p, RID_METHOD_DEVICE_PIN, NULL)->kind, RID_ASK_PIN);
	assert_done(perform(p, rid_cancel_session(p->c)));
	assert_int_equal(p->server.cancelled, 1);
}

static void refusing(void **state)
{
	struct phone *p = *state;

	assert_shown(authenticate_start(p));
	assert_done(perform(p, rid_cancel_session(p->c)));
	assert_int_equal(p->server.cancelled, 1);
	assert_failed(rid_cancel_session(p->c), RID_ERROR_WRONG_STATE);
	assert_failed(approve(p, RID_METHOD_DEVICE, NULL), RID_ERROR_WRONG_STATE);
}

static void options_of_the_start(void **state)
{
	struct phone *p = *state;
	const rid_start_options options = { .client_data = "from\nthe app", .client_only = 0 };
	const rid_step *s;

	assert_int_equal(rid_set_push_session_id(p->c, "push-1"), RID_OK);
	s = perform(p, rid_start_authentication(p->c, &options));
	assert_shown(s);
	assert_string_equal(s->started.push_session_id, "push-1");
	assert_string_equal(p->server.client_data, "from\nthe app");
	assert_string_equal(p->server.push, "push-1");
	assert_null(rid_push_session_id(p->c)); /* it was meant for that one start */
}

static void a_client_only_authentication(void **state)
{
	struct phone *p = *state;
	const rid_start_options options = { .client_only = 1 };

	assert_failed(perform(p, rid_start_authentication(p->c, &options)), RID_ERROR_CLIENT_ONLY_DISALLOWED);
}

static void risk_data_that_is_asked_for(void **state)
{
	struct phone *p = *state;
	const rid_step *s;

	p->server.risk = "[\"isRootAvailable\",\"timeZone\"]";
	assert_int_equal(rid_set_risk_parameter(p->c, "isRootAvailable", "false"), RID_OK);
	assert_int_equal(rid_set_risk_parameter(p->c, "bssid", "not asked"), RID_OK);
	assert_int_equal(rid_set_risk_parameter(p->c, "deviceModel", "never asked"), RID_OK);
	s = authenticate_start(p);
	assert_shown(s);
	assert_int_equal(s->started.risk_count, 2);
	assert_string_equal(s->started.risk[1], "timeZone");
	assert_done(approve(p, RID_METHOD_DEVICE, NULL));
	assert_string_equal(p->server.risk_data, "{\"deviceModel\":\"never asked\",\"isRootAvailable\":\"false\"}");
}

static void a_new_start_drops_the_old_session(void **state)
{
	struct phone *p = *state;

	assert_shown(authenticate_start(p));
	assert_shown(authenticate_start(p));
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
	assert_int_equal(p->server.completed, 1);
}

static void locked_by_the_administrator(void **state)
{
	struct phone *p = *state;

	p->server.registrations[0].locked = p->server.registrations[0].by_admin = true;
	assert_failed(authenticate_start(p), RID_ERROR_LOCKED_BY_ADMIN);
}

/* A copy of the phone's storage that is used beside the phone. */
static void a_copied_phone_is_found_out(void **state)
{
	struct phone *p = *state;
	struct phone_file copy = *phone_file(p, "default");

	assert_shown(authenticate_start(p));
	assert_done(approve(p, RID_METHOD_DEVICE, NULL));
	assert_approves(p, RID_METHOD_DEVICE, NULL);
	p->server.pending = device_operation_AUTHENTICATION;
	*phone_file(p, "default") = copy;
	assert_int_equal(phone_restart(p), 0);
	for (int i = 0; i < 3; i++)
		assert_failed(authenticate_start(p), RID_ERROR_AUTHENTICATION_FAILED);
	assert_failed(authenticate_start(p), RID_ERROR_LOCKED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(with_the_pin, setup, teardown),
		cmocka_unit_test_setup_teardown(with_the_device, setup, teardown),
		cmocka_unit_test_setup_teardown(again_and_again, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_shown, setup, teardown),
		cmocka_unit_test_setup_teardown(only_activated_methods_are_offered, setup, teardown),
		cmocka_unit_test_setup_teardown(the_context_behind_it, setup, teardown),
		cmocka_unit_test_setup_teardown(a_signature, setup, teardown),
		cmocka_unit_test_setup_teardown(whichever_is_pending, setup, teardown),
		cmocka_unit_test_setup_teardown(the_other_kind, setup, teardown),
		cmocka_unit_test_setup_teardown(the_finish_of_the_other_kind, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_is_pending, setup, teardown),
		cmocka_unit_test_setup_teardown(not_activated, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrong_pin, setup, teardown),
		cmocka_unit_test_setup_teardown(wrong_pins_up_to_the_lock, setup, teardown),
		cmocka_unit_test_setup_teardown(pins_that_are_none_cost_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_pin_of_an_older_form, setup, teardown),
		cmocka_unit_test_setup_teardown(a_pin_that_was_set_elsewhere, setup, teardown),
		cmocka_unit_test_setup_teardown(two_factors_are_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(methods_that_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(the_app_asks_for_the_pin_when_told, setup, teardown),
		cmocka_unit_test_setup_teardown(refusing_to_type_the_pin, setup, teardown),
		cmocka_unit_test_setup_teardown(refusing, setup, teardown),
		cmocka_unit_test_setup_teardown(options_of_the_start, setup, teardown),
		cmocka_unit_test_setup_teardown(a_client_only_authentication, setup, teardown),
		cmocka_unit_test_setup_teardown(risk_data_that_is_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(a_new_start_drops_the_old_session, setup, teardown),
		cmocka_unit_test_setup_teardown(locked_by_the_administrator, setup, teardown),
		cmocka_unit_test_setup_teardown(a_copied_phone_is_found_out, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

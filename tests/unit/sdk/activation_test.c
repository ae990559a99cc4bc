#include "tests/unit/common/test.h"

#include "tests/unit/sdk/phone.h"

static int setup(void **state)
{
	*state = phone_new();
	return 0;
}

static int teardown(void **state)
{
	phone_free(*state);
	return 0;
}

static void with_a_pin(void **state)
{
	struct phone *p = *state;

	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	assert_true(rid_is_activated_locally(p->c));
	assert_false(rid_is_unconfirmed(p->c));
	assert_int_equal(rid_activated_auth_methods(p->c), RID_METHOD_DEVICE | RID_METHOD_DEVICE_PIN);
	assert_int_equal(p->server.activations, 1);
	assert_true(p->server.registrations[0].has_pin);
	assert_string_equal(p->server.device_name, "My phone");
}

static void with_the_device_alone(void **state)
{
	struct phone *p = *state;

	assert_done(activate(p, RID_METHOD_DEVICE, NULL));
	assert_int_equal(rid_activated_auth_methods(p->c), RID_METHOD_DEVICE);
	assert_false(p->server.registrations[0].has_pin);
	assert_int_equal(p->server.evaluations, 0);
}

static void the_id_is_the_servers(void **state)
{
	struct phone *p = *state;
	char id[UUID_TEXT + 1];

	assert_null(rid_registration_id(p->c));
	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	uuid_format(&p->server.registrations[0].id, id);
	assert_string_equal(rid_registration_id(p->c), id);
}

static void what_is_shown(void **state)
{
	struct phone *p = *state;
	const rid_step *s;

	p->server.two_factor = true;
	s = activate_start(p, "123456");
	assert_shown(s);
	assert_int_equal(s->started.operation, RID_OPERATION_ACTIVATION);
	assert_int_equal(s->started.methods, RID_METHOD_DEVICE | RID_METHOD_DEVICE_PIN);
	assert_int_equal(s->started.pin.min, 4);
	assert_int_equal(s->started.pin.max, 8);
	assert_int_equal(s->started.pin.alphabet, RID_ALPHABET_NUMERIC);
	assert_true(s->started.two_factor);
	assert_false(s->started.re_registration);
}

static void the_context_behind_it(void **state)
{
	struct phone *p = *state;
	const rid_step *s;

	p->server.after = "Welcome";
	p->server.title = "Done";
	p->server.mime = "text/plain";
	s = activate(p, RID_METHOD_DEVICE_PIN, "1357");
	assert_done(s);
	assert_int_equal(s->result.operation, RID_OPERATION_ACTIVATION);
	assert_string_equal(s->result.context.title, "Done");
	assert_string_equal((const char *)s->result.context.content, "Welcome");
	assert_int_equal(s->result.context.content_bytes, 7);
}

static void the_app_asks_for_the_pin_when_told(void **state)
{
	struct phone *p = *state;
	char pin[] = "1357";
	const rid_step *s;

	assert_shown(activate_start(p, "123456"));
	s = perform(p, rid_finish_activation(p->c, RID_METHOD_DEVICE_PIN, NULL, NULL, 0));
	assert_int_equal(s->kind, RID_ASK_PIN);
	assert_int_equal(s->started.pin.min, 4);
	assert_done(perform(p, rid_pin(p->c, pin, 4)));
	assert_true(rid_is_activated_locally(p->c));
}

static void secrets_are_wiped(void **state)
{
	struct phone *p = *state;
	char code[] = "123456", pin[] = "1357";

	assert_shown(perform(p, rid_start_activation(p->c, code, 6)));
	assert_memory_equal(code, "\0\0\0\0\0\0", 6);
	assert_done(perform(p, rid_finish_activation(p->c, RID_METHOD_DEVICE_PIN, NULL, pin, 4)));
	assert_memory_equal(pin, "\0\0\0\0", 4);
}

static void secrets_are_wiped_when_refused(void **state)
{
	struct phone *p = *state;
	char code[] = "123456", pin[] = "1357", other[] = "1357";

	assert_failed(rid_finish_activation(p->c, RID_METHOD_DEVICE_PIN, NULL, pin, 4), RID_ERROR_WRONG_STATE);
	assert_memory_equal(pin, "\0\0\0\0", 4);
	assert_failed(rid_pin(p->c, other, 4), RID_ERROR_WRONG_STATE);
	assert_memory_equal(other, "\0\0\0\0", 4);
	code[0] = '\n';
	assert_failed(rid_start_activation(p->c, code, 6), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_memory_equal(code, "\0\0\0\0\0\0", 6);
}

static void a_wrong_code(void **state)
{
	struct phone *p = *state;
	const rid_step *s = activate_start(p, "654321");

	assert_failed(s, RID_ERROR_INCORRECT_ACTIVATION_CODE);
	assert_false(s->failure.recoverable);
	assert_false(rid_is_activated_locally(p->c));
	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
}

static void codes_that_are_none(void **state)
{
	struct phone *p = *state;
	char empty[] = "", control[] = "12\t3", broken[] = "12\xff", longer[80];

	memset(longer, '1', sizeof(longer));
	assert_failed(rid_start_activation(p->c, empty, 0), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_failed(rid_start_activation(p->c, control, 4), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_failed(rid_start_activation(p->c, broken, 3), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_failed(rid_start_activation(p->c, longer, 65), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_int_equal(p->messages, 0);
}

static void pins_of_the_wrong_form(void **state)
{
	static const char *const pins[] = { "", "135", "135790246", "13a7", "13 7" };
	struct phone *p = *state;

	assert_shown(activate_start(p, "123456"));
	for (size_t i = 0; i < COUNT(pins); i++) {
		char pin[16];
		const rid_step *s;

		memcpy(pin, pins[i], strlen(pins[i]) + 1);
		s = rid_finish_activation(p->c, RID_METHOD_DEVICE_PIN, NULL, pin, strlen(pins[i]));
		assert_failed(s, RID_ERROR_INVALID_INPUT_FORMAT);
		assert_true(s->failure.recoverable);
		assert_int_equal(s->started.pin.min, 4);
	}
	assert_int_equal(p->server.evaluations, 0);
	assert_done(perform(p, rid_finish_activation(p->c, RID_METHOD_DEVICE, NULL, NULL, 0)));
}

static void methods_that_do_not_fit(void **state)
{
	struct phone *p = *state;

	p->server.two_factor = true;
	assert_shown(activate_start(p, "123456"));
	assert_failed(rid_finish_activation(p->c, RID_METHOD_DEVICE, NULL, NULL, 0), RID_ERROR_MUST_BE_ACTIVATED_WITH_PIN);
	assert_failed(rid_finish_activation(p->c, RID_METHOD_IOS_FACE_ID, NULL, NULL, 0), RID_ERROR_METHOD_UNAVAILABLE);
	assert_failed(rid_finish_activation(p->c, 64, NULL, NULL, 0), RID_ERROR_METHOD_UNAVAILABLE);
	assert_int_equal(p->messages, 1);
}

static void names_that_are_none(void **state)
{
	struct phone *p = *state;
	char longer[130];

	memset(longer, 'x', sizeof(longer));
	longer[129] = 0;
	assert_shown(activate_start(p, "123456"));
	assert_failed(rid_finish_activation(p->c, RID_METHOD_DEVICE, "a\nb", NULL, 0), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_failed(rid_finish_activation(p->c, RID_METHOD_DEVICE, "\xff", NULL, 0), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_failed(rid_finish_activation(p->c, RID_METHOD_DEVICE, longer, NULL, 0), RID_ERROR_INVALID_INPUT_FORMAT);
	longer[128] = 0;
	assert_done(perform(p, rid_finish_activation(p->c, RID_METHOD_DEVICE, longer, NULL, 0)));
}

static void the_server_refuses_the_finish(void **state)
{
	struct phone *p = *state;

	p->server.refuse_finish = "";
	assert_failed(activate(p, RID_METHOD_DEVICE_PIN, "1357"), RID_ERROR_ACTIVATION_FAILED);
	assert_false(rid_is_activated_locally(p->c));
	assert_false(rid_is_unconfirmed(p->c));
	assert_false(phone_file(p, "default")->there);
	assert_false(phone_file(p, "default.new")->there);
}

static void the_key_is_stored_before_the_code_is_bound_to_it(void **state)
{
	struct phone *p = *state;
	char code[] = "123456";
	const rid_step *s = rid_start_activation(p->c, code, 6);

	assert_int_equal(s->kind, RID_STORE);
	assert_string_equal(s->record.name, "default.new");
	p->mishaps.fail_store = 1;
	assert_failed(perform(p, s), RID_ERROR_STORAGE);
	assert_int_equal(p->messages, 0);
}

static void the_same_key_after_a_restart(void **state)
{
	struct phone *p = *state;
	uint8_t dk[POINT_BYTES];

	assert_shown(activate_start(p, "123456"));
	memcpy(dk, p->server.bound_dk, sizeof(dk));
	assert_int_equal(phone_restart(p), 0);
	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	assert_memory_equal(p->server.registrations[0].dk, dk, sizeof(dk));
}

static void a_second_registration_replaces_the_first(void **state)
{
	struct phone *p = *state;
	char first[UUID_TEXT + 1];

	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	memcpy(first, rid_registration_id(p->c), sizeof(first));
	p->server.code = "777777";
	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "2468"));
	assert_string_not_equal(rid_registration_id(p->c), first);
	assert_false(p->server.registrations[0].active);
	assert_true(p->server.registrations[1].active);
	assert_memory_not_equal(p->server.registrations[0].dk, p->server.registrations[1].dk, POINT_BYTES);
}

static void a_re_registration_keeps_the_id(void **state)
{
	struct phone *p = *state;
	char first[UUID_TEXT + 1];
	const rid_step *s;

	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	memcpy(first, rid_registration_id(p->c), sizeof(first));
	p->server.code = "777777";
	p->server.re_register = &p->server.registrations[0].id;
	s = activate_start(p, "777777");
	assert_shown(s);
	assert_true(s->started.re_registration);
	assert_done(perform(p, rid_finish_activation(p->c, RID_METHOD_DEVICE, NULL, NULL, 0)));
	assert_string_equal(rid_registration_id(p->c), first);
	assert_int_equal(p->server.registration_count, 1);
	assert_int_equal(rid_activated_auth_methods(p->c), RID_METHOD_DEVICE);
}

static void an_unfinished_second_one_leaves_the_first_alone(void **state)
{
	struct phone *p = *state;

	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	p->server.code = "777777";
	assert_shown(activate_start(p, "777777"));
	assert_done(perform(p, rid_cancel_session(p->c)));
	assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
}

static void it_survives_a_restart(void **state)
{
	struct phone *p = *state;

	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	assert_int_equal(phone_restart(p), 0);
	assert_true(rid_is_activated_locally(p->c));
	assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(with_a_pin, setup, teardown),
		cmocka_unit_test_setup_teardown(with_the_device_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(the_id_is_the_servers, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_shown, setup, teardown),
		cmocka_unit_test_setup_teardown(the_context_behind_it, setup, teardown),
		cmocka_unit_test_setup_teardown(the_app_asks_for_the_pin_when_told, setup, teardown),
		cmocka_unit_test_setup_teardown(secrets_are_wiped, setup, teardown),
		cmocka_unit_test_setup_teardown(secrets_are_wiped_when_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wrong_code, setup, teardown),
		cmocka_unit_test_setup_teardown(codes_that_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(pins_of_the_wrong_form, setup, teardown),
		cmocka_unit_test_setup_teardown(methods_that_do_not_fit, setup, teardown),
		cmocka_unit_test_setup_teardown(names_that_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(the_server_refuses_the_finish, setup, teardown),
		cmocka_unit_test_setup_teardown(the_key_is_stored_before_the_code_is_bound_to_it, setup, teardown),
		cmocka_unit_test_setup_teardown(the_same_key_after_a_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(a_second_registration_replaces_the_first, setup, teardown),
		cmocka_unit_test_setup_teardown(a_re_registration_keeps_the_id, setup, teardown),
		cmocka_unit_test_setup_teardown(an_unfinished_second_one_leaves_the_first_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(it_survives_a_restart, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A registration that ended without an answer: what the server says later decides (section 5.5). */
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

/* The finish is lost on the way there or back, and the app is started anew. */
static void leave_unconfirmed(struct phone *p, bool delivered)
{
	char pin[] = "1357";

	assert_shown(activate_start(p, p->server.code));
	if (delivered)
		p->mishaps.lose_answer = p->messages + 2;
	else
		p->mishaps.lose_request = p->messages + 2;
	assert_int_equal(perform(p, rid_finish_activation(p->c, RID_METHOD_DEVICE_PIN, NULL, pin, 4))->kind, RID_FAILED);
	assert_int_equal(phone_restart(p), 0);
	assert_true(rid_is_unconfirmed(p->c));
}

static void the_server_knows_it(void **state)
{
	struct phone *p = *state;

	leave_unconfirmed(p, true);
	assert_false(rid_is_activated_locally(p->c));
	assert_done(perform(p, rid_is_activated(p->c)));
	assert_true(rid_is_activated_locally(p->c));
	assert_false(phone_file(p, "default.new")->there);
}

static void the_server_does_not_know_it(void **state)
{
	struct phone *p = *state;

	leave_unconfirmed(p, false);
	assert_failed(perform(p, rid_is_activated(p->c)), RID_ERROR_NOT_ACTIVATED);
	assert_false(rid_is_unconfirmed(p->c));
}

/* The code is bound to the device key, which is still there. */
static void the_code_can_be_used_again_then(void **state)
{
	struct phone *p = *state;

	leave_unconfirmed(p, false);
	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "2468"));
	assert_int_equal(p->server.activations, 1);
}

static void any_call_finds_out(void **state)
{
	struct phone *p = *state;

	leave_unconfirmed(p, true);
	assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
}

static void a_new_registration_finds_out_first(void **state)
{
	struct phone *p = *state;

	leave_unconfirmed(p, true);
	p->server.code = "777777";
	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "2468"));
	assert_false(p->server.registrations[0].active);
	assert_int_equal(p->server.registration_count, 2);
}

static void without_a_network_it_stays_open(void **state)
{
	struct phone *p = *state;

	leave_unconfirmed(p, true);
	p->mishaps.lose_request = p->messages + 1;
	assert_failed(perform(p, rid_is_activated(p->c)), RID_ERROR_NO_INTERNET);
	assert_true(rid_is_unconfirmed(p->c));
	assert_done(perform(p, rid_repeat(p->c)));
}

static void locked_is_known_too(void **state)
{
	struct phone *p = *state;

	leave_unconfirmed(p, true);
	p->server.registrations[0].locked = true;
	assert_failed(perform(p, rid_is_activated(p->c)), RID_ERROR_LOCKED);
	assert_true(rid_is_activated_locally(p->c));
}

static void the_old_one_is_left_when_the_new_one_is_not_known(void **state)
{
	struct phone *p = *state;

	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	p->server.code = "777777";
	leave_unconfirmed(p, false);
	assert_done(perform(p, rid_is_activated(p->c)));
	assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
}

static void the_new_one_takes_over_when_it_is_known(void **state)
{
	struct phone *p = *state;

	assert_done(activate(p, RID_METHOD_DEVICE, NULL));
	p->server.code = "777777";
	leave_unconfirmed(p, true);
	assert_int_equal(rid_activated_auth_methods(p->c), RID_METHOD_DEVICE);
	assert_done(perform(p, rid_is_activated(p->c)));
	assert_int_equal(rid_activated_auth_methods(p->c), RID_METHOD_DEVICE | RID_METHOD_DEVICE_PIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_server_knows_it, setup, teardown),
		cmocka_unit_test_setup_teardown(the_server_does_not_know_it, setup, teardown),
		cmocka_unit_test_setup_teardown(the_code_can_be_used_again_then, setup, teardown),
		cmocka_unit_test_setup_teardown(any_call_finds_out, setup, teardown),
		cmocka_unit_test_setup_teardown(a_new_registration_finds_out_first, setup, teardown),
		cmocka_unit_test_setup_teardown(without_a_network_it_stays_open, setup, teardown),
		cmocka_unit_test_setup_teardown(locked_is_known_too, setup, teardown),
		cmocka_unit_test_setup_teardown(the_old_one_is_left_when_the_new_one_is_not_known, setup, teardown),
		cmocka_unit_test_setup_teardown(the_new_one_takes_over_when_it_is_known, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

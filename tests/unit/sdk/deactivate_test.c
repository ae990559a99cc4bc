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

static void at_the_server_too(void **state)
{
	struct phone *p = *state;

	assert_done(perform(p, rid_deactivate(p->c, 0)));
	assert_int_equal(p->server.deactivated, 1);
	assert_false(rid_is_activated_locally(p->c));
	assert_null(rid_registration_id(p->c));
	assert_int_equal(rid_activated_auth_methods(p->c), 0);
	assert_false(phone_file(p, "default")->there);
}

static void only_locally(void **state)
{
	struct phone *p = *state;

	assert_done(perform(p, rid_deactivate(p->c, 1)));
	assert_int_equal(p->messages, 0);
	assert_false(rid_is_activated_locally(p->c));
	assert_false(phone_file(p, "default")->there);
}

static void when_the_server_has_deleted_it_already(void **state)
{
	struct phone *p = *state;

	p->server.registrations[0].active = false;
	assert_done(perform(p, rid_deactivate(p->c, 0)));
	assert_false(rid_is_activated_locally(p->c));
}

static void when_the_server_refuses(void **state)
{
	struct phone *p = *state;

	p->server.registrations[0].dk[5] ^= 1;
	assert_failed(perform(p, rid_deactivate(p->c, 0)), RID_ERROR_AUTHENTICATION_FAILED);
	assert_true(rid_is_activated_locally(p->c));
}

static void without_a_network(void **state)
{
	struct phone *p = *state;

	p->mishaps.lose_request = 1;
	assert_failed(perform(p, rid_deactivate(p->c, 0)), RID_ERROR_NO_INTERNET);
	assert_true(rid_is_activated_locally(p->c));
	assert_done(perform(p, rid_repeat(p->c)));
	assert_int_equal(p->server.deactivated, 1);
}

static void records_that_cannot_be_erased(void **state)
{
	struct phone *p = *state;

	p->mishaps.fail_store = 1;
	assert_failed(perform(p, rid_deactivate(p->c, 1)), RID_ERROR_STORAGE);
	assert_done(perform(p, rid_deactivate(p->c, 1)));
}

static void in_the_midst_of_a_session(void **state)
{
	struct phone *p = *state;

	assert_shown(authenticate_start(p));
	assert_done(perform(p, rid_deactivate(p->c, 0)));
	assert_failed(approve(p, RID_METHOD_DEVICE, NULL), RID_ERROR_WRONG_STATE);
}

static void not_activated(void **state)
{
	struct phone *p = *state;

	assert_done(perform(p, rid_deactivate(p->c, 1)));
	assert_failed(perform(p, rid_deactivate(p->c, 0)), RID_ERROR_NOT_ACTIVATED);
	assert_done(perform(p, rid_deactivate(p->c, 1)));
}

static void and_registered_again(void **state)
{
	struct phone *p = *state;

	assert_done(perform(p, rid_deactivate(p->c, 0)));
	p->server.code = "777777";
	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "2468"));
	assert_int_equal(phone_restart(p), 0);
	assert_true(rid_is_activated_locally(p->c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(at_the_server_too, setup, teardown),
		cmocka_unit_test_setup_teardown(only_locally, setup, teardown),
		cmocka_unit_test_setup_teardown(when_the_server_has_deleted_it_already, setup, teardown),
		cmocka_unit_test_setup_teardown(when_the_server_refuses, setup, teardown),
		cmocka_unit_test_setup_teardown(without_a_network, setup, teardown),
		cmocka_unit_test_setup_teardown(records_that_cannot_be_erased, setup, teardown),
		cmocka_unit_test_setup_teardown(in_the_midst_of_a_session, setup, teardown),
		cmocka_unit_test_setup_teardown(not_activated, setup, teardown),
		cmocka_unit_test_setup_teardown(and_registered_again, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

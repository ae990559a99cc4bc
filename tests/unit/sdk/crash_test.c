/* The process ends before any step: what is left on the phone is never a contradiction. */
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

enum { STEPS_MAX = 60 };

/* Dies before each step of the registration in turn, comes back, and carries on like a person would. */
static void assert_registers_in_the_end(int die_at, bool *ret_died)
{
	struct phone *p = phone_new();
	const rid_step *s;

	p->mishaps.die_at = p->steps + die_at;
	activate(p, RID_METHOD_DEVICE_PIN, "1357");
	*ret_died = p->dead;
	p->mishaps.die_at = 0;
	assert_int_equal(phone_restart(p), 0);
	s = perform(p, rid_is_activated(p->c));
	if (s->kind == RID_FAILED) {
		assert_failed(s, RID_ERROR_NOT_ACTIVATED);
		assert_int_equal(p->server.activations, 0);
		assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	}
	assert_false(rid_is_unconfirmed(p->c));
	assert_int_equal(p->server.activations, 1);
	assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
	assert_int_equal(phone_restart(p), 0);
	assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
	phone_free(p);
}

static void registration(void **state)
{
	bool died = true;
	int n;

	(void)state;
	for (n = 1; died; n++)
		assert_registers_in_the_end(n, &died);
	assert_in_range(n, 8, STEPS_MAX);
}

/* The keys are the app's, and named in both records for a moment. */
static void assert_keeps_its_keys(int die_at, bool *ret_died)
{
	struct phone *p = phone_new();

	p->config.device_key_in_app = 1;
	p->config.hardware = RID_HARDWARE_YES;
	p->config.app_methods = RID_METHOD_IOS_FACE_ID;
	p->server.hardware_wanted = true;
	assert_int_equal(phone_restart(p), 0);
	p->mishaps.die_at = p->steps + die_at;
	activate(p, RID_METHOD_DEVICE_PIN | RID_METHOD_IOS_FACE_ID, "1357");
	*ret_died = p->dead;
	p->mishaps.die_at = 0;
	assert_int_equal(phone_restart(p), 0);
	if (perform(p, rid_is_activated(p->c))->kind == RID_FAILED)
		assert_done(activate(p, RID_METHOD_DEVICE_PIN | RID_METHOD_IOS_FACE_ID, "1357"));
	p->server.pending = device_operation_AUTHENTICATION;
	assert_shown(authenticate_start(p));
	assert_done(approve(p, RID_METHOD_IOS_FACE_ID, NULL));
	assert_int_equal(p->server.hardware_status, hw_key_client_status_OK_SIGNED_SUCCESS);
	phone_free(p);
}

static void registration_with_keys_of_the_app(void **state)
{
	bool died = true;
	int n;

	(void)state;
	for (n = 1; died; n++)
		assert_keeps_its_keys(n, &died);
	assert_in_range(n, 14, STEPS_MAX);
}

/* The same over a registration that holds: at no time is there none. */
static void assert_replaces_in_the_end(int die_at, bool *ret_died)
{
	struct phone *p = phone_registered();

	p->server.code = "777777";
	p->mishaps.die_at = die_at;
	activate(p, RID_METHOD_DEVICE_PIN, "2468");
	*ret_died = p->dead;
	p->mishaps.die_at = 0;
	assert_int_equal(phone_restart(p), 0);
	assert_done(perform(p, rid_is_activated(p->c)));
	assert_shown(authenticate_start(p));
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, p->server.activations == 2 ? "2468" : "1357"));
	phone_free(p);
}

static void registration_over_another(void **state)
{
	bool died = true;
	int n;

	(void)state;
	for (n = 1; died; n++)
		assert_replaces_in_the_end(n, &died);
	assert_in_range(n, 8, STEPS_MAX);
}

static void assert_authenticates_in_the_end(int die_at, bool *ret_died)
{
	struct phone *p = phone_registered();
	const rid_step *s;

	p->mishaps.die_at = die_at;
	s = authenticate_start(p);
	if (s)
		approve(p, RID_METHOD_DEVICE_PIN, "1357");
	*ret_died = p->dead;
	p->mishaps.die_at = 0;
	assert_int_equal(phone_restart(p), 0);
	assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
	assert_false(p->server.registrations[0].locked);
	phone_free(p);
}

static void authentication(void **state)
{
	bool died = true;
	int n;

	(void)state;
	for (n = 1; died; n++)
		assert_authenticates_in_the_end(n, &died);
	assert_in_range(n, 5, STEPS_MAX);
}

static void assert_is_gone_in_the_end(int die_at, bool *ret_died)
{
	struct phone *p = phone_registered();
	const rid_step *s;

	p->mishaps.die_at = die_at;
	perform(p, rid_deactivate(p->c, 0));
	*ret_died = p->dead;
	p->mishaps.die_at = 0;
	assert_int_equal(phone_restart(p), 0);
	s = perform(p, rid_deactivate(p->c, 0));
	if (s->kind == RID_FAILED)
		assert_failed(s, RID_ERROR_NOT_ACTIVATED);
	assert_false(p->server.registrations[0].active);
	assert_false(phone_file(p, "default")->there);
	phone_free(p);
}

static void deactivation(void **state)
{
	bool died = true;
	int n;

	(void)state;
	for (n = 1; died; n++)
		assert_is_gone_in_the_end(n, &died);
	assert_in_range(n, 3, STEPS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(registration, setup, teardown),
		cmocka_unit_test_setup_teardown(registration_with_keys_of_the_app, setup, teardown),
		cmocka_unit_test_setup_teardown(registration_over_another, setup, teardown),
		cmocka_unit_test_setup_teardown(authentication, setup, teardown),
		cmocka_unit_test_setup_teardown(deactivation, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

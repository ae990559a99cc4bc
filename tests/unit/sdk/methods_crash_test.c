/* The process ends before any step of a change of methods: whatever the server has, the phone goes on with it. */
#include "tests/unit/common/test.h"

#include "tests/unit/sdk/phone.h"

enum { BIOMETRIC = RID_METHOD_ANDROID_BIOMETRIC_PROMPT, STEPS_MAX = 60 };

static struct phone *ready(void)
{
	struct phone *p = phone_registered();

	p->config.app_methods = BIOMETRIC;
	assert_int_equal(phone_restart(p), 0);
	p->messages = p->stores = p->steps = 0;
	return p;
}

/* Dies, comes back, and approves with what the server says holds. */
static void assert_pin_holds(int die_at, bool *ret_died)
{
	struct phone *p = ready();

	p->mishaps.die_at = die_at;
	change(p, RID_METHOD_DEVICE_PIN, "1357", RID_METHOD_DEVICE_PIN, "2468");
	*ret_died = p->dead;
	p->mishaps.die_at = 0;
	assert_int_equal(phone_restart(p), 0);
	assert_approves(p, RID_METHOD_DEVICE_PIN, p->server.changes ? "2468" : "1357");
	assert_false(p->server.registrations[0].locked);
	phone_free(p);
}

static void a_pin_change(void **state)
{
	bool died = true;
	int n;

	(void)state;
	for (n = 1; died; n++)
		assert_pin_holds(n, &died);
	assert_in_range(n, 6, STEPS_MAX);
}

static void assert_biometric_holds(int die_at, bool *ret_died)
{
	struct phone *p = ready();
	bool added;

	p->mishaps.die_at = die_at;
	change(p, BIOMETRIC, "1357", RID_METHOD_DEVICE_PIN, NULL);
	*ret_died = p->dead;
	added = p->server.changes == 1;
	p->mishaps.die_at = 0;
	assert_int_equal(phone_restart(p), 0);
	p->server.pending = device_operation_AUTHENTICATION;
	assert_shown(authenticate_start(p));
	if (added)
		assert_done(approve(p, BIOMETRIC, NULL));
	else
		assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
	assert_done(change(p, BIOMETRIC, "1357", RID_METHOD_DEVICE_PIN, NULL));
	assert_approves(p, BIOMETRIC, NULL);
	phone_free(p);
}

static void a_biometric_method_added(void **state)
{
	bool died = true;
	int n;

	(void)state;
	for (n = 1; died; n++)
		assert_biometric_holds(n, &died);
	assert_in_range(n, 6, STEPS_MAX);
}

static void assert_removal_holds(int die_at, bool *ret_died)
{
	struct phone *p = ready();

	assert_done(change(p, BIOMETRIC, "1357", RID_METHOD_DEVICE_PIN, NULL));
	p->mishaps.die_at = p->steps + die_at;
	perform_patiently(p, rid_deactivate_auth_method(p->c, BIOMETRIC));
	*ret_died = p->dead;
	p->mishaps.die_at = 0;
	assert_int_equal(phone_restart(p), 0);
	assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
	assert_done(change(p, BIOMETRIC, "1357", RID_METHOD_DEVICE_PIN, NULL));
	assert_approves(p, BIOMETRIC, NULL);
	phone_free(p);
}

static void a_method_removed(void **state)
{
	bool died = true;
	int n;

	(void)state;
	for (n = 1; died; n++)
		assert_removal_holds(n, &died);
	assert_in_range(n, 4, STEPS_MAX);
}

/* Each message, and each answer, lost once; repeated by the app. */
static void each_message_is_lost_once(void **state)
{
	(void)state;
	for (int n = 1; n <= 5; n++)
		for (int answer = 0; answer < 2; answer++) {
			struct phone *p = ready();

			*(answer ? &p->mishaps.lose_answer : &p->mishaps.lose_request) = n;
			assert_done(change(p, RID_METHOD_DEVICE_PIN, "1357", RID_METHOD_DEVICE_PIN, "2468"));
			assert_int_equal(p->server.changes, 1);
			assert_approves(p, RID_METHOD_DEVICE_PIN, "2468");
			phone_free(p);
		}
}

/* The storage fails at any time. */
static void each_store_fails_once(void **state)
{
	(void)state;
	for (int n = 1; n <= 4; n++) {
		struct phone *p = ready();

		p->mishaps.fail_store = n;
		change(p, RID_METHOD_DEVICE_PIN, "1357", RID_METHOD_DEVICE_PIN, "2468");
		p->mishaps.fail_store = 0;
		for (int restart = 0; restart < 2; restart++) {
			assert_approves(p, RID_METHOD_DEVICE_PIN, p->server.changes ? "2468" : "1357");
			assert_int_equal(phone_restart(p), 0);
		}
		phone_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pin_change),
		cmocka_unit_test(a_biometric_method_added),
		cmocka_unit_test(a_method_removed),
		cmocka_unit_test(each_message_is_lost_once),
		cmocka_unit_test(each_store_fails_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "test/unit/common/test.h"

#include "test/unit/sdk/phone.h"

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
	assert_int_equal(rid_activated_auth_methods(p->c), RID_METHOD_DEVICE | RID_METHOD_DEVICE_PIN);
	assert_int_equal(p->server.activations, 1);
	assert_true(p->server.registrations[0].has_pin);
	assert_string_equal(p->server.device_name, "My phone");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(with_a_pin, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

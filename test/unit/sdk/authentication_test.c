#include "test/unit/common/test.h"

#include "test/unit/sdk/phone.h"

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

	assert_shown(authenticate_start(p));
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
	assert_int_equal(p->server.completed, 1);
}

static void with_a_wrong_pin(void **state)
{
	struct phone *p = *state;
	const rid_step *s;

	assert_shown(authenticate_start(p));
	s = approve(p, RID_METHOD_DEVICE_PIN, "2468");
	assert_failed(s, RID_ERROR_AUTHENTICATION_FAILED);
	assert_true(s->failure.recoverable);
	assert_int_equal(s->failure.remaining, 2);
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(with_the_pin, setup, teardown),
		cmocka_unit_test_setup_teardown(with_a_wrong_pin, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Times of requests, and clocks that are off (section 4). */
#include "tests/unit/common/test.h"

#include "tests/unit/sdk/phone.h"

enum { AHEAD_MS = 3600000 };

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

static void a_clock_that_is_behind(void **state)
{
	struct phone *p = *state;

	p->clock_error_ms = -3600000;
	p->server.registrations[0].last_ts = p->now_ms - 1;
	assert_int_equal(phone_restart(p), 0);
	assert_shown(authenticate_start(p));
	assert_done(approve(p, RID_METHOD_DEVICE, NULL));
}

static void a_clock_that_is_ahead(void **state)
{
	struct phone *p = *state;

	p->clock_error_ms = 3600000;
	assert_shown(authenticate_start(p));
	assert_int_equal(p->messages, 2); /* 249, and again */
	assert_done(approve(p, RID_METHOD_DEVICE, NULL));
}

static void what_was_learned_is_kept(void **state)
{
	struct phone *p = *state;

	p->clock_error_ms = 3600000;
	assert_shown(authenticate_start(p));
	assert_done(approve(p, RID_METHOD_DEVICE, NULL));
	assert_int_equal(phone_restart(p), 0);
	p->messages = 0;
	p->server.pending = device_operation_AUTHENTICATION;
	assert_shown(authenticate_start(p));
	assert_int_equal(p->messages, 1);
}

static void a_clock_that_is_set_back_between(void **state)
{
	struct phone *p = *state;

	assert_shown(authenticate_start(p));
	p->clock_error_ms = -600000;
	p->messages = 0;
	assert_shown(authenticate_start(p));
	assert_int_equal(p->messages, 1);
}

static void a_clock_that_stands_still(void **state)
{
	struct phone *p = *state;

	for (int i = 0; i < 5; i++) {
		p->now_ms -= 20; /* what the last message took */
		assert_shown(authenticate_start(p));
	}
	assert_int_equal(p->messages, 5);
}

static void a_server_whose_clock_is_elsewhere(void **state)
{
	struct phone *p = phone_new();

	(void)state;
	p->server.clock_ahead_ms = -86400000;
	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
	phone_free(p);
}

static void a_server_that_is_never_content(void **state)
{
	struct phone *p = *state;

	p->server.registrations[0].last_ts = INT64_MAX - 1;
	assert_failed(authenticate_start(p), RID_ERROR_OUT_OF_SYNC);
	assert_int_equal(p->messages, 2);
}

/* Far off, or after the year 9999, which is none and not reckoned with: either leaves nothing behind. */
static void a_server_at_the_end_of_time(void **state)
{
	static const int64_t times[] = { INT64_C(253402300000000), INT64_C(253402300800000), INT64_MAX - AHEAD_MS };
	struct phone *p = *state;

	for (size_t i = 0; i < COUNT(times); i++) {
		p->server.clock_ahead_ms = times[i] - p->now_ms;
		p->server.registrations[0].last_ts = INT64_MAX - 1;
		assert_failed(authenticate_start(p), i == 0 ? RID_ERROR_OUT_OF_SYNC : RID_ERROR_INVALID_RESPONSE);
		p->server.clock_ahead_ms = 0;
		p->server.registrations[0].last_ts = p->now_ms - 1;
		assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
		assert_int_equal(phone_restart(p), 0);
		assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_clock_that_is_behind, setup, teardown),
		cmocka_unit_test_setup_teardown(a_clock_that_is_ahead, setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_learned_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(a_clock_that_is_set_back_between, setup, teardown),
		cmocka_unit_test_setup_teardown(a_clock_that_stands_still, setup, teardown),
		cmocka_unit_test_setup_teardown(a_server_whose_clock_is_elsewhere, setup, teardown),
		cmocka_unit_test_setup_teardown(a_server_that_is_never_content, setup, teardown),
		cmocka_unit_test_setup_teardown(a_server_at_the_end_of_time, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

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

static void something_is_pending(void **state)
{
	struct phone *p = *state;
	const rid_step *s = perform(p, rid_pending(p->c));

	assert_done(s);
	assert_int_equal(s->result.pending_count, 1);
	assert_int_equal(s->result.pending[0].operation, RID_OPERATION_AUTHENTICATION);
	assert_string_equal(s->result.pending[0].push_session_id, "push-1");
	assert_true(s->result.pending[0].expires_ms > p->now_ms);
}

static void nothing_is_pending(void **state)
{
	struct phone *p = *state;
	const rid_step *s;

	p->server.pending = 0;
	s = perform(p, rid_pending(p->c));
	assert_done(s);
	assert_int_equal(s->result.pending_count, 0);
	assert_int_equal(p->messages, 1);
}

static void waiting_ends_when_something_comes(void **state)
{
	struct phone *p = *state;

	assert_int_equal(perform(p, rid_wait(p->c, 60000))->result.pending_count, 1);
	assert_int_equal(p->messages, 1);
}

/* The stand-in answers at once: as if newer questions ended this one each time. */
static void waiting_does_not_race(void **state)
{
	struct phone *p = *state;
	int64_t began = p->mono_ms;

	p->server.pending = 0;
	assert_int_equal(perform(p, rid_wait(p->c, 60000))->result.pending_count, 0);
	assert_in_range(p->mono_ms - began, 60000, 61000);
	assert_in_range(p->messages, 25, 35);
}

static void a_long_wait_is_asked_for_in_pieces(void **state)
{
	struct phone *p = *state;
	const rid_step *s = rid_wait(p->c, 600000);

	assert_int_equal(s->kind, RID_SEND);
	assert_in_range(s->send.timeout_ms, 55001, 80000);
}

static void a_busy_server_while_waiting(void **state)
{
	struct phone *p = *state;
	const rid_step *s;

	p->server.busy = 1;
	s = perform(p, rid_wait(p->c, 60000));
	assert_failed(s, RID_ERROR_SERVICE_UNAVAILABLE);
	assert_int_equal(perform(p, rid_repeat(p->c))->result.pending_count, 1);
}

static void a_session_lives_through_a_question(void **state)
{
	struct phone *p = *state;

	assert_shown(authenticate_start(p));
	assert_done(perform(p, rid_pending(p->c)));
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
}

static void is_it_activated(void **state)
{
	struct phone *p = *state;

	assert_done(perform(p, rid_is_activated(p->c)));
	p->server.registrations[0].locked = true;
	assert_failed(perform(p, rid_is_activated(p->c)), RID_ERROR_LOCKED);
	p->server.registrations[0].active = false;
	assert_failed(perform(p, rid_is_activated(p->c)), RID_ERROR_NOT_REGISTERED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(something_is_pending, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_is_pending, setup, teardown),
		cmocka_unit_test_setup_teardown(waiting_ends_when_something_comes, setup, teardown),
		cmocka_unit_test_setup_teardown(waiting_does_not_race, setup, teardown),
		cmocka_unit_test_setup_teardown(a_long_wait_is_asked_for_in_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(a_busy_server_while_waiting, setup, teardown),
		cmocka_unit_test_setup_teardown(a_session_lives_through_a_question, setup, teardown),
		cmocka_unit_test_setup_teardown(is_it_activated, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Requests and answers that get lost: everything happens exactly once. */
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

enum { MESSAGES = 7 }; /* act.start, act.pin, act.finish, ses.start, ses.pin, ses.finish, reg.deactivate */

/* From registration to the end of it, with the calls that an app makes. */
static void whole_life(struct phone *p)
{
	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
	assert_done(perform_patiently(p, rid_deactivate(p->c, 0)));
	assert_false(rid_is_activated_locally(p->c));
}

/* Everything happened once, whatever got lost on the way. */
static void assert_once(const struct phone *p)
{
	assert_int_equal(p->server.activations, 1);
	assert_int_equal(p->server.completed, 1);
	assert_int_equal(p->server.evaluations, 2);
	assert_int_equal(p->server.deactivated, 1);
	assert_int_equal(p->server.registrations[0].fails, 0);
}

static void nothing_is_lost(void **state)
{
	struct phone *p = *state;

	whole_life(p);
	assert_once(p);
	assert_int_equal(p->messages, MESSAGES);
}

static void each_request_is_lost_once(void **state)
{
	(void)state;
	for (int n = 1; n <= MESSAGES; n++) {
		struct phone *p = phone_new();

		p->mishaps.lose_request = n;
		whole_life(p);
		assert_once(p);
		assert_int_equal(p->server.repeats, 0);
		phone_free(p);
	}
}

static void each_answer_is_lost_once(void **state)
{
	(void)state;
	for (int n = 1; n <= MESSAGES; n++) {
		struct phone *p = phone_new();

		p->mishaps.lose_answer = n;
		whole_life(p);
		assert_once(p);
		assert_int_equal(p->server.repeats, 1);
		phone_free(p);
	}
}

/* A portal of a hotel, a proxy, a server that is being replaced: the answer is asked for again, as if it had been lost. */
static void something_else_answers(void **state)
{
	static const int statuses[] = { 0, 200, 204, 302, 400, 401, 403, 404, 407, 408, 418, 421, 451, 500, 511, 599 };

	(void)state;
	for (size_t i = 0; i < COUNT(statuses); i++)
		for (int n = 1; n <= MESSAGES; n++) {
			struct phone *p = phone_new();

			p->mishaps.stray_answer = n;
			p->mishaps.stray_status = statuses[i];
			whole_life(p);
			assert_once(p);
			assert_int_equal(p->server.repeats, 1);
			phone_free(p);
		}
}

static void a_repeat_is_byte_for_byte_the_same(void **state)
{
	struct phone *p = *state;
	uint8_t first[FILE_BYTES_MAX];
	size_t n;
	char code[] = "123456";

	p->mishaps.lose_answer = 1;
	assert_failed(perform(p, rid_start_activation(p->c, code, 6)), RID_ERROR_CONNECTION_TIMEOUT);
	n = p->last_request_n;
	memcpy(first, p->last_request, n);
	assert_shown(perform(p, rid_repeat(p->c)));
	assert_int_equal(p->last_request_n, n);
	assert_memory_equal(p->last_request, first, n);
}

static void what_the_app_hears(void **state)
{
	struct phone *p = *state;
	char code[] = "123456";
	const rid_step *s;

	p->mishaps.lose_request = 1;
	s = perform(p, rid_start_activation(p->c, code, 6));
	assert_failed(s, RID_ERROR_NO_INTERNET);
	assert_true(s->failure.repeatable);
	assert_false(s->failure.recoverable);
	assert_int_equal(s->failure.remaining, -1);
}

static void a_busy_server_is_asked_again(void **state)
{
	struct phone *p = *state;

	p->server.busy = 2;
	assert_shown(activate_start(p, "123456"));
	p->server.busy = 1;
	assert_failed(perform(p, rid_finish_activation(p->c, RID_METHOD_DEVICE, NULL, NULL, 0)), RID_ERROR_SERVICE_UNAVAILABLE);
	assert_done(perform(p, rid_repeat(p->c)));
}

/* While it is not known whether the server took the last message, another one of the session would be out of step. */
static void no_finish_while_an_answer_is_missing(void **state)
{
	struct phone *p = *state;
	char pin[] = "1357", again[] = "1357";
	const rid_step *s;

	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	p->server.pending = device_operation_AUTHENTICATION;
	assert_shown(authenticate_start(p));
	p->mishaps.lose_answer = p->messages + 1;
	assert_failed(perform(p, rid_finish_authentication(p->c, RID_METHOD_DEVICE_PIN, pin, 4)), RID_ERROR_CONNECTION_TIMEOUT);
	s = rid_finish_authentication(p->c, RID_METHOD_DEVICE_PIN, again, 4);
	assert_failed(s, RID_ERROR_WRONG_STATE);
	assert_true(s->failure.repeatable);
	assert_done(perform(p, rid_repeat(p->c)));
	assert_int_equal(p->server.completed, 1);
	assert_int_equal(p->server.method, auth_method_DEVICE_PIN);
}

/* A call that is refused changes nothing of the one that waits for its answer. */
static void refused_calls_leave_what_waits_alone(void **state)
{
	struct phone *p = *state;
	char code[] = "";

	p->mishaps.lose_answer = p->messages + 3; /* that of act.finish: from here on it is open whether it holds */
	activate(p, RID_METHOD_DEVICE_PIN, "1357");
	p->mishaps.lose_answer = 0;
	assert_int_equal(phone_restart(p), 0);
	p->mishaps.lose_answer = p->messages + 1;
	assert_failed(perform(p, rid_pending(p->c)), RID_ERROR_CONNECTION_TIMEOUT);
	assert_failed(rid_cancel_session(p->c), RID_ERROR_WRONG_STATE);
	assert_failed(rid_start_activation(p->c, code, 0), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_failed(rid_push_heard(p->c, ""), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_done(perform(p, rid_repeat(p->c)));
	assert_true(rid_is_activated_locally(p->c));
}

/* One that begins puts itself in its place. */
static void nothing_is_repeated_beside_a_new_call(void **state)
{
	struct phone *p = *state;
	char code[] = "123456";

	p->mishaps.lose_answer = p->messages + 1;
	assert_failed(perform(p, rid_start_activation(p->c, code, 6)), RID_ERROR_CONNECTION_TIMEOUT);
	assert_failed(rid_pending(p->c), RID_ERROR_NOT_ACTIVATED);
	assert_failed(rid_repeat(p->c), RID_ERROR_WRONG_STATE);
	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
}

/* The evaluation got lost: its answer is fetched first, then the session is ended in step. */
static void refusing_while_an_answer_is_missing(void **state)
{
	struct phone *p = *state;
	char pin[] = "1357";

	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	p->server.pending = device_operation_AUTHENTICATION;
	assert_shown(authenticate_start(p));
	p->mishaps.lose_answer = p->messages + 1;
	assert_failed(perform(p, rid_finish_authentication(p->c, RID_METHOD_DEVICE_PIN, pin, 4)), RID_ERROR_CONNECTION_TIMEOUT);
	assert_done(perform(p, rid_cancel_session(p->c)));
	assert_int_equal(p->server.cancelled, 1);
	assert_int_equal(p->server.completed, 0);
}

static void an_approval_on_its_way_cannot_be_taken_back(void **state)
{
	struct phone *p = *state;
	const rid_step *s;

	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	p->server.pending = device_operation_AUTHENTICATION;
	assert_shown(authenticate_start(p));
	p->mishaps.lose_answer = p->messages + 1;
	assert_failed(perform(p, rid_finish_authentication(p->c, RID_METHOD_DEVICE, NULL, 0)), RID_ERROR_CONNECTION_TIMEOUT);
	s = rid_cancel_session(p->c);
	assert_failed(s, RID_ERROR_WRONG_STATE);
	assert_true(s->failure.repeatable);
	assert_done(perform(p, rid_repeat(p->c)));
	assert_int_equal(p->server.cancelled, 0);
}

/* The app gives up: its next start shows the ticket from before, which still counts. */
static void giving_up_on_an_answer(void **state)
{
	struct phone *p = *state;

	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	p->server.pending = device_operation_AUTHENTICATION;
	assert_shown(authenticate_start(p));
	p->mishaps.lose_answer = p->messages + 1;
	assert_failed(perform(p, rid_finish_authentication(p->c, RID_METHOD_DEVICE, NULL, 0)), RID_ERROR_CONNECTION_TIMEOUT);
	assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
	assert_int_equal(p->server.completed, 2);
}

static void asking_something_else_drops_the_session(void **state)
{
	struct phone *p = *state;
	char pin[] = "1357";

	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	p->server.pending = device_operation_AUTHENTICATION;
	assert_shown(authenticate_start(p));
	p->mishaps.lose_answer = p->messages + 1;
	assert_failed(perform(p, rid_finish_authentication(p->c, RID_METHOD_DEVICE_PIN, pin, 4)), RID_ERROR_CONNECTION_TIMEOUT);
	assert_done(perform(p, rid_pending(p->c)));
	assert_failed(approve(p, RID_METHOD_DEVICE, NULL), RID_ERROR_WRONG_STATE);
	assert_shown(authenticate_start(p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(each_request_is_lost_once, setup, teardown),
		cmocka_unit_test_setup_teardown(each_answer_is_lost_once, setup, teardown),
		cmocka_unit_test(something_else_answers),
		cmocka_unit_test_setup_teardown(a_repeat_is_byte_for_byte_the_same, setup, teardown),
		cmocka_unit_test_setup_teardown(what_the_app_hears, setup, teardown),
		cmocka_unit_test_setup_teardown(a_busy_server_is_asked_again, setup, teardown),
		cmocka_unit_test_setup_teardown(no_finish_while_an_answer_is_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(refused_calls_leave_what_waits_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_is_repeated_beside_a_new_call, setup, teardown),
		cmocka_unit_test_setup_teardown(refusing_while_an_answer_is_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(an_approval_on_its_way_cannot_be_taken_back, setup, teardown),
		cmocka_unit_test_setup_teardown(giving_up_on_an_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(asking_something_else_drops_the_session, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Bits that flip on the way, and answers that are no answers: they never pass for one. */
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

enum { BIT_STEP = 163, BYTES_MAX = 700 }; /* every 163rd bit of every message: all positions in a byte come up */

static bool ended_badly(const rid_step *s)
{
	assert_non_null(s);
	return s->kind == RID_FAILED;
}

/* The start of an authentication, its PIN and its finish, without any patience. */
static bool run_until_bad(struct phone *p)
{
	char pin[] = "1357";

	return ended_badly(perform(p, rid_start_authentication(p->c, NULL))) ||
		ended_badly(perform(p, rid_finish_authentication(p->c, RID_METHOD_DEVICE_PIN, pin, 4)));
}

/* Afterwards an undisturbed run works: nothing was locked, nothing is stuck. */
static void assert_works_again(struct phone *p)
{
	p->mishaps = (struct mishaps){ 0 };
	assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
}

static void check(struct phone *p, int message, bool request, size_t bit)
{
	p->messages = p->server.completed = 0;
	p->server.pending = device_operation_AUTHENTICATION;
	p->mishaps.flip_bit = bit;
	if (request)
		p->mishaps.flip_request = message;
	else
		p->mishaps.flip_answer = message;
	assert_true(run_until_bad(p));
	assert_int_equal(p->messages, message);
	if (request)
		assert_int_equal(p->server.completed, 0);
	assert_works_again(p);
}

static void requests(void **state)
{
	for (int message = 1; message <= 3; message++)
		for (size_t bit = (size_t)message; bit < BYTES_MAX * 8; bit += BIT_STEP)
			check(*state, message, true, bit);
}

static void answers(void **state)
{
	for (int message = 1; message <= 3; message++)
		for (size_t bit = (size_t)message; bit < BYTES_MAX * 8; bit += BIT_STEP)
			check(*state, message, false, bit);
}

/* ---- registration ---- */

/* Whatever was altered, in the end there is one registration, and it works. */
static void check_registration(int message, bool request, size_t bit)
{
	struct phone *p = phone_new();
	char code[] = "123456", pin[] = "1357";

	p->mishaps.flip_bit = bit;
	if (request)
		p->mishaps.flip_request = message;
	else
		p->mishaps.flip_answer = message;
	assert_true(ended_badly(perform(p, rid_start_activation(p->c, code, 6))) ||
		ended_badly(perform(p, rid_finish_activation(p->c, RID_METHOD_DEVICE_PIN, NULL, pin, 4))));
	p->mishaps = (struct mishaps){ 0 };
	if (perform(p, rid_is_activated(p->c))->kind == RID_FAILED)
		assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	assert_int_equal(p->server.activations, 1);
	assert_works_again(p);
	phone_free(p);
}

static void registrations(void **state)
{
	(void)state;
	for (int message = 1; message <= 3; message++)
		for (size_t bit = (size_t)message; bit < BYTES_MAX * 8; bit += 3 * BIT_STEP) {
			check_registration(message, true, bit);
			check_registration(message, false, bit);
		}
}

/* An altered answer is like a lost one: the same request is answered again. */
static void an_altered_answer_can_be_asked_for_again(void **state)
{
	struct phone *p = *state;

	for (int message = 1; message <= 3; message++) {
		p->messages = 0;
		p->mishaps.flip_answer = message;
		assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
		assert_int_equal(p->server.completed, message);
	}
}

static void answers_that_are_none(void **state)
{
	static const int statuses[] = { 0, 200, 204, 301, 400, 404, 413, 418, 500, 502 };
	static const char *const bodies[] = { "", "{", "{}", "{\"error\":1}", "{\"error\":\"malformed\"}", "{\"error\":\"something\"}", "<html>" };
	struct phone *p = *state;

	for (size_t i = 0; i < COUNT(statuses); i++)
		for (size_t j = 0; j < COUNT(bodies); j++) {
			const rid_step *s = rid_start_authentication(p->c, NULL);

			assert_int_equal(s->kind, RID_SEND);
			s = rid_sent(p->c, statuses[i], (const unsigned char *)bodies[j], strlen(bodies[j]));
			assert_failed(s, statuses[i] >= 500 ? RID_ERROR_CONNECTION_FAILURE : RID_ERROR_INVALID_RESPONSE);
		}
	assert_shown(authenticate_start(p));
}

static void errors_outside_the_envelope(void **state)
{
	static const struct {
		int status;
		const char *body;
		int number;
	} cases[] = { { 400, "{\"error\":\"unknown_application\"}", 237 }, { 400, "{\"error\":\"unknown_session\"}", 208 },
		{ 400, "{\"error\":\"unknown_key\"}", 102 }, { 413, "", 102 }, { 429, "", 221 }, { 503, "{}", 221 } };
	struct phone *p = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		rid_start_authentication(p->c, NULL);
		assert_failed(rid_sent(p->c, cases[i].status, (const unsigned char *)cases[i].body, strlen(cases[i].body)),
			cases[i].number);
	}
}

static void errors_of_the_network(void **state)
{
	static const int numbers[][2] = { { 101, 101 }, { 120, 120 }, { 121, 121 }, { 122, 122 }, { 0, 101 }, { 214, 101 } };
	struct phone *p = *state;

	for (size_t i = 0; i < COUNT(numbers); i++) {
		rid_start_authentication(p->c, NULL);
		assert_failed(rid_not_sent(p->c, numbers[i][0]), numbers[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(requests, setup, teardown),
		cmocka_unit_test_setup_teardown(answers, setup, teardown),
		cmocka_unit_test_setup_teardown(registrations, setup, teardown),
		cmocka_unit_test_setup_teardown(an_altered_answer_can_be_asked_for_again, setup, teardown),
		cmocka_unit_test_setup_teardown(answers_that_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(errors_outside_the_envelope, setup, teardown),
		cmocka_unit_test_setup_teardown(errors_of_the_network, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

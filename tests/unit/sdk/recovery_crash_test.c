/* The process ends before any step of a recovery: it can be done in the end, or one that was there before holds. */
#include "tests/unit/common/test.h"

#include "tests/unit/sdk/phone.h"

#define CODE "190837"
#define SECOND "735190"
#define THIRD "662841"

enum { STEPS_MAX = 60 };

static unsigned char token[RID_TOKEN_BYTES];

/* A phone with a recovery that died while the code was changed; and what the code is. */
static struct phone *died_while_changing(int die_at, bool *ret_died, const char **ret_code)
{
	struct phone *p = phone_registered();

	get_token(p, token);
	assert_done(add_recovery(p, token, CODE));
	get_token(p, token);
	p->mishaps.die_at = p->steps + die_at;
	add_recovery(p, token, SECOND);
	*ret_died = p->dead;
	*ret_code = p->server.added == 2 ? SECOND : CODE;
	p->mishaps.die_at = 0;
	p->dead = false;
	assert_int_equal(phone_restart(p), 0);
	return p;
}

/* Changing the code: the old one or the new one recovers, as the server has it. */
static void assert_one_code_holds(int die_at, bool *ret_died)
{
	const char *code;
	struct phone *p = died_while_changing(die_at, ret_died, &code);

	lose(p);
	assert_done(recover(p, code, "2468"));
	phone_free(p);
}

static void a_change_of_the_code(void **state)
{
	bool died = true;
	int n;

	(void)state;
	for (n = 1; died; n++)
		assert_one_code_holds(n, &died);
	assert_in_range(n, 6, STEPS_MAX);
}

/* What was left open by the first is not taken for free space by the second. */
static void assert_one_of_three_holds(int first, int second, bool *ret_first_died, bool *ret_died)
{
	const char *code;
	struct phone *p = died_while_changing(first, ret_first_died, &code);
	int added = p->server.added;

	get_token(p, token);
	p->mishaps.die_at = p->steps + second;
	add_recovery(p, token, THIRD);
	*ret_died = p->dead;
	p->mishaps.die_at = 0;
	lose(p);
	assert_done(recover(p, p->server.added > added ? THIRD : code, "2468"));
	phone_free(p);
}

static void two_changes_of_the_code(void **state)
{
	bool first_died = true;
	int n;

	(void)state;
	for (n = 1; first_died; n++) {
		bool died = true;

		for (int m = 1; died; m++)
			assert_one_of_three_holds(n, m, &first_died, &died);
	}
	assert_in_range(n, 6, STEPS_MAX);
}

static void a_change_that_is_given_up(void **state)
{
	bool died = true;

	(void)state;
	for (int n = 1; died; n++) {
		const char *code;
		struct phone *p = died_while_changing(n, &died, &code);

		get_token(p, token);
		assert_shown(perform(p, rid_start_add_or_update_recovery(p->c, RID_RECOVERY_CODE, token)));
		assert_done(perform(p, rid_cancel_session(p->c)));
		lose(p);
		assert_done(recover(p, code, "2468"));
		phone_free(p);
	}
}

/* An authentication tells the phone, too. */
static void what_an_authentication_tells(void **state)
{
	bool died = true;

	(void)state;
	for (int n = 1; died; n++) {
		struct phone *p = phone_registered();

		get_token(p, token);
		p->mishaps.die_at = p->steps + n;
		add_recovery(p, token, CODE);
		died = p->dead;
		p->mishaps.die_at = 0;
		assert_int_equal(phone_restart(p), 0);
		p->server.pending = device_operation_AUTHENTICATION;
		assert_shown(authenticate_start(p));
		assert_int_equal(rid_is_recovery_activated(p->c), p->server.added);
		phone_free(p);
	}
}

static void assert_recovers_in_the_end(int die_at, bool *ret_died)
{
	struct phone *p = phone_registered();
	const rid_step *s;

	get_token(p, token);
	assert_done(add_recovery(p, token, CODE));
	lose(p);
	p->mishaps.die_at = p->steps + die_at;
	recover(p, CODE, "2468");
	*ret_died = p->dead;
	p->mishaps.die_at = 0;
	assert_int_equal(phone_restart(p), 0);
	s = perform(p, rid_is_activated(p->c));
	if (s->kind == RID_FAILED) {
		assert_failed(s, RID_ERROR_NOT_ACTIVATED);
		assert_done(recover(p, CODE, "2468"));
	}
	assert_int_equal(p->server.recoveries, 1);
	assert_false(rid_is_recovery_activated(p->c));
	assert_approves(p, RID_METHOD_DEVICE_PIN, "2468");
	phone_free(p);
}

static void a_recovery(void **state)
{
	bool died = true;
	int n;

	(void)state;
	for (n = 1; died; n++)
		assert_recovers_in_the_end(n, &died);
	assert_in_range(n, 8, STEPS_MAX);
}

static void each_message_is_lost_once(void **state)
{
	(void)state;
	for (int n = 1; n <= 4; n++)
		for (int answer = 0; answer < 2; answer++) {
			struct phone *p = phone_registered();

			get_token(p, token);
			*(answer ? &p->mishaps.lose_answer : &p->mishaps.lose_request) = p->messages + n;
			assert_done(add_recovery(p, token, CODE));
			lose(p);
			*(answer ? &p->mishaps.lose_answer : &p->mishaps.lose_request) = p->messages + n;
			assert_done(recover(p, CODE, "2468"));
			assert_int_equal(p->server.recoveries, 1);
			phone_free(p);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_of_the_code),
		cmocka_unit_test(two_changes_of_the_code),
		cmocka_unit_test(a_change_that_is_given_up),
		cmocka_unit_test(what_an_authentication_tells),
		cmocka_unit_test(a_recovery),
		cmocka_unit_test(each_message_is_lost_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

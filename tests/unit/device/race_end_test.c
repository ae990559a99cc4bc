/* Two who end one operation: it ends once, with one fact and one event, and each is told what happened. */
#include "tests/unit/device/racing.h"

static void finish_and_cancel(struct race *r)
{
	scene_evaluated(r->c);
	r->left = phone_actor(r->c, act_finish_pin);
	r->right = canceller(r->c, "authentications");
}

static void finish_and_lock(struct race *r)
{
	scene_evaluated(r->c);
	r->left = phone_actor(r->c, act_finish_pin);
	r->right = device_changer(r->c, HTTP_PATCH, "{\"state\":\"LOCKED\"}");
}

static void finish_and_delete(struct race *r)
{
	scene_evaluated(r->c);
	r->left = phone_actor(r->c, act_finish_pin);
	r->right = device_changer(r->c, HTTP_DELETE, NULL);
}

static void finish_and_user_lock(struct race *r)
{
	scene_evaluated(r->c);
	r->left = phone_actor(r->c, act_finish_pin);
	r->right = user_locker(r->c);
}

static void finish_and_next_operation(struct race *r)
{
	scene_evaluated(r->c);
	r->left = phone_actor(r->c, act_finish_pin);
	r->right = starter(r->c);
}

static void finish_and_expiry(struct race *r)
{
	scene_evaluated(r->c);
	r->left = phone_actor(r->c, act_finish_pin);
	r->right = phone_actor(r->c, act_expire);
}

static void finish_and_phone_cancels(struct race *r)
{
	scene_evaluated(r->c);
	r->left = phone_actor(r->c, act_finish_pin);
	r->right = phone_actor(r->c, act_cancel_session);
}

static void finish_and_deactivation(struct race *r)
{
	scene_evaluated(r->c);
	r->left = phone_actor(r->c, act_finish_pin);
	r->right = phone_actor(r->c, act_deactivate);
}

static void finish_and_next_session(struct race *r)
{
	scene_evaluated(r->c);
	r->left = phone_actor(r->c, act_finish_pin);
	r->right = phone_actor(r->c, act_start_session);
}

static void good_and_bad_finish(struct race *r)
{
	scene_evaluated(r->c);
	r->left = phone_actor(r->c, act_finish_pin);
	r->right = phone_actor(r->c, act_finish_pin);
	r->right.twist = BAD_SECOND;
}

static void last_try_and_cancel(struct race *r)
{
	scene_started(r->c);
	for (int i = 0; i < 3; i++)
		assert_ok_reply(phone_ses_pin(r->c->p, PIN, PROPER));
	r->left = phone_actor(r->c, act_finish_pin);
	r->left.twist = BAD_SECOND;
	r->right = canceller(r->c, "authentications");
}

static void two_cancellations(struct race *r)
{
	scene_authentication(r->c, "");
	r->left = canceller(r->c, "authentications");
	r->right = canceller(r->c, "authentications");
}

static void registration_and_cancel(struct race *r)
{
	scene_act_evaluated(r->c);
	r->left = phone_actor(r->c, act_register);
	r->right = canceller(r->c, "registrations");
}

static void registration_and_user_lock(struct race *r)
{
	scene_act_evaluated(r->c);
	r->left = phone_actor(r->c, act_register);
	r->right = user_locker(r->c);
}

/* ---- what must be true behind every race ---- */

/* The left one finished if, and only if, the operation is completed. */
static void check_finish(struct race *r)
{
	const char *outcome = check_end(r->c);

	if (r->left.reply.ok != is_completed(outcome))
		fail_msg("%s, and the phone was told HTTP %d %.*s", outcome, r->left.reply.http, FMT(r->left.reply.text));
}

static void check_finish_or_cancel(struct race *r)
{
	bool cancelled = r->right.status == 204;

	check_finish(r);
	assert_int_equal(cancelled, !r->left.reply.ok);
	assert_true(cancelled || r->right.status == 400);
}

/* The right one gets through whatever the left one does. */
static void check_finish_and_rest(struct race *r)
{
	check_finish(r);
	assert_in_range(r->right.status, 200, 204);
}

static void check_finish_or_reply(struct race *r)
{
	check_finish(r);
	assert_true(r->left.reply.ok || r->right.reply.ok);
}

static void check_never_pending(struct race *r)
{
	check_finish(r);
	assert_string_not_equal(scene_outcome(r->c), "PENDING");
}

static void check_one_cancelled(struct race *r)
{
	assert_string_equal(check_end(r->c), "CANCELLED_BY_SP");
	assert_int_equal(r->left.status + r->right.status, 204 + 400);
}

/* Cancelled or locked out; the device is locked in both cases, at the latest by the sweeper. */
static void check_last_try(struct race *r)
{
	const char *outcome = check_end(r->c);
	bool cancelled = strcmp(outcome, "CANCELLED_BY_SP") == 0;

	assert_true(cancelled || strcmp(outcome, "LOCKED_PIN_VERIFICATION_FAILED") == 0);
	assert_int_equal(r->right.status, cancelled ? 204 : 400);
	must(devices_sweep(&r->c->s->f->app));
	assert_string_equal(scene_device(r->c), "LOCKED PIN_VERIFICATION_FAILED");
	assert_int_equal(number(r->c->s, "SELECT count(*) FROM audit WHERE type = 'DEVICE_LOCKED' AND reference = '%s'", r->c->device), 1);
}

static void check_registration(struct race *r)
{
	struct uuid *reg = &r->left.p->reg;

	check_finish(r);
	assert_int_equal(rows_with(r->c, "credentials", "id", reg, ""), r->left.reply.ok);
}

RACE(finish_and_cancel, check_finish_or_cancel)
RACE(finish_and_lock, check_finish_and_rest)
RACE(finish_and_delete, check_finish_and_rest)
RACE(finish_and_user_lock, check_finish_and_rest)
RACE(finish_and_next_operation, check_finish_and_rest)
RACE(finish_and_expiry, check_never_pending)
RACE(finish_and_phone_cancels, check_finish_or_reply)
RACE(finish_and_deactivation, check_never_pending)
RACE(finish_and_next_session, check_finish)
RACE(good_and_bad_finish, check_finish)
RACE(last_try_and_cancel, check_last_try)
RACE(two_cancellations, check_one_cancelled)
RACE(registration_and_cancel, check_registration)
RACE(registration_and_user_lock, check_registration)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(finish_and_cancel_race),
		SITE_TEST(finish_and_lock_race),
		SITE_TEST(finish_and_delete_race),
		SITE_TEST(finish_and_user_lock_race),
		SITE_TEST(finish_and_next_operation_race),
		SITE_TEST(finish_and_expiry_race),
		SITE_TEST(finish_and_phone_cancels_race),
		SITE_TEST(finish_and_deactivation_race),
		SITE_TEST(finish_and_next_session_race),
		SITE_TEST(good_and_bad_finish_race),
		SITE_TEST(last_try_and_cancel_race),
		SITE_TEST(two_cancellations_race),
		SITE_TEST(registration_and_cancel_race),
		SITE_TEST(registration_and_user_lock_race),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

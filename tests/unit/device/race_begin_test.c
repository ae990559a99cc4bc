/* Two at once who begin something, or ask for the same: one of them gets it, and nothing is left behind. */
#include <stdio.h>

#include "codec/encode.h"
#include "tests/unit/device/racing.h"

/* One lost answer asked for twice, while the first request is still under way. */
static void repeats(struct race *r)
{
	scene_evaluated(r->c);
	assert_ok_reply(phone_ses_finish(r->c->p, "DEVICE_PIN", PROPER));
	r->left = phone_actor(r->c, act_repeat);
	r->right = phone_actor(r->c, act_repeat);
}

static void check_same_answer(struct race *r)
{
	assert_slice_equal(r->left.reply.text, r->right.reply.text);
	assert_true(is_completed(check_end(r->c)));
}

/* Two evaluations for one step: one is charged and told, the other is neither. */
static void two_pins(struct race *r)
{
	scene_started(r->c);
	r->left = phone_actor(r->c, act_pin_asked);
	r->right = phone_actor(r->c, act_pin_asked);
	r->right.pin = WRONG_PIN;
}

static void check_one_evaluation(struct race *r)
{
	int64_t charged = device_number(r->c, "fail_second");

	assert_int_equal(r->left.reply.ok + r->right.reply.ok, 1);
	assert_int_equal(charged, 1);
}

/* The same in a registration, where nothing is charged: its session alone tells who came first. */
static void two_new_pins(struct race *r)
{
	scene_act_started(r->c);
	r->left = phone_actor(r->c, act_new_pin_asked);
	r->right = phone_actor(r->c, act_new_pin_asked);
	r->right.pin = WRONG_PIN;
}

static void check_one_new_evaluation(struct race *r)
{
	assert_int_equal(r->left.reply.ok + r->right.reply.ok, 1);
	assert_int_equal(r->left.reply.code + r->right.reply.code, 208);
}

/* Two sessions of one phone: one lives in the end. */
static void two_starts(struct race *r)
{
	scene_authentication(r->c, "");
	r->left = phone_actor(r->c, act_start_session);
	r->right = phone_actor(r->c, act_start_session);
	r->right.p->ts++;
}

static void check_one_session(struct race *r)
{
	assert_true(r->left.reply.ok || r->right.reply.ok);
	assert_int_equal(rows_with(r->c, "device_sessions", "device", &r->c->p->reg, "AND ended = 0"), 1);
	assert_string_equal(check_end(r->c), "PENDING");
}

/* Two phones with one code: one gets it. */
static void two_phones_with_one_code(struct race *r)
{
	struct answer started = start_registration(r->c->s, r->c->user, "");

	r->c->operation = text_of(started, "transactionId");
	r->c->code = text_of(started, "operationProperties.activationCode");
	r->left = phone_actor(r->c, act_begin_registration);
	r->right = phone_actor(r->c, act_begin_registration);
	memcpy(r->right.p->dk, r->right.p->stranger, sizeof(r->right.p->dk));
	must(p256_public(r->right.p->dk, r->right.p->dk_public));
	r->left.pin = r->right.pin = r->c->code;
	r->left.p->peer = TEXT(r->c->s->w, "198.51.100.%s", r->c->operation); /* wrong codes of one do not close the other out */
	r->right.p->peer = TEXT(r->c->s->w, "203.0.113.%s", r->c->operation);
}

static void check_one_binding(struct race *r)
{
	assert_int_equal(r->left.reply.ok + r->right.reply.ok, 1);
	assert_int_equal(r->left.reply.code + r->right.reply.code, 200);
}

/* A device that is being replaced starts a session: it stays deleted. */
static void replacement(struct race *r)
{
	struct site *s = r->c->s;
	struct scene *next = scene_new(s);
	struct answer started = start_registration(s, next->user, "");
	struct draft d;
	struct reply a;

	scene_authentication(r->c, "");
	next->code = text_of(started, "operationProperties.activationCode");
	draft_outside(next->p, &d, "act.start", ",\"code\":\"%s\",\"deviceHash\":\"n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=\","
		"\"dk\":\"%.*s\",\"prev\":\"%s\"", next->code, FMT(b64url(&next->p->arena, slice_of(next->p->dk_public, POINT_BYTES))), r->c->device);
	draft_sign(next->p, &d, SIG_NEW_DEVICE, next->p->dk);
	draft_sign(next->p, &d, SIG_DEVICE, r->c->p->dk);
	a = draft_send(next->p, &d);
	assert_code(a, 0);
	must(uuid_parse(slice_text(reply_text(&a, "reg")), &next->p->reg));
	reply_bytes(next->p, &a, "cid", next->p->cid, sizeof(next->p->cid));
	snprintf(next->p->salt_key, sizeof(next->p->salt_key), "%s", reply_text(&a, "saltKeyId"));
	assert_ok_reply(phone_act_pin(next->p, PIN, PROPER));
	scene_authentication(r->c, "");
	r->left = phone_actor(next, act_register);
	r->right = phone_actor(r->c, act_start_session);
	scene_free(next);
}

static void check_replaced(struct race *r)
{
	assert_code(r->left.reply, 0);
	assert_string_equal(scene_device(r->c), "DELETED OPEN");
	assert_string_equal(check_end(r->c), "CANCELLED_NEW_ACTIVATION");
	assert_int_equal(rows_with(r->c, "device_sessions", "device", &r->c->p->reg, "AND ended = 0"), 0);
}

/* A start meets the lock of its user or its device: nothing is left pending. */
static void start_and_user_lock(struct race *r)
{
	scene_registered(r->c);
	r->left = starter(r->c);
	r->right = user_locker(r->c);
}

static void start_and_device_lock(struct race *r)
{
	scene_registered(r->c);
	r->left = starter(r->c);
	r->right = device_changer(r->c, HTTP_PATCH, "{\"state\":\"LOCKED\"}");
}

static void registration_start_and_user_lock(struct race *r)
{
	r->left = rest_actor(r->c, HTTP_POST, BASE_PATH "/registrations", TEXT(r->c->s->w, "{\"userId\":\"%s\"}", r->c->user));
	r->right = user_locker(r->c);
}

static void check_nothing_pending(struct race *r)
{
	struct uuid user;

	must(uuid_parse(slice_text(r->c->user), &user));
	assert_true(r->left.status == 200 || r->left.status == 400);
	assert_int_equal(r->right.status, 200);
	assert_int_equal(rows_with(r->c, "transactions", "user_id", &user, "AND state = 1"), 0);
}

/* Two operations for one device: one is pending. */
static void two_operations(struct race *r)
{
	scene_registered(r->c);
	r->left = starter(r->c);
	r->right = starter(r->c);
}

static void check_one_pending(struct race *r)
{
	assert_int_equal(r->left.status, 200);
	assert_int_equal(r->right.status, 200);
	assert_int_equal(rows_with(r->c, "transactions", "credential_id", &r->c->p->reg, "AND state = 1"), 1);
}

RACE(repeats, check_same_answer)
RACE(two_pins, check_one_evaluation)
RACE(two_new_pins, check_one_new_evaluation)
RACE(two_starts, check_one_session)
RACE(two_phones_with_one_code, check_one_binding)
RACE(replacement, check_replaced)
RACE(start_and_user_lock, check_nothing_pending)
RACE(start_and_device_lock, check_nothing_pending)
RACE(registration_start_and_user_lock, check_nothing_pending)
RACE(two_operations, check_one_pending)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(repeats_race),
		SITE_TEST(two_pins_race),
		SITE_TEST(two_new_pins_race),
		SITE_TEST(two_starts_race),
		SITE_TEST(two_phones_with_one_code_race),
		SITE_TEST(replacement_race),
		SITE_TEST(start_and_user_lock_race),
		SITE_TEST(start_and_device_lock_race),
		SITE_TEST(registration_start_and_user_lock_race),
		SITE_TEST(two_operations_race),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

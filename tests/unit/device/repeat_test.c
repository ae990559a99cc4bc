/* Lost answers (4): the byte-identical request gets the same answer again, and nothing happens twice. */
#include "tests/unit/device/scene.h"

enum { TEN_MINUTES = 10 * 60 * 1000 };

/* The last message again: the same answer, and no table changes. */
static void assert_repeated(struct scene *c, struct reply first)
{
	struct digest before, after;
	struct reply again;

	database_digest(c->s->db, &before);
	again = phone_repeat(c->p);
	database_digest(c->s->db, &after);
	assert_int_equal(again.http, 200);
	assert_slice_equal(again.text, first.text);
	assert_nothing_changed(&before, &after);
}

#define REPEATED(c, call)                      \
	do {                                   \
		struct reply r_ = (call);      \
		assert_repeated((c), r_);      \
	} while (0)

static void each_message_of_a_registration(void **state)
{
	struct scene *c = scene_new(*state);
	struct answer started = start_registration(c->s, c->user, "");

	c->code = text_of(started, "operationProperties.activationCode");
	REPEATED(c, phone_act_start(c->p, c->code, PROPER));
	REPEATED(c, phone_act_pin(c->p, PIN, PROPER));
	REPEATED(c, phone_act_pin(c->p, PIN, PROPER));
	REPEATED(c, phone_act_finish(c->p, PROPER));
	scene_free(c);
}

static void each_message_of_an_authentication(void **state)
{
	struct scene *c = scene_new(*state);

	scene_authentication(c, "");
	REPEATED(c, phone_ses_start(c->p, PROPER));
	REPEATED(c, phone_ses_pin(c->p, WRONG_PIN, PROPER));
	REPEATED(c, phone_ses_finish(c->p, "DEVICE_PIN", PROPER));
	REPEATED(c, phone_ses_pin(c->p, PIN, PROPER));
	REPEATED(c, phone_ses_finish(c->p, "DEVICE_PIN", PROPER));
	scene_free(c);
}

static void refusals_that_were_counted(void **state)
{
	struct scene *c = scene_new(*state);

	scene_started(c);
	for (int i = 0; i < 3; i++)
		REPEATED(c, phone_ses_finish(c->p, "DEVICE", BAD_DK));
	assert_string_equal(scene_device(c), "LOCKED DEVICE_VERIFICATION_FAILED");
	scene_free(c);
}

static void stale_ticket(void **state)
{
	struct scene *c = scene_new(*state);

	scene_authentication(c, "");
	c->p->ticket = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	REPEATED(c, phone_ses_start(c->p, PROPER));
	scene_free(c);
}

static void broken_message_and_cancellation(void **state)
{
	struct scene *c = scene_new(*state);

	scene_started(c);
	REPEATED(c, phone_ses_finish(c->p, "DEVICE_PIN", BAD_JSON));
	scene_started(c);
	REPEATED(c, phone_ses_cancel(c->p, PROPER));
	scene_free(c);
}

static void deactivation(void **state)
{
	struct scene *c = scene_new(*state);

	scene_registered(c);
	REPEATED(c, phone_deactivate(c->p, PROPER));
	scene_free(c);
}

static void start_that_settled_an_older_session_into_a_lock(void **state)
{
	struct scene *c = scene_new(*state);

	scene_started(c);
	for (int i = 0; i < 3; i++)
		assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
	REPEATED(c, phone_ses_start(c->p, PROPER));
	assert_string_equal(scene_device(c), "LOCKED PIN_VERIFICATION_FAILED");
	scene_free(c);
}

/* Before ts, step, state and expiry. */
static void nothing_stands_in_the_way_of_a_repeat(void **state)
{
	struct scene *c = scene_new(*state);
	struct reply r;

	scene_started(c);
	r = phone_ses_pin(c->p, PIN, PROPER);
	assert_status(scene_patch(c, "{\"state\":\"LOCKED\"}"), 200);
	assert_repeated(c, r);
	site_advance(c->s, 300001);
	must(devices_sweep(&c->s->f->app));
	assert_repeated(c, r);
	scene_free(c);
}

/* A disk that is full, say: told inside the envelope, and the same request is good once it can be written. */
static void what_cannot_be_written_may_be_repeated(void **state)
{
	struct scene *c = scene_new(*state);
	struct reply r;

	scene_evaluated(c);
	database_run(c->s->db, "CREATE TRIGGER full BEFORE UPDATE ON devices BEGIN SELECT RAISE(ABORT, 'full'); END");
	r = phone_ses_finish(c->p, "DEVICE_PIN", PROPER);
	assert_code(r, 221);
	assert_true(r.recoverable);
	assert_int_equal(r.step, -1);
	assert_string_equal(scene_outcome(c), "PENDING");
	database_run(c->s->db, "DROP TRIGGER full");
	assert_ok_reply(phone_repeat(c->p));
	assert_string_equal(scene_outcome(c), "COMPLETED");
	scene_free(c);
}

/* ---- for how long ---- */

static void session_answers_until_ten_minutes_after_its_end(void **state)
{
	struct scene *c = scene_new(*state);
	struct reply r;

	scene_evaluated(c);
	r = phone_ses_finish(c->p, "DEVICE_PIN", PROPER);
	site_advance(c->s, TEN_MINUTES);
	must(devices_sweep(&c->s->f->app));
	assert_repeated(c, r);
	site_advance(c->s, 1);
	must(devices_sweep(&c->s->f->app));
	assert_int_equal(phone_repeat(c->p).http, 400);
	assert_int_equal(number(c->s, "SELECT count(*) FROM device_sessions"), 0);
	scene_free(c);
}

/* The code is over, and so is the session; the answer to its start is not lost. */
static void start_of_a_registration_that_is_over(void **state)
{
	struct scene *c = scene_new(*state);
	struct exchange exchange;
	struct slice start;
	struct reply r;

	c->code = text_of(start_registration(c->s, c->user, ""), "operationProperties.activationCode");
	r = phone_act_start(c->p, c->code, PROPER);
	start = c->p->last;
	exchange = c->p->last_exchange;
	assert_ok_reply(phone_act_pin(c->p, PIN, PROPER));
	assert_ok_reply(phone_act_finish(c->p, PROPER));
	c->p->last = start;
	c->p->last_exchange = exchange;
	assert_repeated(c, r);
	must(devices_sweep(&c->s->f->app));
	assert_repeated(c, r);
	/* For nothing else is it good any more. */
	c->p->reg = (struct uuid){ { 0 } };
	assert_code(phone_act_start(c->p, c->code, PROPER), 200);
	site_advance(c->s, TEN_MINUTES + 1);
	must(devices_sweep(&c->s->f->app));
	must(devices_sweep(&c->s->f->app));
	c->p->last = start;
	c->p->last_exchange = exchange;
	assert_code(phone_repeat(c->p), 200);
	assert_int_equal(number(c->s, "SELECT count(*) FROM device_operations WHERE code_index IS NOT NULL OR code_key IS NOT NULL"), 0);
	scene_free(c);
}

static void answer_outside_sessions_lasts_ten_minutes(void **state)
{
	struct scene *c = scene_new(*state);
	struct reply r;

	scene_registered(c);
	r = phone_deactivate(c->p, PROPER);
	site_advance(c->s, TEN_MINUTES - 1);
	assert_repeated(c, r);
	site_advance(c->s, 1);
	assert_code(phone_repeat(c->p), 249); /* what it is now: an old message */
	scene_free(c);
}

static void answer_outside_sessions_is_erased_then(void **state)
{
	struct scene *c = scene_new(*state);

	scene_started(c);
	assert_int_equal(number(c->s, "SELECT count(*) FROM devices WHERE answer IS NOT NULL"), 1);
	site_advance(c->s, TEN_MINUTES + 1);
	must(devices_sweep(&c->s->f->app));
	assert_int_equal(number(c->s, "SELECT count(*) FROM devices WHERE answer IS NOT NULL OR request_hash IS NOT NULL"), 0);
	scene_free(c);
}

/* ---- what is no repeat ---- */

static void older_message_of_the_session(void **state)
{
	struct scene *c = scene_new(*state);
	struct exchange exchange;
	struct slice older;

	scene_started(c);
	assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
	older = c->p->last;
	exchange = c->p->last_exchange;
	assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
	c->p->last = older;
	c->p->last_exchange = exchange;
	assert_code(phone_repeat(c->p), 208);
	assert_int_equal(number(c->s, "SELECT fail_second FROM devices"), 2);
	scene_free(c);
}

static void older_start(void **state)
{
	struct scene *c = scene_new(*state);
	struct exchange exchange;
	struct slice older;

	scene_started(c);
	older = c->p->last;
	exchange = c->p->last_exchange;
	assert_ok_reply(phone_ses_start(c->p, PROPER));
	c->p->last = older;
	c->p->last_exchange = exchange;
	assert_code(phone_repeat(c->p), 249);
	scene_free(c);
}

static void same_plaintext_in_another_envelope_is_a_repeat(void **state)
{
	struct scene *c = scene_new(*state);
	struct reply first, again;
	struct draft d;

	scene_started(c);
	draft_inside(c->p, &d, "ses.finish", ",\"m\":\"DEVICE\",\"chal\":\"%s\"", c->p->challenge);
	draft_sign(c->p, &d, SIG_DEVICE, c->p->stranger);
	first = draft_send(c->p, &d);
	again = draft_send(c->p, &d);
	assert_code(first, 214);
	assert_slice_equal(again.text, first.text);
	assert_int_equal(number(c->s, "SELECT fail_device FROM devices"), 1);
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(each_message_of_a_registration),
		SITE_TEST(each_message_of_an_authentication),
		SITE_TEST(refusals_that_were_counted),
		SITE_TEST(stale_ticket),
		SITE_TEST(broken_message_and_cancellation),
		SITE_TEST(deactivation),
		SITE_TEST(start_that_settled_an_older_session_into_a_lock),
		SITE_TEST(nothing_stands_in_the_way_of_a_repeat),
		SITE_TEST(what_cannot_be_written_may_be_repeated),
		SITE_TEST(start_of_a_registration_that_is_over),
		SITE_TEST(session_answers_until_ten_minutes_after_its_end),
		SITE_TEST(answer_outside_sessions_lasts_ten_minutes),
		SITE_TEST(answer_outside_sessions_is_erased_then),
		SITE_TEST(older_message_of_the_session),
		SITE_TEST(older_start),
		SITE_TEST(same_plaintext_in_another_envelope_is_a_repeat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

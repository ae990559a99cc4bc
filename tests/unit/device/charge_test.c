/*
 * Charge and lock (5.3) through the channel, in an authentication that one factor may approve:
 *   P ses.pin     s finish, 03 bad       d finish, 01 bad        c finish, the challenge bad
 *   S approves with the PIN              D approves with possession alone
 *   n ses.start anew                     x ses.cancel            T ses.start with a stale ticket     X the sweeper, after its time
 * What ends the operation is followed by a new one, when something else comes behind it.
 */
#include "codec/encode.h"
#include "tests/unit/device/scene.h"

struct row {
	const char *events;
	const char *device, *operation; /* how they stand at the end */
	int fail_device, fail_second;
	int code;                       /* of the last answer */
	int remaining;                  /* told in it; -1: not told */
};

#define ACTIVE "ACTIVE OPEN"
#define LOCK(reason) "LOCKED " reason "_VERIFICATION_FAILED"

static const struct row rows[] = {
	{ "P",        ACTIVE, "PENDING", 0, 1, 0, 2 },
	{ "Ps",       ACTIVE, "PENDING", 0, 1, 214, 2 },
	{ "Pd",       ACTIVE, "PENDING", 0, 1, 214, 2 },
	{ "Pc",       ACTIVE, "PENDING", 0, 1, 214, 2 },
	{ "Pss",      ACTIVE, "PENDING", 0, 2, 214, 1 },
	{ "Psd",      ACTIVE, "PENDING", 1, 1, 214, 1 },
	{ "d",        ACTIVE, "PENDING", 1, 0, 214, 2 },
	{ "PsPsP",    ACTIVE, "PENDING", 0, 3, 0, 0 },
	{ "PsPsPS",   ACTIVE, "COMPLETED", 0, 0, 0, -1 },
	{ "PS",       ACTIVE, "COMPLETED", 0, 0, 0, -1 },
	{ "dPS",      ACTIVE, "COMPLETED", 0, 0, 0, -1 },
	{ "dD",       ACTIVE, "COMPLETED", 0, 0, 0, -1 },
	{ "PsD",      ACTIVE, "COMPLETED", 0, 1, 0, -1 },
	{ "PD",       ACTIVE, "COMPLETED", 0, 1, 0, -1 },
	{ "PsDPsD",   ACTIVE, "COMPLETED", 0, 2, 0, -1 },
	{ "PsPsPs",   LOCK("PIN"), "LOCKED_PIN_VERIFICATION_FAILED", 0, 3, 226, -1 },
	{ "PsPsPd",   LOCK("DEVICE_OR_PIN"), "LOCKED", 0, 3, 226, -1 },
	{ "PdPsPs",   LOCK("DEVICE_OR_PIN"), "LOCKED", 0, 3, 226, -1 },
	{ "dPsPs",    LOCK("DEVICE_OR_PIN"), "LOCKED", 1, 2, 226, -1 },
	{ "ddd",      LOCK("DEVICE"), "LOCKED_DEVICE_VERIFICATION_FAILED", 3, 0, 226, -1 },
	{ "ccc",      LOCK("DEVICE"), "LOCKED_DEVICE_VERIFICATION_FAILED", 3, 0, 226, -1 },
	{ "Psss",     LOCK("PIN"), "LOCKED_PIN_VERIFICATION_FAILED", 0, 3, 226, -1 },
	{ "PsDPsDPs", LOCK("PIN"), "LOCKED_PIN_VERIFICATION_FAILED", 0, 3, 226, -1 },
	{ "PsPsPD",   LOCK("PIN"), "COMPLETED", 0, 3, 0, -1 },
	/* the fourth evaluation is refused and locks */
	{ "PPP",      ACTIVE, "PENDING", 0, 3, 0, 0 },
	{ "PPPP",     LOCK("PIN"), "LOCKED_PIN_VERIFICATION_FAILED", 0, 3, 226, -1 },
	/* a session that settles leaves its open try charged */
	{ "Pn",       ACTIVE, "PENDING", 0, 1, 0, -1 },
	{ "PsPsPn",   LOCK("PIN"), "LOCKED_PIN_VERIFICATION_FAILED", 0, 3, 226, -1 },
	{ "PsPsn",    ACTIVE, "PENDING", 0, 2, 0, -1 },
	{ "Px",       ACTIVE, "CANCELLED_BY_DEVICE", 0, 1, 0, -1 },
	{ "PsPsPx",   LOCK("PIN"), "CANCELLED_BY_DEVICE", 0, 3, 0, -1 },
	{ "PsPsx",    ACTIVE, "CANCELLED_BY_DEVICE", 0, 2, 0, -1 },
	{ "PX",       ACTIVE, "EXPIRED", 0, 1, 0, 2 },
	{ "PsPsPX",   LOCK("PIN"), "EXPIRED", 0, 3, 0, 0 },
	{ "PsPsX",    ACTIVE, "EXPIRED", 0, 2, 214, 1 },
	/* stale tickets */
	{ "T",        ACTIVE, "PENDING", 1, 0, 214, -1 },
	{ "TTT",      LOCK("DEVICE"), "LOCKED_DEVICE_VERIFICATION_FAILED", 3, 0, 214, -1 },
	{ "PsPsT",    LOCK("DEVICE_OR_PIN"), "LOCKED", 1, 2, 214, -1 },
	{ "PsPT",     ACTIVE, "PENDING", 1, 2, 214, -1 },
	{ "PsPTS",    ACTIVE, "COMPLETED", 0, 0, 0, -1 },
	{ "PsPTs",    LOCK("DEVICE_OR_PIN"), "LOCKED", 1, 2, 226, -1 },
};

static void begin(struct scene *c)
{
	scene_authentication(c, ",\"operationProperties\":{\"authLevel\":\"ONE_FACTOR\"}");
	assert_ok_reply(phone_ses_start(c->p, PROPER));
}

static struct reply stale_start(struct scene *c)
{
	const char *ticket = c->p->ticket;
	struct reply r;

	c->p->ticket = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	r = phone_ses_start(c->p, PROPER);
	c->p->ticket = ticket;
	return r;
}

static struct reply act_out(struct scene *c, char event, struct reply last)
{
	switch (event) {
	case 'P':
		return phone_ses_pin(c->p, PIN, PROPER);
	case 's':
		return phone_ses_finish(c->p, "DEVICE_PIN", BAD_SECOND);
	case 'd':
		return phone_ses_finish(c->p, "DEVICE", BAD_DK);
	case 'c':
		return phone_ses_finish(c->p, "DEVICE", BAD_CHALLENGE);
	case 'S':
		return phone_ses_finish(c->p, "DEVICE_PIN", PROPER);
	case 'D':
		return phone_ses_finish(c->p, "DEVICE", PROPER);
	case 'n':
		return phone_ses_start(c->p, PROPER);
	case 'x':
		return phone_ses_cancel(c->p, PROPER);
	case 'T':
		return stale_start(c);
	default:
		site_advance(c->s, 300000);
		must(devices_sweep(&c->s->f->app));
		return last;
	}
}

static struct reply play(struct scene *c, const char *events)
{
	struct reply last = { .remaining = -1 };

	begin(c);
	for (; *events; events++) {
		last = act_out(c, *events, last);
		if (events[1] && (*events == 'D' || *events == 'S' || *events == 'x'))
			begin(c);
	}
	return last;
}

static void check(struct scene *c, const struct row *row, const struct reply *last)
{
	const char *counters = TEXT(c->s->w, "SELECT fail_device || ' ' || fail_second FROM devices WHERE id = x'%.*s'",
		FMT(hex(&c->s->f->arena, uuid_bytes(&c->p->reg))));
	const char *is = TEXT(c->s->w, "%s, %s, %s, %d, %d", scene_device(c), scene_outcome(c), database_text(c->s->db, counters), last->code,
		(int)last->remaining);
	const char *wanted = TEXT(c->s->w, "%s, %s, %d %d, %d, %d", row->device, row->operation, row->fail_device, row->fail_second,
		row->code, row->remaining);

	if (strcmp(is, wanted) != 0)
		fail_msg("%s: %s instead of %s", row->events, is, wanted);
}

/* A lock is one fact and one event. */
static void check_told(struct scene *c, bool locked)
{
	assert_int_equal(number(c->s, "SELECT count(*) FROM audit WHERE type = 'DEVICE_LOCKED' AND reference = '%s'", c->device), locked);
	assert_int_equal(number(c->s, "SELECT count(*) FROM outbox WHERE name = 'device.state.change' AND device_id = x'%.*s'",
				 FMT(hex(&c->s->f->arena, uuid_bytes(&c->p->reg)))), locked);
}

static void sequences(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct scene *c = scene_new(*state);
		struct reply last = play(c, rows[i].events);

		check(c, &rows[i], &last);
		check_told(c, rows[i].device[0] == 'L');
		scene_free(c);
	}
}

/* ---- what else a lock and an unlock do ---- */

static void failed_tries_are_recorded(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s);

	play(c, "PsPsPs");
	assert_int_equal(facts_of(s, "DEVICE_TRY_FAILED"), 3);
	scene_free(c);
}

static void unlocking_clears_the_counters(void **state)
{
	struct scene *c = scene_new(*state);

	play(c, "PdPsPs");
	assert_status(scene_patch(c, "{\"state\":\"ACTIVE\"}"), 200);
	assert_string_equal(scene_device(c), ACTIVE);
	/* Three whole tries again, and the reason knows nothing of before. */
	play(c, "PsPsPs");
	assert_string_equal(scene_device(c), LOCK("PIN"));
	scene_free(c);
}

static void limit_of_the_configuration_counts(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s);

	site_configure(s, "{\"amountFailuresAllowed\":1}");
	assert_code(play(c, "Ps"), 226);
	assert_string_equal(scene_device(c), LOCK("PIN"));
	scene_free(c);
}

static void start_tells_what_is_left(void **state)
{
	struct scene *c = scene_new(*state);
	struct reply r = play(c, "PsPsn");
	const json_t *attempts = json_object_get(r.json, "attempts");

	assert_int_equal(json_integer_value(json_object_get(attempts, "total")), 3);
	assert_int_equal(json_integer_value(json_object_get(attempts, "remaining")), 1);
	assert_int_equal(json_integer_value(json_object_get(attempts, "last")), env_now_ms(c->s->f->app.env));
	scene_free(c);
}

static void wrong_salt_key_locks_at_once(void **state)
{
	struct scene *c = scene_new(*state);
	struct reply r;

	begin(c);
	r = phone_ses_pin(c->p, PIN, WRONG_SALT_KEY);
	assert_code(r, 214);
	assert_false(r.recoverable);
	assert_int_equal(r.remaining, -1);
	assert_string_equal(scene_device(c), "LOCKED INCORRECT_SALT_KEY_ID");
	assert_string_equal(scene_outcome(c), "LOCKED_INCORRECT_SALT_KEY_ID");
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(sequences),
		SITE_TEST(failed_tries_are_recorded),
		SITE_TEST(unlocking_clears_the_counters),
		SITE_TEST(limit_of_the_configuration_counts),
		SITE_TEST(start_tells_what_is_left),
		SITE_TEST(wrong_salt_key_locks_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

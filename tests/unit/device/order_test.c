/* The order of checks (7): of two faults in one message the earlier one decides, and nothing of the later one is done. */
#include "codec/encode.h"
#include "tests/unit/device/scene.h"

enum verb { ACT_PIN, ACT_FINISH, SES_PIN, SES_FINISH_PIN, SES_FINISH_ONE };

struct row {
	const char *name;
	void (*make)(struct scene *c);
	const char *config; /* of the application from then on; NULL: as it was */
	enum verb verb;
	enum twist twist;
	int code;
	const char *outcome, *device; /* device "": there is none */
	const char *counters;         /* fail_device, fail_second, try_open, device_seen */
};

#define ACTIVE "ACTIVE OPEN"
#define BROKEN "CALLBACK_PROCESSING_ERROR"
#define ONE_FACTOR_ONLY "{\"allowedAuthMethods\":\"DEVICE\"}"
#define TWO_FACTORS_ONLY "{\"allowedAuthMethods\":\"DEVICE:PIN\"}"
#define FRESH "0 0 0 0"
#define OPEN_TRY "0 1 1 0"

static void started_for_one_factor(struct scene *c)
{
	scene_authentication(c, ",\"operationProperties\":{\"authLevel\":\"ONE_FACTOR\"}");
	assert_ok_reply(phone_ses_start(c->p, PROPER));
}

static void started_without_pin(struct scene *c)
{
	scene_registered_without_pin(c);
	started_for_one_factor(c);
}

/* As many evaluations as a registration has. */
static void asked_five_times(struct scene *c)
{
	scene_act_started(c);
	for (int i = 0; i < 5; i++)
		assert_ok_reply(phone_act_pin(c->p, PIN, PROPER));
}

/* The device is at its limit, its last try open. */
static void third_try_open(struct scene *c)
{
	scene_started(c);
	for (int i = 0; i < 3; i++)
		assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
}

static const struct row rows[] = {
	/* act.pin: 1, 2, 5b */
	{ "1 before 2", asked_five_times, NULL, ACT_PIN, NOT_A_POINT, 245, BROKEN, "", "" },
	{ "1 before step", scene_act_started, NULL, ACT_PIN, BAD_JSON | WRONG_STEP, 243, BROKEN, "", "" },
	{ "signature nobody asked for", scene_act_started, NULL, ACT_PIN, EXTRA_SIGNATURE | WRONG_STEP, 243, BROKEN, "", "" },
	{ "step", scene_act_started, NULL, ACT_PIN, WRONG_STEP, 208, "PENDING", "", "" },
	{ "step before salt key", scene_act_started, NULL, ACT_PIN, WRONG_STEP | WRONG_SALT_KEY, 208, "PENDING", "", "" },
	{ "the sixth", asked_five_times, NULL, ACT_PIN, PROPER, 208, "PENDING", "", "" },
	{ "the sixth before salt key", asked_five_times, NULL, ACT_PIN, WRONG_SALT_KEY, 208, "PENDING", "", "" },
	{ "salt key", scene_act_started, NULL, ACT_PIN, WRONG_SALT_KEY, 214, "LOCKED_INCORRECT_SALT_KEY_ID", "", "" },
	/* act.finish: 1, 2, 4, 4a, 5c */
	{ "1 before 4", scene_act_evaluated, NULL, ACT_FINISH, EXTRA_SIGNATURE | OLD_SDK, 243, BROKEN, "", "" },
	{ "06 missing", scene_act_evaluated, NULL, ACT_FINISH, MISSING_SIGNATURE, 243, BROKEN, "", "" },
	{ "2 before 4", scene_act_evaluated, NULL, ACT_FINISH, WRONG_STEP | OLD_SDK | BAD_DK, 208, "PENDING", "", "" },
	{ "4 before 4a", scene_act_evaluated, NULL, ACT_FINISH, OLD_SDK | BAD_SECOND, 238, "PENDING", "", "" },
	{ "4a: 06", scene_act_evaluated, NULL, ACT_FINISH, BAD_SECOND, 246, BROKEN, "", "" },
	{ "4a: 08", scene_act_evaluated, NULL, ACT_FINISH, BAD_DK, 246, BROKEN, "", "" },
	{ "4a before 5c", scene_act_evaluated, ONE_FACTOR_ONLY, ACT_FINISH, BAD_SECOND, 246, BROKEN, "", "" },
	{ "5c: not allowed", scene_act_evaluated, ONE_FACTOR_ONLY, ACT_FINISH, PROPER, 231, "PENDING", "", "" },
	{ "5c: one factor where two are asked", scene_act_evaluated, NULL, ACT_FINISH, WITHOUT_PIN, 234, "PENDING", "", "" },
	{ "5c: no second factor to be had", scene_act_evaluated, ONE_FACTOR_ONLY, ACT_FINISH, WITHOUT_PIN, 230, "PENDING", "", "" },
	/* ses.pin: 1, 2, 4, 5c, 5b, the lock */
	{ "1 before 5b", scene_started, NULL, SES_PIN, NOT_A_POINT | WRONG_SALT_KEY, 245, BROKEN, ACTIVE, FRESH },
	{ "1 before 4", scene_started, NULL, SES_PIN, NOT_A_POINT | OLD_SDK, 245, BROKEN, ACTIVE, FRESH },
	{ "2 before 4", scene_started, NULL, SES_PIN, WRONG_STEP | OLD_SDK, 208, "PENDING", ACTIVE, FRESH },
	{ "4 before 5b", scene_started, NULL, SES_PIN, OLD_SDK | WRONG_SALT_KEY, 238, "PENDING", ACTIVE, FRESH },
	{ "5c before 5b", scene_started, ONE_FACTOR_ONLY, SES_PIN, WRONG_SALT_KEY, 231, "PENDING", ACTIVE, FRESH },
	{ "5c: no PIN", started_without_pin, NULL, SES_PIN, PROPER, 230, "PENDING", ACTIVE, FRESH },
	{ "5b before the limit", third_try_open, NULL, SES_PIN, WRONG_SALT_KEY, 214, "LOCKED_INCORRECT_SALT_KEY_ID", "LOCKED INCORRECT_SALT_KEY_ID",
		"0 3 1 0" },
	{ "5c before the limit", third_try_open, ONE_FACTOR_ONLY, SES_PIN, PROPER, 231, "PENDING", ACTIVE, "0 3 1 0" },
	{ "the limit", third_try_open, NULL, SES_PIN, PROPER, 226, "LOCKED_PIN_VERIFICATION_FAILED", "LOCKED PIN_VERIFICATION_FAILED",
		"0 3 0 0" },
	/* ses.finish: 1, 2, 4, 5a, 5c, 5d */
	{ "1 before 4", scene_evaluated, NULL, SES_FINISH_PIN, EXTRA_SIGNATURE | OLD_SDK | BAD_DK, 243, BROKEN, ACTIVE, OPEN_TRY },
	{ "03 missing", scene_evaluated, NULL, SES_FINISH_PIN, MISSING_SIGNATURE | OLD_SDK, 243, BROKEN, ACTIVE, OPEN_TRY },
	{ "2 before 4", scene_evaluated, NULL, SES_FINISH_PIN, WRONG_STEP | OLD_SDK | BAD_DK, 208, "PENDING", ACTIVE, OPEN_TRY },
	{ "4 before 5a", scene_evaluated, NULL, SES_FINISH_PIN, OLD_SDK | BAD_DK, 238, "PENDING", ACTIVE, OPEN_TRY },
	{ "5a before 5c", started_without_pin, NULL, SES_FINISH_PIN, MISSING_SIGNATURE | BAD_DK, 214, "PENDING", ACTIVE, "1 0 0 0" },
	{ "5a before 5c: not allowed", scene_evaluated, ONE_FACTOR_ONLY, SES_FINISH_PIN, BAD_DK, 214, "PENDING", ACTIVE, "0 1 0 1" },
	{ "5a before 5c: one factor", scene_evaluated, NULL, SES_FINISH_ONE, BAD_DK, 214, "PENDING", ACTIVE, "0 1 0 1" },
	{ "5c: not active", started_without_pin, NULL, SES_FINISH_PIN, MISSING_SIGNATURE, 230, "PENDING", ACTIVE, FRESH },
	{ "5c before 5d: not allowed", scene_evaluated, ONE_FACTOR_ONLY, SES_FINISH_PIN, BAD_SECOND, 231, "PENDING", ACTIVE, OPEN_TRY },
	{ "5c: not allowed", started_for_one_factor, TWO_FACTORS_ONLY, SES_FINISH_ONE, PROPER, 231, "PENDING", ACTIVE, FRESH },
	{ "5c: one factor where two are asked", scene_evaluated, NULL, SES_FINISH_ONE, PROPER, 232, "PENDING", ACTIVE, OPEN_TRY },
	{ "5a and 5d", scene_evaluated, NULL, SES_FINISH_PIN, BAD_DK | BAD_SECOND, 214, "PENDING", ACTIVE, "0 1 0 1" },
	{ "5a alone", scene_evaluated, NULL, SES_FINISH_PIN, BAD_DK, 214, "PENDING", ACTIVE, "0 1 0 1" },
	{ "challenge alone", scene_evaluated, NULL, SES_FINISH_PIN, BAD_CHALLENGE, 214, "PENDING", ACTIVE, "0 1 0 1" },
	{ "5d alone", scene_evaluated, NULL, SES_FINISH_PIN, BAD_SECOND, 214, "PENDING", ACTIVE, "0 1 0 0" },
	{ "without an evaluation", scene_started, NULL, SES_FINISH_PIN, MISSING_SIGNATURE, 208, "PENDING", ACTIVE, FRESH },
	{ "without an evaluation, 5a", scene_started, NULL, SES_FINISH_PIN, MISSING_SIGNATURE | BAD_DK, 214, "PENDING", ACTIVE, "1 0 0 0" },
	{ "03 without an evaluation", scene_started, NULL, SES_FINISH_PIN, BAD_SECOND, 243, BROKEN, ACTIVE, FRESH },
	{ "nothing wrong", scene_evaluated, NULL, SES_FINISH_PIN, PROPER, 0, "COMPLETED", ACTIVE, FRESH },
};

static struct reply say(struct scene *c, const struct row *row)
{
	switch (row->verb) {
	case ACT_PIN:
		return phone_act_pin(c->p, PIN, row->twist);
	case ACT_FINISH:
		return phone_act_finish(c->p, row->twist);
	case SES_PIN:
		return phone_ses_pin(c->p, PIN, row->twist);
	default:
		return phone_ses_finish(c->p, row->verb == SES_FINISH_PIN ? "DEVICE_PIN" : "DEVICE", row->twist);
	}
}

static const char *counters(struct scene *c)
{
	return database_text(c->s->db, TEXT(c->s->w,
		"SELECT fail_device || ' ' || fail_second || ' ' || try_open || ' ' || device_seen FROM devices WHERE id = x'%.*s'",
		FMT(hex(&c->s->f->arena, uuid_bytes(&c->p->reg)))));
}

/* Only a recoverable refusal has `remaining`, `challenge` and `step`. */
static void check_form(const struct row *row, const struct reply *r)
{
	bool recoverable = row->code == 214 && (row->verb == SES_FINISH_PIN || row->verb == SES_FINISH_ONE);

	if (r->ok)
		return;
	assert_int_equal(r->recoverable, recoverable);
	assert_int_equal(r->remaining >= 0, recoverable);
	assert_int_equal(r->step > 0, recoverable);
	assert_int_equal(json_object_get(r->json, "challenge") != NULL, recoverable);
}

static void try_row(struct site *s, const struct row *row)
{
	struct scene *c = scene_new(s);
	const char *is, *wanted;
	struct reply r;

	site_configure(s, "");
	row->make(c);
	if (row->config)
		site_configure(s, row->config);
	r = say(c, row);
	check_form(row, &r);
	is = TEXT(s->w, "%d %s %s %s", r.code, scene_outcome(c), row->device[0] ? scene_device(c) : "", counters(c));
	wanted = TEXT(s->w, "%d %s %s %s", row->code, row->outcome, row->device, row->counters);
	if (r.http != 200 || strcmp(is, wanted) != 0)
		fail_msg("%s: %s instead of %s", row->name, is, wanted);
	scene_free(c);
}

static void earlier_fault_decides(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		try_row(*state, &rows[i]);
}

/* What a refusal below the limit leaves behind: the same session goes on. */
static void session_goes_on_behind_what_is_not_counted(void **state)
{
	struct scene *c = scene_new(*state);

	scene_started(c);
	assert_code(phone_ses_pin(c->p, PIN, WRONG_STEP), 208);
	assert_code(phone_ses_pin(c->p, PIN, OLD_SDK), 238);
	assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
	assert_code(phone_ses_finish(c->p, "DEVICE", PROPER), 232);
	assert_code(phone_ses_finish(c->p, "DEVICE_PIN", BAD_SECOND), 214);
	assert_ok_reply(phone_ses_finish(c->p, "DEVICE_PIN", PROPER));
	scene_free(c);
}

static void challenge_of_an_earlier_try_is_no_good(void **state)
{
	struct scene *c = scene_new(*state);
	const char *first;

	scene_evaluated(c);
	first = c->p->challenge;
	assert_code(phone_ses_finish(c->p, "DEVICE_PIN", BAD_SECOND), 214);
	assert_string_not_equal(first, c->p->challenge);
	c->p->challenge = first;
	assert_code(phone_ses_finish(c->p, "DEVICE_PIN", PROPER), 214);
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(earlier_fault_decides),
		SITE_TEST(session_goes_on_behind_what_is_not_counted),
		SITE_TEST(challenge_of_an_earlier_try_is_no_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

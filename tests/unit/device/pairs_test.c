/* Every message in every situation: taken, or refused with its code; and what is refused writes nothing. */
#include "tests/unit/device/scene.h"

#include <stdlib.h>

/* ---- situations ---- */

static void never_heard_of(struct scene *c)
{
	(void)c;
}

static void session_forgotten(struct scene *c)
{
	scene_registered(c);
	site_advance(c->s, 10 * 60 * 1000 + 1);
	must(devices_sweep(&c->s->f->app));
}

static void ended(struct scene *c)
{
	scene_evaluated(c);
	assert_ok_reply(phone_ses_finish(c->p, "DEVICE_PIN", PROPER));
}

static void cancelled_by_phone(struct scene *c)
{
	scene_started(c);
	assert_ok_reply(phone_ses_cancel(c->p, PROPER));
}

static void cancelled_by_provider(struct scene *c)
{
	scene_evaluated(c);
	assert_status(ask(c->s->w, HTTP_DELETE, TEXT(c->s->w, BASE_PATH "/authentications/%s", c->operation), NULL), 204);
}

static void replaced_by_provider(struct scene *c)
{
	scene_evaluated(c);
	scene_authentication(c, "");
}

static void expired(struct scene *c)
{
	scene_evaluated(c);
	site_advance(c->s, 300000);
}

static void act_expired(struct scene *c)
{
	scene_act_evaluated(c);
	site_advance(c->s, 300000);
}

static void locked(struct scene *c)
{
	scene_started(c);
	for (int i = 0; i < 3; i++) {
		assert_ok_reply(phone_ses_pin(c->p, WRONG_PIN, PROPER));
		assert_code(phone_ses_finish(c->p, "DEVICE_PIN", PROPER), i < 2 ? 214 : 226);
	}
}

static void locked_by_admin(struct scene *c)
{
	scene_evaluated(c);
	assert_status(scene_patch(c, "{\"state\":\"LOCKED\"}"), 200);
}

static void user_locked(struct scene *c)
{
	scene_evaluated(c);
	assert_status(ask(c->s->w, HTTP_PATCH, TEXT(c->s->w, "/reuseid/core/users/%s", c->user), "{\"state\":\"LOCKED\"}"), 200);
}

static void deleted(struct scene *c)
{
	scene_evaluated(c);
	assert_status(ask(c->s->w, HTTP_DELETE, TEXT(c->s->w, BASE_PATH "/%s?userId=%s", c->device, c->user), NULL), 204);
}

static void user_deleted(struct scene *c)
{
	user_locked(c);
	assert_status(ask(c->s->w, HTTP_DELETE, TEXT(c->s->w, "/reuseid/core/users/%s", c->user), NULL), 204);
}

/* ---- messages ---- */

static struct reply say_config(struct scene *c)
{
	return phone_cfg_get(c->p);
}

static struct reply say_wait(struct scene *c)
{
	return phone_ses_wait(c->p, 0, PROPER);
}

static struct reply say_act_start(struct scene *c)
{
	return phone_act_start(c->p, c->code ? c->code : "000000", PROPER);
}

static struct reply say_act_pin(struct scene *c)
{
	return phone_act_pin(c->p, PIN, PROPER);
}

static bool has_pin_key(const struct phone *p)
{
	static const uint8_t none[P256_SCALAR_BYTES];

	return memcmp(p->pin_key, none, sizeof(none)) != 0;
}

static struct reply say_act_finish(struct scene *c)
{
	return phone_act_finish(c->p, has_pin_key(c->p) ? PROPER : WITHOUT_PIN);
}

static struct reply say_start(struct scene *c)
{
	return phone_ses_start(c->p, PROPER);
}

static struct reply say_pin(struct scene *c)
{
	return phone_ses_pin(c->p, PIN, PROPER);
}

/* With 03, as behind an evaluation; and without, as before one. */
static struct reply say_finish(struct scene *c)
{
	return phone_ses_finish(c->p, "DEVICE_PIN", has_pin_key(c->p) ? PROPER : MISSING_SIGNATURE);
}

static struct reply say_finish_unevaluated(struct scene *c)
{
	return phone_ses_finish(c->p, "DEVICE_PIN", MISSING_SIGNATURE);
}

static struct reply say_cancel(struct scene *c)
{
	return phone_ses_cancel(c->p, PROPER);
}

static struct reply say_deactivate(struct scene *c)
{
	return phone_deactivate(c->p, PROPER);
}

static const struct {
	const char *name;
	struct reply (*say)(struct scene *c);
	bool reads; /* never writes */
} messages[] = {
	{ "cfg.get", say_config, true },
	{ "ses.wait", say_wait, true },
	{ "act.start", say_act_start, false },
	{ "act.pin", say_act_pin, false },
	{ "act.finish", say_act_finish, false },
	{ "ses.start", say_start, false },
	{ "ses.pin", say_pin, false },
	{ "ses.finish", say_finish, false },
	{ "ses.finish unevaluated", say_finish_unevaluated, false },
	{ "ses.cancel", say_cancel, false },
	{ "reg.deactivate", say_deactivate, false },
};

enum {
	OUT = 400,      /* HTTP 400 unknown_session */
	COUNTED = 10000, /* a refusal that is counted, or breaks the operation, and so is written */
	LAST = -1,      /* not asked: the message cannot be made */
};

/*                                       cfg  wait  a.st  a.pin a.fin start pin   fin           unev          canc  deact */
static const struct {
	const char *name;
	void (*make)(struct scene *c);
	int wanted[COUNT(messages)];
} situations[] = {
	{ "never heard of",  never_heard_of,  { 0, 214,  200,  OUT,  OUT,  214,  OUT,  LAST,         LAST,         OUT,  214 } },
	{ "act started",     scene_act_started, { 0, 214, 0,   0,    234,  214,  208,  208,          208,          208,  214 } },
	{ "act evaluated",   scene_act_evaluated, { 0, 214, 0, 0,    0,    214,  208,  208,          208,          208,  214 } },
	{ "act expired",     act_expired,     { 0, 214,  200,  208,  208,  214,  208,  208,          208,          208,  214 } },
	{ "registered",      scene_registered, { 0, 0,   200,  208,  208,  208,  208,  208,          208,          208,  0 } },
	{ "without PIN",     scene_registered_without_pin, { 0, 0, 200, 208, 208, 208, 208, 208,     208,          208,  0 } },
	{ "forgotten",       session_forgotten, { 0, 0,  200,  OUT,  OUT,  208,  OUT,  OUT,          OUT,          OUT,  0 } },
	{ "ses started",     scene_started,   { 0, 0,    200,  208,  208,  0,    0,    243 + COUNTED, 208,          0,    0 } },
	{ "evaluated",       scene_evaluated, { 0, 0,    200,  208,  208,  0,    0,    0,            243 + COUNTED, 0,    0 } },
	{ "failed once",     scene_failed_once, { 0, 0,  200,  208,  208,  0,    0,    214 + COUNTED, 243 + COUNTED, 0,    0 } },
	{ "ended",           ended,           { 0, 0,    200,  208,  208,  208,  208,  208,          208,          208,  0 } },
	{ "cancelled",       cancelled_by_phone, { 0, 0, 200,  208,  208,  208,  208,  208,          208,          208,  0 } },
	{ "cancelled by SP", cancelled_by_provider, { 0, 0, 200, 208, 208, 208,  208,  208,          208,          208,  0 } },
	{ "replaced by SP",  replaced_by_provider, { 0, 0, 200, 208, 208,  0,    208,  208,          208,          208,  0 } },
	{ "expired",         expired,         { 0, 0,    200,  208,  208,  208,  208,  208,          208,          208,  0 } },
	/* The same finish again is a repeat, which is told the same. */
	{ "locked",          locked,          { 0, 226,  200,  208,  208,  226,  208,  226,          208,          208,  226 } },
	{ "locked by admin", locked_by_admin, { 0, 224,  200,  208,  208,  224,  208,  208,          208,          208,  224 } },
	{ "user locked",     user_locked,     { 0, 224,  200,  208,  208,  224,  208,  208,          208,          208,  224 } },
	{ "deleted",         deleted,         { 0, 202,  200,  208,  208,  202,  208,  208,          208,          208,  202 } },
	{ "user deleted",    user_deleted,    { 0, 214,  200,  OUT,  OUT,  214,  OUT,  OUT,          OUT,          OUT,  214 } },
};

static bool is_as_wanted(const struct reply *r, int wanted)
{
	if (wanted == OUT)
		return r->http == 400 && slice_is(r->text, "{\"error\":\"unknown_session\"}");
	return r->http == 200 && r->code == wanted % COUNTED && r->ok == (wanted == 0);
}

static void try_pair(struct site *s, size_t situation, size_t message)
{
	int wanted = situations[situation].wanted[message];
	struct scene *c = scene_new(s);
	struct digest before, after;
	struct reply r;
	bool wrote;

	situations[situation].make(c);
	database_digest(s->db, &before);
	r = messages[message].say(c);
	database_digest(s->db, &after);
	wrote = digest_differs(&before, &after, NULL);
	if (!is_as_wanted(&r, wanted))
		fail_msg("%s, %s: HTTP %d %.*s where %d was expected", situations[situation].name, messages[message].name, r.http,
			FMT(r.text), wanted);
	if (wrote != (wanted >= COUNTED || (wanted == 0 && !messages[message].reads)))
		fail_msg("%s, %s: it %s", situations[situation].name, messages[message].name, wrote ? "wrote" : "wrote nothing");
	scene_free(c);
}

static void every_pair(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(situations); i++) {
		struct site *s = site_new(NULL);

		for (size_t k = 0; k < COUNT(messages); k++)
			if (situations[i].wanted[k] != LAST)
				try_pair(s, i, k);
		site_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

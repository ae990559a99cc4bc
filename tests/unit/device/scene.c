#include "tests/unit/device/scene.h"

#include <stdlib.h>

struct scene *scene_new(struct site *s)
{
	struct scene *c = arena_new(&s->f->arena, struct scene);

	c->s = s;
	c->p = phone_new(s);
	c->user = site_user(s);
	return c;
}

void scene_free(struct scene *c)
{
	phone_free(c->p);
}

static void begin(struct scene *c, const char *more)
{
	struct answer started = start_registration(c->s, c->user, more);

	assert_status(started, 200);
	c->operation = text_of(started, "transactionId");
	c->code = text_of(started, "operationProperties.activationCode");
	assert_ok_reply(phone_act_start(c->p, c->code, PROPER));
	c->device = TEXT(c->s->w, "%.*s", FMT(uuid_text(&c->p->arena, &c->p->reg)));
}

void scene_act_started(struct scene *c)
{
	begin(c, "");
}

void scene_act_evaluated(struct scene *c)
{
	scene_act_started(c);
	assert_ok_reply(phone_act_pin(c->p, PIN, PROPER));
}

void scene_registered(struct scene *c)
{
	scene_act_evaluated(c);
	assert_ok_reply(phone_act_finish(c->p, PROPER));
}

void scene_registered_without_pin(struct scene *c)
{
	begin(c, ",\"operationProperties\":{\"authLevel\":\"ONE_FACTOR\"}");
	assert_ok_reply(phone_act_finish(c->p, WITHOUT_PIN));
}

void scene_authentication(struct scene *c, const char *more)
{
	struct answer started;

	if (!c->device)
		scene_registered(c);
	started = start_authentication(c->s, c->user, c->device, more);
	assert_status(started, 200);
	c->operation = text_of(started, "transactionId");
}

void scene_started(struct scene *c)
{
	scene_authentication(c, "");
	assert_ok_reply(phone_ses_start(c->p, PROPER));
}

void scene_evaluated(struct scene *c)
{
	scene_started(c);
	assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
}

void scene_failed_once(struct scene *c)
{
	scene_started(c);
	assert_ok_reply(phone_ses_pin(c->p, WRONG_PIN, PROPER));
	assert_code(phone_ses_finish(c->p, "DEVICE_PIN", PROPER), 214);
}

const char *scene_outcome(struct scene *c)
{
	static const char *const kinds[] = { "authentications", "registrations", "signatures" };

	for (size_t i = 0; i < COUNT(kinds); i++) {
		struct answer polled = ask(c->s->w, HTTP_GET, TEXT(c->s->w, BASE_PATH "/%s/%s", kinds[i], c->operation), NULL);

		if (polled.status == 200)
			return member(polled, "errorCode") ? text_of(polled, "errorCode") : text_of(polled, "state");
	}
	fail_msg("no operation %s", c->operation);
	return "";
}

const char *scene_device(struct scene *c)
{
	struct answer got = ask(c->s->w, HTTP_GET, TEXT(c->s->w, BASE_PATH "/%s?userId=%s&detailed=true", c->device, c->user), NULL);

	assert_status(got, 200);
	return TEXT(c->s->w, "%s %s", text_of(got, "state"), text_of(got, "deviceDetails.lockReason"));
}

struct answer scene_patch(struct scene *c, const char *body)
{
	return ask(c->s->w, HTTP_PATCH, TEXT(c->s->w, BASE_PATH "/%s?userId=%s", c->device, c->user), body);
}

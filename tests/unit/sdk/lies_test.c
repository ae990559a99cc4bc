/*
 * A server that means ill, or somebody who has its keys: whatever it answers, the phone takes what makes sense or says that it does not,
 * and what was good before stays good.
 */
#include "tests/unit/common/test.h"

#include "tests/unit/sdk/phone.h"

#define CODE "190837"

struct lie {
	const char *about, *lie;
};

static const struct lie lies[] = {
	{ "\"ok\":true", "\"ok\":false" },
	{ "\"ok\":true", "\"ok\":1" },
	{ "\"ok\":true", "\"ok\":true,\"ok\":true" },
	{ "\"step\":1", "\"step\":2" },
	{ "\"step\":2", "\"step\":1" },
	{ "\"step\":2", "\"step\":9223372036854775807" },
	{ "\"step\":", "\"stop\":" },
	{ "\"time\":", "\"time\":-" },
	{ "\"sid\":\"", "\"sid\":\"AA" },
	{ "\"sid\":\"", "\"sid\":[],\"was\":\"" },
	{ "\"challenge\":\"", "\"challenge\":\"AA" },
	{ "\"e\":\"", "\"e\":\"AA" },
	{ "\"e\":\"A", "\"e\":\"B" },
	{ "\"e\":", "\"f\":" },
	{ "\"newCid\":\"", "\"newCid\":\"AAAA" },
	{ "\"newCid\":", "\"oldCid\":" },
	{ "\"newSaltKeyId\":", "\"noSaltKeyId\":" },
	{ "\"saltKeyId\":\"s1\"", "\"saltKeyId\":\"\"" },
	{ "\"pin\":{\"min\":4,\"max\":8", "\"pin\":{\"min\":1000,\"max\":0" },
	{ "\"pin\":{", "\"pin\":{\"min\":-1," },
	{ "\"methods\":[", "\"methods\":[\"DEVICE_TELEPATHY\"," },
	{ "\"methods\":[", "\"methods\":[1," },
	{ "\"methods\":", "\"mothods\":" },
	{ "\"hw\":{\"wanted\":false}", "\"hw\":{}" },
	{ "\"recoveryId\":\"", "\"recoveryId\":\"AA" },
	{ "\"code\":{\"min\":6", "\"code\":{\"min\":\"6\"" },
	{ "\"reg\":\"", "\"reg\":\"x" },
	{ "\"ticket\":\"", "\"ticket\":\"AA" },
	{ "\"tokens\":[", "\"tokens\":[{}," },
	{ "\"tokens\":[", "\"tokens\":[{\"purpose\":\"worldDomination\",\"token\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}," },
	{ "}", "},{" },
	{ "{", "[" },
};

static int ended(const rid_step *s)
{
	assert_non_null(s);
	assert_true(s->kind == RID_DONE || s->kind == RID_FAILED);
	if (s->kind == RID_FAILED)
		assert_true(s->failure.number >= 100 && s->failure.number < 1000);
	return s->kind == RID_DONE;
}

static void tell(struct phone *p, const struct lie *lie)
{
	p->server.lie_about = lie ? lie->about : NULL;
	p->server.lie = lie ? lie->lie : NULL;
}

static void about_a_change(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lies); i++) {
		struct phone *p = phone_registered();

		tell(p, &lies[i]);
		ended(change(p, RID_METHOD_DEVICE_PIN, "1357", RID_METHOD_DEVICE_PIN, "2468"));
		tell(p, NULL);
		assert_int_equal(phone_restart(p), 0);
		p->server.registrations[0].fails = 0;
		p->server.registrations[0].takes_older = true;
		assert_approves(p, RID_METHOD_DEVICE_PIN, p->server.changes ? "2468" : "1357");
		phone_free(p);
	}
}

static void about_a_recovery(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lies); i++) {
		struct phone *p = phone_registered();
		unsigned char token[RID_TOKEN_BYTES];

		get_token(p, token);
		tell(p, &lies[i]);
		ended(add_recovery(p, token, CODE));
		assert_done(perform(p, rid_deactivate(p->c, 1)));
		ended(recover(p, CODE, "2468"));
		tell(p, NULL);
		assert_int_equal(phone_restart(p), 0);
		p->server.recovery.fails = 0;
		/* Set up, and not used yet: then it can still be used. */
		if (p->server.added && !p->server.recoveries)
			assert_done(recover(p, CODE, "2468"));
		phone_free(p);
	}
}

static void about_an_approval(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lies); i++) {
		struct phone *p = phone_registered();
		const rid_step *s;

		tell(p, &lies[i]);
		s = authenticate_start(p);
		if (s->kind == RID_SHOW)
			ended(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
		else
			ended(s);
		tell(p, NULL);
		assert_int_equal(phone_restart(p), 0);
		p->server.registrations[0].fails = 0;
		p->server.registrations[0].takes_older = true;
		assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
		phone_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(about_an_approval),
		cmocka_unit_test(about_a_change),
		cmocka_unit_test(about_a_recovery),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

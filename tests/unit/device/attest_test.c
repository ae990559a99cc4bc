/* App Attest over the device channel, with a root of our own: an attestation first, assertions then, each for its session only. */
#include "tests/unit/device/iphone.h"

static struct iphone of_a_scene(struct site *s)
{
	struct scene *c = scene_new(s);

	c->p->os = "iOS";
	scene_registered(c);
	return iphone_new(c);
}

static void done(struct iphone *i)
{
	struct scene *c = i->c;

	iphone_free(i);
	scene_free(c);
}

/* ---- the conversation ---- */

static void start(struct iphone *i)
{
	scene_authentication(i->c, "");
	assert_ok_reply(phone_ses_start(i->c->p, PROPER));
}

static struct reply finish(struct iphone *i, const char *kind, struct slice object, enum twist twist)
{
	struct phone *p = i->c->p;
	struct reply r;

	assert_ok_reply(phone_ses_pin(p, PIN, PROPER));
	p->attest = iphone_report(i, kind, object);
	r = phone_ses_finish(p, "DEVICE_PIN", twist);
	p->attest = NULL;
	return r;
}

static void attest(struct iphone *i)
{
	uint8_t hash[SHA256_BYTES];

	start(i);
	iphone_binding(i, hash);
	assert_ok_reply(finish(i, "attestation", iphone_attestation(i, hash), PROPER));
}

static struct reply assert_with(struct iphone *i, uint32_t counter)
{
	uint8_t hash[SHA256_BYTES];

	start(i);
	iphone_binding(i, hash);
	return finish(i, "assertion", iphone_assertion(i, hash, counter), PROPER);
}

static const char *status(struct iphone *i)
{
	return text_of(poll_authentication(i->c->s, i->c->operation), "attestation.appAttestStatus");
}

static void attestation_first_then_assertions(void **state)
{
	struct iphone i = of_a_scene(*state);

	attest(&i);
	assert_string_equal(status(&i), "VERIFIED");
	assert_ok_reply(assert_with(&i, 1));
	assert_string_equal(status(&i), "VERIFIED");
	assert_ok_reply(assert_with(&i, 7));
	done(&i);
}

static void assert_locked(struct iphone *i, struct reply r)
{
	assert_code(r, 214);
	assert_false(r.recoverable);
	assert_string_equal(scene_outcome(i->c), "LOCKED_APPATTEST_VERIFICATION_FAILED");
	assert_string_equal(scene_device(i->c), "LOCKED APPATTEST_VERIFICATION_FAILED");
	assert_string_equal(status(i), "FAILED_VALIDATION_EXCEPTION");
}

static void counter_that_does_not_grow(void **state)
{
	struct iphone i = of_a_scene(*state);

	attest(&i);
	assert_ok_reply(assert_with(&i, 3));
	assert_locked(&i, assert_with(&i, 3));
	done(&i);
}

static void attestation_of_another_session(void **state)
{
	struct iphone i = of_a_scene(*state);
	uint8_t hash[SHA256_BYTES];

	start(&i);
	iphone_binding(&i, hash);
	start(&i); /* another one takes its place */
	assert_locked(&i, finish(&i, "attestation", iphone_attestation(&i, hash), PROPER));
	done(&i);
}

static void assertion_without_an_attestation(void **state)
{
	struct iphone i = of_a_scene(*state);

	assert_locked(&i, assert_with(&i, 1));
	done(&i);
}

static void attestation_under_another_root(void **state)
{
	struct site *s = *state;
	struct iphone i = of_a_scene(s);
	uint8_t hash[SHA256_BYTES];

	s->f->app.devices->attest_root = S(""); /* Apple's */
	start(&i);
	iphone_binding(&i, hash);
	assert_locked(&i, finish(&i, "attestation", iphone_attestation(&i, hash), PROPER));
	done(&i);
}

/* The signature of the device is looked at first, and of a stranger nothing is kept. */
static void stranger_leaves_no_key(void **state)
{
	struct iphone i = of_a_scene(*state);
	uint8_t hash[SHA256_BYTES];

	start(&i);
	iphone_binding(&i, hash);
	assert_true(finish(&i, "attestation", iphone_attestation(&i, hash), BAD_DK).recoverable);
	assert_int_equal(number(*state, "SELECT count(*) FROM app_attest_keys"), 0);
	done(&i);
}

/* Verified once in a session: a later try leaves it out. */
static void result_holds_for_later_tries(void **state)
{
	struct iphone i = of_a_scene(*state);
	struct phone *p = i.c->p;
	uint8_t hash[SHA256_BYTES];

	start(&i);
	iphone_binding(&i, hash);
	p->attest = iphone_report(&i, "attestation", iphone_attestation(&i, hash));
	assert_ok_reply(phone_ses_pin(p, WRONG_PIN, PROPER));
	assert_true(phone_ses_finish(p, "DEVICE_PIN", PROPER).recoverable);
	p->attest = NULL;
	assert_ok_reply(phone_ses_pin(p, PIN, PROPER));
	assert_ok_reply(phone_ses_finish(p, "DEVICE_PIN", PROPER));
	assert_string_equal(status(&i), "VERIFIED");
	done(&i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(attestation_first_then_assertions),
		SITE_TEST(counter_that_does_not_grow),
		SITE_TEST(attestation_of_another_session),
		SITE_TEST(assertion_without_an_attestation),
		SITE_TEST(attestation_under_another_root),
		SITE_TEST(stranger_leaves_no_key),
		SITE_TEST(result_holds_for_later_tries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

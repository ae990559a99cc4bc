/*
 * Nobody learns from an answer, its length or the work behind it which factor was wrong (7), nor whether a registration exists (4).
 * Work is counted, not timed: p256_verify(), oprf_evaluate() and app_attest_assertion() are wrapped by the linker.
 */
#include "attest/app_attest.h"
#include "crypto/oprf.h"
#include "tests/unit/device/iphone.h"

static int verifications, multiplications, attestations;

struct error __real_p256_verify(struct slice point, const struct slice *parts, size_t n, struct slice signature);
struct error __wrap_p256_verify(struct slice point, const struct slice *parts, size_t n, struct slice signature);
struct error __real_oprf_evaluate(const uint8_t *key, struct slice blinded, uint8_t *ret_evaluated);
struct error __wrap_oprf_evaluate(const uint8_t *key, struct slice blinded, uint8_t *ret_evaluated);

struct error __wrap_p256_verify(struct slice point, const struct slice *parts, size_t n, struct slice signature)
{
	verifications++;
	return __real_p256_verify(point, parts, n, signature);
}

struct error __wrap_oprf_evaluate(const uint8_t *key, struct slice blinded, uint8_t *ret_evaluated)
{
	multiplications++;
	return __real_oprf_evaluate(key, blinded, ret_evaluated);
}

struct error __real_app_attest_assertion(const struct app_attest_policy *policy, struct slice public_key, uint32_t stored_counter,
	struct slice object, const uint8_t *client_data_hash, struct arena *a, uint32_t *ret_counter);
struct error __wrap_app_attest_assertion(const struct app_attest_policy *policy, struct slice public_key, uint32_t stored_counter,
	struct slice object, const uint8_t *client_data_hash, struct arena *a, uint32_t *ret_counter);

struct error __wrap_app_attest_assertion(const struct app_attest_policy *policy, struct slice public_key, uint32_t stored_counter,
	struct slice object, const uint8_t *client_data_hash, struct arena *a, uint32_t *ret_counter)
{
	attestations++;
	return __real_app_attest_assertion(policy, public_key, stored_counter, object, client_data_hash, a, ret_counter);
}

static void count_anew(void)
{
	verifications = multiplications = attestations = 0;
}

/* ---- the finish ---- */

struct seen {
	int verifications, code;
	size_t text_bytes;
	int64_t remaining;
	bool recoverable;
};

static struct seen finish(struct site *s, enum twist twist, bool wrong_pin)
{
	struct scene *c = scene_new(s);
	struct seen seen;
	struct reply r;

	scene_started(c);
	assert_ok_reply(phone_ses_pin(c->p, wrong_pin ? WRONG_PIN : PIN, PROPER));
	count_anew();
	r = phone_ses_finish(c->p, "DEVICE_PIN", twist);
	seen = (struct seen){ verifications, r.code, r.text.n, r.remaining, r.recoverable };
	scene_free(c);
	return seen;
}

static void every_wrong_factor_looks_the_same(void **state)
{
	const struct seen wanted = finish(*state, BAD_DK, false);
	const struct seen others[] = {
		finish(*state, BAD_SECOND, false), finish(*state, PROPER, true), finish(*state, BAD_CHALLENGE, false),
		finish(*state, BAD_DK | BAD_SECOND, false), finish(*state, BAD_DK | BAD_SECOND | BAD_CHALLENGE, true),
	};

	assert_int_equal(wanted.code, 214);
	assert_int_equal(wanted.verifications, 2);
	for (size_t i = 0; i < COUNT(others); i++) {
		assert_int_equal(others[i].verifications, wanted.verifications);
		assert_int_equal(others[i].code, wanted.code);
		assert_int_equal(others[i].text_bytes, wanted.text_bytes);
		assert_int_equal(others[i].remaining, wanted.remaining);
		assert_int_equal(others[i].recoverable, wanted.recoverable);
	}
}

static void success_verifies_as_often(void **state)
{
	struct seen seen = finish(*state, PROPER, false);

	assert_int_equal(seen.code, 0);
	assert_int_equal(seen.verifications, 2);
}

/* ---- the same, with all that may be in play beside the two factors ---- */

#define BIOMETRIC "DEVICE_IOS_FACE_ID"

static void add_biometric(struct scene *c)
{
	assert_ok_reply(phone_am_start(c->p, "activate", BIOMETRIC, PROPER));
	assert_ok_reply(phone_am_pin(c->p, "authorise", PIN, PROPER));
	assert_ok_reply(phone_am_finish(c->p, "DEVICE_PIN", BIOMETRIC, PROPER));
}

static void add_attested_key(struct iphone *i)
{
	struct phone *p = i->c->p;
	uint8_t hash[SHA256_BYTES];

	scene_authentication(i->c, "");
	assert_ok_reply(phone_ses_start(p, PROPER));
	iphone_binding(i, hash);
	assert_ok_reply(phone_ses_pin(p, PIN, PROPER));
	p->attest = iphone_report(i, "attestation", iphone_attestation(i, hash));
	assert_ok_reply(phone_ses_finish(p, "DEVICE_PIN", PROPER));
}

struct work {
	struct seen seen;
	int attestations;
};

/* A device with a hardware-protected key, a biometric one and an attested app; the method is what it approves with. */
static struct work finish_with_all(const char *method, enum twist twist)
{
	struct site *s = site_new(NULL); /* of its own: an iPhone makes it require attestations */
	struct scene *c = scene_new(s);
	uint8_t hash[SHA256_BYTES];
	struct iphone i;
	struct work work;
	struct reply r;

	c->p->os = "iOS";
	c->p->has_hk = true;
	p256_generate(s->f->app.env, c->p->hk, (uint8_t[POINT_BYTES]){ 0 });
	scene_registered(c);
	add_biometric(c);
	i = iphone_new(c);
	add_attested_key(&i);
	scene_authentication(c, "");
	assert_ok_reply(phone_ses_start(c->p, PROPER));
	iphone_binding(&i, hash);
	if (strcmp(method, "DEVICE_PIN") == 0)
		assert_ok_reply(phone_ses_pin(c->p, twist & BAD_SECOND ? WRONG_PIN : PIN, PROPER));
	c->p->attest = iphone_report(&i, "assertion", iphone_assertion(&i, hash, 1));
	count_anew();
	r = phone_ses_finish(c->p, method, twist);
	work = (struct work){ { verifications, r.code, r.text.n, r.remaining, r.recoverable }, attestations };
	iphone_free(&i);
	scene_free(c);
	site_free(s);
	return work;
}

static void assert_alike(const char *method)
{
	static const enum twist ways[] = {
		BAD_SECOND, BAD_CHALLENGE, NO_HARDWARE, BAD_DK | BAD_SECOND, BAD_DK | NO_HARDWARE, BAD_DK | BAD_HARDWARE,
		NO_HARDWARE | BAD_SECOND, BAD_DK | BAD_SECOND | NO_HARDWARE | BAD_CHALLENGE,
	};
	struct work wanted = finish_with_all(method, BAD_DK);

	assert_int_equal(wanted.seen.code, 214);
	assert_true(wanted.seen.recoverable);
	assert_int_equal(wanted.seen.verifications, 3);
	assert_int_equal(wanted.attestations, 1);
	for (size_t i = 0; i < COUNT(ways); i++) {
		struct work other = finish_with_all(method, ways[i]);

		assert_int_equal(other.seen.code, wanted.seen.code);
		assert_int_equal(other.seen.text_bytes, wanted.seen.text_bytes);
		assert_int_equal(other.seen.remaining, wanted.seen.remaining);
		assert_int_equal(other.seen.recoverable, wanted.seen.recoverable);
		assert_int_equal(other.seen.verifications, wanted.seen.verifications);
		assert_int_equal(other.attestations, wanted.attestations);
	}
}

static void every_factor_costs_the_same_beside_keys_and_attestation(void **state)
{
	(void)state;
	assert_alike("DEVICE_PIN");
}

static void so_does_a_biometric_one(void **state)
{
	(void)state;
	assert_alike(BIOMETRIC);
}

/* ---- outside a session ---- */

static struct reply say_with_reg(struct scene *c, enum twist twist, const struct uuid *reg, bool start)
{
	struct uuid own = c->p->reg;
	struct reply r;

	if (reg)
		c->p->reg = *reg;
	count_anew();
	r = start ? phone_ses_start(c->p, twist) : phone_ses_wait(c->p, 0, twist);
	c->p->reg = own;
	return r;
}

/* An unknown registration, and one of another phone, cost and say what a wrong signature does. */
static void unknown_registration_looks_like_a_wrong_signature(void **state)
{
	const struct uuid unknown = { { 1, 2, 3 } };
	struct scene *c = scene_new(*state), *other = scene_new(*state);

	scene_registered(c);
	scene_registered(other);
	for (int start = 0; start < 2; start++) {
		struct reply wrong = say_with_reg(c, BAD_DK, NULL, start);
		int work = verifications;
		const struct uuid *const regs[] = { &unknown, &other->p->reg };

		assert_code(wrong, 214);
		assert_int_equal(work, 1);
		for (size_t i = 0; i < COUNT(regs); i++) {
			struct reply r = say_with_reg(c, PROPER, regs[i], start);

			assert_slice_equal(r.text, wrong.text);
			assert_int_equal(verifications, work);
		}
	}
	scene_free(other);
	scene_free(c);
}

static void wrong_code_costs_what_a_right_one_does(void **state)
{
	struct scene *c = scene_new(*state);

	count_anew();
	assert_code(phone_act_start(c->p, "not a code", PROPER), 200);
	assert_int_equal(verifications, 1);
	count_anew();
	scene_act_started(c);
	assert_int_equal(verifications, 1);
	scene_free(c);
}

/* ---- evaluations ---- */

static void one_evaluation_for_each_pin_that_is_charged(void **state)
{
	struct scene *c = scene_new(*state);

	scene_started(c);
	count_anew();
	assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
	assert_int_equal(multiplications, 1);
	count_anew();
	assert_ok_reply(phone_repeat(c->p));
	assert_int_equal(multiplications, 0);
	scene_free(c);
}

/* What a refusal computed stays in the server. */
static void refused_pin_tells_no_evaluation(void **state)
{
	static const enum twist twists[] = { WRONG_SALT_KEY, OLD_SDK, WRONG_STEP, NOT_A_POINT };

	for (size_t i = 0; i < COUNT(twists); i++) {
		struct scene *c = scene_new(*state);
		struct reply r;

		scene_started(c);
		r = phone_ses_pin(c->p, PIN, twists[i]);
		assert_false(r.ok);
		assert_null(json_object_get(r.json, "e"));
		scene_free(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(every_wrong_factor_looks_the_same),
		SITE_TEST(success_verifies_as_often),
		cmocka_unit_test(every_factor_costs_the_same_beside_keys_and_attestation),
		cmocka_unit_test(so_does_a_biometric_one),
		SITE_TEST(unknown_registration_looks_like_a_wrong_signature),
		SITE_TEST(wrong_code_costs_what_a_right_one_does),
		SITE_TEST(one_evaluation_for_each_pin_that_is_charged),
		SITE_TEST(refused_pin_tells_no_evaluation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

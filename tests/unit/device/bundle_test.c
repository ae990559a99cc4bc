/*
 * Evidence as a file: a bundle of a consent signature, and an export of the audit log with its checkpoint. Any byte that is changed, and
 * any that is missing, is found.
 */
#include "audit/audit.h"
#include "tests/unit/device/iphone.h"

#define JWKS "/auth/open/.well-known/openid-configuration/jwks"
#define CONTEXT ",\"operationProperties\":{\"preOperationContext\":{\"title\":\"T\",\"content\":\"Pay 1\",\"mimeType\":\"text/plain\"}}"

#define FACE "DEVICE_IOS_FACE_ID"

struct kept {
	struct scene *c;
	struct jwks *keys;
	struct slice bundle;
	struct arena a; /* of the checks */
	struct iphone iphone; /* with a root, if it attests */
	const char *method;
};

/* How the device signed; may be joined. */
enum how { BY_PIN = 0, HARDWARE = 1, BIOMETRIC = 2, ATTESTED = 4, ASSERTED = 8, ATTESTED_BEFORE = 16 };

static void start_to_sign(struct kept *k)
{
	struct scene *c = k->c;

	c->operation = text_of(start_signature(c->s, c->user, c->device, CONTEXT), "transactionId");
	assert_ok_reply(phone_ses_start(c->p, PROPER));
}

static void report(struct kept *k, const char *kind, uint32_t counter)
{
	struct iphone *i = &k->iphone;
	uint8_t hash[SHA256_BYTES];

	iphone_binding(i, hash);
	k->c->p->attest = iphone_report(i, kind, counter ? iphone_assertion(i, hash, counter) : iphone_attestation(i, hash));
}

static void finish(struct kept *k)
{
	struct phone *p = k->c->p;

	if (!k->method)
		assert_ok_reply(phone_ses_pin(p, PIN, PROPER));
	assert_ok_reply(phone_ses_finish(p, k->method ? k->method : "DEVICE_PIN", PROPER));
	p->attest = NULL;
}

static void sign_before(struct kept *k)
{
	start_to_sign(k);
	report(k, "attestation", 0);
	finish(k);
}

/* The attestation is verified in a try that failed for another reason; the next one leaves it out. */
static void fail_once(struct kept *k)
{
	struct phone *p = k->c->p;

	assert_ok_reply(phone_ses_pin(p, WRONG_PIN, PROPER));
	assert_true(phone_ses_finish(p, "DEVICE_PIN", PROPER).recoverable);
	p->attest = NULL;
}

static void sign(struct kept *k, enum how how)
{
	if (how & (ATTESTED | ASSERTED | ATTESTED_BEFORE))
		k->iphone = iphone_new(k->c);
	if (how & ASSERTED)
		sign_before(k);
	start_to_sign(k);
	if (how & (ATTESTED | ATTESTED_BEFORE))
		report(k, "attestation", 0);
	if (how & ASSERTED)
		report(k, "assertion", 5);
	if (how & ATTESTED_BEFORE)
		fail_once(k);
	finish(k);
}

static void make_phone(struct kept *k, enum how how)
{
	struct phone *p = k->c->p;

	if (how & HARDWARE) {
		p->has_hk = true;
		memset(p->hk, 0x17, sizeof(p->hk));
	}
	p->os = "iOS";
	scene_registered(k->c);
	if (how & BIOMETRIC) {
		k->method = FACE;
		site_advance(k->c->s, 1);
		assert_ok_reply(phone_am_start(p, "activate", FACE, PROPER));
		assert_ok_reply(phone_am_pin(p, "authorise", PIN, PROPER));
		assert_ok_reply(phone_am_finish(p, "DEVICE_PIN", FACE, PROPER));
		site_advance(k->c->s, 1);
	}
}

static struct kept *kept_of(struct site *s, enum how how)
{
	struct kept *k = xalloc(sizeof(*k));
	struct answer answer;

	k->c = scene_new(s);
	arena_init(&k->a);
	make_phone(k, how);
	sign(k, how);
	answer = ask(s->w, HTTP_GET, TEXT(s->w, BASE_PATH "/signatures/%s/evidence", k->c->operation), NULL);
	assert_status(answer, 200);
	k->bundle = answer.text;
	must(jwks_read(ask(s->w, HTTP_GET, JWKS, NULL).text, &s->f->arena, &k->keys));
	return k;
}

static struct kept *kept_new(struct site *s)
{
	return kept_of(s, BY_PIN);
}

static void kept_free(struct kept *k)
{
	if (k->iphone.key)
		iphone_free(&k->iphone);
	jwks_free(k->keys);
	arena_free(&k->a);
	scene_free(k->c);
	free(k);
}

static struct consent_trust trust_of(struct kept *k)
{
	return (struct consent_trust){ k->keys, k->iphone.key ? k->c->s->f->app.devices->attest_root : S("") };
}

static bool consent_holds(struct kept *k, struct slice bundle)
{
	struct consent_trust trust = trust_of(k);
	struct consent_verdict verdict;
	struct arena a;
	bool good;

	arena_init(&a);
	consent_verify(&trust, bundle, &a, &verdict);
	good = !verdict.fault.n;
	arena_free(&a);
	return good;
}

static void assert_verdict(struct kept *k, const char *keys, const char *attestation)
{
	struct consent_trust trust = trust_of(k);
	struct consent_verdict verdict;

	consent_verify(&trust, k->bundle, &k->a, &verdict);
	assert_string_equal(arena_cstr(&k->a, verdict.fault), "");
	assert_string_equal(arena_cstr(&k->a, verdict.keys), keys);
	assert_string_equal(arena_cstr(&k->a, verdict.attestation), attestation);
}

static bool export_holds(struct kept *k, struct slice export, struct slice checkpoint)
{
	struct audit_verdict verdict;
	struct arena a;
	bool good;

	arena_init(&a);
	audit_export_verify(k->keys, export, checkpoint, &a, &verdict);
	good = !verdict.fault.n;
	arena_free(&a);
	return good;
}

static uint8_t *copy_of(struct slice text)
{
	uint8_t *copy = malloc(text.n + 1);

	memcpy(copy, text.p, text.n);
	return copy;
}

static void bundle_holds(void **state)
{
	struct kept *k = kept_new(*state);

	assert_verdict(k, "dk", "");
	kept_free(k);
}

static void every_key_of_the_device(void **state)
{
	struct kept *k = kept_of(*state, HARDWARE | BIOMETRIC);

	assert_verdict(k, "dk,hk," FACE, "");
	kept_free(k);
}

static void attestations(void **state)
{
	static const struct {
		enum how how;
		const char *keys, *attestation;
	} rows[] = {
		{ ATTESTED, "dk", "attestation" },
		{ ATTESTED | HARDWARE | BIOMETRIC, "dk,hk," FACE, "attestation" },
		{ ASSERTED, "dk", "assertion" },
		{ ATTESTED_BEFORE, "dk", "attestation" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kept *k = kept_of(*state, rows[i].how);
		struct consent_trust apple = { k->keys, S("") };
		struct consent_verdict verdict;

		assert_verdict(k, rows[i].keys, rows[i].attestation);
		/* An assertion hangs on a key that was attested before; an attestation on the root itself. */
		consent_verify(&apple, k->bundle, &k->a, &verdict);
		assert_string_equal(arena_cstr(&k->a, verdict.fault),
			rows[i].how & ASSERTED ? "" : "the attestation does not vouch for the device's app");
		site_configure(*state, "{\"attestationIosAppAttestMode\":\"OFF\"}");
		kept_free(k);
	}
}

/* Each byte turned by one bit, which bit depending on the place, so that all of them have their turn. */
static void assert_any_byte(struct site *s, enum how how)
{
	struct kept *k = kept_of(s, how);
	uint8_t *copy = copy_of(k->bundle);

	assert_true(consent_holds(k, k->bundle));

	for (size_t i = 0; i < k->bundle.n; i++) {
		copy[i] ^= (uint8_t)(1u << (i + i / 7) % 8);
		if (consent_holds(k, slice_of(copy, k->bundle.n)))
			fail_msg("byte %zu of %zu: %.20s", i, k->bundle.n, (const char *)k->bundle.p + i);
		copy[i] = k->bundle.p[i];
	}
	assert_true(consent_holds(k, slice_of(copy, k->bundle.n)));
	free(copy);
	kept_free(k);
}

static void any_byte_of_a_bundle(void **state)
{
	assert_any_byte(*state, BY_PIN);
}

static void any_byte_of_a_bundle_with_every_key_and_an_attestation(void **state)
{
	assert_any_byte(*state, HARDWARE | BIOMETRIC | ATTESTED);
}

static void a_byte_less_or_more(void **state)
{
	struct kept *k = kept_new(*state);
	uint8_t *copy = copy_of(k->bundle);

	for (size_t i = 0; i < k->bundle.n; i += 5) {
		memcpy(copy, k->bundle.p, i);
		memcpy(copy + i, k->bundle.p + i + 1, k->bundle.n - i - 1);
		assert_false(consent_holds(k, slice_of(copy, k->bundle.n - 1)));
		memcpy(copy + i + 1, k->bundle.p + i, k->bundle.n - i);
		copy[i] = ' ';
		assert_false(consent_holds(k, slice_of(copy, k->bundle.n + 1)));
	}
	free(copy);
	kept_free(k);
}

static struct slice checkpoint_of(struct kept *k, int64_t *ret_size)
{
	struct answer answer = ask(k->c->s->w, HTTP_GET, "/audit/checkpoints?limit=1", NULL);

	assert_status(answer, 200);
	*ret_size = json_integer_value(member(answer, "data.0.size"));
	return slice_text(text_of(answer, "data.0.checkpoint"));
}

static void any_byte_of_an_export_and_of_its_checkpoint(void **state)
{
	struct kept *k = kept_new(*state);
	int64_t size;
	struct slice checkpoint = checkpoint_of(k, &size);
	struct slice export = ask(k->c->s->w, HTTP_GET, TEXT(k->c->s->w, "/audit/export?size=%lld", (long long)size), NULL).text;
	uint8_t *copy = copy_of(export), *token = copy_of(checkpoint);

	assert_true(export_holds(k, export, checkpoint));
	for (size_t i = 0; i < export.n; i++) {
		copy[i] ^= (uint8_t)(1u << (i + i / 7) % 8);
		if (export_holds(k, slice_of(copy, export.n), checkpoint))
			fail_msg("byte %zu of %zu: %.20s", i, export.n, (const char *)export.p + i);
		copy[i] = export.p[i];
	}
	for (size_t i = 0; i < checkpoint.n; i++) {
		token[i] ^= (uint8_t)(1u << (i + i / 7) % 8);
		assert_false(export_holds(k, export, slice_of(token, checkpoint.n)));
		token[i] = checkpoint.p[i];
	}
	free(copy);
	free(token);
	kept_free(k);
}

/* With the setting, the PIN's part rides along, and is checked too. */
static void with_the_pin(void **state)
{
	struct site *s = *state;
	struct kept *k = kept_new(s);
	struct slice bundle;

	assert_null(memmem(k->bundle.p, k->bundle.n, "\"pin\":{", 7));
	s->f->settings.evidence_with_pin = true;
	bundle = ask(s->w, HTTP_GET, TEXT(s->w, BASE_PATH "/signatures/%s/evidence", k->c->operation), NULL).text;
	s->f->settings.evidence_with_pin = false;
	assert_non_null(memmem(bundle.p, bundle.n, "\"pin\":{", 7));
	assert_true(consent_holds(k, bundle));
	kept_free(k);
}

/* Keys of another service prove nothing. */
static void other_keys(void **state)
{
	struct kept *k = kept_new(*state);
	struct fixture_options options = { .seed = 4711 };
	struct world *w = world_new(&options, NULL, 0);
	struct jwks *own = k->keys;

	must(jwks_read(ask(w, HTTP_GET, JWKS, NULL).text, &w->f->arena, &k->keys));
	assert_false(consent_holds(k, k->bundle));
	jwks_free(k->keys);
	k->keys = own;
	world_free(w);
	kept_free(k);
}

static void gone_with_the_user(void **state)
{
	struct site *s = *state;
	struct kept *k = kept_new(s);

	assert_status(ask(s->w, HTTP_PATCH, TEXT(s->w, "/reuseid/core/users/%s", k->c->user), "{\"state\":\"LOCKED\"}"), 200);
	assert_status(ask(s->w, HTTP_DELETE, TEXT(s->w, "/reuseid/core/users/%s", k->c->user), NULL), 204);
	assert_problem(ask(s->w, HTTP_GET, TEXT(s->w, BASE_PATH "/signatures/%s/evidence", k->c->operation), NULL), 404, "evidence_does_not_exist");
	assert_true(consent_holds(k, k->bundle)); /* the one that was exported is the customer's */
	kept_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(bundle_holds),
		SITE_TEST(every_key_of_the_device),
		SITE_TEST(attestations),
		SITE_TEST(any_byte_of_a_bundle),
		SITE_TEST(any_byte_of_a_bundle_with_every_key_and_an_attestation),
		SITE_TEST(a_byte_less_or_more),
		SITE_TEST(any_byte_of_an_export_and_of_its_checkpoint),
		SITE_TEST(with_the_pin),
		SITE_TEST(other_keys),
		SITE_TEST(gone_with_the_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/webauthn/samples.h"

#include "codec/encode.h"
#include "base/buf.h"

static struct slice decoded(struct samples *s, json_t *object, const char *name)
{
	struct slice bytes;

	assert_ok(b64url_read(&s->arena, slice_text(vector_text(object, name)), &bytes));
	return bytes;
}

struct samples *samples_load(void)
{
	struct samples *s = xalloc(sizeof(*s));

	arena_init(&s->arena);
	s->file = vectors_load("w3c-webauthn-l3.json");
	s->rp_id = slice_text(vector_text(s->file, "rpId"));
	s->origin = slice_text(vector_text(s->file, "origin"));
	s->top_origin = slice_text(vector_text(s->file, "topOrigin"));
	s->root = decoded(s, s->file, "attestation_ca_cert");
	return s;
}

void samples_free(struct samples *s)
{
	json_decref(s->file);
	arena_free(&s->arena);
	free(s);
}

size_t sample_count(const struct samples *s)
{
	return json_array_size(json_object_get(s->file, "vectors"));
}

struct sample sample_at(struct samples *s, size_t i)
{
	json_t *vector = json_array_get(vector_member(s->file, "vectors"), i);
	json_t *made = vector_member(vector, "registration"), *got = vector_member(vector, "authentication");
	json_t *attested = vector_member(vector_member(made, "credential"), "response");
	json_t *asserted = vector_member(vector_member(got, "credential"), "response");

	return (struct sample){
		.id = vector_text(vector, "id"),
		.challenge = decoded(s, made, "challenge"),
		.get_challenge = decoded(s, got, "challenge"),
		.made = { decoded(s, vector_member(made, "credential"), "rawId"), decoded(s, attested, "clientDataJSON"),
			decoded(s, attested, "attestationObject") },
		/* The vectors have no user handle; one stands in for it. */
		.got = { decoded(s, asserted, "clientDataJSON"), decoded(s, asserted, "authenticatorData"), decoded(s, asserted, "signature"),
			S("user") },
	};
}

struct sample sample_named(struct samples *s, const char *id)
{
	for (size_t i = 0; i < sample_count(s); i++) {
		struct sample sample = sample_at(s, i);

		if (strcmp(sample.id, id) == 0)
			return sample;
	}
	fail_msg("no vector %s", id);
	return (struct sample){ 0 };
}

static struct webauthn_ceremony ceremony(struct samples *s, struct slice challenge)
{
	return (struct webauthn_ceremony){ challenge, s->rp_id, &s->origin, 1, &s->top_origin, 1, false };
}

struct webauthn_policy sample_policy(const struct sample *sample)
{
	return (struct webauthn_policy){ .now = SAMPLES_NOW_MS, .lenient = {
		.u2f_aaguid = strcmp(sample->id, "fido-u2f-es256") == 0,
		.tpm_vendor = strcmp(sample->id, "tpm-es256") == 0,
		.android_lists = strcmp(sample->id, "android-key-es256") == 0,
	} };
}

enum webauthn_fault sample_register(struct samples *s, const struct sample *sample, const struct webauthn_policy *policy,
	struct webauthn_credential *ret)
{
	struct webauthn_ceremony c = ceremony(s, sample->challenge);
	struct webauthn_credential credential;
	enum webauthn_fault fault;
	struct error e = webauthn_register(&c, policy, &sample->made, &s->arena, ret ? ret : &credential, &fault);

	assert_int_equal(failed(e), fault != WEBAUTHN_OK);
	return fault;
}

enum webauthn_fault sample_authenticate(struct samples *s, const struct sample *sample, const struct webauthn_credential *credential)
{
	struct webauthn_ceremony c = ceremony(s, sample->get_challenge);
	struct webauthn_known known = { credential->cose_key, S("user"), credential->sign_count, credential->backup_eligible };
	enum webauthn_fault fault;
	struct webauthn_proof proof;
	struct error e = webauthn_authenticate(&c, &known, &sample->got, &s->arena, &proof, &fault);

	assert_int_equal(failed(e), fault != WEBAUTHN_OK);
	return fault;
}

struct slice replaced(struct samples *s, struct slice in, struct slice from, struct slice to)
{
	const uint8_t *at = memmem(in.p, in.n, from.p, from.n);
	struct buf b = buf_arena(&s->arena, in.n + to.n + 1);

	if (!at)
		fail_msg("%.*s is not there", FMT(from));
	buf_add(&b, in.p, (size_t)(at - in.p));
	buf_slice(&b, to);
	buf_add(&b, at + from.n, in.n - (size_t)(at - in.p) - from.n);
	return buf_bytes(&b);
}

/*
 * The evidence of a consent signature, checked with nothing but the bundle and the published keys:
 *   the service's JWT; the device's signatures over the start, and over the finish with everything that was said in between (3); what
 *   its platform said of the app, if it did (6.6); that what the JWT says was approved is what the start showed; that the audit log
 *   names this evidence; that the record stands in the log of the checkpoint, and that this log goes on from the one of the moment of
 *   signing.
 */
#include "attest/evidence.h"
#include "audit/audit.h"
#include "codec/encode.h"
#include "device/internal.h"
#include "jose/jwks.h"

enum { BUNDLE_DEPTH_MAX = 8, INNER_DEPTH_MAX = 8, TEXT_BYTES_MAX = 8 * 1024 * 1024 };

struct bundle {
	const struct consent_trust *trust;
	struct arena *a;
	json_t *json, *pin, *claims, *start_answer, *start_request, *finish;
	struct slice evidence_text;
	uint8_t dk[POINT_BYTES], th_start[SHA256_BYTES];
	struct slice fault, attestation, keys;
};

static json_t *member(struct bundle *b, const char *name)
{
	return json_object_get(b->json, name);
}

static struct slice text(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_string(value) ? json_text(value) : S("");
}

static bool says(struct bundle *b, bool good, const char *fault)
{
	if (!good && !b->fault.n)
		b->fault = slice_text(fault);
	return good;
}

static json_t *parse(struct bundle *b, struct slice json)
{
	json_t *value = NULL;
	struct slice why;

	return failed(json_read(json, JSON_UNIQUE, INNER_DEPTH_MAX, b->a, &value, &why)) ? NULL : value;
}

/* The very text that the service wrote, with these members in this order and no others. */
static bool check_form(struct bundle *b, struct slice bundle)
{
	static const char *const names[] = { "v", "signature", "evidence", "record", "proof", "checkpoint", "consistency" };
	struct buf again = buf_arena(b->a, bundle.n + 64), evidence = buf_arena(b->a, bundle.n + 64);
	struct slice why;

	if (!says(b, !failed(json_read(bundle, JSON_UNIQUE, BUNDLE_DEPTH_MAX, b->a, &b->json, &why)), "the bundle is no JSON"))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		says(b, member(b, names[i]) != NULL, "the bundle is not complete");
	if (b->fault.n)
		return false;
	json_write_value(&again, b->json);
	/* What tests a PIN rides along on demand only; the log does not name it, its own signature proves it. */
	b->pin = json_incref(json_object_get(member(b, "evidence"), "pin"));
	json_object_del(member(b, "evidence"), "pin");
	json_write_value(&evidence, member(b, "evidence"));
	b->evidence_text = buf_bytes(&evidence);
	return says(b, slice_eq(buf_bytes(&again), bundle) && json_object_size(b->json) == sizeof(names) / sizeof(names[0]) &&
		json_integer_value(member(b, "v")) == 1, "the bundle is not as the service wrote it");
}

static bool check_jwt(struct bundle *b)
{
	struct slice payload;

	if (!says(b, !failed(jwks_open(b->trust->keys, text(b->json, "signature"), "JWT", b->a, &payload)),
		"the service's JWT is not signed by one of the keys"))
		return false;
	b->claims = parse(b, payload);
	return says(b, b->claims != NULL, "the service's JWT cannot be read");
}

/* ---- the device's signatures ---- */

static bool bytes_of(struct bundle *b, const json_t *object, const char *name, struct slice *ret)
{
	return json_is_string(json_object_get(object, name)) && !failed(b64url_read(b->a, text(object, name), ret));
}

static bool point_of(struct bundle *b, const json_t *keys, const char *name, uint8_t ret[static POINT_BYTES])
{
	struct slice bytes;

	if (!bytes_of(b, keys, name, &bytes) || bytes.n != POINT_BYTES)
		return false;
	memcpy(ret, bytes.p, POINT_BYTES);
	return true;
}

static enum auth_method method_of(const char *name)
{
	return (enum auth_method)enum_find(&auth_method_enum, slice_text(name), false);
}

static bool is_signed(const struct transcript *t, enum signature_kind kind, const struct plaintext *p, const uint8_t *key)
{
	return !failed(transcript_verify(t, kind, p->json, slice_of(key, POINT_BYTES), plaintext_signature(p, kind)));
}

static bool advance(struct bundle *b, struct transcript *t, const json_t *pair)
{
	struct slice request, answer;

	if (!bytes_of(b, pair, "request", &request) || !bytes_of(b, pair, "answer", &answer) || request.n != SHA256_BYTES ||
		answer.n != SHA256_BYTES)
		return false;
	transcript_advance_hashed(t, request.p, answer.p);
	return true;
}

/* Whose signatures the finish may carry; a PIN's stands apart. */
static const char *key_name(enum signature_kind kind, const char *method)
{
	switch (kind) {
	case SIG_DEVICE:
		return "dk";
	case SIG_HARDWARE:
		return "hk";
	case SIG_BIOMETRIC:
		return method;
	default:
		return NULL;
	}
}

/* Every signature that the finish carries has to be good, and the device's own has to be there. */
static bool check_finish(struct bundle *b, const struct transcript *t, const struct plaintext *p, const json_t *keys)
{
	const char *method = json_string_value(json_object_get(b->finish, "m"));
	uint8_t key[POINT_BYTES];

	for (size_t i = 0; i < p->n; i++) {
		enum signature_kind kind = (enum signature_kind)p->signatures[i].kind;
		const char *name = key_name(kind, method);

		if (!name || !point_of(b, keys, name, key) || !is_signed(t, kind, p, key))
			return false;
		b->keys = arena_printf(b->a, "%.*s%s%s", FMT(b->keys), b->keys.n ? "," : "", name);
	}
	/* A biometric method proves itself by its key alone; a PIN by what is kept apart. */
	return plaintext_signature(p, SIG_DEVICE).n != 0 &&
	       (plaintext_signature(p, SIG_BIOMETRIC).n != 0) == (method && auth_method_is_biometric(method_of(method)));
}

static bool check_start(struct bundle *b, const json_t *evidence, struct transcript *t)
{
	const json_t *start = json_object_get(evidence, "start");
	struct slice request, answer;
	struct plaintext p;

	if (!bytes_of(b, start, "request", &request) || !bytes_of(b, start, "answer", &answer) || failed(plaintext_read(request, &p)) ||
		!point_of(b, json_object_get(evidence, "keys"), "dk", b->dk) || !is_signed(t, SIG_DEVICE, &p, b->dk))
		return false;
	b->start_request = parse(b, p.json);
	b->start_answer = parse(b, answer);
	transcript_advance(t, request, answer);
	memcpy(b->th_start, t->th, sizeof(b->th_start));
	return b->start_request && b->start_answer;
}

static bool check_pin(struct bundle *b, const struct transcript *t, const struct plaintext *p)
{
	struct slice signature;
	uint8_t key[POINT_BYTES];

	if (!b->pin)
		return true;
	return json_object_size(b->pin) == 2 && point_of(b, b->pin, "key", key) && bytes_of(b, b->pin, "signature", &signature) &&
		!failed(transcript_verify(t, SIG_PIN, p->json, slice_of(key, POINT_BYTES), signature));
}

/* It vouches for this session and these keys of the device, or for nothing. */
static bool check_attestation(struct bundle *b, const json_t *evidence)
{
	const json_t *keys = json_object_get(evidence, "keys");
	json_t *attestation = json_object_get(evidence, "attestation");
	uint8_t binding[SHA256_BYTES], hk[POINT_BYTES];
	bool has_hk = json_object_get(keys, "hk") != NULL;

	if (!attestation)
		return true;
	if (has_hk && !point_of(b, keys, "hk", hk))
		return false;
	attest_binding(b->th_start, b->dk, has_hk ? hk : NULL, binding);
	b->attestation = text(attestation, "kind");
	return !failed(attest_evidence_verify(attestation, binding, b->trust->app_attest_root, b->a));
}

static bool check_device(struct bundle *b)
{
	const json_t *evidence = member(b, "evidence"), *pair;
	struct transcript t = transcript_start(text(evidence, "applicationId"));
	struct slice finish;
	struct plaintext p;
	size_t i;

	if (!says(b, check_start(b, evidence, &t), "the device's key did not sign the start"))
		return false;
	json_array_foreach(json_object_get(evidence, "between"), i, pair)
		if (!says(b, advance(b, &t, pair), "the exchanges in between cannot be read"))
			return false;
	if (!says(b, bytes_of(b, evidence, "finish", &finish) && !failed(plaintext_read(finish, &p)), "the finish cannot be read"))
		return false;
	b->finish = parse(b, p.json);
	if (!says(b, check_pin(b, &t, &p), "the PIN's key did not sign the finish") ||
		!says(b, check_attestation(b, evidence), "the attestation does not vouch for the device's app"))
		return false;
	return says(b, b->finish && check_finish(b, &t, &p, json_object_get(evidence, "keys")),
		"the device's keys did not sign the finish of what was shown");
}

/* ---- that all of it is about one and the same ---- */

static bool same_text(const json_t *one, const char *name, const json_t *other, const char *other_name)
{
	return slice_eq(text(one, name), text(other, other_name));
}

/* The title, the media type and the content, as they were shown. */
static bool check_shown(struct bundle *b)
{
	const json_t *claimed = json_object_get(b->claims, "preOperationContext"), *shown = json_object_get(b->start_answer, "ctx");
	struct slice content = S("");

	if (!claimed || !shown)
		return !claimed && !shown;
	if (json_object_get(shown, "b64") && !bytes_of(b, shown, "b64", &content))
		return false;
	return slice_eq(text(claimed, "content"), content) && same_text(claimed, "title", shown, "title") &&
		same_text(claimed, "mimeType", shown, "mime");
}

static bool check_parties(struct bundle *b)
{
	const json_t *record = member(b, "record"), *claims = b->claims;

	return same_text(claims, "transactionId", record, "referenceId") && same_text(claims, "accountId", record, "accountId") &&
		same_text(json_object_get(claims, "user"), "id", record, "userId") && same_text(claims, "completed", record, "timestamp") &&
		same_text(json_object_get(claims, "device"), "id", b->start_request, "reg") && same_text(claims, "authMethod", b->finish, "m") &&
		slice_is(text(claims, "type"), "SIGNATURE") && slice_is(text(b->start_answer, "op"), "SIGNING") &&
		slice_is(text(record, "eventType"), fact_info(FACT_SIGNATURE_COMPLETED)->type);
}

static bool check_named(struct bundle *b)
{
	struct slice named;
	uint8_t hash[SHA256_BYTES];

	sha256(b->evidence_text, hash);
	return bytes_of(b, json_object_get(member(b, "record"), "data"), "evidence", &named) &&
		slice_eq(named, slice_of(hash, sizeof(hash)));
}

static void check_log(struct bundle *b)
{
	struct audit_proof proof = {
		.record = member(b, "record"),
		.proof = member(b, "proof"),
		.consistency = member(b, "consistency"),
		.checkpoint = text(b->json, "checkpoint"),
		.earlier = text(member(b, "evidence"), "checkpoint"),
	};
	struct slice fault = audit_proof_fault(b->trust->keys, &proof, b->a);

	if (fault.n && !b->fault.n)
		b->fault = fault;
}

static void check(struct bundle *b, struct slice bundle, struct consent_verdict *ret)
{
	struct buf claims = buf_arena(b->a, TEXT_BYTES_MAX);

	if (!check_form(b, bundle) || !check_jwt(b) || !check_device(b))
		return;
	says(b, check_named(b), "the audit record names other evidence");
	says(b, check_shown(b), "the JWT says that something else was shown");
	says(b, check_parties(b), "the JWT, the evidence and the audit record are not about the same signature");
	check_log(b);
	json_write_value(&claims, b->claims);
	ret->claims = buf_bytes(&claims);
	ret->attestation = arena_copy(b->a, b->attestation);
	ret->keys = b->keys;
}

void consent_verify(const struct consent_trust *trust, struct slice bundle, struct arena *a, struct consent_verdict *ret)
{
	struct bundle b = { .trust = trust, .a = a };

	*ret = (struct consent_verdict){ .claims = S("{}") };
	check(&b, bundle, ret);
	ret->fault = b.fault;
	json_decref(b.json);
	json_decref(b.pin);
	json_decref(b.claims);
	json_decref(b.start_answer);
	json_decref(b.start_request);
	json_decref(b.finish);
}

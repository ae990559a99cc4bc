#include "tests/unit/device/phone.h"

#include <stdlib.h>

#include "codec/encode.h"

struct phone *phone_new(struct site *s)
{
	struct phone *p = xalloc(sizeof(*p));
	struct slice der;

	arena_init(&p->arena);
	p->f = s->f;
	p->run = api_run;
	p->kept = json_array();
	p->device_hash = DEVICE_HASH;
	p256_generate(p->f->app.env, p->biometric, (uint8_t[POINT_BYTES]){ 0 });
	p256_generate(p->f->app.env, p->rk, (uint8_t[POINT_BYTES]){ 0 });
	env_random(p->f->app.env, p->recovery_ds, sizeof(p->recovery_ds));
	p->peer = "192.0.2.7";
	p->sdk = "4.0.0";
	p->os = "Android";
	memcpy(p->application, s->configuration.application_id, sizeof(p->application));
	must(b64_read(&p->arena, slice_text(s->configuration.public_key), &der));
	must(x25519_spki_read(der, p->server_key));
	p256_generate(p->f->app.env, p->dk, p->dk_public);
	p256_generate(p->f->app.env, p->stranger, (uint8_t[POINT_BYTES]){ 0 });
	env_random(p->f->app.env, p->ds, sizeof(p->ds));
	return p;
}

struct phone *phone_copy(const struct phone *p)
{
	struct phone *copy = xalloc(sizeof(*copy));

	*copy = *p;
	arena_init(&copy->arena);
	copy->kept = json_array();
	return copy;
}

void phone_free(struct phone *p)
{
	json_decref(p->kept);
	arena_free(&p->arena);
	free(p);
}

/* ---- parts ---- */

static const char *text64(struct phone *p, const void *bytes, size_t n)
{
	return arena_cstr(&p->arena, b64url(&p->arena, slice_of(bytes, n)));
}

static const uint8_t *device_key(const struct phone *p, enum twist twist)
{
	return twist & BAD_DK ? p->stranger : p->dk;
}

static void inside(struct phone *p, struct draft *d, const char *type, const char *members, enum twist twist)
{
	int64_t step = p->step;

	p->step += twist & WRONG_STEP ? 1 : 0;
	draft_inside(p, d, type, "%s", members);
	p->step = step;
	if (twist & BAD_JSON)
		d->plaintext.json.n--;
	if (twist & EXTRA_SIGNATURE)
		draft_sign(p, d, SIG_NEW_RECOVERY, p->stranger);
}

/* The version as it was; for this message the phone may call itself older than the server takes. */
static const char *used_sdk(struct phone *p, enum twist twist)
{
	const char *usual = p->sdk;

	if (twist & OLD_SDK)
		p->sdk = "0.9.9";
	return usual;
}

/* What a finish brings along besides what it is about. */
static const char *brought(struct phone *p)
{
	struct buf b = buf_arena(&p->arena, 64 * 1024);

	if (p->match)
		buf_printf(&b, ",\"match\":\"%s\"", p->match);
	if (p->purposes)
		buf_printf(&b, ",\"tokenPurposes\":%s", p->purposes);
	if (p->risk)
		buf_printf(&b, ",\"riskData\":%s", p->risk);
	if (p->attest)
		buf_printf(&b, ",\"attest\":%s", p->attest);
	buf_printf(&b, "%s", face_member(p));
	buf_byte(&b, 0);
	return (const char *)buf_bytes(&b).p;
}

static bool is_face(const char *method)
{
	return strcmp(method, "DEVICE_SERVER_SIDE_FACE") == 0;
}

static const char *public64(struct phone *p, const uint8_t *private_key)
{
	uint8_t public_key[POINT_BYTES];

	must(p256_public(private_key, public_key));
	return text64(p, public_key, sizeof(public_key));
}

static bool is_biometric(const char *method)
{
	return strcmp(method, "DEVICE") != 0 && strcmp(method, "DEVICE_PIN") != 0;
}

/* ---- registration ---- */

struct reply phone_act_start(struct phone *p, const char *code, enum twist twist)
{
	const char *sdk = used_sdk(p, twist);
	struct draft d;
	struct reply r;

	draft_outside(p, &d, "act.start", ",\"code\":\"%s\",\"deviceHash\":\"%s\",\"dk\":\"%s\"", code, p->device_hash,
		text64(p, p->dk_public, POINT_BYTES));
	draft_sign(p, &d, SIG_NEW_DEVICE, device_key(p, twist));
	if (twist & EXTRA_SIGNATURE)
		draft_sign(p, &d, SIG_DEVICE, p->dk);
	r = draft_send(p, &d);
	p->sdk = sdk;
	if (r.ok) {
		must(uuid_parse(slice_text(reply_text(&r, "reg")), &p->reg));
		reply_bytes(p, &r, "cid", p->cid, sizeof(p->cid));
		snprintf(p->salt_key, sizeof(p->salt_key), "%s", reply_text(&r, "saltKeyId"));
	}
	return r;
}

struct pin_question {
	const char *type, *use; /* use NULL: the message has none */
	const uint8_t *cid;
	const char *salt_key;
};

/* x.pin: the blinded PIN there, the evaluation back, the PIN key out of it; and a second one under a newer salt key. */
static struct reply ask_pin(struct phone *p, const struct pin_question *q, const char *pin, enum twist twist)
{
	struct pin_id id = pin_id_of(&p->reg, q->cid);
	uint8_t input[SHA256_BYTES], blind[P256_SCALAR_BYTES], blinded[P256_POINT_BYTES], evaluated[P256_POINT_BYTES];
	const char *sdk = used_sdk(p, twist);
	const char *use = q->use ? (const char *)arena_printf(&p->arena, ",\"use\":\"%s\"", q->use).p : "";
	struct draft d;
	struct reply r;

	must(pin_blind(p->f->app.env, &id, p->ds, slice_text(pin), input, blind, blinded));
	if (twist & NOT_A_POINT)
		memset(blinded + 1, 0xff, sizeof(blinded) - 1);
	inside(p, &d, q->type,
		arena_cstr(&p->arena, arena_printf(&p->arena, "%s,\"b\":\"%s\",\"skid\":\"%s\"", use, text64(p, blinded, sizeof(blinded)),
			twist & WRONG_SALT_KEY ? "s-0000000000000000" : q->salt_key)), twist);
	r = draft_send(p, &d);
	p->sdk = sdk;
	if (r.ok) {
		reply_bytes(p, &r, "e", evaluated, sizeof(evaluated));
		must(pin_key(&id, input, blind, slice_of(evaluated, sizeof(evaluated)), p->pin_key));
	}
	if (r.ok && json_object_get(r.json, "e2")) {
		reply_bytes(p, &r, "e2", evaluated, sizeof(evaluated));
		must(pin_key(&id, input, blind, slice_of(evaluated, sizeof(evaluated)), p->rotated_key));
	}
	return r;
}

struct reply phone_act_pin(struct phone *p, const char *pin, enum twist twist)
{
	return ask_pin(p, &(struct pin_question){ "act.pin", NULL, p->cid, p->salt_key }, pin, twist);
}

struct reply phone_act_finish(struct phone *p, enum twist twist)
{
	uint8_t pin_public[POINT_BYTES] = { 0 };
	const char *sdk = used_sdk(p, twist), *pin = "", *hk = "";
	struct draft d;
	struct reply r;

	if (p->has_hk)
		hk = (const char *)arena_printf(&p->arena, ",\"hk\":\"%s\",\"hwKeyClientStatus\":\"OK_KEY_PROVIDED\"", public64(p, p->hk)).p;
	if (!(twist & WITHOUT_PIN)) {
		must(p256_public(p->pin_key, pin_public));
		pin = (const char *)arena_printf(&p->arena, ",{\"m\":\"DEVICE_PIN\",\"pub\":\"%s\"}", text64(p, pin_public, sizeof(pin_public))).p;
	}
	inside(p, &d, "act.finish", (const char *)arena_printf(&p->arena, ",\"methods\":[{\"m\":\"DEVICE\"}%s%s],\"deviceName\":\"From the phone\","
		"\"riskData\":{\"deviceModel\":\"Nexus S\"}%s%s%s%s", pin, p->scan ? ",{\"m\":\"DEVICE_SERVER_SIDE_FACE\"}" : "", hk,
		face_member(p), p->purposes ? ",\"tokenPurposes\":" : "", p->purposes ? p->purposes : "").p, twist);
	draft_sign(p, &d, SIG_NEW_DEVICE, device_key(p, twist));
	if (p->has_hk)
		draft_sign(p, &d, SIG_NEW_HARDWARE, p->hk);
	if (!(twist & (WITHOUT_PIN | MISSING_SIGNATURE)))
		draft_sign(p, &d, SIG_NEW_PIN, twist & BAD_SECOND ? p->stranger : p->pin_key);
	r = draft_send(p, &d);
	p->sdk = sdk;
	if (r.ok)
		p->ticket = reply_text(&r, "ticket");
	return r;
}

void phone_register(struct phone *p, struct site *s, const char *user, const char *pin)
{
	struct answer started = start_registration(s, user, pin ? "" : ",\"operationProperties\":{\"authLevel\":\"ONE_FACTOR\"}");

	assert_status(started, 200);
	assert_ok_reply(phone_act_start(p, text_of(started, "operationProperties.activationCode"), PROPER));
	if (pin)
		assert_ok_reply(phone_act_pin(p, pin, PROPER));
	assert_ok_reply(phone_act_finish(p, pin ? PROPER : WITHOUT_PIN));
}

/* ---- authentication and signature ---- */

struct reply phone_ses_start(struct phone *p, enum twist twist)
{
	const char *sdk = used_sdk(p, twist), *ticket = "";
	struct draft d;
	struct reply r;

	if (p->ticket && !(twist & NO_TICKET))
		ticket = (const char *)arena_printf(&p->arena, ",\"ticket\":\"%s\"", p->ticket).p;
	draft_outside(p, &d, "ses.start", ",\"purpose\":\"any\"%s", ticket);
	draft_sign(p, &d, SIG_DEVICE, device_key(p, twist));
	if (twist & EXTRA_SIGNATURE)
		draft_sign(p, &d, SIG_HARDWARE, p->stranger);
	r = draft_send(p, &d);
	p->sdk = sdk;
	p->new_salt_key[0] = 0;
	if (r.ok && json_object_get(r.json, "newSaltKeyId"))
		snprintf(p->new_salt_key, sizeof(p->new_salt_key), "%s", reply_text(&r, "newSaltKeyId"));
	return r;
}

struct reply phone_ses_pin(struct phone *p, const char *pin, enum twist twist)
{
	return ask_pin(p, &(struct pin_question){ "ses.pin", NULL, p->cid, p->salt_key }, pin, twist);
}

/* The signatures of an approval: the device's, and the second factor's of the method. */
static void sign_approval(struct phone *p, struct draft *d, const char *method, enum twist twist)
{
	draft_sign(p, d, SIG_DEVICE, device_key(p, twist));
	if (p->has_hk && !(twist & NO_HARDWARE))
		draft_sign(p, d, SIG_HARDWARE, twist & BAD_HARDWARE ? p->stranger : p->hk);
	if (strcmp(method, "DEVICE") == 0 || is_face(method) || twist & MISSING_SIGNATURE)
		return;
	if (is_biometric(method))
		draft_sign(p, d, SIG_BIOMETRIC, twist & BAD_SECOND ? p->stranger : p->biometric);
	else
		draft_sign(p, d, SIG_PIN, twist & BAD_SECOND ? p->stranger : p->pin_key);
}

static const char *challenge_of(struct phone *p, enum twist twist)
{
	return twist & BAD_CHALLENGE ? text64(p, p->stranger, CHALLENGE_BYTES) : p->challenge;
}

struct reply phone_ses_finish(struct phone *p, const char *method, enum twist twist)
{
	const char *sdk = used_sdk(p, twist), *rot = "";
	struct draft d;
	struct reply r;

	if (p->rotate)
		rot = (const char *)arena_printf(&p->arena, ",\"rot\":{\"pkPin\":\"%s\"}", public64(p, p->rotated_key)).p;
	inside(p, &d, "ses.finish", (const char *)arena_printf(&p->arena, ",\"m\":\"%s\",\"chal\":\"%s\"%s%s", method, challenge_of(p, twist), rot,
		brought(p)).p, twist);
	sign_approval(p, &d, method, twist);
	if (p->rotate)
		draft_sign(p, &d, SIG_NEW_PIN, p->rotated_key);
	r = draft_send(p, &d);
	p->sdk = sdk;
	if (r.ok)
		p->ticket = reply_text(&r, "ticket");
	return r;
}

struct reply phone_ses_cancel(struct phone *p, enum twist twist)
{
	struct draft d;

	inside(p, &d, "ses.cancel", "", twist);
	return draft_send(p, &d);
}

struct reply phone_approve(struct phone *p, const char *pin)
{
	assert_ok_reply(phone_ses_start(p, PROPER));
	assert_ok_reply(phone_ses_pin(p, pin, PROPER));
	return phone_ses_finish(p, "DEVICE_PIN", PROPER);
}

/* ---- the rest ---- */

static struct reply signed_outside(struct phone *p, const char *type, const char *members, enum twist twist)
{
	const char *sdk = used_sdk(p, twist);
	struct draft d;
	struct reply r;

	draft_outside(p, &d, type, "%s", members);
	draft_sign(p, &d, SIG_DEVICE, device_key(p, twist));
	r = draft_send(p, &d);
	p->sdk = sdk;
	return r;
}

struct reply phone_ses_wait(struct phone *p, int64_t ms, enum twist twist)
{
	return signed_outside(p, "ses.wait", (const char *)arena_printf(&p->arena, ",\"waitMs\":%lld", (long long)ms).p, twist);
}

struct reply phone_deactivate(struct phone *p, enum twist twist)
{
	return signed_outside(p, "reg.deactivate", "", twist);
}

struct reply phone_cfg_get(struct phone *p)
{
	struct draft d;

	draft_outside(p, &d, "cfg.get", "%s", "");
	return draft_send(p, &d);
}

/* ---- methods ---- */

struct reply phone_am_start(struct phone *p, const char *purpose, const char *method, enum twist twist)
{
	const char *ticket = "";
	struct draft d;
	struct reply r;

	if (p->ticket && !(twist & NO_TICKET))
		ticket = (const char *)arena_printf(&p->arena, ",\"ticket\":\"%s\"", p->ticket).p;
	draft_outside(p, &d, "am.start", ",\"purpose\":\"%s\",\"m\":\"%s\"%s", purpose, method, ticket);
	draft_sign(p, &d, SIG_DEVICE, device_key(p, twist));
	r = draft_send(p, &d);
	p->new_salt_key[0] = 0;
	if (r.ok && json_object_get(r.json, "newCid")) {
		reply_bytes(p, &r, "newCid", p->new_cid, sizeof(p->new_cid));
		snprintf(p->new_salt_key, sizeof(p->new_salt_key), "%s", reply_text(&r, "newSaltKeyId"));
	}
	return r;
}

struct reply phone_am_pin(struct phone *p, const char *use, const char *pin, enum twist twist)
{
	bool fresh = strcmp(use, "new") == 0;
	uint8_t active[P256_SCALAR_BYTES];
	struct reply r;

	if (!fresh)
		return ask_pin(p, &(struct pin_question){ "am.pin", use, p->cid, p->salt_key }, pin, twist);
	memcpy(active, p->pin_key, sizeof(active));
	r = ask_pin(p, &(struct pin_question){ "am.pin", use, p->new_cid, p->new_salt_key }, pin, twist);
	memcpy(p->rotated_key, p->pin_key, sizeof(p->rotated_key));
	memcpy(p->pin_key, active, sizeof(active));
	return r;
}

struct reply phone_am_finish(struct phone *p, const char *method, const char *fresh, enum twist twist)
{
	const uint8_t *key = fresh && is_biometric(fresh) ? p->biometric : p->rotated_key;
	const char *new = "";
	struct draft d;
	struct reply r;

	if (fresh && is_face(fresh))
		new = ",\"new\":{\"m\":\"DEVICE_SERVER_SIDE_FACE\"}";
	else if (fresh)
		new = (const char *)arena_printf(&p->arena, ",\"new\":{\"m\":\"%s\",\"pub\":\"%s\"}", fresh, public64(p, key)).p;
	inside(p, &d, "am.finish", (const char *)arena_printf(&p->arena, ",\"m\":\"%s\",\"chal\":\"%s\"%s%s", method, challenge_of(p, twist), new,
		brought(p)).p, twist);
	sign_approval(p, &d, method, twist);
	if (fresh && !is_face(fresh))
		draft_sign(p, &d, is_biometric(fresh) ? SIG_NEW_BIOMETRIC : SIG_NEW_PIN, twist & BAD_NEW ? p->stranger : key);
	r = draft_send(p, &d);
	if (r.ok) {
		p->ticket = reply_text(&r, "ticket");
		if (fresh && !is_biometric(fresh) && !is_face(fresh)) {
			memcpy(p->cid, p->new_cid, sizeof(p->cid));
			memcpy(p->salt_key, p->new_salt_key, sizeof(p->salt_key));
		}
	}
	return r;
}

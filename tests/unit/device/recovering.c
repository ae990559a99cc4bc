/* Recoveries, from the phone's side. */
#include <string.h>

#include "codec/encode.h"
#include "tests/unit/device/phone.h"

static const char *text64(struct phone *p, const void *bytes, size_t n)
{
	return arena_cstr(&p->arena, b64url(&p->arena, slice_of(bytes, n)));
}

static const char *public64(struct phone *p, const uint8_t *private_key)
{
	uint8_t public_key[POINT_BYTES];

	must(p256_public(private_key, public_key));
	return text64(p, public_key, sizeof(public_key));
}

const char *reply_token(const struct reply *r, const char *purpose)
{
	json_t *tokens = json_object_get(r->json, "tokens"), *token;
	size_t i;

	json_array_foreach(tokens, i, token)
		if (strcmp(json_string_value(json_object_get(token, "purpose")), purpose) == 0)
			return json_string_value(json_object_get(token, "token"));
	fail_msg("no token for %s in %.*s", purpose, FMT(r->text));
	return "";
}

struct reply phone_rec_add_start(struct phone *p, const char *token, enum twist twist)
{
	struct draft d;
	struct reply r;

	draft_outside(p, &d, "rec.add.start", ",\"token\":\"%s\",\"method\":\"%s\"", token,
		p->by_face ? "CLOUD_BACKUP_SERVER_SIDE_FACE" : "CLOUD_BACKUP_RECOVERY_CODE");
	draft_sign(p, &d, SIG_DEVICE, twist & BAD_DK ? p->stranger : p->dk);
	r = draft_send(p, &d);
	if (r.ok) {
		reply_bytes(p, &r, "recoveryId", p->recovery, sizeof(p->recovery));
		snprintf(p->recovery_salt_key, sizeof(p->recovery_salt_key), "%s", reply_text(&r, "saltKeyId"));
	}
	return r;
}

static struct reply ask_code(struct phone *p, const char *type, const char *use, const char *code, enum twist twist)
{
	uint8_t input[SHA256_BYTES], blind[P256_SCALAR_BYTES], blinded[P256_POINT_BYTES], evaluated[P256_POINT_BYTES];
	struct draft d;
	struct reply r;

	must(recovery_blind(p->f->app.env, p->recovery, p->recovery_ds, slice_text(code), input, blind, blinded));
	if (twist & NOT_A_POINT)
		memset(blinded + 1, 0xff, sizeof(blinded) - 1);
	draft_inside(p, &d, type, "%s%s%s,\"b\":\"%s\",\"skid\":\"%s\"", use ? ",\"use\":\"" : "", use ? use : "", use ? "\"" : "",
		text64(p, blinded, sizeof(blinded)), twist & WRONG_SALT_KEY ? "s-0000000000000000" : p->recovery_salt_key);
	r = draft_send(p, &d);
	if (r.ok) {
		reply_bytes(p, &r, "e", evaluated, sizeof(evaluated));
		must(recovery_output(input, blind, slice_of(evaluated, sizeof(evaluated)), p->recovery_y));
	}
	return r;
}

struct reply phone_rec_add_pin(struct phone *p, const char *code, enum twist twist)
{
	return ask_code(p, "rec.add.pin", NULL, code, twist);
}

struct reply phone_rec_add_finish(struct phone *p, enum twist twist)
{
	struct draft d;

	draft_inside(p, &d, "rec.add.finish", ",\"rkPub\":\"%s\"%s%s%s", public64(p, p->rk), p->by_face ? face_member(p) : "", p->purposes ? ",\"tokenPurposes\":" : "",
		p->purposes ? p->purposes : "");
	draft_sign(p, &d, SIG_DEVICE, twist & BAD_DK ? p->stranger : p->dk);
	draft_sign(p, &d, SIG_NEW_RECOVERY, twist & BAD_SECOND ? p->stranger : p->rk);
	return draft_send(p, &d);
}

struct reply phone_rec_delete(struct phone *p, const char *token, enum twist twist)
{
	struct draft d;

	draft_outside(p, &d, "rec.delete", ",\"token\":\"%s\"", token);
	draft_sign(p, &d, SIG_DEVICE, twist & BAD_DK ? p->stranger : p->dk);
	return draft_send(p, &d);
}

void phone_set_up_recovery(struct phone *p, struct site *s, const char *user, const char *pin, const char *code)
{
	const char *device = TEXT(s->w, "%.*s", FMT(uuid_text(&p->arena, &p->reg)));
	struct reply approved;

	assert_status(start_authentication(s, user, device, ""), 200);
	p->purposes = "[\"addOrUpdateRecovery\"]";
	approved = phone_approve(p, pin);
	assert_ok_reply(approved);
	p->purposes = NULL;
	assert_ok_reply(phone_rec_add_start(p, reply_token(&approved, "addOrUpdateRecovery"), PROPER));
	assert_ok_reply(phone_rec_add_pin(p, code, PROPER));
	assert_ok_reply(phone_rec_add_finish(p, PROPER));
}

void phone_take_backup(struct phone *p, const struct phone *of)
{
	memcpy(p->recovery, of->recovery, sizeof(p->recovery));
	memcpy(p->recovery_ds, of->recovery_ds, sizeof(p->recovery_ds));
	memcpy(p->rk, of->rk, sizeof(p->rk));
	memcpy(p->recovery_salt_key, of->recovery_salt_key, sizeof(p->recovery_salt_key));
}

struct reply phone_rec_start(struct phone *p, enum twist twist)
{
	struct draft d;
	struct reply r;

	p->reg = (struct uuid){ { 0 } };
	draft_outside(p, &d, "rec.start", ",\"recoveryId\":\"%s\",\"deviceHash\":\"%s\",\"dk\":\"%s\"",
		text64(p, p->recovery, sizeof(p->recovery)), p->device_hash, text64(p, p->dk_public, POINT_BYTES));
	draft_sign(p, &d, SIG_NEW_DEVICE, twist & BAD_DK ? p->stranger : p->dk);
	r = draft_send(p, &d);
	if (r.ok) {
		must(uuid_parse(slice_text(reply_text(&r, "reg")), &p->reg));
		reply_bytes(p, &r, "cid", p->cid, sizeof(p->cid));
		snprintf(p->salt_key, sizeof(p->salt_key), "%s", reply_text(&r, "saltKeyId"));
	}
	return r;
}

struct reply phone_rec_pin(struct phone *p, const char *use, const char *code, enum twist twist)
{
	struct pin_id id = pin_id_of(&p->reg, p->cid);
	uint8_t input[SHA256_BYTES], blind[P256_SCALAR_BYTES], blinded[P256_POINT_BYTES], evaluated[P256_POINT_BYTES];
	struct draft d;
	struct reply r;

	if (strcmp(use, "new") != 0)
		return ask_code(p, "rec.pin", use, code, twist);
	must(pin_blind(p->f->app.env, &id, p->ds, slice_text(code), input, blind, blinded));
	draft_inside(p, &d, "rec.pin", ",\"use\":\"new\",\"b\":\"%s\",\"skid\":\"%s\"", text64(p, blinded, sizeof(blinded)), p->salt_key);
	r = draft_send(p, &d);
	if (r.ok) {
		reply_bytes(p, &r, "e", evaluated, sizeof(evaluated));
		must(pin_key(&id, input, blind, slice_of(evaluated, sizeof(evaluated)), p->pin_key));
	}
	return r;
}

struct reply phone_rec_face(struct phone *p, enum twist twist)
{
	struct draft d;

	draft_inside(p, &d, "rec.face", "%s", twist & BAD_SECOND ? "" : face_member(p));
	return draft_send(p, &d);
}

struct reply phone_rec_finish(struct phone *p, enum twist twist)
{
	struct draft d;
	struct reply r;

	draft_inside(p, &d, "rec.finish", ",\"methods\":[{\"m\":\"DEVICE\"},{\"m\":\"DEVICE_PIN\",\"pub\":\"%s\"}]", public64(p, p->pin_key));
	draft_sign(p, &d, SIG_RECOVERY, twist & BAD_SECOND ? p->stranger : p->rk);
	draft_sign(p, &d, SIG_NEW_DEVICE, twist & BAD_DK ? p->stranger : p->dk);
	draft_sign(p, &d, SIG_NEW_PIN, p->pin_key);
	r = draft_send(p, &d);
	if (r.ok)
		p->ticket = reply_text(&r, "ticket");
	return r;
}

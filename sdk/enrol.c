/*
 * The end of what makes a device: a registration (act.pin, act.finish), or a recovery (rec.pin, rec.finish), which proves besides that it
 * has unlocked the recovery key (sections 6.1, 6.4). The new record lies beside the one that holds until the server's word is there.
 */
#include <stdio.h>

#include "base/text.h"
#include "sdk/internal.h"

enum { DEVICE_NAME_POINTS_MAX = 128 };

static struct record *fresh(struct rid_controller *c)
{
	return &c->records[SLOT_BESIDE];
}

static bool recovers(const struct rid_controller *c)
{
	return c->session.family == FAMILY_REC;
}

/* ---- before the start ---- */

static const struct rid_step *store_key(struct rid_controller *c)
{
	fresh(c)->phase = RECORD_BEGUN;
	chores_new(c, true);
	chore_store(c, SLOT_BESIDE);
	return chores_do(c, c->call.key_stored);
}

/* A key that was made for an earlier try serves again: the code may be bound to it. */
const struct rid_step *enrol_key(struct rid_controller *c, stage then)
{
	c->call.key_stored = then;
	if (fresh(c)->phase == RECORD_BEGUN)
		return then(c);
	record_forget(c, SLOT_BESIDE);
	return key_make(c, &fresh(c)->dk, "dk", false, 0, store_key);
}

/* ---- the answer ---- */

static const struct rid_step *finished_done(struct rid_controller *c)
{
	const struct rid_step *step = done_with(c, c->session.started.operation, c->finish_answer);

	ticket_keep_recorded(c);
	session_end(c);
	return step;
}

/* A code recovers once; a face stays, and is the new device's now. */
static void recovery_took_place(struct rid_controller *c)
{
	bool stays = c->session.blob.method == recovery_method_CLOUD_BACKUP_SERVER_SIDE_FACE;

	fresh(c)->recovery_method = stays ? RID_RECOVERY_FACE : 0;
	fresh(c)->recovery_number = c->session.blob.number;
	fresh(c)->recovery_used = !stays;
}

/* The server's word is the one that counts: what was unconfirmed holds now. */
static const struct rid_step *finished(struct rid_controller *c, const void *answer)
{
	const struct finish_ok *ok = answer;

	if (ok->methods.n)
		fresh(c)->methods = method_bits(&ok->methods);
	fresh(c)->has_ticket = ok->ticket.n != 0;
	if (ok->ticket.n)
		memcpy(fresh(c)->ticket, ok->ticket.p, TICKET_BYTES);
	c->finish_answer = ok;
	promote(c);
	return chores_do(c, finished_done);
}

static const struct rid_step *tell_fault(struct rid_controller *c)
{
	return fail_server(c, &c->fault);
}

/* An answer from inside the envelope that ends the session: the new keys hold nowhere. */
static const struct rid_step *not_finished(struct rid_controller *c, const struct fault *f)
{
	if (f->recoverable)
		return fail_server(c, f);
	c->fault = *f;
	chores_new(c, false);
	chore_erase(c, SLOT_BESIDE);
	chore_drop_all(c, fresh(c));
	record_forget(c, SLOT_BESIDE);
	return chores_do(c, tell_fault);
}

/* ---- the finish ---- */

static struct list method_keys(struct rid_controller *c, struct method_key *keys)
{
	size_t n = 0;

	for (int bit = RID_METHOD_DEVICE; bit <= RID_METHOD_SERVER_SIDE_FACE; bit <<= 1) {
		int biometric = biometric_index(bit);

		if (!(fresh(c)->methods & bit))
			continue;
		keys[n] = (struct method_key){ .m = method_of_bit(bit) };
		if (bit == RID_METHOD_DEVICE_PIN)
			keys[n].pub = slice_of(c->tries[TRY_NEW].key.public_key, P256_POINT_BYTES);
		else if (biometric >= 0)
			keys[n].pub = slice_of(fresh(c)->biometric[biometric].public_key, P256_POINT_BYTES);
		n++;
	}
	return (struct list){ keys, n };
}

static void compose_finish(struct rid_controller *c, struct buf *json)
{
	struct method_key keys[METHODS_MAX] = { 0 };
	bool by_face = fresh(c)->methods & RID_METHOD_SERVER_SIDE_FACE;
	struct act_finish m = { INSIDE_SESSION(c), REPORT(c, by_face), .deviceName = c->call.device_name, .methods = method_keys(c, keys) };

	if (key_exists(&fresh(c)->hk))
		m.hk = slice_of(fresh(c)->hk.public_key, P256_POINT_BYTES);
	schema_write(&act_finish_schema, &m, json);
	json_decref(m.riskData);
}

static const struct rid_step *ask_finish(struct rid_controller *c)
{
	draft_new(c, recovers(c) ? MESSAGE_REC_FINISH : MESSAGE_ACT_FINISH, fresh(c), compose_finish, finished);
	if (recovers(c))
		draft_signer(c, SIG_RECOVERY, &c->session.rk);
	draft_signer(c, SIG_NEW_PIN, &c->tries[TRY_NEW].key);
	for (int i = 0; i < BIOMETRICS; i++)
		draft_biometric(c, SIG_NEW_BIOMETRIC, &fresh(c)->biometric[i], RID_METHOD_IOS_FACE_ID << i);
	draft_signer(c, SIG_NEW_DEVICE, &fresh(c)->dk);
	draft_signer(c, SIG_NEW_HARDWARE, &fresh(c)->hk);
	c->draft.on_fault = not_finished;
	return exchange(c);
}

/* Before the finish the new record lies beside the old one, until an answer tells which holds (section 5.5). */
static const struct rid_step *store_unconfirmed(struct rid_controller *c)
{
	fresh(c)->phase = RECORD_UNCONFIRMED;
	if (recovers(c))
		recovery_took_place(c);
	chores_new(c, true);
	chore_store(c, SLOT_BESIDE);
	return chores_do(c, ask_finish);
}

/* ---- what it takes ---- */

/* The code's try is done with; the key that it unlocks, or does not, tells right from wrong, and each try is counted. */
static const struct rid_step *unlock(struct rid_controller *c)
{
	struct pin_try *t = &c->tries[TRY_CODE];
	struct error e = recovery_unlock(&c->session.blob, slice_of(t->secret, OPRF_OUTPUT_BYTES), &c->session.rk);

	try_forget(c, TRY_CODE);
	if (failed(e))
		return ask_again(c, DEVICE_CLIENT_AUTHENTICATION_FAILED, "the recovery code is wrong");
	return try_evaluate(c, TRY_NEW, MESSAGE_REC_PIN, store_unconfirmed);
}

static const struct rid_step *face_matched(struct rid_controller *c, const void *answer)
{
	const struct rec_face_ok *ok = answer;

	if (failed(recovery_unlock(&c->session.blob, ok->wrapShare, &c->session.rk)))
		return ask_again(c, DEVICE_CLIENT_AUTHENTICATION_FAILED, "the backup is not of this recovery");
	return try_evaluate(c, TRY_NEW, MESSAGE_REC_PIN, store_unconfirmed);
}

static void compose_face(struct rid_controller *c, struct buf *json)
{
	struct rec_face m = { INSIDE_SESSION(c), .face = report_face(c, true) };

	schema_write(&rec_face_schema, &m, json);
}

static const struct rid_step *prove_recovery(struct rid_controller *c)
{
	if (key_exists(&c->session.rk)) /* of an earlier try in this session */
		return try_evaluate(c, TRY_NEW, MESSAGE_REC_PIN, store_unconfirmed);
	if (c->session.blob.method != recovery_method_CLOUD_BACKUP_SERVER_SIDE_FACE)
		return try_evaluate(c, TRY_CODE, MESSAGE_REC_PIN, unlock);
	draft_new(c, MESSAGE_REC_FACE, NULL, compose_face, face_matched);
	return exchange(c);
}

static const struct rid_step *gathered(struct rid_controller *c)
{
	return recovers(c) ? prove_recovery(c) : try_evaluate(c, TRY_NEW, MESSAGE_ACT_PIN, store_unconfirmed);
}

/* One after another, as the person looks into the camera or touches the sensor; those of an earlier try serve again. */
static const struct rid_step *make_biometric_keys(struct rid_controller *c)
{
	for (int i = 0; i < BIOMETRICS; i++) {
		int method = RID_METHOD_IOS_FACE_ID << i;
		struct key *key = &fresh(c)->biometric[i];

		if ((fresh(c)->methods & method) && !key_exists(key))
			return key_make(c, key, "bk", false, method, make_biometric_keys);
	}
	return gather(c, gathered);
}

static const struct rid_step *make_hardware_key(struct rid_controller *c)
{
	static const enum hw_key_client_status without[] = { [RID_HARDWARE_NONE] = hw_key_client_status_INFO_NO_HARDWARE_SUPPORT,
		[RID_HARDWARE_OS_TOO_OLD] = hw_key_client_status_INFO_NO_OPERATING_SYSTEM_SUPPORT,
		[RID_HARDWARE_YES] = hw_key_client_status_INFO_NOT_ACTIVATED_WITH_HW_KEY };

	if (c->hardware != RID_HARDWARE_YES || !c->session.hardware_wanted) {
		c->hardware_status = without[c->hardware];
		return make_biometric_keys(c);
	}
	c->hardware_status = hw_key_client_status_OK_KEY_PROVIDED;
	if (key_exists(&fresh(c)->hk)) /* of an earlier try */
		return make_biometric_keys(c);
	return key_make(c, &fresh(c)->hk, "hk", true, 0, make_biometric_keys);
}

/* Biometric keys of an earlier try that are not wanted this time. */
static void forget_unwanted(struct rid_controller *c)
{
	for (int i = 0; i < BIOMETRICS; i++)
		if (!(c->call.methods & RID_METHOD_IOS_FACE_ID << i)) {
			chore_drop(c, &fresh(c)->biometric[i]);
			wipe(&fresh(c)->biometric[i], sizeof(struct key));
		}
}

/* The record as it will be, but for what the server says at the end. */
static void prepare(struct rid_controller *c)
{
	struct record *r = fresh(c);

	r->reg = c->session.reg;
	r->methods = c->call.methods;
	r->has_ticket = 0;
	memcpy(r->pin.cid, c->session.cid, PIN_CREDENTIAL_ID_BYTES);
	snprintf(r->pin.salt_key_id, sizeof(r->pin.salt_key_id), "%s", c->session.salt_key_id);
	env_random(&c->world.env, r->pin.ds, DEVICE_SECRET_BYTES);
	try_forget(c, TRY_NEW);
}

static const struct rid_step *begin(struct rid_controller *c)
{
	chores_new(c, false);
	forget_unwanted(c);
	return chores_do(c, make_hardware_key);
}

static const struct rid_step *enrol_with(struct rid_controller *c, struct slice pin)
{
	const struct record *r = fresh(c);

	if (rid_pin_check(&c->session.started.pin, (const char *)pin.p, pin.n) != RID_OK)
		return ask_again(c, DEVICE_INVALID_INPUT_FORMAT, "the PIN is not of the form that was asked for");
	prepare(c);
	if (!try_pin(c, TRY_NEW, &r->reg, &r->pin, pin))
		return ask_again(c, DEVICE_INVALID_INPUT_FORMAT, "this cannot be a PIN");
	return begin(c);
}

/* RID_OK, or why these methods will not do. */
static int methods_wrong(const struct rid_controller *c, int methods)
{
	const struct rid_started *s = &c->session.started;

	if (methods & ~methods_possible(c))
		return DEVICE_METHOD_UNAVAILABLE;
	if (methods & ~(s->methods | RID_METHOD_DEVICE))
		return DEVICE_METHOD_NOT_ALLOWED;
	if (s->two_factor && !(methods & ~RID_METHOD_DEVICE))
		return s->methods & RID_METHOD_DEVICE_PIN ? DEVICE_MUST_BE_ACTIVATED_WITH_PIN : DEVICE_NO_MATCHING_METHOD;
	if ((methods & RID_METHOD_SERVER_SIDE_FACE) && !c->face.n)
		return DEVICE_INVALID_AUTH_PARAMETERS;
	return RID_OK;
}

const struct rid_step *enrol(struct rid_controller *c, int methods, const char *device_name, struct slice pin)
{
	struct slice name = slice_text(device_name);
	int wrong = methods_wrong(c, methods);

	if (!wrong && (!text_is_utf8(name) || text_has_controls(name, false) || text_points(name) > DEVICE_NAME_POINTS_MAX))
		wrong = DEVICE_INVALID_INPUT_FORMAT;
	if (wrong)
		return ask_again(c, wrong, "methods or device name");
	c->call.methods = methods | RID_METHOD_DEVICE;
	if (name.n)
		c->call.device_name = arena_copy(&c->op, name);
	if (methods & RID_METHOD_DEVICE_PIN)
		return pin.p ? enrol_with(c, pin) : ask_pin(c, enrol_with);
	prepare(c);
	return begin(c);
}

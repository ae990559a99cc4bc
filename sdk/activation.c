/* Registration: act.start, act.pin, act.finish (section 6.1). */
#include <stdio.h>

#include "base/text.h"
#include "sdk/internal.h"

enum { CODE_POINTS_MAX = 64, DEVICE_NAME_POINTS_MAX = 128, KNOWN_METHODS = RID_METHOD_DEVICE | RID_METHOD_DEVICE_PIN };

/* ---- start ---- */

static void compose_start(struct rid_controller *c, struct buf *json)
{
	struct act_start m = { OUTSIDE_SESSION(c), .enc = slice_of(c->draft.sender.enc, ENC_BYTES), .code = c->call.code,
		.deviceHash = c->device_hash, .dk = slice_of(c->records[SLOT_BESIDE].dk.public_key, P256_POINT_BYTES),
		.pushToken = c->push_token };

	if (is_activated(c))
		m.prev = c->records[SLOT_MAIN].reg;
	schema_write(&act_start_schema, &m, json);
}

static const struct rid_step *started(struct rid_controller *c, const void *answer)
{
	const struct act_start_ok *ok = answer;
	struct session *s = &c->session;

	code_forget(c);
	s->live = true;
	s->family = FAMILY_ACT;
	memcpy(s->sid, ok->sid.p, SESSION_ID_BYTES);
	memcpy(s->cid, ok->cid.p, PIN_CREDENTIAL_ID_BYTES);
	memcpy(s->challenge, ok->challenge.p, CHALLENGE_BYTES);
	s->reg = ok->reg;
	s->salt_key_id = arena_cstr(&s->arena, ok->saltKeyId);
	session_policies(c, &ok->methods, ok->pin, ok->hw, &ok->risk);
	s->started.operation = RID_OPERATION_ACTIVATION;
	s->started.methods &= KNOWN_METHODS;
	s->started.two_factor = ok->authLevel == auth_level_TWO_FACTOR;
	s->started.re_registration = ok->mode == registration_mode_RE_REGISTRATION;
	return show(c);
}

static const struct rid_step *ask_start(struct rid_controller *c)
{
	const struct record *beside = &c->records[SLOT_BESIDE], *main = &c->records[SLOT_MAIN];

	draft_new(c, MESSAGE_ACT_START, NULL, compose_start, started);
	if (is_activated(c))
		draft_signer(c, SIG_DEVICE, &main->dk);
	draft_signer(c, SIG_NEW_DEVICE, &beside->dk);
	return exchange(c);
}

/* The first start that is answered binds the code to the key, so the key is stored before (section 6.1). */
static const struct rid_step *store_key(struct rid_controller *c)
{
	c->records[SLOT_BESIDE].phase = RECORD_BEGUN;
	chores_new(c, true);
	chore_store(c, SLOT_BESIDE);
	return chores_do(c, ask_start);
}

/* A key that was made for an earlier try serves again: the code may be bound to it. */
static const struct rid_step *make_key(struct rid_controller *c)
{
	if (c->records[SLOT_BESIDE].phase == RECORD_BEGUN)
		return ask_start(c);
	record_forget(c, SLOT_BESIDE);
	return key_make(c, &c->records[SLOT_BESIDE].dk, "dk", false, store_key);
}

static const struct rid_step *start(struct rid_controller *c, struct slice code)
{
	CALL_BEGIN(c);
	if (code.n == 0 || !text_is_utf8(code) || text_has_controls(code, false) || text_points(code) > CODE_POINTS_MAX)
		return fail_with(c, DEVICE_INVALID_INPUT_FORMAT, "this cannot be an activation code");
	session_end(c);
	c->call.code = arena_copy(&c->op, code);
	return settle(c, make_key);
}

const rid_step *rid_start_activation(rid_controller *c, char *code, size_t code_bytes)
{
	const struct rid_step *step = start(c, slice_of(code, code_bytes));

	rid_wipe(code, code_bytes);
	return step;
}

/* ---- finish ---- */

static const struct rid_step *finished_done(struct rid_controller *c)
{
	const struct rid_step *step = done_with(c, RID_OPERATION_ACTIVATION, c->finish_answer->ctx);

	session_end(c);
	return step;
}

/* The server's word is the one that counts: what was unconfirmed holds now. */
static const struct rid_step *finished(struct rid_controller *c, const void *answer)
{
	const struct finish_ok *ok = answer;
	struct record *beside = &c->records[SLOT_BESIDE];

	if (ok->methods.n)
		beside->methods = method_bits(&ok->methods);
	beside->has_ticket = ok->ticket.n != 0;
	if (ok->ticket.n)
		memcpy(beside->ticket, ok->ticket.p, TICKET_BYTES);
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
	const struct record *beside = &c->records[SLOT_BESIDE];

	if (f->recoverable)
		return fail_server(c, f);
	c->fault = *f;
	chores_new(c, false);
	chore_erase(c, SLOT_BESIDE);
	chore_drop(c, &beside->dk);
	chore_drop(c, &beside->hk);
	record_forget(c, SLOT_BESIDE);
	return chores_do(c, tell_fault);
}

static void compose_finish(struct rid_controller *c, struct buf *json)
{
	const struct record *beside = &c->records[SLOT_BESIDE];
	struct method_key methods[] = { { .m = auth_method_DEVICE },
		{ .m = auth_method_DEVICE_PIN, .pub = slice_of(c->try.key.public_key, P256_POINT_BYTES) } };
	struct act_finish m = { INSIDE_SESSION(c), .deviceName = c->call.device_name, .hwKeyClientStatus = c->hardware_status,
		.methods = { methods, beside->methods & RID_METHOD_DEVICE_PIN ? 2 : 1 }, .riskData = risk_asked(c),
		.pushToken = c->push_token };

	if (key_exists(&beside->hk))
		m.hk = slice_of(beside->hk.public_key, P256_POINT_BYTES);
	schema_write(&act_finish_schema, &m, json);
	json_decref(m.riskData);
}

static const struct rid_step *ask_finish(struct rid_controller *c)
{
	const struct record *beside = &c->records[SLOT_BESIDE];

	draft_new(c, MESSAGE_ACT_FINISH, beside, compose_finish, finished);
	draft_signer(c, SIG_NEW_PIN, &c->try.key);
	draft_signer(c, SIG_NEW_DEVICE, &beside->dk);
	draft_signer(c, SIG_NEW_HARDWARE, &beside->hk);
	c->draft.on_fault = not_finished;
	return exchange(c);
}

/* Before the finish the new record lies beside the old one, until an answer tells which holds (section 5.5). */
static const struct rid_step *store_unconfirmed(struct rid_controller *c)
{
	c->records[SLOT_BESIDE].phase = RECORD_UNCONFIRMED;
	chores_new(c, true);
	chore_store(c, SLOT_BESIDE);
	return chores_do(c, ask_finish);
}

static const struct rid_step *make_hardware_key(struct rid_controller *c)
{
	static const enum hw_key_client_status without[] = { [RID_HARDWARE_NONE] = hw_key_client_status_INFO_NO_HARDWARE_SUPPORT,
		[RID_HARDWARE_OS_TOO_OLD] = hw_key_client_status_INFO_NO_OPERATING_SYSTEM_SUPPORT,
		[RID_HARDWARE_YES] = hw_key_client_status_INFO_NOT_ACTIVATED_WITH_HW_KEY };
	struct key *hk = &c->records[SLOT_BESIDE].hk;

	if (c->hardware != RID_HARDWARE_YES || !c->session.hardware_wanted) {
		c->hardware_status = without[c->hardware];
		return store_unconfirmed(c);
	}
	c->hardware_status = hw_key_client_status_OK_KEY_PROVIDED;
	if (key_exists(hk)) /* of an earlier try */
		return store_unconfirmed(c);
	return key_make(c, hk, "hk", true, store_unconfirmed);
}

/* The record as it will be, but for what the server says at the end. */
static void prepare(struct rid_controller *c)
{
	struct record *r = &c->records[SLOT_BESIDE];

	r->reg = c->session.reg;
	r->methods = c->call.methods;
	r->has_ticket = 0;
	memcpy(r->cid, c->session.cid, PIN_CREDENTIAL_ID_BYTES);
	snprintf(r->salt_key_id, sizeof(r->salt_key_id), "%s", c->session.salt_key_id);
	env_random(&c->world.env, r->ds, DEVICE_SECRET_BYTES);
}

static const struct rid_step *finish_with(struct rid_controller *c, struct slice pin)
{
	const struct record *r = &c->records[SLOT_BESIDE];

	if (rid_pin_check(&c->session.started.pin, (const char *)pin.p, pin.n) != RID_OK) {
		fail_with(c, DEVICE_INVALID_INPUT_FORMAT, "the PIN is not of the form that was asked for");
		c->step.failure.recoverable = 1;
		return &c->step;
	}
	prepare(c);
	return pin_use(c, MESSAGE_ACT_PIN, &r->reg, r->cid, r->ds, r->salt_key_id, pin, make_hardware_key);
}

static const struct rid_step *finish_without(struct rid_controller *c)
{
	wipe(&c->try, sizeof(c->try));
	prepare(c);
	return make_hardware_key(c);
}

/* RID_OK, or why these methods will not do. */
static int methods_wrong(const struct rid_controller *c, int methods)
{
	const struct rid_started *s = &c->session.started;

	if (methods & ~KNOWN_METHODS)
		return DEVICE_METHOD_UNAVAILABLE;
	if (methods & ~(s->methods | RID_METHOD_DEVICE))
		return DEVICE_METHOD_NOT_ALLOWED;
	if (s->two_factor && !(methods & RID_METHOD_DEVICE_PIN))
		return DEVICE_MUST_BE_ACTIVATED_WITH_PIN;
	return RID_OK;
}

static const struct rid_step *finish(struct rid_controller *c, int methods, const char *device_name, struct slice pin)
{
	struct slice name = slice_text(device_name);
	int wrong;

	CALL_BEGIN(c);
	if (!c->session.live || c->session.family != FAMILY_ACT)
		return fail_with(c, DEVICE_WRONG_STATE, "no activation has been started");
	if (c->draft.outstanding)
		return fail_repeatable(c, DEVICE_WRONG_STATE, "the last message has no answer yet");
	wrong = methods_wrong(c, methods);
	if (!wrong && (!text_is_utf8(name) || text_has_controls(name, false) || text_points(name) > DEVICE_NAME_POINTS_MAX))
		wrong = DEVICE_INVALID_INPUT_FORMAT;
	if (wrong) {
		fail_with(c, wrong, "methods or device name");
		c->step.failure.recoverable = 1;
		return &c->step;
	}
	c->call.methods = methods | RID_METHOD_DEVICE;
	if (name.n)
		c->call.device_name = arena_copy(&c->op, name);
	if (!(methods & RID_METHOD_DEVICE_PIN))
		return finish_without(c);
	return pin.p ? finish_with(c, pin) : ask_pin(c, finish_with);
}

const rid_step *rid_finish_activation(rid_controller *c, int methods, const char *device_name, char *pin, size_t pin_bytes)
{
	const struct rid_step *step = finish(c, methods, device_name, slice_of(pin, pin_bytes));

	rid_wipe(pin, pin_bytes);
	return step;
}

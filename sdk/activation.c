/* Registration: act.start (section 6.1). Its end stands in enrol.c. */
#include "base/text.h"
#include "sdk/internal.h"

enum { CODE_POINTS_MAX = 64 };

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
	const struct policies policies = POLICIES_OF(ok);
	struct session *s = &c->session;

	code_forget(c);
	session_begin(c, FAMILY_ACT, RID_OPERATION_ACTIVATION, ok->sid, ok->challenge);
	session_policies(c, &policies);
	memcpy(s->cid, ok->cid.p, PIN_CREDENTIAL_ID_BYTES);
	s->reg = ok->reg;
	s->salt_key_id = arena_cstr(&s->arena, ok->saltKeyId);
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
static const struct rid_step *make_key(struct rid_controller *c)
{
	return enrol_key(c, ask_start);
}

static const struct rid_step *start(struct rid_controller *c, struct slice code)
{
	CALL_POSSIBLE(c);
	if (code.n == 0 || !text_is_utf8(code) || text_has_controls(code, false) || text_points(code) > CODE_POINTS_MAX)
		return fail_with(c, DEVICE_INVALID_INPUT_FORMAT, "this cannot be an activation code");
	call_begin(c);
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

static const struct rid_step *finish(struct rid_controller *c, int methods, const char *device_name, struct slice pin)
{
	const struct rid_step *barred;

	barred = finish_barred(c, FAMILY_ACT);
	return barred ? barred : enrol(c, methods, device_name, pin);
}

const rid_step *rid_finish_activation(rid_controller *c, int methods, const char *device_name, char *pin, size_t pin_bytes)
{
	const struct rid_step *step = finish(c, methods, device_name, slice_of(pin, pin_bytes));

	rid_wipe(pin, pin_bytes);
	return step;
}

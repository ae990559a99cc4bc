/* Registration: act.start, act.pin (6.1). The finish stands in act_finish.c. */
#include "base/text.h"
#include "codec/encode.h"
#include "device/bells.h"
#include "device/faces.h"
#include "device/legs.h"
#include "device/trust.h"

/* ---- act.start ---- */

bool signed_by_new_key(struct call *c, const struct transcript *t, struct slice dk)
{
	return !failed(transcript_verify(t, SIG_NEW_DEVICE, c->plaintext.json, dk, plaintext_signature(&c->plaintext, SIG_NEW_DEVICE)));
}

static err wrong_code(struct call *c)
{
	code_wrong(c);
	return call_fault(c, DEVICE_INCORRECT_ACTIVATION_CODE);
}

/* The registration that the code belongs to, pending or over a moment ago. E_NO_ROW when there is none. */
static err find_registration(struct call *c, struct slice code)
{
	struct operation base;
	struct uuid id;
	struct error e;

	TRY(device_operation_by_code(c->op, op_reader(c->op), c->application, code_index(c->op, c->application, code), &id));
	TRY(operation_load(op_reader(c->op), c->op->caller.account, &id, c->op->now, &base));
	e = user_load(c->op, op_reader(c->op), &base.user, &c->owner);
	ENSURE(!is_err(e, E_USER_UNKNOWN), NO_ROW);
	TRY(e);
	c->has_owner = c->has_operation = true;
	return device_operation_load(c->op, op_reader(c->op), &base, &c->owner, &c->operation);
}

/* Whatever its session has seen since, or that it is over: the start was the last one of this code (4). */
static err repeated_start(struct call *c, bool *ret_repeated)
{
	uint8_t sid[SESSION_ID_BYTES];
	struct error found = session_newest_of_operation(op_reader(c->op), &c->operation.base.id, sid);

	return start_repeat(c, sid, found, ret_repeated);
}

/* The registration that stands in this slot of the app: whoever names a known one proves that he has its key. */
static err check_previous(struct call *c, const struct act_start *in, bool *ret_good)
{
	struct transcript t = transcript_start(slice_text(c->application->id_text));
	struct user owner = { .account = 0 };
	struct device previous;
	struct error e;

	*ret_good = true;
	if (!HAS(in, act_start, prev))
		return OK;
	e = device_load(c->op, op_reader(c->op), &in->prev, &previous, &owner);
	wipe(&owner.key, sizeof(owner.key));
	if (is_err(e, E_NO_ROW) || is_err(e, E_USER_UNKNOWN))
		return OK;
	TRY(e);
	if (previous.state == credential_state_DELETED || !uuid_eq(&previous.application, &c->application->id))
		return OK;
	TRY(signature_allowed(c, &in->prev));
	*ret_good = !failed(transcript_verify(&t, SIG_DEVICE, c->plaintext.json, slice_of(previous.dk, POINT_BYTES),
		plaintext_signature(&c->plaintext, SIG_DEVICE)));
	if (*ret_good)
		memcpy(c->session.secret.prev, in->prev.b, UUID_BYTES);
	else
		signature_wrong(c, &in->prev);
	return OK;
}

static bool is_again(const struct call *c)
{
	return c->operation.base.operation == operation_type_RE_REGISTRATION;
}

/* 5.12: new keys for a device that there is: it has to be in use, and the same piece of hardware. */
static err check_again(struct call *c, const struct act_start *in, enum device_error *ret_fault)
{
	struct slice index = hash_index(c->op, in->deviceHash);
	struct device known;

	*ret_fault = DEVICE_OK;
	if (!is_again(c))
		return OK;
	TRY(device_load(c->op, op_reader(c->op), &c->operation.content.deviceId, &known, &c->owner));
	if (known.state != credential_state_ACTIVE)
		*ret_fault = known.state == credential_state_DELETED ? DEVICE_NOT_REGISTERED :
			     known.lock_reason == lock_reason_LOCKED_BY_ADMIN ? DEVICE_LOCKED_BY_ADMIN : DEVICE_LOCKED;
	else if (!slice_eq(known.hash_index, index))
		*ret_fault = DEVICE_UNKNOWN_DEVICE;
	return OK;
}

static void begin_registration(struct call *c, const struct act_start *in, const struct salt_key *salt)
{
	struct uuid id = is_again(c) ? c->operation.content.deviceId : uuid_v7(c->op->app->env, c->op->now);
	struct session_secret *secret = &c->session.secret;
	uint8_t prev[UUID_BYTES];

	memcpy(prev, secret->prev, sizeof(prev));
	session_begin(c, FAMILY_ACT, &id);
	memcpy(secret->prev, prev, sizeof(prev));
	memcpy(secret->dk, in->dk.p, POINT_BYTES);
	memcpy(secret->salt_key, salt->id, sizeof(salt->id));
	memcpy(secret->device_hash, in->deviceHash.p, in->deviceHash.n);
	env_random(c->op->app->env, secret->cid, sizeof(secret->cid));
}

const struct uuid *previous_of(const struct call *c)
{
	struct uuid *prev = arena_new(c->op->arena, struct uuid);

	memcpy(prev->b, c->session.secret.prev, UUID_BYTES);
	return uuid_is_nil(prev) ? NULL : prev;
}

struct start_own {
	struct slice dk_hash;
	const struct uuid *prev;
};

static err save_start(struct call *c, struct tx *tx)
{
	const struct start_own *own = c->own;
	struct fact_origin origin = fact_origin_of(c->op);

	TRY(device_operation_bind_code(tx, &c->operation.base.id, own->dk_hash, c->ts));
	if (own->prev)
		TRY(device_operations_fail(&origin, tx, own->prev, NULL, OPERATION_CANCELLED_NEW_ACTIVATION));
	return OK;
}

/* The code is bound to a key by its hash: keys are sealed wherever they lie, and a hash will do to compare. */
static struct slice key_hash(struct call *c, struct slice dk)
{
	uint8_t *hash = arena_alloc(c->op->arena, SHA256_BYTES);

	sha256(dk, hash);
	return slice_of(hash, SHA256_BYTES);
}

unsigned activatable_methods(const struct call *c)
{
	return device_config_methods(&c->application->config) & (face_offered(c) ? ~0u : ~(1u << auth_method_DEVICE_SERVER_SIDE_FACE));
}

static err answer_start(struct call *c, const struct act_start *in)
{
	struct act_start_ok *answer = arena_new(c->op->arena, struct act_start_ok);
	struct start_own *own = c->own = arena_new(c->op->arena, struct start_own);
	struct session *s = &c->session;

	own->dk_hash = key_hash(c, in->dk);
	own->prev = is_again(c) ? &c->session.device : previous_of(c);
	c->save = save_start;
	answer->sid = arena_copy(c->op->arena, slice_of(s->sid, sizeof(s->sid)));
	answer->mode = is_again(c) ? registration_mode_RE_REGISTRATION : registration_mode_REGISTRATION;
	answer->reg = s->device;
	answer->cid = arena_copy(c->op->arena, slice_of(s->secret.cid, sizeof(s->secret.cid)));
	answer->challenge = arena_copy(c->op->arena, slice_of(s->secret.challenge, CHALLENGE_BYTES));
	answer->saltKeyId = arena_copy(c->op->arena, slice_text(s->secret.salt_key));
	answer->authLevel = c->operation.auth_level;
	answer->pin = policy_pin(c);
	answer->methods = policies_methods(c, activatable_methods(c));
	FILL_TRUST_POLICIES(c, answer);
	answer->risk = risk_asked_for(c);
	return call_ok(c, answer);
}

static bool ts_fits(const struct call *c)
{
	return c->ts > c->operation.code_ts && c->ts <= c->op->now + TS_AHEAD_MS_MAX;
}

/* The code is right: may this device use it now? */
static err start_with_code(struct call *c, const struct act_start *in)
{
	const struct salt_key *salt = salt_key_newest(c->set, &c->application->id);
	enum device_error fault = sdk_check(c);
	bool repeated, good;

	if (c->operation.code_key.n && !slice_eq(c->operation.code_key, key_hash(c, in->dk)))
		return wrong_code(c);
	TRY(repeated_start(c, &repeated));
	if (repeated)
		return OK;
	if (c->operation.base.state != operation_state_PENDING)
		return wrong_code(c);
	if (!ts_fits(c))
		return call_fault(c, DEVICE_OUT_OF_SYNC);
	if (fault)
		return call_fault(c, fault);
	if (c->owner.state == user_state_LOCKED)
		return call_fault(c, DEVICE_LOCKED_BY_ADMIN);
	ENSURE(salt, INTERNAL);
	TRY(hash_check(c, in->deviceHash, &fault));
	if (!fault)
		TRY(check_again(c, in, &fault));
	if (fault)
		return call_fault(c, fault);
	c->session.secret = (struct session_secret){ .pair_count = 0 };
	TRY(check_previous(c, in, &good));
	if (!good)
		return call_fault(c, DEVICE_AUTHENTICATION_FAILED);
	begin_registration(c, in, salt);
	TRY(face_begin(c, face_allowed(c)));
	if (c->op->waiting)
		return OK;
	TRY(trust_begin(c, in->pushToken, &fault));
	return fault ? call_fault(c, fault) : answer_start(c, in);
}

/* What the schema cannot tell: a hash is 32 bytes, and 01 stands only beside the registration that it proves. */
static enum device_error check_start(struct call *c, const struct act_start *in)
{
	if (!device_hash_fits(c, in->deviceHash))
		return DEVICE_MALFORMED_PARAMETER;
	if (plaintext_signature(&c->plaintext, SIG_DEVICE).n && !HAS(in, act_start, prev))
		return DEVICE_NOT_PARSABLE;
	return DEVICE_OK;
}

err handle_act_start(struct call *c)
{
	const struct act_start *in = c->in;
	struct transcript t = transcript_start(slice_text(c->application->id_text));
	enum device_error fault = check_start(c, in);
	struct error e;

	if (!slice_eq(in->enc, c->envelope.salt))
		return FAIL(DEVICE_MALFORMED);
	if (fault)
		return call_fault(c, fault);
	ENSURE(code_allowed(c, in->code), TOO_MANY);
	if (!signed_by_new_key(c, &t, in->dk))
		return call_fault(c, DEVICE_AUTHENTICATION_FAILED);
	e = find_registration(c, in->code);
	if (is_err(e, E_NO_ROW) || is_err(e, E_TRANSACTION_UNKNOWN))
		return wrong_code(c);
	TRY(e);
	return start_with_code(c, in);
}

/* ---- act.pin ---- */

err fail_registration(struct call *c, enum device_error fault, enum operation_error error)
{
	c->operation_error = error;
	c->session_over = c->write = true;
	c->session_change = SAVE_SESSION;
	return call_fault(c, fault);
}

err pin_new(struct call *c, const struct device_pin_ask *ask, const char *salt_key)
{
	const struct salt_key *salt = salt_key_find(c->set, &c->application->id, slice_text(salt_key));
	struct pin_id id = pin_id_of(&c->session.device, c->session.secret.cid);
	struct pin_ask_ok *answer = arena_new(c->op->arena, struct pin_ask_ok);
	uint8_t *e = arena_alloc(c->op->arena, P256_POINT_BYTES);

	ENSURE(salt, INTERNAL);
	if (failed(pin_evaluate(salt->secret, &id, ask->b, e)))
		return session_broken(c, DEVICE_MALFORMED_PARAMETER);
	if (c->session.asks >= PIN_ASKS_MAX)
		return call_fault(c, DEVICE_NO_SESSION);
	if (!slice_is(ask->skid, salt_key))
		return fail_registration(c, DEVICE_AUTHENTICATION_FAILED, OPERATION_LOCKED_INCORRECT_SALT_KEY_ID);
	c->session.asks++;
	c->session_change = SAVE_SESSION;
	c->advance = c->write = true;
	answer->e = slice_of(e, P256_POINT_BYTES);
	return call_ok(c, answer);
}

err handle_act_pin(struct call *c)
{
	const struct pin_ask *in = c->in;

	return pin_new(c, &(struct device_pin_ask){ in->b, in->skid }, c->session.secret.salt_key);
}

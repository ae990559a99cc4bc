/* Authentication and signature: ses.start, ses.pin, ses.cancel (6.2). The finish stands in finish.c. */
#include "device/bells.h"
#include "device/faces.h"
#include "device/legs.h"
#include "device/trust.h"

/* ---- ses.start ---- */

static enum device_operation kind_of(const struct operation *o)
{
	return o->operation == operation_type_SIGNING ? device_operation_SIGNING : device_operation_AUTHENTICATION;
}

static bool purpose_fits(enum session_purpose purpose, const struct operation *o)
{
	return purpose == session_purpose_any || (purpose == session_purpose_sign) == (kind_of(o) == device_operation_SIGNING);
}

/* The operation that the start is about: the one it names, else the device's pending one. */
static err find_operation(struct call *c, const struct ses_start *in, enum device_error *ret_fault)
{
	struct operation base;
	struct error e = device_pending(op_reader(c->op), c->device.account, &c->device.id, c->op->now, &base);

	*ret_fault = in->push.n ? DEVICE_INCORRECT_PUSH : DEVICE_NO_SESSION;
	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	if (in->push.n && !slice_eq(in->push, uuid_text(c->op->arena, &base.id)))
		return OK;
	*ret_fault = purpose_fits(in->purpose, &base) ? DEVICE_OK : DEVICE_NO_SESSION_FOR_PURPOSE;
	if (*ret_fault)
		return OK;
	c->has_operation = true;
	return device_operation_load(c->op, op_reader(c->op), &base, &c->owner, &c->operation);
}

/* What the lock of the device does to the operation that was being tried, if it is still open. */
void device_lock(struct call *c, bool tried)
{
	c->lock_others = true;
	if (tried && c->has_operation)
		c->operation_error = lock_operation_error(c->device.lock_reason);
}

/*
 * An accepted start ends the older session first: its open try stays charged. When that locks the device, the operation that was
 * being tried gets the code of the reason, if it is still open; others are merely locked out.
 */
err start_accepted(struct call *c, bool *ret_locked)
{
	struct operation tried;
	struct uuid id;
	struct error e;

	*ret_locked = false;
	c->device_changed = c->write = true;
	if (!c->device.try_open)
		return OK;
	failures_settle(&c->device);
	if (!failures_lock(&c->device, &c->application->config))
		return OK;
	*ret_locked = true;
	c->has_operation = false;
	e = session_live_operation(op_reader(c->op), &c->device.id, &id);
	if (!failed(e)) {
		TRY(operation_load(op_reader(c->op), c->device.account, &id, c->op->now, &tried));
		c->has_operation = tried.state == operation_state_PENDING;
		c->operation.base = tried;
	} else if (!is_err(e, E_NO_ROW)) {
		return e;
	}
	device_lock(c, true);
	return call_fault(c, DEVICE_LOCKED);
}

static unsigned usable_methods(const struct call *c)
{
	unsigned usable = c->device.methods & device_config_methods(&c->application->config);

	if (!face_offered(c))
		usable &= ~(1u << auth_method_DEVICE_SERVER_SIDE_FACE);
	return c->operation.auth_level == auth_level_TWO_FACTOR ? usable & ~(1u << auth_method_DEVICE) : usable;
}

struct attempts *attempts_of(struct call *c)
{
	struct attempts *a = arena_new(c->op->arena, struct attempts);

	a->total = failures_limit(&c->application->config);
	a->remaining = failures_remaining(&c->device, &c->application->config);
	a->last = c->device.last_attempt;
	if (a->last)
		MARK(a, attempts, last);
	else
		MARK_NULL(a, attempts, last);
	return a;
}

static err answer_start(struct call *c)
{
	struct ses_start_ok *answer = arena_new(c->op->arena, struct ses_start_ok);
	struct session *s = &c->session;

	answer->sid = arena_copy(c->op->arena, slice_of(s->sid, sizeof(s->sid)));
	answer->challenge = arena_copy(c->op->arena, slice_of(s->secret.challenge, CHALLENGE_BYTES));
	answer->op = kind_of(&c->operation.base);
	answer->ctx = context_of(c, c->operation.content.pre);
	answer->attempts = attempts_of(c);
	if (c->device.has_pin) {
		answer->cid = arena_copy(c->op->arena, slice_of(c->device.cid, sizeof(c->device.cid)));
		answer->saltKeyId = c->device.salt_key;
	}
	if (s->secret.new_salt_key[0])
		answer->newSaltKeyId = arena_copy(c->op->arena, slice_text(s->secret.new_salt_key));
	if (c->operation.content.matchNumber.n) {
		answer->match = arena_new(c->op->arena, struct match_policy);
		answer->match->digits = (int64_t)c->operation.content.matchNumber.n;
	}
	TRY(recovery_current(c, &answer->recoveryId));
	answer->pin = policy_pin(c);
	answer->methods = policies_methods(c, usable_methods(c));
	FILL_TRUST_POLICIES(c, answer);
	answer->risk = risk_asked_for(c);
	return call_ok(c, answer);
}

/* 5.2: a PIN under an older salt key moves to the newest. */
void announce_salt_key(struct call *c)
{
	const struct salt_key *newest = salt_key_newest(c->set, &c->application->id);

	if (c->device.has_pin && newest && !slice_is(c->device.salt_key, newest->id))
		memcpy(c->session.secret.new_salt_key, newest->id, sizeof(newest->id));
}

/* What the app wants to be told to the service provider: kept with the operation's content. */
static err save_client_data(struct call *c, struct tx *tx)
{
	const struct slice *box = c->own;

	return device_operation_client_data(tx, &c->operation.base.id, *box);
}

static void keep_client_data(struct call *c, const struct ses_start *in)
{
	struct slice *box = arena_new(c->op->arena, struct slice);

	/* An older start may have left some: what counts is what this one says. */
	if (slice_eq(in->clientData, c->operation.content.clientData))
		return;
	c->operation.content.clientData = in->clientData;
	*box = content_seal(c->op, &c->owner, &c->operation.base.id, &c->operation.content);
	c->own = box;
	c->save = save_client_data;
}

static err start(struct call *c, const struct ses_start *in)
{
	enum device_error fault = DEVICE_OK, ignored;
	bool locked;

	if (!ticket_good(c, in->ticket)) {
		TRY(find_operation(c, in, &ignored));
		return ticket_refuse(c);
	}
	if (in->clientOnly && !c->application->config.clientOnlyAuthenticationAllowed)
		return call_fault(c, DEVICE_CLIENT_ONLY_DISALLOWED);
	if (!in->clientOnly)
		TRY(find_operation(c, in, &fault));
	if (fault)
		return call_fault(c, fault);
	TRY(start_accepted(c, &locked));
	if (locked)
		return OK;
	if (in->clientOnly)
		operation_begin_here(c, operation_type_AUTHENTICATION, &c->device.id);
	session_begin(c, FAMILY_SES, &c->device.id);
	announce_salt_key(c);
	ticket_keep(c, in->ticket);
	keep_client_data(c, in);
	TRY(face_begin(c, face_allowed(c) && device_has_face(&c->device)));
	if (c->op->waiting)
		return OK;
	TRY(trust_begin(c, S(""), &fault));
	return fault ? call_fault(c, fault) : answer_start(c);
}

err handle_ses_start(struct call *c)
{
	const struct ses_start *in = c->in;
	struct error e;

	return start_checks(c, in->enc, &in->reg, &e) ? e : start(c, in);
}

/* ---- ses.pin ---- */

err session_device(struct call *c, enum device_error *ret_fault)
{
	TRY(device_load(c->op, op_reader(c->op), &c->session.device, &c->device, &c->owner));
	c->has_device = true;
	*ret_fault = DEVICE_OK;
	if (c->owner.state == user_state_LOCKED || c->device.lock_reason == lock_reason_LOCKED_BY_ADMIN)
		*ret_fault = DEVICE_LOCKED_BY_ADMIN;
	else if (c->device.state != credential_state_ACTIVE)
		*ret_fault = c->device.state == credential_state_LOCKED ? DEVICE_LOCKED : DEVICE_NOT_REGISTERED;
	if (!*ret_fault)
		*ret_fault = sdk_check(c);
	return OK;
}

enum device_error method_check(const struct call *c, enum auth_method m)
{
	if (m == auth_method_DEVICE_SERVER_SIDE_FACE && !face_offered(c))
		return DEVICE_NO_MATCHING_METHOD;
	if (c->session.family == FAMILY_AM)
		return am_method_check(c, m);
	if (!(c->device.methods >> m & 1))
		return DEVICE_NO_MATCHING_METHOD;
	if (!(device_config_methods(&c->application->config) >> m & 1))
		return DEVICE_ILLEGAL_METHOD;
	if (c->operation.auth_level == auth_level_TWO_FACTOR && !auth_method_is_two_factor(m))
		return DEVICE_ILLEGAL_FACTOR;
	return DEVICE_OK;
}

/* The session ends here, and the device is locked. */
err session_lock(struct call *c, enum device_error fault)
{
	c->session_change = SAVE_SESSION;
	c->session_over = c->write = c->device_changed = true;
	device_lock(c, true);
	return call_fault(c, fault);
}

/* 5.2: an authenticated message with a salt key that is not this registration's. */
static err wrong_salt_key(struct call *c)
{
	c->device.state = credential_state_LOCKED;
	c->device.lock_reason = lock_reason_INCORRECT_SALT_KEY_ID;
	return session_lock(c, DEVICE_AUTHENTICATION_FAILED);
}

static err charge_and_answer(struct call *c, struct pin_ask_ok *answer)
{
	failures_charge_open(&c->device);
	c->device.last_attempt = c->op->now;
	c->session.secret.evaluated = 1;
	c->session_change = SAVE_SESSION;
	c->advance = c->write = c->device_changed = true;
	answer->remaining = failures_remaining(&c->device, &c->application->config);
	MARK(answer, pin_ask_ok, remaining);
	return call_ok(c, answer);
}

/* false: the blinded element is no point. */
static err evaluate_under(struct call *c, struct slice salt_key, struct slice blinded, struct slice *ret_evaluated, bool *ret_good)
{
	const struct salt_key *salt = salt_key_find(c->set, &c->application->id, salt_key);
	struct pin_id id = pin_id_of(&c->device.id, c->device.cid);
	uint8_t *e = arena_alloc(c->op->arena, P256_POINT_BYTES);

	ENSURE(salt, INTERNAL);
	*ret_good = !failed(pin_evaluate(salt->secret, &id, blinded, e));
	*ret_evaluated = slice_of(e, P256_POINT_BYTES);
	return OK;
}

/*
 * Computed first, because only so it shows whether the message has the form of one; it leaves once it is charged. The phone may have
 * moved to the pending pair already, or be about to move.
 */
static err evaluate(struct call *c, const struct device_pin_ask *ask, struct pin_ask_ok *answer, bool *ret_good)
{
	const char *newer = c->session.secret.new_salt_key;
	bool pending = c->device.has_pending_pin && slice_eq(ask->skid, c->device.pending_salt);
	struct slice used = pending ? c->device.pending_salt : c->device.salt_key;

	TRY(evaluate_under(c, used, ask->b, &answer->e, ret_good));
	c->session.secret.used_pending = pending;
	if (*ret_good && c->session.family == FAMILY_SES && newer[0] && !slice_is(used, newer))
		TRY(evaluate_under(c, slice_text(newer), ask->b, &answer->e2, ret_good));
	return OK;
}

err pin_authorise(struct call *c, const struct device_pin_ask *ask)
{
	struct pin_ask_ok *answer = arena_new(c->op->arena, struct pin_ask_ok);
	enum device_error fault;
	bool good;

	TRY(session_device(c, &fault));
	TRY(evaluate(c, ask, answer, &good));
	if (!good)
		return session_broken(c, DEVICE_MALFORMED_PARAMETER);
	if (!fault)
		fault = method_check(c, auth_method_DEVICE_PIN);
	if (fault)
		return call_fault(c, fault);
	if (!slice_eq(ask->skid, c->device.salt_key) && !c->session.secret.used_pending)
		return wrong_salt_key(c);
	failures_settle(&c->device);
	if (failures_lock(&c->device, &c->application->config))
		return session_lock(c, DEVICE_LOCKED);
	return charge_and_answer(c, answer);
}

err handle_ses_pin(struct call *c)
{
	const struct pin_ask *in = c->in;

	return pin_authorise(c, &(struct device_pin_ask){ in->b, in->skid });
}

/* ---- ses.cancel ---- */

/* At its limit a recovery that ends here without success is locked (6.4). */
static err cancel_recovery(struct call *c)
{
	struct recovery r;

	TRY(session_recovery(c, &r));
	if (!r.gone && r.fails >= recovery_limit(&c->application->config))
		return recovery_locked(c, &r);
	c->operation_error = OPERATION_CANCELLED_BY_DEVICE;
	c->session_change = SAVE_SESSION;
	c->advance = c->session_over = c->write = true;
	return call_ok(c, arena_new(c->op->arena, struct plain_ok));
}

err handle_ses_cancel(struct call *c)
{
	enum device_error fault;

	if (c->session.family == FAMILY_REC)
		return cancel_recovery(c);
	TRY(session_device(c, &fault));
	c->operation_error = OPERATION_CANCELLED_BY_DEVICE;
	c->session_change = SAVE_SESSION;
	c->advance = c->session_over = c->write = true;
	if (c->device.try_open) {
		failures_settle(&c->device);
		c->device_changed = true;
		if (failures_lock(&c->device, &c->application->config))
			device_lock(c, false);
	}
	return call_ok(c, arena_new(c->op->arena, struct plain_ok));
}

/* am.finish: an approval that changes the device's methods (6.3). */
#include "device/approve.h"
#include "device/faces.h"

static size_t proofs_of(const struct call *c, enum signature_kind kind)
{
	return plaintext_signature(&c->plaintext, kind).n != 0;
}

/* Row 1: the new key is of the method that the start named, with its proof and no other. */
static enum device_error check_form(const struct call *c, const struct am_finish *in)
{
	enum auth_method m = (enum auth_method)c->session.secret.method;
	bool activates = c->session.secret.purpose == method_purpose_activate;

	if (activates && !in->new)
		return DEVICE_MISSING_PARAMETER;
	if (!activates && in->new)
		return DEVICE_MALFORMED_PARAMETER;
	if (activates && (in->new->m != m || (m == auth_method_DEVICE_SERVER_SIDE_FACE && in->new->pub.n)))
		return DEVICE_MALFORMED_PARAMETER;
	if (activates && m == auth_method_DEVICE_SERVER_SIDE_FACE && !in->face)
		return DEVICE_MISSING_PARAMETER;
	if (proofs_of(c, SIG_NEW_PIN) != (activates && m == auth_method_DEVICE_PIN) ||
		proofs_of(c, SIG_NEW_BIOMETRIC) != (activates && auth_method_is_biometric(m)))
		return DEVICE_NOT_PARSABLE;
	return DEVICE_OK;
}

/* Row 4a. */
static bool proves_key(struct call *c, const struct am_finish *in)
{
	enum auth_method m = (enum auth_method)c->session.secret.method;

	if (!in->new || m == auth_method_DEVICE_SERVER_SIDE_FACE)
		return true;
	if (m == auth_method_DEVICE_PIN)
		return c->session.asks > 0 && proves_new(c, SIG_NEW_PIN, 0, in->new->pub);
	return auth_method_is_biometric(m) && proves_new(c, SIG_NEW_BIOMETRIC, 0, in->new->pub);
}

static void change_pin(struct call *c, const struct am_finish *in)
{
	struct device *d = &c->device;

	memcpy(d->pk_pin, in->new->pub.p, POINT_BYTES);
	memcpy(d->cid, c->session.secret.cid, PIN_CREDENTIAL_ID_BYTES);
	d->salt_key = arena_copy(c->op->arena, slice_text(c->session.secret.new_salt_key));
	d->has_pin = true;
	d->has_pending_pin = false;
	d->pending_salt = S("");
}

static void change_methods(struct call *c, const struct am_finish *in)
{
	enum auth_method m = (enum auth_method)c->session.secret.method;
	struct device *d = &c->device;

	if (!in->new) {
		d->methods &= ~(1u << m);
		if (m == auth_method_DEVICE_PIN)
			d->has_pin = d->has_pending_pin = false;
	} else {
		d->methods |= 1u << m;
		if (m == auth_method_DEVICE_PIN)
			change_pin(c, in);
		else if (m != auth_method_DEVICE_SERVER_SIDE_FACE)
			memcpy(d->biometric[m], in->new->pub.p, POINT_BYTES);
	}
	c->keys = device_keys_seal(c->op, &c->owner, d);
}

static err save_change(struct call *c, struct tx *tx)
{
	struct fact_origin origin = fact_origin_of(c->op);
	const struct slice *evidence = c->own;

	TRY(operation_complete(&origin, tx, &c->operation.base, NULL));
	TRY(evidence_insert(tx, &c->operation.base.id, &c->owner, *evidence));
	TRY(faces_drop_unused(tx, &c->device.id));
	return owner_touch(tx, &c->owner.id, c->op->now);
}

/* The face that is to be a method from now on; a bad scan leaves everything as it is. */
static err enrol(struct call *c, enum device_error *ret_fault)
{
	struct face_verdict verdict;

	*ret_fault = DEVICE_OK;
	if (c->session.secret.purpose != method_purpose_activate || c->session.secret.method != auth_method_DEVICE_SERVER_SIDE_FACE)
		return OK;
	if (!face_offered(c)) {
		*ret_fault = DEVICE_SERVICE_UNAVAILABLE;
		return OK;
	}
	TRY(face_enrol(c, &verdict));
	*ret_fault = face_enrol_fault(&verdict);
	return OK;
}

static err change(struct call *c, const struct brought *b)
{
	struct finish_ok *answer = arena_new(c->op->arena, struct finish_ok);
	struct slice *evidence = c->own = arena_new(c->op->arena, struct slice);
	const struct am_finish *in = c->in;

	/* A deactivation clears what one factor may. */
	failures_success(&c->device, b->m);
	c->lock_others = failures_lock(&c->device, &c->application->config);
	c->device.last_operation = c->operation.base.operation;
	c->device.last_used = c->owner.last_used = c->device.last_attempt = c->op->now;
	TRY(evidence_seal(c, evidence));
	change_methods(c, in);
	answer->methods = policies_methods(c, c->device.methods);
	answer->tokens = tokens_issue(c, b->purposes, auth_method_is_two_factor(b->m) ? c->op->now : 0);
	ticket_issue(c, &answer->ticket);
	c->save = save_change;
	c->session_change = SAVE_SESSION;
	c->advance = c->session_over = c->write = c->device_changed = true;
	return call_ok(c, answer);
}

static err complete(struct call *c, const struct brought *b)
{
	enum device_error fault;

	TRY(enrol(c, &fault));
	if (c->op->waiting)
		return OK;
	return fault ? call_fault_again(c, fault, -1) : change(c, b);
}

err handle_am_finish(struct call *c)
{
	const struct am_finish *in = c->in;
	const struct brought b = { .m = in->m, .chal = in->chal, BROUGHT(in) };
	enum device_error fault = check_form(c, in);

	if (fault)
		return session_broken(c, fault);
	if (!proves_key(c, in))
		return session_broken(c, DEVICE_MALFORMED_PARAMETER);
	return approve(c, &b, complete);
}

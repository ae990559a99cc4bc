/*
 * The order of checks of section 7, for every finish of a device that there is already. 5a, 6 and 5d are always all computed, and what
 * the phone hears does not tell which of them failed: same code, text, length and cryptographic work.
 */
#include "device/bells.h"
#include "device/faces.h"

struct proofs {
	bool device;  /* 5a: the device key over the transcript, and the last challenge */
	bool second;  /* 5d: the second factor; true when the method has none */
	bool unheard; /* nobody could be asked about it */
};

static struct proofs check_proofs(struct call *c, const struct brought *b)
{
	bool signature = proves_old(c, SIG_DEVICE, c->device.dk);
	bool challenge = slice_eq_secret(b->chal, slice_of(c->session.secret.challenge, CHALLENGE_BYTES));
	struct proofs p = { .device = signature && challenge, .second = b->m == auth_method_DEVICE };

	if (b->m == auth_method_DEVICE_PIN)
		p.second = proves_old(c, SIG_PIN, c->session.secret.used_pending ? c->device.pending_pin : c->device.pk_pin);
	else if (auth_method_is_biometric(b->m))
		p.second = proves_old(c, SIG_BIOMETRIC, c->device.biometric[b->m]);
	return p;
}

/* Asked whether the device is good or not, like every other second factor: the time that it takes tells nothing. */
static err check_face(struct call *c, struct proofs *p)
{
	struct face_verdict verdict;

	TRY(face_match(c, &c->device.face, &verdict));
	p->second = verdict.good;
	p->unheard = !verdict.heard;
	return OK;
}

/* What the phone told stays with the operation, should it fail. */
static err keep_report(struct call *c, const struct brought *b)
{
	TRY(report_write(c, b, &c->report));
	c->report_box = report_seal(c->op, &c->owner, &c->operation.base.id, c->report);
	return OK;
}

/* A failure that does not tell the factor: another try, or the lock. */
static err charge_try(struct call *c, bool device_bad)
{
	failures_finish(&c->device, device_bad);
	c->device.last_attempt = c->op->now;
	c->device_changed = c->write = true;
	c->device_fact = FACT_DEVICE_TRY_FAILED;
	if (failures_lock(&c->device, &c->application->config))
		return session_lock(c, DEVICE_LOCKED);
	return call_try_again(c);
}

static err try_failed(struct call *c, const struct brought *b, bool device_bad)
{
	TRY(keep_report(c, b));
	return charge_try(c, device_bad);
}

err device_try_failed(struct call *c, bool device_bad)
{
	return charge_try(c, device_bad);
}

/* One of the checks between the proofs: the operation fails, and it may be that the device is locked. */
static err check_failed(struct call *c, const struct brought *b, const struct verdict *v, bool second_good)
{
	TRY(keep_report(c, b));
	if (v->takes_back && second_good)
		failures_take_back(&c->device);
	failures_settle(&c->device);
	c->session_change = SAVE_SESSION;
	c->session_over = c->write = c->device_changed = true;
	c->operation_error = v->error;
	if (v->lock) {
		c->device.state = credential_state_LOCKED;
		c->device.lock_reason = v->lock;
		c->lock_others = true;
	} else {
		c->lock_others = failures_lock(&c->device, &c->application->config);
	}
	return call_fault(c, v->fault);
}

/* 03 belongs to DEVICE_PIN after an evaluation in this session, 04 to the biometric methods, 02 to a device that has such a key. */
static bool kinds_fit(const struct call *c, const struct brought *b)
{
	const struct session_secret *s = &c->session.secret;
	bool enrols = c->session.family == FAMILY_AM && s->purpose == method_purpose_activate &&
		      s->method == auth_method_DEVICE_SERVER_SIDE_FACE;
	bool scan = b->m == auth_method_DEVICE_SERVER_SIDE_FACE || enrols;

	bool pin = plaintext_signature(&c->plaintext, SIG_PIN).n != 0;
	bool biometric = plaintext_signature(&c->plaintext, SIG_BIOMETRIC).n != 0;
	bool hardware = plaintext_signature(&c->plaintext, SIG_HARDWARE).n != 0;

	return pin == (b->m == auth_method_DEVICE_PIN && c->session.secret.evaluated) && biometric == auth_method_is_biometric(b->m) &&
	       (!hardware || c->device.has_hk) && (scan || !b->face);
}

/* DEVICE_PIN without an evaluation in its session charges only a bad device, and never completes (5.3). */
err approve(struct call *c, const struct brought *b, complete_fn complete)
{
	bool unevaluated = b->m == auth_method_DEVICE_PIN && !c->session.secret.evaluated;
	enum device_error fault, method_fault;
	struct verdict v;
	struct proofs p;

	TRY(session_device(c, &fault));
	if (!kinds_fit(c, b))
		return session_broken(c, DEVICE_NOT_PARSABLE);
	if (fault)
		return call_fault(c, fault);
	p = check_proofs(c, b);
	method_fault = method_check(c, b->m);
	if (p.device && method_fault)
		return call_fault(c, method_fault);
	if (b->m == auth_method_DEVICE_SERVER_SIDE_FACE && !b->face)
		return session_broken(c, DEVICE_MISSING_PARAMETER);
	if (b->m == auth_method_DEVICE_SERVER_SIDE_FACE && !method_fault)
		TRY(check_face(c, &p));
	if (c->op->waiting)
		return OK;
	TRY(checks_run(c, b, true, &v));
	if (!p.device)
		c->attest_key = S(""); /* nothing is kept of a stranger */
	if (!p.device || v.what == CHECK_TRY_FAILED)
		return try_failed(c, b, true);
	if (v.what == CHECK_FAILED)
		return check_failed(c, b, &v, p.second && !unevaluated);
	if (unevaluated)
		return call_fault(c, DEVICE_NO_SESSION);
	if (p.unheard)
		return call_fault_again(c, DEVICE_SERVICE_UNAVAILABLE, -1);
	if (!p.second)
		return try_failed(c, b, false);
	TRY(report_write(c, b, &c->report));
	push_token_take(c, b->push_token);
	return complete(c, b);
}

/* 7: another device was first. A PIN that was right costs this one nothing; the answer is the same whatever it was. */
err approve_late(struct call *c)
{
	const struct ses_finish *in = c->in;
	const struct brought b = { .m = in->m, .chal = in->chal, BROUGHT(in) };
	enum device_error fault;
	struct proofs p;

	TRY(session_device(c, &fault));
	if (fault || in->m != auth_method_DEVICE_PIN || !c->device.try_open || !kinds_fit(c, &b))
		return call_fault(c, DEVICE_NO_SESSION);
	p = check_proofs(c, &b);
	if (p.device && p.second) {
		failures_take_back(&c->device);
		c->device_changed = c->write = true;
	}
	return call_fault(c, DEVICE_NO_SESSION);
}

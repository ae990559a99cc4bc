/*
 * ses.finish: the order of checks of section 7. 5a and 5d are always both computed, and what the phone hears does not tell which
 * of them failed: same code, text, length and cryptographic work.
 */
#include "device/internal.h"

struct proofs {
	bool device; /* 5a: the device key over the transcript, and the last challenge */
	bool second; /* 5d: the second factor; true when the method has none */
};

struct finish_own {
	struct slice result, evidence;
};

static bool verifies(struct call *c, enum signature_kind kind, const uint8_t *key)
{
	struct transcript t;

	memcpy(t.th, c->session.secret.th, sizeof(t.th));
	return !failed(transcript_verify(&t, kind, c->plaintext.json, slice_of(key, POINT_BYTES),
		plaintext_signature(&c->plaintext, kind)));
}

static struct proofs check_proofs(struct call *c, const struct ses_finish *in)
{
	bool signature = verifies(c, SIG_DEVICE, c->device.dk);
	bool challenge = slice_eq_secret(in->chal, slice_of(c->session.secret.challenge, CHALLENGE_BYTES));
	struct proofs p = { .device = signature && challenge, .second = in->m == auth_method_DEVICE };

	if (in->m == auth_method_DEVICE_PIN)
		p.second = verifies(c, SIG_PIN, c->device.pk_pin);
	return p;
}

/* A failure that does not tell the factor: another try, or the lock. */
static err try_failed(struct call *c, const struct proofs *p)
{
	failures_finish(&c->device, !p->device);
	c->device.last_attempt = c->op->now;
	c->device_changed = c->write = true;
	c->device_fact = FACT_DEVICE_TRY_FAILED;
	if (failures_lock(&c->device, &c->application->config))
		return session_lock(c, DEVICE_LOCKED);
	return call_try_again(c);
}

static err save_completed(struct call *c, struct tx *tx)
{
	const struct finish_own *own = c->own;
	struct fact_origin origin = fact_origin_of(c->op);

	TRY(operation_complete(&origin, tx, &c->operation.base, NULL));
	TRY(device_operation_finish(tx, &c->operation.base.id, own->result));
	TRY(evidence_insert(tx, &c->operation.base.id, &c->owner, own->evidence));
	return owner_touch(tx, &c->owner.id, c->op->now);
}

static err complete(struct call *c, const struct ses_finish *in)
{
	struct finish_ok *answer = arena_new(c->op->arena, struct finish_ok);
	struct finish_own *own = c->own = arena_new(c->op->arena, struct finish_own);
	struct completion how = { .method = in->m, .client_data = c->operation.content.clientData };
	struct slice result;

	failures_success(&c->device, in->m);
	/* One factor takes back no guess at the second: the last one may have been open. */
	c->lock_others = failures_lock(&c->device, &c->application->config);
	c->device.last_operation = c->operation.base.operation;
	c->device.last_used = c->owner.last_used = c->device.last_attempt = c->op->now;
	TRY(post_context(c, &answer->ctx));
	answer->tokens = (struct list){ arena_new(c->op->arena, struct authorisation_token), 0 };
	ticket_issue(c, &answer->ticket);
	if (c->operation.base.operation == operation_type_SIGNING)
		TRY(consent_sign(c->op, &c->owner, &c->device, &c->operation, in->m, c->op->now, &how.signature));
	TRY(view_completed(c->op, &c->owner, &c->device, &c->operation, &how, &result));
	own->result = result_seal(c->op, &c->owner, &c->operation.base.id, result);
	own->evidence = evidence_seal(c);
	c->save = save_completed;
	c->session_change = SAVE_SESSION;
	c->advance = c->session_over = c->write = c->device_changed = true;
	return call_ok(c, answer);
}

/* 03 belongs to DEVICE_PIN after an evaluation in this session, 04 to the biometric methods, and neither to anything else. */
static bool kinds_fit_method(const struct call *c, const struct ses_finish *in)
{
	bool pin = plaintext_signature(&c->plaintext, SIG_PIN).n != 0;
	bool biometric = plaintext_signature(&c->plaintext, SIG_BIOMETRIC).n != 0;
	bool others = plaintext_signature(&c->plaintext, SIG_NEW_PIN).n || plaintext_signature(&c->plaintext, SIG_HARDWARE).n;

	return !others && pin == (in->m == auth_method_DEVICE_PIN && c->session.secret.evaluated) &&
	       biometric == auth_method_is_biometric(in->m);
}

/* DEVICE_PIN without an evaluation in its session charges only a bad device, and never completes (5.3). */
static err finish_without_evaluation(struct call *c, const struct proofs *p)
{
	return p->device ? call_fault(c, DEVICE_NO_SESSION) : try_failed(c, p);
}

err handle_ses_finish(struct call *c)
{
	const struct ses_finish *in = c->in;
	enum device_error fault;
	struct proofs p;

	if (!kinds_fit_method(c, in))
		return session_broken(c, DEVICE_NOT_PARSABLE);
	TRY(session_device(c, &fault));
	if (fault)
		return call_fault(c, fault);
	p = check_proofs(c, in);
	fault = method_check(c, in->m);
	if (p.device && fault)
		return call_fault(c, fault);
	if (in->m == auth_method_DEVICE_PIN && !c->session.secret.evaluated)
		return finish_without_evaluation(c, &p);
	return p.device && p.second ? complete(c, in) : try_failed(c, &p);
}

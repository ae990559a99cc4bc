/* ses.finish: an approval that completes an authentication or a signature (6.2). */
#include "device/approve.h"

struct finish_own {
	struct slice result, evidence;
};

static err save_completed(struct call *c, struct tx *tx)
{
	const struct finish_own *own = c->own;
	struct fact_origin origin = fact_origin_of(c->op);

	TRY(operation_complete(&origin, tx, &c->operation.base, &c->device.id));
	TRY(device_operation_finish(tx, &c->operation.base.id, own->result));
	TRY(evidence_insert(tx, &c->operation.base.id, &c->owner, own->evidence));
	return owner_touch(tx, &c->owner.id, c->op->now);
}

/* 5.2: the pair that was used is the one that holds; a new one stays pending beside it until it is used. */
static void rotate(struct call *c, const struct ses_finish *in)
{
	struct device *d = &c->device;
	const struct session_secret *s = &c->session.secret;

	if (in->m == auth_method_DEVICE_PIN && s->used_pending) {
		memcpy(d->pk_pin, d->pending_pin, POINT_BYTES);
		d->salt_key = d->pending_salt;
	}
	if (in->m == auth_method_DEVICE_PIN && (s->used_pending || in->rot)) {
		d->has_pending_pin = in->rot != NULL;
		d->pending_salt = in->rot ? arena_copy(c->op->arena, slice_text(s->new_salt_key)) : S("");
		if (in->rot)
			memcpy(d->pending_pin, in->rot->pkPin.p, POINT_BYTES);
		c->keys = device_keys_seal(c->op, &c->owner, d);
	}
}

static err complete(struct call *c, const struct brought *b)
{
	struct finish_ok *answer = arena_new(c->op->arena, struct finish_ok);
	struct finish_own *own = c->own = arena_new(c->op->arena, struct finish_own);
	struct completion how = { .method = b->m, .client_data = c->operation.content.clientData, .report = c->report };
	struct slice result;

	failures_success(&c->device, b->m);
	/* One factor takes back no guess at the second: the last one may have been open. */
	c->lock_others = failures_lock(&c->device, &c->application->config);
	c->device.last_operation = c->operation.base.operation;
	c->device.last_used = c->owner.last_used = c->device.last_attempt = c->op->now;
	c->device.pushes = 0;
	TRY(post_context(c, &answer->ctx));
	answer->tokens = tokens_issue(c, b->purposes, auth_method_is_two_factor(b->m) ? c->op->now : 0);
	ticket_issue(c, &answer->ticket);
	if (c->operation.base.operation == operation_type_SIGNING)
		TRY(consent_sign(c->op, &c->owner, &c->device, &c->operation, b->m, c->op->now, &how.signature));
	TRY(view_completed(c->op, &c->owner, &c->device, &c->operation, &how, &result));
	own->result = result_seal(c->op, &c->owner, &c->operation.base.id, result);
	TRY(evidence_seal(c, &own->evidence));
	rotate(c, c->in);
	c->save = save_completed;
	c->session_change = SAVE_SESSION;
	c->advance = c->session_over = c->write = c->device_changed = true;
	return call_ok(c, answer);
}

/* A new pair belongs to a PIN that was evaluated under a salt key that the start announced. */
static bool rotation_fits(const struct call *c, const struct ses_finish *in)
{
	bool proof = plaintext_signature(&c->plaintext, SIG_NEW_PIN).n != 0;

	if (!in->rot)
		return !proof;
	return proof && in->m == auth_method_DEVICE_PIN && c->session.secret.evaluated && c->session.secret.new_salt_key[0];
}

err handle_ses_finish(struct call *c)
{
	const struct ses_finish *in = c->in;
	const struct brought b = { .m = in->m, .chal = in->chal, .match = in->match, BROUGHT(in) };

	if (!rotation_fits(c, in))
		return session_broken(c, DEVICE_NOT_PARSABLE);
	if (in->rot && !proves_new(c, SIG_NEW_PIN, 0, in->rot->pkPin))
		return session_broken(c, DEVICE_MALFORMED_PARAMETER);
	return approve(c, &b, complete);
}

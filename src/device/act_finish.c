/* The end of a registration: act.finish (6.1, 7). */
#include "device/bells.h"
#include "device/legs.h"
#include "device/new_device.h"

struct finish_own {
	struct new_device boxes;
	struct slice result, evidence;
	const struct uuid *prev;
	bool again; /* a device that there was gets new keys */
};

static err save_finish(struct call *c, struct tx *tx)
{
	const struct finish_own *own = c->own;
	struct fact_origin origin = fact_origin_of(c->op);

	TRY(operation_complete(&origin, tx, &c->operation.base, &c->device.id));
	TRY(own->again ? new_device_replace(c, tx, &own->boxes) : new_device_insert(c, tx, &own->boxes));
	TRY(device_operation_finish(tx, &c->operation.base.id, own->result));
	TRY(evidence_insert(tx, &c->operation.base.id, &c->owner, own->evidence));
	TRY(owner_touch(tx, &c->owner.id, c->op->now));
	if (!own->prev || uuid_eq(own->prev, &c->device.id))
		return OK;
	return device_retire(c, tx, own->prev, OPERATION_CANCELLED_NEW_ACTIVATION, FACT_DEVICE_REPLACED);
}

/* The device that is registered again; it may have been locked since the start (section 9: it has to be ACTIVE). */
static err load_known(struct call *c, struct device *ret_known, enum device_error *ret_fault)
{
	TRY(device_load(c->op, op_reader(c->op), &c->session.device, ret_known, &c->owner));
	*ret_fault = ret_known->state == credential_state_ACTIVE ? DEVICE_OK :
		     ret_known->state == credential_state_DELETED ? DEVICE_NOT_REGISTERED :
		     ret_known->lock_reason == lock_reason_LOCKED_BY_ADMIN ? DEVICE_LOCKED_BY_ADMIN : DEVICE_LOCKED;
	return OK;
}

static err register_device(struct call *c, const struct act_finish *in, const struct brought *b, const struct device *known)
{
	struct finish_ok *answer = arena_new(c->op->arena, struct finish_ok);
	struct finish_own *own = c->own = arena_new(c->op->arena, struct finish_own);
	struct completion how = { .method = auth_method_none };
	struct slice result;

	TRY(report_write(c, b, &how.report));
	push_token_take(c, b->push_token);
	own->again = known != NULL;
	new_device_make(c, in, known, &own->boxes);
	own->prev = previous_of(c);
	TRY(post_context(c, &answer->ctx));
	answer->methods = policies_methods(c, c->device.methods);
	answer->tokens = tokens_issue(c, in->tokenPurposes, c->device.methods & ~(1u << auth_method_DEVICE) ? c->op->now : 0);
	ticket_issue(c, &answer->ticket);
	c->owner.last_used = c->op->now;
	TRY(view_completed(c->op, &c->owner, &c->device, &c->operation, &how, &result));
	own->result = result_seal(c->op, &c->owner, &c->operation.base.id, result);
	TRY(evidence_seal(c, &own->evidence));
	c->save = save_finish;
	c->session_change = SAVE_SESSION;
	c->advance = c->session_over = c->write = true;
	return call_ok(c, answer);
}

/* In a registration a lock means that it fails with the code, and no device is made. */
static err check_and_register(struct call *c, const struct act_finish *in)
{
	const struct brought b = { BROUGHT(in) };
	bool again = c->operation.base.operation == operation_type_RE_REGISTRATION;
	enum device_error fault = DEVICE_OK;
	struct device known;
	struct verdict v;

	TRY(hash_check(c, slice_text(c->session.secret.device_hash), &fault));
	if (again && !fault)
		TRY(load_known(c, &known, &fault));
	if (fault)
		return call_fault(c, fault);
	TRY(checks_run(c, &b, false, &v));
	if (v.what == CHECK_PASSED) {
		TRY(new_device_enrol(c, in, &fault));
		if (c->op->waiting)
			return OK;
		return fault ? call_fault_again(c, fault, -1) : register_device(c, in, &b, again ? &known : NULL);
	}
	TRY(report_write(c, &b, &c->report));
	c->report_box = report_seal(c->op, &c->owner, &c->operation.base.id, c->report);
	return fail_registration(c, v.fault, v.error);
}

err handle_act_finish(struct call *c)
{
	const struct act_finish *in = c->in;
	enum device_error fault = new_device_form(c, in);

	if (fault)
		return session_broken(c, fault);
	fault = sdk_check(c);
	if (c->owner.state == user_state_LOCKED)
		return call_fault(c, DEVICE_LOCKED_BY_ADMIN);
	if (fault)
		return call_fault(c, fault);
	if (!new_device_proves(c, in))
		return fail_registration(c, DEVICE_ACTIVATION_FAILED, OPERATION_CALLBACK_PROCESSING_ERROR);
	fault = new_device_methods(c, in, c->operation.auth_level);
	if (fault)
		return call_fault(c, fault);
	return check_and_register(c, in);
}

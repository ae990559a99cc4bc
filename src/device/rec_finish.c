/* rec.finish: a new device by a recovery (6.4). */
#include "device/new_device.h"
#include "device/recovery.h"

struct finish_own {
	struct new_device boxes;
	struct recovery recovery;
	struct slice result, evidence;
	struct uuid old;
};

static err save_finish(struct call *c, struct tx *tx)
{
	const struct finish_own *own = c->own;
	struct fact_origin origin = fact_origin_of(c->op);

	TRY(operation_complete(&origin, tx, &c->operation.base, &c->device.id));
	TRY(new_device_insert(c, tx, &own->boxes));
	TRY(recovery_save(tx, &own->recovery));
	TRY(device_operation_finish(tx, &c->operation.base.id, own->result));
	TRY(evidence_insert(tx, &c->operation.base.id, &c->owner, own->evidence));
	TRY(owner_touch(tx, &c->owner.id, c->op->now));
	if (!c->application->config.recoveryDeletesOldDevice)
		return OK;
	return device_retire(c, tx, &own->old, OPERATION_CANCELLED_PERFORM_RECOVERY_STARTED, FACT_DEVICE_REPLACED);
}

/* A code is used up; a face recovery stays, and moves to the new device. */
static void use_up(struct recovery *r, const struct uuid *device)
{
	r->status = recovery_status_RECOVERED;
	r->fails = 0;
	r->gone = r->method == recovery_method_CLOUD_BACKUP_RECOVERY_CODE;
	if (!r->gone)
		r->device = *device;
}

static err recover(struct call *c, const struct act_finish *in, const struct brought *b, const struct recovery *r)
{
	struct finish_ok *answer = arena_new(c->op->arena, struct finish_ok);
	struct finish_own *own = c->own = arena_new(c->op->arena, struct finish_own);
	struct completion how = { .method = auth_method_none, .recovery = r->method };
	struct slice result;

	TRY(report_write(c, b, &how.report));
	own->recovery = *r;
	own->old = r->device;
	new_device_make(c, in, NULL, &own->boxes);
	use_up(&own->recovery, &c->device.id);
	answer->methods = policies_methods(c, c->device.methods);
	answer->tokens = tokens_issue(c, in->tokenPurposes, c->op->now);
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

/* Row 4a: the recovery key, and every new one. At its limit the recovery is locked. */
static err refuse_proofs(struct call *c, const struct recovery *r)
{
	if (r->fails >= recovery_limit(&c->application->config))
		return recovery_locked(c, r);
	return fail_registration(c, DEVICE_ACTIVATION_FAILED, OPERATION_CALLBACK_PROCESSING_ERROR);
}

static err check_and_recover(struct call *c, const struct act_finish *in, const struct recovery *r)
{
	const struct brought b = { BROUGHT(in) };
	enum device_error fault;
	struct verdict v;

	TRY(hash_check(c, slice_text(c->session.secret.device_hash), &fault));
	if (fault)
		return call_fault(c, fault);
	TRY(checks_run(c, &b, false, &v));
	if (v.what == CHECK_PASSED) {
		TRY(new_device_enrol(c, in, &fault));
		if (c->op->waiting)
			return OK;
		return fault ? call_fault_again(c, fault, -1) : recover(c, in, &b, r);
	}
	TRY(report_write(c, &b, &c->report));
	c->report_box = report_seal(c->op, &c->owner, &c->operation.base.id, c->report);
	return fail_registration(c, v.fault, v.error);
}

err handle_rec_finish(struct call *c)
{
	const struct act_finish *in = c->in;
	enum device_error fault = new_device_form(c, in);
	struct recovery r;

	if (fault)
		return session_broken(c, fault);
	TRY(session_recovery(c, &r));
	fault = sdk_check(c);
	if (c->owner.state == user_state_LOCKED)
		return call_fault(c, DEVICE_LOCKED_BY_ADMIN);
	if (fault)
		return call_fault(c, fault);
	if (r.gone || !c->session.secret.evaluated)
		return call_fault(c, DEVICE_NO_SESSION);
	if (r.status == recovery_status_LOCKED) /* by the administrator, since the session began */
		return recovery_locked(c, &r);
	if (!proves_old(c, SIG_RECOVERY, r.rk) || !new_device_proves(c, in))
		return refuse_proofs(c, &r);
	fault = new_device_methods(c, in, auth_level_TWO_FACTOR);
	return fault ? call_fault(c, fault) : check_and_recover(c, in, &r);
}

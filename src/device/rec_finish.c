/* rec.finish: a new device by a recovery (6.4). */
#include "device/new_device.h"
#include "device/recovery.h"

struct finish_own {
	struct new_device made; /* first */
	struct recovery recovery;
	struct uuid old;
};

static err save_finish(struct call *c, struct tx *tx)
{
	const struct finish_own *own = c->own;

	TRY(new_device_save(c, tx, &own->made));
	TRY(recovery_save(tx, &own->recovery));
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

static err recover(struct call *c, const struct act_finish *in, const struct recovery *r)
{
	struct finish_own *own = arena_new(c->op->arena, struct finish_own);

	own->made.save = save_finish;
	own->made.recovery = r->method;
	own->recovery = *r;
	own->old = r->device;
	use_up(&own->recovery, &c->session.device);
	return new_device_finish(c, in, &own->made);
}

/* Row 4a: the recovery key, and every new one. At its limit the recovery is locked. */
static err refuse_proofs(struct call *c, const struct recovery *r)
{
	if (r->fails >= recovery_limit(&c->application->config))
		return recovery_locked(c, r);
	return fail_registration(c, DEVICE_ACTIVATION_FAILED, OPERATION_CALLBACK_PROCESSING_ERROR);
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
	return fault ? call_fault(c, fault) : recover(c, in, &r);
}

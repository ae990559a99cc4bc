/* REST: a recovery that was carried out or set up, and the lock of a device's recovery (api.md 4.6, 4.7). */
#include "device/device_schema.h"
#include "device/recovery.h"
#include "device/rest.h"

enum { VIEW_BYTES_MAX = 1024 * 1024 };

/* ---- what polling a recovery answers ---- */

static err write_view(struct op *op, const struct recovery_view *view, struct slice *ret_json)
{
	struct buf b = buf_arena(op->arena, VIEW_BYTES_MAX);

	schema_write(&recovery_view_schema, view, &b);
	TRY(buf_ok(&b));
	*ret_json = buf_bytes(&b);
	return OK;
}

static struct operation_user *user_of(struct op *op, const struct user *owner)
{
	struct operation_user *user = arena_new(op->arena, struct operation_user);

	user->externalRef = owner->profile.reference.n ? owner->profile.reference : slice_of(NULL, 0);
	user->segment = owner->segment.n ? owner->segment : slice_of(NULL, 0);
	user->id = owner->id;
	user->created = owner->created;
	user->lastUsed = owner->last_used;
	user->state = owner->state;
	return user;
}

static void fill(struct op *op, const struct user *owner, const struct device *device, const struct device_operation_row *row,
	struct recovery_view *view)
{
	struct recovery_properties *p = arena_new(op->arena, struct recovery_properties);

	*view = (struct recovery_view){
		.transactionId = row->base.id,
		.accountId = op->caller.account_id,
		.state = row->base.state,
		.created = row->base.created,
		.operationProperties = p,
	};
	p->sessionExpiryTime = row->base.expires;
	if (row->base.error) {
		view->errorCode = slice_text(operation_error_name(row->base.error));
		view->errorDescription = slice_text(operation_error_description(row->base.error));
	}
	if (owner)
		view->user = user_of(op, owner);
	if (device) {
		view->device = arena_new(op->arena, struct device_view);
		view_device(device, view->device);
	}
}

err view_recovered(struct op *op, const struct user *owner, const struct device *device, const struct device_operation_row *row,
	const struct completion *how, struct slice *ret_json)
{
	struct recovery_view view;
	struct operation_view reported = { .set = 0 };

	fill(op, owner, device, row, &view);
	TRY(view_report(op, how->report, &reported));
	view.state = operation_state_COMPLETED;
	view.riskAttributes = reported.riskAttributes;
	view.attestation = reported.attestation;
	view.geofencing = reported.geofencing;
	view.operationProperties->activatedAuthenticationMethods = methods_with_colon(op, device->methods);
	view.recoveryMethod = how->recovery;
	view.recoveryStatus = recovery_status_RECOVERED;
	return write_view(op, &view, ret_json);
}

err view_recovery(struct op *op, const struct user *owner, const struct device *device, const struct device_operation_row *row,
	struct slice *ret_json)
{
	struct recovery_view view;
	struct recovery now;
	struct error e = device ? recovery_of_device(op_reader(op), &device->id, &now) : FAIL(NO_ROW);

	fill(op, owner, device, row, &view);
	if (!failed(e)) {
		view.recoveryMethod = now.method;
		view.recoveryStatus = now.status;
	} else if (!is_err(e, E_NO_ROW)) {
		return e;
	}
	return write_view(op, &view, ret_json);
}

/* ---- recovery lock ---- */

struct lock_change {
	struct device device;
	struct recovery_lock_view view;
};

err recovery_lock_get_prepare(struct op *op)
{
	const struct device_query *query = op->query;
	struct lock_change *l = op_own(op, struct lock_change);
	struct user owner = { .account = 0 };

	TRY(device_of_user(op, &query->userId, &l->device, &owner));
	wipe(&owner.key, sizeof(owner.key));
	l->view = (struct recovery_lock_view){ .recoveryLock = l->device.recovery_lock };
	MARK(&l->view, recovery_lock_view, recoveryLock);
	op->out = &l->view;
	return OK;
}

err recovery_lock_set_prepare(struct op *op)
{
	const struct recovery_lock_view *in = op->in;
	struct lock_change *l = op_own(op, struct lock_change);

	TRY(recovery_lock_get_prepare(op));
	ENSURE(l->device.state != credential_state_DELETED, DEVICE_DELETED);
	l->view.recoveryLock = in->recoveryLock;
	return OK;
}

err recovery_lock_set_apply(struct op *op, struct tx *tx)
{
	const struct lock_change *l = op_own(op, struct lock_change);

	TRY(recovery_lock_set(tx, &l->device.id, l->view.recoveryLock));
	return fact(op, tx, &(struct fact){
		.kind = l->view.recoveryLock ? FACT_RECOVERY_LOCKED : FACT_RECOVERY_UNLOCKED,
		.user = &l->device.user,
		.reference = uuid_text(op->arena, &l->device.id),
	});
}

/* REST: get, update and delete a device, and its transactions. */
#include "device/device_schema.h"
#include "device/legs.h"
#include "device/rest.h"

struct managed {
	struct user owner;
	struct device device;
	struct slice name;  /* sealed */
	bool renamed;
	enum credential_state old_state;
	struct device_view view;
};

err device_of_user(struct op *op, const struct uuid *user, struct device *ret_device, struct user *owner)
{
	struct error e;

	op->user_id = *user;
	TRY(user_load(op, op_reader(op), user, owner));
	e = device_load(op, op_reader(op), &op->path_id[0], ret_device, owner);
	ENSURE(!is_err(e, E_NO_ROW), DEVICE_UNKNOWN);
	TRY(e);
	ENSURE(uuid_eq(&ret_device->user, user), DEVICE_UNKNOWN);
	return OK;
}

/* Name in the stored details, name in the answer: a place in the struct. */
struct detail_row {
	const char *stored;
	size_t offset;
};

static const struct detail_row detail_rows[] = {
	{ "deviceManufacturer", offsetof(struct device_details, manufacturer) },
	{ "deviceModel", offsetof(struct device_details, model) },
	{ "operatingSystemType", offsetof(struct device_details, operatingSystemType) },
	{ "operatingSystemVersion", offsetof(struct device_details, operatingSystemVersion) },
	{ "operatingSystemFingerprint", offsetof(struct device_details, operatingSystemFingerprint) },
	{ "deviceHash", offsetof(struct device_details, deviceHash) },
	{ "sdkVersion", offsetof(struct device_details, sdkVersion) },
};

static err details_of(struct op *op, const struct managed *m, struct device_details **ret_details)
{
	struct device_details *d = *ret_details = arena_new(op->arena, struct device_details);
	struct slice json, why;
	struct recovery recovery;
	struct error e;
	json_t *stored;

	d->lockReason = m->device.lock_reason;
	d->applicationId = m->device.application;
	d->isHardwareKeyProtected = m->device.has_hk;
	e = recovery_of_device(op_reader(op), &m->device.id, &recovery);
	if (!failed(e)) {
		d->recoveryStatus = recovery.status;
		d->recoveryMethod = recovery.method;
	} else if (!is_err(e, E_NO_ROW)) {
		return e;
	}
	d->activatedAuthenticationMethods = methods_with_colon(op, m->device.methods);
	TRY(device_details_open(op, &m->owner, &m->device, &json));
	TRY(json_read(json, JSON_LAST_WINS, JSON_DEPTH_MAX, op->arena, &stored, &why));
	op_keep_json(op, stored);
	for (size_t i = 0; i < sizeof(detail_rows) / sizeof(detail_rows[0]); i++) {
		const json_t *value = json_object_get(stored, detail_rows[i].stored);

		if (json_is_string(value))
			*(struct slice *)((uint8_t *)d + detail_rows[i].offset) = json_text(value);
	}
	return OK;
}

err device_get_prepare(struct op *op)
{
	const struct device_query *query = op->query;
	struct managed *m = op_own(op, struct managed);

	TRY(device_of_user(op, &query->userId, &m->device, &m->owner));
	view_device(&m->device, &m->view);
	if (query->detailed)
		TRY(details_of(op, m, &m->view.deviceDetails));
	wipe(&m->owner.key, sizeof(m->owner.key));
	op->out = &m->view;
	return OK;
}

static void change_state(struct managed *m, enum device_state_wanted wanted)
{
	struct device *d = &m->device;

	if (wanted == device_state_wanted_LOCKED) {
		d->state = credential_state_LOCKED;
		d->lock_reason = lock_reason_LOCKED_BY_ADMIN;
	} else if (wanted == device_state_wanted_ACTIVE) {
		d->state = credential_state_ACTIVE;
		d->lock_reason = lock_reason_OPEN;
		d->fail_device = d->fail_second = 0;
		d->try_open = d->device_seen = false;
	}
}

err device_update_prepare(struct op *op)
{
	const struct device_query *query = op->query;
	const struct device_change *in = op->in;
	struct managed *m = op_own(op, struct managed);

	*m = (struct managed){ .renamed = false };
	TRY(device_of_user(op, &query->userId, &m->device, &m->owner));
	ENSURE(m->device.state != credential_state_DELETED, DEVICE_DELETED);
	m->old_state = m->device.state;
	m->renamed = HAS(in, device_change, name) && !slice_eq(in->name, m->device.name);
	if (m->renamed)
		m->device.name = in->name;
	change_state(m, in->state);
	m->name = credential_name_seal(op, &m->owner.key, &m->device.id, m->device.name);
	wipe(&m->owner.key, sizeof(m->owner.key));
	op->unchanged = !m->renamed && !in->state;
	view_device(&m->device, &m->view);
	op->out = &m->view;
	return OK;
}

SQL(credential_rename, "UPDATE credentials SET name = $2 WHERE id = $1");

static err device_fact(struct op *op, struct tx *tx, enum fact_kind kind, const struct device *d, bool wished)
{
	char data[DEVICE_STATE_DATA_MAX];

	return fact(op, tx, &(struct fact){
		.kind = kind,
		.user = &d->user,
		.reference = uuid_text(op->arena, &d->id),
		.device = &d->id,
		.event_data = device_state_data(data, d->state, d->lock_reason),
		.wished = wished,
		.mobileid = op->table == &older_device_routes,
	});
}

static err save_state(struct op *op, struct tx *tx, struct managed *m, bool wished)
{
	struct fact_origin origin = fact_origin_of(op);
	bool locked = m->device.state == credential_state_LOCKED;

	if (locked) {
		TRY(session_end_of_device(tx, &m->device.id, op->now));
		TRY(device_operations_fail(&origin, tx, &m->device.id, NULL, OPERATION_LOCKED_BY_ADMIN));
	}
	return device_fact(op, tx, locked ? FACT_DEVICE_LOCKED : FACT_DEVICE_UNLOCKED, &m->device, wished);
}

err device_update_apply(struct op *op, struct tx *tx)
{
	const struct device_query *query = op->query;
	const struct device_change *in = op->in;
	struct managed *m = op_own(op, struct managed);

	TRY(device_save(tx, &m->device));
	if (m->renamed) {
		TRY(sql_run(tx, &credential_rename, ARGS(v_uuid(&m->device.id), v_bytes(m->name)), NULL));
		TRY(device_fact(op, tx, FACT_DEVICE_UPDATED, &m->device, false));
	}
	return in->state ? save_state(op, tx, m, query->generateEvent) : OK;
}

err device_delete_prepare(struct op *op)
{
	const struct device_query *query = op->query;
	struct managed *m = op_own(op, struct managed);

	*m = (struct managed){ .renamed = false };
	TRY(device_of_user(op, &query->userId, &m->device, &m->owner));
	wipe(&m->owner.key, sizeof(m->owner.key));
	op->unchanged = m->device.state == credential_state_DELETED;
	m->device.state = credential_state_DELETED;
	return OK;
}

err device_delete_apply(struct op *op, struct tx *tx)
{
	struct managed *m = op_own(op, struct managed);
	struct fact_origin origin = fact_origin_of(op);

	TRY(device_save(tx, &m->device));
	TRY(device_gone(&origin, tx, &m->device.id, OPERATION_CANCELLED_BY_SP));
	return device_fact(op, tx, FACT_DEVICE_DELETED, &m->device, false);
}

/* Devices in the store. What is secret is sealed under the user's key. */
#include "device/internal.h"

#define DEVICE_COLUMNS                                                                                                          \
	"d.id, d.version, d.account, d.user_id, d.application, d.methods, d.keys, d.cid, d.salt_key, d.lock_reason,"           \
	" d.fail_device, d.fail_second, d.try_open, d.device_seen, d.last_attempt, d.last_ts, d.ticket, d.old_ticket,"         \
	" d.no_ticket, d.details, d.request_hash, d.answer, d.answered, c.state, c.name, c.last_operation, c.created, c.last_used,"    \
	" d.pending_salt, d.recovery_lock, d.geofence, d.hash_index, d.pushes, d.face, d.pin_keys"

SQL(device_by_id, "SELECT " DEVICE_COLUMNS " FROM devices d JOIN credentials c ON c.id = d.id WHERE d.id = $1 AND d.account = $2");
SQL(credential_add,
	"INSERT INTO credentials (id, account, user_id, type, state, name, last_operation, created, last_used)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
SQL(device_add,
	"INSERT INTO devices (id, version, account, user_id, application, methods, keys, cid, salt_key, lock_reason, fail_device,"
	" fail_second, try_open, device_seen, last_attempt, last_ts, ticket, old_ticket, no_ticket, details, request_hash, answer, answered,"
	" hash_index, face, pin_keys)"
	" VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 0, 0, 0, $10, $11, NULL, 1, $12, NULL, NULL, 0, $13, $14, $15)");
SQL(device_update,
	"UPDATE devices SET version = version + 1, lock_reason = $3, fail_device = $4, fail_second = $5, try_open = $6,"
	" device_seen = $7, last_attempt = $8, last_ts = $9, ticket = $10, old_ticket = $11, no_ticket = $12, request_hash = $13,"
	" answer = $14, answered = $15, pushes = $16 WHERE id = $1 AND version = $2");
SQL(device_rekey,
	"UPDATE devices SET methods = $2, keys = $3, cid = $4, salt_key = $5, pending_salt = $6, face = $7, pin_keys = $8 WHERE id = $1");
SQL(device_older, "SELECT mobileid FROM devices WHERE id = $1");
SQL(credential_update, "UPDATE credentials SET state = $2, last_operation = $3, last_used = $4 WHERE id = $1");
SQL(user_touch, "UPDATE users SET last_used = $2 WHERE id = $1");

static struct slice place_of(struct op *op, const char *what, const struct uuid *id)
{
	struct buf b = buf_arena(op->arena, 64);

	buf_text(&b, what);
	buf_slice(&b, uuid_bytes(id));
	return buf_bytes(&b);
}

struct slice device_details_seal(struct op *op, const struct user *owner, const struct uuid *device, struct slice json)
{
	return seal(&owner->key, op->app->env, place_of(op, "device.details|", device), json, op->arena);
}

err device_details_open(struct op *op, const struct user *owner, const struct device *d, struct slice *ret_json)
{
	return unseal(&owner->key, place_of(op, "device.details|", &d->id), d->details, op->arena, ret_json);
}

static struct slice kept(struct op *op, const struct rows *r, int column)
{
	return col_is_null(r, column) ? S("") : arena_copy(op->arena, col_bytes(r, column));
}

static void fill(struct op *op, const struct rows *r, struct device *d)
{
	*d = (struct device){
		.id = col_uuid(r, 0),
		.version = col_int(r, 1),
		.account = col_int(r, 2),
		.user = col_uuid(r, 3),
		.application = col_uuid(r, 4),
		.methods = (unsigned)col_int(r, 5),
		.salt_key = arena_copy(op->arena, col_text(r, 8)),
		.lock_reason = (enum lock_reason)col_int(r, 9),
		.fail_device = col_int(r, 10),
		.fail_second = col_int(r, 11),
		.try_open = col_int(r, 12) != 0,
		.device_seen = col_int(r, 13) != 0,
		.last_attempt = col_int(r, 14),
		.last_ts = col_int(r, 15),
		.ticket = kept(op, r, 16),
		.old_ticket = kept(op, r, 17),
		.no_ticket = col_int(r, 18) != 0,
		.details = kept(op, r, 19),
		.request_hash = kept(op, r, 20),
		.answer = kept(op, r, 21),
		.answered = col_int(r, 22),
		.state = (enum credential_state)col_int(r, 23),
		.name = kept(op, r, 24),
		.last_operation = (enum operation_type)col_int(r, 25),
		.created = col_int(r, 26),
		.last_used = col_int(r, 27),
		.pending_salt = kept(op, r, 28),
		.recovery_lock = col_int(r, 29) != 0,
		.geofence = kept(op, r, 30),
		.hash_index = kept(op, r, 31),
		.pushes = col_int(r, 32),
	};
	if (!col_is_null(r, 33))
		d->face = col_uuid(r, 33);
	if (col_bytes(r, 7).n == PIN_CREDENTIAL_ID_BYTES)
		memcpy(d->cid, col_bytes(r, 7).p, PIN_CREDENTIAL_ID_BYTES);
}

err device_load(struct op *op, struct tx *tx, const struct uuid *id, struct device *ret_device, struct user *owner)
{
	struct key_boxes keys;
	struct rows r;

	TRY(sql_one(tx, &device_by_id, ARGS(v_uuid(id), v_int(op->caller.account)), &r));
	fill(op, &r, ret_device);
	keys = (struct key_boxes){ kept(op, &r, 6), kept(op, &r, 34) };
	TRY(sql_close(&r));
	if (!uuid_eq(&owner->id, &ret_device->user))
		TRY(user_load(op, tx, &ret_device->user, owner));
	TRY(device_keys_open(op, owner, &keys, ret_device));
	return credential_name_open(op, &owner->key, id, ret_device->name, &ret_device->name);
}

static struct val face_of(const struct device *d)
{
	return v_bytes_opt(d->methods >> auth_method_DEVICE_SERVER_SIDE_FACE & 1 ? uuid_bytes(&d->face) : S(""));
}

err device_insert(struct tx *tx, const struct device *d, const struct key_boxes *keys, struct slice name, struct slice details)
{
	TRY(sql_run(tx, &credential_add,
		ARGS(v_uuid(&d->id), v_int(d->account), v_uuid(&d->user), v_int(credential_type_DEVICE), v_int(d->state), v_bytes(name),
			v_int(d->last_operation), v_int(d->created), v_int(d->last_used)),
		NULL));
	return sql_run(tx, &device_add,
		ARGS(v_uuid(&d->id), v_int(d->account), v_uuid(&d->user), v_uuid(&d->application), v_int(d->methods), v_bytes(keys->keys),
			v_bytes(slice_of(d->cid, sizeof(d->cid))), v_text(d->salt_key), v_int(d->lock_reason), v_int(d->last_ts),
			v_bytes_opt(d->ticket), v_bytes(details), v_bytes_opt(d->hash_index), face_of(d), v_bytes_opt(keys->pin)),
		NULL);
}

err device_is_older(struct tx *tx, const struct uuid *id, bool *ret_older)
{
	struct rows r;
	struct error e = sql_one(tx, &device_older, ARGS(v_uuid(id)), &r);

	*ret_older = false;
	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	*ret_older = col_int(&r, 0) != 0;
	return sql_close(&r);
}

err device_save_keys(struct tx *tx, const struct device *d, const struct key_boxes *keys)
{
	return sql_run(tx, &device_rekey,
		ARGS(v_uuid(&d->id), v_int(d->methods), v_bytes(keys->keys), v_bytes(slice_of(d->cid, sizeof(d->cid))), v_text(d->salt_key),
			v_text_opt(d->pending_salt), face_of(d), v_bytes_opt(keys->pin)),
		NULL);
}

err device_save(struct tx *tx, const struct device *d)
{
	int64_t changes;

	TRY(sql_run(tx, &device_update,
		ARGS(v_uuid(&d->id), v_int(d->version), v_int(d->lock_reason), v_int(d->fail_device), v_int(d->fail_second),
			v_int(d->try_open), v_int(d->device_seen), v_int(d->last_attempt), v_int(d->last_ts), v_bytes_opt(d->ticket),
			v_bytes_opt(d->old_ticket), v_int(d->no_ticket), v_bytes_opt(d->request_hash), v_bytes_opt(d->answer),
			v_int(d->answered), v_int(d->pushes)),
		&changes));
	ENSURE(changes == 1, STALE);
	return sql_run(tx, &credential_update, ARGS(v_uuid(&d->id), v_int(d->state), v_int(d->last_operation), v_int(d->last_used)), NULL);
}

err owner_touch(struct tx *tx, const struct uuid *id, int64_t now)
{
	return sql_run(tx, &user_touch, ARGS(v_uuid(id), v_int(now)), NULL);
}

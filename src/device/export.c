/* What is held about a user's devices and their operations, for the export of everything about him. */
#include "base/timestamp.h"
#include "device/bells.h"
#include "device/device_schema.h"
#include "device/recovery.h"
#include "device/rest.h"
#include "device/trust.h"

SQL(devices_of, "SELECT id FROM devices WHERE user_id = $1 ORDER BY id");
SQL(operations_of,
	"SELECT t.id FROM transactions t JOIN device_operations d ON d.id = t.id WHERE t.user_id = $1 AND t.account = $2 ORDER BY t.id");

SQL(recoveries_held, "SELECT device, method, status FROM recoveries WHERE user_id = $1 AND account = $2 ORDER BY created, id");

SQL(faces_held, "SELECT created FROM faces WHERE user_id = $1 ORDER BY created, id");

/* That there is one, and since when: a template, like a key, is for matching and for nobody to read. */
static err write_faces(struct op *op, const struct user *user, struct jw *w)
{
	struct rows r;

	jw_key(w, "faces");
	jw_open(w, '[');
	TRY(sql_open(op_reader(op), &faces_held, ARGS(v_uuid(&user->id)), &r));
	while (rows_next(&r)) {
		jw_open(w, '{');
		jw_key(w, "created");
		jw_raw(w, S("\""));
		time_write(w->b, col_int(&r, 0), TIME_AS_MS);
		buf_byte(w->b, '"');
		jw_close(w, '}');
	}
	jw_close(w, ']');
	return sql_close(&r);
}

/* Where it hears, as its app told. */
static err write_push(struct op *op, const struct uuid *id, const struct user *owner, struct jw *w)
{
	struct push_target target;
	int64_t updated;
	struct error e = push_token_load(op, owner, id, &target, &updated);

	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	jw_pair_text(w, "pushToken", target.token);
	return OK;
}

static err write_geofence(struct op *op, const struct user *owner, const struct device *d, struct jw *w)
{
	struct slice json;

	if (!d->geofence.n)
		return OK;
	TRY(geofence_open(op, owner, d, &json));
	jw_key(w, "geofencing");
	jw_raw(w, json);
	return OK;
}

static err write_device(struct op *op, const struct uuid *id, struct user *owner, struct jw *w)
{
	struct device device;
	struct slice details;

	TRY(device_load(op, op_reader(op), id, &device, owner));
	TRY(device_details_open(op, owner, &device, &details));
	jw_open(w, '{');
	jw_pair_text(w, "id", uuid_text(op->arena, id));
	jw_pair(w, "lockReason", enum_text(&lock_reason_enum, (int)device.lock_reason));
	jw_key(w, "details");
	jw_raw(w, details);
	TRY(write_geofence(op, owner, &device, w));
	TRY(write_push(op, id, owner, w));
	jw_close(w, '}');
	return OK;
}

static err write_recoveries(struct op *op, const struct user *user, struct jw *w)
{
	struct rows r;

	jw_key(w, "recoveries");
	jw_open(w, '[');
	TRY(sql_open(op_reader(op), &recoveries_held, ARGS(v_uuid(&user->id), v_int(user->account)), &r));
	while (rows_next(&r)) {
		struct uuid device = col_uuid(&r, 0);

		jw_open(w, '{');
		jw_pair_text(w, "deviceId", uuid_text(op->arena, &device));
		jw_pair(w, "method", enum_text(&recovery_method_enum, (int)col_int(&r, 1)));
		jw_pair(w, "status", enum_text(&recovery_status_enum, (int)col_int(&r, 2)));
		jw_close(w, '}');
	}
	jw_close(w, ']');
	return sql_close(&r);
}

/* The code of a registration under way is for the phone alone. */
static err write_operation(struct op *op, const struct uuid *id, const struct user *owner, struct jw *w)
{
	struct device_operation_row row;
	struct operation base;
	json_t *evidence;
	struct error e;

	TRY(operation_load(op_reader(op), owner->account, id, op->now, &base));
	TRY(device_operation_load_whole(op, op_reader(op), &base, owner, &row));
	row.content.activationCode = slice_of(NULL, 0);
	jw_open(w, '{');
	jw_pair_text(w, "transactionId", uuid_text(op->arena, id));
	jw_key(w, "content");
	jw_raw(w, S(""));
	schema_write(&operation_content_schema, &row.content, w->b);
	jw_key(w, "result");
	jw_raw(w, row.result.n ? row.result : S("null"));
	e = evidence_open(op, owner, id, &evidence);
	if (failed(e) && !is_err(e, E_NO_ROW))
		return e;
	if (!failed(e)) {
		json_object_del(evidence, "pin");
		jw_key(w, "evidence");
		jw_raw(w, S(""));
		json_write_value(w->b, evidence);
	}
	jw_close(w, '}');
	return OK;
}

err device_export(struct op *op, const struct user *user, struct jw *w)
{
	struct user owner = *user;
	struct error e = OK, end;
	struct rows r;

	jw_key(w, "devices");
	jw_open(w, '[');
	TRY(sql_open(op_reader(op), &devices_of, ARGS(v_uuid(&user->id)), &r));
	while (!failed(e) && rows_next(&r)) {
		struct uuid id = col_uuid(&r, 0);

		e = write_device(op, &id, &owner, w);
	}
	end = sql_close(&r);
	TRY(e);
	TRY(end);
	jw_close(w, ']');
	TRY(write_recoveries(op, user, w));
	TRY(write_faces(op, user, w));
	jw_key(w, "deviceOperations");
	jw_open(w, '[');
	TRY(sql_open(op_reader(op), &operations_of, ARGS(v_uuid(&user->id), v_int(user->account)), &r));
	while (!failed(e) && rows_next(&r)) {
		struct uuid id = col_uuid(&r, 0);

		e = write_operation(op, &id, &owner, w);
	}
	end = sql_close(&r);
	wipe(&owner.key, sizeof(owner.key));
	jw_close(w, ']');
	return failed(e) ? e : end;
}

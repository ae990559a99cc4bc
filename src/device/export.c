/* What is held about a user's devices and their operations, for the export of everything about him. */
#include "device/device_schema.h"
#include "device/rest.h"

SQL(devices_of, "SELECT id FROM devices WHERE user_id = $1 ORDER BY id");
SQL(operations_of,
	"SELECT t.id FROM transactions t JOIN device_operations d ON d.id = t.id WHERE t.user_id = $1 AND t.account = $2 ORDER BY t.id");

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
	jw_close(w, '}');
	return OK;
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

/* What an operation of a device has beyond a transaction. */
#include "device/internal.h"

enum { CONTENT_BYTES_MAX = 1024 * 1024, CONTENT_DEPTH_MAX = 8 };

SCHEMA(operation_context, OPERATION_CONTEXT, "What is shown to the person: title, content, or both");
SCHEMA(operation_content, OPERATION_CONTENT, "What an operation was started with");

SQL(row_by_id,
	"SELECT application, auth_level, timeout_ms, content, result, code_index, code_key, code_ts, report, by_device, push"
	" FROM device_operations WHERE id = $1");
SQL(row_by_code, "SELECT id FROM device_operations WHERE application = $1 AND code_index = $2");
SQL(row_add,
	"INSERT INTO device_operations (id, application, auth_level, timeout_ms, content, result, code_index, code_key, code_ts, by_device,"
	" push) VALUES ($1, $2, $3, $4, $5, NULL, $6, NULL, 0, $7, $8)");
SQL(row_bind,
	"UPDATE device_operations SET code_key = $2, code_ts = $3 WHERE id = $1 AND code_ts < $3 AND (code_key IS NULL OR code_key = $2)");
SQL(row_content, "UPDATE device_operations SET content = $2 WHERE id = $1");
SQL(row_report, "UPDATE device_operations SET report = $2 WHERE id = $1");
SQL(row_finish, "UPDATE device_operations SET result = $2, report = NULL WHERE id = $1");

static struct slice place_of(struct op *op, const char *what, const struct uuid *id)
{
	struct buf b = buf_arena(op->arena, 64);

	buf_text(&b, what);
	buf_slice(&b, uuid_bytes(id));
	return buf_bytes(&b);
}

struct slice content_seal(struct op *op, const struct user *owner, const struct uuid *id, const struct operation_content *content)
{
	struct buf b = buf_arena(op->arena, CONTENT_BYTES_MAX);

	schema_write(&operation_content_schema, content, &b);
	return seal(&owner->key, op->app->env, place_of(op, "operation.content|", id), buf_bytes(&b), op->arena);
}

struct slice result_seal(struct op *op, const struct user *owner, const struct uuid *id, struct slice json)
{
	return seal(&owner->key, op->app->env, place_of(op, "operation.result|", id), json, op->arena);
}

struct slice report_seal(struct op *op, const struct user *owner, const struct uuid *id, struct slice json)
{
	return seal(&owner->key, op->app->env, place_of(op, "operation.report|", id), json, op->arena);
}

static err open_content(struct op *op, const struct user *owner, struct slice box, struct device_operation_row *row)
{
	struct invalids bad = { .arena = op->arena };
	struct slice json, why;
	json_t *object;

	TRY(unseal(&owner->key, place_of(op, "operation.content|", &row->base.id), box, op->arena, &json));
	TRY(json_read(json, JSON_UNIQUE, CONTENT_DEPTH_MAX, op->arena, &object, &why));
	schema_read(&operation_content_schema, object, op->arena, &bad, &row->content);
	op_keep_json(op, object); /* what was read points into it */
	ENSURE(bad.n == 0, STORAGE);
	return OK;
}

static err load_row(struct op *op, struct tx *tx, const struct operation *base, const struct user *owner, bool whole,
	struct device_operation_row *ret_row)
{
	struct slice content, result, report;
	struct rows r;

	*ret_row = (struct device_operation_row){ .base = *base };
	TRY(sql_one(tx, &row_by_id, ARGS(v_uuid(&base->id)), &r));
	ret_row->application = col_uuid(&r, 0);
	ret_row->auth_level = (enum auth_level)col_int(&r, 1);
	ret_row->timeout_ms = col_int(&r, 2);
	content = arena_copy(op->arena, col_bytes(&r, 3));
	result = arena_copy(op->arena, col_bytes(&r, 4));
	ret_row->code_index = arena_copy(op->arena, col_bytes(&r, 5));
	ret_row->code_key = arena_copy(op->arena, col_bytes(&r, 6));
	ret_row->code_ts = col_int(&r, 7);
	report = arena_copy(op->arena, col_bytes(&r, 8));
	ret_row->by_device = col_int(&r, 9) != 0;
	ret_row->push = col_int(&r, 10);
	TRY(sql_close(&r));
	if (result.n)
		TRY(unseal(&owner->key, place_of(op, "operation.result|", &base->id), result, op->arena, &ret_row->result));
	if (result.n && !whole)
		return OK;
	if (report.n)
		TRY(unseal(&owner->key, place_of(op, "operation.report|", &base->id), report, op->arena, &ret_row->report));
	return open_content(op, owner, content, ret_row);
}

err device_operation_load(struct op *op, struct tx *tx, const struct operation *base, const struct user *owner,
	struct device_operation_row *ret_row)
{
	return load_row(op, tx, base, owner, false, ret_row);
}

err device_operation_load_whole(struct op *op, struct tx *tx, const struct operation *base, const struct user *owner,
	struct device_operation_row *ret_row)
{
	return load_row(op, tx, base, owner, true, ret_row);
}

err device_operation_by_code(struct op *op, struct tx *tx, const struct application *app, struct slice index, struct uuid *ret_id)
{
	struct rows r;

	(void)op;
	TRY(sql_one(tx, &row_by_code, ARGS(v_uuid(&app->id), v_bytes(index)), &r));
	*ret_id = col_uuid(&r, 0);
	return sql_close(&r);
}

err device_operation_insert(struct tx *tx, const struct device_operation_row *row, struct slice content)
{
	return sql_run(tx, &row_add,
		ARGS(v_uuid(&row->base.id), v_uuid(&row->application), v_int(row->auth_level), v_int(row->timeout_ms), v_bytes(content),
			v_bytes_opt(row->code_index), v_int(row->by_device), v_int(row->push)),
		NULL);
}

err device_operation_bind_code(struct tx *tx, const struct uuid *id, struct slice code_key, int64_t ts)
{
	int64_t changes;

	TRY(sql_run(tx, &row_bind, ARGS(v_uuid(id), v_bytes(code_key), v_int(ts)), &changes));
	ENSURE(changes == 1, STALE);
	return OK;
}

err device_operation_client_data(struct tx *tx, const struct uuid *id, struct slice content)
{
	return sql_run(tx, &row_content, ARGS(v_uuid(id), v_bytes(content)), NULL);
}

err device_operation_report(struct tx *tx, const struct uuid *id, struct slice box)
{
	return sql_run(tx, &row_report, ARGS(v_uuid(id), v_bytes(box)), NULL);
}

err device_operation_finish(struct tx *tx, const struct uuid *id, struct slice result)
{
	return sql_run(tx, &row_finish, ARGS(v_uuid(id), v_bytes_opt(result)), NULL);
}

struct slice code_index(struct op *op, const struct application *app, struct slice code)
{
	uint8_t *out = arena_alloc(op->arena, INDEX_BYTES);

	seal_index(op->app->keyring, S("activation.code"), slice_text(app->id_text), code, out);
	return slice_of(out, INDEX_BYTES);
}

/* Everything that is held about a user, as one JSON document: what this folder holds, and what each feature adds. */
#include "operation/operation.h"
#include "user/internal.h"

enum { USER_EXPORT_BYTES_MAX = 64 * 1024 * 1024 };

SQL(export_verifications,
	"SELECT id, provider, dossier_id, process_id, orchestration_id, created FROM verifications WHERE user_id = $1 ORDER BY id");
SQL(export_credentials,
	"SELECT id, type, state, name, last_operation, created, last_used FROM credentials WHERE user_id = $1 ORDER BY created, id");
SQL(export_transactions,
	"SELECT id, type, operation, state, error, credential_id, created, expires, completed FROM transactions WHERE user_id = $1 AND account = $2"
	" ORDER BY id");

static void write_verification(struct op *op, const struct rows *r, const struct user *user, struct jw *w)
{
	const struct verification item = {
		.verificationId = col_uuid(r, 0),
		.userId = user->id,
		.provider = arena_copy(op->arena, col_text(r, 1)),
		.dossierId = arena_copy(op->arena, col_text(r, 2)),
		.processId = arena_copy(op->arena, col_text(r, 3)),
		.orchestrationId = arena_copy(op->arena, col_text(r, 4)),
		.created = col_int(r, 5),
	};

	jw_raw(w, S(""));
	schema_write(&verification_schema, &item, w->b);
}

static err write_verifications(struct op *op, const struct user *user, struct jw *w)
{
	struct rows r;

	jw_key(w, "identityVerifications");
	jw_open(w, '[');
	TRY(sql_open(op_reader(op), &export_verifications, ARGS(v_uuid(&user->id)), &r));
	while (rows_next(&r))
		write_verification(op, &r, user, w);
	jw_close(w, ']');
	return sql_close(&r);
}

static err write_credential(struct op *op, const struct rows *r, const struct user *user, struct jw *w)
{
	struct uuid id = col_uuid(r, 0);
	struct export_credential item = {
		.credentialId = id,
		.credentialType = (enum credential_type)col_int(r, 1),
		.state = (enum credential_state)col_int(r, 2),
		.lastOperationType = (enum operation_type)col_int(r, 4),
		.created = col_int(r, 5),
		.lastUsed = col_int(r, 6),
	};

	TRY(credential_name_open(op, &user->key, &id, col_bytes(r, 3), &item.name));
	jw_raw(w, S(""));
	schema_write(&export_credential_schema, &item, w->b);
	return OK;
}

static err write_credentials(struct op *op, const struct user *user, struct jw *w)
{
	struct error e = OK, end;
	struct rows r;

	jw_key(w, "credentials");
	jw_open(w, '[');
	TRY(sql_open(op_reader(op), &export_credentials, ARGS(v_uuid(&user->id)), &r));
	while (!failed(e) && rows_next(&r))
		e = write_credential(op, &r, user, w);
	jw_close(w, ']');
	end = sql_close(&r);
	return failed(e) ? e : end;
}

static void write_transaction(struct op *op, const struct rows *r, struct jw *w)
{
	struct export_transaction item = {
		.transactionId = col_uuid(r, 0),
		.credentialType = (enum credential_type)col_int(r, 1),
		.operationType = (enum operation_type)col_int(r, 2),
		.state = (enum operation_state)col_int(r, 3),
		.credentialId = col_uuid(r, 5),
		.created = col_int(r, 6),
		.expires = col_int(r, 7),
		.completed = col_int(r, 8),
	};

	if (!col_is_null(r, 4))
		item.errorCode = arena_copy(op->arena, col_text(r, 4));
	jw_raw(w, S(""));
	schema_write(&export_transaction_schema, &item, w->b);
}

static err write_transactions(struct op *op, const struct user *user, struct jw *w)
{
	struct rows r;

	jw_key(w, "transactions");
	jw_open(w, '[');
	TRY(sql_open(op_reader(op), &export_transactions, ARGS(v_uuid(&user->id), v_int(user->account)), &r));
	while (rows_next(&r))
		write_transaction(op, &r, w);
	jw_close(w, ']');
	return sql_close(&r);
}

static err write_all(struct op *op, const struct user *user, struct jw *w)
{
	struct user_view view;

	user_show(user, &view);
	jw_open(w, '{');
	jw_key(w, "user");
	jw_raw(w, S(""));
	schema_write(&user_view_schema, &view, w->b);
	TRY(write_verifications(op, user, w));
	TRY(write_credentials(op, user, w));
	TRY(write_transactions(op, user, w));
	for (size_t i = 0; i < HOOKS_MAX && op->app->user_exported[i]; i++)
		TRY(op->app->user_exported[i](op, user, w));
	jw_close(w, '}');
	return buf_ok(w->b);
}

err user_export_prepare(struct op *op)
{
	struct buf b = buf_arena(op->arena, USER_EXPORT_BYTES_MAX);
	struct jw w = jw_new(&b);
	struct user user;
	struct error e;

	TRY(user_load(op, op_reader(op), &op->path_id[0], &user));
	e = write_all(op, &user, &w);
	wipe(&user.key, sizeof(user.key));
	TRY(e);
	op_answer(op, 200, NULL, buf_bytes(&b));
	return OK;
}

/* What is held about a user's passkeys and their operations, for the export of everything about him. */
#include "codec/encode.h"
#include "passkey/internal.h"

SQL(passkeys_held, "SELECT id FROM passkeys WHERE user_id = $1 AND account = $2 ORDER BY id");
SQL(operations_held,
	"SELECT t.id FROM transactions t JOIN passkey_operations o ON o.id = t.id WHERE t.user_id = $1 AND t.account = $2 ORDER BY t.id");

static err write_passkey(struct op *op, const struct uuid *id, const struct user *user, struct jw *w)
{
	struct passkey_view view;
	struct passkey p;

	TRY(passkey_load(op, op_reader(op), user->account, id, &p));
	TRY(passkey_open(op, user, &p));
	passkey_show(op, &p, &view);
	jw_open(w, '{');
	jw_key(w, "passkey");
	jw_raw(w, S(""));
	schema_write(&passkey_view_schema, &view, w->b);
	jw_pair_text(w, "credentialId", b64url(op->arena, p.credential_id));
	jw_pair_text(w, "transports", p.transports);
	jw_pair_int(w, "signCount", p.sign_count);
	jw_pair_bool(w, "backupEligible", p.backup_eligible);
	jw_pair_bool(w, "backedUp", p.backed_up);
	jw_close(w, '}');
	return OK;
}

static err write_operation(struct op *op, const struct uuid *id, const struct user *user, struct jw *w)
{
	struct passkey_operation_row row;

	TRY(passkey_operation_load(op, op_reader(op), id, operation_type_none, &row));
	TRY(passkey_operation_open(op, user, &row));
	jw_open(w, '{');
	jw_pair_text(w, "transactionId", uuid_text(op->arena, id));
	jw_pair_text(w, "domain", row.domain);
	jw_key(w, "content");
	jw_raw(w, S(""));
	schema_write(&passkey_content_schema, &row.content, w->b);
	jw_key(w, "result");
	jw_raw(w, row.result.n ? row.result : S("null"));
	if (row.why.n)
		jw_pair_text(w, "why", row.why);
	jw_close(w, '}');
	return OK;
}

static err write_list(struct op *op, const char *name, const struct sql *sql, const struct user *user, struct jw *w,
	struct error (*write)(struct op *op, const struct uuid *id, const struct user *user, struct jw *w))
{
	struct error e = OK, end;
	struct rows r;

	jw_key(w, name);
	jw_open(w, '[');
	TRY(sql_open(op_reader(op), sql, ARGS(v_uuid(&user->id), v_int(user->account)), &r));
	while (!failed(e) && rows_next(&r)) {
		struct uuid id = col_uuid(&r, 0);

		e = write(op, &id, user, w);
	}
	end = sql_close(&r);
	jw_close(w, ']');
	return failed(e) ? e : end;
}

struct error passkeys_export(struct op *op, const struct user *user, struct jw *w)
{
	TRY(write_list(op, "passkeys", &passkeys_held, user, w, write_passkey));
	return write_list(op, "passkeyOperations", &operations_held, user, w, write_operation);
}

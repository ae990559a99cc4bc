/* From a row to a user. */
#include "user/internal.h"

SQL(user_by_id, "SELECT " USER_COLUMNS " FROM users WHERE id = $1 AND account = $2");
SQL(user_by_id_any, "SELECT " USER_COLUMNS " FROM users WHERE id = $1");
SQL(user_present, "SELECT 1 FROM users WHERE id = $1 AND account = $2");

err user_from_row(struct op *op, const struct rows *r, struct user *ret_user)
{
	*ret_user = (struct user){
		.id = col_uuid(r, 0),
		.account = col_int(r, 1),
		.version = col_int(r, 2),
		.state = (enum user_state)col_int(r, 3),
		.segment = arena_copy(op->arena, col_text(r, 4)),
		.created = col_int(r, 5),
		.last_used = col_int(r, 6),
		.wrapped_key = arena_copy(op->arena, col_bytes(r, 7)),
	};
	return profile_open(op, col_bytes(r, 8), ret_user);
}

static err load(struct op *op, struct tx *tx, const struct sql *sql, const struct val *args, size_t n, struct user *ret_user)
{
	struct rows r;
	struct error e = sql_one(tx, sql, args, n, &r), end;

	ENSURE(!is_err(e, E_NO_ROW), USER_UNKNOWN);
	TRY(e);
	e = user_from_row(op, &r, ret_user);
	end = sql_close(&r);
	return failed(e) ? e : end;
}

err user_load(struct op *op, struct tx *tx, const struct uuid *id, struct user *ret_user)
{
	return load(op, tx, &user_by_id, ARGS(v_uuid(id), v_int(op->caller.account)), ret_user);
}

err user_load_any(struct op *op, struct tx *tx, const struct uuid *id, struct user *ret_user)
{
	return load(op, tx, &user_by_id_any, ARGS(v_uuid(id)), ret_user);
}

err user_exists(struct op *op, struct tx *tx, const struct uuid *id)
{
	struct rows r;
	struct error e = sql_one(tx, &user_present, ARGS(v_uuid(id), v_int(op->caller.account)), &r);

	ENSURE(!is_err(e, E_NO_ROW), USER_UNKNOWN);
	TRY(e);
	return sql_close(&r);
}

static struct slice or_absent(struct slice text)
{
	return text.n ? text : slice_of(NULL, 0);
}

void user_show(const struct user *user, struct user_view *ret_view)
{
	*ret_view = (struct user_view){
		.externalRef = or_absent(user->profile.reference),
		.segment = or_absent(user->segment),
		.id = user->id,
		.created = user->created,
		.lastUsed = user->last_used,
		.state = user->state,
		.attributes = or_absent(user->profile.attributes),
	};
}

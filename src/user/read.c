/* Get a user, and find one by the external reference. */
#include "user/internal.h"

SQL(user_by_reference, "SELECT id, segment FROM users WHERE account = $1 AND reference_index = $2");

err user_get_prepare(struct op *op)
{
	struct user_view *view = op->out = arena_new(op->arena, struct user_view);
	struct user user;

	TRY(user_load(op, op_reader(op), &op->path_id[0], &user));
	wipe(&user.key, sizeof(user.key));
	user_show(&user, view);
	return OK;
}

static err find(struct op *op, struct tx *tx, struct slice reference, struct rows *ret_row)
{
	struct slice index = reference_index(op, op->caller.account_id, reference);
	struct error e = sql_one(tx, &user_by_reference, ARGS(v_int(op->caller.account), v_bytes(index)), ret_row);

	return is_err(e, E_NO_ROW) ? FAIL(USER_REF_UNKNOWN) : e;
}

err user_find(struct op *op, struct tx *tx, struct slice reference, struct uuid *ret_id)
{
	struct rows r;

	TRY(find(op, tx, reference, &r));
	*ret_id = col_uuid(&r, 0);
	return sql_close(&r);
}

err user_resolve_prepare(struct op *op)
{
	const struct reference *in = op->in;
	struct resolved *out = op->out = arena_new(op->arena, struct resolved);
	struct rows r;

	TRY(find(op, op_reader(op), in->externalRef, &r));
	out->externalRef = in->externalRef;
	out->userId = col_uuid(&r, 0);
	if (!col_is_null(&r, 1))
		out->segment = arena_copy(op->arena, col_text(&r, 1));
	return sql_close(&r);
}

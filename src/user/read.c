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

err user_resolve_prepare(struct op *op)
{
	const struct reference *in = op->in;
	struct resolved *out = op->out = arena_new(op->arena, struct resolved);
	struct slice index = reference_index(op, op->caller.account_id, in->externalRef);
	struct rows r;
	struct error e;

	e = sql_one(op_reader(op), &user_by_reference, ARGS(v_int(op->caller.account), v_bytes(index)), &r);
	ENSURE(!is_err(e, E_NO_ROW), USER_REF_UNKNOWN);
	TRY(e);
	out->externalRef = in->externalRef;
	out->userId = col_uuid(&r, 0);
	if (!col_is_null(&r, 1))
		out->segment = arena_copy(op->arena, col_text(&r, 1));
	return sql_close(&r);
}

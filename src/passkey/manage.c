/* REST: get and delete a passkey. */
#include "passkey/internal.h"

struct managed {
	struct user owner;
	struct passkey passkey;
	struct passkey_view view;
};

err passkey_of_user(struct op *op, const struct uuid *user, struct passkey *ret_passkey, struct user *owner)
{
	struct error e;

	op->user_id = *user;
	TRY(user_load(op, op_reader(op), user, owner));
	e = passkey_load(op, op_reader(op), op->caller.account, &op->path_id[0], ret_passkey);
	ENSURE(!is_err(e, E_NO_ROW), PASSKEY_UNKNOWN);
	TRY(e);
	ENSURE(uuid_eq(&ret_passkey->user, user), PASSKEY_UNKNOWN);
	return OK;
}

err passkey_get_prepare(struct op *op)
{
	const struct passkey_query *query = op->query;
	struct managed *m = op_own(op, struct managed);
	struct error e = passkey_of_user(op, &query->userId, &m->passkey, &m->owner);

	if (!failed(e))
		e = passkey_open(op, &m->owner, &m->passkey);
	wipe(&m->owner.key, sizeof(m->owner.key));
	TRY(e);
	passkey_show(op, &m->passkey, &m->view);
	op->out = &m->view;
	return OK;
}

err passkey_delete_prepare(struct op *op)
{
	const struct passkey_query *query = op->query;
	struct managed *m = op_own(op, struct managed);
	struct error e = passkey_of_user(op, &query->userId, &m->passkey, &m->owner);

	wipe(&m->owner.key, sizeof(m->owner.key));
	return e;
}

err passkey_delete_apply(struct op *op, struct tx *tx)
{
	struct managed *m = op_own(op, struct managed);
	int64_t changes;

	TRY(passkey_delete_rows(tx, &m->passkey.id, &changes));
	ENSURE(changes == 1, STALE);
	return fact(op, tx, &(struct fact){
		.kind = FACT_PASSKEY_DELETED,
		.user = &m->passkey.user,
		.reference = uuid_text(op->arena, &m->passkey.id),
		.event_data = passkey_state_data(op, &m->passkey, "DELETED"),
	});
}

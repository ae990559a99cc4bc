/* REST: get and cancel an operation; and what its events tell. */
#include "passkey/internal.h"

struct polled {
	struct passkey_operation_row row;
	struct user owner;
	bool has_owner;
};

static err load_owner(struct op *op, struct polled *p)
{
	struct error e;

	if (uuid_is_nil(&p->row.base.user))
		return OK;
	e = user_load(op, op_reader(op), &p->row.base.user, &p->owner);
	if (is_err(e, E_USER_UNKNOWN))
		return OK; /* erased: ids, times, state and code remain */
	p->has_owner = !failed(e);
	return e;
}

static err show(struct op *op, struct polled *p, struct slice *ret_json)
{
	const struct user *owner = p->has_owner ? &p->owner : NULL;

	if (p->row.base.state == operation_state_COMPLETED && p->row.result.n) {
		*ret_json = p->row.result;
		return OK;
	}
	if (p->row.base.state == operation_state_PENDING)
		return passkey_view_pending(op, domain_of(op->app, op->caller.account, p->row.domain), &p->row, owner, ret_json);
	return passkey_view_failed(op, &p->row, owner, ret_json);
}

/* Of what is completed the kept answer says all, as long as its user is there. */
static err open_kept(struct op *op, struct passkey_operation_row *row)
{
	struct data_key key;
	struct error e;

	if (row->base.state != operation_state_COMPLETED || row->sealed_result.n == 0)
		return OK;
	e = user_key(op, op_reader(op), &row->base.user, &key);
	if (is_err(e, E_USER_UNKNOWN))
		return OK;
	TRY(e);
	e = passkey_result_open(op, &key, row);
	wipe(&key, sizeof(key));
	return e;
}

static err load_and_show(struct op *op, const struct uuid *id, enum operation_type type, bool whole, struct polled *p,
	struct slice *ret_json)
{
	struct error e;

	TRY(passkey_operation_load(op, op_reader(op), id, type, &p->row));
	if (!whole)
		TRY(open_kept(op, &p->row));
	if (p->row.result.n) {
		*ret_json = p->row.result;
		return OK;
	}
	e = load_owner(op, p);
	if (!failed(e))
		e = passkey_operation_open(op, p->has_owner ? &p->owner : NULL, &p->row);
	wipe(&p->owner.key, sizeof(p->owner.key));
	TRY(e);
	return show(op, p, ret_json);
}

static err get(struct op *op, enum operation_type type)
{
	struct polled *p = op_own(op, struct polled);
	struct slice json;

	TRY(load_and_show(op, &op->path_id[0], type, false, p, &json));
	op_answer(op, 200, NULL, json);
	return OK;
}

err passkey_registration_get_prepare(struct op *op)
{
	return get(op, operation_type_REGISTRATION);
}

err passkey_authentication_get_prepare(struct op *op)
{
	return get(op, operation_type_AUTHENTICATION);
}

struct error passkeys_event_data(struct op *op, const struct event_about *about, struct event_content *ret_content)
{
	struct polled *p;
	struct error e;

	ENSURE(about->has_transaction, NO_ROW);
	p = arena_new(op->arena, struct polled);
	e = load_and_show(op, &about->transaction, operation_type_none, true, p, &ret_content->json);
	ENSURE(!is_err(e, E_TRANSACTION_UNKNOWN), NO_ROW);
	ret_content->tags = p->row.content.tags;
	return e;
}

static err cancel(struct op *op, struct tx *tx, enum operation_type type)
{
	struct fact_origin origin = fact_origin_of(op);
	struct operation base;

	TRY(operation_load(tx, op->caller.account, &op->path_id[0], op->now, &base));
	ENSURE(base.type == credential_type_PASSKEY && base.operation == type, TRANSACTION_UNKNOWN);
	ENSURE(base.state == operation_state_PENDING, NOT_PENDING);
	return operation_fail(&origin, tx, &base, OPERATION_CANCELLED_BY_SP);
}

err passkey_registration_cancel_apply(struct op *op, struct tx *tx)
{
	return cancel(op, tx, operation_type_REGISTRATION);
}

err passkey_authentication_cancel_apply(struct op *op, struct tx *tx)
{
	return cancel(op, tx, operation_type_AUTHENTICATION);
}

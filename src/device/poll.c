/* REST: get and cancel an operation. */
#include "device/device_schema.h"
#include "device/rest.h"

struct polled {
	struct operation base;
	struct user owner;
	struct device device;
	struct device_operation_row row;
	bool has_owner, has_device;
};

/* The types that a resource answers for; another one's id is unknown there. */
static bool is_of(const struct operation *o, enum operation_type type)
{
	bool re = (type == operation_type_REGISTRATION && o->operation == operation_type_RE_REGISTRATION) ||
		  (type == operation_type_RECOVERY && o->operation == operation_type_ADD_OR_UPDATE_RECOVERY);

	return o->type == credential_type_DEVICE && (o->operation == type || re);
}

static err load_device(struct op *op, struct polled *p)
{
	struct error e;

	if (uuid_is_nil(&p->base.credential))
		return OK;
	e = device_load(op, op_reader(op), &p->base.credential, &p->device, &p->owner);
	if (is_err(e, E_NO_ROW))
		return OK;
	p->has_device = !failed(e);
	return e;
}

static err load_rest(struct op *op, struct polled *p)
{
	struct error e;

	p->row.base = p->base;
	e = user_load(op, op_reader(op), &p->base.user, &p->owner);
	if (is_err(e, E_USER_UNKNOWN))
		return OK; /* erased: ids, times, state and code remain */
	TRY(e);
	p->has_owner = true;
	TRY(device_operation_load(op, op_reader(op), &p->base, &p->owner, &p->row));
	return load_device(op, p);
}

static err load(struct op *op, enum operation_type type, struct polled *p)
{
	TRY(operation_load(op_reader(op), op->caller.account, &op->path_id[0], op->now, &p->base));
	ENSURE(is_of(&p->base, type), TRANSACTION_UNKNOWN);
	return load_rest(op, p);
}

static err show(struct op *op, const struct polled *p, struct slice *ret_json)
{
	const struct device *device = p->has_device ? &p->device : NULL;

	if (p->base.state == operation_state_COMPLETED && p->row.result.n) {
		*ret_json = p->row.result;
		return OK;
	}
	if (is_of(&p->base, operation_type_RECOVERY))
		return view_recovery(op, p->has_owner ? &p->owner : NULL, device, &p->row, ret_json);
	if (p->base.state == operation_state_PENDING && p->has_owner)
		return view_pending(op, NULL, &p->owner, device, &p->row, ret_json);
	return view_failed(op, p->has_owner ? &p->owner : NULL, device, &p->row, ret_json);
}

static err get(struct op *op, enum operation_type type)
{
	struct polled *p = op_own(op, struct polled);
	struct slice json;

	TRY(load(op, type, p));
	wipe(&p->owner.key, sizeof(p->owner.key));
	TRY(show(op, p, &json));
	op_answer(op, 200, NULL, json);
	return OK;
}

err operation_event_data(struct op *op, const struct uuid *id, struct event_content *ret_content)
{
	struct polled *p = arena_new(op->arena, struct polled);
	struct error e = operation_load(op_reader(op), op->caller.account, id, op->now, &p->base);

	ENSURE(!is_err(e, E_TRANSACTION_UNKNOWN), NO_ROW);
	TRY(e);
	ENSURE(p->base.type == credential_type_DEVICE, NO_ROW);
	e = load_rest(op, p);
	wipe(&p->owner.key, sizeof(p->owner.key));
	TRY(e);
	ret_content->tags = p->row.content.tags;
	return show(op, p, &ret_content->json);
}

err registration_get_prepare(struct op *op)
{
	return get(op, operation_type_REGISTRATION);
}

err authentication_get_prepare(struct op *op)
{
	return get(op, operation_type_AUTHENTICATION);
}

err recovery_get_prepare(struct op *op)
{
	return get(op, operation_type_RECOVERY);
}

err signature_get_prepare(struct op *op)
{
	return get(op, operation_type_SIGNING);
}

SQL(who_began, "SELECT by_device FROM device_operations WHERE id = $1");

/* What a phone began itself cannot be cancelled from here (device protocol, 6.9). */
static err begun_by_device(struct tx *tx, const struct uuid *id, bool *ret_own)
{
	struct rows r;
	struct error e = sql_one(tx, &who_began, ARGS(v_uuid(id)), &r);

	*ret_own = false;
	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	*ret_own = col_int(&r, 0) != 0;
	return sql_close(&r);
}

static err cancel(struct op *op, struct tx *tx, enum operation_type type)
{
	struct fact_origin origin = fact_origin_of(op);
	struct operation base;
	bool own;

	TRY(operation_load(tx, op->caller.account, &op->path_id[0], op->now, &base));
	ENSURE(is_of(&base, type), TRANSACTION_UNKNOWN);
	TRY(begun_by_device(tx, &base.id, &own));
	ENSURE(!own, TRANSACTION_UNKNOWN);
	ENSURE(base.state == operation_state_PENDING, NOT_PENDING);
	return operation_fail(&origin, tx, &base, OPERATION_CANCELLED_BY_SP);
}

err registration_cancel_apply(struct op *op, struct tx *tx)
{
	return cancel(op, tx, operation_type_REGISTRATION);
}

err authentication_cancel_apply(struct op *op, struct tx *tx)
{
	return cancel(op, tx, operation_type_AUTHENTICATION);
}

err signature_cancel_apply(struct op *op, struct tx *tx)
{
	return cancel(op, tx, operation_type_SIGNING);
}

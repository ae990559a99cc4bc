/* Where devices hear: kept sealed, told by the app with a finish or by push.update (6.5). */
#include "device/bells.h"
#include "device/legs.h"

SQL(push_token_of, "SELECT box, updated FROM push_tokens WHERE device = $1");
SQL(push_token_put, "INSERT INTO push_tokens (device, user_id, box, updated) VALUES ($1, $2, $3, $4)"
		    " ON CONFLICT (device) DO UPDATE SET box = excluded.box, updated = excluded.updated");
SQL(push_token_drop, "DELETE FROM push_tokens WHERE device = $1");
SQL(push_tokens_delete, "DELETE FROM push_tokens WHERE user_id = $1");

static struct slice place_of(struct op *op, const struct uuid *device)
{
	struct buf b = buf_arena(op->arena, 64);

	buf_text(&b, "device.push|");
	buf_slice(&b, uuid_bytes(device));
	return buf_bytes(&b);
}

/* The service stands in front of the token, in one byte. */
void push_token_take(struct call *c, struct slice token)
{
	bool apple = slice_is(json_text(json_object_get(c->json, "os")), "iOS");
	struct buf b = buf_arena(c->op->arena, PUSH_TOKEN_BYTES_MAX + 1);
	struct push_target target;

	if (failed(push_target_read(token, apple, c->op->arena, &target)))
		return;
	buf_byte(&b, (uint8_t)target.service);
	buf_slice(&b, token);
	c->push_token = seal(&c->owner.key, c->op->app->env, place_of(c->op, &c->session.device), buf_bytes(&b), c->op->arena);
}

/* A registration that failed leaves no device that could hear. */
err push_token_save(struct call *c, struct tx *tx)
{
	const struct uuid *device = &c->session.device;

	if (c->push_forget)
		return sql_run(tx, &push_token_drop, ARGS(v_uuid(device)), NULL);
	if (!c->push_token.n || c->operation_error)
		return OK;
	return sql_run(tx, &push_token_put, ARGS(v_uuid(device), v_uuid(&c->owner.id), v_bytes(c->push_token), v_int(c->op->now)), NULL);
}

err push_user_deleted(struct tx *tx, const struct uuid *user)
{
	return sql_run(tx, &push_tokens_delete, ARGS(v_uuid(user)), NULL);
}

err push_token_load(struct op *op, const struct user *owner, const struct uuid *device, struct push_target *ret_target,
	int64_t *ret_updated)
{
	struct slice box, plain;
	struct rows r;

	TRY(sql_one(op_reader(op), &push_token_of, ARGS(v_uuid(device)), &r));
	box = arena_copy(op->arena, col_bytes(&r, 0));
	*ret_updated = col_int(&r, 1);
	TRY(sql_close(&r));
	TRY(unseal(&owner->key, place_of(op, device), box, op->arena, &plain));
	ENSURE(plain.n > 1, STORAGE);
	return push_target_read(slice_of(plain.p + 1, plain.n - 1), plain.p[0] == push_service_APNS, op->arena, ret_target);
}

/* ---- push.update, push.ack (6.5) ---- */

err handle_push_update(struct call *c)
{
	const struct push_update *in = c->in;
	struct error e;

	c->reg = in->reg;
	if (outside_checks(c, &e))
		return e;
	c->session.device = c->device.id;
	if (in->pushToken.n) {
		push_token_take(c, in->pushToken);
		if (!c->push_token.n)
			return call_fault(c, DEVICE_MALFORMED_PARAMETER);
	}
	c->push_forget = !in->pushToken.n;
	c->device_changed = c->write = true;
	return call_ok(c, arena_new(c->op->arena, struct plain_ok));
}

/* The bell was heard. Nothing hangs on it: what is pending shows by itself; but only its own operation is anybody's to hear of. */
err handle_push_ack(struct call *c)
{
	const struct push_ack *in = c->in;
	struct operation pending;
	struct error e;

	c->reg = in->reg;
	if (outside_checks(c, &e))
		return e;
	e = device_pending(op_reader(c->op), c->device.account, &c->device.id, c->op->now, &pending);
	if (failed(e) && !is_err(e, E_NO_ROW))
		return e;
	if (failed(e) || !slice_eq(in->pushSessionId, uuid_text(c->op->arena, &pending.id)))
		return call_fault(c, DEVICE_INCORRECT_PUSH);
	metric_add(c->op->app->metrics, METRIC_pushes_heard_total, 1);
	c->device_changed = c->write = true;
	return call_ok(c, arena_new(c->op->arena, struct plain_ok));
}

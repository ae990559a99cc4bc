/* Device hashes: the same piece of hardware, whoever uses it. Found by a keyed hash; blocked for an account. */
#include "device/internal.h"

SQL(hash_blocked, "SELECT 1 FROM blocked_hashes WHERE account = $1 AND hash_index = $2");

struct slice hash_index(struct op *op, struct slice device_hash)
{
	uint8_t *out = arena_alloc(op->arena, INDEX_BYTES);

	seal_index(op->app->keyring, S("device.hash"), op->caller.account_id, device_hash, out);
	return slice_of(out, INDEX_BYTES);
}

/* Only its index stands open; the hash itself lies sealed with each of its devices. */
err hash_of_device(struct op *op, const struct user *owner, const struct device *d, struct slice *ret_hash)
{
	struct slice json, why;
	json_t *details;

	TRY(device_details_open(op, owner, d, &json));
	TRY(json_read(json, JSON_LAST_WINS, JSON_DEPTH_MAX, op->arena, &details, &why));
	op_keep_json(op, details);
	*ret_hash = json_text(json_object_get(details, "deviceHash"));
	return OK;
}

err hash_check_again(struct tx *tx, const struct device *d)
{
	struct rows r;
	struct error e = sql_one(tx, &hash_blocked, ARGS(v_int(d->account), v_bytes(d->hash_index)), &r);

	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	TRY(sql_close(&r));
	return FAIL(STALE);
}

err hash_check(struct call *c, struct slice device_hash, enum device_error *ret_fault)
{
	struct rows r;
	struct slice index = hash_index(c->op, device_hash);
	struct error e = sql_one(op_reader(c->op), &hash_blocked, ARGS(v_int(c->application->account), v_bytes(index)), &r);

	*ret_fault = DEVICE_OK;
	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	*ret_fault = DEVICE_LOCKED_BY_ADMIN;
	return sql_close(&r);
}

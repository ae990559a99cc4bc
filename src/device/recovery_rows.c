#include "device/faces.h"

ENUMERATION(recovery_status, RECOVERY_STATUS);

#define COLUMNS "id, version, account, user_id, device, application, method, status, gone, fails, salt_key, secret, last_ts, created, face"

SQL(recovery_by_id, "SELECT " COLUMNS " FROM recoveries WHERE id = $1 AND application = $2");
SQL(recovery_newest, "SELECT " COLUMNS " FROM recoveries WHERE device = $1 ORDER BY created DESC, id DESC LIMIT 1");
SQL(recovery_add, "INSERT INTO recoveries (" COLUMNS ") VALUES ($1, 1, $2, $3, $4, $5, $6, $7, 0, 0, $8, $9, 0, $10, $11)");
SQL(recovery_update,
	"UPDATE recoveries SET version = version + 1, device = $3, status = $4, gone = $5, fails = $6, last_ts = $7,"
	" secret = CASE WHEN $5 = 1 THEN NULL ELSE secret END WHERE id = $1 AND version = $2");
SQL(recoveries_go, "UPDATE recoveries SET version = version + 1, status = $2, gone = 1, secret = NULL WHERE device = $1 AND gone = 0");
SQL(device_lock_recovery, "UPDATE devices SET recovery_lock = $2 WHERE id = $1");
/* 1, 3 and 4: ACTIVATED, RECOVERED (by face, which stays) and LOCKED */
SQL(recoveries_unlock,
	"UPDATE recoveries SET version = version + 1, status = CASE status WHEN 4 THEN 1 ELSE status END, fails = 0"
	" WHERE device = $1 AND gone = 0");
SQL(recoveries_lock, "UPDATE recoveries SET version = version + 1, status = 4 WHERE device = $1 AND gone = 0 AND status IN (1, 3)");
SQL(recoveries_erase, "DELETE FROM recoveries WHERE user_id = $1");

_Static_assert(recovery_status_ACTIVATED == 1 && recovery_status_RECOVERED == 3 && recovery_status_LOCKED == 4, "the literals in the statements above");

static struct slice place_of(struct op *op, const uint8_t *id)
{
	struct buf b = buf_arena(op->arena, 64);

	buf_text(&b, "recovery|");
	buf_add(&b, id, RECOVERY_ID_BYTES);
	return buf_bytes(&b);
}

static void fill(const struct rows *r, struct recovery *ret)
{
	*ret = (struct recovery){
		.version = col_int(r, 1),
		.account = col_int(r, 2),
		.user = col_uuid(r, 3),
		.device = col_uuid(r, 4),
		.application = col_uuid(r, 5),
		.method = (enum recovery_method)col_int(r, 6),
		.status = (enum recovery_status)col_int(r, 7),
		.gone = col_int(r, 8) != 0,
		.fails = col_int(r, 9),
		.last_ts = col_int(r, 12),
		.created = col_int(r, 13),
	};
	if (!col_is_null(r, 14))
		ret->face = col_uuid(r, 14);
	memcpy(ret->id, col_bytes(r, 0).p, RECOVERY_ID_BYTES);
}

static err open_secret(struct op *op, const struct user *owner, struct slice box, struct recovery *r)
{
	struct slice secret;

	TRY(unseal(&owner->key, place_of(op, r->id), box, op->arena, &secret));
	ENSURE(secret.n == POINT_BYTES + SHARE_BYTES, STORAGE);
	memcpy(r->rk, secret.p, POINT_BYTES);
	memcpy(r->share, secret.p + POINT_BYTES, SHARE_BYTES);
	return OK;
}

err recovery_load(struct op *op, struct tx *tx, const struct application *app, struct slice id, struct recovery *ret_recovery,
	struct user *owner)
{
	struct slice box;
	struct rows r;
	struct error e;

	TRY(sql_one(tx, &recovery_by_id, ARGS(v_bytes(id), v_uuid(&app->id)), &r));
	fill(&r, ret_recovery);
	ret_recovery->salt_key = arena_copy(op->arena, col_text(&r, 10));
	box = arena_copy(op->arena, col_bytes(&r, 11));
	TRY(sql_close(&r));
	if (!uuid_eq(&owner->id, &ret_recovery->user)) {
		e = user_load(op, tx, &ret_recovery->user, owner);
		ENSURE(!is_err(e, E_USER_UNKNOWN), NO_ROW);
		TRY(e);
	}
	return ret_recovery->gone ? OK : open_secret(op, owner, box, ret_recovery);
}

err recovery_of_device(struct tx *tx, const struct uuid *device, struct recovery *ret_recovery)
{
	struct rows r;

	TRY(sql_one(tx, &recovery_newest, ARGS(v_uuid(device)), &r));
	fill(&r, ret_recovery);
	return sql_close(&r);
}

struct slice recovery_seal(struct op *op, const struct user *owner, const struct recovery *r)
{
	struct buf b = buf_arena(op->arena, POINT_BYTES + SHARE_BYTES);

	buf_add(&b, r->rk, POINT_BYTES);
	buf_add(&b, r->share, SHARE_BYTES);
	return seal(&owner->key, op->app->env, place_of(op, r->id), buf_bytes(&b), op->arena);
}

err recovery_insert(struct tx *tx, const struct recovery *r, struct slice secret)
{
	return sql_run(tx, &recovery_add,
		ARGS(v_bytes(slice_of(r->id, sizeof(r->id))), v_int(r->account), v_uuid(&r->user), v_uuid(&r->device),
			v_uuid(&r->application), v_int(r->method), v_int(r->status), v_text(r->salt_key), v_bytes(secret),
			v_int(r->created),
			v_bytes_opt(r->method == recovery_method_CLOUD_BACKUP_SERVER_SIDE_FACE ? uuid_bytes(&r->face) : S(""))),
		NULL);
}

err recovery_save(struct tx *tx, const struct recovery *r)
{
	int64_t changes;

	TRY(sql_run(tx, &recovery_update,
		ARGS(v_bytes(slice_of(r->id, sizeof(r->id))), v_int(r->version), v_uuid(&r->device), v_int(r->status), v_int(r->gone),
			v_int(r->fails), v_int(r->last_ts)),
		&changes));
	ENSURE(changes == 1, STALE);
	return OK;
}

err recoveries_of_device_go(struct tx *tx, const struct uuid *device, enum recovery_status status)
{
	TRY(sql_run(tx, &recoveries_go, ARGS(v_uuid(device), v_int(status)), NULL));
	return faces_drop_unused(tx, device);
}

err recovery_lock_set(struct tx *tx, const struct uuid *device, bool locked)
{
	TRY(sql_run(tx, &device_lock_recovery, ARGS(v_uuid(device), v_int(locked)), NULL));
	return sql_run(tx, locked ? &recoveries_lock : &recoveries_unlock, ARGS(v_uuid(device)), NULL);
}

err recoveries_of_user_erase(struct tx *tx, const struct uuid *user)
{
	return sql_run(tx, &recoveries_erase, ARGS(v_uuid(user)), NULL);
}

int64_t recovery_limit(const struct device_config *config)
{
	return config->recoveryCodeAmountFailuresAllowed > 1 ? config->recoveryCodeAmountFailuresAllowed : 1;
}

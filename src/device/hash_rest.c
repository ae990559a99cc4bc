/* REST: device hashes (api.md 4.8): who uses a piece of hardware, locking all of it, and the list of those that are blocked. */
#include "codec/encode.h"
#include "device/device_schema.h"
#include "device/legs.h"
#include "device/mobileid_schema.h"
#include "device/rest.h"

SCHEMA(hash_device, HASH_DEVICE, "A device with that hash");
SCHEMA(hash_devices, HASH_DEVICES, "Devices with that hash");
SCHEMA(hash_block, HASH_BLOCK, "Is that piece of hardware blocked?");
SCHEMA(hash_flagged, HASH_FLAGGED, "A piece of hardware with more users than allowed");
SCHEMA(hash_flagged_list, HASH_FLAGGED_LIST, "Pieces of hardware with more users than allowed, those with most users first");

enum { DEVICES_MAX = 1000, FLAGGED_MAX = 100 };

SQL(devices_of_hash,
	"SELECT d.id, d.user_id, c.state, d.lock_reason, c.created, c.last_used FROM devices d JOIN credentials c ON c.id = d.id"
	" WHERE d.account = $1 AND d.hash_index = $2 ORDER BY d.id LIMIT $3");
/* 1 is ACTIVE, 2 is LOCKED */
SQL(active_of_hash,
	"SELECT d.id, d.user_id FROM devices d JOIN credentials c ON c.id = d.id"
	" WHERE d.account = $1 AND d.hash_index = $2 AND c.state = 1 ORDER BY d.id LIMIT $3");
SQL(hash_lock_credential, "UPDATE credentials SET state = 2 WHERE id = $1");
SQL(hash_lock_device, "UPDATE devices SET version = version + 1, lock_reason = $2 WHERE id = $1");
SQL(block_of, "SELECT created FROM blocked_hashes WHERE account = $1 AND hash_index = $2");
SQL(block_put, "INSERT INTO blocked_hashes (account, hash_index, created) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");
SQL(block_drop, "DELETE FROM blocked_hashes WHERE account = $1 AND hash_index = $2");

_Static_assert(credential_state_ACTIVE == 1 && credential_state_LOCKED == 2, "the literals in the statements above");

struct hashing {
	struct slice hash, index; /* as text; keyed */
	struct hash_devices list;
	struct hash_block block;
};

/* A hash is standard base64; in a path it may as well be base64url, with or without padding. What is none names nothing. */
static err hash_of_path(struct op *op, struct hashing *h)
{
	struct slice text = op->path[0], bytes;

	while (text.n && text.p[text.n - 1] == '=')
		text.n--;
	if (failed(b64url_read(op->arena, text, &bytes)) && failed(b64_read(op->arena, op->path[0], &bytes)))
		return FAIL(NOT_FOUND);
	ENSURE(bytes.n == SHA256_BYTES, NOT_FOUND);
	h->hash = b64(op->arena, bytes);
	h->index = hash_index(op, h->hash);
	return OK;
}

/* ---- whose it is ---- */

static err read_devices(struct op *op, const struct hashing *h, struct list *ret_list)
{
	struct hash_device *list = arena_array(op->arena, struct hash_device, DEVICES_MAX);
	struct rows r;
	size_t n = 0;

	TRY(sql_open(op_reader(op), &devices_of_hash, ARGS(v_int(op->caller.account), v_bytes(h->index), v_int(DEVICES_MAX)), &r));
	while (n < DEVICES_MAX && rows_next(&r))
		list[n++] = (struct hash_device){ .id = col_uuid(&r, 0), .userId = col_uuid(&r, 1),
			.state = (enum credential_state)col_int(&r, 2), .lockReason = (enum lock_reason)col_int(&r, 3),
			.created = col_int(&r, 4), .lastUsed = col_int(&r, 5) };
	*ret_list = (struct list){ list, n };
	return sql_close(&r);
}

err hash_devices_prepare(struct op *op)
{
	struct hashing *h = op_own(op, struct hashing);

	TRY(hash_of_path(op, h));
	TRY(read_devices(op, h, &h->list.devices));
	op->out = &h->list;
	return OK;
}

/* ---- locking ---- */

struct found {
	struct uuid id, user;
};

static err lock_one(struct op *op, struct tx *tx, const struct found *d)
{
	struct fact_origin origin = fact_origin_of(op);
	char data[DEVICE_STATE_DATA_MAX];

	TRY(sql_run(tx, &hash_lock_credential, ARGS(v_uuid(&d->id)), NULL));
	TRY(sql_run(tx, &hash_lock_device, ARGS(v_uuid(&d->id), v_int(lock_reason_LOCKED_BY_ADMIN)), NULL));
	TRY(session_end_of_device(tx, &d->id, op->now));
	TRY(device_operations_fail(&origin, tx, &d->id, NULL, OPERATION_LOCKED_BY_ADMIN));
	return fact(op, tx, &(struct fact){
		.kind = FACT_DEVICE_LOCKED,
		.user = &d->user,
		.reference = uuid_text(op->arena, &d->id),
		.device = &d->id,
		.event_data = device_state_data(data, credential_state_LOCKED, lock_reason_LOCKED_BY_ADMIN),
		.wished = true,
	});
}

/* Every active one of that hardware, whoever's it is. */
static err lock_all(struct op *op, struct tx *tx, const struct hashing *h)
{
	struct found *list = arena_array(op->arena, struct found, DEVICES_MAX);
	struct rows r;
	size_t n;

	do {
		n = 0;
		TRY(sql_open(tx, &active_of_hash, ARGS(v_int(op->caller.account), v_bytes(h->index), v_int(DEVICES_MAX)), &r));
		while (n < DEVICES_MAX && rows_next(&r))
			list[n++] = (struct found){ col_uuid(&r, 0), col_uuid(&r, 1) };
		TRY(sql_close(&r));
		for (size_t i = 0; i < n; i++)
			TRY(lock_one(op, tx, &list[i]));
	} while (n == DEVICES_MAX);
	return OK;
}

err hash_lock_prepare(struct op *op)
{
	return hash_of_path(op, op_own(op, struct hashing));
}

err hash_lock_apply(struct op *op, struct tx *tx)
{
	return lock_all(op, tx, op_own(op, struct hashing));
}

/* ---- blocking ---- */

static err read_block(struct op *op, struct hashing *h)
{
	struct rows r;
	struct error e = sql_one(op_reader(op), &block_of, ARGS(v_int(op->caller.account), v_bytes(h->index)), &r);

	h->block = (struct hash_block){ .blocked = false };
	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	h->block.blocked = true;
	h->block.since = col_int(&r, 0);
	MARK(&h->block, hash_block, since);
	return sql_close(&r);
}

err hash_block_get_prepare(struct op *op)
{
	struct hashing *h = op_own(op, struct hashing);

	TRY(hash_of_path(op, h));
	TRY(read_block(op, h));
	op->out = &h->block;
	return OK;
}

err hash_block_put_prepare(struct op *op)
{
	struct hashing *h = op_own(op, struct hashing);

	TRY(hash_block_get_prepare(op));
	if (!h->block.blocked) {
		h->block = (struct hash_block){ .blocked = true, .since = op->now };
		MARK(&h->block, hash_block, since);
	}
	return OK;
}

static err record(struct op *op, struct tx *tx, enum fact_kind kind)
{
	/* Which one is told by its keyed hash: what names a person's phone does not lie open in the log. */
	return fact(op, tx, &(struct fact){ .kind = kind, .reference = hex(op->arena, op_own(op, struct hashing)->index) });
}

err hash_block_put_apply(struct op *op, struct tx *tx)
{
	const struct hashing *h = op_own(op, struct hashing);

	TRY(sql_run(tx, &block_put, ARGS(v_int(op->caller.account), v_bytes(h->index), v_int(op->now)), NULL));
	TRY(lock_all(op, tx, h));
	return record(op, tx, FACT_DEVICE_HASH_BLOCKED);
}

err hash_block_delete_prepare(struct op *op)
{
	struct hashing *h = op_own(op, struct hashing);

	TRY(hash_block_get_prepare(op));
	op->unchanged = !h->block.blocked;
	return OK;
}

err hash_block_delete_apply(struct op *op, struct tx *tx)
{
	const struct hashing *h = op_own(op, struct hashing);

	TRY(sql_run(tx, &block_drop, ARGS(v_int(op->caller.account), v_bytes(h->index)), NULL));
	return record(op, tx, FACT_DEVICE_HASH_UNBLOCKED);
}

/* ---- those that are flagged ---- */

SQL(flagged_hashes,
	"SELECT hash_index, count(DISTINCT user_id) AS n, count(*), min(id),"
	" EXISTS (SELECT 1 FROM blocked_hashes b WHERE b.account = d.account AND b.hash_index = d.hash_index)"
	" FROM devices d WHERE account = $1 AND hash_index IS NOT NULL GROUP BY hash_index HAVING count(DISTINCT user_id) > $2"
	" ORDER BY n DESC, hash_index LIMIT $3");

static err hash_shown(struct op *op, const struct uuid *id, struct slice *ret_hash)
{
	struct user owner = { .account = 0 };
	struct device device;
	struct error e;

	TRY(device_load(op, op_reader(op), id, &device, &owner));
	e = hash_of_device(op, &owner, &device, ret_hash);
	wipe(&owner.key, sizeof(owner.key));
	return e;
}

err flagged_hashes_prepare(struct op *op)
{
	struct hash_flagged *list = arena_array(op->arena, struct hash_flagged, FLAGGED_MAX);
	struct uuid *ids = arena_array(op->arena, struct uuid, FLAGGED_MAX);
	struct hash_flagged_list *out = op->out = arena_new(op->arena, struct hash_flagged_list);
	const struct application *application;
	struct rows r;
	size_t n = 0;

	TRY(mobileid_application(op, &application));
	TRY(sql_open(op_reader(op), &flagged_hashes,
		ARGS(v_int(application->account), v_int(application->config.deviceHashAllowedUsers), v_int(FLAGGED_MAX)), &r));
	for (; n < FLAGGED_MAX && rows_next(&r); n++) {
		list[n] = (struct hash_flagged){ .users = col_int(&r, 1), .devices = col_int(&r, 2), .blocked = col_int(&r, 4) != 0 };
		ids[n] = col_uuid(&r, 3);
	}
	TRY(sql_close(&r));
	for (size_t i = 0; i < n; i++)
		TRY(hash_shown(op, &ids[i], &list[i].deviceHash));
	out->deviceHashes = (struct list){ list, n };
	return OK;
}

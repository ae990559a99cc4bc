/* Passkeys in the store. */
#include "passkey/internal.h"

#define COLUMNS \
	"p.id, p.account, p.user_id, p.domain, p.box, p.sign_count, p.flags, c.name, c.created, c.last_used" \
	" FROM passkeys p JOIN credentials c ON c.id = p.id"

SQL(passkey_by_id, "SELECT " COLUMNS " WHERE p.id = $1 AND p.account = $2");
SQL(passkey_by_index, "SELECT " COLUMNS " WHERE p.credential_index = $1");
SQL(passkeys_of, "SELECT " COLUMNS " WHERE p.user_id = $1 AND p.domain = $2 ORDER BY c.created DESC, p.id DESC LIMIT $3");
SQL(passkey_add,
	"INSERT INTO passkeys (id, account, user_id, domain, credential_index, box, sign_count, flags)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
SQL(passkey_credential_add,
	"INSERT INTO credentials (id, account, user_id, type, state, name, last_operation, created, last_used)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
SQL(passkey_count_up, "UPDATE passkeys SET sign_count = $3, flags = $4 WHERE id = $1 AND sign_count = $2");
SQL(passkey_credential_used, "UPDATE credentials SET last_operation = $2, last_used = $3 WHERE id = $1");
SQL(owner_state, "SELECT state FROM users WHERE id = $1");
SQL(active_user_used, "UPDATE users SET last_used = $2 WHERE id = $1 AND state = $3");
SQL(passkey_delete, "DELETE FROM passkeys WHERE id = $1");
SQL(passkey_credential_delete, "DELETE FROM credentials WHERE id = $1");
/* The same credential may have been buried before: what an authenticator calls it is its own affair. */
SQL(passkeys_bury,
	"INSERT INTO passkeys_gone (credential_index, at) SELECT credential_index, $2 FROM passkeys WHERE user_id = $1"
	" ON CONFLICT (credential_index) DO UPDATE SET at = excluded.at");
SQL(passkeys_delete, "DELETE FROM passkeys WHERE user_id = $1");
/* What an authentication was started with is not sealed under the user's key: nobody knew who it would be. */
SQL(passkey_contents_erase,
	"UPDATE passkey_operations SET content = $2, result = NULL, why = NULL WHERE id IN (SELECT id FROM transactions WHERE user_id = $1)");
SQL(gone_by_index, "SELECT 1 FROM passkeys_gone WHERE credential_index = $1");

struct slice credential_index(struct op *op, struct slice account_id, struct slice credential_id)
{
	uint8_t *out = arena_alloc(op->arena, INDEX_BYTES);

	seal_index(op->app->keyring, S("passkey.credential"), account_id, credential_id, out);
	return slice_of(out, INDEX_BYTES);
}

static void from_row(struct op *op, const struct rows *r, struct passkey *p)
{
	int64_t flags = col_int(r, 6);

	*p = (struct passkey){
		.id = col_uuid(r, 0),
		.account = col_int(r, 1),
		.user = col_uuid(r, 2),
		.domain = arena_copy(op->arena, col_text(r, 3)),
		.box = arena_copy(op->arena, col_bytes(r, 4)),
		.sign_count = col_int(r, 5),
		.user_verified = flags & FLAG_VERIFIED,
		.backup_eligible = flags & FLAG_ELIGIBLE,
		.backed_up = flags & FLAG_BACKED_UP,
		.name = arena_copy(op->arena, col_bytes(r, 7)), /* sealed, until passkey_open */
		.created = col_int(r, 8),
		.last_used = col_int(r, 9),
	};
}

err passkey_load(struct op *op, struct tx *tx, int64_t account, const struct uuid *id, struct passkey *ret_passkey)
{
	struct rows r;

	TRY(sql_one(tx, &passkey_by_id, ARGS(v_uuid(id), v_int(account)), &r));
	from_row(op, &r, ret_passkey);
	return sql_close(&r);
}

err passkey_by_credential(struct op *op, struct tx *tx, struct slice index, struct passkey *ret_passkey)
{
	struct rows r;

	TRY(sql_one(tx, &passkey_by_index, ARGS(v_bytes(index)), &r));
	from_row(op, &r, ret_passkey);
	return sql_close(&r);
}

/*
 * ---- the box: u8 version | u16 n, credential id | u16 n, COSE key | AAGUID | u8 format | u8 trusted | u16 n, transports; and in the
 * second version, which only those have that need it: u16 n, user handle ----
 */
enum { BOX_VERSION = 1, BOX_VERSION_HANDLE = 2, BOX_BYTES_MAX = 16 * 1024 };

struct slice passkey_handle(const struct passkey *p)
{
	return p->handle.n ? p->handle : uuid_bytes(&p->user);
}

static struct slice place_of(struct op *op, const struct uuid *id)
{
	struct buf b = buf_arena(op->arena, 64);

	buf_text(&b, "passkey.box|");
	buf_slice(&b, uuid_bytes(id));
	return buf_bytes(&b);
}

static void put_part(struct buf *b, struct slice part)
{
	buf_u16(b, (uint16_t)part.n);
	buf_slice(b, part);
}

struct slice passkey_seal(struct op *op, const struct user *owner, const struct passkey *p)
{
	struct buf b = buf_arena(op->arena, BOX_BYTES_MAX);

	buf_byte(&b, p->handle.n ? BOX_VERSION_HANDLE : BOX_VERSION);
	put_part(&b, p->credential_id);
	put_part(&b, p->cose_key);
	buf_slice(&b, uuid_bytes(&p->aaguid));
	buf_byte(&b, (uint8_t)p->format);
	buf_byte(&b, p->trusted);
	put_part(&b, p->transports);
	if (p->handle.n)
		put_part(&b, p->handle);
	return seal(&owner->key, op->app->env, place_of(op, &p->id), buf_bytes(&b), op->arena);
}

static err take_part(struct reader *r, struct slice *ret)
{
	uint16_t n;

	TRY(read_u16(r, &n));
	return read_bytes(r, n, ret);
}

static err read_box(struct slice bytes, struct passkey *p)
{
	struct reader r = { bytes };
	uint8_t version, format, trusted;
	struct slice aaguid;

	TRY(read_u8(&r, &version));
	ENSURE(version == BOX_VERSION || version == BOX_VERSION_HANDLE, STORAGE);
	TRY(take_part(&r, &p->credential_id));
	TRY(take_part(&r, &p->cose_key));
	TRY(read_bytes(&r, UUID_BYTES, &aaguid));
	TRY(read_u8(&r, &format));
	TRY(read_u8(&r, &trusted));
	TRY(take_part(&r, &p->transports));
	if (version == BOX_VERSION_HANDLE)
		TRY(take_part(&r, &p->handle));
	memcpy(p->aaguid.b, aaguid.p, UUID_BYTES);
	p->format = format;
	p->trusted = trusted != 0;
	return read_end(&r);
}

err passkey_open(struct op *op, const struct user *owner, struct passkey *p)
{
	struct slice bytes;

	TRY(unseal(&owner->key, place_of(op, &p->id), p->box, op->arena, &bytes));
	TRY(read_box(bytes, p));
	return credential_name_open(op, &owner->key, &p->id, p->name, &p->name);
}

/* ---- writing ---- */

err passkey_owner_check(struct tx *tx, const struct uuid *user, bool active)
{
	struct rows r;
	struct error e = sql_one(tx, &owner_state, ARGS(v_uuid(user)), &r);
	int64_t state;

	ENSURE(!is_err(e, E_NO_ROW), STALE);
	TRY(e);
	state = col_int(&r, 0);
	TRY(sql_close(&r));
	ENSURE(!active || state == user_state_ACTIVE, STALE);
	return OK;
}

static int64_t flags_of(bool verified, bool eligible, bool backed_up)
{
	return (verified ? FLAG_VERIFIED : 0) | (eligible ? FLAG_ELIGIBLE : 0) | (backed_up ? FLAG_BACKED_UP : 0);
}

err passkey_insert(struct tx *tx, const struct passkey *p, struct slice index, struct slice box, struct slice name)
{
	TRY(sql_run(tx, &passkey_add,
		ARGS(v_uuid(&p->id), v_int(p->account), v_uuid(&p->user), v_text(p->domain), v_bytes(index), v_bytes(box),
			v_int(p->sign_count), v_int(flags_of(p->user_verified, p->backup_eligible, p->backed_up))),
		NULL));
	return sql_run(tx, &passkey_credential_add,
		ARGS(v_uuid(&p->id), v_int(p->account), v_uuid(&p->user), v_int(credential_type_PASSKEY), v_int(credential_state_ACTIVE),
			v_bytes(name), v_int(operation_type_REGISTRATION), v_int(p->created), v_int(p->last_used)),
		NULL);
}

err passkey_used(struct tx *tx, const struct passkey *p, int64_t sign_count, bool user_verified, bool backed_up, int64_t now)
{
	int64_t changes;

	TRY(sql_run(tx, &passkey_count_up,
		ARGS(v_uuid(&p->id), v_int(p->sign_count), v_int(sign_count),
			v_int(flags_of(user_verified, p->backup_eligible, backed_up))),
		&changes));
	ENSURE(changes == 1, STALE);
	TRY(sql_run(tx, &passkey_credential_used, ARGS(v_uuid(&p->id), v_int(operation_type_AUTHENTICATION), v_int(now)), NULL));
	TRY(sql_run(tx, &active_user_used, ARGS(v_uuid(&p->user), v_int(now), v_int(user_state_ACTIVE)), &changes));
	ENSURE(changes == 1, STALE);
	return OK;
}

err passkey_delete_rows(struct tx *tx, const struct uuid *id, int64_t *ret_changes)
{
	TRY(sql_run(tx, &passkey_delete, ARGS(v_uuid(id)), ret_changes));
	return sql_run(tx, &passkey_credential_delete, ARGS(v_uuid(id)), NULL);
}

err passkeys_of_user(struct op *op, struct tx *tx, const struct user *owner, struct slice domain, struct passkey *list, size_t *ret_n)
{
	struct error e = OK, end;
	struct rows r;

	*ret_n = 0;
	TRY(sql_open(tx, &passkeys_of, ARGS(v_uuid(&owner->id), v_text(domain), v_int(PASSKEYS_OF_USER_MAX)), &r));
	while (!failed(e) && *ret_n < PASSKEYS_OF_USER_MAX && rows_next(&r)) {
		from_row(op, &r, &list[*ret_n]);
		e = passkey_open(op, owner, &list[(*ret_n)++]);
	}
	end = sql_close(&r);
	return failed(e) ? e : end;
}

/* ---- deleted users ---- */

struct error passkeys_user_deleted(struct op *op, struct tx *tx, const struct uuid *user)
{
	TRY(sql_run(tx, &passkeys_bury, ARGS(v_uuid(user), v_int(op->now)), NULL));
	TRY(sql_run(tx, &passkey_contents_erase, ARGS(v_uuid(user), v_bytes(S(""))), NULL));
	return sql_run(tx, &passkeys_delete, ARGS(v_uuid(user)), NULL);
}

err credential_gone(struct op *op, struct slice index, bool *ret_gone)
{
	struct rows r;
	struct error e = sql_one(op_reader(op), &gone_by_index, ARGS(v_bytes(index)), &r);

	*ret_gone = !failed(e);
	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	return sql_close(&r);
}

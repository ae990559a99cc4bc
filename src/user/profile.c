/* The sealed part of a user: u16 length | external reference | attributes as compact JSON. */
#include "user/internal.h"

enum { PROFILE_BYTES_MAX = 2 * 1024 * 1024 };

/* Where a box lies, so that one user's does not open as another's. */
static struct slice place_of(struct op *op, const char *what, const struct uuid *id)
{
	struct buf b = buf_arena(op->arena, 64);

	buf_text(&b, what);
	buf_slice(&b, uuid_bytes(id));
	return buf_bytes(&b);
}

void profile_new_key(struct op *op, struct user *user)
{
	uint8_t *wrapped = arena_alloc(op->arena, WRAPPED_KEY_BYTES);

	data_key_new(op->app->keyring, op->app->env, place_of(op, "user.key|", &user->id), &user->key, wrapped);
	user->wrapped_key = slice_of(wrapped, WRAPPED_KEY_BYTES);
}

SQL(wrapped_key_of, "SELECT wrapped_key FROM users WHERE id = $1 AND account = $2");

err user_key(struct op *op, struct tx *tx, const struct uuid *id, struct data_key *ret_key)
{
	struct rows r;
	struct error e = sql_one(tx, &wrapped_key_of, ARGS(v_uuid(id), v_int(op->caller.account)), &r), end;

	ENSURE(!is_err(e, E_NO_ROW), USER_UNKNOWN);
	TRY(e);
	e = data_key_unwrap(op->app->keyring, place_of(op, "user.key|", id), col_bytes(&r, 0), ret_key);
	end = sql_close(&r);
	return failed(e) ? e : end;
}

struct slice profile_seal(struct op *op, const struct user *user)
{
	struct buf b = buf_arena(op->arena, PROFILE_BYTES_MAX);

	buf_u16(&b, (uint16_t)user->profile.reference.n);
	buf_slice(&b, user->profile.reference);
	buf_slice(&b, user->profile.attributes);
	return seal(&user->key, op->app->env, place_of(op, "user.profile|", &user->id), buf_bytes(&b), op->arena);
}

err profile_open(struct op *op, struct slice box, struct user *user)
{
	struct reader r;
	uint16_t n;

	TRY(data_key_unwrap(op->app->keyring, place_of(op, "user.key|", &user->id), user->wrapped_key, &user->key));
	TRY(unseal(&user->key, place_of(op, "user.profile|", &user->id), box, op->arena, &r.rest));
	TRY(read_u16(&r, &n));
	TRY(read_bytes(&r, n, &user->profile.reference));
	user->profile.attributes = r.rest;
	return OK;
}

struct slice credential_name_seal(struct op *op, const struct data_key *key, const struct uuid *credential, struct slice name)
{
	return name.n ? seal(key, op->app->env, place_of(op, "credential.name|", credential), name, op->arena) : S("");
}

err credential_name_open(struct op *op, const struct data_key *key, const struct uuid *credential, struct slice box, struct slice *ret_name)
{
	*ret_name = S("");
	return box.n ? unseal(key, place_of(op, "credential.name|", credential), box, op->arena, ret_name) : OK;
}

struct slice reference_index(struct op *op, struct slice account_id, struct slice reference)
{
	uint8_t *out;

	if (reference.n == 0)
		return S("");
	out = arena_alloc(op->arena, INDEX_BYTES);
	seal_index(op->app->keyring, S("user.reference"), account_id, reference, out);
	return slice_of(out, INDEX_BYTES);
}

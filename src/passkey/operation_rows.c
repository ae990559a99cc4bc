/* What an operation of a passkey has beyond a transaction. */
#include "passkey/internal.h"

enum { CONTENT_BYTES_MAX = 256 * 1024, CONTENT_DEPTH_MAX = 4 };

SCHEMA(passkey_content, PASSKEY_CONTENT, "What an operation was started with");

#define COLUMNS "o.domain, o.timeout_ms, o.verification, o.step, o.bound, o.challenge, o.why, o.content, o.result"
#define WITH_TRANSACTION ", t.account, t.user_id, t.operation, t.state, t.error, t.credential_id, t.created, t.expires, t.completed"

SQL(row_by_id, "SELECT " COLUMNS " FROM passkey_operations o WHERE o.id = $1");
SQL(row_of_browser,
	"SELECT " COLUMNS WITH_TRANSACTION " FROM passkey_operations o JOIN transactions t ON t.id = o.id WHERE o.id = $1");
SQL(row_add,
	"INSERT INTO passkey_operations (id, domain, timeout_ms, verification, step, content, created) VALUES ($1, $2, $3, $4, 1, $5, $6)");
SQL(row_move, "UPDATE passkey_operations SET step = $3, bound = COALESCE($4, bound), challenge = $5 WHERE id = $1 AND step = $2");
SQL(row_end, "UPDATE passkey_operations SET step = 4, result = $3, why = $4, challenge = NULL WHERE id = $1 AND step = $2");
_Static_assert(STEP_CREATED == 1 && STEP_OVER == 4, "the literals above");

static struct slice place_of(struct op *op, const char *what, const struct uuid *id)
{
	struct buf b = buf_arena(op->arena, 64);

	buf_text(&b, what);
	buf_slice(&b, uuid_bytes(id));
	return buf_bytes(&b);
}

/*
 * Made of the index key, which the master key gives: what it seals are names of attributes, tags and an address to go to, of nobody
 * as yet.
 */
void content_key_derive(const struct keyring *keyring, struct slice account_id, struct data_key *ret_key)
{
	_Static_assert(INDEX_BYTES == DATA_KEY_BYTES, "a keyed hash is a key");
	seal_index(keyring, S("passkey.content.key"), account_id, S(""), ret_key->b);
}

struct data_key content_key(const struct op *op, const struct passkey_operation_row *row, const struct user *owner)
{
	const struct passkey_domain *domain = domain_of(op->app, op->caller.account, row->domain);
	struct data_key key;

	if (row->base.operation == operation_type_REGISTRATION && owner)
		return owner->key;
	if (domain)
		return domain->content_key;
	content_key_derive(op->app->keyring, op->caller.account_id, &key); /* its domain was taken away since */
	return key;
}

struct slice passkey_content_seal(struct op *op, const struct data_key *key, const struct uuid *id, const struct passkey_content *content)
{
	struct buf b = buf_arena(op->arena, CONTENT_BYTES_MAX);

	schema_write(&passkey_content_schema, content, &b);
	return seal(key, op->app->env, place_of(op, "passkey.content|", id), buf_bytes(&b), op->arena);
}

struct slice passkey_result_seal(struct op *op, const struct user *owner, const struct uuid *id, struct slice json)
{
	return seal(&owner->key, op->app->env, place_of(op, "passkey.result|", id), json, op->arena);
}

err passkey_operation_insert(struct tx *tx, const struct passkey_operation_row *row, struct slice content)
{
	return sql_run(tx, &row_add,
		ARGS(v_uuid(&row->base.id), v_text(row->domain), v_int(row->timeout_ms), v_int(row->verification), v_bytes(content),
			v_int(row->base.created)),
		NULL);
}

static void from_row(struct op *op, const struct rows *r, struct passkey_operation_row *row)
{
	row->domain = arena_copy(op->arena, col_text(r, 0));
	row->timeout_ms = col_int(r, 1);
	row->verification = (enum verification_wanted)col_int(r, 2);
	row->step = (enum ceremony_step)col_int(r, 3);
	row->bound = arena_copy(op->arena, col_bytes(r, 4));
	row->challenge = arena_copy(op->arena, col_bytes(r, 5));
	row->why = arena_copy(op->arena, col_text(r, 6));
	row->sealed_content = arena_copy(op->arena, col_bytes(r, 7));
	row->sealed_result = arena_copy(op->arena, col_bytes(r, 8));
}

err passkey_operation_find(struct op *op, struct tx *tx, const struct uuid *id, struct passkey_operation_row *row)
{
	struct operation *o = &row->base;
	struct rows r;
	struct error e = sql_one(tx, &row_of_browser, ARGS(v_uuid(id)), &r);

	ENSURE(!is_err(e, E_NO_ROW), TRANSACTION_UNKNOWN);
	TRY(e);
	*row = (struct passkey_operation_row){ .base = {
		.id = *id,
		.account = col_int(&r, 9),
		.user = col_uuid(&r, 10),
		.type = credential_type_PASSKEY,
		.operation = (enum operation_type)col_int(&r, 11),
		.state = (enum operation_state)col_int(&r, 12),
		.error = operation_error_find(col_text(&r, 13)),
		.credential = col_uuid(&r, 14),
		.created = col_int(&r, 15),
		.expires = col_int(&r, 16),
		.completed = col_int(&r, 17),
	} };
	if (operation_is_over(o->state, o->expires, op->now)) {
		o->state = operation_state_FAILED;
		o->error = OPERATION_EXPIRED;
		o->completed = o->expires;
	}
	from_row(op, &r, row);
	return sql_close(&r);
}

err passkey_operation_load(struct op *op, struct tx *tx, const struct uuid *id, enum operation_type type, struct passkey_operation_row *row)
{
	struct rows r;

	*row = (struct passkey_operation_row){ 0 };
	TRY(operation_load(tx, op->caller.account, id, op->now, &row->base));
	ENSURE(row->base.type == credential_type_PASSKEY && (!type || row->base.operation == type), TRANSACTION_UNKNOWN);
	TRY(sql_one(tx, &row_by_id, ARGS(v_uuid(id)), &r));
	from_row(op, &r, row);
	return sql_close(&r);
}

static err read_content(struct op *op, struct slice json, struct passkey_content *ret)
{
	struct invalids bad = { .arena = op->arena };
	json_t *object;
	struct slice why;

	TRY(json_read(json, JSON_UNIQUE, CONTENT_DEPTH_MAX, op->arena, &object, &why));
	schema_read(&passkey_content_schema, object, op->arena, &bad, ret);
	op_keep_json(op, object); /* what was read points into it */
	ENSURE(bad.n == 0, STORAGE);
	return OK;
}

err passkey_result_open(struct op *op, const struct data_key *key, struct passkey_operation_row *row)
{
	return unseal(key, place_of(op, "passkey.result|", &row->base.id), row->sealed_result, op->arena, &row->result);
}

err passkey_operation_open(struct op *op, const struct user *owner, struct passkey_operation_row *row)
{
	struct data_key key;
	struct slice json;
	struct error e;

	/* Erased with its user. */
	if (!row->sealed_content.n || (row->base.operation == operation_type_REGISTRATION && !owner))
		return OK;
	key = content_key(op, row, owner);
	e = unseal(&key, place_of(op, "passkey.content|", &row->base.id), row->sealed_content, op->arena, &json);
	wipe(&key, sizeof(key));
	TRY(e);
	TRY(read_content(op, json, &row->content));
	if (row->sealed_result.n && owner)
		return passkey_result_open(op, &owner->key, row);
	return OK;
}

err passkey_operation_move(struct tx *tx, const struct passkey_operation_row *row, enum ceremony_step to, struct slice bound,
	struct slice challenge)
{
	int64_t changes;

	TRY(sql_run(tx, &row_move,
		ARGS(v_uuid(&row->base.id), v_int(row->step), v_int(to), v_bytes_opt(bound), v_bytes_opt(challenge)), &changes));
	ENSURE(changes == 1, STALE);
	return OK;
}

err passkey_operation_end(struct tx *tx, const struct passkey_operation_row *row, struct slice result, struct slice why)
{
	int64_t changes;

	TRY(sql_run(tx, &row_end, ARGS(v_uuid(&row->base.id), v_int(row->step), v_bytes_opt(result), v_text_opt(why)), &changes));
	ENSURE(changes == 1, STALE);
	return OK;
}

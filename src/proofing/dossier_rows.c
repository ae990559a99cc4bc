/* Dossiers in the database. What belongs to the person is sealed under a key of the dossier's own, which goes with the row. */
#include "proofing/internal.h"

#define COLUMNS "id, account, user_id, wrapped_key, box, created, updated"

#define DOSSIER_CONTENT(F, T)                             \
	F(T, STR, externalRef, OPT, 0, 255, "", "")       \
	F(T, JSON, userData, OPT, 0, RESULT_JSON_MAX, "", "")
SCHEMA_STRUCT(dossier_content, DOSSIER_CONTENT);
SCHEMA(dossier_content, DOSSIER_CONTENT, "What of a dossier is sealed");

SQL(dossier_add, "INSERT INTO dossiers (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7)");
SQL(dossier_by_id, "SELECT " COLUMNS " FROM dossiers WHERE id = $1 AND account = $2");
SQL(dossier_present, "SELECT 1 FROM dossiers WHERE id = $1 AND account = $2");
SQL(dossier_key_by_id, "SELECT wrapped_key FROM dossiers WHERE id = $1");
SQL(dossier_update, "UPDATE dossiers SET box = $2, updated = $3 WHERE id = $1");
SQL(dossier_remove, "DELETE FROM dossiers WHERE id = $1");
SQL(dossier_remove_processes, "DELETE FROM proofing_processes WHERE dossier = $1");
SQL(dossier_remove_files, "DELETE FROM proofing_files WHERE dossier = $1");
SQL(dossiers_of_user, "SELECT id FROM dossiers WHERE user_id = $1 LIMIT $2");

enum { OF_USER_MAX = 1000 };

struct slice proofing_place(struct op *op, const char *what, const struct uuid *id)
{
	struct buf b = buf_arena(op->arena, 64);

	buf_text(&b, what);
	buf_slice(&b, uuid_bytes(id));
	return buf_bytes(&b);
}

struct dossier *dossier_draft(struct op *op, const struct uuid *user, struct slice external_ref)
{
	struct dossier *d = arena_new(op->arena, struct dossier);
	uint8_t *wrapped = arena_alloc(op->arena, WRAPPED_KEY_BYTES);

	d->id = uuid_v7(op->app->env, op->now);
	d->account = op->caller.account;
	d->user = *user;
	d->created = d->updated = op->now;
	d->external_ref = external_ref;
	data_key_new(op->app->keyring, op->app->env, proofing_place(op, "dossier.key|", &d->id), &d->key, wrapped);
	d->wrapped_key = slice_of(wrapped, WRAPPED_KEY_BYTES);
	return d;
}

struct slice dossier_seal(struct op *op, const struct dossier *d)
{
	struct dossier_content content = { .externalRef = d->external_ref, .userData = d->user_data };
	struct buf b = buf_arena(op->arena, SEALED_BYTES_MAX);

	schema_write(&dossier_content_schema, &content, &b);
	return seal(&d->key, op->app->env, proofing_place(op, "dossier.content|", &d->id), buf_bytes(&b), op->arena);
}

err dossier_insert(struct tx *tx, const struct dossier *d, struct slice box)
{
	return sql_run(tx, &dossier_add,
		ARGS(v_uuid(&d->id), v_int(d->account), v_uuid_opt(&d->user), v_bytes(d->wrapped_key),
			v_bytes(box), v_int(d->created), v_int(d->updated)),
		NULL);
}

static err open_box(struct op *op, struct slice box, struct dossier *d)
{
	struct invalids bad = { .arena = op->arena };
	struct dossier_content content = { 0 };
	struct slice plain, why;
	json_t *json;

	TRY(data_key_unwrap(op->app->keyring, proofing_place(op, "dossier.key|", &d->id), d->wrapped_key, &d->key));
	TRY(unseal(&d->key, proofing_place(op, "dossier.content|", &d->id), box, op->arena, &plain));
	TRY(json_read(plain, JSON_UNIQUE, SEALED_DEPTH_MAX, op->arena, &json, &why));
	schema_read(&dossier_content_schema, json, op->arena, &bad, &content);
	op_keep_json(op, json);
	ENSURE(bad.n == 0, STORAGE);
	d->external_ref = content.externalRef;
	d->user_data = content.userData;
	return OK;
}

err dossier_load(struct op *op, struct tx *tx, const struct uuid *id, struct dossier *ret_dossier)
{
	struct slice box;
	struct rows r;
	struct error e = sql_one(tx, &dossier_by_id, ARGS(v_uuid(id), v_int(op->caller.account)), &r);

	ENSURE(!is_err(e, E_NO_ROW), DOSSIER_UNKNOWN);
	TRY(e);
	*ret_dossier = (struct dossier){
		.id = col_uuid(&r, 0),
		.account = col_int(&r, 1),
		.user = col_uuid(&r, 2),
		.wrapped_key = arena_copy(op->arena, col_bytes(&r, 3)),
		.created = col_int(&r, 5),
		.updated = col_int(&r, 6),
	};
	box = arena_copy(op->arena, col_bytes(&r, 4));
	TRY(sql_close(&r));
	return open_box(op, box, ret_dossier);
}

err dossier_exists(struct op *op, struct tx *tx, const struct uuid *id)
{
	struct rows r;
	struct error e = sql_one(tx, &dossier_present, ARGS(v_uuid(id), v_int(op->caller.account)), &r);

	ENSURE(!is_err(e, E_NO_ROW), DOSSIER_UNKNOWN);
	TRY(e);
	return sql_close(&r);
}

err dossier_key(struct op *op, struct tx *tx, const struct uuid *id, struct data_key *ret_key)
{
	struct slice wrapped;
	struct rows r;

	TRY(sql_one(tx, &dossier_key_by_id, ARGS(v_uuid(id)), &r));
	wrapped = arena_copy(op->arena, col_bytes(&r, 0));
	TRY(sql_close(&r));
	return data_key_unwrap(op->app->keyring, proofing_place(op, "dossier.key|", id), wrapped, ret_key);
}

err dossier_save(struct tx *tx, const struct dossier *d, struct slice box)
{
	int64_t changes;

	TRY(sql_run(tx, &dossier_update, ARGS(v_uuid(&d->id), v_bytes(box), v_int(d->updated)), &changes));
	ENSURE(changes == 1, STALE);
	return OK;
}

err dossier_delete(struct op *op, struct tx *tx, const struct uuid *id)
{
	int64_t changes;

	TRY(farewells_of_dossier(op, tx, id));
	TRY(sql_run(tx, &dossier_remove_files, ARGS(v_uuid(id)), NULL));
	TRY(sql_run(tx, &dossier_remove_processes, ARGS(v_uuid(id)), NULL));
	TRY(sql_run(tx, &dossier_remove, ARGS(v_uuid(id)), &changes));
	ENSURE(changes == 1, DOSSIER_UNKNOWN);
	return OK;
}

/* Rows are read to the end before the first is deleted: a statement does not walk over what it changes. */
static err read_ids(struct op *op, struct tx *tx, const struct uuid *user, struct list *ret_ids)
{
	struct uuid *ids = arena_array(op->arena, struct uuid, OF_USER_MAX);
	struct rows r;

	*ret_ids = (struct list){ ids, 0 };
	TRY(sql_open(tx, &dossiers_of_user, ARGS(v_uuid(user), v_int(OF_USER_MAX)), &r));
	while (ret_ids->n < OF_USER_MAX && rows_next(&r))
		ids[ret_ids->n++] = col_uuid(&r, 0);
	return sql_close(&r);
}

err dossiers_user_deleted(struct op *op, struct tx *tx, const struct uuid *user)
{
	struct list ids;

	do {
		TRY(read_ids(op, tx, user, &ids));
		for (size_t i = 0; i < ids.n; i++)
			TRY(dossier_delete(op, tx, &((struct uuid *)ids.items)[i]));
	} while (ids.n == OF_USER_MAX);
	return OK;
}

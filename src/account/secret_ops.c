/* Secrets of API clients: made here, shown once, kept as a hash. A client may have any number, and each works by itself. */
#include "account/internal.h"

SQL(secret_add, "INSERT INTO client_secrets (id, client, name, hash, created) VALUES ($1, $2, $3, $4, $5)");
SQL(secret_delete, "DELETE FROM client_secrets WHERE id = $1 AND client = $2");

void secret_make(const struct env *env, int64_t now, struct slice name, struct fresh_secret *ret_secret)
{
	env_random_text(env, ret_secret->text, CLIENT_SECRET_TEXT);
	sha256(slice_of(ret_secret->text, CLIENT_SECRET_TEXT), ret_secret->hash);
	ret_secret->view = (struct secret_view){
		.id = uuid_v7(env, now),
		.name = name,
		.created = now,
		.secret = slice_of(ret_secret->text, CLIENT_SECRET_TEXT),
	};
}

err secret_insert(struct tx *tx, int64_t client, const struct fresh_secret *secret)
{
	return sql_run(tx, &secret_add,
		ARGS(v_uuid(&secret->view.id), v_int(client), v_text(secret->view.name),
			v_bytes(slice_of(secret->hash, SHA256_BYTES)), v_int(secret->view.created)),
		NULL);
}

err secret_fact(struct op *op, struct tx *tx, enum fact_kind kind, const struct client_row *client, const struct uuid *secret)
{
	struct buf data = buf_arena(op->arena, 256);
	struct jw w = jw_new(&data);

	jw_open(&w, '{');
	jw_pair_text(&w, "clientId", client->view.id);
	jw_close(&w, '}');
	return fact(op, tx, &(struct fact){ .kind = kind, .account = client->account, .reference = uuid_text(op->arena, secret),
		.data = buf_bytes(&data) });
}

err secret_create_prepare(struct op *op)
{
	const struct secret_new *in = op->in;
	struct fresh_secret *secret = op_own(op, struct fresh_secret);

	secret_make(op->app->env, op->now, in->name, secret);
	op->out = &secret->view;
	return OK;
}

err secret_create_apply(struct op *op, struct tx *tx)
{
	const struct fresh_secret *secret = op_own(op, struct fresh_secret);
	struct client_row client;

	TRY(client_read(tx, op->path[0], op->arena, &client));
	TRY(secret_insert(tx, client.n, secret));
	accounts_changed(op, tx);
	return secret_fact(op, tx, FACT_SECRET_CREATED, &client, &secret->view.id);
}

err secret_delete_apply(struct op *op, struct tx *tx)
{
	struct client_row client;
	int64_t deleted;

	TRY(client_read(tx, op->path[0], op->arena, &client));
	TRY(sql_run(tx, &secret_delete, ARGS(v_uuid(&op->path_id[1]), v_int(client.n)), &deleted));
	ENSURE(deleted, SECRET_UNKNOWN);
	accounts_changed(op, tx);
	return secret_fact(op, tx, FACT_SECRET_DELETED, &client, &op->path_id[1]);
}

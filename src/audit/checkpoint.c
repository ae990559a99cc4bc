/* Checkpoints: the root of a tree, signed as a JWT with the keys that are published for tokens. */
#include "audit/internal.h"
#include "base/timestamp.h"
#include "codec/encode.h"
#include "jose/jwt.h"
#include "oauth/oauth.h"

#define CHECKPOINT_TYPE "audit-checkpoint+jwt"

enum { KEPT_EVERY_MS = 60 * 1000, CLAIMS_MAX = 4096, CLAIMS_DEPTH_MAX = 2, GROWN_MAX = 256, CHECKPOINTS_LISTED = 100 };

SQL(logs_grown,
	"SELECT t.account FROM audit_trees t WHERE EXISTS (SELECT 1 FROM audit a WHERE a.account = t.account AND a.sequence >= t.size) LIMIT $1");
SQL(checkpoint_set, "UPDATE audit_trees SET checkpoint = $2, checkpointed = $3 WHERE account = $1");
SQL(checkpoint_times, "SELECT checkpointed FROM audit_trees WHERE account = $1");
SQL(checkpoint_keep,
	"INSERT INTO audit_checkpoints (account, size, at, token) VALUES ($1, $2, $3, $4) ON CONFLICT (account, size) DO NOTHING");
SQL(checkpoint_last, "SELECT checkpoint FROM audit_trees WHERE account = $1");
SQL(checkpoint_list,
	"SELECT token FROM audit_checkpoints WHERE account = $1 AND size <= $2 ORDER BY size DESC LIMIT $3");

err checkpoint_sign(struct app *app, const struct audit_log *log, int64_t size, const struct hash *root, int64_t now, struct arena *a,
	struct slice *ret_token)
{
	struct buf b = buf_arena(a, CLAIMS_MAX);
	struct jw w = jw_new(&b);
	const struct sign_key *key;
	const char *kid;

	jw_open(&w, '{');
	jw_pair_text(&w, "iss", oauth_issuer(app, a));
	jw_pair_text(&w, "accountId", log->account_id);
	jw_pair_int(&w, "size", size);
	jw_pair_text(&w, "rootHash", b64url(a, slice_of(root->b, SHA256_BYTES)));
	jw_key(&w, "timestamp");
	jw_raw(&w, S("\""));
	time_write(&b, now, TIME_AS_MS);
	buf_byte(&b, '"');
	jw_close(&w, '}');
	TRY(buf_ok(&b));
	oauth_signing_key(app, now, &key, &kid);
	return jwt_sign(key, kid, CHECKPOINT_TYPE, buf_bytes(&b), a, ret_token);
}

err checkpoint_read(struct slice token, struct arena *a, struct audit_checkpoint *ret)
{
	json_t *claims = NULL;
	struct slice why;
	struct jws jws;
	struct error e;

	TRY(jws_parse(token, a, &jws));
	TRY(json_read(jws.payload, JSON_UNIQUE, CLAIMS_DEPTH_MAX, a, &claims, &why));
	*ret = (struct audit_checkpoint){
		.size = json_integer_value(json_object_get(claims, "size")),
		.checkpoint = token,
	};
	e = json_is_string(json_object_get(claims, "rootHash")) ? OK : FAIL(STORAGE);
	if (!failed(e)) {
		ret->rootHash = arena_copy(a, json_text(json_object_get(claims, "rootHash")));
		e = time_parse(json_text(json_object_get(claims, "timestamp")), &ret->timestamp);
	}
	json_decref(claims);
	return e;
}

/* ---- signed by the job ---- */

struct signing {
	int64_t account, size, now;
	bool keep;
	struct slice token;
};

static struct error write_checkpoint(void *arg, struct tx *tx)
{
	const struct signing *s = arg;

	if (s->keep)
		TRY(sql_run(tx, &checkpoint_keep, ARGS(v_int(s->account), v_int(s->size), v_int(s->now), v_text(s->token)), NULL));
	TRY(sql_run(tx, &checkpoint_set, ARGS(v_int(s->account), v_text(s->token), v_int(s->now)), NULL));
	return OK;
}

/* The newest one is always there; once in a while one is kept for good. */
static err prepare_checkpoint(struct app *app, struct tx *tx, struct arena *a, struct signing *s)
{
	struct tree tree;
	struct hash root;
	struct rows r;

	TRY(tree_open(tx, a, s->account, &tree));
	TRY(merkle_root(&tree.source, tree.log.size, &root));
	TRY(sql_one(tx, &checkpoint_times, ARGS(v_int(s->account)), &r));
	s->keep = s->now / KEPT_EVERY_MS != col_int(&r, 0) / KEPT_EVERY_MS;
	s->size = tree.log.size;
	TRY(sql_close(&r));
	return checkpoint_sign(app, &tree.log, s->size, &root, s->now, a, &s->token);
}

static err checkpoint_make(struct app *app, int64_t account)
{
	struct signing s = { .account = account, .now = env_now_ms(app->env) };
	struct tx *tx = store_read_begin(app->store);
	struct arena a;
	struct error e;

	arena_init(&a);
	e = prepare_checkpoint(app, tx, &a, &s);
	store_read_end(tx);
	if (!failed(e))
		e = store_write(app->store, write_checkpoint, &s);
	arena_free(&a);
	return e;
}

static err grow_one(struct app *app, int64_t account)
{
	bool more = true;

	while (more) {
		struct error e = tree_grow(app, account, &more);

		if (is_err(e, E_STALE))
			return OK; /* another node is at it */
		TRY(e);
	}
	return checkpoint_make(app, account);
}

static err read_grown(struct app *app, int64_t accounts[static GROWN_MAX], size_t *ret_n)
{
	struct tx *tx = store_read_begin(app->store);
	struct rows r;
	struct error e = sql_open(tx, &logs_grown, ARGS(v_int(GROWN_MAX)), &r);

	*ret_n = 0;
	if (!failed(e)) {
		while (*ret_n < GROWN_MAX && rows_next(&r))
			accounts[(*ret_n)++] = col_int(&r, 0);
		e = sql_close(&r);
	}
	store_read_end(tx);
	return e;
}

/* A log that cannot be read does not keep the others from growing. */
err audit_grow(struct app *app)
{
	int64_t accounts[GROWN_MAX];
	struct error e = OK;
	size_t n;

	TRY(read_grown(app, accounts, &n));
	for (size_t i = 0; i < n; i++) {
		struct error one = grow_one(app, accounts[i]);

		if (failed(one))
			e = one;
	}
	return e;
}

/* ---- asked for ---- */

static err sign_now(struct op *op, struct tree *tree, struct slice *ret_token)
{
	struct hash root;

	TRY(merkle_root(&tree->source, tree->log.end, &root));
	return checkpoint_sign(op->app, &tree->log, tree->log.end, &root, op->now, op->arena, ret_token);
}

err audit_checkpoint_newest(struct op *op, struct slice *ret_token)
{
	struct tree tree;
	struct rows r;

	TRY(sql_one(op_reader(op), &checkpoint_last, ARGS(v_int(op->caller.account)), &r));
	*ret_token = arena_copy(op->arena, col_text(&r, 0));
	TRY(sql_close(&r));
	if (ret_token->n)
		return OK;
	TRY(tree_open(op_reader(op), op->arena, op->caller.account, &tree));
	return sign_now(op, &tree, ret_token);
}

static err list_kept(struct op *op, int64_t from, int64_t limit, struct audit_checkpoints *out)
{
	struct audit_checkpoint *items = out->data.items;
	struct rows r;

	TRY(sql_open(op_reader(op), &checkpoint_list, ARGS(v_int(op->caller.account), v_int(from), v_int(limit + 1)), &r));
	while (rows_next(&r)) {
		struct audit_checkpoint one;

		TRY(checkpoint_read(arena_copy(op->arena, col_text(&r, 0)), op->arena, &one));
		if ((int64_t)out->data.n == limit)
			out->next = arena_printf(op->arena, "%s/audit/checkpoints?cursor=%lld&limit=%lld", op->app->public_url,
				(long long)one.size, (long long)limit);
		else if (!out->data.n || items[out->data.n - 1].size != one.size)
			items[out->data.n++] = one;
	}
	return sql_close(&r);
}

err audit_checkpoints_prepare(struct op *op)
{
	const struct audit_page *query = op->query;
	struct audit_checkpoints *out = op->out = arena_new(op->arena, struct audit_checkpoints);
	int64_t limit = query->limit ? query->limit : CHECKPOINTS_LISTED, from = INT64_MAX;
	struct slice token;
	struct tree tree;

	out->data.items = arena_array(op->arena, struct audit_checkpoint, (size_t)limit + 1);
	if (query->cursor.n) {
		TRY(cursor_read(op, query->cursor, &from));
	} else {
		TRY(tree_open(op_reader(op), op->arena, op->caller.account, &tree));
		TRY(sign_now(op, &tree, &token));
		TRY(checkpoint_read(token, op->arena, out->data.items));
		out->data.n = 1;
	}
	return list_kept(op, from, limit, out);
}

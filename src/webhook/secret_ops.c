/* Secrets of a subscription: made here, shown once. All live ones sign, so that they can be changed without a gap. */
#include "webhook/internal.h"

enum { WEBHOOK_SECRET_TEXT = 48 }; /* characters of [A-Za-z0-9]: 285 bits */

SQL(subscription_secrets_count,
	"SELECT count(*), sum(CASE WHEN x.id = $2 THEN 1 ELSE 0 END), max(s.hmac) FROM subscriptions s"
	" LEFT JOIN subscription_secrets x ON x.subscription = s.id WHERE s.id = $1 AND s.account = $3 GROUP BY s.id");
SQL(subscription_secret_count, "SELECT count(*) FROM subscription_secrets WHERE subscription = $1");
SQL(subscription_secret_delete, "DELETE FROM subscription_secrets WHERE id = $1 AND subscription = $2");
SQL(subscription_touch, "UPDATE subscriptions SET version = version + 1, updated = $3 WHERE id = $1 AND account = $2");

struct secret secret_new(struct op *op)
{
	char *text = arena_alloc(op->arena, WEBHOOK_SECRET_TEXT + 1);

	env_random_text(op->app->env, text, WEBHOOK_SECRET_TEXT);
	return (struct secret){ .id = uuid_v7(op->app->env, op->now), .created = op->now, .text = slice_of(text, WEBHOOK_SECRET_TEXT) };
}

struct addition {
	struct subscription subscription;
	struct secret secret;
	struct slice box;
	struct subscription_secret view;
};

err subscription_secret_add_prepare(struct op *op)
{
	struct addition *add = op_own(op, struct addition);

	TRY(subscription_load(op->app, op_reader(op), op->caller.account, &op->path_id[0], op->arena, &add->subscription));
	add->secret = secret_new(op);
	add->box = subscription_secret_seal(op->app, &add->subscription, &add->secret, op->arena);
	wipe(&add->subscription.key, sizeof(add->subscription.key));
	add->view = (struct subscription_secret){ .id = add->secret.id, .created = op->now, .secret = add->secret.text };
	op->out = &add->view;
	return OK;
}

static err secret_fact(struct op *op, struct tx *tx, enum fact_kind kind, const struct uuid *secret)
{
	struct buf b = buf_arena(op->arena, 256);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_pair_text(&w, "subscriptionId", uuid_text(op->arena, &op->path_id[0]));
	jw_close(&w, '}');
	return subscription_fact(op, tx, kind, secret, buf_bytes(&b));
}

/* E_SUBSCRIPTION_UNKNOWN when it was deleted meanwhile. */
static err touch(struct op *op, struct tx *tx)
{
	int64_t changes;

	TRY(sql_run(tx, &subscription_touch, ARGS(v_uuid(&op->path_id[0]), v_int(op->caller.account), v_int(op->now)), &changes));
	ENSURE(changes == 1, SUBSCRIPTION_UNKNOWN);
	subscriptions_changed(op, tx);
	return OK;
}

err subscription_secret_add_apply(struct op *op, struct tx *tx)
{
	const struct addition *add = op_own(op, struct addition);
	struct rows r;
	int64_t count;

	TRY(touch(op, tx));
	TRY(sql_one(tx, &subscription_secret_count, ARGS(v_uuid(&op->path_id[0])), &r));
	count = col_int(&r, 0);
	TRY(sql_close(&r));
	ENSURE(count < SUBSCRIPTION_SECRETS_MAX, SUBSCRIPTION_SECRETS_FULL);
	TRY(subscription_secret_insert(tx, &add->subscription, &add->secret, add->box));
	return secret_fact(op, tx, FACT_SUBSCRIPTION_SECRET_CREATED, &add->secret.id);
}

err subscription_secret_delete_apply(struct op *op, struct tx *tx)
{
	const struct uuid *id = &op->path_id[0], *secret = &op->path_id[1];
	int64_t count, is_there, hmac;
	struct rows r;
	struct error e = sql_one(tx, &subscription_secrets_count, ARGS(v_uuid(id), v_uuid(secret), v_int(op->caller.account)), &r);

	ENSURE(!is_err(e, E_NO_ROW), SUBSCRIPTION_UNKNOWN);
	TRY(e);
	count = col_int(&r, 0);
	is_there = col_int(&r, 1);
	hmac = col_int(&r, 2);
	TRY(sql_close(&r));
	ENSURE(is_there, SUBSCRIPTION_SECRET_UNKNOWN);
	ENSURE(count > 1 || !hmac, SUBSCRIPTION_NEEDS_SECRET);
	TRY(sql_run(tx, &subscription_secret_delete, ARGS(v_uuid(secret), v_uuid(id)), NULL));
	TRY(touch(op, tx));
	return secret_fact(op, tx, FACT_SUBSCRIPTION_SECRET_DELETED, secret);
}

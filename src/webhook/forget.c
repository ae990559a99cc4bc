/* What has had its time, and what an account leaves behind. */
#include "webhook/internal.h"

SQL(deliveries_forget, "DELETE FROM deliveries WHERE event < (SELECT min(n) FROM outbox)");
SQL(deliveries_any_old, "SELECT EXISTS (SELECT 1 FROM deliveries WHERE event < (SELECT min(n) FROM outbox))");
SQL(secrets_of_account,
	"DELETE FROM subscription_secrets WHERE subscription IN (SELECT id FROM subscriptions WHERE account = $1)");
SQL(deliveries_of_account, "DELETE FROM deliveries WHERE subscription IN (SELECT id FROM subscriptions WHERE account = $1)");
SQL(subscriptions_delete, "DELETE FROM subscriptions WHERE account = $1");

static struct error forget(void *arg, struct tx *tx)
{
	(void)arg;
	return sql_run(tx, &deliveries_forget, NO_ARGS, NULL);
}

static err forget_deliveries(struct app *app)
{
	struct tx *tx = store_read_begin(app->store);
	struct rows r;
	struct error e = sql_one(tx, &deliveries_any_old, NO_ARGS, &r);
	bool any = false;

	if (!failed(e)) {
		any = col_int(&r, 0) != 0;
		e = sql_close(&r);
	}
	store_read_end(tx);
	TRY(e);
	return any ? store_write(app->store, forget, NULL) : OK;
}

err webhooks_forget(struct app *app)
{
	struct arena a;
	struct error e;

	TRY(forget_deliveries(app));
	arena_init(&a);
	e = spool_forget(app, &a);
	arena_free(&a);
	return e;
}

struct error webhooks_account_deleted(struct op *op, struct tx *tx, int64_t account)
{
	TRY(sql_run(tx, &secrets_of_account, ARGS(v_int(account)), NULL));
	TRY(sql_run(tx, &deliveries_of_account, ARGS(v_int(account)), NULL));
	TRY(sql_run(tx, &subscriptions_delete, ARGS(v_int(account)), NULL));
	subscriptions_changed(op, tx);
	return OK;
}

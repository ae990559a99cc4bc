/* Transactions are kept for the retention, then erased; their ids answer 404 from then on. */
#include "passkey/internal.h"

enum { ERASE_MAX = 200 }; /* in one transaction */

/* Numbered as they were started, so the oldest stand at one end. */
SQL(oldest_operations, "SELECT id, created FROM passkey_operations ORDER BY n LIMIT $1");
SQL(erase_passkey_operation,
	"DELETE FROM passkey_operations WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM transactions WHERE id = $1 AND state = 1)");
SQL(erase_passkey_transaction, "DELETE FROM transactions WHERE id = $1 AND state <> 1");
SQL(erase_gone, "DELETE FROM passkeys_gone WHERE at < $1");

struct oldest {
	int64_t before;
	struct uuid ids[ERASE_MAX];
	size_t n;
};

static err read_oldest(struct tx *tx, struct oldest *o)
{
	struct rows r;

	o->n = 0;
	TRY(sql_open(tx, &oldest_operations, ARGS(v_int(ERASE_MAX)), &r));
	while (o->n < ERASE_MAX && rows_next(&r) && col_int(&r, 1) < o->before)
		o->ids[o->n++] = col_uuid(&r, 0);
	return sql_close(&r);
}

static struct error erase_all(void *arg, struct tx *tx)
{
	const struct oldest *o = arg;

	for (size_t i = 0; i < o->n; i++) {
		TRY(sql_run(tx, &erase_passkey_operation, ARGS(v_uuid(&o->ids[i])), NULL));
		TRY(sql_run(tx, &erase_passkey_transaction, ARGS(v_uuid(&o->ids[i])), NULL));
	}
	return OK;
}

static struct error forget_gone(void *arg, struct tx *tx)
{
	const int64_t *before = arg;

	return sql_run(tx, &erase_gone, ARGS(v_int(*before)), NULL);
}

err passkeys_forget(struct app *app)
{
	int64_t now = env_now_ms(app->env), gone_before = now - (int64_t)GONE_DAYS * 86400000;
	struct oldest o = { .before = now - app_settings(app)->transaction_retention_days * 86400000 };

	do {
		struct tx *tx = store_read_begin(app->store);
		struct error e = read_oldest(tx, &o);

		store_read_end(tx);
		TRY(e);
		if (o.n)
			TRY(store_write(app->store, erase_all, &o));
	} while (o.n == ERASE_MAX);
	return store_write(app->store, forget_gone, &gone_before);
}

/* Transactions with their contexts and evidence are kept for the retention, then erased; their ids answer 404 from then on. */
#include "device/internal.h"

enum { ERASE_MAX = 200 }; /* in one transaction */

/* Ids are time-ordered, so the oldest stand at one end of the primary key. */
SQL(oldest, "SELECT id FROM transactions WHERE id < $1 AND type = $2 ORDER BY id LIMIT $3");
SQL(erase_operation, "DELETE FROM device_operations WHERE id = $1");
SQL(erase_legs, "DELETE FROM operation_legs WHERE operation = $1");
SQL(erase_evidence, "DELETE FROM evidence WHERE id = $1");
SQL(erase_sessions, "DELETE FROM device_sessions WHERE operation = $1 AND ended > 0");
SQL(erase_transaction, "DELETE FROM transactions WHERE id = $1 AND state <> 1");

struct retention {
	struct uuid before;
	struct uuid ids[ERASE_MAX];
	size_t n;
};

/* The least id of that moment. */
static struct uuid id_at(int64_t ms)
{
	struct uuid id = { { 0 } };

	for (int i = 0; i < 6; i++)
		id.b[i] = (uint8_t)((uint64_t)ms >> (40 - 8 * i));
	return id;
}

static err read_oldest(struct tx *tx, struct retention *r)
{
	struct rows rows;

	r->n = 0;
	TRY(sql_open(tx, &oldest, ARGS(v_uuid(&r->before), v_int(credential_type_DEVICE), v_int(ERASE_MAX)), &rows));
	while (r->n < ERASE_MAX && rows_next(&rows))
		r->ids[r->n++] = col_uuid(&rows, 0);
	return sql_close(&rows);
}

static err erase(struct tx *tx, const struct uuid *id)
{
	TRY(sql_run(tx, &erase_operation, ARGS(v_uuid(id)), NULL));
	TRY(sql_run(tx, &erase_legs, ARGS(v_uuid(id)), NULL));
	TRY(sql_run(tx, &erase_evidence, ARGS(v_uuid(id)), NULL));
	TRY(sql_run(tx, &erase_sessions, ARGS(v_uuid(id)), NULL));
	return sql_run(tx, &erase_transaction, ARGS(v_uuid(id)), NULL);
}

static struct error erase_all(void *arg, struct tx *tx)
{
	const struct retention *r = arg;

	for (size_t i = 0; i < r->n; i++)
		TRY(erase(tx, &r->ids[i]));
	return OK;
}

err devices_forget(struct app *app)
{
	struct retention r = {
		.before = id_at(env_now_ms(app->env) - app_settings(app)->transaction_retention_days * 86400000),
	};

	do {
		struct tx *tx = store_read_begin(app->store);
		struct error e = read_oldest(tx, &r);

		store_read_end(tx);
		TRY(e);
		if (r.n)
			TRY(store_write(app->store, erase_all, &r));
	} while (r.n == ERASE_MAX);
	return OK;
}

#include "event/retention.h"

/* An event that nobody took can still be looked up for so long after its time. */
#define EVENTS_KEPT_MS (INT64_C(30) * 24 * 60 * 60 * 1000)

/* Events are numbered in the order of time, so the oldest stand at one end; only so many of them are looked at in one go. */
SQL(forget_events, "DELETE FROM outbox WHERE n < (SELECT min(n) FROM outbox) + 1000 AND expires <= $1");
SQL(any_old, "SELECT EXISTS (SELECT 1 FROM outbox WHERE n = (SELECT min(n) FROM outbox) AND expires <= $1)");

static struct error forget(void *arg, struct tx *tx)
{
	const int64_t *now = arg;

	return sql_run(tx, &forget_events, ARGS(v_int(*now - EVENTS_KEPT_MS)), NULL);
}

static err has_old(struct app *app, int64_t now, bool *ret_has)
{
	struct tx *tx = store_read_begin(app->store);
	struct rows r;
	struct error e = sql_one(tx, &any_old, ARGS(v_int(now - EVENTS_KEPT_MS)), &r);

	*ret_has = false;
	if (!failed(e)) {
		*ret_has = col_int(&r, 0) != 0;
		e = sql_close(&r);
	}
	store_read_end(tx);
	return e;
}

err facts_forget(struct app *app)
{
	int64_t now = env_now_ms(app->env);
	bool has;

	TRY(has_old(app, now, &has));
	while (has) {
		TRY(store_write(app->store, forget, &now));
		TRY(has_old(app, now, &has));
	}
	return OK;
}

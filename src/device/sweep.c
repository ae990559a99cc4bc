/* Periodic: fails what has expired, settles the tries that were left open, forgets what may be forgotten. */
#include "device/internal.h"

enum { SWEEP_MAX = 500 };

SQL(open_try,
	"SELECT d.id, d.user_id, d.fail_device, d.fail_second, d.device_seen, d.application FROM device_sessions s"
	" JOIN devices d ON d.id = s.device JOIN credentials c ON c.id = d.id"
	" WHERE s.operation = $1 AND s.ended = 0 AND d.try_open = 1 AND c.state = $2");
SQL(settle_device, "UPDATE devices SET version = version + 1, try_open = 0, lock_reason = $2 WHERE id = $1");
SQL(lock_credential, "UPDATE credentials SET state = $2 WHERE id = $1");
SQL(forget_codes,
	"UPDATE device_operations SET code_index = NULL WHERE code_index IS NOT NULL"
	" AND id IN (SELECT id FROM transactions WHERE id = device_operations.id AND state <> 1)");
SQL(forget_sessions, "DELETE FROM device_sessions WHERE ended > 0 AND ended < $1");

struct sweep {
	struct app *app;
	struct fact_origin origin;
	int64_t swept;
};

static err lock(struct sweep *s, struct tx *tx, const struct device *d)
{
	char id[UUID_TEXT + 1];

	uuid_format(&d->id, id);
	TRY(sql_run(tx, &lock_credential, ARGS(v_uuid(&d->id), v_int(credential_state_LOCKED)), NULL));
	TRY(operation_fail_all(&s->origin, tx, OPERATIONS_OF_CREDENTIAL, &d->id, NULL, OPERATION_LOCKED));
	return fact_from(&s->origin, tx, &(struct fact){
		.kind = FACT_DEVICE_SELF_LOCKED,
		.user = &d->user,
		.reference = slice_of(id, UUID_TEXT),
		.device = &d->id,
	});
}

/* An evaluated try that was never finished stays charged (5.3). */
static err settle(struct sweep *s, struct tx *tx, struct device *d)
{
	const struct application *application = application_by_id(applications_now(s->app), &d->application);
	bool locked;

	failures_settle(d);
	locked = application && failures_lock(d, &application->config);
	TRY(sql_run(tx, &settle_device, ARGS(v_uuid(&d->id), v_int(locked ? d->lock_reason : lock_reason_OPEN)), NULL));
	return locked ? lock(s, tx, d) : OK;
}

static struct error expired(void *ctx, struct tx *tx, const struct operation *operation)
{
	struct sweep *s = ctx;
	struct device d = { .lock_reason = lock_reason_OPEN, .try_open = true };
	struct rows r;
	struct error e;

	s->origin.account = operation->account;
	e = sql_one(tx, &open_try, ARGS(v_uuid(&operation->id), v_int(credential_state_ACTIVE)), &r);
	if (!failed(e)) {
		d.id = col_uuid(&r, 0);
		d.user = col_uuid(&r, 1);
		d.fail_device = col_int(&r, 2);
		d.fail_second = col_int(&r, 3);
		d.device_seen = col_int(&r, 4) != 0;
		d.application = col_uuid(&r, 5);
		TRY(sql_close(&r));
		TRY(settle(s, tx, &d));
	} else if (!is_err(e, E_NO_ROW)) {
		return e;
	}
	return session_end_of_operation(tx, &operation->id, s->origin.now);
}

static struct error sweep(void *arg, struct tx *tx)
{
	struct sweep *s = arg;

	s->origin = fact_origin_here(s->app);
	TRY(operation_expire(&s->origin, tx, SWEEP_MAX, expired, s, &s->swept));
	TRY(sql_run(tx, &forget_codes, NO_ARGS, NULL));
	return sql_run(tx, &forget_sessions, ARGS(v_int(s->origin.now - REPEAT_MS)), NULL);
}

SQL(any_work,
	"SELECT EXISTS (SELECT 1 FROM transactions WHERE state = 1 AND expires <= $1)"
	" OR EXISTS (SELECT 1 FROM device_sessions WHERE ended > 0 AND ended < $2)"
	" OR EXISTS (SELECT 1 FROM device_operations o JOIN transactions t ON t.id = o.id WHERE o.code_index IS NOT NULL AND t.state <> 1)");

/* Looking costs a read; the writer is only bothered when there is something to do. */
static err has_work(struct app *app, bool *ret_has)
{
	struct tx *tx = store_read_begin(app->store);
	int64_t now = env_now_ms(app->env);
	struct rows r;
	struct error e = sql_one(tx, &any_work, ARGS(v_int(now), v_int(now - REPEAT_MS)), &r);

	*ret_has = false;
	if (!failed(e)) {
		*ret_has = col_int(&r, 0) != 0;
		e = sql_close(&r);
	}
	store_read_end(tx);
	return e;
}

err devices_sweep(struct app *app)
{
	struct sweep s = { .app = app };
	bool has;

	do {
		TRY(has_work(app, &has));
		if (!has)
			return OK;
		TRY(store_write(app->store, sweep, &s));
	} while (s.swept == SWEEP_MAX);
	return OK;
}

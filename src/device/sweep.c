/*
 * Periodic: fails what has expired, ends the sessions of operations that ended elsewhere, settles the tries that were left open,
 * forgets what may be forgotten.
 */
#include "device/internal.h"
#include "device/legs.h"
#include "device/recovery.h"

enum { SWEEP_MAX = 500 };

#define OPERATION_IS_OPEN "EXISTS (SELECT 1 FROM transactions t WHERE t.id = device_sessions.operation AND t.state = 1)"
#define SESSION_WITHOUT_OPERATION "ended = 0 AND NOT " OPERATION_IS_OPEN
#define TRY_WITHOUT_SESSION                                                                             \
	"d.try_open = 1 AND c.state = 1"                                                                \
	" AND NOT EXISTS (SELECT 1 FROM device_sessions s WHERE s.device = d.id AND s.ended = 0)"
/* While there is a session a lost answer to its start can be asked for, by the code (4). */
#define OLD_CODE                                                                                        \
	"code_index IS NOT NULL AND EXISTS (SELECT 1 FROM transactions t WHERE t.id = device_operations.id AND t.state <> 1)" \
	" AND NOT EXISTS (SELECT 1 FROM device_sessions s WHERE s.operation = device_operations.id)"
#define OLD_ANSWER "answered > 0 AND answered < "
#define OLD_SESSION "ended > 0 AND ended < "

SQL(end_sessions, "UPDATE device_sessions SET version = version + 1, ended = $1 WHERE " SESSION_WITHOUT_OPERATION);
SQL(open_tries,
	"SELECT d.id, d.user_id, d.account, d.application, d.fail_device, d.fail_second, d.device_seen FROM devices d"
	" JOIN credentials c ON c.id = d.id WHERE " TRY_WITHOUT_SESSION " LIMIT $1");
SQL(expired_recoveries,
	"SELECT r.device, r.application, r.fails FROM transactions t JOIN device_operations o ON o.id = t.id"
	" JOIN recoveries r ON r.id = o.recovery WHERE t.state = 1 AND t.expires <= $1 AND r.gone = 0 AND r.fails > 0 LIMIT $2");
SQL(settle_device, "UPDATE devices SET version = version + 1, try_open = 0, lock_reason = $2 WHERE id = $1");
SQL(lock_credential, "UPDATE credentials SET state = $2 WHERE id = $1");
SQL(forget_codes,
	"UPDATE device_operations SET code_index = NULL, code_key = NULL WHERE " OLD_CODE);
SQL(forget_answers, "UPDATE devices SET request_hash = NULL, answer = NULL, answered = 0 WHERE " OLD_ANSWER "$1");
SQL(forget_sessions, "DELETE FROM device_sessions WHERE " OLD_SESSION "$1");

struct sweep {
	struct app *app;
	struct fact_origin origin;
	bool more; /* a step had more to do than it may do at once */
};

static err lock(struct sweep *s, struct tx *tx, const struct device *d)
{
	char id[UUID_TEXT + 1], data[DEVICE_STATE_DATA_MAX];
	bool older;

	uuid_format(&d->id, id);
	TRY(device_is_older(tx, &d->id, &older));
	s->origin.account = d->account;
	TRY(sql_run(tx, &lock_credential, ARGS(v_uuid(&d->id), v_int(credential_state_LOCKED)), NULL));
	TRY(device_operations_fail(&s->origin, tx, &d->id, NULL, OPERATION_LOCKED));
	return fact_from(&s->origin, tx, &(struct fact){
		.kind = FACT_DEVICE_SELF_LOCKED,
		.mobileid = older,
		.user = &d->user,
		.reference = slice_of(id, UUID_TEXT),
		.device = &d->id,
		.event_data = device_state_data(data, credential_state_LOCKED, d->lock_reason),
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

/* Rows are read to the end before the first is written: a statement does not walk over what it changes. */
static err read_open_tries(struct tx *tx, struct device *list, size_t *ret_n)
{
	struct rows r;

	*ret_n = 0;
	TRY(sql_open(tx, &open_tries, ARGS(v_int(SWEEP_MAX)), &r));
	while (*ret_n < SWEEP_MAX && rows_next(&r))
		list[(*ret_n)++] = (struct device){
			.id = col_uuid(&r, 0),
			.user = col_uuid(&r, 1),
			.account = col_int(&r, 2),
			.application = col_uuid(&r, 3),
			.fail_device = col_int(&r, 4),
			.fail_second = col_int(&r, 5),
			.device_seen = col_int(&r, 6) != 0,
			.try_open = true,
		};
	return sql_close(&r);
}

static err settle_tries(struct sweep *s, struct tx *tx)
{
	struct arena a;
	struct device *list;
	struct error e;
	size_t n;

	arena_init(&a);
	list = arena_array(&a, struct device, SWEEP_MAX);
	e = read_open_tries(tx, list, &n);
	for (size_t i = 0; !failed(e) && i < n; i++)
		e = settle(s, tx, &list[i]);
	s->more |= n == SWEEP_MAX;
	arena_free(&a);
	return e;
}

/* ---- recoveries ---- */

static err read_spent(struct sweep *s, struct tx *tx, struct uuid *devices, size_t *ret_n)
{
	struct rows r;

	*ret_n = 0;
	TRY(sql_open(tx, &expired_recoveries, ARGS(v_int(s->origin.now), v_int(SWEEP_MAX)), &r));
	while (rows_next(&r)) {
		struct uuid id = col_uuid(&r, 1);
		const struct application *application = application_by_id(applications_now(s->app), &id);

		if (application && col_int(&r, 2) >= recovery_limit(&application->config))
			devices[(*ret_n)++] = col_uuid(&r, 0);
	}
	return sql_close(&r);
}

/* Whose time was over after the last try: no further one is needed to see that it is locked (6.4). */
static err lock_spent_recoveries(struct sweep *s, struct tx *tx)
{
	struct arena a;
	struct uuid *devices;
	struct error e;
	size_t n;

	arena_init(&a);
	devices = arena_array(&a, struct uuid, SWEEP_MAX);
	e = read_spent(s, tx, devices, &n);
	for (size_t i = 0; !failed(e) && i < n; i++)
		e = recovery_lock_set(tx, &devices[i], true);
	arena_free(&a);
	return e;
}

static struct error sweep(void *arg, struct tx *tx)
{
	struct sweep *s = arg;
	int64_t expired;

	s->origin = fact_origin_here(s->app);
	TRY(lock_spent_recoveries(s, tx));
	TRY(operation_expire(&s->origin, tx, SWEEP_MAX, &expired));
	s->more = expired == SWEEP_MAX;
	TRY(sql_run(tx, &end_sessions, ARGS(v_int(s->origin.now)), NULL));
	TRY(settle_tries(s, tx));
	TRY(sql_run(tx, &forget_codes, NO_ARGS, NULL));
	TRY(tokens_sweep(tx, s->origin.now));
	TRY(sql_run(tx, &forget_answers, ARGS(v_int(s->origin.now - REPEAT_MS)), NULL));
	return sql_run(tx, &forget_sessions, ARGS(v_int(s->origin.now - REPEAT_MS)), NULL);
}

SQL(any_work,
	"SELECT EXISTS (SELECT 1 FROM transactions WHERE state = 1 AND expires <= $1)"
	" OR EXISTS (SELECT 1 FROM device_sessions WHERE " SESSION_WITHOUT_OPERATION ")"
	" OR EXISTS (SELECT 1 FROM devices d JOIN credentials c ON c.id = d.id WHERE " TRY_WITHOUT_SESSION ")"
	" OR EXISTS (SELECT 1 FROM device_operations WHERE " OLD_CODE ")"
	" OR EXISTS (SELECT 1 FROM devices WHERE " OLD_ANSWER "$2)"
	" OR EXISTS (SELECT 1 FROM device_sessions WHERE " OLD_SESSION "$2)");

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
	if (!failed(e) && !*ret_has)
		e = tokens_to_sweep(tx, now, ret_has);
	store_read_end(tx);
	return e;
}

err devices_sweep(struct app *app)
{
	struct sweep s = { .app = app };
	bool has;

	TRY(has_work(app, &has));
	s.more = has;
	while (s.more)
		TRY(store_write(app->store, sweep, &s));
	return OK;
}

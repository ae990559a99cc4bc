/* Periodic: ends flows that have had their time, and erases old ones. */
#include "flow/internal.h"

enum { SWEEP_MAX = 200 };

SQL(flows_overdue,
	"SELECT f.operation, f.process, f.id, f.account, a.extended_events FROM flows f JOIN accounts a ON a.n = f.account"
	" WHERE f.ended = 0 AND f.expires <= $1 LIMIT $2");
SQL(flow_load_any, "SELECT version, state, kind, user_id, device, expires, content FROM flows WHERE id = $1");
SQL(flows_old, "DELETE FROM flows WHERE id IN (SELECT id FROM flows WHERE id < $1 AND ended > 0 ORDER BY id LIMIT $2)");

struct due {
	struct uuid operation, process, id;
	int64_t account;
	bool extended_events;
};

struct sweep {
	struct app *app;
	struct due list[SWEEP_MAX];
	size_t n;
};

static err read_due(struct tx *tx, struct sweep *s, int64_t now)
{
	struct rows r;

	s->n = 0;
	TRY(sql_open(tx, &flows_overdue, ARGS(v_int(now), v_int(SWEEP_MAX)), &r));
	while (s->n < SWEEP_MAX && rows_next(&r))
		s->list[s->n++] = (struct due){ col_uuid(&r, 0), col_uuid(&r, 1), col_uuid(&r, 2), col_int(&r, 3), col_int(&r, 4) != 0 };
	return sql_close(&r);
}

/* As it is now: it may have ended since it was listed. */
static err load(struct tx *tx, struct arena *a, const struct due *due, struct flow *ret_flow)
{
	struct rows r;

	TRY(sql_one(tx, &flow_load_any, ARGS(v_uuid(&due->id)), &r));
	*ret_flow = (struct flow){
		.id = due->id,
		.account = due->account,
		.process = due->process,
		.operation = due->operation,
		.version = col_int(&r, 0),
		.state = (enum flow_state)col_int(&r, 1),
		.kind = (enum flow_kind)col_int(&r, 2),
		.user = col_uuid(&r, 3),
		.device = col_uuid(&r, 4),
		.expires = col_int(&r, 5),
		.content_box = arena_copy(a, col_bytes(&r, 6)),
	};
	return sql_close(&r);
}

static err end_one(const struct fact_origin *origin, struct tx *tx, struct arena *a, const struct due *due)
{
	struct operation o;
	struct flow f;
	struct error e = load(tx, a, due, &f);

	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	if (flow_is_over(f.state) || f.expires > origin->now)
		return OK;
	TRY(process_abandon(tx, &f.process, origin->now));
	TRY(flow_end(origin, tx, &f, TIME_OVER, S("EXPIRED")));
	e = operation_load(tx, f.account, &f.operation, origin->now, &o);
	if (is_err(e, E_TRANSACTION_UNKNOWN))
		return OK;
	TRY(e);
	/* What the device was asked for is asked no longer. */
	return o.state == operation_state_PENDING ? operation_fail(origin, tx, &o, OPERATION_CANCELLED_BY_SP) : OK;
}

static struct error end_all(void *arg, struct tx *tx)
{
	struct sweep *s = arg;
	struct fact_origin origin = fact_origin_here(s->app);
	struct arena a;
	struct error e = OK;

	arena_init(&a);
	for (size_t i = 0; i < s->n && !failed(e); i++) {
		origin.extended_events = s->list[i].extended_events;
		e = end_one(&origin, tx, &a, &s->list[i]);
	}
	arena_free(&a);
	return e;
}

err flows_sweep(struct app *app)
{
	struct sweep s = { .app = app };

	do {
		struct tx *tx = store_read_begin(app->store);
		struct error e = read_due(tx, &s, env_now_ms(app->env));

		store_read_end(tx);
		TRY(e);
		if (s.n)
			TRY(store_write(app->store, end_all, &s));
	} while (s.n == SWEEP_MAX);
	return OK;
}

struct old {
	struct uuid before;
	int64_t erased;
};

static struct error erase(void *arg, struct tx *tx)
{
	struct old *o = arg;

	return sql_run(tx, &flows_old, ARGS(v_uuid(&o->before), v_int(SWEEP_MAX)), &o->erased);
}

err flows_forget(struct app *app)
{
	int64_t ms = env_now_ms(app->env) - app_settings(app)->transaction_retention_days * 86400000;
	struct old o = { 0 };

	/* Ids are time-ordered: the least one of that moment. */
	for (int i = 0; i < 6; i++)
		o.before.b[i] = (uint8_t)((uint64_t)ms >> (40 - 8 * i));
	do {
		TRY(store_write(app->store, erase, &o));
	} while (o.erased == SWEEP_MAX);
	return OK;
}

/* ---- opening ---- */

err flows_open(struct app *app)
{
	HOOK(app->user_deleted, flow_user_deleted);
	HOOK(app->user_exported, flow_export);
	HOOK(app->event_data, flow_event_data);
	HOOK(app->account_deleted, flow_account_deleted);
	app->operation_ended = flow_operation_ended;
	app->operation_told = flow_told;
	proofing_listen(app, &flow_listener);
	return OK;
}

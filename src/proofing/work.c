/* What is due: processes that a script ends, that had their time, that a provider outside has to be asked about. */
#include "proofing/calls.h"
#include "proofing/internal.h"

enum { WORK_MAX = 100, FORGET_MAX = 200 };

SQL(processes_due, "SELECT id FROM proofing_processes WHERE next > 0 AND next <= $1 ORDER BY next LIMIT $2");
SQL(files_forget,
	"DELETE FROM proofing_files WHERE id IN (SELECT id FROM proofing_files WHERE expires <= $1 ORDER BY expires LIMIT $2)");

enum action {
	REST,    /* nothing to do until somebody says so */
	LATER,   /* at process.next */
	SETTLE,
	EXPIRE,
	CALL,    /* the provider outside; leased meanwhile */
	LEAVE,   /* the provider outside is told so */
};

struct work {
	struct uuid id;
	struct process process;
	enum action action;
	enum call_kind call;
	struct settlement *settlement;
	struct slice box, farewell;
};

static int64_t end_of(const struct process *p)
{
	return !uuid_is_nil(&p->flow) || !p->begun ? 0 : p->expires; /* a flow ends its process by itself */
}

static err simulate(struct op *op, struct work *w)
{
	struct process *p = &w->process;
	struct proofing_result result;
	int64_t due;

	p->next = end_of(p);
	w->action = LATER;
	if (!p->begun || (p->content.simulate.n == 0 && !p->due))
		return OK;
	if (p->due > op->now) {
		p->next = p->due;
		return OK;
	}
	if (simulator_decides(op, p, p->content.simulate.n ? p->content.simulate : p->content.outcome, &result, &due)) {
		w->action = SETTLE;
		return settle_prepare(op, p, &result, &w->settlement);
	}
	if (due) {
		p->status = process_status_processing;
		p->next = p->due = due;
	}
	return OK;
}

static void ask_outside(struct op *op, struct work *w)
{
	struct process *p = &w->process;

	w->action = CALL;
	w->call = !p->started ? CALL_START : CALL_POLL;
	if (p->started && !p->begun) {
		w->action = LATER;
		p->next = 0;
		return;
	}
	p->next = op->now + LEASE_MS;
}

enum { EVIDENCE_MS = 30 * 60 * 1000 };

/* Who carried it out learns that it was called off, or is asked for the pictures and then to forget what he has. */
static void let_go(struct op *op, struct work *w)
{
	struct process *p = &w->process;
	bool canceled = p->status == process_status_canceled;
	bool more = p->engine == proofing_engine_http && p->started && !canceled && evidence_kind(p->content.evidence) &&
		    op->now < p->updated + EVIDENCE_MS;

	w->action = more ? CALL : LEAVE;
	w->call = canceled ? CALL_CANCEL : more ? CALL_EVIDENCE : CALL_PURGE;
	w->farewell = more ? S("") : farewell_box(op, p);
	p->started = more;
	p->next = more ? op->now + LEASE_MS : 0;
}

static err expire(struct op *op, struct work *w)
{
	struct fail_reason reason = { .type = S("expired"), .message = S("It was not completed in time") };
	struct proofing_result result = { .status = process_status_failed, .failReason = &reason };
	struct buf b = buf_arena(op->arena, 1024);

	w->action = EXPIRE;
	schema_write(&proofing_result_schema, &result, &b);
	w->box = result_box(op, &w->process, buf_bytes(&b));
	return buf_ok(&b);
}

static err look(struct op *op, struct work *w)
{
	struct process *p = &w->process;

	if (status_is_final(p->status) && !(p->status == process_status_inconclusive && p->expires > op->now)) {
		let_go(op, w);
	} else if (uuid_is_nil(&p->flow) && p->begun && p->expires <= op->now) {
		return expire(op, w);
	} else if (p->engine == proofing_engine_simulator) {
		return simulate(op, w);
	} else if (p->engine == proofing_engine_oidc && (!p->started || (p->content.code.n && p->status == process_status_processing))) {
		w->action = CALL;
		w->call = CALL_START;
		p->next = op->now + LEASE_MS;
	} else if (p->engine == proofing_engine_http && p->status != process_status_inconclusive) {
		ask_outside(op, w);
	} else {
		w->action = LATER;
		p->next = end_of(p);
	}
	return OK;
}

static err work_prepare(struct op *op)
{
	struct work *w = op->own;
	struct error e = process_load_any(op, op_reader(op), &w->id, &w->process);

	w->action = REST;
	op->unchanged = true;
	if (is_err(e, E_PROCESS_UNKNOWN))
		return OK;
	TRY(e);
	if (w->process.next == 0 || w->process.next > op->now)
		return OK; /* another came first */
	e = look(op, w);
	if (is_err(e, E_PROCESS_CLOSED)) {
		w->action = LATER;
		w->process.next = end_of(&w->process);
		e = OK;
	}
	TRY(e);
	op->unchanged = w->action == REST || (w->action == SETTLE && !w->settlement);
	w->box = w->action == EXPIRE ? w->box : content_box(op, &w->process);
	return OK;
}

static err work_apply(struct op *op, struct tx *tx)
{
	struct work *w = op->own;

	if (w->action == SETTLE)
		return settle_apply(op, tx, w->settlement);
	if (w->action == EXPIRE) {
		TRY(process_save_result(tx, &w->process, process_status_failed, w->box, S(""), op->now));
		return fact(op, tx, &(struct fact){ .kind = FACT_PROOFING_FAILED, .reference = uuid_text(op->arena, &w->id),
			.account = w->process.account });
	}
	if (w->action == LEAVE)
		TRY(farewell_say(op, tx, &w->process, w->call, w->farewell));
	return process_save(tx, &w->process, w->box);
}

static err work_on(struct app *app, const struct uuid *id)
{
	static const struct op_functions functions = { work_prepare, work_apply, NULL };
	struct work w = { .id = *id };
	struct arena a;
	struct op *op;
	struct error e;

	arena_init(&a);
	op = op_alone(app, &a);
	op->own = &w;
	e = op_alone_run(op, &functions);
	arena_free_secret(&a);
	if (!failed(e) && w.action == CALL)
		call_begin(app, id, w.call, S(""));
	return e;
}

static err read_due(struct app *app, struct uuid *ids, size_t *ret_n)
{
	struct tx *tx = store_read_begin(app->store);
	struct rows r;
	struct error e = sql_open(tx, &processes_due, ARGS(v_int(env_now_ms(app->env)), v_int(WORK_MAX)), &r);

	*ret_n = 0;
	if (!failed(e)) {
		while (*ret_n < WORK_MAX && rows_next(&r))
			ids[(*ret_n)++] = col_uuid(&r, 0);
		e = sql_close(&r);
	}
	store_read_end(tx);
	return e;
}

/* One that cannot be worked on holds up no other. */
err proofing_work(struct app *app)
{
	struct uuid ids[WORK_MAX];
	struct error first = calls_answered(app);
	size_t n;

	TRY(read_due(app, ids, &n));
	for (size_t i = 0; i < n; i++) {
		struct error e = work_on(app, &ids[i]);

		if (failed(e) && !failed(first))
			first = e;
	}
	TRY(farewells_work(app));
	return first;
}

/* ---- evidence past its retention ---- */

struct forget {
	int64_t now, deleted;
};

static struct error forget(void *arg, struct tx *tx)
{
	struct forget *f = arg;

	return sql_run(tx, &files_forget, ARGS(v_int(f->now), v_int(FORGET_MAX)), &f->deleted);
}

err proofing_forget(struct app *app)
{
	struct forget f = { .now = env_now_ms(app->env) };

	do {
		TRY(store_write(app->store, forget, &f));
	} while (f.deleted == FORGET_MAX);
	return OK;
}

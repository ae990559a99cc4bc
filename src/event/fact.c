#include "event/fact.h"

#include "event/event_type.h"

enum { EVENT_LIFETIME_MS = 24 * 60 * 60 * 1000 };

#define ALWAYS(name) name, false, false
#define EXTENDED(name) name, true, false
#define ON_WISH(name) name, false, true
#define NO_EVENT "", false, false

static const struct fact_info infos[FACT_COUNT] = {
	[FACT_NONE] = { "", "", "", NO_EVENT },
#define FACT(name, service, type, message, event) \
	[FACT_##name] = { service, type, message, event },
#include "event/facts.def"
#undef FACT
};

/*
 * Records of an account are numbered without a gap, in the order in which they were committed: the number is the record's place in
 * the account's tree (audit/). Reading the last one costs a look at the end of an index.
 */
SQL(audit_insert,
	"INSERT INTO audit (account, sequence, at, expires, type, user_id, reference, client_id, token_id, address, trace, data, personal,"
	" commitment) VALUES ($1, coalesce((SELECT max(sequence) + 1 FROM audit WHERE account = $1),"
	" (SELECT size FROM audit_trees WHERE account = $1), 0), $2,"
	" $2 + coalesce((SELECT audit_retention_days FROM accounts WHERE n = $1), $3) * 86400000,"
	" $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)");
SQL(audit_begin,
	"INSERT INTO audit_trees (account, account_id, organisation_id, sandbox, size, checkpointed)"
	" SELECT a.n, a.id, o.id, a.sandbox, 0, 0 FROM accounts a JOIN organisations o ON o.n = a.organisation WHERE a.n = $1");
SQL(outbox_insert,
	"INSERT INTO outbox (id, account, at, expires, sender, name, transaction_id, device_id, data)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");

const struct fact_info *fact_info(enum fact_kind kind)
{
	return &infos[kind];
}

/* Of a record about the caller himself, his address; else what the fact brought. */
static const struct fact_personal *personal_of(const struct fact_origin *o, const struct fact *f)
{
	if (f->personal)
		return f->personal;
	return o->person && f->user && uuid_eq(&o->person->user, f->user) ? o->person : NULL;
}

static err write_record(const struct fact_origin *o, struct tx *tx, const struct fact *f)
{
	const struct fact_personal *personal = personal_of(o, f);

	return sql_run(tx, &audit_insert,
		ARGS(v_int(o->account), v_int(o->now), v_int(o->settings->audit_retention_days), v_text(slice_text(infos[f->kind].type)),
			f->user ? v_uuid(f->user) : v_null(), v_text_opt(f->reference), v_text_opt(o->client_id),
			v_text_opt(o->token_id), v_text_opt(o->person ? S("") : o->address), v_bytes_opt(o->trace), v_text_opt(f->data),
			personal ? v_bytes(personal->box) : v_null(), personal ? v_bytes(personal->commitment) : v_null()),
		NULL);
}

err facts_begin(struct tx *tx, int64_t account)
{
	return sql_run(tx, &audit_begin, ARGS(v_int(account)), NULL);
}

static err write_event(const struct fact_origin *o, struct tx *tx, const struct fact *f)
{
	const struct fact_info *info = &infos[f->kind];
	const char *sender = "reuseid", *name = info->event;
	struct uuid id;

	if (!*info->event || (info->extended && !o->extended_events) || (info->on_wish && !f->wished))
		return OK;
	if (f->mobileid && event_name_of_mobileid(info->event)) {
		sender = "mobileid";
		name = event_name_of_mobileid(info->event);
	}
	if (o->app && o->app->event_written)
		tx_after_commit(tx, o->app->event_written);
	metric_add(o->metrics, METRIC_events_total, 1);
	id = uuid_v7(o->env, o->now);
	return sql_run(tx, &outbox_insert,
		ARGS(v_uuid(&id), v_int(o->account), v_int(o->now), v_int(o->now + EVENT_LIFETIME_MS), v_text(slice_text(sender)),
			v_text(slice_text(name)), f->transaction ? v_uuid(f->transaction) : v_null(),
			f->device ? v_uuid(f->device) : v_null(), v_text_opt(f->event_data)),
		NULL);
}

err fact_from(const struct fact_origin *origin, struct tx *tx, const struct fact *f)
{
	ENSURE(f->kind > FACT_NONE && f->kind < FACT_COUNT, INTERNAL);
	metric_add(origin->metrics, METRIC_facts_total, 1);
	TRY(write_record(origin, tx, f));
	return write_event(origin, tx, f);
}

struct fact_origin fact_origin_of(const struct op *op)
{
	return (struct fact_origin){
		.app = op->app,
		.settings = op->settings,
		.env = op->app->env,
		.metrics = op->app->metrics,
		.now = op->now,
		.client_id = op->caller.client_id,
		.token_id = op->caller.jti,
		.address = op->http->peer,
		.person = op->person,
		.trace = slice_of(op->http->trace_id, sizeof(op->http->trace_id)),
		.extended_events = op->caller.extended_events,
		.account = op->caller.account,
	};
}

struct fact_origin fact_origin_here(const struct app *app)
{
	return (struct fact_origin){
		.app = app,
		.settings = app_settings(app),
		.env = app->env,
		.metrics = app->metrics,
		.now = env_now_ms(app->env),
	};
}

err fact(struct op *op, struct tx *tx, const struct fact *f)
{
	struct fact_origin origin = fact_origin_of(op);

	if (f->account)
		origin.account = f->account;
	return fact_from(&origin, tx, f);
}

/* The end of a process, whoever brings it. */
#include "event/fact.h"
#include "proofing/internal.h"

struct settlement {
	struct process *process;
	enum process_status status;
	struct slice box, content;
	const struct process_listener *listener;
	void *own;
	bool silent; /* nothing to tell a listener of */
};

static const enum fact_kind facts[process_status_count] = {
	[process_status_processing] = FACT_PROOFING_PROCESSING,
	[process_status_accepted] = FACT_PROOFING_ACCEPTED,
	[process_status_rejected] = FACT_PROOFING_REJECTED,
	[process_status_canceled] = FACT_PROOFING_CANCELED,
	[process_status_failed] = FACT_PROOFING_FAILED,
	[process_status_inconclusive] = FACT_PROOFING_INCONCLUSIVE,
};

static bool same(const struct process *p, enum process_status status, struct slice json)
{
	return p->status == status && slice_eq(p->result, json);
}

enum { REVIEW_HOURS_DEFAULT = 72, HOUR_MS = 3600 * 1000 };

/* An operator needs longer than a machine. */
static err allow_review(struct op *op, struct process *p, enum process_status next)
{
	struct proofing_config config;
	int64_t hours;

	TRY(proofing_config_load(op, op_reader(op), &config));
	ENSURE(next != process_status_accepted || !failed(simulator_refuse_in_production(op, &config, p->engine)), PROCESS_CLOSED);
	p->reviewed = config.manualReview && p->engine != proofing_engine_manual;
	if (next == process_status_inconclusive && !p->reviewed)
		p->expires = op->now; /* nobody will look at it */
	hours = config.reviewHours ? config.reviewHours : REVIEW_HOURS_DEFAULT;
	if ((p->reviewed && next == process_status_inconclusive) ||
		(p->engine == proofing_engine_manual && next == process_status_processing))
		p->expires = op->now + hours * HOUR_MS;
	return OK;
}

/* What opens something at the provider is of no use behind the end. */
static void forget_keys(struct process *p, enum process_status status)
{
	static const struct slice none;
	struct process_content *c = &p->content;

	if (status_is_final(status))
		c->code = c->idToken = c->accessToken = c->nonce = c->verifier = none;
}

err settle_prepare(struct op *op, struct process *p, struct proofing_result *r, struct settlement **ret_settlement)
{
	const struct process_listener *listener = op->app->proofing->listener;
	struct settlement *s = *ret_settlement = arena_new(op->arena, struct settlement);
	struct buf b = buf_arena(op->arena, SEALED_BYTES_MAX);

	result_normalise(op, r);
	schema_write(&proofing_result_schema, r, &b);
	TRY(buf_ok(&b));
	if (same(p, (enum process_status)r->status, buf_bytes(&b))) {
		*ret_settlement = NULL;
		return OK;
	}
	ENSURE(p->begun && op->now < p->expires, PROCESS_CLOSED);
	TRY(allow_review(op, p, (enum process_status)r->status));
	ENSURE(status_may_follow(p->status, (enum process_status)r->status, process_is_reviewed(p)), PROCESS_CLOSED);
	s->process = p;
	s->status = (enum process_status)r->status;
	s->box = result_box(op, p, buf_bytes(&b));
	forget_keys(p, s->status);
	s->content = content_box(op, p);
	s->listener = listener;
	s->silent = !listener || uuid_is_nil(&p->flow) || s->status == process_status_processing;
	return s->silent ? OK : listener->decide(op, op_reader(op), p, r, &s->own);
}

err settle_apply(struct op *op, struct tx *tx, const struct settlement *s)
{
	TRY(process_save_result(tx, s->process, s->status, s->box, s->content, op->now));
	TRY(fact(op, tx, &(struct fact){
		.kind = facts[s->status],
		.user = !uuid_is_nil(&s->process->content.userId) ? &s->process->content.userId : NULL,
		.reference = uuid_text(op->arena, &s->process->id),
		.account = s->process->account,
	}));
	return s->silent ? OK : s->listener->apply(op, tx, s->own);
}

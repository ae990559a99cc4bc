/* From the issuer back to us: the browser brings a code, or why there is none. */
#include "proofing/assure.h"
#include "proofing/oidc.h"

struct coming_back {
	struct process process;
	struct settlement *settlement;
	struct slice box;
};

#define OIDC_QUERY(F, T)                                       \
	F(T, STR, state, OPT, 0, 100, "The handle", "")        \
	F(T, STR, code, OPT, 0, 2000, "The code", "")          \
	F(T, STR, iss, OPT, 0, 1000, "Who says it", "")        \
	F(T, STR, error, OPT, 0, 200, "What went wrong", "")
SCHEMA_STRUCT(oidc_query, OIDC_QUERY);
SCHEMA(oidc_query, OIDC_QUERY, "What the issuer says");

static err ended_there(struct op *op, struct coming_back *b, struct slice error)
{
	struct fail_reason reason = { .type = S("issuer_error"), .message = error };
	struct proofing_result result = { .status = process_status_failed, .failReason = &reason };
	struct error e;

	if (slice_is(error, "access_denied"))
		result = (struct proofing_result){ .status = process_status_canceled };
	e = settle_prepare(op, &b->process, &result, &b->settlement);
	op->unchanged = is_err(e, E_PROCESS_CLOSED) || !b->settlement;
	return is_err(e, E_PROCESS_CLOSED) ? OK : e;
}

/* RFC 9207: who answers says who he is, and is the one whom was asked. */
static err check_issuer(struct op *op, const struct process *p, struct slice iss)
{
	struct proofing_config config;

	if (!iss.n)
		return p->content.issWanted ? FAIL(CAPTURE_UNKNOWN) : OK;
	TRY(proofing_config_load(op, op_reader(op), &config));
	return slice_eq(iss, json_member(engine_settings(op, &config, p->provider), "issuer")) ? OK : FAIL(CAPTURE_UNKNOWN);
}

err oidc_return_prepare(struct op *op)
{
	const struct oidc_query *q = op->query;
	struct coming_back *b = op_own(op, struct coming_back);
	struct process *p = &b->process;
	struct error e;

	op->unchanged = true;
	*b = (struct coming_back){ .settlement = NULL };
	ENSURE(q->state.n, CAPTURE_UNKNOWN);
	e = process_by_handle(op, op_reader(op), q->state, p);
	ENSURE(!is_err(e, E_PROCESS_UNKNOWN), CAPTURE_UNKNOWN);
	TRY(e);
	ENSURE(p->engine == proofing_engine_oidc, CAPTURE_UNKNOWN);
	TRY(check_issuer(op, p, q->iss));
	/* Once only, and while it is waited for. */
	if (!p->begun || p->status != process_status_pending || p->content.code.n || p->expires <= op->now)
		return OK;
	if (q->error.n)
		return ended_there(op, b, q->error);
	if (!q->code.n)
		return OK;
	op->unchanged = false;
	p->content.code = q->code;
	p->status = process_status_processing;
	p->updated = p->next = op->now;
	b->box = content_box(op, p);
	return OK;
}

err oidc_return_apply(struct op *op, struct tx *tx)
{
	struct coming_back *b = op_own(op, struct coming_back);

	if (b->settlement)
		return settle_apply(op, tx, b->settlement);
	proofing_hurry_after_commit(op->app, tx);
	return process_save(tx, &b->process, b->box);
}

err oidc_return_reply(struct op *op)
{
	const struct coming_back *b = op_own(op, struct coming_back);

	http_add_header(op->http, "Location", capture_url(op, &b->process));
	http_add_header(op->http, "Cache-Control", S("no-store"));
	http_add_header(op->http, "Referrer-Policy", S("no-referrer"));
	op_answer(op, 303, "text/plain", S(""));
	return OK;
}

#include "proofing/calls.h"

#include <pthread.h>
#include <stdlib.h>

struct proofing_calls {
	pthread_mutex_t lock;
	struct proofing_call *answered;
};

static void free_call(struct proofing_call *c)
{
	arena_free_secret(&c->arena);
	free(c);
}

/* On the client's thread: keeps the answer and hands it on. */
static void answered(void *ctx, const struct outbound_answer *answer)
{
	struct proofing_call *c = ctx;
	struct app *app = c->app; /* the call belongs to the job as soon as it is in the list */
	struct proofing_calls *calls = app->proofing->calls;

	c->reason = answer->reason;
	c->status = answer->status;
	c->body = arena_copy(&c->arena, answer->body);
	c->media_type = arena_copy(&c->arena, outbound_header(answer, "content-type"));
	pthread_mutex_lock(&calls->lock);
	c->next = calls->answered;
	calls->answered = c;
	pthread_mutex_unlock(&calls->lock);
	proofing_hurry(app);
}

static void send_request(struct proofing_call *c, const struct call_request *r)
{
	outbound_send(c->app->outbound, &(struct outbound_request){
		.method = r->method,
		.url = r->url,
		.headers = r->headers,
		.header_count = r->header_count,
		.body = r->body,
		.timeout_ms = r->timeout_ms,
		.answer_bytes_max = r->answer_bytes_max ? r->answer_bytes_max : CALL_BYTES_MAX,
		.tls = r->tls.certificate.n || r->tls.authorities.n ? &r->tls : NULL,
		.done = answered,
		.ctx = c,
	});
}

/* ---- a step ---- */

enum { RETRY_MS = 15 * 1000 };

/* What was read from settings and answers goes with the operation; the request outlives it. */
void call_request_keep(struct arena *a, struct call_request *r)
{
	r->url = arena_copy(a, r->url);
	r->body = arena_copy(a, r->body);
	r->tls = (struct outbound_tls){ arena_copy(a, r->tls.certificate), arena_copy(a, r->tls.key), arena_copy(a, r->tls.authorities) };
	for (size_t i = 0; i < r->header_count; i++)
		r->headers[i] = (struct http_header){ arena_copy(a, r->headers[i].name), arena_copy(a, r->headers[i].value) };
}

static err conclude(struct op *op, struct stepping *s)
{
	struct error e;

	s->process.next = s->outcome.again_ms ? op->now + s->outcome.again_ms : 0;
	if (s->outcome.has_result) {
		e = settle_prepare(op, &s->process, &s->outcome.result, &s->settlement);
		if (!is_err(e, E_PROCESS_CLOSED))
			return e;
		s->settlement = NULL; /* nobody waits for it any more */
	}
	return OK;
}

static bool is_start(enum call_kind kind)
{
	return kind == CALL_START || kind == CALL_PREPARE;
}

/* The process as far as it is known of one that was deleted meanwhile. */
static err recall(struct op *op, const struct proofing_call *c, struct process *p)
{
	*p = (struct process){ .id = c->process, .dossier = c->dossier, .account = c->account, .provider = c->provider,
		.engine = proofing_engine_http, .content = { .parentId = c->parent } };
	return accounts_act_for(op, op_reader(op), c->account);
}

/* It ended or was deleted meanwhile, so a late answer changes nothing here; but what a provider began by it, he is to forget. */
static err too_late(struct op *op, struct stepping *s, bool deleted)
{
	struct proofing_call *c = s->call;
	struct error e;

	if (!is_start(c->kind) || c->status == 0)
		return OK;
	e = deleted ? recall(op, c, &s->process) : OK;
	if (is_err(e, E_ACCOUNT_UNKNOWN) || s->process.engine != proofing_engine_http)
		return OK;
	TRY(e);
	TRY(proofing_config_load(op, op_reader(op), &s->config));
	(void)http_step(op, c, &s->process, &s->config, &s->request, &s->outcome); /* for the ids that the answer brings */
	s->farewell = farewell_box(op, &s->process);
	s->late = s->farewell.n > 0;
	op->unchanged = !s->late;
	return OK;
}

static void know(struct proofing_call *c, const struct process *p)
{
	c->parent = arena_copy(&c->arena, p->content.parentId);
	if (c->provider.n)
		return;
	c->dossier = p->dossier;
	c->account = p->account;
	c->provider = arena_copy(&c->arena, p->provider);
}

static err step_prepare(struct op *op)
{
	struct stepping *s = op->own;
	struct proofing_call *c = s->call;
	struct error e = process_load_any(op, op_reader(op), &c->process, &s->process);
	struct process before;

	s->settlement = NULL;
	s->late = false;
	s->request = (struct call_request){ .method = HTTP_GET };
	s->outcome = (struct call_outcome){ .has_result = false };
	op->unchanged = true;
	s->step = CALL_DONE;
	if (is_err(e, E_PROCESS_UNKNOWN))
		return too_late(op, s, true);
	TRY(e);
	if (status_is_final(s->process.status) != (c->kind == CALL_EVIDENCE))
		return too_late(op, s, false);
	TRY(proofing_config_load(op, op_reader(op), &s->config));
	before = s->process;
	s->step = s->process.engine == proofing_engine_oidc ? oidc_step(op, c, &s->process, &s->config, &s->request, &s->outcome) :
							       http_step(op, c, &s->process, &s->config, &s->request, &s->outcome);
	if (!content_is_sound(op, &s->process)) {
		s->process = before;
		s->step = CALL_BROKEN;
	}
	know(c, &s->process);
	if (s->step == CALL_SEND) {
		call_request_keep(op->arena, &s->request);
		op->unchanged = !s->outcome.keep;
		s->farewell = farewell_box(op, &s->process);
		s->process.next = op->now + LEASE_MS;
		s->box = content_box(op, &s->process);
		return OK;
	}
	if (s->step == CALL_BROKEN)
		s->outcome = (struct call_outcome){ .again_ms = RETRY_MS };
	TRY(conclude(op, s));
	op->unchanged = false;
	s->box = content_box(op, &s->process);
	s->farewell = farewell_box(op, &s->process);
	if (s->outcome.file)
		s->file_box = file_seal(op, &s->process.key, s->outcome.file);
	return OK;
}

static err step_apply(struct op *op, struct tx *tx)
{
	struct stepping *s = op->own;

	if (s->late)
		return farewell_say(op, tx, &s->process, CALL_PURGE, s->farewell);
	if (is_start(s->call->kind))
		TRY(farewell_keep(tx, &s->process.id, s->farewell));
	if (s->outcome.file)
		TRY(file_insert(op, tx, s->outcome.file, s->file_box));
	return s->settlement ? settle_apply(op, tx, s->settlement) : process_save(tx, &s->process, s->box);
}

/* Sends the next request, or ends the call. */
static err step(struct proofing_call *c)
{
	static const struct op_functions functions = { step_prepare, step_apply, NULL };
	static const struct op_functions farewell = { farewell_prepare, farewell_apply, NULL };
	bool leaving = c->kind == CALL_CANCEL || c->kind == CALL_PURGE;
	struct stepping s = { .call = c };
	struct arena a;
	struct op *op;
	struct error e;

	arena_init(&a);
	op = op_alone(c->app, &a);
	op->own = &s;
	e = op_alone_run(op, leaving ? &farewell : &functions);
	if (!failed(e) && s.step == CALL_SEND && c->app->outbound)
		send_request(c, &s.request);
	else
		free_call(c);
	arena_free_secret(&a);
	return e;
}

struct proofing_calls *calls_open(void)
{
	struct proofing_calls *calls = xalloc(sizeof(*calls));

	pthread_mutex_init(&calls->lock, NULL);
	return calls;
}

void call_begin(struct app *app, const struct uuid *process, enum call_kind kind, struct slice code)
{
	struct proofing_call *c = xalloc(sizeof(*c));

	c->app = app;
	c->process = *process;
	c->kind = kind;
	c->reason = OUTBOUND_ANSWERED;
	arena_init(&c->arena);
	c->code = arena_copy(&c->arena, code);
	IGNORE(step(c)); /* what fails is due again when the lease is over */
}

err calls_answered(struct app *app)
{
	struct proofing_calls *calls = app->proofing->calls;
	struct proofing_call *list;
	struct error first = OK;

	pthread_mutex_lock(&calls->lock);
	list = calls->answered;
	calls->answered = NULL;
	pthread_mutex_unlock(&calls->lock);
	while (list) {
		struct proofing_call *c = list;
		struct error e;

		list = c->next;
		e = step(c);
		if (failed(e) && !failed(first))
			first = e;
	}
	return first;
}

void calls_close(struct app *app)
{
	struct proofing_calls *calls = app->proofing->calls;

	while (calls->answered) {
		struct proofing_call *c = calls->answered;

		calls->answered = c->next;
		free_call(c);
	}
	pthread_mutex_destroy(&calls->lock);
	free(calls);
}

const char *engine_fault(struct op *op, const struct proofing_provider *provider, const struct proofing_config *config)
{
	switch (provider->engine) {
	case proofing_engine_http:
		return http_settings_fault(op, provider, config);
	case proofing_engine_oidc:
		return oidc_settings_fault(op, provider, config);
	default:
		return NULL;
	}
}

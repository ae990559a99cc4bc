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

struct stepping {
	struct proofing_call *call;
	struct process process;
	struct proofing_config config;
	struct call_request request;
	struct call_outcome outcome;
	enum call_step step;
	struct settlement *settlement;
	struct slice box, file_box;
	bool save;
};

enum { RETRY_MS = 15 * 1000 };

/* What was read from settings and answers goes with the operation; the request outlives it. */
static void keep_request(struct arena *a, struct call_request *r)
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
	s->save = true;
	if (s->outcome.has_result) {
		e = settle_prepare(op, &s->process, &s->outcome.result, &s->settlement);
		if (!is_err(e, E_PROCESS_CLOSED))
			return e;
		s->settlement = NULL; /* nobody waits for it any more */
	}
	return OK;
}

static bool is_behind_the_end(enum call_kind kind)
{
	return kind == CALL_CANCEL || kind == CALL_EVIDENCE || kind == CALL_PURGE;
}

static err step_prepare(struct op *op)
{
	struct stepping *s = op->own;
	struct proofing_call *c = s->call;
	struct error e = process_load_any(op, op_reader(op), &c->process, &s->process);

	s->save = false;
	s->settlement = NULL;
	op->unchanged = true;
	s->step = CALL_DONE;
	if (is_err(e, E_PROCESS_UNKNOWN))
		return OK;
	TRY(e);
	if (status_is_final(s->process.status) != is_behind_the_end(c->kind))
		return OK; /* it ended meanwhile: a late answer changes nothing */
	TRY(proofing_config_load(op, op_reader(op), &s->config));
	s->request = (struct call_request){ .method = HTTP_GET };
	s->outcome = (struct call_outcome){ .has_result = false };
	s->step = s->process.engine == proofing_engine_oidc ? oidc_step(op, c, &s->process, &s->config, &s->request, &s->outcome) :
							       http_step(op, c, &s->process, &s->config, &s->request, &s->outcome);
	if (s->step == CALL_SEND) {
		keep_request(op->arena, &s->request);
		op->unchanged = !s->outcome.keep;
		s->process.next = op->now + LEASE_MS;
		s->box = content_box(op, &s->process);
		return OK;
	}
	if (s->step == CALL_BROKEN)
		s->outcome = (struct call_outcome){ .again_ms = c->kind == CALL_CANCEL || c->kind == CALL_PURGE ? 0 : RETRY_MS };
	TRY(conclude(op, s));
	op->unchanged = false;
	s->box = content_box(op, &s->process);
	if (s->outcome.file)
		s->file_box = file_seal(op, &s->process.key, s->outcome.file);
	return OK;
}

static err step_apply(struct op *op, struct tx *tx)
{
	struct stepping *s = op->own;

	if (s->outcome.file)
		TRY(file_insert(op, tx, s->outcome.file, s->file_box));
	return s->settlement ? settle_apply(op, tx, s->settlement) : process_save(tx, &s->process, s->box);
}

/* Sends the next request, or ends the call. */
static err step(struct proofing_call *c)
{
	static const struct op_functions functions = { step_prepare, step_apply, NULL };
	struct stepping s = { .call = c };
	struct arena a;
	struct op *op;
	struct error e;

	arena_init(&a);
	op = op_alone(c->app, &a);
	op->own = &s;
	e = op_alone_run(op, &functions);
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

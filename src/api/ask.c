#include "api/ask.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "api/internal.h"
#include "api/wait.h"
#include "crypto/hash.h"

enum { ASK_SLACK_MS = 5000 };

/* One call. It belongs to the request and to the client that carries it out, and goes with whoever lets go of it last. */
struct asked {
	struct asked *next;
	struct api *api;
	struct uuid topic;
	uint8_t what[SHA256_BYTES]; /* method, URL and body */
	atomic_int owners;
	atomic_bool done;
	bool waited;
	struct arena arena;
	struct outbound_answer answer;
};

static void let_go(struct asked *a)
{
	if (atomic_fetch_sub(&a->owners, 1) > 1)
		return;
	arena_free_secret(&a->arena);
	free(a);
}

/* On the client's thread. */
static void answered(void *ctx, const struct outbound_answer *answer)
{
	struct asked *a = ctx;

	a->answer = (struct outbound_answer){ .reason = answer->reason, .status = answer->status, .took_ms = answer->took_ms,
		.body = arena_copy(&a->arena, answer->body) };
	atomic_store(&a->done, true);
	if (a->api && answer->reason != OUTBOUND_STOPPED)
		api_wake(a->api, &a->topic);
	let_go(a);
}

static struct asked *find(struct op *op, const uint8_t what[static SHA256_BYTES])
{
	for (struct asked *a = op->asked; a; a = a->next)
		if (memcmp(a->what, what, SHA256_BYTES) == 0)
			return a;
	return NULL;
}

static struct asked *send(struct op *op, const struct outbound_request *request, const uint8_t what[static SHA256_BYTES])
{
	struct outbound_request r = *request;
	struct asked *a = xalloc(sizeof(*a));

	a->api = op->api;
	a->topic = uuid_v4(op->app->env);
	a->owners = 2;
	memcpy(a->what, what, SHA256_BYTES);
	arena_init(&a->arena);
	a->next = op->asked;
	op->asked = a;
	r.done = answered;
	r.ctx = a;
	outbound_send(op->app->outbound, &r);
	return a;
}

static const struct outbound_answer *answer_of(struct op *op, const struct asked *a)
{
	struct outbound_answer *kept = arena_new(op->arena, struct outbound_answer);

	*kept = a->answer;
	kept->body = arena_copy(op->arena, a->answer.body);
	return kept;
}

/* What happens between the look and the wait is not missed. Nobody waits for an operation of its own. */
static bool is_done(struct op *op, const struct asked *a)
{
	if (op->api)
		op_watch(op, &a->topic);
	return atomic_load(&a->done);
}

const struct outbound_answer *op_ask(struct op *op, const struct outbound_request *request)
{
	static const struct outbound_answer late = { .reason = OUTBOUND_TIMED_OUT }, nowhere = { .reason = OUTBOUND_NOT_CONNECTED };
	int64_t ms = request->timeout_ms ? request->timeout_ms : OUTBOUND_TIMEOUT_MS;
	uint8_t what[SHA256_BYTES];
	struct asked *a;

	if (!op->app->outbound)
		return &nowhere;
	sha256_parts(PARTS(slice_of(&request->method, sizeof(request->method)), request->url, S("\n"), request->body), what);
	a = find(op, what);
	if (!a)
		a = send(op, request, what);
	if (is_done(op, a))
		return answer_of(op, a);
	if (a->waited && op->ask_woken == TIMED_OUT)
		return &late;
	a->waited = op->asking = true;
	op_wait(op, ms + ASK_SLACK_MS);
	return NULL;
}

void asked_end(struct op *op)
{
	while (op->asked) {
		struct asked *a = op->asked;

		op->asked = a->next;
		let_go(a);
	}
}

/*
 * Ringing. A call to FCM that finds no access token waits until one was asked for; one request for each account is under way at a time,
 * and whatever comes of it ends the waiting.
 */
#include <pthread.h>
#include <stdlib.h>

#include "codec/json.h"
#include "push/internal.h"

enum {
	WAITING_MAX = 10000,    /* calls for an access token; further ones fail */
	SEND_TIMEOUT_MS = 8000, /* a bell that comes later wakes nobody */
	ANSWER_BYTES_MAX = 16 * 1024,
	TOKEN_DEPTH_MAX = 4,
	TOKEN_SAFETY_MS = 60 * 1000,
	ACCESS_LIFETIME_S_MAX = 24 * 60 * 60,
};

/* One bell on its way: a copy of the call and whom to tell. */
struct way {
	struct way *next;
	struct push *push;
	struct outbound *outbound;
	struct arena arena;
	struct push_call call;
	void (*done)(void *ctx, enum push_outcome outcome);
	void *ctx;
};

struct push {
	const struct env *env;
	struct push_tokens *tokens;
	pthread_mutex_t lock;
	struct way *waiting;  /* under the lock; for access tokens that are being asked for */
	size_t waiting_count;
};

struct push *push_new(const struct env *env)
{
	struct push *p = xalloc(sizeof(*p));

	p->env = env;
	p->tokens = push_tokens_new();
	pthread_mutex_init(&p->lock, NULL);
	return p;
}

void push_free(struct push *p)
{
	if (!p)
		return;
	push_tokens_free(p->tokens);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

const struct env *push_env(const struct push *p)
{
	return p->env;
}

struct push_tokens *push_tokens_of(struct push *p)
{
	return p->tokens;
}

err push_make(struct push *p, const struct push_account *account, const struct push_target *target, const struct push_bell *bell,
	struct arena *a, struct push_call **ret_call)
{
	struct push_call *c = *ret_call = arena_new(a, struct push_call);

	ENSURE(account->service == target->service, CONFIG);
	c->service = account->service;
	memcpy(c->fingerprint, account->fingerprint, SHA256_BYTES);
	switch (account->service) {
	case push_service_FCM:
		return fcm_make(p, account, target, bell, a, c);
	case push_service_APNS:
		return apns_make(p, account, target, bell, a, c);
	default:
		return webpush_make(p, account, target, bell, a, c);
	}
}

/* ---- one call ---- */

static struct way *way_new(struct push *p, struct outbound *outbound, const struct push_call *call,
	void (*done)(void *ctx, enum push_outcome outcome), void *ctx)
{
	struct way *w = xalloc(sizeof(*w));

	w->push = p;
	w->outbound = outbound;
	w->done = done;
	w->ctx = ctx;
	arena_init(&w->arena);
	w->call = *call;
	w->call.url = arena_copy(&w->arena, call->url);
	w->call.body = arena_copy(&w->arena, call->body);
	w->call.token_url = arena_copy(&w->arena, call->token_url);
	w->call.assertion = arena_copy(&w->arena, call->assertion);
	for (size_t i = 0; i < call->header_count; i++) {
		w->call.headers[i].name = arena_copy(&w->arena, call->headers[i].name);
		w->call.headers[i].value = arena_copy(&w->arena, call->headers[i].value);
	}
	return w;
}

static void way_end(struct way *w, enum push_outcome outcome)
{
	w->done(w->ctx, outcome);
	arena_free_secret(&w->arena);
	free(w);
}

/* A token of ours that the service does not believe any more is not shown again. */
static void distrust(struct way *w, int status)
{
	if ((w->call.service == push_service_FCM && status == 401) || (w->call.service == push_service_APNS && status == 403))
		push_tokens_forget(w->push->tokens, w->call.fingerprint);
}

static void answered(void *ctx, const struct outbound_answer *answer)
{
	struct way *w = ctx;
	enum push_outcome outcome = PUSH_FAILED;

	if (answer->reason == OUTBOUND_ANSWERED) {
		distrust(w, answer->status);
		outcome = w->call.service == push_service_FCM ? fcm_outcome(answer->status) :
			  w->call.service == push_service_APNS ? apns_outcome(answer) : webpush_outcome(answer->status);
	}
	way_end(w, outcome);
}

static void ring(struct way *w)
{
	outbound_send(w->outbound, &(struct outbound_request){
		.method = HTTP_POST,
		.url = w->call.url,
		.headers = w->call.headers,
		.header_count = w->call.header_count,
		.body = w->call.body,
		.timeout_ms = SEND_TIMEOUT_MS,
		.answer_bytes_max = ANSWER_BYTES_MAX,
		.http2 = true,
		.done = answered,
		.ctx = w,
	});
}

static void ring_with(struct way *w, struct slice access_token)
{
	call_header(&w->call, "Authorization", arena_printf(&w->arena, "Bearer %.*s", FMT(access_token)));
	ring(w);
}

/* ---- access tokens ---- */

static bool same_account(const struct way *a, const struct way *b)
{
	return memcmp(a->call.fingerprint, b->call.fingerprint, SHA256_BYTES) == 0;
}

/* All that wait for the account of `w`, out of the list. */
static struct way *take_waiting(struct push *p, const struct way *w)
{
	struct way *taken = NULL, **at = &p->waiting;

	pthread_mutex_lock(&p->lock);
	while (*at) {
		struct way *each = *at;

		if (!same_account(each, w)) {
			at = &each->next;
			continue;
		}
		*at = each->next;
		each->next = taken;
		taken = each;
		p->waiting_count--;
	}
	pthread_mutex_unlock(&p->lock);
	return taken;
}

static bool read_token(struct push *p, const struct outbound_answer *answer, struct arena *a, struct slice *ret_token,
	int64_t *ret_expires)
{
	const json_t *token, *seconds;
	struct slice why;
	json_t *object;
	bool good;

	if (answer->reason != OUTBOUND_ANSWERED || answer->status != 200 ||
		failed(json_read(answer->body, JSON_LAST_WINS, TOKEN_DEPTH_MAX, a, &object, &why)))
		return false;
	token = json_object_get(object, "access_token");
	seconds = json_object_get(object, "expires_in");
	good = json_is_string(token) && json_string_length(token) > 0 && json_string_length(token) <= BEARER_BYTES_MAX &&
	       json_is_integer(seconds) && json_integer_value(seconds) > 0;
	if (good) {
		int64_t lifetime = json_integer_value(seconds);

		if (lifetime > ACCESS_LIFETIME_S_MAX)
			lifetime = ACCESS_LIFETIME_S_MAX;
		*ret_token = arena_copy(a, json_text(token));
		*ret_expires = env_now_ms(p->env) + lifetime * 1000;
	}
	json_decref(object);
	return good;
}

static bool is_visible(struct slice token)
{
	for (size_t i = 0; i < token.n; i++)
		if (token.p[i] <= ' ' || token.p[i] >= 0x7f)
			return false;
	return true;
}

static void token_answered(void *ctx, const struct outbound_answer *answer)
{
	struct way *asker = ctx, *waiting;
	struct push *p = asker->push;
	struct slice token;
	int64_t expires;
	bool good = read_token(p, answer, &asker->arena, &token, &expires) && is_visible(token);

	if (good)
		push_tokens_keep(p->tokens, asker->call.fingerprint, token, expires);
	waiting = take_waiting(p, asker);
	while (waiting) {
		struct way *w = waiting;

		waiting = w->next;
		if (good)
			ring_with(w, token);
		else
			way_end(w, PUSH_FAILED);
	}
	arena_free_secret(&asker->arena);
	free(asker);
}

static void ask_token(struct way *asker)
{
	static const struct http_header form = { { (const uint8_t *)"Content-Type", 12 },
		{ (const uint8_t *)"application/x-www-form-urlencoded", 33 } };

	outbound_send(asker->outbound, &(struct outbound_request){
		.method = HTTP_POST,
		.url = asker->call.token_url,
		.headers = &form,
		.header_count = 1,
		.body = asker->call.assertion,
		.timeout_ms = SEND_TIMEOUT_MS,
		.answer_bytes_max = ANSWER_BYTES_MAX,
		.done = token_answered,
		.ctx = asker,
	});
}

/* Waits for the account's token. `ret_first`: nobody has asked for it yet. False when too many wait. */
static bool wait_for_token(struct push *p, struct way *w, bool *ret_first)
{
	bool room;

	*ret_first = true;
	pthread_mutex_lock(&p->lock);
	for (const struct way *each = p->waiting; each; each = each->next)
		*ret_first &= !same_account(each, w);
	room = p->waiting_count < WAITING_MAX && (!*ret_first || w->call.assertion.n);
	if (room) {
		w->next = p->waiting;
		p->waiting = w;
		p->waiting_count++;
	}
	pthread_mutex_unlock(&p->lock);
	return room;
}

static void send_with_token(struct push *p, struct way *w)
{
	struct way *asker;
	struct slice token;
	bool first;

	if (push_tokens_find(p->tokens, w->call.fingerprint, env_now_ms(p->env) + TOKEN_SAFETY_MS, &w->arena, &token)) {
		ring_with(w, token);
		return;
	}
	asker = way_new(p, w->outbound, &w->call, NULL, NULL);
	if (!wait_for_token(p, w, &first)) {
		way_end(w, PUSH_FAILED);
		first = false;
	}
	if (first) {
		ask_token(asker);
		return;
	}
	arena_free_secret(&asker->arena);
	free(asker);
}

void push_send(struct push *p, struct outbound *outbound, const struct push_call *call,
	void (*done)(void *ctx, enum push_outcome outcome), void *ctx)
{
	struct way *w = way_new(p, outbound, call, done, ctx);

	if (call->service == push_service_FCM)
		send_with_token(p, w);
	else
		ring(w);
}

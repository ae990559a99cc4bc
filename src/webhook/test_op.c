/* Sends a test event and waits for what the receiver says. Nothing of it is stored. */
#include <stdlib.h>

#include "api/wait.h"
#include "webhook/internal.h"

enum { WAIT_MS = WEBHOOK_TIMEOUT_MS + 5000, FORGOTTEN_MS = 60 * 1000 };

/* One test under way. It outlives its request when the caller has left. */
struct probe {
	struct probe *next;
	struct webhooks *webhooks;
	struct api *api;
	struct uuid topic;
	int64_t begun_ms;
	bool done;
	enum outbound_reason reason;
	int status;
};

static void probe_done(void *ctx, const struct outbound_answer *answer)
{
	struct probe *probe = ctx;
	struct webhooks *w = probe->webhooks;
	struct uuid topic = probe->topic;
	struct api *api = probe->api;

	pthread_mutex_lock(&w->lock);
	probe->reason = answer->reason;
	probe->status = answer->status;
	probe->done = true;
	pthread_mutex_unlock(&w->lock);
	/* From here on the probe may be gone. */
	if (api && answer->reason != OUTBOUND_STOPPED)
		api_wake(api, &topic);
}

/* Those whose callers left without an answer. With the lock held. */
static void forget_old(struct webhooks *w, int64_t now_ms)
{
	struct probe **at = &w->probes;

	while (*at) {
		struct probe *probe = *at;

		if (probe->done && now_ms - probe->begun_ms > FORGOTTEN_MS) {
			*at = probe->next;
			free(probe);
		} else {
			at = &probe->next;
		}
	}
}

static struct probe *probe_new(struct op *op, const struct uuid *topic)
{
	struct webhooks *w = op->app->webhooks;
	struct probe *probe = xalloc(sizeof(*probe));

	*probe = (struct probe){ .webhooks = w, .api = op->api, .topic = *topic, .begun_ms = env_mono_ms(op->app->env) };
	pthread_mutex_lock(&w->lock);
	forget_old(w, probe->begun_ms);
	probe->next = w->probes;
	w->probes = probe;
	pthread_mutex_unlock(&w->lock);
	return probe;
}

/* The result, once it is there; then the probe is gone. */
static bool probe_take(struct webhooks *w, const struct uuid *topic, struct probe *ret_probe)
{
	bool done = false;

	pthread_mutex_lock(&w->lock);
	for (struct probe **at = &w->probes; *at; at = &(*at)->next)
		if (uuid_eq(&(*at)->topic, topic) && (*at)->done) {
			struct probe *probe = *at;

			*ret_probe = *probe;
			*at = probe->next;
			free(probe);
			done = true;
			break;
		}
	pthread_mutex_unlock(&w->lock);
	return done;
}

void probes_free(struct webhooks *w)
{
	while (w->probes) {
		struct probe *probe = w->probes;

		w->probes = probe->next;
		free(probe);
	}
}

static err send_test(struct op *op, const struct uuid *topic)
{
	struct http_header headers[WEBHOOK_HEADERS_MAX];
	struct outbox_row row = { .id = uuid_v7(op->app->env, op->now), .account = op->caller.account, .at = op->now,
		.about = { .sender = S("reuseid"), .name = S("test") } };
	struct envelope envelope;
	struct subscription s;
	struct slice body;
	size_t n;

	TRY(subscription_load(op->app, op_reader(op), op->caller.account, &op->path_id[0], op->arena, &s));
	wipe(&s.key, sizeof(s.key));
	TRY(envelope_fill(op->app, op_reader(op), &row, op->arena, &envelope));
	body = envelope_json(&row, &envelope, op->now + s.ttl_s * 1000, op->arena);
	TRY(webhook_headers(op->app, &s, body, op->now, op->arena, headers, &n));
	outbound_send(op->app->outbound, &(struct outbound_request){ .method = HTTP_POST, .url = s.url, .headers = headers,
		.header_count = n, .body = body, .connect_timeout_ms = WEBHOOK_TIMEOUT_MS / 2, .timeout_ms = WEBHOOK_TIMEOUT_MS,
		.answer_bytes_max = WEBHOOK_ANSWER_BYTES_MAX, .status_matters = true, .done = probe_done, .ctx = probe_new(op, topic) });
	return OK;
}

static err tell(struct op *op, const struct probe *probe)
{
	struct test_result *out = op->out = arena_new(op->arena, struct test_result);

	out->delivered = probe->reason == OUTBOUND_ANSWERED && probe->status >= 200 && probe->status < 300;
	if (probe->reason == OUTBOUND_ANSWERED) {
		out->httpStatus = probe->status;
		MARK(out, test_result, httpStatus);
	} else {
		out->reason = slice_text(outbound_word(probe->reason));
		out->description = slice_text(outbound_sentence(probe->reason));
	}
	return OK;
}

err subscription_test_prepare(struct op *op)
{
	struct uuid *topic = op_own(op, struct uuid);
	struct probe probe;

	ENSURE(op->app->outbound && op->app->webhooks, UNAVAILABLE);
	if (op->woken == NOT_WOKEN) {
		*topic = uuid_v4(op->app->env);
		op_watch(op, topic);
		TRY(send_test(op, topic));
	}
	if (probe_take(op->app->webhooks, topic, &probe))
		return tell(op, &probe);
	ENSURE(op->woken == NOT_WOKEN, UNAVAILABLE);
	op_wait(op, WAIT_MS);
	return OK;
}

err subscription_test_apply(struct op *op, struct tx *tx)
{
	return subscription_fact(op, tx, FACT_SUBSCRIPTION_TESTED, &op->path_id[0], S(""));
}

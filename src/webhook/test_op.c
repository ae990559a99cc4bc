/* Sends a test event and waits for what the receiver says. Nothing of it is stored. */
#include "api/ask.h"
#include "webhook/internal.h"

/* Which event it is: the same one when prepare runs again with the answer. */
struct test_event {
	struct uuid id;
	int64_t at;
};

/* ret_answer: NULL while there is none. */
static err ask_receiver(struct op *op, const struct test_event *event, const struct outbound_answer **ret_answer)
{
	struct http_header headers[WEBHOOK_HEADERS_MAX];
	struct outbox_row row = { .id = event->id, .account = op->caller.account, .at = event->at,
		.about = { .sender = S("reuseid"), .name = S("test") } };
	struct envelope envelope;
	struct subscription s;
	struct slice body;
	size_t n;

	TRY(subscription_load(op->app, op_reader(op), op->caller.account, &op->path_id[0], op->arena, &s));
	wipe(&s.key, sizeof(s.key));
	TRY(envelope_fill(op->app, op_reader(op), &row, op->arena, &envelope));
	body = envelope_json(&row, &envelope, event->at + s.ttl_s * 1000, op->arena);
	TRY(webhook_headers(op->app, &s, body, event->at, op->arena, headers, &n));
	*ret_answer = op_ask(op, &(struct outbound_request){ .method = HTTP_POST, .url = s.url, .headers = headers, .header_count = n,
		.body = body, .connect_timeout_ms = WEBHOOK_TIMEOUT_MS / 2, .timeout_ms = WEBHOOK_TIMEOUT_MS,
		.answer_bytes_max = WEBHOOK_ANSWER_BYTES_MAX, .status_matters = true });
	return OK;
}

static void tell(struct op *op, const struct outbound_answer *answer)
{
	struct test_result *out = op->out = arena_new(op->arena, struct test_result);

	out->delivered = answer->reason == OUTBOUND_ANSWERED && answer->status >= 200 && answer->status < 300;
	if (answer->reason == OUTBOUND_ANSWERED) {
		out->httpStatus = answer->status;
		MARK(out, test_result, httpStatus);
	} else {
		out->reason = slice_text(outbound_word(answer->reason));
		out->description = slice_text(outbound_sentence(answer->reason));
	}
}

err subscription_test_prepare(struct op *op)
{
	struct test_event *event = op_own(op, struct test_event);
	const struct outbound_answer *answer;

	ENSURE(op->app->outbound && op->app->webhooks, UNAVAILABLE);
	if (!op_asked(op))
		*event = (struct test_event){ .id = uuid_v7(op->app->env, op->now), .at = op->now };
	TRY(ask_receiver(op, event, &answer));
	if (answer)
		tell(op, answer);
	return OK;
}

err subscription_test_apply(struct op *op, struct tx *tx)
{
	return subscription_fact(op, tx, FACT_SUBSCRIPTION_TESTED, &op->path_id[0], S(""));
}

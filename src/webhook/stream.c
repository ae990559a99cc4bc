/*
 * Events as server-sent events (the EventSource of the HTML standard), for those who cannot be reached. An answer holds what there is
 * and ends; when there is nothing it waits a while first. Clients of the standard come again by themselves with the id of the last event
 * that they saw, so nothing is missed in between; and since each coming is a request, a permission that was taken away counts at once.
 */
#include "api/wait.h"
#include "codec/encode.h"
#include "webhook/internal.h"

enum { EVENTS_MAX = 100, ANSWER_BYTES = 1024 * 1024, WAIT_MS = 25 * 1000, COME_AGAIN_MS = 20 };

#define FROM_THE_START "0"
SQL(stream_position, "SELECT n FROM outbox WHERE id = $1 AND account = $2");
SQL(stream_newest, "SELECT n, id FROM outbox WHERE account = $1 ORDER BY n DESC LIMIT 1");
SQL(stream_rows, "SELECT " OUTBOX_COLUMNS " FROM outbox o WHERE o.account = $1 AND o.n > $2 ORDER BY o.n LIMIT $3");

/* The end of an id is what topics are told apart by. */
static struct uuid topic_of(int64_t account)
{
	struct uuid topic = { { 'e', 'v', 'e', 'n', 't', 's' } };

	for (int i = 0; i < 8; i++)
		topic.b[UUID_BYTES - 1 - i] = (uint8_t)((uint64_t)account >> 8 * i);
	return topic;
}

void streams_wake(struct webhooks *w, int64_t account)
{
	struct uuid topic = topic_of(account);

	pthread_mutex_lock(&w->lock);
	if (w->streams)
		api_wake(w->streams, &topic);
	pthread_mutex_unlock(&w->lock);
}

static void let_wake(struct op *op)
{
	struct webhooks *w = op->app->webhooks;

	pthread_mutex_lock(&w->lock);
	if (w->runs)
		w->streams = op->api;
	pthread_mutex_unlock(&w->lock);
	atomic_store(&w->nobody, false);
}

struct position {
	int64_t n;
	struct slice id;   /* the last event before what is to be shown, as it is told */
	bool fresh;        /* the client brought none: it hears what happens from now on */
};

/* Clients of the standard say so, and come again: a fresh one is told at once where it stands. Others are kept for the first event. */
static bool comes_again(struct op *op)
{
	return slice_starts(http_header(op->http, "accept"), S("text/event-stream"));
}

static err newest(struct op *op, struct position *ret)
{
	struct rows r;
	struct error e = sql_one(op_reader(op), &stream_newest, ARGS(v_int(op->caller.account)), &r);
	struct uuid id;

	*ret = (struct position){ .fresh = true, .id = S(FROM_THE_START) };
	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	ret->n = col_int(&r, 0);
	id = col_uuid(&r, 1);
	ret->id = event_id_text(&id, op->arena);
	return sql_close(&r);
}

/* An id that is no longer known begins with the oldest event there is: better twice than never. */
static err find_position(struct op *op, struct slice last, struct position *ret)
{
	struct uuid id;
	struct rows r;
	struct error e;

	if (!last.n)
		return newest(op, ret);
	*ret = (struct position){ .id = S(FROM_THE_START) };
	if (last.n != 2 * UUID_BYTES || failed(hex_read(last, id.b, UUID_BYTES)))
		return OK;
	e = sql_one(op_reader(op), &stream_position, ARGS(v_uuid(&id), v_int(op->caller.account)), &r);
	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	ret->n = col_int(&r, 0);
	ret->id = event_id_text(&id, op->arena);
	return sql_close(&r);
}

static err read_rows(struct op *op, int64_t behind, struct outbox_row *rows, size_t *ret_n)
{
	struct rows r;

	*ret_n = 0;
	TRY(sql_open(op_reader(op), &stream_rows, ARGS(v_int(op->caller.account), v_int(behind), v_int(EVENTS_MAX)), &r));
	while (*ret_n < EVENTS_MAX && rows_next(&r))
		rows[(*ret_n)++] = outbox_from_row(&r, op->arena);
	return sql_close(&r);
}

static bool is_wanted(struct op *op, const struct outbox_row *row, const struct envelope *envelope)
{
	const struct stream_query *query = op->query;
	struct slice tag = query->tag;
	struct list any = { &tag, tag.n ? 1 : 0 }, all = { 0 };

	return (!query->events.n || pattern_fits(query->events, outbox_name(row, op->arena))) &&
	       tags_fit(&any, &all, &envelope->content.tags);
}

static err write_event(struct op *op, struct buf *b, const struct outbox_row *row)
{
	struct envelope envelope;

	TRY(envelope_fill(op->app, op_reader(op), row, op->arena, &envelope));
	if (is_wanted(op, row, &envelope))
		buf_printf(b, "id: %.*s\ndata: %.*s\n\n", FMT(event_id_text(&row->id, op->arena)),
			FMT(envelope_json(row, &envelope, row->expires, op->arena)));
	return OK;
}

static err answer(struct op *op, const struct position *position, const struct outbox_row *rows, size_t n)
{
	struct buf b = buf_arena(op->arena, REPLY_BYTES_MAX);
	struct slice last = position->id;

	buf_printf(&b, "retry: %d\n\n", COME_AGAIN_MS);
	for (size_t i = 0; i < n && b.n < ANSWER_BYTES; i++) {
		TRY(write_event(op, &b, &rows[i]));
		last = event_id_text(&rows[i].id, op->arena);
	}
	/* Where the client stands now, also behind events that it did not want. With data, or some clients would not keep the id. */
	buf_printf(&b, "event: position\nid: %.*s\ndata: {}\n\n", FMT(last));
	TRY(buf_ok(&b));
	http_add_header(op->http, "Cache-Control", S("no-store"));
	op_answer(op, 200, "text/event-stream", buf_bytes(&b));
	return OK;
}

err event_stream_prepare(struct op *op)
{
	const struct stream_query *query = op->query;
	struct slice last = query->lastEventId.n ? query->lastEventId : http_header(op->http, "last-event-id");
	struct outbox_row *rows = arena_array(op->arena, struct outbox_row, EVENTS_MAX);
	struct uuid topic = topic_of(op->caller.account);
	struct position *position = op_own(op, struct position); /* found once: what comes while it waits is behind it */
	size_t n;

	if (op->woken == NOT_WOKEN) {
		let_wake(op);
		op_watch(op, &topic);
		TRY(find_position(op, last, position));
	}
	TRY(read_rows(op, position->n, rows, &n));
	if (n || (position->fresh && comes_again(op)) || op->woken != NOT_WOKEN)
		return answer(op, position, rows, n);
	op_wait(op, WAIT_MS);
	return OK;
}

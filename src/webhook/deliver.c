/* Sends what is due: for each subscription by itself, as much at once as its receiver has shown to bear. */
#include <pthread.h>
#include <stdlib.h>

#include "webhook/internal.h"

enum {
	UNDER_WAY_MAX = 32, /* of one subscription */
	DUE_MAX = 2 * UNDER_WAY_MAX,
};

_Static_assert(delivery_status_PENDING == 1, "the literal in the statements below");
SQL(deliveries_due,
	"SELECT " OUTBOX_COLUMNS ", d.n, d.round, d.attempts, d.expires FROM deliveries d JOIN outbox o ON o.n = d.event"
	" WHERE d.subscription = $1 AND d.state = 1 AND d.due <= $2 AND d.expires > $2 ORDER BY d.due, d.n LIMIT $3");
SQL(delivery_next_due, "SELECT min(due) FROM deliveries WHERE subscription = $1 AND state = 1 AND due > $2");

struct due {
	struct outbox_row row;
	int64_t delivery, round, attempts, expires;
};

static err read_due(struct turn *t, struct tx *tx, const struct subscription *s, struct due *list, size_t *ret_n)
{
	struct rows r;

	TRY(sql_open(tx, &deliveries_due, ARGS(v_uuid(&s->id), v_int(t->now), v_int(DUE_MAX)), &r));
	while (*ret_n < DUE_MAX && rows_next(&r)) {
		struct due *d = &list[(*ret_n)++];

		d->row = outbox_from_row(&r, &t->arena);
		d->delivery = col_int(&r, OUTBOX_COLUMN_COUNT);
		d->round = col_int(&r, OUTBOX_COLUMN_COUNT + 1);
		d->attempts = col_int(&r, OUTBOX_COLUMN_COUNT + 2);
		d->expires = col_int(&r, OUTBOX_COLUMN_COUNT + 3);
	}
	return sql_close(&r);
}

static err read_next(struct turn *t, struct tx *tx, const struct subscription *s, int64_t *ret_due)
{
	struct rows r;

	TRY(sql_one(tx, &delivery_next_due, ARGS(v_uuid(&s->id), v_int(t->now)), &r));
	*ret_due = col_is_null(&r, 0) ? INT64_MAX : col_int(&r, 0);
	return sql_close(&r);
}

/* On the thread of the calls. */
static void landed(void *ctx, const struct outbound_answer *answer)
{
	struct flight *f = ctx;
	struct webhooks *w = f->webhooks;

	f->status = answer->status;
	f->reason = answer->reason;
	pthread_mutex_lock(&w->lock);
	f->next = w->landed;
	w->landed = f;
	pthread_mutex_unlock(&w->lock);
	webhooks_wake(w);
}

static void take_off(struct lane *lane, struct flight *f)
{
	f->others = lane->flights;
	lane->flights = f;
	lane->under_way++;
}

static bool is_under_way(const struct lane *lane, int64_t delivery)
{
	for (const struct flight *f = lane->flights; f; f = f->others)
		if (f->delivery == delivery)
			return true;
	return false;
}

static err send_from(struct turn *t, struct tx *tx, const struct subscription *s, struct lane *lane, const struct due *d, struct arena *a)
{
	struct webhooks *w = t->webhooks;
	struct http_header headers[WEBHOOK_HEADERS_MAX];
	struct envelope envelope;
	struct slice body;
	struct flight *f;
	size_t n;

	TRY(envelope_fill(w->app, tx, &d->row, a, &envelope));
	body = envelope_json(&d->row, &envelope, d->expires, a);
	TRY(webhook_headers(w->app, s, body, t->now, a, headers, &n));
	f = xalloc(sizeof(*f));
	*f = (struct flight){ .webhooks = w, .lane = lane, .delivery = d->delivery, .round = d->round, .attempts = d->attempts,
		.account = s->account, .expires = d->expires, .subscription = s->id };
	take_off(lane, f);
	outbound_send(w->app->outbound, &(struct outbound_request){ .method = HTTP_POST, .url = s->url, .headers = headers,
		.header_count = n, .body = body, .connect_timeout_ms = WEBHOOK_TIMEOUT_MS / 2, .timeout_ms = WEBHOOK_TIMEOUT_MS,
		.answer_bytes_max = WEBHOOK_ANSWER_BYTES_MAX, .status_matters = true, .done = landed, .ctx = f });
	return OK;
}

/* In memory of its own, for a turn may send many. */
static err send_one(struct turn *t, struct tx *tx, const struct subscription *s, struct lane *lane, const struct due *d)
{
	struct arena a;
	struct error e;

	arena_init(&a);
	e = send_from(t, tx, s, lane, d, &a);
	arena_free_secret(&a);
	return e;
}

/* A receiver in trouble gets one at a time: it costs the others nothing, and it is not run over when it comes back. */
static size_t room_of(const struct lane *lane)
{
	size_t max = lane->troubled ? 1 : UNDER_WAY_MAX;

	return lane->under_way < max ? max - lane->under_way : 0;
}

static err deliver_to(struct turn *t, struct tx *tx, const struct subscription *s, struct lane *lane)
{
	struct due *list = arena_array(&t->arena, struct due, DUE_MAX);
	size_t n = 0, room = room_of(lane);
	int64_t next;

	TRY(read_due(t, tx, s, list, &n));
	TRY(read_next(t, tx, s, &next));
	/* Those that find no room are seen again when one lands. */
	lane->due = next;
	for (size_t i = 0; i < n && room; i++) {
		if (is_under_way(lane, list[i].delivery))
			continue;
		TRY(send_one(t, tx, s, lane, &list[i]));
		room--;
	}
	return OK;
}

static err deliver_all(struct turn *t, struct tx *tx)
{
	const struct roster *roster = t->webhooks->roster;

	for (size_t i = 0; i < roster->n; i++) {
		struct lane *lane = roster->lanes[i];

		if (roster->list[i].enabled && lane->due <= t->now && room_of(lane))
			TRY(deliver_to(t, tx, &roster->list[i], lane));
	}
	return OK;
}

err turn_deliver(struct turn *t)
{
	struct app *app = t->webhooks->app;
	struct tx *tx = app->outbound ? store_read_begin(app->store) : NULL;
	struct error e;

	if (!tx)
		return OK;
	e = deliver_all(t, tx);
	store_read_end(tx);
	return e;
}

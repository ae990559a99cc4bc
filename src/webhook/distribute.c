/* Takes new events from the outbox, in their order, and finds the subscriptions that want them. */
#include "webhook/internal.h"

enum { EVENTS_AT_ONCE = 256 };

#define READER "webhooks"
SQL(cursor_read, "SELECT n FROM event_cursors WHERE reader = '" READER "'");
SQL(outbox_behind, "SELECT " OUTBOX_COLUMNS " FROM outbox o WHERE o.n > $1 ORDER BY o.n LIMIT $2");

static err read_cursor(struct tx *tx, int64_t *ret_cursor)
{
	struct rows r;
	struct error e = sql_one(tx, &cursor_read, NO_ARGS, &r);

	*ret_cursor = 0;
	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	*ret_cursor = col_int(&r, 0);
	return sql_close(&r);
}

static err read_new(struct turn *t, struct tx *tx, struct outbox_row *rows, size_t *ret_n)
{
	struct rows r;

	TRY(sql_open(tx, &outbox_behind, ARGS(v_int(t->cursor), v_int(EVENTS_AT_ONCE)), &r));
	while (*ret_n < EVENTS_AT_ONCE && rows_next(&r))
		rows[(*ret_n)++] = outbox_from_row(&r, &t->arena);
	return sql_close(&r);
}

static void add_delivery(struct turn *t, const struct outbox_row *row, const struct subscription *s, struct lane *lane)
{
	struct delivery_new *more;

	if (t->delivery_count == t->delivery_room) {
		t->delivery_room = t->delivery_room ? t->delivery_room * 2 : 64;
		more = arena_array(&t->arena, struct delivery_new, t->delivery_room);
		if (t->delivery_count)
			memcpy(more, t->deliveries, t->delivery_count * sizeof(*more));
		t->deliveries = more;
	}
	t->deliveries[t->delivery_count++] = (struct delivery_new){
		.event = row->n, .account = row->account, .expires = row->at + s->ttl_s * 1000, .subscription = s->id, .lane = lane };
}

/* The tags are sealed; they are read only when somebody wants the event at all. */
static err find_takers(struct turn *t, const struct outbox_row *row, struct arena *a)
{
	const struct roster *roster = t->webhooks->roster;
	struct slice name = outbox_name(row, a);
	struct envelope envelope;
	bool is_read = false;

	for (size_t i = 0; i < roster->n; i++) {
		const struct subscription *s = &roster->list[i];

		/* What happened before there was a subscription is not for it. */
		if (s->account != row->account || !s->enabled || row->at < s->created || !subscription_wants(s, name))
			continue;
		if ((s->any.n || s->all.n) && !is_read) {
			TRY(envelope_fetch(t->webhooks->app, row, a, &envelope));
			is_read = true;
		}
		if ((!s->any.n && !s->all.n) || tags_fit(&s->any, &s->all, &envelope.content.tags))
			add_delivery(t, row, s, roster->lanes[i]);
	}
	return OK;
}

static err distribute_one(struct turn *t, const struct outbox_row *row)
{
	struct arena a;
	struct error e;

	arena_init(&a);
	e = find_takers(t, row, &a);
	arena_free_secret(&a);
	return e;
}

err turn_distribute(struct turn *t)
{
	struct outbox_row *rows = arena_array(&t->arena, struct outbox_row, EVENTS_AT_ONCE);
	struct webhooks *w = t->webhooks;
	struct tx *tx = store_read_begin(w->app->store);
	struct error e = w->has_cursor ? OK : read_cursor(tx, &w->cursor);
	size_t n = 0;

	t->cursor = w->cursor;
	w->has_cursor = !failed(e);
	if (!failed(e))
		e = read_new(t, tx, rows, &n);
	store_read_end(tx);
	TRY(e);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || rows[i].account != rows[i - 1].account)
			streams_wake(w, rows[i].account);
		TRY(distribute_one(t, &rows[i]));
		t->cursor = rows[i].n;
	}
	t->more = n == EVENTS_AT_ONCE;
	return OK;
}

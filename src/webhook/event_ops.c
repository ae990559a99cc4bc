/* The kinds of events, the log of events and deliveries, and sending again. */
#include "codec/encode.h"
#include "event/event_type.h"
#include "webhook/internal.h"

/* Of a page with filters: so many events are looked at, then the page ends, full or not. */
enum { LOOKED_AT_MAX = 200, DELIVERIES_MAX = SUBSCRIPTIONS_MAX };

SQL(event_number, "SELECT n FROM outbox WHERE id = $1 AND account = $2");
SQL(event_one, "SELECT " OUTBOX_COLUMNS " FROM outbox o WHERE o.id = $1 AND o.account = $2");
SQL(events_page,
	"SELECT " OUTBOX_COLUMNS " FROM outbox o WHERE o.account = $1 AND o.n <= $2 AND o.at >= $3 AND o.at < $4"
	" AND ($5 = 0 OR EXISTS (SELECT 1 FROM deliveries d WHERE d.event = o.n AND d.state = $5)) ORDER BY o.n DESC LIMIT $6");
SQL(deliveries_of_event,
	"SELECT subscription, state, attempts, tried, status, reason, due, expires FROM deliveries WHERE event = $1 ORDER BY n LIMIT $2");
SQL(delivery_again,
	"INSERT INTO deliveries (event, subscription, account, state, round, attempts, due, expires, tried, status)"
	" VALUES ($1, $2, $3, 1, 1, 0, $4, $5, 0, 0) ON CONFLICT (event, subscription)"
	" DO UPDATE SET state = 1, round = round + 1, attempts = 0, due = excluded.due, expires = excluded.expires, reason = NULL, status = 0");
SQL(subscription_enabled, "SELECT enabled FROM subscriptions WHERE id = $1 AND account = $2");

/* --- kinds --- */

err event_types_prepare(struct op *op)
{
	struct event_type_view *views = arena_array(op->arena, struct event_type_view, event_type_count);
	struct list *out = arena_new(op->arena, struct list);

	out->items = views;
	for (size_t i = 0; i < event_type_count; i++) {
		const struct event_type *type = &event_types[i];

		if (!*type->name)
			continue;
		views[out->n++] = (struct event_type_view){ .name = arena_printf(op->arena, "%s:%s", type->sender, type->name),
			.sender = slice_text(type->sender), .eventName = slice_text(type->name), .description = slice_text(type->doc),
			.sample = slice_text(type->sample) };
	}
	op->out = out;
	return OK;
}

/* --- the log --- */

static void fill_delivery(struct op *op, const struct rows *r, struct delivery_view *view)
{
	*view = (struct delivery_view){
		.subscriptionId = col_uuid(r, 0),
		.status = (enum delivery_status)col_int(r, 1),
		.attempts = col_int(r, 2),
		.lastAttempt = col_int(r, 3),
		.httpStatus = col_int(r, 4),
		.expiresAt = col_int(r, 7),
	};
	if (view->httpStatus)
		MARK(view, delivery_view, httpStatus);
	if (!col_is_null(r, 5))
		view->reason = arena_copy(op->arena, col_text(r, 5));
	if (view->status == delivery_status_PENDING && view->expiresAt <= op->now)
		view->status = delivery_status_EXPIRED; /* before it was written down */
	if (view->status == delivery_status_PENDING && col_int(r, 6) < view->expiresAt)
		view->nextAttempt = col_int(r, 6);
}

static err read_deliveries(struct op *op, int64_t event, struct list *ret_list)
{
	struct delivery_view *list = arena_array(op->arena, struct delivery_view, DELIVERIES_MAX);
	struct rows r;
	size_t n = 0;

	TRY(sql_open(op_reader(op), &deliveries_of_event, ARGS(v_int(event), v_int(DELIVERIES_MAX)), &r));
	while (n < DELIVERIES_MAX && rows_next(&r))
		fill_delivery(op, &r, &list[n++]);
	TRY(sql_close(&r));
	*ret_list = (struct list){ list, n };
	return OK;
}

static err show(struct op *op, const struct outbox_row *row, const struct envelope *envelope, bool with_data, struct event_view *ret)
{
	static const struct slice none;

	*ret = (struct event_view){
		.id = event_id_text(&row->id, op->arena),
		.timestamp = row->at,
		.sender = row->about.sender,
		.eventName = row->about.name,
		.accountId = envelope->account_id,
		.tags = envelope->content.tags,
	};
	if (!ret->tags.items)
		ret->tags.items = (void *)(uintptr_t)&none;
	if (with_data)
		ret->eventData = envelope->content.json;
	return read_deliveries(op, row->n, &ret->deliveries);
}

struct walk {
	struct outbox_row *rows;
	size_t n, shown;
	int64_t from, to, start;
};

static err find_start(struct op *op, const struct event_query *query, struct walk *walk)
{
	struct rows r;
	struct error e;

	walk->from = HAS(query, event_query, from) ? query->from : 0;
	walk->to = HAS(query, event_query, to) ? query->to : INT64_MAX;
	walk->start = INT64_MAX;
	if (!HAS(query, event_query, offset))
		return OK;
	e = sql_one(op_reader(op), &event_number, ARGS(v_uuid(&query->offset), v_int(op->caller.account)), &r);
	ENSURE(!is_err(e, E_NO_ROW), OFFSET_UNKNOWN);
	TRY(e);
	walk->start = col_int(&r, 0);
	return sql_close(&r);
}

static err read_rows(struct op *op, const struct event_query *query, struct walk *walk)
{
	struct rows r;

	walk->rows = arena_array(op->arena, struct outbox_row, LOOKED_AT_MAX + 1);
	TRY(sql_open(op_reader(op), &events_page,
		ARGS(v_int(op->caller.account), v_int(walk->start), v_int(walk->from), v_int(walk->to), v_int(query->status),
			v_int(LOOKED_AT_MAX + 1)),
		&r));
	while (walk->n <= LOOKED_AT_MAX && rows_next(&r))
		walk->rows[walk->n++] = outbox_from_row(&r, op->arena);
	return sql_close(&r);
}

static bool has_tag(const struct list *tags, struct slice tag)
{
	struct list one = { &tag, tag.n ? 1 : 0 }, none = { 0 };

	return tags_fit(&one, &none, tags);
}

static err take(struct op *op, const struct event_query *query, const struct outbox_row *row, struct walk *walk, struct event_view *views)
{
	struct envelope envelope;

	if (query->eventName.n && !pattern_fits(query->eventName, outbox_name(row, op->arena)))
		return OK;
	TRY(envelope_fill(op->app, op_reader(op), row, op->arena, &envelope));
	if (!has_tag(&envelope.content.tags, query->tag))
		return OK;
	return show(op, row, &envelope, false, &views[walk->shown++]);
}

static struct slice link_to(struct op *op, const struct outbox_row *row)
{
	struct slice query = op->http->query, rest = query;
	struct buf b = buf_arena(op->arena, TARGET_BYTES_MAX + 64);

	buf_text(&b, "/events?");
	while (rest.n) {
		struct slice pair = slice_cut(&rest, '&');

		if (pair.n && !slice_starts(pair, S("offset=")))
			buf_printf(&b, "%.*s&", FMT(pair));
	}
	buf_printf(&b, "offset=%.*s", FMT(uuid_text(op->arena, &row->id)));
	return buf_bytes(&b);
}

err event_list_prepare(struct op *op)
{
	const struct event_query *query = op->query;
	struct event_page *out = op->out = arena_new(op->arena, struct event_page);
	int64_t limit = query->limit ? query->limit : PAGE_ITEMS_DEFAULT;
	struct event_view *views = arena_array(op->arena, struct event_view, (size_t)limit);
	struct walk walk = { 0 };
	size_t i = 0;

	TRY(find_start(op, query, &walk));
	TRY(read_rows(op, query, &walk));
	for (; i < walk.n && i < LOOKED_AT_MAX && walk.shown < (size_t)limit; i++)
		TRY(take(op, query, &walk.rows[i], &walk, views));
	if (i < walk.n)
		out->next = link_to(op, &walk.rows[i]);
	out->events = (struct list){ views, walk.shown };
	out->limit = limit;
	return OK;
}

/* Ids of events have no dashes outside; with dashes they are accepted too. */
static err event_load(struct op *op, struct outbox_row *ret_row)
{
	struct uuid id;
	struct rows r;
	struct error e;

	if (failed(uuid_parse(op->path[0], &id)))
		ENSURE(op->path[0].n == 2 * UUID_BYTES && !failed(hex_read(op->path[0], id.b, UUID_BYTES)), EVENT_UNKNOWN);
	e = sql_one(op_reader(op), &event_one, ARGS(v_uuid(&id), v_int(op->caller.account)), &r);
	ENSURE(!is_err(e, E_NO_ROW), EVENT_UNKNOWN);
	TRY(e);
	*ret_row = outbox_from_row(&r, op->arena);
	return sql_close(&r);
}

err event_get_prepare(struct op *op)
{
	struct event_view *view = arena_new(op->arena, struct event_view);
	struct envelope envelope;
	struct outbox_row row;

	TRY(event_load(op, &row));
	TRY(envelope_fill(op->app, op_reader(op), &row, op->arena, &envelope));
	op->out = view;
	return show(op, &row, &envelope, true, view);
}

/* --- again --- */

struct again {
	struct outbox_row row;
	struct envelope envelope;
	struct list subscriptions; /* those that are to get it */
	struct event_view view;
};

/* One that is named gets it whatever it wants; else all that want it do. */
static bool is_meant(const struct resend *in, const struct subscription *s, struct slice name, const struct list *tags)
{
	if (HAS(in, resend, subscriptionId))
		return uuid_eq(&s->id, &in->subscriptionId);
	return s->enabled && subscription_wants(s, name) && tags_fit(&s->any, &s->all, tags);
}

err event_resend_prepare(struct op *op)
{
	struct again *again = op_own(op, struct again);
	struct subscription *list;
	struct list all;
	size_t n = 0;

	TRY(event_load(op, &again->row));
	TRY(envelope_fill(op->app, op_reader(op), &again->row, op->arena, &again->envelope));
	TRY(subscriptions_load(op->app, op_reader(op), op->caller.account, op->arena, &all));
	list = all.items;
	for (size_t i = 0; i < all.n; i++)
		if (is_meant(op->in, &list[i], outbox_name(&again->row, op->arena), &again->envelope.content.tags))
			list[n++] = list[i];
	ENSURE(n, EVENT_UNWANTED);
	again->subscriptions = (struct list){ list, n };
	return OK;
}

static err still_enabled(struct tx *tx, const struct subscription *s)
{
	struct rows r;
	struct error e = sql_one(tx, &subscription_enabled, ARGS(v_uuid(&s->id), v_int(s->account)), &r);
	bool enabled;

	ENSURE(!is_err(e, E_NO_ROW), STALE);
	TRY(e);
	enabled = col_int(&r, 0) != 0;
	TRY(sql_close(&r));
	ENSURE(enabled, EVENT_UNWANTED);
	return OK;
}

err event_resend_apply(struct op *op, struct tx *tx)
{
	const struct again *again = op_own(op, struct again);
	const struct subscription *list = again->subscriptions.items;

	for (size_t i = 0; i < again->subscriptions.n; i++) {
		TRY(still_enabled(tx, &list[i]));
		TRY(sql_run(tx, &delivery_again,
			ARGS(v_int(again->row.n), v_uuid(&list[i].id), v_int(list[i].account), v_int(op->now),
				v_int(op->now + list[i].ttl_s * 1000)),
			NULL));
	}
	subscriptions_changed(op, tx);
	return fact(op, tx, &(struct fact){ .kind = FACT_EVENT_RESENT, .reference = event_id_text(&again->row.id, op->arena) });
}

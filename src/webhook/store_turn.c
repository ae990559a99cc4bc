/* The one transaction of a turn: new deliveries, how far the outbox is read, how attempts ended, what has expired. */
#include <stdio.h>
#include <stdlib.h>

#include "webhook/internal.h"

_Static_assert(delivery_status_PENDING == 1 && delivery_status_DELIVERED == 2 && delivery_status_EXPIRED == 3,
	"the literals in the statements below and in the indexes");
SQL(cursor_write,
	"INSERT INTO event_cursors (reader, n) VALUES ('webhooks', $1) ON CONFLICT (reader) DO UPDATE SET n = excluded.n");
SQL(delivery_add,
	"INSERT INTO deliveries (event, subscription, account, state, round, attempts, due, expires, tried, status)"
	" VALUES ($1, $2, $3, 1, 1, 0, $4, $5, 0, 0) ON CONFLICT (event, subscription) DO NOTHING");
/* Also when it expired while it was under way: the receiver has it. */
SQL(delivery_succeeded,
	"UPDATE deliveries SET state = 2, attempts = $3, tried = $4, status = $5, reason = NULL WHERE n = $1 AND round = $2 AND state <> 2");
SQL(delivery_failed,
	"UPDATE deliveries SET attempts = $3, tried = $4, status = $5, reason = $6, due = $7 WHERE n = $1 AND round = $2 AND state <> 2");
SQL(subscription_gone,
	"UPDATE subscriptions SET enabled = 0, disabled_why = 'gone', version = version + 1, updated = $2 WHERE id = $1 AND enabled = 1");
SQL(expired_by_subscription,
	"SELECT subscription, account, count(*) FROM deliveries WHERE state = 1 AND expires <= $1 GROUP BY subscription, account");
SQL(deliveries_expire, "UPDATE deliveries SET state = 3 WHERE state = 1 AND expires <= $1");

static bool succeeded(const struct flight *f)
{
	return f->reason == OUTBOUND_ANSWERED && f->status >= 200 && f->status < 300;
}

static bool is_gone(const struct flight *f)
{
	return f->reason == OUTBOUND_ANSWERED && f->status == 410;
}

static struct slice reason_of(const struct flight *f)
{
	return f->reason == OUTBOUND_ANSWERED ? S("") : slice_text(outbound_word(f->reason));
}

static err about_subscription(struct turn *t, struct tx *tx, enum fact_kind kind, int64_t account, const struct uuid *id, int64_t count)
{
	struct fact_origin origin = fact_origin_here(t->webhooks->app);
	char text[UUID_TEXT + 1], data[64];
	int n = snprintf(data, sizeof(data), "{\"count\":%lld}", (long long)count);

	uuid_format(id, text);
	origin.account = account;
	return fact_from(&origin, tx, &(struct fact){ .kind = kind, .reference = slice_of(text, UUID_TEXT),
		.data = count ? slice_of(data, (size_t)n) : S("") });
}

static err store_gone(struct turn *t, struct tx *tx, const struct flight *f)
{
	int64_t changes;

	TRY(sql_run(tx, &subscription_gone, ARGS(v_uuid(&f->subscription), v_int(t->now)), &changes));
	if (changes == 0)
		return OK;
	t->gone = true;
	return about_subscription(t, tx, FACT_SUBSCRIPTION_DISABLED, f->account, &f->subscription, 0);
}

static err store_result(struct turn *t, struct tx *tx, const struct flight *f)
{
	int64_t due = t->now + retry_delay_ms(t->webhooks->app->env, f->attempts + 1);

	if (succeeded(f))
		return sql_run(tx, &delivery_succeeded,
			ARGS(v_int(f->delivery), v_int(f->round), v_int(f->attempts + 1), v_int(t->now), v_int(f->status)), NULL);
	TRY(sql_run(tx, &delivery_failed,
		ARGS(v_int(f->delivery), v_int(f->round), v_int(f->attempts + 1), v_int(t->now), v_int(f->status), v_text_opt(reason_of(f)),
			v_int(due)),
		NULL));
	return is_gone(f) ? store_gone(t, tx, f) : OK;
}

SQL(deliveries_any_expired, "SELECT EXISTS (SELECT 1 FROM deliveries WHERE state = 1 AND expires <= $1)");

err turn_look_for_expired(struct turn *t)
{
	struct tx *tx = store_read_begin(t->webhooks->app->store);
	struct rows r;
	struct error e = sql_one(tx, &deliveries_any_expired, ARGS(v_int(t->now)), &r);

	if (!failed(e)) {
		t->expires = col_int(&r, 0) != 0;
		e = sql_close(&r);
	}
	store_read_end(tx);
	return e;
}

struct expired {
	struct uuid subscription;
	int64_t account, count;
};

enum { EXPIRED_AT_ONCE = 1000 };

static err expire(struct turn *t, struct tx *tx)
{
	struct expired *list = arena_array(&t->arena, struct expired, EXPIRED_AT_ONCE);
	struct rows r;
	size_t n = 0;

	TRY(sql_open(tx, &expired_by_subscription, ARGS(v_int(t->now)), &r));
	while (n < EXPIRED_AT_ONCE && rows_next(&r))
		list[n++] = (struct expired){ col_uuid(&r, 0), col_int(&r, 1), col_int(&r, 2) };
	TRY(sql_close(&r));
	if (n)
		TRY(sql_run(tx, &deliveries_expire, ARGS(v_int(t->now)), &t->expired));
	for (size_t i = 0; i < n; i++)
		TRY(about_subscription(t, tx, FACT_EVENT_DELIVERY_FAILED, list[i].account, &list[i].subscription, list[i].count));
	return OK;
}

static struct error store_all(void *arg, struct tx *tx)
{
	struct turn *t = arg;

	t->gone = false;
	t->expired = 0;
	if (t->cursor != t->webhooks->cursor)
		TRY(sql_run(tx, &cursor_write, ARGS(v_int(t->cursor)), NULL));
	for (size_t i = 0; i < t->delivery_count; i++) {
		const struct delivery_new *d = &t->deliveries[i];

		TRY(sql_run(tx, &delivery_add,
			ARGS(v_int(d->event), v_uuid(&d->subscription), v_int(d->account), v_int(t->now), v_int(d->expires)), NULL));
	}
	for (const struct flight *f = t->webhooks->results; f; f = f->next)
		TRY(store_result(t, tx, f));
	return t->expires ? expire(t, tx) : OK;
}

static void land(struct turn *t, struct flight *f)
{
	struct metrics *m = t->webhooks->app->metrics;

	struct flight **at = &f->lane->flights;

	while (*at != f)
		at = &(*at)->others;
	*at = f->others;
	f->lane->under_way--;
	f->lane->troubled = !succeeded(f);
	f->lane->due = 0; /* there is room again */
	metric_add(m, succeeded(f) ? METRIC_webhooks_delivered_total : METRIC_webhooks_failed_total, 1);
	free(f);
}

err turn_store(struct turn *t)
{
	struct webhooks *w = t->webhooks;
	struct flight *f;

	if (t->cursor == w->cursor && !t->delivery_count && !w->results && !t->expires)
		return OK;
	TRY(store_write(w->app->store, store_all, t));
	w->cursor = t->cursor;
	while ((f = w->results) != NULL) {
		w->results = f->next;
		land(t, f);
	}
	for (size_t i = 0; i < t->delivery_count; i++)
		t->deliveries[i].lane->due = 0;
	metric_add(w->app->metrics, METRIC_webhooks_expired_total, t->expired);
	return OK;
}

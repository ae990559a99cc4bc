/* Shared inside this folder. */
#ifndef WEBHOOK_INTERNAL_H
#define WEBHOOK_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "event/fact.h"
#include "outbound/outbound.h"
#include "webhook/webhook.h"
#include "webhook/webhook_schema.h"

#define HEADER_MASK "********"
/* YYYY-MM-DD, and with .jsonl. */
enum { SPOOL_DATE_BYTES = 10, SPOOL_NAME_BYTES = SPOOL_DATE_BYTES + 6 };
/* How long a receiver may take for a webhook (platform.md 5.4). */
enum { WEBHOOK_TIMEOUT_MS = 10 * 1000, WEBHOOK_ANSWER_BYTES_MAX = 4096 };

/* ---- subscription_rows.c ---- */

struct secret {
	struct uuid id;
	int64_t created;
	struct slice text;
};

struct subscription {
	struct uuid id;
	int64_t account, version, ttl_s, created, updated;
	struct slice account_id, name, disabled_why;
	bool enabled, hmac, jws;
	enum hmac_form hmac_form;
	struct slice events_json, filter_json; /* as stored */
	struct list events, any, all;          /* of struct slice */
	struct slice wrapped_key;
	struct data_key key;
	struct slice target;                   /* sealed URL and headers */
	struct slice url;
	struct http_header *headers;
	size_t header_count;
	struct secret *secrets;                /* newest first */
	size_t secret_count;
};

/* Everything of it, unsealed; the arena holds secrets afterwards. E_SUBSCRIPTION_UNKNOWN. */
err subscription_load(const struct app *app, struct tx *tx, int64_t account, const struct uuid *id, struct arena *a,
	struct subscription *ret_subscription);
/* Of an account, or with 0 of all; newest first. */
err subscriptions_load(const struct app *app, struct tx *tx, int64_t account, struct arena *a, struct list *ret_list);
/* In prepare: gives it a key of its own. */
void subscription_new_key(const struct app *app, struct subscription *s, struct arena *a);
/* In prepare: fills in what is stored from what is meant: events_json, filter_json and target. */
void subscription_seal(const struct app *app, struct subscription *s, struct arena *a);
struct slice subscription_secret_seal(const struct app *app, const struct subscription *s, const struct secret *secret, struct arena *a);
err subscription_insert(struct tx *tx, const struct subscription *s); /* E_SUBSCRIPTIONS_FULL */
err subscription_update(struct tx *tx, const struct subscription *s); /* E_STALE */
err subscription_delete(struct tx *tx, int64_t account, const struct uuid *id); /* with its secrets and deliveries */
err subscription_secret_insert(struct tx *tx, const struct subscription *s, const struct secret *secret, struct slice box);

/* ---- match.c ---- */

bool pattern_fits(struct slice pattern, struct slice event); /* event: SENDER:NAME */
bool pattern_fits_some_event(struct slice pattern);
bool subscription_wants(const struct subscription *s, struct slice event);
bool tags_fit(const struct list *any, const struct list *all, const struct list *tags);

/* ---- envelope.c ---- */

struct outbox_row {
	int64_t n, account, at, expires;
	struct uuid id;
	struct event_about about;
};

#define OUTBOX_COLUMNS "o.n, o.id, o.account, o.at, o.expires, o.sender, o.name, o.transaction_id, o.device_id, o.data"
enum { OUTBOX_COLUMN_COUNT = 10 };
/* Copies into the arena. */
struct outbox_row outbox_from_row(const struct rows *r, struct arena *a);
struct slice outbox_name(const struct outbox_row *row, struct arena *a); /* SENDER:NAME */
struct slice event_id_text(const struct uuid *id, struct arena *a);      /* 32 hex digits */

struct envelope {
	struct slice account_id, organisation_id;
	struct event_content content;
};
/* Reads what the event tells, on a reader that somebody holds: who holds one must not wait for a second. Not from apply. */
err envelope_fill(struct app *app, struct tx *reader, const struct outbox_row *row, struct arena *a, struct envelope *ret_envelope);
/* The same on a reader of its own. */
err envelope_fetch(struct app *app, const struct outbox_row *row, struct arena *a, struct envelope *ret_envelope);
/* The nine fields as JSON. */
struct slice envelope_json(const struct outbox_row *row, const struct envelope *envelope, int64_t expires, struct arena *a);

/* ---- sign.c ---- */

enum { WEBHOOK_HEADERS_MAX = SUBSCRIPTION_HEADERS_MAX + 5 };
/* All headers of one delivery; `out` holds WEBHOOK_HEADERS_MAX. */
err webhook_headers(const struct app *app, const struct subscription *s, struct slice body, int64_t now, struct arena *a,
	struct http_header *out, size_t *ret_n);
/* May an operator set it? Not what the sending itself depends on. */
bool webhook_header_is_free(struct slice name);

/* ---- schedule.c ---- */

/* How long to wait behind the n-th attempt, counted from 1. */
int64_t retry_delay_ms(const struct env *env, int64_t attempts);

/* ---- loop.c, distribute.c, deliver.c ---- */

/* What is known of a subscription's receiver from one turn to the next; only the thread looks at it. */
struct lane {
	struct lane *next;
	struct uuid id;
	struct flight *flights;
	size_t under_way;
	bool troubled;   /* the last attempt failed: one at a time until one succeeds */
	bool wanted;     /* in the roster */
	int64_t due;     /* nothing before this; INT64_MAX: nothing */
};

/* One delivery under way. */
struct flight {
	struct flight *next, *others; /* others: of its lane */
	struct webhooks *webhooks;
	struct lane *lane;
	int64_t delivery, round, attempts, account, expires;
	struct uuid subscription;
	int status;
	enum outbound_reason reason;
};

/* The subscriptions as they are now, unsealed. */
struct roster {
	struct arena arena;
	struct subscription *list;
	struct lane **lanes;
	size_t n;
};

struct webhooks {
	struct app *app;
	struct store_hook written, changed;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool runs, stop, news, stale; /* under the lock */
	atomic_bool nobody;           /* there is no subscription, no stream, no spool */
	struct flight *landed;        /* under the lock */
	/* the thread's own */
	struct roster *roster;
	struct lane *lanes;
	struct flight *results;       /* landed, not stored yet */
	int64_t cursor, expiry_due;
	bool has_cursor;
	struct {
		int64_t cursor, again_ms; /* again_ms: not before this, after a failure */
		bool has_cursor;
		/* spool_erase.c: which one is under way, in which file, and how far */
		int64_t erasing, erase_at;
		char erase_file[SPOOL_NAME_BYTES + 1];
	} spool;
	struct api *streams; /* under the lock; NULL: nobody waits, or nobody may be woken any more */
};

void webhooks_wake(struct webhooks *w);
/* In apply, when a subscription was written. */
void subscriptions_changed(struct op *op, struct tx *tx);

/* What one turn writes, in one transaction. */
struct turn {
	struct webhooks *webhooks;
	struct arena arena;
	int64_t now;
	struct delivery_new {
		int64_t event, account, expires;
		struct uuid subscription;
		struct lane *lane;
	} *deliveries;
	size_t delivery_count, delivery_room;
	int64_t cursor;
	bool more;    /* the outbox has more */
	bool expires; /* something has expired */
	bool idle;    /* nothing to write */
	int64_t expired;
	bool gone;    /* a subscription was disabled */
};

/* distribute.c: reads what is new in the outbox and finds who wants it. */
err turn_distribute(struct turn *t);
/* spool.c: what goes wrong there holds up nobody */
void turn_spool(struct turn *t);
struct slice spool_date(int64_t at, struct arena *a); /* YYYY-MM-DD */
/* spool_erase.c: a piece of what is to be erased; and the files of what is no longer kept otherwise */
err spool_erase_some(struct webhooks *w, struct arena *a, bool *ret_more);
err spool_forget(struct app *app, struct arena *a);
struct error webhooks_user_deleted(struct op *op, struct tx *tx, const struct uuid *user);
/* stream.c: there is something new for those who wait */
void streams_wake(struct webhooks *w, int64_t account);
/* store_turn.c */
err turn_look_for_expired(struct turn *t);
err turn_store(struct turn *t);
/* deliver.c: sends what is due. */
err turn_deliver(struct turn *t);

/* forget.c */
struct error webhooks_account_deleted(struct op *op, struct tx *tx, int64_t account);

/* ---- subscription_ops.c, secret_ops.c, event_ops.c, test_op.c ---- */

err subscription_create_prepare(struct op *op);
err subscription_create_apply(struct op *op, struct tx *tx);
err subscription_list_prepare(struct op *op);
err subscription_get_prepare(struct op *op);
err subscription_replace_prepare(struct op *op);
err subscription_replace_apply(struct op *op, struct tx *tx);
err subscription_delete_apply(struct op *op, struct tx *tx);
err subscription_fact(struct op *op, struct tx *tx, enum fact_kind kind, const struct uuid *id, struct slice data);
void subscription_show(const struct subscription *s, struct arena *a, struct subscription_view *ret_view);

err subscription_secret_add_prepare(struct op *op);
err subscription_secret_add_apply(struct op *op, struct tx *tx);
err subscription_secret_delete_apply(struct op *op, struct tx *tx);
struct secret secret_new(struct op *op);

err event_types_prepare(struct op *op);
err event_list_prepare(struct op *op);
err event_get_prepare(struct op *op);
err event_stream_prepare(struct op *op);
err event_resend_prepare(struct op *op);
err event_resend_apply(struct op *op, struct tx *tx);

err subscription_test_prepare(struct op *op);
err subscription_test_apply(struct op *op, struct tx *tx);

#endif

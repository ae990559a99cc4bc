/* The thread that delivers, turn by turn, and its life. */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "account/account.h"
#include "webhook/internal.h"

enum {
	IDLE_MS_MAX = 5000,      /* the wall clock may jump; nothing else depends on it */
	AFTER_FAILURE_MS = 1000,
	NOBODY_MS = 1000,
	EXPIRY_EVERY_MS = 5000,
};

void webhooks_wake(struct webhooks *w)
{
	pthread_mutex_lock(&w->lock);
	w->news = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

/* While nobody listens, events are only passed over now and then, so that they cost an operation nothing. */
static void events_written(void *ctx)
{
	struct webhooks *w = ctx;

	if (!atomic_load_explicit(&w->nobody, memory_order_relaxed))
		webhooks_wake(w);
}

static void subscriptions_written(void *ctx)
{
	struct webhooks *w = ctx;

	pthread_mutex_lock(&w->lock);
	w->stale = true;
	pthread_mutex_unlock(&w->lock);
	webhooks_wake(w);
}

void subscriptions_changed(struct op *op, struct tx *tx)
{
	if (op->app->webhooks)
		tx_after_commit(tx, &op->app->webhooks->changed);
}

/* --- the roster --- */

static struct lane *lane_of(struct webhooks *w, const struct uuid *id)
{
	struct lane *lane = w->lanes;

	while (lane && !uuid_eq(&lane->id, id))
		lane = lane->next;
	if (!lane) {
		lane = xalloc(sizeof(*lane));
		lane->id = *id;
		lane->next = w->lanes;
		w->lanes = lane;
	}
	lane->wanted = true;
	lane->due = 0; /* it may have been enabled */
	return lane;
}

static void free_idle_lanes(struct webhooks *w)
{
	struct lane **at = &w->lanes;

	while (*at) {
		struct lane *lane = *at;

		if (lane->wanted || lane->under_way) {
			at = &lane->next;
		} else {
			*at = lane->next;
			free(lane);
		}
	}
}

static void roster_free(struct roster *roster)
{
	if (roster)
		arena_free_secret(&roster->arena);
	free(roster);
}

static err roster_load(struct webhooks *w, struct roster *roster)
{
	struct tx *tx = store_read_begin(w->app->store);
	struct list list;
	struct error e = subscriptions_load(w->app, tx, 0, &roster->arena, &list);

	store_read_end(tx);
	TRY(e);
	roster->list = list.items;
	roster->n = list.n;
	roster->lanes = arena_array(&roster->arena, struct lane *, list.n);
	for (struct lane *lane = w->lanes; lane; lane = lane->next)
		lane->wanted = false;
	for (size_t i = 0; i < list.n; i++)
		roster->lanes[i] = lane_of(w, &roster->list[i].id);
	free_idle_lanes(w);
	return OK;
}

static err reload(struct webhooks *w)
{
	struct roster *roster = xalloc(sizeof(*roster));
	struct error e = roster_load(w, roster);

	if (failed(e)) {
		roster_free(roster);
		return e;
	}
	roster_free(w->roster);
	w->roster = roster;
	return OK;
}

/* --- one turn --- */

static void take_landed(struct webhooks *w)
{
	struct flight *list;

	pthread_mutex_lock(&w->lock);
	list = w->landed;
	w->landed = NULL;
	pthread_mutex_unlock(&w->lock);
	while (list) {
		struct flight *f = list;

		list = f->next;
		f->next = w->results;
		w->results = f;
	}
}

static err refresh(struct webhooks *w)
{
	struct error e = OK;
	bool stale;

	pthread_mutex_lock(&w->lock);
	stale = w->stale;
	w->stale = false;
	pthread_mutex_unlock(&w->lock);
	if (stale || !w->roster)
		e = reload(w);
	if (failed(e)) {
		pthread_mutex_lock(&w->lock);
		w->stale = true;
		pthread_mutex_unlock(&w->lock);
	}
	return e;
}

static int64_t idle_of(const struct turn *t)
{
	int64_t next = t->now + (t->webhooks->nobody ? NOBODY_MS : IDLE_MS_MAX);

	if (t->more || t->gone)
		return 0;
	for (const struct lane *lane = t->webhooks->lanes; lane; lane = lane->next)
		if (lane->wanted && lane->due > t->now && lane->due < next)
			next = lane->due;
	return next - t->now;
}

static void see_who_listens(struct webhooks *w)
{
	bool streams;

	pthread_mutex_lock(&w->lock);
	streams = w->streams != NULL;
	pthread_mutex_unlock(&w->lock);
	atomic_store(&w->nobody, w->roster->n == 0 && !streams && !*app_settings(w->app)->event_spool);
}

static err turn_all(struct turn *t, bool stopping)
{
	struct webhooks *w = t->webhooks;

	take_landed(w);
	t->cursor = w->cursor;
	if (stopping)
		return turn_store(t);
	TRY(refresh(w));
	see_who_listens(w);
	if (w->expiry_due <= t->now) {
		TRY(turn_look_for_expired(t));
		w->expiry_due = t->now + EXPIRY_EVERY_MS;
	}
	TRY(turn_distribute(t));
	TRY(turn_store(t));
	if (t->gone) {
		TRY(reload(w));
		t->gone = false;
	}
	TRY(turn_deliver(t));
	turn_spool(t);
	return OK;
}

static err turn(struct webhooks *w, bool stopping, int64_t *ret_idle_ms)
{
	struct turn t = { .webhooks = w, .now = env_now_ms(w->app->env) };
	struct error e;

	arena_init(&t.arena);
	e = turn_all(&t, stopping);
	*ret_idle_ms = failed(e) ? AFTER_FAILURE_MS : idle_of(&t);
	arena_free_secret(&t.arena);
	return e;
}

err webhooks_turn(struct app *app, int64_t *ret_idle_ms)
{
	return turn(app->webhooks, false, ret_idle_ms);
}

/* --- the thread --- */

/* With the lock held. */
static void rest(struct webhooks *w, int64_t ms)
{
	int64_t until = env_mono_ms(&env_system) + ms;
	struct timespec t = { until / 1000, until % 1000 * 1000000 };

	if (!w->news && ms > 0)
		pthread_cond_timedwait(&w->wake, &w->lock, &t);
	w->news = false;
}

static bool any_under_way(const struct webhooks *w)
{
	for (const struct lane *lane = w->lanes; lane; lane = lane->next)
		if (lane->under_way)
			return true;
	return false;
}

static void try_turn(struct webhooks *w, bool stopping, int64_t *ret_idle_ms)
{
	struct error e = turn(w, stopping, ret_idle_ms);

	if (failed(e))
		log_line(w->app->log, LOG_WARN, "events not delivered, tried again soon", LOG_E(e));
}

/* What is under way is waited for, so that a clean stop sends nothing twice. */
static void finish(struct webhooks *w)
{
	int64_t until = env_mono_ms(&env_system) + app_settings(w->app)->drain_timeout_ms, left, idle;

	try_turn(w, true, &idle);
	while (any_under_way(w) && (left = until - env_mono_ms(&env_system)) > 0) {
		pthread_mutex_lock(&w->lock);
		rest(w, left);
		pthread_mutex_unlock(&w->lock);
		try_turn(w, true, &idle);
	}
}

static void *work(void *arg)
{
	struct webhooks *w = arg;
	int64_t idle = 0;

	pthread_mutex_lock(&w->lock);
	while (!w->stop) {
		pthread_mutex_unlock(&w->lock);
		try_turn(w, false, &idle);
		pthread_mutex_lock(&w->lock);
		if (!w->stop)
			rest(w, idle);
	}
	pthread_mutex_unlock(&w->lock);
	finish(w);
	return NULL;
}

err webhooks_open(struct app *app)
{
	struct webhooks *w = app->webhooks = xalloc(sizeof(*w));
	pthread_condattr_t monotonic;

	w->app = app;
	w->written = (struct store_hook){ .fn = events_written, .ctx = w };
	w->changed = (struct store_hook){ .fn = subscriptions_written, .ctx = w };
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	app->event_written = &w->written;
	HOOK(app->account_deleted, webhooks_account_deleted);
	HOOK(app->user_deleted, webhooks_user_deleted);
	return OK;
}

err webhooks_start(struct app *app)
{
	struct webhooks *w = app->webhooks;
	bool made = pthread_create(&w->thread, NULL, work, w) == 0;

	pthread_mutex_lock(&w->lock);
	w->runs = made;
	pthread_mutex_unlock(&w->lock);
	ENSURE(made, IO);
	return OK;
}

void webhooks_stop(struct app *app)
{
	struct webhooks *w = app->webhooks;

	if (!w || !w->runs)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	pthread_mutex_lock(&w->lock);
	w->runs = false;
	w->streams = NULL;
	pthread_mutex_unlock(&w->lock);
}

static void free_flights(struct flight *list)
{
	while (list) {
		struct flight *f = list;

		list = f->next;
		f->lane->under_way--;
		free(f);
	}
}

void webhooks_close(struct app *app)
{
	struct webhooks *w = app->webhooks;

	if (!w)
		return;
	app->event_written = NULL;
	free_flights(w->results);
	free_flights(w->landed);
	for (struct lane *lane = w->lanes; lane; lane = lane->next)
		lane->wanted = false;
	free_idle_lanes(w);
	roster_free(w->roster);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w);
	app->webhooks = NULL;
}

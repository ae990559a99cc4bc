#include "api/wait.h"

#include <stdlib.h>

#include "api/internal.h"

enum { WAIT_BUCKETS = 1024 };

struct waits {
	const struct env *env;
	pthread_mutex_t lock;
	pthread_cond_t changed; /* for the timer */
	pthread_t timer;
	bool timer_runs, stop;
	int64_t soonest;
	uint64_t generation[WAIT_BUCKETS]; /* goes up when the topics of a bucket are touched */
	uint64_t replaced[WAIT_BUCKETS];   /* goes up when their waits are ended, by whoever does it */
	struct op *waiting[WAIT_BUCKETS];
};

struct waits *waits_new(const struct env *env)
{
	struct waits *w = xalloc(sizeof(*w));
	pthread_condattr_t monotonic;

	w->env = env;
	w->soonest = INT64_MAX;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&w->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return w;
}

static size_t bucket_of(const struct uuid *topic)
{
	uint32_t h;

	/* The end of an id is random, whatever its version. */
	memcpy(&h, topic->b + UUID_BYTES - sizeof(h), sizeof(h));
	return h % WAIT_BUCKETS;
}

static void release(struct op *op, enum op_woken why)
{
	op->waiting = false;
	op->woken = why;
	http_resume(op->http);
}

/* Takes those out of a bucket that `match` wants (all when topic is NULL), and lets them go on. */
static void wake(struct waits *w, size_t bucket, const struct uuid *topic, int64_t due_before, enum op_woken why)
{
	struct op **at = &w->waiting[bucket], *due = NULL;

	while (*at) {
		struct op *op = *at;

		if ((!topic || uuid_eq(&op->wait_topic, topic)) && op->wait_until <= due_before) {
			*at = op->wait_next;
			op->wait_next = due;
			due = op;
		} else {
			at = &op->wait_next;
		}
	}
	while (due) {
		struct op *next = due->wait_next;

		release(due, why);
		due = next;
	}
}

static int64_t next_deadline(const struct waits *w)
{
	int64_t soonest = INT64_MAX;

	for (size_t i = 0; i < WAIT_BUCKETS; i++)
		for (const struct op *op = w->waiting[i]; op; op = op->wait_next)
			if (op->wait_until < soonest)
				soonest = op->wait_until;
	return soonest;
}

static void *run_timer(void *arg)
{
	struct waits *w = arg;

	pthread_mutex_lock(&w->lock);
	while (!w->stop) {
		int64_t now = env_mono_ms(w->env);
		struct timespec t;

		for (size_t i = 0; i < WAIT_BUCKETS && w->soonest <= now; i++)
			wake(w, i, NULL, now, TIMED_OUT);
		w->soonest = next_deadline(w);
		t = (struct timespec){ w->soonest / 1000, w->soonest % 1000 * 1000000 };
		if (w->soonest == INT64_MAX)
			pthread_cond_wait(&w->changed, &w->lock);
		else
			pthread_cond_timedwait(&w->changed, &w->lock, &t);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

void waits_end_all(struct waits *w)
{
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	for (size_t i = 0; i < WAIT_BUCKETS; i++)
		wake(w, i, NULL, INT64_MAX, TIMED_OUT);
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

void waits_free(struct waits *w)
{
	waits_end_all(w);
	if (w->timer_runs)
		pthread_join(w->timer, NULL);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

void op_watch(struct op *op, const struct uuid *topic)
{
	struct waits *w = op->api->waits;
	size_t bucket = bucket_of(topic);

	op->wait_topic = *topic;
	pthread_mutex_lock(&w->lock);
	op->wait_generation = w->generation[bucket];
	op->wait_replaced = w->replaced[bucket];
	pthread_mutex_unlock(&w->lock);
}

void op_wait(struct op *op, int64_t ms)
{
	op->waiting = true;
	op->wait_until = env_mono_ms(op->app->env) + ms;
}

/* Why the request need not wait after all. */
static enum op_woken missed(const struct waits *w, const struct op *op, size_t bucket)
{
	if (w->stop)
		return TIMED_OUT;
	if (w->generation[bucket] != op->wait_generation)
		return WOKEN;
	return w->replaced[bucket] != op->wait_replaced ? REPLACED : NOT_WOKEN;
}

/* Called with the request parked. False: what was waited for happened meanwhile, or nobody may wait any more. */
bool waits_enter(struct op *op)
{
	struct waits *w = op->api->waits;
	size_t bucket = bucket_of(&op->wait_topic);
	bool enter;

	pthread_mutex_lock(&w->lock);
	op->woken = missed(w, op, bucket);
	enter = op->woken == NOT_WOKEN;
	if (enter) {
		op->wait_next = w->waiting[bucket];
		w->waiting[bucket] = op;
		if (!w->timer_runs)
			w->timer_runs = pthread_create(&w->timer, NULL, run_timer, w) == 0;
		if (op->wait_until < w->soonest) {
			w->soonest = op->wait_until;
			pthread_cond_signal(&w->changed);
		}
	}
	pthread_mutex_unlock(&w->lock);
	return enter;
}

void api_wake(struct api *api, const struct uuid *topic)
{
	struct waits *w = api->waits;
	size_t bucket = bucket_of(topic);

	pthread_mutex_lock(&w->lock);
	w->generation[bucket]++;
	wake(w, bucket, topic, INT64_MAX, WOKEN);
	pthread_mutex_unlock(&w->lock);
}

struct wake_up {
	struct store_hook hook;
	struct api *api;
	struct uuid topic;
};

static void wake_hook(void *ctx)
{
	const struct wake_up *up = ctx;

	api_wake(up->api, &up->topic);
}

void op_wake_after_commit(struct op *op, struct tx *tx, const struct uuid *topic)
{
	struct wake_up *up = arena_new(op->arena, struct wake_up);

	*up = (struct wake_up){ { .fn = wake_hook, .ctx = up }, op->api, *topic };
	tx_after_commit(tx, &up->hook);
}

void op_end_waits(struct op *op, const struct uuid *topic)
{
	struct waits *w = op->api->waits;
	size_t bucket = bucket_of(topic);

	pthread_mutex_lock(&w->lock);
	/* One that is on its way to wait hears of it when it comes; the caller itself does not count. */
	op->wait_replaced = ++w->replaced[bucket];
	wake(w, bucket, topic, INT64_MAX, REPLACED);
	pthread_mutex_unlock(&w->lock);
}

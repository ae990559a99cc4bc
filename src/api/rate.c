#include "api/rate.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"

enum { BUCKETS = 4096 };

struct bucket {
	int64_t at_ms;            /* when `left` was right */
	int64_t left;             /* events that are still free, times window_ms, so that rounding loses no part of one */
	int64_t count, window_ms; /* the limit it was filled for */
};

struct rate {
	const struct env *env;
	pthread_mutex_t lock;
	uint64_t seed; /* so that nobody can aim at another one's bucket */
	struct bucket buckets[BUCKETS];
};

struct rate *rate_new(const struct env *env)
{
	struct rate *r = xalloc(sizeof(*r));

	r->env = env;
	pthread_mutex_init(&r->lock, NULL);
	env_random(env, &r->seed, sizeof(r->seed));
	return r;
}

void rate_free(struct rate *r)
{
	if (r)
		pthread_mutex_destroy(&r->lock);
	free(r);
}

static struct bucket *bucket_of(struct rate *r, struct slice key)
{
	uint64_t h = r->seed ^ 0xcbf29ce484222325u;

	for (size_t i = 0; i < key.n; i++)
		h = (h ^ key.p[i]) * 0x100000001b3u;
	h ^= h >> 29;
	h *= 0xbf58476d1ce4e5b9u;
	h ^= h >> 32;
	return &r->buckets[h % BUCKETS];
}

static void refill(struct bucket *b, int64_t count, int64_t window_ms, int64_t now)
{
	int64_t gone = now - b->at_ms, full = count * window_ms;

	if (b->count != count || b->window_ms != window_ms) {
		*b = (struct bucket){ now, full, count, window_ms };
		return;
	}
	if (gone <= 0)
		return;
	b->left += (gone < window_ms ? gone : window_ms) * count;
	if (b->left > full)
		b->left = full;
	b->at_ms = now;
}

static bool look(struct rate *r, struct slice key, int64_t count, int64_t window_ms, bool take)
{
	struct bucket *b = bucket_of(r, key);
	bool free_one;

	if (count == 0)
		return true;
	pthread_mutex_lock(&r->lock);
	refill(b, count, window_ms, env_mono_ms(r->env));
	free_one = b->left >= window_ms;
	if (free_one && take)
		b->left -= window_ms;
	pthread_mutex_unlock(&r->lock);
	return free_one;
}

bool rate_take(struct rate *r, struct slice key, int64_t per_second)
{
	return look(r, key, per_second, 1000, true);
}

bool rate_left(struct rate *r, struct slice key, int64_t per_second)
{
	return look(r, key, per_second, 1000, false);
}

bool rate_take_in(struct rate *r, struct slice key, int64_t count, int64_t window_ms)
{
	return look(r, key, count, window_ms, true);
}

bool rate_left_in(struct rate *r, struct slice key, int64_t count, int64_t window_ms)
{
	return look(r, key, count, window_ms, false);
}

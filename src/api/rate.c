#include "api/rate.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"

enum { SETS = 2048, WAYS = 8 };

struct bucket {
	uint64_t key;             /* a hash */
	int64_t at_ms;            /* when `left` was right */
	int64_t left;             /* events that are still free, times window_ms, so that rounding loses no part of one */
	int64_t count, window_ms; /* the limit it was filled for */
};

struct rate {
	const struct env *env;
	pthread_mutex_t lock;
	uint64_t seed; /* so that nobody can aim at another one's bucket */
	struct bucket buckets[SETS * WAYS];
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

static uint64_t hash_of(const struct rate *r, struct slice key)
{
	uint64_t h = r->seed ^ 0xcbf29ce484222325u;

	for (size_t i = 0; i < key.n; i++)
		h = (h ^ key.p[i]) * 0x100000001b3u;
	h ^= h >> 29;
	h *= 0xbf58476d1ce4e5b9u;
	return h ^ h >> 32;
}

static void refill(struct bucket *b, int64_t now)
{
	int64_t gone = now - b->at_ms, full = b->count * b->window_ms;

	if (gone <= 0)
		return;
	b->left += (gone < b->window_ms ? gone : b->window_ms) * b->count;
	if (b->left > full)
		b->left = full;
	b->at_ms = now;
}

/* Its own, or one that is full, which nobody misses; else, and only then, one that it shares. */
static struct bucket *bucket_of(struct rate *r, uint64_t key, int64_t now)
{
	struct bucket *set = &r->buckets[key % SETS * WAYS], *unused = NULL;

	for (struct bucket *b = set; b < set + WAYS; b++) {
		refill(b, now);
		if (b->key == key)
			return b;
		if (b->left == b->count * b->window_ms)
			unused = b;
	}
	if (!unused)
		return &set[(key >> 32) % WAYS];
	*unused = (struct bucket){ .key = key };
	return unused;
}

static bool look(struct rate *r, struct slice key, int64_t count, int64_t window_ms, bool take)
{
	int64_t now = env_mono_ms(r->env);
	struct bucket *b;
	bool free_one;

	if (count == 0)
		return true;
	pthread_mutex_lock(&r->lock);
	b = bucket_of(r, hash_of(r, key), now);
	if (b->count != count || b->window_ms != window_ms)
		*b = (struct bucket){ b->key, now, count * window_ms, count, window_ms };
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

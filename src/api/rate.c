#include "api/rate.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"

enum { BUCKETS = 4096 };

struct bucket {
	int64_t at_ms;       /* when `milli` was right */
	int64_t milli;       /* thousandths of an event that are still free */
	int64_t per_second;  /* the limit it was filled for */
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

static void refill(struct bucket *b, int64_t per_second, int64_t now)
{
	if (b->per_second != per_second) {
		*b = (struct bucket){ now, per_second * 1000, per_second };
		return;
	}
	if (now > b->at_ms) {
		int64_t gone = now - b->at_ms < 1000 ? now - b->at_ms : 1000;

		b->milli += gone * per_second;
		if (b->milli > per_second * 1000)
			b->milli = per_second * 1000;
		b->at_ms = now;
	}
}

static bool look(struct rate *r, struct slice key, int64_t per_second, int64_t cost)
{
	struct bucket *b = bucket_of(r, key);
	bool free_one;

	if (per_second == 0)
		return true;
	pthread_mutex_lock(&r->lock);
	refill(b, per_second, env_mono_ms(r->env));
	free_one = b->milli >= 1000;
	if (free_one)
		b->milli -= cost;
	pthread_mutex_unlock(&r->lock);
	return free_one;
}

bool rate_take(struct rate *r, struct slice key, int64_t per_second)
{
	return look(r, key, per_second, 1000);
}

bool rate_left(struct rate *r, struct slice key, int64_t per_second)
{
	return look(r, key, per_second, 0);
}

#include "crypto/pool.h"

void pool_init(struct pool *pool)
{
	*pool = (struct pool)POOL_INITIALIZER;
}

void *pool_take(struct pool *pool)
{
	void *item = NULL;

	pthread_mutex_lock(&pool->lock);
	if (pool->n)
		item = pool->items[--pool->n];
	pthread_mutex_unlock(&pool->lock);
	return item;
}

bool pool_put(struct pool *pool, void *item)
{
	bool room;

	pthread_mutex_lock(&pool->lock);
	room = pool->n < POOL_ITEMS_MAX;
	if (room)
		pool->items[pool->n++] = item;
	pthread_mutex_unlock(&pool->lock);
	return room;
}

/*
 * Inside this folder only: a small pool of prepared OpenSSL objects, so that threads share what is dear to make. Taking one out
 * makes it the taker's alone. Any thread.
 */
#ifndef CRYPTO_POOL_H
#define CRYPTO_POOL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

enum { POOL_ITEMS_MAX = 16 }; /* more threads than that at one key at one moment make their own */

struct pool {
	pthread_mutex_t lock;
	size_t n;
	void *items[POOL_ITEMS_MAX];
};

#define POOL_INITIALIZER { .lock = PTHREAD_MUTEX_INITIALIZER }

void pool_init(struct pool *pool);
/* NULL when it is empty. */
void *pool_take(struct pool *pool);
/* false when it is full: then the item is still the caller's, to free. */
bool pool_put(struct pool *pool, void *item);

#endif

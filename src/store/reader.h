/* Connections for reading: opened when first needed, the one used last is lent first (its cache is warm). */
#ifndef STORE_READER_H
#define STORE_READER_H

#include <pthread.h>

#include "store/sqlite.h"

struct readers {
	const struct log *log;
	const char *path;
	int max, made;
	struct tx *idle;
	pthread_mutex_t mutex;
	pthread_cond_t returned;
};

void readers_init(struct readers *pool, const struct log *log, const char *path, int max);
/* Waits until every connection has come back, and closes them. */
void readers_close(struct readers *pool);
struct tx *readers_borrow(struct readers *pool);
void readers_return(struct tx *tx);

#endif

/*
 * Connections for reading: opened when first needed, the one used last is lent first (its cache is warm).
 *
 * Beginning and ending a snapshot costs about as much as reading a row. So a connection that comes back keeps its snapshot, and who
 * borrows it next goes on with it, unless something was committed meanwhile.
 */
#ifndef STORE_READER_H
#define STORE_READER_H

#include <pthread.h>

#include "store/sqlite.h"

struct readers {
	const struct log *log;
	const char *path;
	const struct log_head *head;
	int max, made;
	struct tx *idle;
	pthread_mutex_t mutex;
	pthread_cond_t returned;
};

void readers_init(struct readers *pool, const struct log *log, const char *path, int max, const struct log_head *head);
/* Waits until every connection has come back, and closes them. */
void readers_close(struct readers *pool);
struct tx *readers_borrow(struct readers *pool);
void readers_return(struct tx *tx);
/* Ends the snapshots that nobody is using, so that they hold up no checkpoint. From any thread. */
void readers_let_go(struct readers *pool);

#endif

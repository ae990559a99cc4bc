/*
 * Moves what lies in the write-ahead log into the database file, on a thread of its own, so that no commit waits for it.
 *
 * A checkpoint beside a busy writer never catches up with it, and the log would grow for ever. So, when the thread has moved
 * nearly all, it leaves the small rest to the writer, which does it between two batches (checkpoint_rest); the log then starts
 * again from its beginning as soon as no reader looks at it.
 */
#ifndef STORE_CHECKPOINT_H
#define STORE_CHECKPOINT_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/sqlite.h"

struct checkpointer {
	struct tx tx;
	/* the writer's */
	int64_t commits;         /* that wrote something */
	int frames, next_at;     /* pages in the log, and at how many to ask again */
	/* between the two */
	atomic_bool rest;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	bool wanted, stopping;
	pthread_t thread;
};

err checkpointer_start(struct checkpointer *c, const struct log *log, const char *path);
void checkpointer_stop(struct checkpointer *c);

/* All three on the writer's thread, or before it starts: watches its log; after a commit; before a transaction. */
void checkpoint_watch(struct checkpointer *c, struct tx *writer);
void checkpoint_ask(struct checkpointer *c);
void checkpoint_rest(struct checkpointer *c, struct tx *writer);

#endif

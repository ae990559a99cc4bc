/* The snapshot and who keeps it. Inside this folder only. */
#ifndef ACCOUNT_SNAPSHOT_H
#define ACCOUNT_SNAPSHOT_H

#include <pthread.h>
#include <stdatomic.h>

#include "account/account.h"
#include "account/index.h"

struct snapshot {
	struct arena arena;     /* everything below lives in it */
	_Atomic size_t holders; /* freed by the one who leaves last */
	struct index accounts, clients;
};

struct accounts {
	struct app *app;
	struct store_hook changed;
	pthread_mutex_t lock;      /* guards `current`, which counts as a holder */
	struct snapshot *current;
	pthread_mutex_t loading;   /* one loads at a time, so that a newer snapshot never gives way to an older one */
	atomic_bool stale;         /* the last loading failed */
};

/* Nobody and nothing; holders 1. */
struct snapshot *snapshot_empty(void);
/* Everything that the store holds at the moment of `tx`; holders 1. */
err snapshot_load(struct tx *tx, struct snapshot **ret_snapshot);
void snapshot_free(struct snapshot *snapshot);

#endif

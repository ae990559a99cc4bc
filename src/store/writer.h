/*
 * The one writer: a thread that takes everything that queued, applies it in one transaction, commits once, and tells all.
 */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "store/checkpoint.h"
#include "store/reader.h"

struct writer {
	struct tx tx;
	struct checkpointer *checkpointer;
	struct readers *readers;
	int64_t batch_jobs_max;

	pthread_mutex_t mutex;             /* guards the five below; held for a few instructions only */
	pthread_cond_t wake;
	struct store_job *first, **last;   /* the queue, in the order of work */
	uint64_t submitted;
	bool closing;
	pthread_t thread;

	_Atomic enum err_code health;
	_Atomic int64_t jobs, commits, repeats;
};

/* w->tx is open already; the caller closes it after writer_stop. */
err writer_start(struct writer *w, struct checkpointer *c, struct readers *readers, int64_t batch_jobs_max);
/* Refuses from now on what is submitted, finishes what was, and ends the thread. */
void writer_stop(struct writer *w);
void writer_submit(struct writer *w, struct store_job *job);

#endif

#include "store/writer.h"

#include <sched.h>

#include "store/batch.h"

enum { TURNS_MAX = 8 };

/* ---- queue ---- */

/* Behind those that lost as often as this one. */
static void enqueue(struct writer *w, struct store_job *job)
{
	struct store_job **at = job->lost ? &w->first : w->last;

	while (*at && (*at)->lost >= job->lost)
		at = &(*at)->next;
	job->next = *at;
	*at = job;
	if (!job->next)
		w->last = &job->next;
	w->submitted++;
}

void writer_submit(struct writer *w, struct store_job *job)
{
	bool closing;

	pthread_mutex_lock(&w->mutex);
	closing = w->closing;
	if (!closing) {
		if (!w->first)
			pthread_cond_signal(&w->wake);
		enqueue(w, job);
	}
	pthread_mutex_unlock(&w->mutex);
	if (closing)
		job->done(job, FAIL(UNAVAILABLE));
}

/* Cuts the first jobs off, as many as one commit may have. */
static struct store_job *cut_batch(struct writer *w)
{
	struct store_job *batch = w->first, **end = &w->first;

	for (int64_t n = 0; *end && n < w->batch_jobs_max; n++)
		end = &(*end)->next;
	w->first = *end;
	*end = NULL;
	if (!w->first)
		w->last = &w->first;
	return batch;
}

/*
 * Whoever waits for this processor with jobs of his own to submit goes first, for as long as jobs keep coming: a commit of many costs
 * little more than one of a few. Where nobody waits, as on a machine with processors to spare, this returns at once.
 */
static void wait_for_more(struct writer *w)
{
	uint64_t before;

	for (int i = 0; i < TURNS_MAX; i++) {
		before = w->submitted;
		pthread_mutex_unlock(&w->mutex);
		sched_yield();
		pthread_mutex_lock(&w->mutex);
		if (w->submitted == before)
			return;
	}
}

/* NULL when there is nothing left and never will be. */
static struct store_job *next_batch(struct writer *w)
{
	struct store_job *batch;

	pthread_mutex_lock(&w->mutex);
	while (!w->first && !w->closing)
		pthread_cond_wait(&w->wake, &w->mutex);
	wait_for_more(w);
	batch = cut_batch(w);
	pthread_mutex_unlock(&w->mutex);
	return batch;
}

/* ---- one batch after another ---- */

static void note_health(struct writer *w, struct error e)
{
	enum err_code before = atomic_exchange(&w->health, e.code);

	if (before == e.code)
		return;
	if (failed(e))
		log_line(w->tx.log, LOG_ERROR, "commit", LOG_E(e));
	else
		log_note(w->tx.log, LOG_INFO, "commits work again");
}

/* A job may be freed, or submitted again, by its done(). */
static void tell(struct store_job *job, struct error batch, int64_t *ret_jobs)
{
	for (*ret_jobs = 0; job; ++*ret_jobs) {
		struct store_job *next = job->next;

		job->done(job, failed(batch) ? batch : job->result);
		job = next;
	}
}

static void work(struct writer *w, struct store_job *batch)
{
	int64_t jobs, before = w->checkpointer->commits, commits;
	struct error e;
	bool repeated;

	readers_let_go(w->readers);
	checkpoint_rest(w->checkpointer, &w->tx);
	e = batch_run(&w->tx, batch, &repeated);
	commits = w->checkpointer->commits - before;
	/* A batch that wrote nothing asked nothing of the disk. */
	if (failed(e) || commits)
		note_health(w, e);
	atomic_fetch_add(&w->commits, commits);
	atomic_fetch_add(&w->repeats, repeated);
	tell(batch, e, &jobs);
	atomic_fetch_add(&w->jobs, jobs);
	checkpoint_ask(w->checkpointer);
}

static void *writer_main(void *arg)
{
	struct writer *w = arg;
	struct store_job *batch;

	while ((batch = next_batch(w)))
		work(w, batch);
	return NULL;
}

err writer_start(struct writer *w, struct checkpointer *c, struct readers *readers, int64_t batch_jobs_max)
{
	w->checkpointer = c;
	w->readers = readers;
	w->batch_jobs_max = batch_jobs_max > 0 ? batch_jobs_max : 1;
	w->first = NULL;
	w->last = &w->first;
	pthread_mutex_init(&w->mutex, NULL);
	pthread_cond_init(&w->wake, NULL);
	checkpoint_watch(c, &w->tx);
	ENSURE(pthread_create(&w->thread, NULL, writer_main, w) == 0, UNAVAILABLE);
	pthread_setname_np(w->thread, "store-writer");
	return OK;
}

void writer_stop(struct writer *w)
{
	pthread_mutex_lock(&w->mutex);
	w->closing = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->mutex);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->mutex);
}

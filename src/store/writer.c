#include "store/writer.h"

static const struct sql batch_begin = { "batch_begin", "BEGIN IMMEDIATE" };
static const struct sql batch_commit = { "batch_commit", "COMMIT" };
static const struct sql batch_rollback = { "batch_rollback", "ROLLBACK" };
static const struct sql job_begin = { "job_begin", "SAVEPOINT job" };
static const struct sql job_keep = { "job_keep", "RELEASE job" };
static const struct sql job_undo = { "job_undo", "ROLLBACK TO job" };

/* ---- queue ---- */

void writer_submit(struct writer *w, struct store_job *job)
{
	bool closing;

	job->next = NULL;
	pthread_mutex_lock(&w->mutex);
	closing = w->closing;
	if (!closing) {
		if (!w->first)
			pthread_cond_signal(&w->wake);
		*w->last = job;
		w->last = &job->next;
	}
	pthread_mutex_unlock(&w->mutex);
	if (closing)
		job->done(job, FAIL(UNAVAILABLE));
}

/* Cuts the oldest jobs off, as many as one commit may have. */
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

/* NULL when there is nothing left and never will be. */
static struct store_job *next_batch(struct writer *w)
{
	struct store_job *batch;

	pthread_mutex_lock(&w->mutex);
	while (!w->first && !w->closing)
		pthread_cond_wait(&w->wake, &w->mutex);
	batch = cut_batch(w);
	pthread_mutex_unlock(&w->mutex);
	return batch;
}

/* ---- one batch ---- */

void tx_after_commit(struct tx *tx, struct store_hook *hook)
{
	if (hook->queued)
		return;
	hook->queued = true;
	hook->next = tx->hooks;
	tx->hooks = hook;
}

/* Forgets the hooks asked for since `mark`. */
static void drop_hooks(struct tx *tx, struct store_hook *mark)
{
	while (tx->hooks != mark) {
		tx->hooks->queued = false;
		tx->hooks = tx->hooks->next;
	}
}

static void call_hooks(struct tx *tx)
{
	while (tx->hooks) {
		struct store_hook *hook = tx->hooks;

		tx->hooks = hook->next;
		hook->queued = false;
		hook->fn(hook->ctx);
	}
}

static err run(struct tx *tx, const struct sql *sql)
{
	return sql_run(tx, sql, NO_ARGS, NULL);
}

static void roll_back(struct tx *tx)
{
	drop_hooks(tx, NULL);
	/* A full disk may have ended the transaction already. */
	if (!sqlite3_get_autocommit(tx->db))
		IGNORE(run(tx, &batch_rollback)); /* nothing to be done about it; the next BEGIN will tell */
}

static struct error apply(struct tx *tx, struct store_job *job)
{
	struct error e;

	tx->broken = OK;
	e = job->apply(job, tx);
	tx_reset_rows(tx);
	return failed(tx->broken) ? tx->broken : e;
}

/* False as soon as a job fails that has written already. */
static bool apply_plain(struct tx *tx, struct store_job *batch)
{
	for (struct store_job *job = batch; job; job = job->next) {
		struct store_hook *mark = tx->hooks;
		int64_t written = sqlite3_total_changes64(tx->db);

		job->result = apply(tx, job);
		if (!failed(job->result))
			continue;
		if (failed(tx->broken) || sqlite3_total_changes64(tx->db) != written)
			return false;
		drop_hooks(tx, mark);
	}
	return true;
}

static err apply_guarded(struct tx *tx, struct store_job *job)
{
	struct store_hook *mark = tx->hooks;

	TRY(run(tx, &job_begin));
	job->result = apply(tx, job);
	/* When the disk is full SQLite may give up the whole transaction, savepoints and all. */
	if (sqlite3_get_autocommit(tx->db))
		return failed(job->result) ? job->result : FAIL(STORAGE);
	if (failed(job->result)) {
		drop_hooks(tx, mark);
		TRY(run(tx, &job_undo));
	}
	return run(tx, &job_keep);
}

static err apply_each_guarded(struct tx *tx, struct store_job *batch)
{
	for (struct store_job *job = batch; job; job = job->next)
		TRY(apply_guarded(tx, job));
	return OK;
}

static err run_batch(struct writer *w, struct store_job *batch)
{
	struct tx *tx = &w->tx;

	TRY(run(tx, &batch_begin));
	if (!apply_plain(tx, batch)) {
		atomic_fetch_add_explicit(&w->repeats, 1, memory_order_relaxed);
		roll_back(tx);
		TRY(run(tx, &batch_begin));
		TRY(apply_each_guarded(tx, batch));
	}
	return run(tx, &batch_commit);
}

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
static void tell(struct writer *w, struct store_job *job, struct error batch)
{
	while (job) {
		struct store_job *next = job->next;

		job->done(job, failed(batch) ? batch : job->result);
		atomic_fetch_add_explicit(&w->jobs, 1, memory_order_relaxed);
		job = next;
	}
}

static void work(struct writer *w, struct store_job *batch)
{
	struct error e;

	checkpoint_rest(w->checkpointer, &w->tx);
	e = run_batch(w, batch);
	note_health(w, e);
	if (failed(e))
		roll_back(&w->tx);
	else
		atomic_fetch_add_explicit(&w->commits, 1, memory_order_relaxed);
	call_hooks(&w->tx);
	tell(w, batch, e);
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

err writer_start(struct writer *w, struct checkpointer *c, int64_t batch_jobs_max)
{
	w->checkpointer = c;
	w->batch_jobs_max = batch_jobs_max > 0 ? batch_jobs_max : 1;
	w->first = NULL;
	w->last = &w->first;
	pthread_mutex_init(&w->mutex, NULL);
	pthread_cond_init(&w->wake, NULL);
	checkpoint_watch(c, &w->tx);
	ENSURE(pthread_create(&w->thread, NULL, writer_main, w) == 0, UNAVAILABLE);
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

#include "store/batch.h"

static const struct sql batch_begin = { "batch_begin", "BEGIN IMMEDIATE" };
static const struct sql batch_commit = { "batch_commit", "COMMIT" };
static const struct sql batch_rollback = { "batch_rollback", "ROLLBACK" };
static const struct sql job_begin = { "job_begin", "SAVEPOINT job" };
static const struct sql job_keep = { "job_keep", "RELEASE job" };
static const struct sql job_undo = { "job_undo", "ROLLBACK TO job" };

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

static void call_hooks(struct tx *tx)
{
	while (tx->hooks) {
		struct store_hook *hook = tx->hooks;

		tx->hooks = hook->next;
		hook->queued = false;
		hook->fn(hook->ctx);
	}
}

static err transaction(struct tx *tx, struct store_job *batch, bool *ret_repeated)
{
	TRY(run(tx, &batch_begin));
	if (!apply_plain(tx, batch)) {
		roll_back(tx);
		if (!batch->next)
			return tx->broken; /* it was alone, and nothing of it is left; OK unless the disk is to blame */
		*ret_repeated = true;
		TRY(run(tx, &batch_begin));
		TRY(apply_each_guarded(tx, batch));
	}
	return run(tx, &batch_commit);
}

err batch_run(struct tx *tx, struct store_job *batch, bool *ret_repeated)
{
	struct error e;

	*ret_repeated = false;
	e = transaction(tx, batch, ret_repeated);
	if (failed(e))
		roll_back(tx);
	else
		call_hooks(tx);
	return e;
}

#include "store/reader.h"

#include <stdlib.h>

static const struct sql snapshot_begin = { "snapshot_begin", "BEGIN" };
static const struct sql snapshot_end = { "snapshot_end", "COMMIT" };

void readers_init(struct readers *pool, const struct log *log, const char *path, int max, const struct log_head *head)
{
	*pool = (struct readers){ .log = log, .path = path, .head = head, .max = max > 0 ? max : 1 };
	pthread_mutex_init(&pool->mutex, NULL);
	pthread_cond_init(&pool->returned, NULL);
}

/* NULL when it is the borrower's turn to make one. */
static struct tx *take(struct readers *pool)
{
	struct tx *tx;

	pthread_mutex_lock(&pool->mutex);
	while (!pool->idle && pool->made == pool->max)
		pthread_cond_wait(&pool->returned, &pool->mutex);
	tx = pool->idle;
	if (tx)
		pool->idle = tx->next;
	else
		pool->made++;
	pthread_mutex_unlock(&pool->mutex);
	return tx;
}

/* A connection that cannot end its snapshot would show an old world for ever: better none. */
static void end_snapshot(struct tx *tx)
{
	if (tx->in_snapshot && tx->db && failed(sql_run(tx, &snapshot_end, NO_ARGS, NULL)))
		tx_close(tx);
	tx->in_snapshot = false;
	tx->broken = OK;
}

static bool is_current(const struct tx *tx)
{
	for (size_t i = 0; i < LOG_HEAD_WORDS; i++)
		if (atomic_load(&tx->pool->head->words[i]) != tx->head[i])
			return false;
	return true;
}

struct tx *readers_borrow(struct readers *pool)
{
	struct tx *tx = take(pool);

	if (!tx) {
		tx = xalloc(sizeof(*tx));
		tx->log = pool->log;
	}
	if (tx->in_snapshot && !is_current(tx))
		end_snapshot(tx);
	/* One that could not be opened (too many files, say) fails in its statements, and is tried again at the next borrowing. */
	if (!tx->db)
		IGNORE(tx_open(tx, pool->log, pool->path, TX_READ));
	tx->pool = pool;
	return tx;
}

err tx_snapshot(struct tx *tx)
{
	if (!tx->pool || tx->in_snapshot)
		return OK;
	tx->in_snapshot = true;
	/* Before it begins: it may be newer than this says, never older. */
	for (size_t i = 0; i < LOG_HEAD_WORDS; i++)
		tx->head[i] = atomic_load(&tx->pool->head->words[i]);
	return sql_run(tx, &snapshot_begin, NO_ARGS, NULL);
}

void readers_return(struct tx *tx)
{
	struct readers *pool = tx->pool;

	tx_reset_rows(tx);
	if (failed(tx->broken))
		end_snapshot(tx);
	pthread_mutex_lock(&pool->mutex);
	tx->next = pool->idle;
	pool->idle = tx;
	pthread_cond_signal(&pool->returned);
	pthread_mutex_unlock(&pool->mutex);
}

void readers_let_go(struct readers *pool)
{
	pthread_mutex_lock(&pool->mutex);
	for (struct tx *tx = pool->idle; tx; tx = tx->next)
		end_snapshot(tx);
	pthread_mutex_unlock(&pool->mutex);
}

void readers_close(struct readers *pool)
{
	for (; pool->made > 0; pool->made--) {
		struct tx *tx;

		pthread_mutex_lock(&pool->mutex);
		while (!pool->idle)
			pthread_cond_wait(&pool->returned, &pool->mutex);
		tx = pool->idle;
		pool->idle = tx->next;
		pthread_mutex_unlock(&pool->mutex);
		tx_close(tx);
		free(tx);
	}
	pthread_cond_destroy(&pool->returned);
	pthread_mutex_destroy(&pool->mutex);
}

#include "store/checkpoint.h"

enum { CHECKPOINT_FRAMES = 1000 };

static bool wait_for_work(struct checkpointer *c)
{
	bool work;

	pthread_mutex_lock(&c->mutex);
	while (!c->wanted && !c->stopping)
		pthread_cond_wait(&c->wake, &c->mutex);
	work = !c->stopping;
	c->wanted = false;
	pthread_mutex_unlock(&c->mutex);
	return work;
}

/* Passive: takes what no reader still needs and waits for nobody, not even for another checkpoint. */
static err move(struct tx *tx)
{
	int code = sqlite3_wal_checkpoint_v2(tx->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);

	return code == SQLITE_BUSY ? OK : tx_error(tx, code, "checkpoint");
}

static void *checkpointer_main(void *arg)
{
	struct checkpointer *c = arg;

	while (wait_for_work(c)) {
		struct error e = move(&c->tx);

		/* Nothing is lost: the log keeps everything, and the next request tries again. */
		if (failed(e))
			log_line(c->tx.log, LOG_WARN, "checkpoint", LOG_E(e));
		else
			atomic_store(&c->rest, true);
	}
	return NULL;
}

err checkpointer_start(struct checkpointer *c, const struct log *log, const char *path)
{
	*c = (struct checkpointer){ .next_at = CHECKPOINT_FRAMES };
	TRY(tx_open(&c->tx, log, path, TX_WRITE));
	pthread_mutex_init(&c->mutex, NULL);
	pthread_cond_init(&c->wake, NULL);
	if (pthread_create(&c->thread, NULL, checkpointer_main, c) != 0) {
		tx_close(&c->tx);
		return FAIL(UNAVAILABLE);
	}
	pthread_setname_np(c->thread, "store-tidy");
	return OK;
}

static void tell(struct checkpointer *c, bool *word)
{
	pthread_mutex_lock(&c->mutex);
	*word = true;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->mutex);
}

void checkpointer_stop(struct checkpointer *c)
{
	tell(c, &c->stopping);
	pthread_join(c->thread, NULL);
	pthread_cond_destroy(&c->wake);
	pthread_mutex_destroy(&c->mutex);
	tx_close(&c->tx);
}

static int on_commit(void *ctx, sqlite3 *db, const char *name, int frames)
{
	struct checkpointer *c = ctx;

	(void)db;
	(void)name;
	if (frames < c->frames) /* the log has started again */
		c->next_at = CHECKPOINT_FRAMES;
	c->frames = frames;
	c->commits++;
	return SQLITE_OK;
}

void checkpoint_watch(struct checkpointer *c, struct tx *writer)
{
	sqlite3_wal_hook(writer->db, on_commit, c);
	/* A log that grew while a reader held it is cut back when it starts again. */
	IGNORE(tx_exec(writer, "PRAGMA journal_size_limit = 16777216")); /* worth no failure: it only tidies */
}

void checkpoint_ask(struct checkpointer *c)
{
	if (c->frames < c->next_at)
		return;
	c->next_at = c->frames + CHECKPOINT_FRAMES;
	tell(c, &c->wanted);
}

void checkpoint_rest(struct checkpointer *c, struct tx *writer)
{
	if (atomic_exchange(&c->rest, false))
		IGNORE(move(writer)); /* asked for again when the log has grown further */
}

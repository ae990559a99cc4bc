#include "store/store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/files.h"
#include "store/lock.h"
#include "store/migrate.h"
#include "store/parts.h"

static const struct sql open_begin = { "open_begin", "BEGIN IMMEDIATE" };
static const struct sql open_commit = { "open_commit", "COMMIT" };
SQL(probe, "INSERT INTO meta (key, value) VALUES ('probe', '') ON CONFLICT (key) DO UPDATE SET value = excluded.value");

/* ---- opening and closing ---- */

/* Made here, not by SQLite, so that it is never open to others; its log files take the mode over. */
static err make_file(const char *path)
{
	if (file_exists(path)) {
		ENSURE(chmod(path, 0600) == 0, IO);
		return OK;
	}
	TRY(file_create(path));
	return file_sync_parent(path);
}

static err prepare_schema(struct tx *tx)
{
	TRY(sql_run(tx, &open_begin, NO_ARGS, NULL));
	TRY(schema_open(tx));
	TRY(sql_run(tx, &open_commit, NO_ARGS, NULL));
	return tx_exec(tx, "PRAGMA journal_mode = WAL");
}

static err prepare_readers(struct store *s, const struct store_config *config)
{
	const struct log_head *head;

	TRY(tx_log_head(&s->writer.tx, &head));
	readers_init(&s->readers, config->log, s->path, config->readers_max, head);
	return OK;
}

static err start_threads(struct store *s, const struct store_config *config)
{
	struct error e;

	TRY(checkpointer_start(&s->checkpointer, config->log, s->path));
	e = writer_start(&s->writer, &s->checkpointer, &s->readers, config->batch_jobs_max);
	if (failed(e))
		checkpointer_stop(&s->checkpointer);
	return e;
}

static err open_database(struct store *s, const struct store_config *config)
{
	struct error e;

	TRY(make_file(s->path));
	TRY(tx_open(&s->writer.tx, config->log, s->path, TX_WRITE));
	e = prepare_schema(&s->writer.tx);
	if (!failed(e))
		e = prepare_readers(s, config);
	if (!failed(e))
		e = start_threads(s, config);
	if (failed(e))
		tx_close(&s->writer.tx);
	return e;
}

static void give_up(struct store *s)
{
	close(s->lock_fd);
	free(s->path);
	free(s);
}

err store_open(const struct store_config *config, struct store **ret_store)
{
	struct store *s;
	struct error e;
	int lock_fd;

	TRY(store_lock(config->dir, &lock_fd));
	s = xalloc(sizeof(*s));
	s->log = config->log;
	s->lock_fd = lock_fd;
	s->path = path_join(config->dir, STORE_FILE);
	e = open_database(s, config);
	if (failed(e)) {
		give_up(s);
		return e;
	}
	*ret_store = s;
	return OK;
}

void store_close(struct store *s)
{
	writer_stop(&s->writer);
	checkpointer_stop(&s->checkpointer);
	readers_close(&s->readers);
	tx_close(&s->writer.tx); /* the last connection: SQLite empties the log into the file and removes it */
	give_up(s);
}

/* ---- health ---- */

static struct error probe_apply(struct store_job *job, struct tx *tx)
{
	(void)job;
	return sql_run(tx, &probe, NO_ARGS, NULL);
}

static void probe_done(struct store_job *job, struct error result)
{
	struct store *s = (struct store *)((char *)job - offsetof(struct store, probe));

	(void)result; /* the writer has noted it */
	atomic_store(&s->probing, false);
}

err store_health(struct store *s)
{
	struct error e = { atomic_load(&s->writer.health) };

	/* Who is not ready gets no requests; so that it becomes ready again, it tries by itself. */
	if (failed(e) && !atomic_exchange(&s->probing, true)) {
		s->probe = (struct store_job){ .apply = probe_apply, .done = probe_done };
		writer_submit(&s->writer, &s->probe);
	}
	return e;
}

struct store_counts store_counts(struct store *s)
{
	return (struct store_counts){
		.jobs = atomic_load(&s->writer.jobs),
		.commits = atomic_load(&s->writer.commits),
		.repeats = atomic_load(&s->writer.repeats),
	};
}

/* ---- lending and writing ---- */

struct tx *store_read_begin(struct store *s)
{
	return readers_borrow(&s->readers);
}

void store_read_end(struct tx *tx)
{
	readers_return(tx);
}

void store_submit(struct store *s, struct store_job *job)
{
	writer_submit(&s->writer, job);
}

struct waiting_job {
	struct store_job job;
	struct error (*fn)(void *arg, struct tx *tx);
	void *arg;
	pthread_mutex_t mutex;
	pthread_cond_t told;
	bool is_done;
	struct error result;
};

static struct error waiting_apply(struct store_job *job, struct tx *tx)
{
	struct waiting_job *w = (struct waiting_job *)job;

	return w->fn(w->arg, tx);
}

static void waiting_done(struct store_job *job, struct error result)
{
	struct waiting_job *w = (struct waiting_job *)job;

	pthread_mutex_lock(&w->mutex);
	w->result = result;
	w->is_done = true;
	pthread_cond_signal(&w->told);
	pthread_mutex_unlock(&w->mutex);
}

err store_write(struct store *s, struct error (*fn)(void *arg, struct tx *tx), void *arg)
{
	return store_write_again(s, 0, fn, arg);
}

err store_write_again(struct store *s, int lost, struct error (*fn)(void *arg, struct tx *tx), void *arg)
{
	struct waiting_job w = { .job = { .apply = waiting_apply, .done = waiting_done, .lost = lost }, .fn = fn, .arg = arg };

	pthread_mutex_init(&w.mutex, NULL);
	pthread_cond_init(&w.told, NULL);
	store_submit(s, &w.job);
	pthread_mutex_lock(&w.mutex);
	while (!w.is_done)
		pthread_cond_wait(&w.told, &w.mutex);
	pthread_mutex_unlock(&w.mutex);
	pthread_cond_destroy(&w.told);
	pthread_mutex_destroy(&w.mutex);
	return w.result;
}

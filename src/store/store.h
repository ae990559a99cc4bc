/*
 * The store: one SQL text for every engine, one writer, many readers. Today the engine is SQLite.
 *
 * Writing. A job's `apply` runs inside the one transaction of its batch; everything that queued while the last commit ran forms
 * the next batch, which is committed (WAL, synchronous=FULL) once. Only then are the jobs told, so what was answered is durable.
 * A job that fails leaves nothing behind and disturbs no other job of the batch. `apply` does no cryptography and no I/O, and may
 * be run again from the start (when a job fails late, its batch is rolled back and repeated with a savepoint around each job).
 * A commit that fails (a full disk, say) is told to every job of its batch; the next batch is tried as if nothing had been.
 *
 * Reading. store_read_begin() lends a connection with a consistent snapshot, taken by its first statement: it shows all that was
 * told done before. Readers never wait for the writer.
 *
 * SQL. A statement is a constant declared with SQL(name, "text with $1, $2"); it is prepared once per connection and kept.
 * The text is PostgreSQL's spelling, as far as SQLite understands it too. Types: bigint (times in ms, booleans 0/1), text, bytea.
 *
 * Errors: E_TAKEN (a unique rule), E_NO_ROW (sql_one found none), E_STORAGE_FULL, E_UNAVAILABLE (stopping), E_STORAGE (the rest).
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "base/log.h"
#include "base/uuid.h"

struct store;
struct tx; /* a connection in use: the writer's inside apply, or a lent reader */

struct store_config {
	const struct env *env;
	const struct log *log;
	const char *dir;          /* data directory, exists; the file is DIR/reuseid.db */
	int readers_max;          /* connections lent at once; a further borrower waits */
	int64_t batch_jobs_max;   /* jobs in one commit, at most */
};

/*
 * Opens (creating and migrating when needed, under DIR/lock, see store_lock) and starts the writer.
 * E_LOCKED_BY_PROCESS when another process serves this directory; E_CONFIG when the file is newer than this program or no
 * database of ours.
 */
err store_open(const struct store_config *config, struct store **ret_store);
/*
 * Finishes what is queued, waits for lent readers, checkpoints, closes. Jobs submitted once it has begun are told E_UNAVAILABLE,
 * on the submitting thread; once it has returned, `s` is gone.
 */
void store_close(struct store *s);
/*
 * What became of the last commit (E_OK when there was none); for /readyz. Does not block: when it failed, this starts a small
 * write to see whether the next one works, and a later call tells.
 */
err store_health(struct store *s);

/* Since the start; for metrics and tests. */
struct store_counts {
	int64_t jobs;
	int64_t commits; /* that wrote something */
	int64_t repeats; /* batches applied a second time */
};
struct store_counts store_counts(struct store *s);

/* ---- writing ---- */

struct store_job {
	struct error (*apply)(struct store_job *job, struct tx *tx);
	/* Called once, on the writer's thread, after the commit or the failure. Must be short: it hands the job on. */
	void (*done)(struct store_job *job, struct error result);
	int lost; /* how often it came too late before; who lost more often goes first, so that nobody loses for ever */
	/* Owned by the store while queued. */
	struct store_job *next;
	struct error result;
};

/*
 * From any thread, also from done() and hooks; never blocks on the disk.
 * Jobs that lost equally often are applied in the order of submission.
 */
void store_submit(struct store *s, struct store_job *job);
/* Submits and waits: for start-up, periodic jobs, tools; not from apply, done() or a hook. `fn` has apply's rules. */
err store_write(struct store *s, struct error (*fn)(void *arg, struct tx *tx), void *arg);
/* The same once more, after it has lost so often. */
err store_write_again(struct store *s, int lost, struct error (*fn)(void *arg, struct tx *tx), void *arg);
/*
 * In apply: after this batch is durable and before any of its jobs is told, call fn(ctx) once on the writer's thread, however
 * many jobs asked. For snapshots in memory that must be as new as what was answered. `hook` is owned by the caller and is the
 * identity; it is linked in while the batch runs.
 */
struct store_hook {
	void (*fn)(void *ctx);
	void *ctx;
	struct store_hook *next;
	bool queued;
};
void tx_after_commit(struct tx *tx, struct store_hook *hook);

/* ---- reading ---- */

/* Never NULL: a connection that cannot be opened fails in its statements. May wait until another borrower returns his. */
struct tx *store_read_begin(struct store *s);
/* Rows still open are closed. */
void store_read_end(struct tx *tx);

/* ---- SQL ---- */

struct sql {
	const char *name;
	const char *text;
};

/* Declares a statement and lists it, so that a test can prepare every one on every engine. */
#define SQL(id, ...)                                                                            \
	static const struct sql id = { #id, __VA_ARGS__ };                                      \
	static const struct sql *const id##_listed                                              \
		__attribute__((used, section("sql_list"))) = &id

/* Calls fn for every statement that is linked in. */
void sql_each_declared(void (*fn)(void *ctx, const struct sql *sql), void *ctx);
/* Prepares it on this connection only, to see whether the engine understands it. */
err sql_prepares(struct tx *tx, const struct sql *sql);

struct val {
	enum val_type { VAL_NULL, VAL_INT, VAL_TEXT, VAL_BYTES } type;
	int64_t i;
	struct slice s;
};

static inline struct val v_null(void)
{
	return (struct val){ .type = VAL_NULL };
}

static inline struct val v_int(int64_t i)
{
	return (struct val){ .type = VAL_INT, .i = i };
}

static inline struct val v_text(struct slice s)
{
	return (struct val){ .type = VAL_TEXT, .s = s };
}

/* Empty text becomes NULL. */
static inline struct val v_text_opt(struct slice s)
{
	return s.n ? v_text(s) : v_null();
}

static inline struct val v_bytes(struct slice s)
{
	return (struct val){ .type = VAL_BYTES, .s = s };
}

static inline struct val v_bytes_opt(struct slice s)
{
	return s.n ? v_bytes(s) : v_null();
}

static inline struct val v_uuid(const struct uuid *id)
{
	return v_bytes(uuid_bytes(id));
}

/* NULL for the nil one. */
static inline struct val v_uuid_opt(const struct uuid *id)
{
	return uuid_is_nil(id) ? v_null() : v_uuid(id);
}

/* Arguments in the order of $1, $2, …, each of which the text names at least once. */
#define ARGS(...) (const struct val[]){ __VA_ARGS__ }, sizeof((const struct val[]){ __VA_ARGS__ }) / sizeof(struct val)
#define NO_ARGS NULL, 0

/* Runs to the end; ret_changes (may be NULL) counts the rows written. */
err sql_run(struct tx *tx, const struct sql *sql, const struct val *args, size_t n, int64_t *ret_changes);

/*
 * Rows. Between sql_open and sql_close the statement is busy: no second sql_open of the same statement on the same tx.
 *   struct rows r;
 *   TRY(sql_open(tx, &user_page, ARGS(...), &r));
 *   while (rows_next(&r)) ...
 *   TRY(sql_close(&r));         // tells the error that ended the loop, if one did
 */
struct rows {
	struct tx *tx;
	void *stmt;
	struct error error;
};

err sql_open(struct tx *tx, const struct sql *sql, const struct val *args, size_t n, struct rows *ret_rows);
bool rows_next(struct rows *r);
err sql_close(struct rows *r);
/* Exactly the first row, E_NO_ROW when there is none (then it is closed already). On success the caller closes. */
err sql_one(struct tx *tx, const struct sql *sql, const struct val *args, size_t n, struct rows *ret_row);

/* Columns of the current row, counted from 0. Slices live until the next step: copy what must stay. NULL is 0 or empty. */
int64_t col_int(const struct rows *r, int column);
struct slice col_text(const struct rows *r, int column);
struct slice col_bytes(const struct rows *r, int column);
bool col_is_null(const struct rows *r, int column);
/* A 16-byte column; all zero when it is anything else. */
struct uuid col_uuid(const struct rows *r, int column);

#endif

/*
 * One SQLite connection and the statements prepared on it: what a `struct tx` is. Only for this folder.
 * A connection belongs to one thread at a time; SQLite's own locking is off.
 */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>
#include <stdatomic.h>

#include "store/store.h"

enum { SQL_ARGS_MAX = 64 };

struct statement {
	const struct sql *sql;
	sqlite3_stmt *stmt;
	bool writes;
	uint8_t params;                  /* highest $n */
	uint8_t places;                  /* distinct parameters, numbered by SQLite in order of first appearance */
	uint8_t arg_of[SQL_ARGS_MAX];    /* place → argument, both from 0 */
};

/*
 * The front of SQLite's index of the log, in memory that all connections of all processes share: its version, the number of the
 * last commit and checksums (sqlite.org/walformat.html, section 2.1). Every commit changes it.
 */
enum { LOG_HEAD_WORDS = 6 };
struct log_head {
	_Atomic uint64_t words[LOG_HEAD_WORDS];
};

struct readers;

struct tx {
	sqlite3 *db;                     /* NULL when it could not be opened: every statement then fails */
	const struct log *log;
	/* open addressing, keyed by the address of the declaration; a power of two, at most half full */
	struct statement **slots;
	size_t slots_count, slots_used;
	int open_rows;                   /* sql_open without sql_close */

	/* readers */
	struct readers *pool;            /* NULL: the writer */
	struct tx *next;
	bool in_snapshot;
	uint64_t head[LOG_HEAD_WORDS];   /* of the log, just before the snapshot was begun */

	/* The writer: a write failed half-way; whatever apply says, its job must not be committed. A reader: anything failed. */
	struct error broken;

	/* the writer */
	struct store_hook *hooks;
};

enum tx_kind { TX_WRITE, TX_READ };

/* The database file must exist, even if empty. On failure tx->db is NULL and tx_close need not be called. */
err tx_open(struct tx *tx, const struct log *log, const char *path, enum tx_kind kind);
void tx_close(struct tx *tx);

/* Several statements, not kept. */
err tx_exec(struct tx *tx, const char *text);
/* The first column of the first row of a statement that is not kept; 0 when there is none. */
err tx_number(struct tx *tx, const char *text, int64_t *ret_number);

/* Lives as long as the connection, which has to be in WAL mode. */
err tx_log_head(struct tx *tx, const struct log_head **ret_head);

/* Resets statements that were left open on the way out of an error. */
void tx_reset_rows(struct tx *tx);

/* Our error for a code of SQLite; what cannot happen in normal operation is logged here, because the reason ends here. */
err tx_error(struct tx *tx, int code, const char *what);

/* statement.c: prepares at the first use. */
err statement_of(struct tx *tx, const struct sql *sql, struct statement **ret_st);
void statements_free(struct tx *tx);
/* A mistake in the calling code: says what, since E_INTERNAL does not. */
err sql_mistake(struct tx *tx, const struct sql *sql, const char *what);

/* reader.c: opens the snapshot that a reader's first statement begins. */
err tx_snapshot(struct tx *tx);

#endif

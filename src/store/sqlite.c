#include "store/sqlite.h"

#include <errno.h>
#include <stdlib.h>

#include "store/log_file.h"

enum {
	BUSY_MS = 5000,           /* only ever waits for a foreign process, such as an operator's sqlite3 shell */
	WRITER_CACHE_KIB = 4096,
	READER_CACHE_KIB = 1024,
};

static bool is_full(struct tx *tx, int code)
{
	int reason = sqlite3_system_errno(tx->db), kind = code & 0xff;

	if (kind == SQLITE_FULL)
		return true;
	return (kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN) && (reason == ENOSPC || reason == EDQUOT || reason == EFBIG);
}

static bool is_taken(int code)
{
	return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_ROWID;
}

err tx_error(struct tx *tx, int code, const char *what)
{
	if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE)
		return OK;
	if (is_taken(code))
		return FAIL(TAKEN);
	if (is_full(tx, code))
		return FAIL(STORAGE_FULL);
	log_line(tx->log, LOG_ERROR, "sqlite", LOG_T("statement", what), LOG_I("code", code),
		LOG_T("message", tx->db ? sqlite3_errmsg(tx->db) : sqlite3_errstr(code)));
	if (code == SQLITE_NOTADB)
		return FAIL(CONFIG);
	return FAIL(STORAGE);
}

err tx_exec(struct tx *tx, const char *text)
{
	return tx_error(tx, sqlite3_exec(tx->db, text, NULL, NULL, NULL), text);
}

err tx_number(struct tx *tx, const char *text, int64_t *ret_number)
{
	sqlite3_stmt *stmt;
	int code;

	TRY(tx_error(tx, sqlite3_prepare_v2(tx->db, text, -1, &stmt, NULL), text));
	code = sqlite3_step(stmt);
	*ret_number = code == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_finalize(stmt);
	return tx_error(tx, code, text);
}

/*
 * No mmap: it makes random reads of a large file a quarter faster, but counts as the server's memory, and turns an I/O error of
 * the disk into a signal.
 * A file that somebody prepared must not run functions through its schema (trusted_schema).
 * What is deleted must be gone from the file (secure_delete).
 */
static err set_up(struct tx *tx, enum tx_kind kind)
{
	char text[200];
	int kib = kind == TX_WRITE ? WRITER_CACHE_KIB : READER_CACHE_KIB;

	sqlite3_extended_result_codes(tx->db, 1);
	sqlite3_busy_timeout(tx->db, BUSY_MS);
	sqlite3_db_config(tx->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(tx->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_snprintf((int)sizeof(text), text, "PRAGMA cache_size = -%d; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF;"
		"PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 0", kib);
	return tx_exec(tx, text);
}

/*
 * For the whole process; heeded before SQLite's first use only. Counting bytes costs a lock at each allocation, and a path that
 * begins with "file:" is a path.
 */
static void configure(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_URI, 0);
}

err tx_open(struct tx *tx, const struct log *log, const char *path, enum tx_kind kind)
{
	int flags = SQLITE_OPEN_NOMUTEX | (kind == TX_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
	struct error e;
	int code;

	*tx = (struct tx){ .log = log };
	configure();
	code = sqlite3_open_v2(path, &tx->db, flags, kind == TX_WRITE ? log_file_vfs() : NULL);
	e = tx_error(tx, code, "open");
	if (!failed(e))
		e = set_up(tx, kind);
	if (failed(e))
		tx_close(tx);
	return e;
}

void tx_close(struct tx *tx)
{
	statements_free(tx);
	sqlite3_close(tx->db);
	tx->db = NULL;
}

err tx_log_head(struct tx *tx, const struct log_head **ret_head)
{
	enum { REGION_BYTES = 32 * 1024 }; /* what SQLite maps at a time */
	sqlite3_file *file;
	void volatile *region = NULL;
	int code;

	TRY(tx_exec(tx, "SELECT 1 FROM sqlite_schema")); /* opens the log */
	TRY(tx_error(tx, sqlite3_file_control(tx->db, "main", SQLITE_FCNTL_FILE_POINTER, &file), "file"));
	code = file->pMethods->xShmMap(file, 0, REGION_BYTES, 0, &region);
	TRY(tx_error(tx, code, "index of the log"));
	ENSURE(region, STORAGE);
	*ret_head = (const struct log_head *)(uintptr_t)region;
	return OK;
}

void tx_reset_rows(struct tx *tx)
{
	if (tx->open_rows == 0)
		return;
	for (sqlite3_stmt *stmt = sqlite3_next_stmt(tx->db, NULL); stmt; stmt = sqlite3_next_stmt(tx->db, stmt))
		sqlite3_reset(stmt);
	tx->open_rows = 0;
}

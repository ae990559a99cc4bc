#include "store/backup.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/files.h"
#include "store/lock.h"
#include "store/migrate.h"
#include "store/parts.h"

static const struct sql backup_copy = { "backup_copy", "VACUUM INTO $1" };
SQL(backup_key_id, "SELECT value FROM meta WHERE key = 'master_key_id'");

/* ---- backup ---- */

/* Reads one snapshot, on a connection of its own, into the empty file that stands there with its mode. */
static err copy_database(struct store *s, const char *to)
{
	struct tx tx;
	struct error e;

	TRY(tx_open(&tx, s->log, s->path, TX_READ));
	e = sql_run(&tx, &backup_copy, ARGS(v_text(slice_text(to))), NULL);
	tx_close(&tx);
	return e;
}

static err fill_and_name(struct store *s, const char *partial, const char *path)
{
	TRY(copy_database(s, partial));
	TRY(file_sync(partial));
	TRY(file_rename_new(partial, path));
	return file_sync_parent(path);
}

static err backup_beside(struct store *s, char *partial, const char *path)
{
	struct error e;

	TRY(file_create_unique(partial));
	e = fill_and_name(s, partial, path);
	if (failed(e))
		unlink(partial);
	return e;
}

err store_backup(struct store *s, const char *path)
{
	char *partial = path_suffix(path, ".XXXXXX");
	struct error e = file_exists(path) ? FAIL(IO) : backup_beside(s, partial, path);

	free(partial);
	return e;
}

/* ---- restore ---- */

static err read_key_id(struct tx *tx, char ret_key_id[static 33])
{
	struct rows r;
	struct error e = sql_one(tx, &backup_key_id, NO_ARGS, &r);

	ret_key_id[0] = 0;
	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	snprintf(ret_key_id, 33, "%.*s", FMT(col_text(&r, 0)));
	return sql_close(&r);
}

static err check_content(struct tx *tx, char ret_key_id[static 33])
{
	int64_t whole;

	TRY(schema_check(tx));
	TRY(tx_number(tx, "SELECT min(integrity_check) = 'ok' FROM pragma_integrity_check(1)", &whole));
	ENSURE(whole, CONFIG);
	return read_key_id(tx, ret_key_id);
}

static err check_file(const struct log *log, const char *path, char ret_key_id[static 33])
{
	struct tx tx;
	struct error e = tx_open(&tx, log, path, TX_WRITE);

	if (!failed(e)) {
		e = check_content(&tx, ret_key_id);
		tx_close(&tx);
	}
	/* Whatever was met in the content, the file is none that can be used. */
	return failed(e) ? FAIL(CONFIG) : OK;
}

static void remove_suffixed(const char *path, const char *suffix)
{
	char *name = path_suffix(path, suffix);

	unlink(name);
	free(name);
}

/* What SQLite keeps beside a database, and would apply to another one that came to stand there. */
static void remove_logs(const char *path)
{
	remove_suffixed(path, "-wal");
	remove_suffixed(path, "-shm");
	remove_suffixed(path, "-journal");
}

/*
 * A log that a killed server left would be replayed into the new database. Opening and closing the old one brings it home; where
 * that fails, the old database was broken, and its log goes with it.
 */
static void settle_old(const struct log *log, const char *path)
{
	struct tx tx;
	int64_t tables;

	if (file_exists(path) && !failed(tx_open(&tx, log, path, TX_WRITE))) {
		IGNORE(tx_number(&tx, "SELECT count(*) FROM sqlite_schema", &tables)); /* broken, then */
		tx_close(&tx);
	}
	remove_logs(path);
}

static err put_into_place(const struct log *log, const char *fresh, const char *path)
{
	settle_old(log, path);
	ENSURE(rename(fresh, path) == 0, IO);
	return file_sync_parent(path);
}

/* A database that was copied file by file has part of its content in a log beside it. */
static bool has_log(const char *path)
{
	char *log = path_suffix(path, "-wal");
	bool found = file_exists(log);

	free(log);
	return found;
}

static err restore_locked(const struct log *log, const char *from, const char *path, char ret_key_id[static 33])
{
	char *fresh = path_suffix(path, ".restore");
	struct error e;

	unlink(fresh); /* left by a restore that was killed */
	remove_logs(fresh);
	e = file_copy(from, fresh);
	if (!failed(e))
		e = check_file(log, fresh, ret_key_id);
	if (!failed(e))
		e = put_into_place(log, fresh, path);
	if (failed(e))
		unlink(fresh);
	free(fresh);
	return e;
}

static err restore(const struct log *log, const char *from, const char *path, bool replace, char ret_key_id[static 33])
{
	ENSURE(replace || !file_exists(path), TAKEN);
	ENSURE(!has_log(from), CONFIG);
	return restore_locked(log, from, path, ret_key_id);
}

err store_backup_check(const struct log *log, const char *from, char ret_key_id[static 33])
{
	ENSURE(file_exists(from), IO);
	ENSURE(!has_log(from), CONFIG);
	return check_file(log, from, ret_key_id);
}

err store_restore(const struct log *log, const char *from, const char *dir, bool replace, char ret_key_id[static 33])
{
	char *path;
	struct error e;
	int lock_fd;

	TRY(store_lock(dir, &lock_fd));
	path = path_join(dir, STORE_FILE);
	e = restore(log, from, path, replace, ret_key_id);
	free(path);
	close(lock_fd);
	return e;
}

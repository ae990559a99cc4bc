/* Backup on the operator's word, while the server goes on. */
#include "event/fact.h"
#include "server/boot.h"
#include "store/backup.h"

#define BACKUP_TO(F, T) F(T, STR, path, REQ, 1, 4096, "Absolute path of the new file", "")
SCHEMA_STRUCT(backup_to, BACKUP_TO);
SCHEMA(backup_to, BACKUP_TO, "Where to put the backup");

#define BACKUP_DONE(F, T)                                                                              \
	F(T, STR, path, REQ, 0, 0, "The file that was written", "")                                    \
	F(T, STR, masterKeyId, REQ, 0, 0, "Id of the master key that it needs and does not contain", "")
SCHEMA_STRUCT(backup_done, BACKUP_DONE);
SCHEMA(backup_done, BACKUP_DONE, "A backup that was written");

static err backup_prepare(struct op *op)
{
	const struct backup_to *in = op->in;
	struct backup_done *out = op->out = arena_new(op->arena, struct backup_done);
	struct error e;

	if (in->path.p[0] != '/')
		return op_invalid(op, "path", "must be absolute");
	e = store_backup(op->app->store, arena_cstr(op->arena, in->path));
	if (is_err(e, E_IO))
		return op_invalid(op, "path", "must be a file that does not exist yet, in a directory that the server may write to");
	TRY(e);
	*out = (struct backup_done){ .path = in->path, .masterKeyId = slice_text(keyring_id(op->app->keyring)) };
	return OK;
}

static err backup_apply(struct op *op, struct tx *tx)
{
	return fact(op, tx, &(struct fact){ .kind = FACT_BACKUP_MADE });
}

static const struct route rows[] = {
	{ HTTP_POST, "/backup", LOCAL_ONLY, NO_RATE, IN(backup_to), OUT(backup_done),
		OP(.prepare = backup_prepare, .apply = backup_apply), "Write a backup" },
};

const struct route_table backup_routes = { .base = "/admin", .title = "Backup", .routes = rows, .n = sizeof(rows) / sizeof(rows[0]) };

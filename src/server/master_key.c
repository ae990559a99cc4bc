/* The operator's key: where it lies, and whether it is the one that this database was sealed with. */
#include <errno.h>
#include <stdio.h>

#include "server/boot.h"

SQL(meta_get, "SELECT value FROM meta WHERE key = $1");
SQL(meta_set, "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING");

const char *master_key_path(struct boot *boot)
{
	const char *set = app_settings(&boot->app)->master_key_file;

	return *set ? set : (const char *)path_in(&boot->arena, boot->dir, MASTER_KEY_FILE).p;
}

static struct error tell(struct error e, const char *path)
{
	if (is_err(e, E_IO) && errno == ENOENT)
		fprintf(stderr, "The master key %s is missing. Without it nothing in the database can be opened:\n"
				"put the file back from where you keep it, or name it with --master-key-file.\n", path);
	else if (is_err(e, E_IO))
		fprintf(stderr, "The master key %s cannot be read: %s\n", path, strerror(errno));
	else
		fprintf(stderr, "The master key %s must be a file of 64 hex digits that only its owner may read (chmod 600).\n", path);
	return e;
}

static err take(struct boot *boot, const char *path, bool create)
{
	uint8_t master[MASTER_KEY_BYTES];
	struct error e = master_key_read(path, master);

	if (is_err(e, E_IO) && errno == ENOENT && create && boot->fresh)
		e = master_key_create(&boot->env, path, master);
	if (failed(e))
		return tell(e, path);
	boot->app.keyring = keyring_new(master);
	wipe(master, sizeof(master));
	return OK;
}

err master_key_open(struct boot *boot, bool create)
{
	return take(boot, master_key_path(boot), create);
}

struct check {
	struct boot *boot;
	struct slice stored;
};

static struct error claim(void *arg, struct tx *tx)
{
	struct check *c = arg;
	struct rows r;

	TRY(sql_run(tx, &meta_set, ARGS(v_text(S("master_key_id")), v_text(slice_text(keyring_id(c->boot->app.keyring)))), NULL));
	TRY(sql_one(tx, &meta_get, ARGS(v_text(S("master_key_id"))), &r));
	c->stored = arena_copy(&c->boot->arena, col_text(&r, 0));
	return sql_close(&r);
}

err master_key_check(struct boot *boot)
{
	struct check c = { .boot = boot };

	TRY(store_write(boot->app.store, claim, &c));
	if (!slice_is(c.stored, keyring_id(boot->app.keyring))) {
		fprintf(stderr, "The master key %s is not the one of this database: it is key %s, the database needs key %.*s.\n",
			master_key_path(boot), keyring_id(boot->app.keyring), FMT(c.stored));
		return FAIL(WRONG_KEY);
	}
	return OK;
}

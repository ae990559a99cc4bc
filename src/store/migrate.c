#include "store/migrate.h"

#include <stdlib.h>

#include "store/sqlite.h"

enum {
	APPLICATION_ID = 0x72654944, /* in the header of our files, so that file(1) and we tell them from others */
	STEP_BYTES_MAX = 1024 * 1024,
};

static const struct sql migration_table = { "migration_table",
	"CREATE TABLE IF NOT EXISTS migration (position bigint PRIMARY KEY, name text NOT NULL)" };
SQL(migration_list, "SELECT position, name FROM migration ORDER BY position");
SQL(migration_add, "INSERT INTO migration (position, name) VALUES ($1, $2)");

/* What the engines spell differently. AUTOINCREMENT: an id never comes back, not even that of the last row, once deleted. */
static const struct word {
	const char *word, *sqlite;
} words[] = {
	{ "{serial}", "integer PRIMARY KEY AUTOINCREMENT" },
	{ "{bytes}", "blob" },
	{ "{clustered}", "WITHOUT ROWID" },
	{ "{nil}", "x'00000000000000000000000000000000'" },
};

static size_t substitute(struct buf *b, const char *at)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i].word);

		if (strncmp(at, words[i].word, n) == 0) {
			buf_text(b, words[i].sqlite);
			return n;
		}
	}
	buf_byte(b, (uint8_t)*at);
	return 1;
}

static err apply(struct tx *tx, const struct migration *step, size_t position)
{
	struct buf text = buf_heap(STEP_BYTES_MAX);
	struct error e;

	for (const char *at = step->sql; *at;)
		at += substitute(&text, at);
	buf_byte(&text, 0);
	e = buf_ok(&text);
	if (!failed(e))
		e = tx_exec(tx, (const char *)text.p);
	buf_free(&text);
	TRY(e);
	return sql_run(tx, &migration_add, ARGS(v_int((int64_t)position), v_text(slice_text(step->name))), NULL);
}

/* The steps in the file must be the first of ours: same names in the same places. */
static err count_applied(struct tx *tx, const struct migration *steps, size_t count, size_t *ret_applied)
{
	struct rows r;
	bool known = true;
	size_t applied = 0;

	TRY(sql_open(tx, &migration_list, NO_ARGS, &r));
	while (known && rows_next(&r)) {
		known = applied < count && col_int(&r, 0) == (int64_t)applied && slice_is(col_text(&r, 1), steps[applied].name);
		applied += known;
	}
	TRY(sql_close(&r));
	ENSURE(known, CONFIG);
	*ret_applied = applied;
	return OK;
}

err migrate_steps(struct tx *tx, const struct migration *steps, size_t count)
{
	size_t applied;

	TRY(sql_run(tx, &migration_table, NO_ARGS, NULL));
	TRY(count_applied(tx, steps, count, &applied));
	for (size_t i = applied; i < count; i++)
		TRY(apply(tx, &steps[i], i));
	return OK;
}

err migrate(struct tx *tx)
{
	return migrate_steps(tx, migrations, migrations_count);
}

err schema_check(struct tx *tx)
{
	int64_t id;
	size_t applied;

	TRY(tx_number(tx, "PRAGMA application_id", &id));
	ENSURE(id == APPLICATION_ID, CONFIG);
	return count_applied(tx, migrations, migrations_count, &applied);
}

static err sign(struct tx *tx)
{
	char text[64];

	sqlite3_snprintf((int)sizeof(text), text, "PRAGMA application_id = %d", APPLICATION_ID);
	return tx_exec(tx, text);
}

err schema_open(struct tx *tx)
{
	int64_t id, tables;

	TRY(tx_number(tx, "PRAGMA application_id", &id));
	TRY(tx_number(tx, "SELECT count(*) FROM sqlite_schema", &tables));
	/* A start that was killed at once leaves a file with nothing in it. */
	if (id == 0 && tables == 0)
		TRY(sign(tx));
	else
		ENSURE(id == APPLICATION_ID, CONFIG);
	return migrate(tx);
}

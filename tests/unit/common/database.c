#include "tests/unit/common/database.h"

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "tests/unit/common/test.h"

struct database {
	sqlite3 *db;
	char text[1024];
	sqlite3_stmt *version;
	int64_t seen;       /* version of the digest below; 0: there is none */
	struct digest last;
};

static void check(struct database *d, bool ok, const char *sql)
{
	if (!ok)
		fail_msg("%s: %s", sql, sqlite3_errmsg(d->db));
}

struct database *database_open(const char *dir)
{
	struct database *d = xalloc(sizeof(*d));

	snprintf(d->text, sizeof(d->text), "%s/reuseid.db", dir);
	check(d, sqlite3_open_v2(d->text, &d->db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK, d->text);
	sqlite3_busy_timeout(d->db, 10000);
	return d;
}

void database_close(struct database *d)
{
	if (d) {
		sqlite3_finalize(d->version);
		sqlite3_close(d->db);
	}
	free(d);
}

static void run(struct database *d, const char *sql)
{
	check(d, sqlite3_exec(d->db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
}

void database_run(struct database *d, const char *sql)
{
	d->seen = 0; /* the version tells what others change */
	run(d, sql);
}

static sqlite3_stmt *prepared(struct database *d, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	check(d, sqlite3_prepare_v2(d->db, sql, -1, &stmt, NULL) == SQLITE_OK, sql);
	return stmt;
}

int64_t database_number(struct database *d, const char *sql)
{
	sqlite3_stmt *stmt = prepared(d, sql);
	int64_t number = sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;

	sqlite3_finalize(stmt);
	return number;
}

const char *database_text(struct database *d, const char *sql)
{
	sqlite3_stmt *stmt = prepared(d, sql);
	const unsigned char *text = sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_text(stmt, 0) : NULL;

	snprintf(d->text, sizeof(d->text), "%s", text ? (const char *)text : "");
	sqlite3_finalize(stmt);
	return d->text;
}

/* ---- digests ---- */

static uint64_t mix(uint64_t hash, const void *p, size_t n)
{
	const uint8_t *bytes = p;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3;
	return hash;
}

/* Type, length and bytes, so that neighbours cannot be mistaken for each other. */
static uint64_t mix_column(uint64_t hash, sqlite3_stmt *stmt, int column)
{
	int type = sqlite3_column_type(stmt, column), n = sqlite3_column_bytes(stmt, column);

	hash = mix(hash, &type, sizeof(type));
	hash = mix(hash, &n, sizeof(n));
	return mix(hash, sqlite3_column_blob(stmt, column), (size_t)n);
}

static uint64_t hash_table(struct database *d, const char *name, int64_t *ret_rows)
{
	char sql[128];
	sqlite3_stmt *stmt;
	uint64_t hash = 0xcbf29ce484222325;

	snprintf(sql, sizeof(sql), "SELECT * FROM \"%s\" ORDER BY 1", name);
	stmt = prepared(d, sql);
	for (*ret_rows = 0; sqlite3_step(stmt) == SQLITE_ROW; ++*ret_rows)
		for (int i = 0; i < sqlite3_column_count(stmt); i++)
			hash = mix_column(hash, stmt, i);
	sqlite3_finalize(stmt);
	return hash;
}

/* SQLite's own: another one as soon as any other connection has committed a change, and only then. Never 0. */
static int64_t version(struct database *d)
{
	int64_t number;

	if (!d->version)
		d->version = prepared(d, "PRAGMA data_version");
	check(d, sqlite3_step(d->version) == SQLITE_ROW, "PRAGMA data_version");
	number = sqlite3_column_int64(d->version, 0);
	sqlite3_reset(d->version);
	return number;
}

static void read_digest(struct database *d, struct digest *ret_digest)
{
	sqlite3_stmt *stmt;

	run(d, "BEGIN");
	stmt = prepared(d, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name");
	for (ret_digest->n = 0; sqlite3_step(stmt) == SQLITE_ROW; ret_digest->n++) {
		const char *name = (const char *)sqlite3_column_text(stmt, 0);

		assert_true(ret_digest->n < DIGEST_TABLES_MAX);
		snprintf(ret_digest->table[ret_digest->n].name, sizeof(ret_digest->table[0].name), "%s", name);
		ret_digest->table[ret_digest->n].hash = hash_table(d, name, &ret_digest->table[ret_digest->n].rows);
	}
	sqlite3_finalize(stmt);
	run(d, "COMMIT");
}

/* Most that is asked changes nothing: then every row is what it was. */
void database_digest(struct database *d, struct digest *ret_digest)
{
	int64_t now = version(d);

	if (now != d->seen) {
		read_digest(d, &d->last);
		d->seen = version(d) == now ? now : 0; /* something came in between: another time */
	}
	*ret_digest = d->last;
}

/* The first table that differs, among those asked for; NULL when none does. */
static const char *difference(const struct digest *before, const struct digest *after, const char *table)
{
	assert_int_equal(before->n, after->n);
	for (size_t i = 0; i < before->n; i++) {
		bool asked = !table || strcmp(before->table[i].name, table) == 0;

		if (asked && before->table[i].hash != after->table[i].hash)
			return before->table[i].name;
	}
	return NULL;
}

bool digest_differs(const struct digest *before, const struct digest *after, const char *table)
{
	return difference(before, after, table) != NULL;
}

void assert_nothing_changed(const struct digest *before, const struct digest *after)
{
	const char *table = difference(before, after, NULL);

	if (table)
		fail_msg("table %s was changed", table);
}

/* ---- files ---- */

static bool file_holds(const char *path, struct slice bytes)
{
	FILE *file = fopen(path, "rbe");
	uint8_t *content;
	bool holds;
	size_t n;

	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	n = (size_t)ftell(file);
	rewind(file);
	content = xalloc(n + 1);
	assert_int_equal(fread(content, 1, n, file), n);
	fclose(file);
	holds = memmem(content, n, bytes.p, bytes.n) != NULL;
	free(content);
	return holds;
}

bool directory_holds(const char *dir, struct slice bytes)
{
	DIR *list = opendir(dir);
	struct dirent *entry;
	bool holds = false;

	assert_non_null(list);
	while (!holds && (entry = readdir(list))) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
		if (entry->d_type == DT_REG)
			holds = file_holds(path, bytes);
	}
	closedir(list);
	return holds;
}

/*
 * The database file, looked at from outside the store: what changed, what lies in it, and faults made on purpose. Works beside an
 * open store, through a connection of its own.
 */
#ifndef TEST_UNIT_COMMON_DATABASE_H
#define TEST_UNIT_COMMON_DATABASE_H

#include "base/slice.h"

struct database;

/* `dir` is the data directory. */
struct database *database_open(const char *dir);
void database_close(struct database *d);

/* Any statements; a failure fails the test. */
void database_run(struct database *d, const char *sql);
/* The first column of the first row; 0 when there is none. */
int64_t database_number(struct database *d, const char *sql);
/* The same as text, in memory of the database until the next call. */
const char *database_text(struct database *d, const char *sql);

enum { DIGEST_TABLES_MAX = 128 };

/* Every row of every table. */
struct digest {
	size_t n;
	struct {
		char name[64];
		int64_t rows;
		uint64_t hash;
	} table[DIGEST_TABLES_MAX];
};

void database_digest(struct database *d, struct digest *ret_digest);
/* Has this table, or with NULL any table, other rows now? */
bool digest_differs(const struct digest *before, const struct digest *after, const char *table);
void assert_nothing_changed(const struct digest *before, const struct digest *after);

/* Are these bytes anywhere in a file of the data directory? */
bool directory_holds(const char *dir, struct slice bytes);

#endif

/*
 * The schema as a list of steps, oldest first. A step is never edited once it has shipped; a change is a new step at the end.
 * Texts use two words that the engines spell differently: {serial} (an integer primary key that counts up) and {bytes}.
 */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/store.h"

struct migration {
	const char *name;
	const char *sql; /* statements separated by ';' */
};

extern const struct migration migrations[];
extern const size_t migrations_count;

/* Brings the database to the newest step, all in one transaction; E_CONFIG when it is newer than this program. */
err migrate(struct tx *tx);

#endif

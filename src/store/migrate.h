/*
 * The schema as a list of steps, oldest first. A step is never edited once it has shipped; a change is a new step at the end.
 * Texts use words that the engines spell differently: {serial} (an integer primary key that counts up), {bytes}, {nil} (the nil
 * UUID), and {clustered}, behind a table of small rows that are always found by their key: they lie in the key's own tree.
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

/* Brings the database to the newest step, inside the caller's one transaction; E_CONFIG when it is newer than this program. */
err migrate(struct tx *tx);
/* The same for any list of steps. */
err migrate_steps(struct tx *tx, const struct migration *steps, size_t count);

/* For the store itself: signs a blank file as ours or checks that it is, then migrates; E_CONFIG for anybody else's. */
err schema_open(struct tx *tx);
/* Is it our file, with a schema that this program knows or can bring forward? Changes nothing. */
err schema_check(struct tx *tx);

#endif

/*
 * The directory that stands in for a phone's storage and key store. Open to its owner alone; one process at a time works on it.
 * What fails says so in one sentence (why), for the person.
 */
#ifndef AUTHENTICATOR_STORE_H
#define AUTHENTICATOR_STORE_H

#include "base/buf.h"
#include "base/env.h"

enum { STORE_SECRET_BYTES = 32, STORE_NAMES_MAX = 128, STORE_FILE_BYTES_MAX = 64 * 1024 };

/* The key store's number for a record. */
struct generation {
	char name[96];
	uint64_t number;
};

struct store {
	const struct env *env;
	struct arena *arena;
	int dir_fd, lock_fd;
	uint8_t key[STORE_SECRET_BYTES], device[STORE_SECRET_BYTES]; /* seals the records; names the device */
	struct generation generations[STORE_NAMES_MAX];
	size_t generation_count;
	struct slice why;
};

/* Makes the directory and its keys when there are none. Waits for another process; `quiet` says nothing about that. */
err store_open(struct store *s, const struct env *env, struct arena *a, const char *path, bool quiet);
void store_close(struct store *s);
/* From here on other processes may work on it; nothing more is written. */
void store_unlock(struct store *s);

/* "config.default.json": E_NO_ROW when there is no such file. */
err store_read(struct store *s, const char *kind, const char *name, const char *suffix, struct slice *ret_bytes);
/* All or nothing, and on disk when it returns. */
err store_write(struct store *s, const char *kind, const char *name, const char *suffix, struct slice bytes);
err store_remove(struct store *s, const char *kind, const char *name, const char *suffix); /* fine when there is none */

uint64_t store_generation(const struct store *s, const char *name);
err store_set_generation(struct store *s, const char *name, uint64_t number);

/* A name for a registration: [A-Za-z0-9_-], at most 64 characters. */
bool store_name_good(const char *name);

#endif

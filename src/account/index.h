/* Finds an item by its id: a hash table that is filled once and then only read. Inside this folder only. */
#ifndef ACCOUNT_INDEX_H
#define ACCOUNT_INDEX_H

#include "base/arena.h"

struct index {
	struct index_entry *entries; /* a power of two of them, at least half free; NULL item: free */
	size_t mask;
};

/* Room for `items` in the arena. */
void index_make(struct index *index, struct arena *a, size_t items);
/* The id lives as long as the index; each is added once. */
void index_add(struct index *index, struct slice id, const void *item);
/* NULL when it is not there. */
const void *index_find(const struct index *index, struct slice id);

#endif

#include "account/index.h"

struct index_entry {
	struct slice id;
	const void *item;
};

void index_make(struct index *index, struct arena *a, size_t items)
{
	size_t n = 2;

	while (n < items * 2)
		n *= 2;
	index->entries = arena_array(a, struct index_entry, n);
	index->mask = n - 1;
}

/* FNV-1a: the ids in the table are our own, so nobody can choose them to collide. */
static size_t hash(struct slice id)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < id.n; i++)
		h = (h ^ id.p[i]) * 0x100000001b3;
	return (size_t)(h ^ h >> 32);
}

/* Where it is, or would go. */
static struct index_entry *place(const struct index *index, struct slice id)
{
	size_t at = hash(id) & index->mask;

	while (index->entries[at].item && !slice_eq(index->entries[at].id, id))
		at = (at + 1) & index->mask;
	return &index->entries[at];
}

void index_add(struct index *index, struct slice id, const void *item)
{
	*place(index, id) = (struct index_entry){ id, item };
}

const void *index_find(const struct index *index, struct slice id)
{
	return place(index, id)->item;
}

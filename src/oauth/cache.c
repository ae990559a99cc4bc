/* A set-associative table: the hash names a set of four, the oldest of which gives way. A forgotten token is only verified again. */
#include <stdlib.h>

#include "oauth/internal.h"

enum { WAYS = 4, LOCKS = 64 };

struct entry {
	uint8_t hash[SHA256_BYTES];
	struct claims claims;
};

struct token_cache {
	size_t sets;
	pthread_mutex_t locks[LOCKS];
	struct entry entries[];
};

struct token_cache *token_cache_new(int64_t entries)
{
	size_t sets = ((size_t)entries + WAYS - 1) / WAYS;
	struct token_cache *c;

	if (entries == 0)
		return NULL;
	c = xalloc(sizeof(*c) + sets * WAYS * sizeof(c->entries[0]));
	c->sets = sets;
	for (size_t i = 0; i < LOCKS; i++)
		pthread_mutex_init(&c->locks[i], NULL);
	return c;
}

void token_cache_free(struct token_cache *c)
{
	for (size_t i = 0; c && i < LOCKS; i++)
		pthread_mutex_destroy(&c->locks[i]);
	free(c);
}

static size_t set_of(const struct token_cache *c, const uint8_t *hash)
{
	uint64_t h;

	memcpy(&h, hash, sizeof(h));
	return h % c->sets;
}

bool token_cache_get(struct token_cache *c, const uint8_t hash[static SHA256_BYTES], struct claims *ret_claims)
{
	size_t set;
	bool found = false;

	if (!c)
		return false;
	set = set_of(c, hash);
	pthread_mutex_lock(&c->locks[set % LOCKS]);
	for (size_t way = 0; way < WAYS && !found; way++) {
		const struct entry *e = &c->entries[set * WAYS + way];

		found = memcmp(e->hash, hash, SHA256_BYTES) == 0;
		if (found)
			*ret_claims = e->claims;
	}
	pthread_mutex_unlock(&c->locks[set % LOCKS]);
	return found;
}

/* Where the token lies already, else where the one lies that expires first. */
static struct entry *place(struct token_cache *c, size_t set, const uint8_t *hash)
{
	struct entry *first = &c->entries[set * WAYS], *oldest = first;

	for (struct entry *e = first; e < first + WAYS; e++) {
		if (memcmp(e->hash, hash, SHA256_BYTES) == 0)
			return e;
		if (e->claims.expires_ms < oldest->claims.expires_ms)
			oldest = e;
	}
	return oldest;
}

void token_cache_put(struct token_cache *c, const uint8_t hash[static SHA256_BYTES], const struct claims *claims)
{
	struct entry *e;
	size_t set;

	if (!c)
		return;
	set = set_of(c, hash);
	pthread_mutex_lock(&c->locks[set % LOCKS]);
	e = place(c, set, hash);
	memcpy(e->hash, hash, SHA256_BYTES);
	e->claims = *claims;
	pthread_mutex_unlock(&c->locks[set % LOCKS]);
}

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

void token_cache_put(struct token_cache *c, const uint8_t hash[static SHA256_BYTES], const struct claims *claims)
{
	struct entry *oldest;
	size_t set;

	if (!c)
		return;
	set = set_of(c, hash);
	pthread_mutex_lock(&c->locks[set % LOCKS]);
	oldest = &c->entries[set * WAYS];
	for (size_t way = 1; way < WAYS; way++)
		if (c->entries[set * WAYS + way].claims.expires_ms < oldest->claims.expires_ms)
			oldest = &c->entries[set * WAYS + way];
	memcpy(oldest->hash, hash, SHA256_BYTES);
	oldest->claims = *claims;
	pthread_mutex_unlock(&c->locks[set % LOCKS]);
}

/* A world that stands still: its clock is a variable, its randomness a fixed sequence. */
#ifndef TEST_UNIT_BASE_FAKE_ENV_H
#define TEST_UNIT_BASE_FAKE_ENV_H

#include "base/env.h"

struct fake_env {
	struct env env; /* first, so that a pointer to it is a pointer to the whole */
	int64_t now;
	uint64_t *sequence; /* state of the generator, never 0 */
};

/* xorshift64: plenty for inputs of tests. */
static inline uint64_t fake_next(uint64_t *sequence)
{
	*sequence ^= *sequence << 13;
	*sequence ^= *sequence >> 7;
	*sequence ^= *sequence << 17;
	return *sequence;
}

static inline int64_t fake_now(const struct env *env)
{
	return ((const struct fake_env *)env)->now;
}

static inline void fake_random(const struct env *env, void *p, size_t n)
{
	uint8_t *bytes = p;

	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(fake_next(((const struct fake_env *)env)->sequence) >> 32);
}

static inline struct fake_env fake_env_new(int64_t now, uint64_t *sequence)
{
	return (struct fake_env){ { fake_now, fake_now, fake_random }, now, sequence };
}

#endif

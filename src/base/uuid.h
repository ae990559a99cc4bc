/* UUIDs (RFC 9562): 16 bytes inside, 36 lower-case characters outside. */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include "base/buf.h"
#include "base/env.h"

enum { UUID_BYTES = 16, UUID_TEXT = 36 };

struct uuid {
	uint8_t b[UUID_BYTES];
};

/* Time-ordered, so that B-trees grow at one end; with 74 random bits, which nobody guesses. */
struct uuid uuid_v7(const struct env *env, int64_t now_ms);
/* All random: for what does not tell when it was made. */
struct uuid uuid_v4(const struct env *env);
/* Accepts upper and lower case; 8-4-4-4-12 only, else E_PARSE. */
err uuid_parse(struct slice text, struct uuid *ret_id);
/* Writes 36 characters and a terminator. */
void uuid_format(const struct uuid *id, char out[static UUID_TEXT + 1]);
struct slice uuid_text(struct arena *a, const struct uuid *id);

static inline struct slice uuid_bytes(const struct uuid *id)
{
	return slice_of(id->b, UUID_BYTES);
}

/* The one that nothing has: all zero. */
static inline bool uuid_is_nil(const struct uuid *id)
{
	static const struct uuid nil;

	return memcmp(id->b, nil.b, UUID_BYTES) == 0;
}

static inline bool uuid_eq(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->b, b->b, UUID_BYTES) == 0;
}

#endif

/* An environment whose randomness is a given string of bytes; asking for more fails the test. Its clocks stand still. */
#ifndef TEST_SCRIPTED_H
#define TEST_SCRIPTED_H

#include <stdlib.h>

#include "base/env.h"

struct scripted {
	struct env env; /* first, so that the functions find the rest */
	struct slice bytes;
};

static inline int64_t scripted_clock(const struct env *env)
{
	(void)env;
	return 0;
}

static inline void scripted_random(const struct env *env, void *p, size_t n)
{
	struct scripted *s = (struct scripted *)(uintptr_t)env;

	if (n > s->bytes.n)
		abort();
	memcpy(p, s->bytes.p, n);
	s->bytes = slice_of(s->bytes.p + n, s->bytes.n - n);
}

static inline struct scripted scripted_env(struct slice bytes)
{
	return (struct scripted){ { scripted_clock, scripted_clock, scripted_random }, bytes };
}

#endif

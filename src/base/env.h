/*
 * The outside world as far as time and randomness go: passed in, never global, so that the same code runs in the server, in
 * tests, under a fuzzer and in a simulated world.
 */
#ifndef BASE_ENV_H
#define BASE_ENV_H

#include "base/slice.h"

struct env {
	int64_t (*now_ms)(const struct env *);  /* wall clock, milliseconds since 1970 UTC; may jump */
	int64_t (*mono_ms)(const struct env *); /* never goes back; for timeouts */
	void (*random)(const struct env *, void *p, size_t n); /* cryptographic; never fails (stops the process instead) */
};

/* The real clock and the kernel's random numbers. */
extern const struct env env_system;

static inline int64_t env_now_ms(const struct env *env)
{
	return env->now_ms(env);
}

static inline int64_t env_mono_ms(const struct env *env)
{
	return env->mono_ms(env);
}

static inline void env_random(const struct env *env, void *p, size_t n)
{
	env->random(env, p, n);
}

/* n random characters of [A-Za-z0-9], unbiased; `out` holds n + 1. */
void env_random_text(const struct env *env, char *out, size_t n);
/* Uniform in 0..bound-1; bound > 0. */
uint32_t env_random_below(const struct env *env, uint32_t bound);

#endif

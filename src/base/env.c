#include "base/env.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

static int64_t clock_ms(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t system_now(const struct env *env)
{
	(void)env;
	return clock_ms(CLOCK_REALTIME);
}

static int64_t system_mono(const struct env *env)
{
	(void)env;
	return clock_ms(CLOCK_MONOTONIC);
}

static void system_random(const struct env *env, void *p, size_t n)
{
	uint8_t *at = p;

	(void)env;
	while (n) {
		ssize_t got = getrandom(at, n, 0);

		if (got < 0 && errno != EINTR) {
			perror("getrandom");
			abort();
		}
		if (got > 0) {
			at += got;
			n -= (size_t)got;
		}
	}
}

const struct env env_system = { system_now, system_mono, system_random };

uint32_t env_random_below(const struct env *env, uint32_t bound)
{
	uint32_t value, limit = UINT32_MAX - UINT32_MAX % bound;

	do
		env_random(env, &value, sizeof(value));
	while (value >= limit);
	return value % bound;
}

void env_random_text(const struct env *env, char *out, size_t n)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

	for (size_t i = 0; i < n; i++)
		out[i] = alphabet[env_random_below(env, 62)];
	out[n] = 0;
}

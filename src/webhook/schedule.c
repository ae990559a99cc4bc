/* When a delivery is tried again (platform.md 5.4). */
#include "webhook/internal.h"

enum { SECOND_MS = 1000, MINUTE_MS = 60 * SECOND_MS, JITTER_PERCENT = 20 };

static const int64_t delays_ms[] = {
	10 * SECOND_MS, 30 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 30 * MINUTE_MS, 60 * MINUTE_MS,
};

/* Jitter, so that what failed together does not come back together. */
int64_t retry_delay_ms(const struct env *env, int64_t attempts)
{
	size_t last = sizeof(delays_ms) / sizeof(delays_ms[0]) - 1;
	size_t i = attempts < 1 ? 0 : (uint64_t)attempts > last ? last : (size_t)attempts - 1;
	int64_t delay = delays_ms[i], spread = delay * JITTER_PERCENT / 100;

	return delay - spread + (int64_t)env_random_below(env, (uint32_t)(2 * spread + 1));
}

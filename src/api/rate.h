/*
 * How often something may happen a second, by key: a token bucket. The table is small and fixed; keys share
 * buckets by hash, so a limit can strike a little early under very many keys, never late. All keys of one `struct rate` have
 * the same limit; when it changes, everybody starts anew.
 */
#ifndef API_RATE_H
#define API_RATE_H

#include "base/env.h"

struct rate;

struct rate *rate_new(const struct env *env);
void rate_free(struct rate *r);
/* Takes one; false when the limit is reached. per_second 0 means no limit. */
bool rate_take(struct rate *r, struct slice key, int64_t per_second);
/* Is there one left? Takes nothing. */
bool rate_left(struct rate *r, struct slice key, int64_t per_second);
/* The same for `count` in a window of time: as many at once after a quiet window, then spread evenly over it. */
bool rate_take_in(struct rate *r, struct slice key, int64_t count, int64_t window_ms);
bool rate_left_in(struct rate *r, struct slice key, int64_t count, int64_t window_ms);

#endif

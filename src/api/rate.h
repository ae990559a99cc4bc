/*
 * How often something may happen a second, by key: a token bucket. The table is fixed, and has room for some ten thousand keys that have
 * not been quiet for a window. With more of them keys share buckets, and a limit can strike early; a key that gets a bucket of its own
 * again has a whole one. All keys of one `struct rate` have the same limit; when it changes, everybody starts anew.
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

/* Counters and gauges from metrics.def; written from any thread, read by /metrics in the Prometheus text format. */
#ifndef BASE_METRICS_H
#define BASE_METRICS_H

#include <stdatomic.h>

#include "base/buf.h"

enum metric {
#define METRIC(KIND, name, help) METRIC_##name,
#include "base/metrics.def"
#undef METRIC
	METRIC_COUNT
};

struct metrics {
	_Atomic int64_t values[METRIC_COUNT];
};

static inline void metric_add(struct metrics *m, enum metric which, int64_t n)
{
	atomic_fetch_add_explicit(&m->values[which], n, memory_order_relaxed);
}

static inline void metric_set(struct metrics *m, enum metric which, int64_t value)
{
	atomic_store_explicit(&m->values[which], value, memory_order_relaxed);
}

static inline int64_t metric_get(const struct metrics *m, enum metric which)
{
	return atomic_load_explicit(&m->values[which], memory_order_relaxed);
}

void metrics_write(const struct metrics *m, struct buf *b);

#endif

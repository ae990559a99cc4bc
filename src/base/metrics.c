#include "base/metrics.h"

struct metric_row {
	const char *kind, *name, *help;
};

#define METRIC_KIND_COUNTER "counter"
#define METRIC_KIND_GAUGE "gauge"

static const struct metric_row rows[] = {
#define METRIC(KIND, name, help) { METRIC_KIND_##KIND, #name, help },
#include "base/metrics.def"
#undef METRIC
};

void metrics_write(const struct metrics *m, struct buf *b)
{
	for (size_t i = 0; i < METRIC_COUNT; i++) {
		buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", rows[i].name, rows[i].help, rows[i].name, rows[i].kind);
		buf_printf(b, "%s %lld\n", rows[i].name, (long long)metric_get(m, (enum metric)i));
	}
}

/* How long requests took and how they ended, by route. */
#include "api/internal.h"

static const uint64_t bounds_us[LATENCY_BUCKETS] = { 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000 };

static void add(_Atomic uint64_t *at, uint64_t n)
{
	atomic_fetch_add_explicit(at, n, memory_order_relaxed);
}

static uint64_t get(const _Atomic uint64_t *at)
{
	return atomic_load_explicit(at, memory_order_relaxed);
}

void stats_count(struct api *api, size_t route, int status, int64_t us)
{
	struct route_stats *stats = &api->stats[route];
	size_t bucket = 0;

	while (bucket < LATENCY_BUCKETS && (uint64_t)us > bounds_us[bucket])
		bucket++;
	add(&stats->buckets[bucket], 1);
	add(&stats->sum_us, (uint64_t)us);
	add(&stats->status[status / 100 < 6 ? status / 100 : 5], 1);
}

static void write_route(const struct route_stats *stats, const char *labels, struct buf *b)
{
	uint64_t total = 0;

	for (size_t i = 0; i < LATENCY_BUCKETS; i++) {
		total += get(&stats->buckets[i]);
		buf_printf(b, "http_request_seconds_bucket{%s,le=\"%g\"} %llu\n", labels, (double)bounds_us[i] / 1e6,
			(unsigned long long)total);
	}
	total += get(&stats->buckets[LATENCY_BUCKETS]);
	buf_printf(b, "http_request_seconds_bucket{%s,le=\"+Inf\"} %llu\n", labels, (unsigned long long)total);
	buf_printf(b, "http_request_seconds_sum{%s} %.6f\n", labels, (double)get(&stats->sum_us) / 1e6);
	buf_printf(b, "http_request_seconds_count{%s} %llu\n", labels, (unsigned long long)total);
	for (int class = 1; class < 6; class++)
		if (get(&stats->status[class]))
			buf_printf(b, "http_requests_total{%s,status=\"%dxx\"} %llu\n", labels, class,
				(unsigned long long)get(&stats->status[class]));
}

static bool was_called(const struct route_stats *stats)
{
	for (size_t i = 0; i <= LATENCY_BUCKETS; i++)
		if (get(&stats->buckets[i]))
			return true;
	return false;
}

void api_metrics_write(const struct api *api, struct buf *b)
{
	size_t at = 0;

	buf_text(b, "# HELP http_request_seconds Time from the first byte of a request to its answer\n"
		    "# TYPE http_request_seconds histogram\n"
		    "# HELP http_requests_total Requests by class of status\n# TYPE http_requests_total counter\n");
	for (size_t t = 0; t < api->config.table_count; t++) {
		const struct route_table *table = api->config.tables[t];

		for (size_t i = 0; i < table->n; i++, at++) {
			char labels[256];

			if (!was_called(&api->stats[at]))
				continue;
			snprintf(labels, sizeof(labels), "method=\"%s\",route=\"%s%s\"",
				http_method_name(table->routes[i].method), table->base, table->routes[i].path);
			write_route(&api->stats[at], labels, b);
		}
	}
}

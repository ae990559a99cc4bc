/* Alive, ready, and how it goes. */
#include <fcntl.h>
#include <unistd.h>

#include "http/proxy.h"
#include "server/boot.h"

enum { METRICS_BYTES_MAX = 4 * 1024 * 1024 };

static err healthz_prepare(struct op *op)
{
	op_answer(op, 200, NULL, S("{\"status\":\"ok\"}"));
	return OK;
}

static err readyz_prepare(struct op *op)
{
	const struct running *running = op->app->running;

	ENSURE(running && running->ready, UNAVAILABLE);
	ENSURE(!failed(store_health(op->app->store)), UNAVAILABLE);
	op_answer(op, 200, NULL, S("{\"status\":\"ready\"}"));
	return OK;
}

/* Loopback, or what metrics_allow names. */
static bool may_read_metrics(struct op *op)
{
	struct networks allowed = { 0 };
	struct address peer;
	struct slice word;
	bool may;

	if (failed(address_parse(op->http->peer, &peer)) || failed(networks_parse("127.0.0.0/8,::1", &allowed, &word)))
		return false;
	may = networks_hold(&allowed, &peer);
	networks_free(&allowed);
	if (may || failed(networks_parse(op->settings->metrics_allow, &allowed, &word)))
		return may;
	may = networks_hold(&allowed, &peer);
	networks_free(&allowed);
	return may;
}

/* The second number of /proc/self/statm counts pages. */
static int64_t resident_bytes(void)
{
	char text[128];
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text)) : 0;
	struct slice rest = slice_of(text, n > 0 ? (size_t)n : 0);
	uint64_t pages = 0;

	if (fd >= 0)
		close(fd);
	slice_cut(&rest, ' ');
	if (failed(slice_u64(slice_cut(&rest, ' '), &pages)))
		return 0;
	return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

static err metrics_prepare(struct op *op)
{
	struct buf b = buf_arena(op->arena, METRICS_BYTES_MAX);
	const struct running *running = op->app->running;
	struct store_counts counts = store_counts(op->app->store);

	ENSURE(may_read_metrics(op), NOT_FOUND);
	metric_set(op->app->metrics, METRIC_resident_bytes, resident_bytes());
	metric_set(op->app->metrics, METRIC_store_jobs_total, counts.jobs);
	metric_set(op->app->metrics, METRIC_store_commits_total, counts.commits);
	if (running && running->http)
		metric_set(op->app->metrics, METRIC_connections_open, (int64_t)http_open_connections(running->http));
	metrics_write(op->app->metrics, &b);
	api_metrics_write(op->api, &b);
	TRY(buf_ok(&b));
	op_answer(op, 200, "text/plain; version=0.0.4; charset=utf-8", buf_bytes(&b));
	return OK;
}

static const struct route rows[] = {
	{ HTTP_GET, "/healthz", PUBLIC, NO_RATE, OP(.prepare = healthz_prepare), "The process is alive", .flags = NO_ACCOUNT },
	{ HTTP_GET, "/readyz", PUBLIC, NO_RATE, OP(.prepare = readyz_prepare), "Requests can be answered", .flags = NO_ACCOUNT },
	{ HTTP_GET, "/metrics", PUBLIC, NO_RATE, OP(.prepare = metrics_prepare), "Counters in the Prometheus text format",
		.flags = NO_ACCOUNT },
};

const struct route_table health_routes = { .base = "", .title = "Health", .routes = rows, .n = sizeof(rows) / sizeof(rows[0]) };

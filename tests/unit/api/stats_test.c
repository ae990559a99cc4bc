/* Latencies and statuses by route, as Prometheus reads them. */
#include "api/internal.h"
#include "things.h"

static const struct route rows[] = {
	{ HTTP_GET, "/things", PUBLIC },
	{ HTTP_POST, "/things", PUBLIC },
};
static const struct route other_rows[] = { { HTTP_GET, "/others/{id}", PUBLIC } };
static const struct route_table table = { .base = "/base", .routes = rows, .n = COUNT(rows) };
static const struct route_table other = { .base = "", .routes = other_rows, .n = COUNT(other_rows) };

static int setup(void **state)
{
	static const struct route_table *const tables[] = { &table, &other };
	struct fixture *f = fixture_new(NULL);

	fixture_serve(f, tables, COUNT(tables), NULL);
	*state = f;
	return 0;
}

static const char *written(struct fixture *f)
{
	struct buf b = buf_arena(&f->arena, 64 * 1024);

	api_metrics_write(f->api, &b);
	buf_byte(&b, 0);
	must(buf_ok(&b));
	return (const char *)b.p;
}

static void assert_line(struct fixture *f, const char *line)
{
	const char *text = written(f), *at = strstr(text, (const char *)arena_printf(&f->arena, "\n%s\n", line).p);

	if (!at)
		fail_msg("no line %s in\n%s", line, text);
}

static void routes_that_nobody_called_are_left_out(void **state)
{
	assert_null(strstr(written(*state), "route="));
}

static void calls_are_counted(void **state)
{
	struct fixture *f = *state;

	stats_count(f->api, 1, 200, 100);
	stats_count(f->api, 1, 200, 100);
	assert_line(f, "http_request_seconds_count{method=\"POST\",route=\"/base/things\"} 2");
	assert_null(strstr(written(f), "method=\"GET\""));
}

static void routes_of_every_table_are_told_apart(void **state)
{
	struct fixture *f = *state;

	stats_count(f->api, 2, 200, 100);
	assert_line(f, "http_request_seconds_count{method=\"GET\",route=\"/others/{id}\"} 1");
}

static void buckets_add_up(void **state)
{
	struct fixture *f = *state;

	stats_count(f->api, 0, 200, 250);
	stats_count(f->api, 0, 200, 251);
	stats_count(f->api, 0, 200, 6000000);
	assert_line(f, "http_request_seconds_bucket{method=\"GET\",route=\"/base/things\",le=\"0.00025\"} 1");
	assert_line(f, "http_request_seconds_bucket{method=\"GET\",route=\"/base/things\",le=\"0.0005\"} 2");
	assert_line(f, "http_request_seconds_bucket{method=\"GET\",route=\"/base/things\",le=\"5\"} 2");
	assert_line(f, "http_request_seconds_bucket{method=\"GET\",route=\"/base/things\",le=\"+Inf\"} 3");
}

static void times_are_summed_up(void **state)
{
	struct fixture *f = *state;

	stats_count(f->api, 0, 200, 1500000);
	stats_count(f->api, 0, 200, 250);
	assert_line(f, "http_request_seconds_sum{method=\"GET\",route=\"/base/things\"} 1.500250");
}

static void statuses_are_counted_by_class(void **state)
{
	struct fixture *f = *state;

	stats_count(f->api, 0, 200, 1);
	stats_count(f->api, 0, 204, 1);
	stats_count(f->api, 0, 404, 1);
	stats_count(f->api, 0, 503, 1);
	assert_line(f, "http_requests_total{method=\"GET\",route=\"/base/things\",status=\"2xx\"} 2");
	assert_line(f, "http_requests_total{method=\"GET\",route=\"/base/things\",status=\"4xx\"} 1");
	assert_line(f, "http_requests_total{method=\"GET\",route=\"/base/things\",status=\"5xx\"} 1");
	assert_null(strstr(written(f), "3xx"));
}

static void odd_statuses_are_failures(void **state)
{
	struct fixture *f = *state;

	stats_count(f->api, 0, 999, 1);
	assert_line(f, "http_requests_total{method=\"GET\",route=\"/base/things\",status=\"5xx\"} 1");
}

/* # HELP and # TYPE once for each, and no other comment. */
static void comments_stand_once(void **state)
{
	struct fixture *f = *state;
	const char *at;
	int n = 0;

	stats_count(f->api, 0, 200, 1);
	stats_count(f->api, 1, 200, 1);
	for (at = written(f); (at = strchr(at, '#')); at++)
		n++;
	assert_int_equal(n, 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, things_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(routes_that_nobody_called_are_left_out),
		TEST(calls_are_counted),
		TEST(routes_of_every_table_are_told_apart),
		TEST(buckets_add_up),
		TEST(times_are_summed_up),
		TEST(statuses_are_counted_by_class),
		TEST(odd_statuses_are_failures),
		TEST(comments_stand_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Alive, ready, and the counters. */
#include <unistd.h>

#include "server/boot.h"
#include "tests/unit/common/fixture.h"

static int setup_with(void **state, const struct fixture_options *options)
{
	static const struct route_table *const tables[] = { &health_routes };
	struct fixture *f = fixture_new(options);

	fixture_serve(f, tables, COUNT(tables), NULL);
	*state = f;
	return 0;
}

static int setup(void **state)
{
	return setup_with(state, NULL);
}

static int setup_allowed(void **state)
{
	return setup_with(state, &(struct fixture_options){ .settings = { "metrics_allow=192.0.2.0/24, 2001:db8::1" } });
}

static int teardown(void **state)
{
	fixture_free(*state);
	return 0;
}

static struct answer ask_from(void **state, const char *peer, const char *target)
{
	return fixture_request(*state, &(struct from){ .peer = peer }, HTTP_GET, target, NULL);
}

static void alive(void **state)
{
	struct answer answer = ask_from(state, NULL, "/healthz");

	assert_status(answer, 200);
	assert_slice_equal(answer.text, S("{\"status\":\"ok\"}"));
}

/* ---- ready ---- */

static void not_ready_when_nobody_serves(void **state)
{
	struct answer answer = ask_from(state, NULL, "/readyz");

	assert_problem(answer, 503, "service_unavailable");
	assert_string_equal(answer_header(&answer, "Retry-After"), "1");
}

static void ready_from_its_start_to_its_end(void **state)
{
	struct running running = { .ready = false };
	struct fixture *f = *state;

	f->app.running = &running;
	assert_status(ask_from(state, NULL, "/readyz"), 503);
	running.ready = true;
	assert_status(ask_from(state, NULL, "/readyz"), 200);
	running.ready = false; /* draining */
	assert_status(ask_from(state, NULL, "/readyz"), 503);
	assert_status(ask_from(state, NULL, "/healthz"), 200);
}

/* ---- counters ---- */

static void counters_for_loopback(void **state)
{
	static const char *const peers[] = { "127.0.0.1", "127.99.0.1", "::1" };

	for (size_t i = 0; i < COUNT(peers); i++) {
		struct answer answer = ask_from(state, peers[i], "/metrics");

		assert_status(answer, 200);
		assert_non_null(memmem(answer.text.p, answer.text.n, "\nfacts_total 0\n", 15));
		assert_non_null(memmem(answer.text.p, answer.text.n, "http_request_seconds", 20));
	}
}

static void nothing_is_there_for_others(void **state)
{
	static const char *const peers[] = { "192.0.2.1", "2001:db8::1", "126.255.255.255", "128.0.0.1", "local", "", "127.0.0.1.example" };

	for (size_t i = 0; i < COUNT(peers); i++)
		assert_problem(ask_from(state, peers[i], "/metrics"), 404, "not_found");
}

static void counters_for_whom_a_setting_names(void **state)
{
	assert_status(ask_from(state, "192.0.2.77", "/metrics"), 200);
	assert_status(ask_from(state, "2001:db8::1", "/metrics"), 200);
	assert_status(ask_from(state, "127.0.0.1", "/metrics"), 200);
	assert_problem(ask_from(state, "192.0.3.1", "/metrics"), 404, "not_found");
	assert_problem(ask_from(state, "2001:db8::2", "/metrics"), 404, "not_found");
}

static void memory_in_use_is_told(void **state)
{
	struct fixture *f = *state;

	ask_from(state, "127.0.0.1", "/metrics");
	assert_true(metric_get(&f->metrics, METRIC_resident_bytes) > 1024 * 1024);
}

/* Every line is a comment or "name{labels} value". */
static void text_is_what_prometheus_reads(void **state)
{
	struct slice rest = ask_from(state, "::1", "/metrics").text;

	assert_true(rest.n > 0 && rest.p[rest.n - 1] == '\n');
	while (rest.n) {
		struct slice line = slice_cut(&rest, '\n');
		size_t space = slice_find(line, ' ');

		assert_true(line.n > 0);
		assert_true(line.p[0] == '#' || (space > 0 && space + 1 < line.n));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(alive),
		TEST(not_ready_when_nobody_serves),
		TEST(ready_from_its_start_to_its_end),
		TEST(counters_for_loopback),
		TEST(nothing_is_there_for_others),
		cmocka_unit_test_setup_teardown(counters_for_whom_a_setting_names, setup_allowed, teardown),
		TEST(memory_in_use_is_told),
		TEST(text_is_what_prometheus_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

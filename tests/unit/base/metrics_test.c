#include "tests/unit/common/test.h"

#include <pthread.h>
#include <stdio.h>

#include "base/metrics.h"

static const char *const names[] = {
#define METRIC(KIND, name, help) #name,
#include "base/metrics.def"
#undef METRIC
};

static struct slice rendered(struct buf *b, const struct metrics *m)
{
	buf_clear(b);
	metrics_write(m, b);
	assert_ok(buf_ok(b));
	return buf_bytes(b);
}

static void each_metric_has_help_type_and_value(void **state)
{
	struct metrics m = { 0 };
	struct buf b = buf_heap(1 << 16);
	struct slice rest, line;

	(void)state;
	for (int i = 0; i < METRIC_COUNT; i++)
		metric_add(&m, (enum metric)i, i + 1);
	rest = rendered(&b, &m);
	for (int i = 0; i < METRIC_COUNT; i++) {
		char want[200];

		snprintf(want, sizeof(want), "# HELP %s ", names[i]);
		assert_true(slice_starts(slice_cut(&rest, '\n'), slice_text(want)));
		snprintf(want, sizeof(want), "# TYPE %s ", names[i]);
		line = slice_cut(&rest, '\n');
		assert_true(slice_starts(line, slice_text(want)));
		line = slice_of(line.p + strlen(want), line.n - strlen(want));
		assert_true(slice_is(line, "counter") || slice_is(line, "gauge"));
		snprintf(want, sizeof(want), "%s %d", names[i], i + 1);
		assert_slice_equal(slice_cut(&rest, '\n'), slice_text(want));
	}
	assert_int_equal(rest.n, 0);
	buf_free(&b);
}

/* The convention of Prometheus. */
static void counters_end_in_total_and_gauges_do_not(void **state)
{
	struct metrics m = { 0 };
	struct buf b = buf_heap(1 << 16);
	struct slice rest = rendered(&b, &m);

	(void)state;
	while (rest.n) {
		struct slice line = slice_cut(&rest, '\n');
		bool total, counter;

		if (!slice_starts(line, S("# TYPE ")))
			continue;
		counter = slice_is(slice_of(line.p + line.n - 7, 7), "counter");
		total = slice_is(slice_of(line.p + line.n - 14, 14), "_total counter");
		assert_int_equal(counter, total);
	}
	buf_free(&b);
}

static void names_are_unique_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < METRIC_COUNT; i++) {
		assert_int_equal(strspn(names[i], "abcdefghijklmnopqrstuvwxyz_"), strlen(names[i]));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(names[i], names[j]);
	}
}

static void gauges_are_set_and_go_down(void **state)
{
	struct metrics m = { 0 };

	(void)state;
	metric_set(&m, METRIC_resident_bytes, INT64_MAX);
	assert_true(metric_get(&m, METRIC_resident_bytes) == INT64_MAX);
	metric_set(&m, METRIC_resident_bytes, 0);
	metric_add(&m, METRIC_connections_open, 2);
	metric_add(&m, METRIC_connections_open, -3);
	assert_int_equal(metric_get(&m, METRIC_connections_open), -1);
	assert_int_equal(metric_get(&m, METRIC_resident_bytes), 0);
}

enum { THREADS = 4, ADDITIONS = 20000 };

static void *adds(void *metrics)
{
	for (int i = 0; i < ADDITIONS; i++)
		metric_add(metrics, METRIC_facts_total, 1);
	return NULL;
}

static void additions_of_several_threads_all_count(void **state)
{
	struct metrics m = { 0 };
	pthread_t threads[THREADS];

	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, adds, &m), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(metric_get(&m, METRIC_facts_total), THREADS * ADDITIONS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_metric_has_help_type_and_value),
		cmocka_unit_test(counters_end_in_total_and_gauges_do_not),
		cmocka_unit_test(names_are_unique_words),
		cmocka_unit_test(gauges_are_set_and_go_down),
		cmocka_unit_test(additions_of_several_threads_all_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

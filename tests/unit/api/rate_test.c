/* Token buckets, with a clock that only the test moves. */
#include "api/rate.h"
#include "tests/unit/common/test.h"

struct clock {
	struct env env; /* first, so that the functions find the rest */
	int64_t mono_ms;
};

struct limited {
	struct clock clock;
	struct rate *rate;
};

static int64_t mono(const struct env *env)
{
	return ((const struct clock *)env)->mono_ms;
}

static void zeros(const struct env *env, void *p, size_t n)
{
	(void)env;
	memset(p, 0, n);
}

static int setup(void **state)
{
	static struct limited l;

	l.clock = (struct clock){ { mono, mono, zeros }, 5000 };
	l.rate = rate_new(&l.clock.env);
	*state = &l;
	return 0;
}

static int teardown(void **state)
{
	rate_free(((struct limited *)*state)->rate);
	return 0;
}

/* How many of `tries` are let through. */
static int taken(struct limited *l, struct slice key, int tries, int64_t count, int64_t window_ms)
{
	int n = 0;

	for (int i = 0; i < tries; i++)
		n += rate_take_in(l->rate, key, count, window_ms);
	return n;
}

static void a_second_of_events_at_once(void **state)
{
	assert_int_equal(taken(*state, S("key"), 100, 10, 1000), 10);
}

static void no_limit(void **state)
{
	assert_int_equal(taken(*state, S("key"), 100, 0, 1000), 100);
}

static void one_a_second(void **state)
{
	struct limited *l = *state;

	assert_true(rate_take(l->rate, S("key"), 1));
	l->clock.mono_ms += 999;
	assert_false(rate_take(l->rate, S("key"), 1));
	l->clock.mono_ms += 1;
	assert_true(rate_take(l->rate, S("key"), 1));
}

static void time_frees_evenly(void **state)
{
	struct limited *l = *state;

	taken(l, S("key"), 10, 10, 1000);
	l->clock.mono_ms += 500;
	assert_int_equal(taken(l, S("key"), 10, 10, 1000), 5);
}

static void quiet_time_saves_up_one_window_only(void **state)
{
	struct limited *l = *state;

	taken(l, S("key"), 10, 10, 1000);
	l->clock.mono_ms += 3600 * 1000;
	assert_int_equal(taken(l, S("key"), 100, 10, 1000), 10);
}

/* Whoever asks all the time must not be kept waiting for ever by rounding. */
static void asking_often_loses_nothing(void **state)
{
	struct limited *l = *state;
	int n = 0;

	taken(l, S("key"), 10, 10, 60000);
	for (int ms = 0; ms < 60000; ms++) {
		l->clock.mono_ms++;
		n += rate_take_in(l->rate, S("key"), 10, 60000);
	}
	assert_int_equal(n, 10);
}

static void looking_takes_nothing(void **state)
{
	struct limited *l = *state;

	for (int i = 0; i < 10; i++)
		assert_true(rate_left(l->rate, S("key"), 1));
	assert_true(rate_take(l->rate, S("key"), 1));
	assert_false(rate_left(l->rate, S("key"), 1));
}

static void keys_are_kept_apart(void **state)
{
	struct limited *l = *state;

	assert_true(rate_take(l->rate, S("one"), 1));
	assert_true(rate_take(l->rate, S("two"), 1));
	assert_false(rate_take(l->rate, S("one"), 1));
}

/* As many as a busy hour has, each of which comes as often as it may. */
static void many_keys_do_not_take_from_each_other(void **state)
{
	struct limited *l = *state;

	for (int round = 0; round < 5; round++)
		for (uint32_t key = 0; key < 3000; key++)
			assert_true(rate_take_in(l->rate, slice_of(&key, sizeof(key)), 5, 3600 * 1000));
	for (uint32_t key = 0; key < 3000; key++)
		assert_false(rate_take_in(l->rate, slice_of(&key, sizeof(key)), 5, 3600 * 1000));
}

/* More keys than there is room for: none of them is free of a limit. */
static void more_keys_than_fit_are_limited(void **state)
{
	struct limited *l = *state;
	long taken = 0;

	for (int round = 0; round < 5; round++)
		for (uint32_t key = 0; key < 60000; key++)
			taken += rate_take_in(l->rate, slice_of(&key, sizeof(key)), 2, 3600 * 1000);
	assert_true(taken > 0 && taken <= 2 * 60000);
}

static void empty_key_is_a_key(void **state)
{
	struct limited *l = *state;

	assert_true(rate_take(l->rate, S(""), 1));
	assert_false(rate_take(l->rate, S(""), 1));
}

static void new_limit_counts_at_once(void **state)
{
	struct limited *l = *state;

	taken(l, S("key"), 10, 10, 1000);
	assert_int_equal(taken(l, S("key"), 100, 20, 1000), 20);
	assert_int_equal(taken(l, S("key"), 100, 5, 1000), 5);
}

static void clock_that_stands_frees_nothing(void **state)
{
	struct limited *l = *state;

	taken(l, S("key"), 10, 10, 1000);
	assert_int_equal(taken(l, S("key"), 10, 10, 1000), 0);
}

static void largest_limit(void **state)
{
	assert_int_equal(taken(*state, S("key"), 1000, 1000000, 86400000), 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_second_of_events_at_once),
		TEST(no_limit),
		TEST(one_a_second),
		TEST(time_frees_evenly),
		TEST(quiet_time_saves_up_one_window_only),
		TEST(asking_often_loses_nothing),
		TEST(looking_takes_nothing),
		TEST(keys_are_kept_apart),
		TEST(many_keys_do_not_take_from_each_other),
		TEST(more_keys_than_fit_are_limited),
		TEST(empty_key_is_a_key),
		TEST(new_limit_counts_at_once),
		TEST(clock_that_stands_frees_nothing),
		TEST(largest_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

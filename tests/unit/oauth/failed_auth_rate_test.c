/* How often client authentication may fail: by client and address, with a clock that only the test moves. */
#include "tokens.h"

static struct answer try_at(struct world *w, const char *peer, const char *id, const char *secret)
{
	const struct from from = { .type = FORM_TYPE, .peer = peer };

	return fixture_request(w->f, &from, HTTP_POST, "/auth/open/connect/token", form_of(w, id, secret, ""));
}

static void fail_times(struct world *w, int times)
{
	for (int i = 0; i < times; i++)
		assert_oauth_error(try_at(w, "192.0.2.1", w->first.client_id, "wrong"), 400, "invalid_client");
}

static void eleventh_failure_of_a_second_is_limited(void **state)
{
	struct world *w = *state;
	struct answer answer;

	fail_times(w, 10);
	answer = try_at(w, "192.0.2.1", w->first.client_id, "wrong");
	assert_oauth_error(answer, 429, "too_many_requests");
	assert_string_equal(answer_header(&answer, "Retry-After"), "1");
}

static void right_secret_has_to_wait_too(void **state)
{
	struct world *w = *state;

	fail_times(w, 10);
	assert_oauth_error(try_at(w, "192.0.2.1", w->first.client_id, w->first.secret), 429, "too_many_requests");
}

static void another_address_is_not_limited(void **state)
{
	struct world *w = *state;

	fail_times(w, 10);
	assert_status(try_at(w, "192.0.2.2", w->first.client_id, w->first.secret), 200);
}

static void another_client_is_not_limited(void **state)
{
	struct world *w = *state;
	struct credentials other = world_client(w, w->first.account_id, "[\"all\"]");

	fail_times(w, 10);
	assert_status(try_at(w, "192.0.2.1", other.id, other.secret), 200);
}

static void a_tenth_of_a_second_frees_one(void **state)
{
	struct world *w = *state;

	fail_times(w, 10);
	fixture_advance(w->f, 99);
	assert_status(try_at(w, "192.0.2.1", w->first.client_id, "wrong"), 429);
	fixture_advance(w->f, 1);
	fail_times(w, 1);
	assert_status(try_at(w, "192.0.2.1", w->first.client_id, "wrong"), 429);
}

static void a_long_time_frees_no_more_than_a_second(void **state)
{
	struct world *w = *state;

	fail_times(w, 10);
	fixture_advance(w->f, 3600 * 1000);
	fail_times(w, 10);
	assert_status(try_at(w, "192.0.2.1", w->first.client_id, "wrong"), 429);
}

static void success_takes_nothing(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 30; i++)
		assert_status(try_at(w, "192.0.2.1", w->first.client_id, w->first.secret), 200);
}

static void wall_clock_that_jumps_frees_nothing(void **state)
{
	struct world *w = *state;

	fail_times(w, 10);
	atomic_fetch_add(&w->f->env.now_ms, 3600 * 1000);
	assert_status(try_at(w, "192.0.2.1", w->first.client_id, "wrong"), 429);
	atomic_fetch_sub(&w->f->env.now_ms, 7200 * 1000);
	assert_status(try_at(w, "192.0.2.1", w->first.client_id, "wrong"), 429);
}

static int setup_off(void **state)
{
	return setup_with(state, &(struct fixture_options){ .settings = { "rate_failed_auth=0" } });
}

static void no_limit_by_setting(void **state)
{
	fail_times(*state, 50);
}

static void limited_attempts_are_counted(void **state)
{
	struct world *w = *state;

	fail_times(w, 10);
	try_at(w, "192.0.2.1", w->first.client_id, "wrong");
	assert_int_equal(metric_get(&w->f->metrics, METRIC_rate_limited_total), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(eleventh_failure_of_a_second_is_limited),
		TEST(right_secret_has_to_wait_too),
		TEST(another_address_is_not_limited),
		TEST(another_client_is_not_limited),
		TEST(a_tenth_of_a_second_frees_one),
		TEST(a_long_time_frees_no_more_than_a_second),
		TEST(success_takes_nothing),
		TEST(wall_clock_that_jumps_frees_nothing),
		TEST_WITH(no_limit_by_setting, setup_off),
		TEST(limited_attempts_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Who takes too long is cut. The server's clock is ours, so nothing here depends on how fast the machine is. */
#include "tests/unit/http/fixture.h"

#include <unistd.h>

enum { REQUEST_MS = 200, IDLE_MS = 5000, HOUR_MS = 3600 * 1000 };

static struct client c, other;
static struct answer a;

static _Atomic int64_t clock_ms = 1000000;

static int64_t fake_mono(const struct env *env)
{
	(void)env;
	return clock_ms;
}

static struct env fake;

static int on_fake_clock(void **state)
{
	struct site *site;

	fake = env_system;
	fake.mono_ms = fake_mono;
	site_new(state);
	site = *state;
	site->config.env = &fake;
	site->config.request_timeout_ms = REQUEST_MS;
	site->config.idle_timeout_ms = IDLE_MS;
	site_start(site);
	return 0;
}

static void dial_and_wait(const struct site *site, struct client *to)
{
	size_t before = http_open_connections(site->server);

	dial(site, to);
	await_connections(site, before + 1);
}

static void hear_ok(void)
{
	assert_true(hear(&c, &a));
	assert_int_equal(a.status, 200);
}

/* A new connection is cut for its silence; so whoever still works then was looked at and left alone. */
static void see_another_cut(const struct site *site)
{
	dial_and_wait(site, &other);
	clock_ms += REQUEST_MS;
	await_close(&other);
	hang_up(&other);
}

/* Never silent for long, but cut when the time is over, and not before. */
static void trickle_until_cut(struct slice piece, int64_t ms)
{
	for (int64_t gone_ms = 0; gone_ms < ms; gone_ms += REQUEST_MS / 10) {
		if (!say_bytes(&c, piece))
			fail_msg("cut early");
		usleep(1000);
		clock_ms += REQUEST_MS / 10;
	}
	await_close(&c);
	hang_up(&c);
}

static void silent_connection_is_cut(void **state)
{
	see_another_cut(*state);
}

static void slow_request_line_is_cut(void **state)
{
	dial_and_wait(*state, &c);
	trickle_until_cut(S("a"), REQUEST_MS);
}

static void slow_header_is_cut(void **state)
{
	dial_and_wait(*state, &c);
	say(&c, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
	trickle_until_cut(S("a"), REQUEST_MS);
}

static void slow_body_is_cut(void **state)
{
	struct site *site = *state;

	dial_and_wait(site, &c);
	say(&c, "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
	await(&site->begun, 1);
	trickle_until_cut(S("a"), REQUEST_MS);
	await(&site->finished, 1);
	assert_int_equal(site->sent, 0);
	assert_int_equal(site->handled, 0);
}

static void unwelcome_slow_body_is_cut(void **state)
{
	struct site *site = *state;

	dial_and_wait(site, &c);
	say(&c, "POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
	await(&site->begun, 1);
	trickle_until_cut(S("a"), REQUEST_MS);
}

static void kept_connection_may_be_idle_and_then_slow(void **state)
{
	struct site *site = *state;

	dial_and_wait(site, &c);
	say(&c, GET("/about"));
	hear_ok();
	await(&site->finished, 1);
	clock_ms += IDLE_MS - REQUEST_MS;
	see_another_cut(site);
	say(&c, "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n");
	await(&site->begun, 2);
	clock_ms += REQUEST_MS - 1;
	say(&c, "abc");
	hear_ok();
	hang_up(&c);
}

static void time_of_a_later_request_begins_with_its_first_line(void **state)
{
	struct site *site = *state;

	dial_and_wait(site, &c);
	say(&c, GET("/about"));
	hear_ok();
	await(&site->finished, 1);
	say(&c, "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n");
	await(&site->begun, 2);
	trickle_until_cut(S(""), REQUEST_MS);
}

static void trickled_line_of_a_later_request_is_cut(void **state)
{
	struct site *site = *state;

	dial_and_wait(site, &c);
	say(&c, GET("/about"));
	hear_ok();
	await(&site->finished, 1);
	trickle_until_cut(S("a"), IDLE_MS + REQUEST_MS);
}

static void parked_request_is_not_cut(void **state)
{
	struct site *site = *state;

	dial_and_wait(site, &c);
	say(&c, GET("/hold"));
	site_await_held(site, 1);
	clock_ms += HOUR_MS;
	see_another_cut(site);
	site_release(site);
	hear_ok();
	hang_up(&c);
}

/* The library's own timeout for silent connections runs on the real clock. */
static void idle_connection_is_closed(void **state)
{
	struct site *site = *state;

	site->config.idle_timeout_ms = 1000;
	site_start(site);
	dial(site, &c);
	say(&c, GET("/about"));
	hear_ok();
	await_close(&c);
	hang_up(&c);
}

static void parked_request_is_not_idle(void **state)
{
	struct site *site = *state;

	site->config.idle_timeout_ms = 1000;
	site_start(site);
	dial(site, &c);
	say(&c, GET("/hold"));
	site_await_held(site, 1);
	dial(site, &other);
	await_close(&other);
	hang_up(&other);
	site_release(site);
	hear_ok();
	hang_up(&c);
}

static size_t drain_reply(void)
{
	size_t bytes = 0;
	ssize_t n;

	while (bytes < LARGE_BYTES && (n = read(c.fd, c.bytes, sizeof(c.bytes))) > 0)
		bytes += (size_t)n;
	return bytes;
}

static void reader_has_time_for_a_large_reply(void **state)
{
	struct site *site = *state;

	dial_and_wait(site, &c);
	say(&c, GET("/large"));
	await(&site->handled, 1);
	clock_ms += LARGE_BYTES / REPLY_BYTES_PER_MS_MIN - REQUEST_MS;
	see_another_cut(site);
	assert_true(drain_reply() >= LARGE_BYTES);
	await(&site->finished, 1);
	assert_int_equal(site->sent, 1);
	hang_up(&c);
}

static void reader_that_is_too_slow_is_cut(void **state)
{
	struct site *site = *state;

	dial_and_wait(site, &c);
	say(&c, GET("/large"));
	await(&site->handled, 1);
	assert_true(hear_head(&c, &a)); /* now the deadline of the reply runs */
	clock_ms += LARGE_BYTES / REPLY_BYTES_PER_MS_MIN + REQUEST_MS;
	await(&site->finished, 1);
	assert_int_equal(site->sent, 0);
	hang_up(&c);
}

int main(void)
{
#define FAKE(test) cmocka_unit_test_setup_teardown(test, on_fake_clock, site_free)
#define NEW(test) cmocka_unit_test_setup_teardown(test, site_new, site_free)
	const struct CMUnitTest tests[] = {
		FAKE(silent_connection_is_cut),
		FAKE(slow_request_line_is_cut),
		FAKE(slow_header_is_cut),
		FAKE(slow_body_is_cut),
		FAKE(unwelcome_slow_body_is_cut),
		FAKE(kept_connection_may_be_idle_and_then_slow),
		FAKE(time_of_a_later_request_begins_with_its_first_line),
		FAKE(trickled_line_of_a_later_request_is_cut),
		FAKE(parked_request_is_not_cut),
		NEW(idle_connection_is_closed),
		NEW(parked_request_is_not_idle),
		FAKE(reader_has_time_for_a_large_reply),
		FAKE(reader_that_is_too_slow_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

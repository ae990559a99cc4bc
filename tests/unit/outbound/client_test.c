/* The client against a receiver that misbehaves, on a real socket. Limits of time are short; nothing depends on how fast the machine is. */
#include "tests/unit/outbound/receiver.h"

#include <stdio.h>
#include <unistd.h>

enum { SHORT_MS = 50, LONG_MS = 15000 };

static struct receiver r;
static struct outbound *o;
static struct call call;

static struct outbound *start(const char *networks, bool allow_http, size_t calls_max, size_t host_calls_max, size_t waiting_max)
{
	struct outbound_config config = { &env_system, networks, allow_http, "", calls_max, host_calls_max, waiting_max };
	struct outbound *started;

	assert_ok(outbound_start(&config, &started));
	return started;
}

static int setup(void **state)
{
	(void)state;
	receiver_start(&r);
	o = start("127.0.0.0/8, ::1", true, 64, 4, 100);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	outbound_stop(o);
	receiver_stop(&r);
	return 0;
}

static struct call at(const char *path, const struct outbound_request *how)
{
	return call_url(o, how, "http://127.0.0.1:%d%s", r.port, path);
}

static void assert_end(const struct call *ended, enum outbound_reason reason)
{
	assert_string_equal(outbound_word(ended->reason), outbound_word(reason));
	if (reason != OUTBOUND_ANSWERED) {
		assert_int_equal(ended->status, 0);
		assert_int_equal(ended->body_bytes, 0);
	}
}

static void answer_arrives(void **state)
{
	(void)state;
	call = at("/ok", NULL);
	assert_end(&call, OUTBOUND_ANSWERED);
	assert_int_equal(call.status, 200);
	assert_string_equal(call.body, "fine");
	assert_string_equal(call.told, "yes");
	assert_int_equal(call.header_count, 3);
}

static void request_arrives_as_it_was_given(void **state)
{
	struct http_header headers[] = { { S("X-One"), S("1; two") }, { S("X-Empty"), S("") }, { S("Content-Type"), S("application/json") } };
	struct outbound_request how = { .method = HTTP_PUT, .headers = headers, .header_count = 3, .body = S("{\"a\":1}") };

	(void)state;
	call = at("/echo/../x?y=%2e", &how);
	assert_int_equal(call.status, 200);
	assert_non_null(strstr(call.body, "PUT /echo/../x?y=%2e HTTP/1.1\r\n"));
	assert_non_null(strstr(call.body, "X-One: 1; two\r\n"));
	assert_non_null(strstr(call.body, "X-Empty:\r\n"));
	assert_non_null(strstr(call.body, "Content-Type: application/json\r\n"));
	assert_non_null(strstr(call.body, "\r\n\r\n{\"a\":1}"));
	assert_null(strcasestr(call.body, "expect"));
	assert_null(strcasestr(call.body, "accept-encoding"));
}

static void every_status_is_an_answer(void **state)
{
	static const int statuses[] = { 200, 204, 302, 400, 410, 500, 503 };
	char path[32];

	(void)state;
	for (size_t i = 0; i < COUNT(statuses); i++) {
		snprintf(path, sizeof(path), "/status/%d", statuses[i]);
		call = at(path, &(struct outbound_request){ .method = HTTP_POST, .body = S("x") });
		assert_end(&call, OUTBOUND_ANSWERED);
		assert_int_equal(call.status, statuses[i]);
	}
}

static void redirects_are_not_followed(void **state)
{
	(void)state;
	call = at("/moved", NULL);
	assert_int_equal(call.status, 302);
	assert_int_equal(r.requests, 1);
}

static void headers_of_interim_answers_do_not_count(void **state)
{
	(void)state;
	call = at("/early", NULL);
	assert_int_equal(call.status, 200);
	assert_string_equal(call.told, "yes");
}

static void misbehaviour_has_an_end(void **state)
{
	struct outbound_request how = { .method = HTTP_POST, .timeout_ms = SHORT_MS };

	(void)state;
	call = at("/stall", &how);
	assert_end(&call, OUTBOUND_TIMED_OUT);
	call = at("/trickle", &how);
	assert_end(&call, OUTBOUND_TIMED_OUT);
	how.timeout_ms = LONG_MS;
	call = at("/cut", &how);
	assert_end(&call, OUTBOUND_BROKEN);
	call = at("/garbage", &how);
	assert_end(&call, OUTBOUND_BROKEN);
	call = at("/large", &how);
	assert_end(&call, OUTBOUND_TOO_LARGE);
	call = at("/headers", &how);
	assert_end(&call, OUTBOUND_TOO_LARGE);
}

static void the_limit_is_what_the_answer_may_have(void **state)
{
	struct outbound_request how = { .method = HTTP_GET, .answer_bytes_max = 4 };

	(void)state;
	call = at("/ok", &how);
	assert_string_equal(call.body, "fine");
	how.answer_bytes_max = 3;
	call = at("/ok", &how);
	assert_end(&call, OUTBOUND_TOO_LARGE);
}

static void where_the_status_matters_the_body_does_not(void **state)
{
	struct outbound_request how = { .method = HTTP_POST, .answer_bytes_max = 100, .timeout_ms = LONG_MS, .status_matters = true };

	(void)state;
	call = at("/large", &how);
	assert_end(&call, OUTBOUND_ANSWERED);
	assert_int_equal(call.status, 200);
	assert_int_equal(call.body_bytes, 100);
	how.timeout_ms = SHORT_MS * 4;
	call = at("/headers", &how);
	assert_end(&call, OUTBOUND_TOO_LARGE);
	call = at("/stall", &how);
	assert_end(&call, OUTBOUND_TIMED_OUT);
}

static void status_counts_when_the_body_stalls(void **state)
{
	struct outbound_request how = { .method = HTTP_POST, .timeout_ms = 1000, .status_matters = true };

	(void)state;
	call = at("/trickle", &how);
	assert_end(&call, OUTBOUND_ANSWERED);
	assert_int_equal(call.status, 200);
}

static void closed_port_and_unknown_name(void **state)
{
	int port = r.port;

	(void)state;
	receiver_stop(&r);
	call = call_url(o, NULL, "http://127.0.0.1:%d/ok", port);
	receiver_start(&r);
	assert_end(&call, OUTBOUND_NOT_CONNECTED);
	call = call_url(o, NULL, "http://no-such-name.invalid/");
	assert_true(call.reason == OUTBOUND_NAME_UNKNOWN || call.reason == OUTBOUND_TIMED_OUT);
}

static void what_cannot_be_sent_is_not_sent(void **state)
{
	static const struct http_header bad[] = {
		{ { (const uint8_t *)"X-A", 3 }, { (const uint8_t *)"a\r\nX-B: b", 9 } },
		{ { (const uint8_t *)"X-A", 3 }, { (const uint8_t *)"a\0b", 3 } },
		{ { (const uint8_t *)"X-A: b\r\nX", 9 }, { (const uint8_t *)"c", 1 } },
		{ { (const uint8_t *)"", 0 }, { (const uint8_t *)"c", 1 } },
		{ { (const uint8_t *)"X A", 3 }, { (const uint8_t *)"c", 1 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		call = at("/ok", &(struct outbound_request){ .method = HTTP_GET, .headers = &bad[i], .header_count = 1 });
		assert_end(&call, OUTBOUND_REQUEST_INVALID);
	}
	call = at("/ok", &(struct outbound_request){ .method = (enum http_method)HTTP_OTHER });
	assert_end(&call, OUTBOUND_REQUEST_INVALID);
	assert_int_equal(r.requests, 0);
}

/* The name says nothing; the address that it leads to does, whatever the way in which it is written. */
static void private_addresses_are_refused(void **state)
{
	static const char *const hosts[] = { "localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "017700000001", "[::1]",
		"[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "0.0.0.0", "0", "169.254.169.254", "10.0.0.1" };
	struct outbound *guarded = start("", true, 0, 0, 0);

	(void)state;
	for (size_t i = 0; i < COUNT(hosts); i++) {
		call = call_url(guarded, NULL, "http://%s:%d/ok", hosts[i], r.port);
		if (call.reason != OUTBOUND_URL_REFUSED)
			assert_end(&call, OUTBOUND_ADDRESS_REFUSED);
	}
	call = call_url(guarded, NULL, "http://localhost:%d/ok", r.port);
	assert_end(&call, OUTBOUND_ADDRESS_REFUSED);
	assert_int_equal(r.connections, 0);
	outbound_stop(guarded);
}

static void named_networks_are_allowed(void **state)
{
	struct outbound *other = start("127.0.0.2/32", true, 0, 0, 0);

	(void)state;
	call = call_url(other, NULL, "http://localhost:%d/ok", r.port);
	assert_end(&call, OUTBOUND_ADDRESS_REFUSED);
	outbound_stop(other);
	call = call_url(o, NULL, "http://localhost:%d/ok", r.port);
	assert_int_equal(call.status, 200);
}

static void http_only_where_it_is_allowed(void **state)
{
	struct outbound *secure = start("127.0.0.0/8", false, 0, 0, 0);
	static const char *const starts[] = { "http://127.0.0.1:", "file:///etc/passwd?", "gopher://127.0.0.1:", "ftp://127.0.0.1:",
		"https://user:word@127.0.0.1:", "//127.0.0.1:", "127.0.0.1:", "https://:", "https:// 127.0.0.1:" };

	(void)state;
	for (size_t i = 0; i < COUNT(starts); i++) {
		call = call_url(secure, NULL, "%s%d/ok", starts[i], r.port);
		assert_end(&call, OUTBOUND_URL_REFUSED);
	}
	assert_int_equal(r.connections, 0);
	outbound_stop(secure);
}

static void environment_has_no_say(void **state)
{
	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	call = at("/ok", NULL);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	assert_int_equal(call.status, 200);
}

static void connections_are_kept(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(at("/ok", NULL).status, 200);
	assert_int_equal(r.connections, 1);
	assert_int_equal(r.requests, 5);
}

static void slow_host_holds_up_nobody(void **state)
{
	static struct call slow[20];
	struct outbound_request patient = { .method = HTTP_GET, .timeout_ms = LONG_MS };

	(void)state;
	for (size_t i = 0; i < COUNT(slow); i++)
		call_begin(o, &slow[i], &patient, "http://127.0.0.1:%d/hold", r.port);
	await_int(&r.holding, 4);
	/* The same receiver under another name is another host. */
	call = call_url(o, &patient, "http://localhost:%d/ok", r.port);
	assert_int_equal(call.status, 200);
	assert_int_equal(r.holding, 4);
	receiver_release(&r);
	for (size_t i = 0; i < COUNT(slow); i++) {
		call_await(&slow[i]);
		assert_int_equal(slow[i].status, 200);
	}
	assert_int_equal(r.holding_most, 4);
}

static void too_many_waiting_are_told_so(void **state)
{
	static struct call calls[120];
	size_t busy = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(calls); i++)
		call_begin(o, &calls[i], &(struct outbound_request){ .timeout_ms = LONG_MS }, "http://127.0.0.1:%d/hold", r.port);
	receiver_release(&r);
	for (size_t i = 0; i < COUNT(calls); i++) {
		call_await(&calls[i]);
		busy += calls[i].reason == OUTBOUND_BUSY;
		assert_true(calls[i].reason == OUTBOUND_BUSY || calls[i].status == 200);
	}
	assert_in_range(busy, 1, 70);
}

/* Neither the places to wait in, nor those for calls under way. */
static void nobody_takes_every_place(void **state)
{
	static struct call slow[40], alone;
	struct outbound_request patient = { .method = HTTP_GET, .timeout_ms = LONG_MS };
	struct outbound *narrow = start("127.0.0.0/8", true, 6, 6, 20);
	size_t busy = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(slow); i++)
		call_begin(narrow, &slow[i], &patient, "http://127.0.0.1:%d/hold", r.port);
	call_await(&slow[COUNT(slow) - 1]); /* it was refused, so all of them have been looked at */
	await_int(&r.holding, 3);
	alone = call_url(narrow, &patient, "http://localhost:%d/ok", r.port);
	assert_end(&alone, OUTBOUND_ANSWERED);
	assert_int_equal(alone.status, 200);
	receiver_release(&r);
	for (size_t i = 0; i < COUNT(slow); i++) {
		call_await(&slow[i]);
		busy += slow[i].reason == OUTBOUND_BUSY;
	}
	assert_in_range(busy, 40 - 13, 40 - 10);
	assert_int_equal(r.holding_most, 3);
	outbound_stop(narrow);
}

static void every_call_has_an_end_at_the_stop(void **state)
{
	static struct call calls[30];
	struct outbound *other = start("127.0.0.0/8", true, 8, 2, 0);

	(void)state;
	for (size_t i = 0; i < COUNT(calls); i++)
		call_begin(other, &calls[i], &(struct outbound_request){ .timeout_ms = LONG_MS }, "http://%s:%d/hold",
			i % 2 ? "localhost" : "127.0.0.1", r.port);
	await_int(&r.holding, 4);
	outbound_stop(other);
	for (size_t i = 0; i < COUNT(calls); i++) {
		assert_true(calls[i].done);
		assert_end(&calls[i], OUTBOUND_STOPPED);
	}
}

static void configuration_that_cannot_be_read(void **state)
{
	struct outbound_config config = { .env = &env_system, .allowed_networks = "nonsense" };
	struct outbound *started;

	(void)state;
	assert_err(outbound_start(&config, &started), CONFIG);
	config = (struct outbound_config){ .env = &env_system, .allowed_networks = "", .ca_file = "/no/such/file" };
	assert_err(outbound_start(&config, &started), CONFIG);
	outbound_stop(NULL);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(answer_arrives), T(request_arrives_as_it_was_given), T(every_status_is_an_answer), T(redirects_are_not_followed),
		T(headers_of_interim_answers_do_not_count), T(misbehaviour_has_an_end), T(the_limit_is_what_the_answer_may_have),
		T(where_the_status_matters_the_body_does_not), T(status_counts_when_the_body_stalls), T(closed_port_and_unknown_name),
		T(what_cannot_be_sent_is_not_sent), T(private_addresses_are_refused), T(named_networks_are_allowed),
		T(http_only_where_it_is_allowed), T(environment_has_no_say), T(connections_are_kept), T(slow_host_holds_up_nobody),
		T(too_many_waiting_are_told_so), T(nobody_takes_every_place),
		T(every_call_has_an_end_at_the_stop), T(configuration_that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What goes wrong on the wire: raw bytes, and the answer or the close that they get. */
#include "tests/unit/http/fixture.h"

static struct client c;
static struct answer a;

enum { CLOSED = 0 };

struct row {
	const char *name;
	struct slice bytes;
	int status; /* or CLOSED */
};

#define HOST "Host: a\r\n"
#define WITH(fields) S("GET /about HTTP/1.1\r\n" HOST fields "\r\n")
#define POST(fields, body) S("POST /body HTTP/1.1\r\n" HOST fields "\r\n" body)
#define CHUNKED(chunks) POST("Transfer-Encoding: chunked\r\n", chunks)

/* Refused by us: a JSON reply (here: text) with a trace id. */
static const struct row ours[] = {
	{ "no Host", S("GET / HTTP/1.1\r\n\r\n"), 400 },
	{ "empty Host", S("GET / HTTP/1.1\r\nHost:\r\n\r\n"), 400 },
	{ "two Hosts", S("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), 400 },
	{ "two Hosts, the second in a folded line", S("GET / HTTP/1.1\r\nHost: a\r\n Host: b\r\n\r\n"), 400 },
	{ "user in Host", S("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"), 400 },
	{ "space in Host", S("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), 400 },
	{ "length and coding", POST("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400 },
	{ "coding and length", POST("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"), 400 },
	{ "two lengths", POST("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400 },
	{ "two codings", POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"), 400 },
	{ "gzip, chunked", POST("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400 },
	{ "chunked, identity", POST("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), 400 },
	{ "identity", POST("Transfer-Encoding: identity\r\n", "0\r\n\r\n"), 400 },
	{ "chunked in quotes", POST("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), 400 },
	{ "chunked behind a vertical tab", POST("Transfer-Encoding: \x0b" "chunked\r\n", "0\r\n\r\n"), 400 },
	{ "coding with a space before the colon", POST("Transfer-Encoding : chunked\r\nContent-Length: 3\r\n", "abc"), 400 },
	{ "chunked and a space", POST("Transfer-Encoding: chunked \r\n", "0\r\n\r\n"), 400 },
	{ "chunked in HTTP/1.0", S("POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400 },
	{ "space before the colon", WITH("X : a\r\n"), 400 },
	{ "tab before the colon", WITH("X\t: a\r\n"), 400 },
	{ "space before the first field", S("GET / HTTP/1.1\r\n X: a\r\n" HOST "\r\n"), 400 },
	{ "folded line", WITH("X: a\r\n b\r\n"), 400 },
	{ "line folded by a tab", WITH("X: a\r\n\tb\r\nY: c\r\n"), 400 },
	{ "line folded by nothing", WITH("X: a\r\n \r\n"), 400 },
	{ "no name, last", WITH(": a\r\n"), 400 },
	{ "no name, first", S("GET / HTTP/1.1\r\n: a\r\n" HOST "\r\n"), 400 },
	{ "bracket in a name", WITH("X[]: a\r\n"), 400 },
	{ "NUL in a value", WITH("X: a\0b\r\nY: c\r\n"), 400 },
	{ "NUL in the last value", WITH("X: a\0b\r\n"), 400 },
	{ "NUL behind a value", WITH("X: a\0\r\n"), 400 },
	{ "NUL before a name", WITH("\0X: a\r\n"), 400 },
	{ "NUL hides a length", POST("X: a\0\r\nContent-Length: 3\r\n", "abc"), 400 },
	{ "NUL in Host", S("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n"), 400 },
	{ "control in a value", WITH("X: a\x01\r\n"), 400 },
	{ "DEL in a value", WITH("X: a\x7f\r\n"), 400 },
	{ "CR in a value", WITH("X: a\rY: b\r\n"), 400 },
	{ "CR hides a length", POST("X: a\rContent-Length: 3\r\n", "abc"), 400 },
	{ "CR CR LF", WITH("X: a\r\r\n"), 400 },
	{ "line ended by LF alone", S("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"), 400 },
	{ "request line ended by LF alone", S("GET / HTTP/1.1\nHost: a\r\n\r\n"), 400 },
	{ "headers ended by LF alone", S("GET / HTTP/1.1\r\nHost: a\r\n\n"), 400 },
	{ "LF everywhere", S("GET / HTTP/1.1\nHost: a\n\n"), 400 },
	{ "space in the target", S("GET /a b HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "tab in the target", S("GET /a\tb HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "NUL in the target", S("GET /a\0b HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "NUL behind the question mark", S("GET /a?\0b HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "NUL in the query", S("GET /a?b\0c HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "control in the target", S("GET /\x1f HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "control in the query", S("GET /?\x1f HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "high byte in the target", S("GET /\xff HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "fragment", S("GET /#a HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "two spaces before the target", S("GET  / HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "two spaces behind the target", S("GET /  HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "NUL in the method", S("GET\0 / HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "control in the method", S("G\x01T / HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "star without OPTIONS", S("GET * HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "other host in the target", S("GET http://b/ HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "relative target", S("GET about HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "authority as target", S("CONNECT a:80 HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "HTTP/1.2", S("GET / HTTP/1.2\r\n" HOST "\r\n"), 400 },
};

/* Refused by the library before we see it: no JSON and no trace id, but refused. */
static const struct row library[] = {
	{ "no colon", WITH("X\r\n"), 400 },
	{ "NUL before the colon", WITH("X\0: a\r\n"), 400 },
	{ "positive length", POST("Content-Length: +3\r\n", "abc"), 400 },
	{ "negative length", POST("Content-Length: -3\r\n", "abc"), 400 },
	{ "length in hex", POST("Content-Length: 0x3\r\n", "abc"), 400 },
	{ "list of lengths", POST("Content-Length: 3, 3\r\n", "abc"), 400 },
	{ "empty length", POST("Content-Length:\r\n", "abc"), 400 },
	{ "length past 64 bits", POST("Content-Length: 99999999999999999999\r\n", "abc"), 413 },
	{ "no target", S("GET HTTP/1.1\r\n" HOST "\r\n"), 400 },
	{ "no version", S("GET /\r\n" HOST "\r\n"), 400 },
	{ "space behind the version", S("GET / HTTP/1.1 \r\n" HOST "\r\n"), 400 },
	{ "NUL behind the version", S("GET / HTTP/1.1\0\r\n" HOST "\r\n"), 400 },
	{ "lower-case version", S("GET / http/1.1\r\n" HOST "\r\n"), 400 },
	{ "HTTP/0.9", S("GET / HTTP/0.9\r\n" HOST "\r\n"), 505 },
	{ "HTTP/2.0", S("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505 },
	{ "only a method", S("GET\r\n\r\n"), CLOSED },
	{ "space before the method", S(" GET / HTTP/1.1\r\n" HOST "\r\n"), CLOSED },
	{ "tabs between the words", S("GET\t/\tHTTP/1.1\r\n" HOST "\r\n"), CLOSED },
	{ "chunk size with a prefix", CHUNKED("0x3\r\nabc\r\n0\r\n\r\n"), 400 },
	{ "chunk size with a sign", CHUNKED("+3\r\nabc\r\n0\r\n\r\n"), 400 },
	{ "chunk size with a space", CHUNKED("3 \r\nabc\r\n0\r\n\r\n"), 400 },
	{ "no chunk size", CHUNKED("\r\nabc\r\n0\r\n\r\n"), 400 },
	{ "chunk longer than its size", CHUNKED("3\r\nabcd\r\n0\r\n\r\n"), 400 },
	{ "chunk size past 64 bits", CHUNKED("10000000000000003\r\nabc\r\n0\r\n\r\n"), 413 },
	{ "trailer without a colon", CHUNKED("0\r\nX\r\n\r\n"), 400 },
};

static void send_row(const struct site *site, const struct row *row)
{
	dial(site, &c);
	assert_true(say_bytes(&c, row->bytes));
	say_bytes(&c, S(GET("/about"))); /* must not be taken for the next request */
	if (row->status == CLOSED)
		return;
	if (!hear_head(&c, &a) || a.status != row->status)
		fail_msg("%s: status %d", row->name, a.status);
}

static void hear_no_more(const struct row *row)
{
	await_close(&c);
	hang_up(&c);
	if (memmem(c.bytes, c.n, "HTTP/1.1 200", 12))
		fail_msg("%s: what follows was answered", row->name);
}

static void malformed_requests_are_refused_with_a_trace_id_and_a_close(void **state)
{
	for (size_t i = 0; i < COUNT(ours); i++) {
		send_row(*state, &ours[i]);
		if (answer_header(&a, "X-TRACE-ID").n != 32)
			fail_msg("%s: no trace id", ours[i].name);
		hear_no_more(&ours[i]);
	}
}

static void what_only_the_library_sees_is_refused_too(void **state)
{
	for (size_t i = 0; i < COUNT(library); i++) {
		send_row(*state, &library[i]);
		hear_no_more(&library[i]);
	}
}

static void nothing_malformed_reaches_the_handler(void **state)
{
	struct site *site = *state;

	for (size_t i = 0; i < COUNT(ours); i++) {
		dial(site, &c);
		assert_true(say_bytes(&c, ours[i].bytes));
		await_close(&c);
		hang_up(&c);
	}
	await(&site->finished, (int)COUNT(ours));
	assert_int_equal(site->refused, COUNT(ours));
	assert_int_equal(site->handled, 0);
}

/* A request of `bytes` in its head, in fields of `each`. */
static void say_large(const struct site *site, size_t bytes, size_t each)
{
	struct buf request = buf_heap(1024 * 1024);

	buf_text(&request, "GET /about HTTP/1.1\r\nHost: a\r\n");
	while (request.n + 2 + 5 + 2 < bytes) {
		size_t left = bytes - request.n - 2 - 5;
		size_t n = left > each + 7 ? each : left;

		buf_text(&request, "X: ");
		for (size_t i = 0; i < n; i++)
			buf_byte(&request, 'a');
		buf_text(&request, "\r\n");
	}
	buf_text(&request, "\r\n");
	assert_ok(buf_ok(&request));
	dial(site, &c);
	say_bytes(&c, buf_bytes(&request));
	buf_free(&request);
}

static void headers_up_to_the_limit_are_taken(void **state)
{
	say_large(*state, HEADERS_BYTES_MAX, 64 * 1024);
	assert_true(hear(&c, &a));
	assert_int_equal(a.status, 200);
	hang_up(&c);
	say_large(*state, HEADERS_BYTES_MAX, HEADERS_BYTES_MAX / (HEADER_COUNT_MAX - 4));
	assert_true(hear(&c, &a));
	assert_int_equal(a.status, 200);
	hang_up(&c);
}

static void headers_over_the_limit_are_refused(void **state)
{
	static const size_t sizes[] = { HEADERS_BYTES_MAX + 64, HEADERS_BYTES_MAX + 1024, 20000, 30000, 100000 };

	for (size_t i = 0; i < COUNT(sizes); i++) {
		say_large(*state, sizes[i], 64 * 1024);
		if (hear_head(&c, &a))
			assert_int_equal(a.status, 431);
		await_close(&c);
		hang_up(&c);
	}
}

static void too_many_headers_are_refused(void **state)
{
	say_large(*state, (HEADER_COUNT_MAX + 10) * 10, 5);
	assert_true(hear_head(&c, &a));
	assert_int_equal(a.status, 431);
	assert_int_equal(answer_header(&a, "X-TRACE-ID").n, 32);
	await_close(&c);
	hang_up(&c);
}

static void target_over_the_limit_is_refused(void **state)
{
	static char target[TARGET_BYTES_MAX + 1];

	memset(target, '/', sizeof(target));
	dial(*state, &c);
	say(&c, "GET ");
	assert_true(say_bytes(&c, slice_of(target, sizeof(target))));
	say(&c, " HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_true(hear(&c, &a));
	assert_int_equal(a.status, 400);
	assert_slice_equal(a.body, S("AMBIGUOUS: the request target is too long"));
	await_close(&c);
	hang_up(&c);
}

int main(void)
{
#define ON_SITE(test) cmocka_unit_test_setup_teardown(test, site_started, site_free)
	const struct CMUnitTest tests[] = {
		ON_SITE(malformed_requests_are_refused_with_a_trace_id_and_a_close),
		ON_SITE(what_only_the_library_sees_is_refused_too),
		ON_SITE(nothing_malformed_reaches_the_handler),
		ON_SITE(headers_up_to_the_limit_are_taken),
		ON_SITE(headers_over_the_limit_are_refused),
		ON_SITE(too_many_headers_are_refused),
		ON_SITE(target_over_the_limit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/http/fixture.h"

#include <stdio.h>
#include <unistd.h>

static struct client c;
static struct answer a;

#define HEADERS "Host: a\r\n"
#define POST(length, body) "POST /body HTTP/1.1\r\n" HEADERS "Content-Length: " #length "\r\n\r\n" body
#define CHUNKED(chunks) "POST /body HTTP/1.1\r\n" HEADERS "Transfer-Encoding: chunked\r\n\r\n" chunks

static bool tells(const char *text)
{
	return memmem(a.body.p, a.body.n, text, strlen(text)) != NULL;
}

static void hear_status(int status)
{
	assert_true(hear(&c, &a));
	assert_int_equal(a.status, status);
}

static void request_is_shown_as_it_was_sent(void **state)
{
	dial(*state, &c);
	say(&c, "PATCH /about%2f+?q=%41%20&r HTTP/1.1\r\n" HEADERS "X-Tell:  a \t b \t\r\nx-tell: c\r\n\r\n");
	hear_status(200);
	assert_true(tells("method=3 path=/about%2f+ query=q=%41%20&r peer=127.0.0.1 local=0 tls=0"));
	assert_true(tells("tell=a \t b/2"));
	hang_up(&c);
}

static void methods_are_told_apart(void **state)
{
	static const struct {
		const char *name;
		int method;
	} rows[] = { { "GET", HTTP_GET }, { "POST", HTTP_POST }, { "PUT", HTTP_PUT }, { "PATCH", HTTP_PATCH }, { "DELETE", HTTP_DELETE },
		{ "OPTIONS", HTTP_OPTIONS }, { "get", HTTP_OTHER }, { "TRACE", HTTP_OTHER }, { "GETS", HTTP_OTHER } };
	char text[64];

	dial(*state, &c);
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(text, sizeof(text), "%s /about HTTP/1.1\r\n" HEADERS "\r\n", rows[i].name);
		assert_true(say_bytes(&c, slice_text(text)));
		hear_status(200);
		snprintf(text, sizeof(text), "method=%d ", rows[i].method);
		assert_true(tells(text));
	}
	hang_up(&c);
}

static void head_has_the_headers_of_get_and_no_body(void **state)
{
	dial(*state, &c);
	say(&c, "HEAD /about HTTP/1.1\r\n" HEADERS "\r\n" GET("/body"));
	assert_true(hear_head(&c, &a));
	assert_int_equal(a.status, 200);
	assert_slice_equal(answer_header(&a, "Content-Type"), S("text/plain"));
	hear_status(200);
	assert_int_equal(a.body.n, 0);
	hang_up(&c);
}

static void reply_has_its_headers(void **state)
{
	dial(*state, &c);
	say(&c, "GET /about HTTP/1.1\r\n" HEADERS "X-Tell: x\r\n\r\n");
	hear_status(200);
	assert_slice_equal(answer_header(&a, "X-Told"), S("x"));
	assert_slice_equal(answer_header(&a, "Content-Type"), S("text/plain"));
	assert_int_equal(answer_header(&a, "X-TRACE-ID").n, 32);
	say(&c, POST(3, "abc"));
	hear_status(200);
	assert_slice_equal(answer_header(&a, "Content-Type"), S("application/json"));
	say(&c, GET("/body"));
	hear_status(200);
	assert_int_equal(answer_header(&a, "Content-Type").n, 0);
	hang_up(&c);
}

static void traceparent_is_continued(void **state)
{
	dial(*state, &c);
	say(&c, "GET /about HTTP/1.1\r\n" HEADERS "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n");
	hear_status(200);
	assert_slice_equal(answer_header(&a, "X-TRACE-ID"), S("0af7651916cd43dd8448eb211c80319c"));
	assert_true(tells("trace=0af7651916cd43dd8448eb211c80319c"));
	hang_up(&c);
}

static void bodies_arrive_whole(void **state)
{
	dial(*state, &c);
	say(&c, POST(5, "a\0b\r\n"));
	hear_status(200);
	assert_slice_equal(a.body, S("a\0b\r\n"));
	say(&c, POST(0, ""));
	hear_status(200);
	assert_int_equal(a.body.n, 0);
	say(&c, CHUNKED("3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nX-Trailer: z\r\n\r\n"));
	hear_status(200);
	assert_slice_equal(a.body, S("abc0123456789"));
	hang_up(&c);
}

static void get_may_have_a_body(void **state)
{
	dial(*state, &c);
	say(&c, "GET /body HTTP/1.1\r\n" HEADERS "Content-Length: 3\r\n\r\nabc");
	hear_status(200);
	assert_slice_equal(a.body, S("abc"));
	hang_up(&c);
}

static void what_follows_a_chunked_body_is_not_read(void **state)
{
	struct site *site = *state;

	dial(site, &c);
	say(&c, CHUNKED("3\r\nabc\r\n0\r\n\r\n") GET("/about"));
	hear_status(200);
	assert_slice_equal(answer_header(&a, "Connection"), S("close"));
	await_close(&c);
	assert_int_equal(site->handled, 1);
	hang_up(&c);
}

#define SEVERAL GET("/about") POST(3, "abc") GET("/body") CHUNKED("3\r\ndef\r\n0\r\n\r\n")

static const struct slice several = { (const uint8_t *)SEVERAL, sizeof(SEVERAL) - 1 };

static void hear_several(void)
{
	hear_status(200);
	assert_true(tells("path=/about"));
	hear_status(200);
	assert_slice_equal(a.body, S("abc"));
	hear_status(200);
	assert_int_equal(a.body.n, 0);
	hear_status(200);
	assert_slice_equal(a.body, S("def"));
}

static void pipelined_requests_are_answered_in_order(void **state)
{
	dial(*state, &c);
	assert_true(say_bytes(&c, several));
	hear_several();
	hang_up(&c);
}

static void requests_may_come_byte_by_byte(void **state)
{
	dial(*state, &c);
	for (size_t i = 0; i < several.n; i++) {
		assert_true(say_bytes(&c, slice_of(several.p + i, 1)));
		if (i % 8 == 0)
			usleep(200);
	}
	hear_several();
	hang_up(&c);
}

static void requests_may_be_cut_anywhere(void **state)
{
	for (size_t i = 1; i < several.n; i++) {
		dial(*state, &c);
		assert_true(say_bytes(&c, slice_of(several.p, i)));
		usleep(100);
		assert_true(say_bytes(&c, slice_of(several.p + i, several.n - i)));
		hear_several();
		hang_up(&c);
	}
}

static void http_1_0_and_close_end_the_connection(void **state)
{
	dial(*state, &c);
	say(&c, "GET /about HTTP/1.0\r\n\r\n");
	hear_status(200);
	await_close(&c);
	hang_up(&c);
	dial(*state, &c);
	say(&c, "GET /about HTTP/1.1\r\n" HEADERS "Connection: close\r\n\r\n");
	hear_status(200);
	assert_slice_equal(answer_header(&a, "Connection"), S("close"));
	await_close(&c);
	hang_up(&c);
}

static void continue_is_said_when_the_body_is_welcome(void **state)
{
	dial(*state, &c);
	say(&c, "POST /body HTTP/1.1\r\n" HEADERS "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n");
	hear_status(100);
	say(&c, "abc");
	hear_status(200);
	assert_slice_equal(a.body, S("abc"));
	hang_up(&c);
}

static void continue_is_not_said_when_it_is_not(void **state)
{
	dial(*state, &c);
	say(&c, "POST /body HTTP/1.1\r\n" HEADERS "Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n");
	hear_status(413);
	await_close(&c);
	hang_up(&c);
	dial(*state, &c);
	say(&c, "POST /no HTTP/1.1\r\n" HEADERS "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n");
	hear_status(401);
	await_close(&c);
	hang_up(&c);
}

/* A body of `bytes`, in one piece or in chunks of 16. */
static void post(const struct site *site, const char *path, size_t bytes, bool chunked)
{
	static const char piece[] = "10\r\n0123456789abcdef\r\n";
	char first[256];
	size_t step = chunked ? 16 : 1;

	dial(site, &c);
	snprintf(first, sizeof(first), chunked ? "POST %s HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
		: "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", path, bytes);
	assert_true(say_bytes(&c, slice_text(first)));
	for (size_t i = 0; i + step <= bytes; i += step)
		if (!say_bytes(&c, chunked ? slice_text(piece) : S("x")))
			return;
	if (chunked)
		say_bytes(&c, S("0\r\n\r\n"));
}

static void body_at_the_limit_is_taken(void **state)
{
	post(*state, "/body", SITE_BODY_MAX, false);
	hear_status(200);
	assert_int_equal(a.body.n, SITE_BODY_MAX);
	hang_up(&c);
	post(*state, "/body", SITE_BODY_MAX / 16 * 16, true);
	hear_status(200);
	assert_int_equal(a.body.n, SITE_BODY_MAX / 16 * 16);
	hang_up(&c);
}

static void body_over_the_limit_is_refused(void **state)
{
	struct site *site = *state;

	for (int chunked = 0; chunked < 2; chunked++) {
		post(site, "/body", SITE_BODY_MAX + 16, chunked);
		hear_status(413);
		assert_slice_equal(a.body, S("TOO_LARGE: 1000"));
		assert_int_equal(answer_header(&a, "X-TRACE-ID").n, 32);
		await_close(&c);
		hang_up(&c);
	}
	assert_int_equal(site->handled, 0);
}

static void length_far_over_the_limit_is_refused_at_once(void **state)
{
	dial(*state, &c);
	say(&c, "POST /body HTTP/1.1\r\n" HEADERS "Content-Length: 18446744073709551615\r\n\r\n");
	hear_status(413);
	await_close(&c);
	hang_up(&c);
}

static void endless_body_is_cut(void **state)
{
	post(*state, "/body", (size_t)64 * DISCARD_BYTES_MAX, true);
	await_close(&c);
	hang_up(&c);
}

static void refusal_by_head_keeps_the_connection(void **state)
{
	struct site *site = *state;

	dial(site, &c);
	say(&c, GET("/no"));
	hear_status(401);
	say(&c, "POST /no HTTP/1.1\r\n" HEADERS "\r\n");
	hear_status(401);
	say(&c, "POST /no HTTP/1.1\r\n" HEADERS "Content-Length: 3\r\n\r\nabc" GET("/body"));
	hear_status(401);
	hear_status(200);
	assert_int_equal(site->handled, 1);
	say(&c, "POST /no HTTP/1.1\r\n" HEADERS "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
	hear_status(401);
	hang_up(&c);
}

static void refusal_by_head_of_a_huge_body_closes(void **state)
{
	dial(*state, &c);
	say(&c, "POST /no HTTP/1.1\r\n" HEADERS "Content-Length: 99999999\r\n\r\n");
	hear_status(401);
	await_close(&c);
	hang_up(&c);
}

static void query_of_many_parts_is_no_trouble(void **state)
{
	char target[TARGET_BYTES_MAX];

	memset(target, '&', sizeof(target));
	memcpy(target, "/about?", 7);
	dial(*state, &c);
	say(&c, "GET ");
	assert_true(say_bytes(&c, slice_of(target, sizeof(target))));
	say(&c, " HTTP/1.1\r\n" HEADERS "\r\n");
	hear_status(200);
	assert_true(tells("query=&&&"));
	assert_true(a.body.n > sizeof(target));
	hang_up(&c);
}

/* The library does not see the end of a connection that comes together with half a request: it is left to the deadline. */
static void client_that_leaves_in_the_middle_is_no_trouble(void **state)
{
	struct site *site = *state;

	site->config.request_timeout_ms = 200;
	site_start(site);
	for (size_t i = 1; i < several.n; i += 3) {
		dial(site, &c);
		assert_true(say_bytes(&c, slice_of(several.p, i)));
		hang_up(&c);
	}
	await_connections(site, 0);
}

int main(void)
{
#define ON_SITE(test) cmocka_unit_test_setup_teardown(test, site_started, site_free)
	const struct CMUnitTest tests[] = {
		ON_SITE(request_is_shown_as_it_was_sent),
		ON_SITE(methods_are_told_apart),
		ON_SITE(head_has_the_headers_of_get_and_no_body),
		ON_SITE(reply_has_its_headers),
		ON_SITE(traceparent_is_continued),
		ON_SITE(bodies_arrive_whole),
		ON_SITE(what_follows_a_chunked_body_is_not_read),
		ON_SITE(get_may_have_a_body),
		ON_SITE(pipelined_requests_are_answered_in_order),
		ON_SITE(requests_may_come_byte_by_byte),
		ON_SITE(requests_may_be_cut_anywhere),
		ON_SITE(http_1_0_and_close_end_the_connection),
		ON_SITE(continue_is_said_when_the_body_is_welcome),
		ON_SITE(continue_is_not_said_when_it_is_not),
		ON_SITE(body_at_the_limit_is_taken),
		ON_SITE(body_over_the_limit_is_refused),
		ON_SITE(length_far_over_the_limit_is_refused_at_once),
		ON_SITE(endless_body_is_cut),
		ON_SITE(refusal_by_head_keeps_the_connection),
		ON_SITE(refusal_by_head_of_a_huge_body_closes),
		ON_SITE(query_of_many_parts_is_no_trouble),
		cmocka_unit_test_setup_teardown(client_that_leaves_in_the_middle_is_no_trouble, site_new, site_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

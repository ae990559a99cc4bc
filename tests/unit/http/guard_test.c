#include "tests/unit/common/test.h"

#include "http/guard.h"

enum { FIELDS_MAX = HEADER_COUNT_MAX + 2 };

/* A request as lines: "METHOD TARGET VERSION", then "name:value", each with its own end. */
struct head_lines {
	struct http_head head;
	struct http_header fields[FIELDS_MAX];
};

static void read_lines(struct head_lines *lines, const char *first, struct slice rest)
{
	struct slice line = slice_text(first);

	lines->head = (struct http_head){ .method = slice_cut(&line, ' '), .target = slice_cut(&line, ' '), .version = line };
	lines->head.headers = lines->fields;
	while (rest.n) {
		struct slice value = slice_cut(&rest, '\n'), name = slice_cut(&value, ':');

		lines->fields[lines->head.header_count++] = (struct http_header){ name, value };
	}
}

static struct error check(const char *first, struct slice fields, struct http_head *ret_head)
{
	struct head_lines lines;
	struct slice what;
	struct error e;

	read_lines(&lines, first, fields);
	e = guard_check(&lines.head, &what);
	if (is_err(e, E_AMBIGUOUS))
		assert_true(what.n > 0);
	*ret_head = lines.head;
	return e;
}

struct row {
	const char *name, *first;
	struct slice fields;
};

#define HOST "host:a\n"

static const struct row good[] = {
	{ "plain", "GET / HTTP/1.1", S(HOST) },
	{ "HTTP/1.0 without a host", "GET / HTTP/1.0", S("") },
	{ "HTTP/1.0 with one", "GET / HTTP/1.0", S(HOST) },
	{ "host with port", "GET / HTTP/1.1", S("Host:a.example-1.com:65535\n") },
	{ "IPv4", "GET / HTTP/1.1", S("host:127.0.0.1:8080\n") },
	{ "IPv6", "GET / HTTP/1.1", S("host:[2001:db8::1]\n") },
	{ "IPv6 and port", "GET / HTTP/1.1", S("host:[::ffff:1.2.3.4]:443\n") },
	{ "space behind the host", "GET / HTTP/1.1", S("host:a \t\n") },
	{ "unknown method", "FOO!#$%&'*+-.^_`|~09azAZ / HTTP/1.1", S(HOST) },
	{ "every header name character", "GET / HTTP/1.1", S(HOST "!#$%&'*+-.^_`|~09azAZ:x\n") },
	{ "tab and high bytes in a value", "GET / HTTP/1.1", S(HOST "x:a\tb \x80\xff\n") },
	{ "empty value", "GET / HTTP/1.1", S(HOST "x:\n") },
	{ "star with OPTIONS", "OPTIONS * HTTP/1.1", S(HOST) },
	{ "chunked", "POST / HTTP/1.1", S(HOST "Transfer-Encoding:CHUNKED\n") },
	{ "largest length", "POST / HTTP/1.1", S(HOST "content-length:18446744073709551615\n") },
	{ "leading zeros", "POST / HTTP/1.1", S(HOST "content-length:007\n") },
	{ "odd but visible target", "GET /\"<>[]^`{|}\\%zz;a=b@c:d HTTP/1.1", S(HOST) },
};

static const struct row bad[] = {
	{ "HTTP/1.2", "GET / HTTP/1.2", S(HOST) },
	{ "HTTP/2.0", "GET / HTTP/2.0", S(HOST) },
	{ "HTTP/0.9", "GET / HTTP/0.9", S(HOST) },
	{ "no version", "GET /", S(HOST) },
	{ "lower-case version", "GET / http/1.1", S(HOST) },
	{ "empty method", " / HTTP/1.1", S(HOST) },
	{ "method with a separator", "G(T / HTTP/1.1", S(HOST) },
	{ "method with a control", "G\x01T / HTTP/1.1", S(HOST) },
	{ "no host", "GET / HTTP/1.1", S("") },
	{ "two hosts", "GET / HTTP/1.1", S(HOST HOST) },
	{ "two hosts, one in capitals", "GET / HTTP/1.1", S(HOST "HOST:a\n") },
	{ "two hosts in HTTP/1.0", "GET / HTTP/1.0", S(HOST HOST) },
	{ "empty host", "GET / HTTP/1.1", S("host:\n") },
	{ "empty host in HTTP/1.0", "GET / HTTP/1.0", S("host:\n") },
	{ "port only", "GET / HTTP/1.1", S("host::80\n") },
	{ "user information", "GET / HTTP/1.1", S("host:u@a\n") },
	{ "space in host", "GET / HTTP/1.1", S("host:a b\n") },
	{ "list of hosts", "GET / HTTP/1.1", S("host:a,b\n") },
	{ "path in host", "GET / HTTP/1.1", S("host:a/b\n") },
	{ "escape in host", "GET / HTTP/1.1", S("host:a%2eb\n") },
	{ "empty port", "GET / HTTP/1.1", S("host:a:\n") },
	{ "port 0", "GET / HTTP/1.1", S("host:a:0\n") },
	{ "port too large", "GET / HTTP/1.1", S("host:a:65536\n") },
	{ "port with six digits", "GET / HTTP/1.1", S("host:a:000080\n") },
	{ "port with sign", "GET / HTTP/1.1", S("host:a:+80\n") },
	{ "two ports", "GET / HTTP/1.1", S("host:a:80:80\n") },
	{ "open bracket", "GET / HTTP/1.1", S("host:[::1\n") },
	{ "empty brackets", "GET / HTTP/1.1", S("host:[]\n") },
	{ "text behind the bracket", "GET / HTTP/1.1", S("host:[::1]a\n") },
	{ "zone in brackets", "GET / HTTP/1.1", S("host:[fe80::1%25eth0]\n") },
	{ "empty header name", "GET / HTTP/1.1", S(HOST ":x\n") },
	{ "space before the colon", "GET / HTTP/1.1", S(HOST "x :y\n") },
	{ "tab before the colon", "GET / HTTP/1.1", S(HOST "x\t:y\n") },
	{ "space before the name", "GET / HTTP/1.1", S(HOST " x:y\n") },
	{ "separator in the name", "GET / HTTP/1.1", S(HOST "x(y):z\n") },
	{ "high byte in the name", "GET / HTTP/1.1", S(HOST "x\x80:z\n") },
	{ "NUL in the name", "GET / HTTP/1.1", S(HOST "x\0y:z\n") },
	{ "NUL in the value", "GET / HTTP/1.1", S(HOST "x:a\0b\n") },
	{ "CR in the value", "GET / HTTP/1.1", S(HOST "x:a\rb\n") },
	{ "DEL in the value", "GET / HTTP/1.1", S(HOST "x:a\x7f\n") },
	{ "control in the target", "GET /\x01 HTTP/1.1", S(HOST) },
	{ "DEL in the target", "GET /\x7f HTTP/1.1", S(HOST) },
	{ "high byte in the target", "GET /\xc3\xa4 HTTP/1.1", S(HOST) },
	{ "tab in the target", "GET /a\tb HTTP/1.1", S(HOST) },
	{ "fragment", "GET /a#b HTTP/1.1", S(HOST) },
	{ "empty target", "GET  HTTP/1.1", S(HOST) },
	{ "relative target", "GET a HTTP/1.1", S(HOST) },
	{ "star without OPTIONS", "GET * HTTP/1.1", S(HOST) },
	{ "star and more", "OPTIONS *a HTTP/1.1", S(HOST) },
	{ "authority as target", "CONNECT a:80 HTTP/1.1", S(HOST) },
	{ "other host in the target", "GET http://b/ HTTP/1.1", S(HOST) },
	{ "other port in the target", "GET http://a:80/ HTTP/1.1", S(HOST) },
	{ "user in the target", "GET http://u@a/ HTTP/1.1", S(HOST) },
	{ "no host beside an absolute target", "GET http://a/ HTTP/1.0", S("") },
	{ "empty authority", "GET http:/// HTTP/1.1", S(HOST) },
	{ "other scheme", "GET ftp://a/ HTTP/1.1", S(HOST) },
	{ "no slashes", "GET http:a/ HTTP/1.1", S(HOST) },
	{ "scheme alone", "GET http HTTP/1.1", S(HOST) },
	{ "two lengths", "POST / HTTP/1.1", S(HOST "content-length:3\ncontent-length:3\n") },
	{ "list of lengths", "POST / HTTP/1.1", S(HOST "content-length:3,3\n") },
	{ "positive length", "POST / HTTP/1.1", S(HOST "content-length:+3\n") },
	{ "negative length", "POST / HTTP/1.1", S(HOST "content-length:-3\n") },
	{ "length in hex", "POST / HTTP/1.1", S(HOST "content-length:0x3\n") },
	{ "empty length", "POST / HTTP/1.1", S(HOST "content-length:\n") },
	{ "length with a space", "POST / HTTP/1.1", S(HOST "content-length:1 2\n") },
	{ "length past 64 bits", "POST / HTTP/1.1", S(HOST "content-length:18446744073709551616\n") },
	{ "length and chunked", "POST / HTTP/1.1", S(HOST "content-length:3\ntransfer-encoding:chunked\n") },
	{ "two codings", "POST / HTTP/1.1", S(HOST "transfer-encoding:chunked\ntransfer-encoding:chunked\n") },
	{ "list of codings", "POST / HTTP/1.1", S(HOST "transfer-encoding:gzip, chunked\n") },
	{ "identity", "POST / HTTP/1.1", S(HOST "transfer-encoding:identity\n") },
	{ "almost chunked", "POST / HTTP/1.1", S(HOST "transfer-encoding:xchunked\n") },
	{ "chunked with a parameter", "POST / HTTP/1.1", S(HOST "transfer-encoding:chunked;a=b\n") },
	{ "space behind chunked", "POST / HTTP/1.1", S(HOST "transfer-encoding:chunked \n") },
	{ "tab behind chunked", "POST / HTTP/1.1", S(HOST "transfer-encoding:chunked\t\n") },
	{ "empty coding", "POST / HTTP/1.1", S(HOST "transfer-encoding:\n") },
	{ "chunked in HTTP/1.0", "POST / HTTP/1.0", S(HOST "transfer-encoding:chunked\n") },
};

static void what_can_be_read_in_one_way_passes(void **state)
{
	struct http_head head;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (failed(check(good[i].first, good[i].fields, &head)))
			fail_msg("refused: %s", good[i].name);
}

static void what_can_be_read_in_two_ways_is_refused(void **state)
{
	struct http_head head;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (!is_err(check(bad[i].first, bad[i].fields, &head), E_AMBIGUOUS))
			fail_msg("not refused: %s", bad[i].name);
}

static void target_is_cut_at_the_first_question_mark(void **state)
{
	static const struct {
		const char *first, *path, *query;
	} rows[] = {
		{ "GET / HTTP/1.1", "/", "" },
		{ "GET /a%2Fb?c=%20&d HTTP/1.1", "/a%2Fb", "c=%20&d" },
		{ "GET /a?b?c HTTP/1.1", "/a", "b?c" },
		{ "GET /? HTTP/1.1", "/", "" },
		{ "GET http://a/b?c HTTP/1.1", "/b", "c" },
		{ "GET HTTPS://A/b HTTP/1.1", "/b", "" },
		{ "GET http://a HTTP/1.1", "/", "" },
		{ "GET http://a?b HTTP/1.1", "/", "b" },
		{ "GET //a/b HTTP/1.1", "//a/b", "" },
		{ "OPTIONS * HTTP/1.1", "*", "" },
	};
	struct http_head head;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_ok(check(rows[i].first, S(HOST), &head));
		assert_slice_equal(head.path, slice_text(rows[i].path));
		assert_slice_equal(head.query, slice_text(rows[i].query));
	}
}

static void framing_is_found(void **state)
{
	struct http_head head;

	(void)state;
	assert_ok(check("POST / HTTP/1.1", S(HOST "Content-Length:12\n"), &head));
	assert_int_equal(head.body_bytes, 12);
	assert_false(head.chunked);
	assert_ok(check("POST / HTTP/1.1", S(HOST "Transfer-Encoding:chunked\n"), &head));
	assert_int_equal(head.body_bytes, 0);
	assert_true(head.chunked);
}

/* "GET " target " HTTP/1.1" with the host: `bytes` in all, as the limit counts. */
static struct error check_sized(size_t bytes, size_t fields)
{
	static char value[HEADERS_BYTES_MAX];
	struct head_lines lines;
	struct slice what;
	size_t rest = bytes - strlen("GET/HTTP/1.1") - 5 * fields - (strlen("host") + strlen("a") + 4);

	memset(value, 'v', sizeof(value));
	read_lines(&lines, "GET / HTTP/1.1", S(HOST));
	for (size_t i = 0; i < fields; i++) {
		struct slice v = slice_of(value, i + 1 == fields ? rest : 0);

		lines.fields[lines.head.header_count++] = (struct http_header){ S("x"), v };
	}
	return guard_check(&lines.head, &what);
}

static void headers_at_the_limit_pass_and_one_byte_more_does_not(void **state)
{
	(void)state;
	assert_ok(check_sized(HEADERS_BYTES_MAX, 2));
	assert_err(check_sized(HEADERS_BYTES_MAX + 1, 2), HEADERS_TOO_LARGE);
}

static void as_many_headers_as_allowed_pass_and_one_more_does_not(void **state)
{
	(void)state;
	assert_ok(check_sized(2000, HEADER_COUNT_MAX - 1));
	assert_err(check_sized(2000, HEADER_COUNT_MAX), HEADERS_TOO_LARGE);
}

static void target_at_the_limit_passes_and_one_byte_more_does_not(void **state)
{
	char first[TARGET_BYTES_MAX + 32];
	struct http_head head;

	(void)state;
	for (size_t more = 0; more < 2; more++) {
		size_t n = TARGET_BYTES_MAX + more;

		memcpy(first, "GET ", 4);
		memset(first + 4, '/', n);
		strcpy(first + 4 + n, " HTTP/1.1");
		assert_int_equal(check(first, S(HOST), &head).code, more ? E_AMBIGUOUS : E_OK);
	}
}

/* As the library leaves it: every separator overwritten in place. */
static char laid_out[] = "GET\0/a\0HTTP/1.1\0\0host\0 a\0\0x\0\0\0\0";

static struct error check_layout(size_t skip_in_value, size_t head_bytes)
{
	struct http_header fields[] = {
		{ slice_of(laid_out + 17, 4), slice_of(laid_out + 23, 1) },
		{ slice_of(laid_out + 26, 1), slice_of(laid_out + 28 + skip_in_value, 0) },
	};
	struct http_head head = { .method = slice_of(laid_out, 3), .target = slice_of(laid_out + 4, 2),
		.version = slice_of(laid_out + 7, 8), .headers = fields, .header_count = COUNT(fields) };
	struct slice what;

	return guard_layout(&head, head_bytes, &what);
}

static void fields_side_by_side_pass(void **state)
{
	(void)state;
	assert_ok(check_layout(0, 32));
}

static void bytes_before_the_end_of_the_head_are_refused(void **state)
{
	(void)state;
	assert_err(check_layout(0, 33), AMBIGUOUS);
	assert_err(check_layout(0, 31), AMBIGUOUS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_can_be_read_in_one_way_passes),
		cmocka_unit_test(what_can_be_read_in_two_ways_is_refused),
		cmocka_unit_test(target_is_cut_at_the_first_question_mark),
		cmocka_unit_test(framing_is_found),
		cmocka_unit_test(headers_at_the_limit_pass_and_one_byte_more_does_not),
		cmocka_unit_test(as_many_headers_as_allowed_pass_and_one_more_does_not),
		cmocka_unit_test(target_at_the_limit_passes_and_one_byte_more_does_not),
		cmocka_unit_test(fields_side_by_side_pass),
		cmocka_unit_test(bytes_before_the_end_of_the_head_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

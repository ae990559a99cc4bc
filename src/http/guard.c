#include "http/guard.h"

static bool is_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool one_of(uint8_t c, const char *set)
{
	return c != 0 && strchr(set, c) != NULL;
}

/* RFC 9110 section 5.6.2: token. */
static bool is_token(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_alnum(s.p[i]) && !one_of(s.p[i], "!#$%&'*+-.^_`|~"))
			return false;
	return s.n > 0;
}

/* RFC 9110 section 5.5: visible characters, space, tab and obs-text. Written without branches, it takes many bytes at a time. */
static bool is_field_value(struct slice s)
{
	int bad = 0;

	for (size_t i = 0; i < s.n; i++)
		bad |= ((s.p[i] < ' ') & (s.p[i] != '\t')) | (s.p[i] == 0x7f);
	return !bad;
}

static bool is_target(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || s.p[i] == '#')
			return false;
	return s.n > 0;
}

static bool is_port(struct slice s)
{
	uint64_t port;

	return s.n <= 5 && !failed(slice_u64(s, &port)) && port > 0 && port <= UINT16_MAX;
}

/* host[:port] of RFC 3986 section 3.2, without what no real host has: user information, percent-encoding, sub-delimiters. */
static bool is_host(struct slice s)
{
	bool literal = s.n > 0 && s.p[0] == '[';
	size_t end = literal ? slice_find(s, ']') : slice_find(s, ':');
	struct slice name = slice_of(s.p, end), port;

	if (literal) {
		if (end == s.n)
			return false;
		name = slice_of(s.p + 1, end++ - 1);
	}
	for (size_t i = 0; i < name.n; i++)
		if (!is_alnum(name.p[i]) && !one_of(name.p[i], literal ? ":." : "-._"))
			return false;
	port = slice_of(s.p + end, s.n - end);
	if (port.n > 0 && (port.p[0] != ':' || !is_port(slice_of(port.p + 1, port.n - 1))))
		return false;
	return name.n > 0;
}

static struct slice only(const struct http_head *head, const char *name, size_t *ret_count)
{
	struct slice value = { NULL, 0 };

	*ret_count = 0;
	for (size_t i = 0; i < head->header_count; i++)
		if (slice_ieq(head->headers[i].name, slice_text(name)) && (*ret_count)++ == 0)
			value = head->headers[i].value;
	return value;
}

#define REFUSE_UNLESS(cond, what)                                    \
	do {                                                         \
		if (!(cond)) {                                       \
			*ret_what = S(what);                         \
			return FAIL(AMBIGUOUS);                      \
		}                                                    \
	} while (0)

static err check_fields(const struct http_head *head, struct slice *ret_what)
{
	size_t bytes = head->method.n + head->target.n + head->version.n;

	for (size_t i = 0; i < head->header_count; i++) {
		REFUSE_UNLESS(is_token(head->headers[i].name), "a header name has a character that is not allowed");
		REFUSE_UNLESS(is_field_value(head->headers[i].value), "a header value has a control character");
		bytes += head->headers[i].name.n + head->headers[i].value.n + 4;
	}
	ENSURE(bytes <= HEADERS_BYTES_MAX, HEADERS_TOO_LARGE);
	ENSURE(head->header_count <= HEADER_COUNT_MAX, HEADERS_TOO_LARGE);
	return OK;
}

/* RFC 9112 section 3.2: exactly one, and valid; HTTP/1.0 may go without. */
static err check_host(const struct http_head *head, struct slice *ret_host, struct slice *ret_what)
{
	size_t count;

	*ret_host = slice_trim(only(head, "host", &count));
	REFUSE_UNLESS(count <= 1, "more than one Host header");
	REFUSE_UNLESS(count == 1 || slice_is(head->version, "HTTP/1.0"), "no Host header");
	REFUSE_UNLESS(count == 0 || is_host(*ret_host), "the Host header is not host[:port]");
	return OK;
}

/* RFC 9112 section 3.2.2: absolute-form, http://host/path?query; leaves /path?query behind. */
static err check_absolute(struct slice host, struct slice *rest, struct slice *ret_what)
{
	struct slice scheme = slice_of(rest->p, slice_find(*rest, ':')), authority;
	size_t end = 0;

	REFUSE_UNLESS(slice_ieq(scheme, S("http")) || slice_ieq(scheme, S("https")), "the request target is not a path");
	*rest = slice_of(rest->p + scheme.n, rest->n - scheme.n);
	REFUSE_UNLESS(slice_starts(*rest, S("://")), "the request target is not a path");
	*rest = slice_of(rest->p + 3, rest->n - 3);
	while (end < rest->n && rest->p[end] != '/' && rest->p[end] != '?')
		end++;
	authority = slice_of(rest->p, end);
	REFUSE_UNLESS(host.n > 0 && slice_ieq(authority, host), "the Host header differs from the request target");
	*rest = slice_of(rest->p + end, rest->n - end);
	return OK;
}

static err check_target(struct http_head *head, struct slice host, struct slice *ret_what)
{
	struct slice rest = head->target;

	REFUSE_UNLESS(is_target(rest), "the request target has a character that is not allowed");
	REFUSE_UNLESS(rest.n <= TARGET_BYTES_MAX, "the request target is too long");
	if (slice_is(rest, "*")) {
		REFUSE_UNLESS(slice_is(head->method, "OPTIONS"), "the target * is for OPTIONS only");
		head->path = rest;
		return OK;
	}
	if (rest.p[0] != '/')
		TRY(check_absolute(host, &rest, ret_what));
	head->path = slice_cut(&rest, '?');
	head->query = rest;
	if (head->path.n == 0)
		head->path = S("/");
	return OK;
}

/* RFC 9112 section 6: one length, said in one way. */
static err check_framing(struct http_head *head, struct slice *ret_what)
{
	size_t length_count, coding_count;
	struct slice length = only(head, "content-length", &length_count);
	struct slice coding = only(head, "transfer-encoding", &coding_count);

	REFUSE_UNLESS(length_count <= 1, "more than one Content-Length header");
	REFUSE_UNLESS(coding_count <= 1, "more than one Transfer-Encoding header");
	REFUSE_UNLESS(length_count + coding_count <= 1, "both Content-Length and Transfer-Encoding");
	REFUSE_UNLESS(length_count == 0 || !failed(slice_u64(length, &head->body_bytes)), "Content-Length is not a number");
	REFUSE_UNLESS(coding_count == 0 || slice_ieq(coding, S("chunked")), "the transfer coding is unknown");
	REFUSE_UNLESS(coding_count == 0 || slice_is(head->version, "HTTP/1.1"), "HTTP/1.0 has no transfer codings");
	head->chunked = coding_count == 1;
	return OK;
}

err guard_check(struct http_head *head, struct slice *ret_what)
{
	struct slice host;

	*ret_what = S("");
	REFUSE_UNLESS(slice_is(head->version, "HTTP/1.1") || slice_is(head->version, "HTTP/1.0"), "the HTTP version is not 1.0 or 1.1");
	REFUSE_UNLESS(is_token(head->method), "the method has a character that is not allowed");
	TRY(check_fields(head, ret_what));
	TRY(check_host(head, &host, ret_what));
	TRY(check_target(head, host, ret_what));
	return check_framing(head, ret_what);
}

err guard_layout(const struct http_head *head, size_t head_bytes, struct slice *ret_what)
{
	uintptr_t at = (uintptr_t)head->method.p + head->method.n + 1;

	REFUSE_UNLESS((uintptr_t)head->target.p == at, "the request line holds hidden bytes");
	at += head->target.n + 1;
	REFUSE_UNLESS((uintptr_t)head->version.p == at, "the request line holds hidden bytes");
	at += head->version.n + 2;
	for (size_t i = 0; i < head->header_count; i++) {
		const struct http_header *field = &head->headers[i];

		REFUSE_UNLESS((uintptr_t)field->name.p == at, "a header line is folded, has no name, or ends in CR or LF alone");
		at = (uintptr_t)field->value.p + field->value.n + 2;
	}
	REFUSE_UNLESS(at + 2 == (uintptr_t)head->method.p + head_bytes, "a header line holds hidden bytes");
	return OK;
}

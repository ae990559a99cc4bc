/*
 * Refuses every request that two parties could read differently (RFC 9112 section 11.2, request smuggling), before anything
 * else looks at it. Pure: works on what was received, knows no socket.
 */
#ifndef HTTP_GUARD_H
#define HTTP_GUARD_H

#include "http/http.h"

struct http_head {
	/* received */
	struct slice method, target, version;
	const struct http_header *headers;
	size_t header_count;
	/* found by guard_check() */
	struct slice path, query;
	bool chunked;
	uint64_t body_bytes; /* Content-Length; 0 without one */
};

/*
 * E_AMBIGUOUS or E_HEADERS_TOO_LARGE, and in `ret_what` a constant phrase for the client. Values are looked at as received, with
 * white space behind them: the library does not know "chunked " for chunked.
 */
err guard_check(struct http_head *head, struct slice *ret_what);

/*
 * libmicrohttpd parses in place. So the name, value and line end of one field lie directly behind those of the field before, and
 * any gap holds bytes that it cut (behind a NUL), joined (folded lines), dropped (fields without a name) or took for a line end
 * (a bare CR or LF). `head_bytes` is the length of the whole head, request line and empty line included.
 */
err guard_layout(const struct http_head *head, size_t head_bytes, struct slice *ret_what);

#endif

/* The head of a request, from the library's pieces to what the handler sees. */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "http/exchange.h"
#include "http/guard.h"

/*
 * Fills in headers, method, trace id and peer in any case; path and query unless the request is refused, with E_AMBIGUOUS or
 * E_HEADERS_TOO_LARGE and a phrase in `ret_what`. In `ret_head`, what guard_check() found.
 */
err head_read(struct http_exchange *x, const char *method, const char *version, struct http_head *ret_head, struct slice *ret_what);

#endif

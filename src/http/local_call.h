/* One request to a server on the same machine, through the Unix socket that it listens on for its operator. Waits for the answer. */
#ifndef HTTP_LOCAL_CALL_H
#define HTTP_LOCAL_CALL_H

#include "http/http.h"

struct local_answer {
	int status;
	struct slice body; /* in the arena */
};

/*
 * `target` is path and query; a body is JSON, and empty means none. E_UNAVAILABLE when nobody listens at `socket`; E_IO when the
 * call broke off in the middle, with a sentence in `ret_why`: then nobody knows whether the request was carried out.
 */
err http_local_call(const char *socket, enum http_method method, const char *target, struct slice body, struct arena *a,
	struct local_answer *ret_answer, const char **ret_why);

#endif

/*
 * Requests that park and are resumed, without an HTTP server: each runs to its end on the thread that sends it, which sleeps while
 * the request is parked. Link with parked_link (tests/unit/api/meson.build), which puts these in the place of http_park() and
 * http_resume().
 */
#ifndef TEST_UNIT_COMMON_PARKED_H
#define TEST_UNIT_COMMON_PARKED_H

#include "http/http.h"

/* The reply stands in req->reply; the caller frees req->arena. Any number of threads may do this at once. */
void parked_run(struct http_handler handler, struct http_request *req);

#endif

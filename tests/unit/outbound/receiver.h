/*
 * A receiver on 127.0.0.1 that does what the path says, each connection on a thread of its own:
 *
 *   /ok        200, body "fine", X-Told: yes          /large    200 and more and more of a body
 *   /echo      200, what it was sent                  /headers  200 and more and more headers
 *   /status/N  N without a body                       /trickle  200, then a byte of the body now and then
 *   /moved     302 to /ok                             /garbage  something that is no HTTP
 *   /stall     nothing, ever                          /cut      closes without an answer
 *   /hold      nothing until receiver_release()       /early    100, 103, then 200
 */
#ifndef TEST_UNIT_OUTBOUND_RECEIVER_H
#define TEST_UNIT_OUTBOUND_RECEIVER_H

#include <pthread.h>
#include <stdatomic.h>

#include "outbound/outbound.h"
#include "tests/unit/common/test.h"

enum { RECEIVER_THREADS_MAX = 256 };

struct receiver {
	int fd, port;
	pthread_t acceptor, threads[RECEIVER_THREADS_MAX];
	atomic_int connections, requests, holding, holding_most;
	atomic_bool released, stopping;
};

void receiver_start(struct receiver *r);
void receiver_stop(struct receiver *r);
void receiver_release(struct receiver *r);

/* What became of one call. */
struct call {
	atomic_bool done;
	enum outbound_reason reason;
	int status;
	char body[4096], told[64];
	size_t body_bytes, header_count;
};

/* Sends a GET (or what `how` says) to a URL and waits for its end. */
struct call call_url(struct outbound *o, const struct outbound_request *how, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same without waiting. */
void call_begin(struct outbound *o, struct call *call, const struct outbound_request *how, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void call_await(struct call *call);
void await_int(const atomic_int *counter, int value);

#endif

/*
 * A server with a handler that does what the path says, and clients that send raw bytes.
 *
 *   /body   answers with the body it got          /hold   parks until site_release()
 *   /about  answers with what it knows            /early  is resumed before `handle` returns
 *   /large  answers with LARGE_BYTES              /twice  parks again when it is resumed
 *   /park   parks and is soon resumed             /no     is refused by `head` with 401
 */
#ifndef TEST_UNIT_HTTP_FIXTURE_H
#define TEST_UNIT_HTTP_FIXTURE_H

#include "tests/unit/common/test.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "http/http.h"

enum { SITE_BODY_MAX = 1000, LARGE_BYTES = 32 * 1024 * 1024, PARKED_MAX = 4096 };

struct site {
	struct log log;
	struct http_config config;
	struct http_server *server;
	atomic_int begun, finished, sent, handled, refused;
	pthread_t resumer;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* under the lock */
	struct http_request *parked[PARKED_MAX], *held[PARKED_MAX];
	size_t parked_count, held_count;
	bool stopping;
};

/* Setup with the usual configuration, not started; teardown stops it and checks that every request had its end. */
int site_new(void **state);
int site_free(void **state);
void site_start(struct site *site);
/* Setup: both. */
int site_started(void **state);
void site_stop(struct site *site);

/* Waits until so many requests are held; fails after some seconds. */
void site_await_held(struct site *site, size_t count);
void site_release(struct site *site);
/* Waits until the counter has reached the value. */
void await(const atomic_int *counter, int value);
void await_connections(const struct site *site, size_t count);

struct client {
	int fd;
	size_t n;
	char bytes[64 * 1024];
};

struct answer {
	int status;
	struct slice head, body; /* in the client, until the next answer */
	char copy[64 * 1024];
};

void dial(const struct site *site, struct client *c);
bool try_dial(const struct site *site, struct client *c); /* false when nobody listens */
void dial_path(const char *path, struct client *c);
void hang_up(struct client *c);
/* False when the other side has closed. */
bool say_bytes(struct client *c, struct slice bytes);
#define say(c, lit) assert_true(say_bytes((c), S(lit)))
/* The next answer; false when the connection is closed instead. Answers to HEAD have no body. */
bool hear(struct client *c, struct answer *ret_answer);
bool hear_head(struct client *c, struct answer *ret_answer);
/* Waits for the other side to close; what comes before is left in `bytes` as far as it fits. Fails when it stays open. */
void await_close(struct client *c);
/* Did the other side close already? */
bool is_closed(struct client *c);

/* A header of the answer; the empty slice when it is not there. */
struct slice answer_header(const struct answer *answer, const char *name);

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

#endif

/*
 * Cuts connections that take too long. The library's own timeout sees only silence; a client that sends or takes a byte now and
 * then would hold its connection for ever. So every connection has a deadline, and one thread per server looks at them all a few
 * times a second and shuts down the sockets that are late; the library then finds them closed.
 */
#ifndef HTTP_SLOW_H
#define HTTP_SLOW_H

#include <stdatomic.h>

#include "base/env.h"

struct slow;

/* Lies in the connection. Zeroed before slow_add(). */
struct slow_entry {
	struct slow_entry *next, *previous;
	int fd;
	_Atomic int64_t deadline_ms;   /* INT64_MAX: none */
	_Atomic int64_t idle_since_ms; /* 0: a request is under way */
};

struct slow_times {
	int64_t idle_ms;    /* a kept connection may stay silent so long */
	int64_t request_ms; /* from the first byte of a request to its last */
};

err slow_start(const struct env *env, struct slow_times times, struct slow **ret_slow);
void slow_stop(struct slow *slow); /* NULL-safe */

/* The socket stays open until slow_remove() returned. */
void slow_add(struct slow *slow, struct slow_entry *entry, int fd);
void slow_remove(struct slow *slow, struct slow_entry *entry);
size_t slow_count(struct slow *slow);

/* What the connection does now. Any thread, no lock. */
void slow_receiving(struct slow *slow, struct slow_entry *entry); /* the request line is there */
void slow_handling(struct slow_entry *entry);                     /* the request is complete: no deadline */
void slow_sending(struct slow *slow, struct slow_entry *entry, size_t reply_bytes);
void slow_idle(struct slow *slow, struct slow_entry *entry);      /* waits for the next request */

/* From now on connections without a request are closed soon. Waits up to timeout_ms until none is left. */
void slow_drain(struct slow *slow, int64_t timeout_ms);

#endif

/*
 * A few threads, each with a library daemon of its own and its own connections; they share the listening socket.
 *
 * The library could run the threads itself, but its own epoll loop (0.9.75) fetches 128 events at a time and, whenever a batch
 * was full, blocks for the next one before it handles the first: with 256 busy clients it stands still. Driven from outside it
 * never blocks.
 */
#ifndef HTTP_LOOP_H
#define HTTP_LOOP_H

#include "base/err.h"

struct http_exchange;
struct http_server;
struct loop;  /* one thread */
struct loops; /* all of them */

/* Accepts connections on server->listen_fd, which stays the caller's. */
err loops_start(struct http_server *server, struct loops **ret_loops);
/* No new connections; returns when no thread will accept any more. */
void loops_quiet(struct loops *loops);
/* Ends the threads and closes all connections. NULL-safe. */
void loops_stop(struct loops *loops);

struct http_server *loop_server(const struct loop *loop);
/* From any thread: the parked exchange goes on. */
void loop_resume(struct loop *loop, struct http_exchange *x);

#endif

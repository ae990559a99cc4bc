/* Inside this folder: a server, its connections, and the one exchange (request and reply) that a connection carries at a time. */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include <stdatomic.h>

#include "base/buf.h"
#include "http/http.h"
#include "http/library.h"
#include "http/proxy.h"
#include "http/slow.h"
#include "http/tls.h"

/* Where an exchange stands; see request.c for the moves. */
enum phase {
	PHASE_NONE,     /* between requests */
	PHASE_TARGET,   /* the request line was read */
	PHASE_BODY,     /* `head` agreed, the body is coming */
	PHASE_DISCARD,  /* the reply stands already, but the body has to be read first */
	PHASE_HANDLE,   /* `handle` or `resumed` is running */
	PHASE_PARKED,   /* waits for http_resume() */
	PHASE_ORPHANED, /* still does, but the connection is lost */
	PHASE_RESUMED,  /* the library knows of the resume */
	PHASE_REPLIED,  /* handed over for sending */
};

struct loop;
struct loops;

struct http_exchange {
	struct http_request req;
	struct connection *connection;
	struct MHD_Connection *mhd;
	struct http_exchange *next_resumed;
	enum phase phase;
	bool reached;             /* the handler has heard of it and will hear of its end */
	/*
	 * The connection is closed behind it. So after a chunked body: the library takes more than RFC 9112 section 7.1 allows for the
	 * end of a chunk, so another reader may see the next request elsewhere.
	 */
	bool last;
	const char *target_at;    /* in the receive buffer; later cut up there by the library */
	struct slice target;      /* the copy */
	struct buf body;
	uint64_t discarded_bytes;
};

struct connection {
	struct loop *loop;
	struct http_server *server;
	struct slow_entry slow;
	struct tls_keys *keys;    /* those it was opened with; NULL without TLS */
	struct address address;
	bool closed;              /* the library has forgotten it; it waits for an orphaned request */
	struct http_exchange exchange;
};

struct http_server {
	struct http_config config;
	struct http_handler handler;
	struct loops *loops;
	int listen_fd;
	uint16_t port;
	bool local;               /* listens on a Unix socket */
	char *unix_path;          /* to unlink; NULL when that is done */
	struct networks trusted;
	struct tls *tls;          /* NULL: plain */
	struct slow *slow;
	atomic_bool draining;     /* connections end with their next reply */
	atomic_bool stopping;     /* no more requests reach the handler */
	atomic_int in_hand;       /* requests that the handler is working on or has parked */
};

/* request.c: the library's callbacks; cls is the server. */
void *request_begin(void *cls, const char *target, struct MHD_Connection *mhd);
enum MHD_Result request_step(void *cls, struct MHD_Connection *mhd, const char *url, const char *method, const char *version,
	const char *upload, size_t *upload_bytes, void **context);
void request_end(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode how);
/* On the thread of the connection, behind http_resume(). */
void request_go_on(struct http_exchange *x);
/* The header of that name behind `previous` (NULL: the first); NULL when there is none. */
const struct http_header *request_next_header(const struct http_request *req, const char *name, const struct http_header *previous);

/* reply.c: hands req->reply to the library; MHD_NO closes the connection. */
enum MHD_Result reply_send(struct http_exchange *x);

#endif

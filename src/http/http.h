/*
 * HTTP as the rest of the program sees it: a request with its bytes, a reply with its bytes, and parking for what takes longer.
 * Only this folder knows libmicrohttpd, sockets and threads.
 *
 * Life of a request. `head` is called when the headers are complete and decides how much body is welcome (or refuses at once);
 * `handle` is called when the body is complete. Both run on an HTTP thread and must not block. `handle` either fills in the reply
 * and returns, or calls http_park() first and returns; some other thread later calls http_resume(), and then `resumed` runs on an
 * HTTP thread and fills in the reply. After http_park() and until `resumed`, the request belongs to whoever will resume it, also
 * when the client has left meanwhile; then `finished` is called in place of `resumed`.
 * Everything allocated from req->arena lives until the reply was sent or the connection was lost.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/arena.h"
#include "base/limits.h"
#include "base/log.h"

enum http_method { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_HEAD, HTTP_OPTIONS, HTTP_METHOD_COUNT };
enum { HTTP_OTHER = HTTP_METHOD_COUNT }; /* any method that no route has */

const char *http_method_name(enum http_method method);

struct http_header {
	struct slice name, value;
};

struct http_reply {
	int status;
	struct slice body; /* lives in the request's arena or for ever */
	const char *content_type; /* NULL: application/json when there is a body */
	struct http_header headers[12];
	size_t header_count;
	bool close; /* close the connection behind the reply */
};

struct http_request {
	struct arena arena;
	int method; /* enum http_method or HTTP_OTHER */
	struct slice path;  /* as sent, percent-decoding is the router's; starts with '/', or is "*"; empty when it was no good */
	struct slice query; /* raw, behind '?', without it */
	struct slice body;
	struct http_header *headers; /* read them with http_header() */
	size_t header_count;
	struct slice peer;  /* address in text: the socket's, or the client's behind a trusted proxy; "local" on the admin socket */
	bool local;         /* came through the admin socket */
	bool tls;           /* came by TLS, or by https according to a trusted proxy */
	uint8_t trace_id[16];
	char trace[33];     /* the same in hex */
	int64_t started_us; /* CLOCK_MONOTONIC, for latency */
	struct http_reply reply;
	void *owner;        /* free for the handler */
	struct http_exchange *exchange; /* this folder's own */
};

/* First header of that name (case-insensitive), empty slice when there is none. */
struct slice http_header(const struct http_request *req, const char *name);
/* How often it was sent. */
size_t http_header_count(const struct http_request *req, const char *name);
/* Adds a header to the reply; name and value live as long as the request. More than fit are dropped with an assertion. */
void http_add_header(struct http_request *req, const char *name, struct slice value);

struct http_handler {
	void *ctx;
	/* The body limit for this request; or a status: fill in req->reply and return false to answer without reading the body. */
	bool (*head)(void *ctx, struct http_request *req, size_t *ret_body_max);
	void (*handle)(void *ctx, struct http_request *req);
	void (*resumed)(void *ctx, struct http_request *req);
	/* Replies that this folder makes by itself (ambiguous request 400, body too large 413, header trouble 431): fill in the body. */
	void (*refuse)(void *ctx, struct http_request *req, enum err_code code, struct slice what);
	/* The reply was sent or the connection lost; count and log. The arena is freed behind it. */
	void (*finished)(void *ctx, struct http_request *req, bool sent);
};

void http_park(struct http_request *req);
void http_resume(struct http_request *req);

/* env and log outlive the server; the strings are needed by http_start() only. */
struct http_config {
	const struct env *env;
	const struct log *log;
	const char *listen;        /* "127.0.0.1", "::1", "0.0.0.0", "::" */
	uint16_t port;             /* 0: any free one, see http_port() */
	const char *tls_cert, *tls_key; /* PEM files; NULL: plain HTTP */
	const char *unix_path;     /* when set, listens there (0600) instead of on TCP, and requests are `local` */
	const char *trusted_proxies; /* comma list of addresses or networks; "" or NULL: none */
	/* Called when the port is known and nobody is served yet; may be NULL. */
	void (*bound)(void *ctx, uint16_t port);
	void *bound_ctx;
	int threads;
	int connections_max;
	int64_t idle_timeout_ms;   /* kept-alive connection without a request */
	int64_t request_timeout_ms; /* from the first byte of a request to its last; slow clients are cut off */
};

struct http_server;

err http_start(const struct http_config *config, const struct http_handler *handler, struct http_server **ret_server);
uint16_t http_port(const struct http_server *server);
/* Reads certificate and key again; on failure the old ones stay. */
err http_reload_tls(struct http_server *server);
/* No new connections or requests; waits up to timeout_ms for those under way. */
void http_drain(struct http_server *server, int64_t timeout_ms);
/* Closes everything. What is parked is waited for, without a limit: whoever resumes it must still be at work. */
void http_stop(struct http_server *server);
size_t http_open_connections(const struct http_server *server);

#endif

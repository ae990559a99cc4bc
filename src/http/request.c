/*
 * One request from its first line to its end, as the library calls us:
 * request_begin (request line) - request_step (headers; body, piece by piece; end of body; again after a resume) - request_end.
 */
#include <assert.h>
#include <time.h>

#include "http/connection.h"
#include "http/head.h"
#include "http/loop.h"

static const char *const methods[HTTP_METHOD_COUNT] = {
	[HTTP_GET] = "GET",       [HTTP_POST] = "POST", [HTTP_PUT] = "PUT",         [HTTP_PATCH] = "PATCH",
	[HTTP_DELETE] = "DELETE", [HTTP_HEAD] = "HEAD", [HTTP_OPTIONS] = "OPTIONS",
};

const char *http_method_name(enum http_method method)
{
	return method < HTTP_METHOD_COUNT ? methods[method] : "OTHER";
}

const struct http_header *request_next_header(const struct http_request *req, const char *name, const struct http_header *previous)
{
	size_t first = previous ? (size_t)(previous - req->headers) + 1 : 0;

	for (size_t i = first; i < req->header_count; i++)
		if (slice_ieq(req->headers[i].name, slice_text(name)))
			return &req->headers[i];
	return NULL;
}

struct slice http_header(const struct http_request *req, const char *name)
{
	const struct http_header *header = request_next_header(req, name, NULL);

	return header ? header->value : S("");
}

size_t http_header_count(const struct http_request *req, const char *name)
{
	size_t count = 0;

	for (const struct http_header *at = NULL; (at = request_next_header(req, name, at)) != NULL;)
		count++;
	return count;
}

void http_park(struct http_request *req)
{
	struct http_exchange *x = req->exchange;

	assert(x->phase == PHASE_HANDLE);
	x->phase = PHASE_PARKED;
	MHD_suspend_connection(x->mhd);
}

void http_resume(struct http_request *req)
{
	loop_resume(req->exchange->connection->loop, req->exchange);
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/*
 * The library takes the query apart for itself. We have no use for that, and a query of many parts would fill the memory of the
 * connection, which then hangs without an answer. So it gets to see an empty query, once we have a copy of the real one.
 */
static void hide_query(const char *target)
{
	char *mark = strchr(target, '?');

	if (mark && mark[1])
		mark[1] = 0;
}

void *request_begin(void *cls, const char *target, struct MHD_Connection *mhd)
{
	struct http_server *server = cls;
	struct connection *connection = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	struct http_exchange *x = &connection->exchange;

	*x = (struct http_exchange){ .connection = connection, .mhd = mhd, .phase = PHASE_TARGET, .target_at = target };
	x->req.exchange = x;
	x->req.started_us = now_us();
	arena_init(&x->req.arena);
	x->target = arena_copy(&x->req.arena, slice_text(target));
	if (target)
		hide_query(target);
	slow_receiving(server->slow, &connection->slow);
	return x;
}

static void refuse(struct http_exchange *x, struct error e, struct slice what)
{
	const struct http_handler *handler = &x->connection->server->handler;

	x->reached = true;
	x->req.reply = (struct http_reply){ .status = err_info(e.code)->http };
	handler->refuse(handler->ctx, &x->req, e.code, what);
	x->req.reply.close = true;
}

/*
 * A reply that does not need the body. Answering at once means closing, since the rest of the body would look like a request, and
 * a client that is still sending may then see a reset instead of the reply; so what is small is read first.
 */
static enum MHD_Result answer_early(struct http_exchange *x, const struct http_head *head)
{
	bool body = head->chunked || head->body_bytes > 0;

	x->phase = PHASE_DISCARD;
	if (!body || (head->body_bytes <= DISCARD_BYTES_MAX && http_header_count(&x->req, "expect") == 0))
		return MHD_YES;
	x->req.reply.close = true;
	return reply_send(x);
}

static enum MHD_Result take_head(struct http_exchange *x, const char *method, const char *version)
{
	const struct http_handler *handler = &x->connection->server->handler;
	struct http_head head;
	size_t body_bytes_max = 0;
	struct slice what;
	struct error e = head_read(x, method, version, &head, &what);

	if (failed(e)) {
		refuse(x, e, what);
		return reply_send(x);
	}
	x->last = head.chunked;
	x->reached = true;
	if (!handler->head(handler->ctx, &x->req, &body_bytes_max))
		return answer_early(x, &head);
	x->body = buf_arena(&x->req.arena, body_bytes_max);
	if (head.body_bytes > body_bytes_max) {
		refuse(x, FAIL(TOO_LARGE), arena_printf(&x->req.arena, "%zu", body_bytes_max));
		return answer_early(x, &head);
	}
	x->phase = PHASE_BODY;
	return MHD_YES;
}

static enum MHD_Result take_body(struct http_exchange *x, const char *p, size_t n)
{
	if (x->phase == PHASE_BODY) {
		buf_add(&x->body, p, n);
		if (!failed(buf_ok(&x->body)))
			return MHD_YES;
		refuse(x, FAIL(TOO_LARGE), arena_printf(&x->req.arena, "%zu", x->body.max));
		x->phase = PHASE_DISCARD;
	}
	x->discarded_bytes += n;
	return x->phase == PHASE_DISCARD && x->discarded_bytes <= DISCARD_BYTES_MAX ? MHD_YES : MHD_NO;
}

static enum MHD_Result run(struct http_exchange *x, void (*step)(void *ctx, struct http_request *req))
{
	struct http_server *server = x->connection->server;

	x->phase = PHASE_HANDLE;
	step(server->handler.ctx, &x->req);
	if (x->phase == PHASE_PARKED)
		return MHD_YES;
	server->in_hand--;
	return reply_send(x);
}

static enum MHD_Result take_end(struct http_exchange *x)
{
	struct http_server *server = x->connection->server;

	slow_handling(&x->connection->slow);
	x->req.body = buf_bytes(&x->body);
	server->in_hand++; /* before the look at `stopping`: then http_stop() sees either this or that */
	if (!server->stopping)
		return run(x, server->handler.handle);
	server->in_hand--;
	return MHD_NO;
}

enum MHD_Result request_step(void *cls, struct MHD_Connection *mhd, const char *url, const char *method, const char *version,
	const char *upload, size_t *upload_bytes, void **context)
{
	const struct http_server *server = cls;
	struct http_exchange *x = *context;
	size_t n = *upload_bytes;

	(void)mhd;
	(void)url;
	*upload_bytes = 0;
	if (n > 0)
		return take_body(x, upload, n);
	switch (x->phase) {
	case PHASE_TARGET:
		return take_head(x, method, version);
	case PHASE_BODY:
		return take_end(x);
	case PHASE_DISCARD:
		return reply_send(x);
	case PHASE_RESUMED:
		return run(x, server->handler.resumed);
	default:
		return MHD_NO;
	}
}

static void end(struct http_exchange *x, bool sent)
{
	struct http_server *server = x->connection->server;

	if (x->phase == PHASE_RESUMED || x->phase == PHASE_ORPHANED)
		server->in_hand--;
	if (x->reached)
		server->handler.finished(server->handler.ctx, &x->req, sent);
	arena_free_secret(&x->req.arena);
	x->phase = PHASE_NONE;
	slow_idle(server->slow, &x->connection->slow);
}

/*
 * The library may close a connection while its request is parked: a reset that comes together with the request is acted upon
 * behind the handler. But the request belongs to whoever will resume it, so it stays, and ends then.
 */
void request_end(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode how)
{
	struct http_exchange *x = *context;

	(void)cls;
	(void)mhd;
	*context = NULL;
	if (!x)
		return;
	if (x->phase == PHASE_PARKED)
		x->phase = PHASE_ORPHANED;
	else
		end(x, how == MHD_REQUEST_TERMINATED_COMPLETED_OK);
}

void request_go_on(struct http_exchange *x)
{
	if (x->phase == PHASE_PARKED) {
		x->phase = PHASE_RESUMED;
		MHD_resume_connection(x->mhd);
		return;
	}
	end(x, false);
	if (x->connection->closed)
		connection_free(x->connection);
}

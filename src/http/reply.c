#include <assert.h>

#include "http/exchange.h"

void http_add_header(struct http_request *req, const char *name, struct slice value)
{
	struct http_reply *reply = &req->reply;
	bool fits = reply->header_count < sizeof(reply->headers) / sizeof(reply->headers[0]);

	assert(fits);
	if (fits)
		reply->headers[reply->header_count++] = (struct http_header){ slice_text(name), value };
}

/* The library refuses what would break out of the header, which is a bug of ours. */
static bool add(struct MHD_Response *response, const char *name, const char *value)
{
	enum MHD_Result added = MHD_add_response_header(response, name, value);

	assert(added == MHD_YES);
	return added == MHD_YES;
}

static bool add_headers(struct MHD_Response *response, struct http_request *req, bool close)
{
	const struct http_reply *reply = &req->reply;
	bool added = add(response, "X-TRACE-ID", req->trace);

	if (reply->content_type || reply->body.n)
		added = added && add(response, "Content-Type", reply->content_type ? reply->content_type : "application/json");
	for (size_t i = 0; i < reply->header_count; i++)
		if (reply->headers[i].value.n) /* the library knows no empty ones */
			added = added && add(response, arena_cstr(&req->arena, reply->headers[i].name),
				arena_cstr(&req->arena, reply->headers[i].value));
	if (close)
		added = added && add(response, "Connection", "close");
	return added;
}

static struct MHD_Response *build(struct http_exchange *x)
{
	struct http_reply *reply = &x->req.reply;
	struct MHD_Response *response;

	response = MHD_create_response_from_buffer(reply->body.n, (void *)(uintptr_t)reply->body.p, MHD_RESPMEM_PERSISTENT);
	if (response && !add_headers(response, &x->req, reply->close || x->last || x->connection->server->draining)) {
		MHD_destroy_response(response);
		response = NULL;
	}
	return response;
}

enum MHD_Result reply_send(struct http_exchange *x)
{
	struct http_reply *reply = &x->req.reply;
	struct MHD_Response *response;
	enum MHD_Result queued;

	assert(reply->status >= 200 && reply->status <= 599);
	response = build(x);
	if (!response)
		return MHD_NO;
	slow_sending(x->connection->server->slow, &x->connection->slow, reply->body.n);
	x->phase = PHASE_REPLIED;
	queued = MHD_queue_response(x->mhd, (unsigned)reply->status, response);
	MHD_destroy_response(response);
	return queued;
}

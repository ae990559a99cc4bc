#include "http/head.h"

#include "http/trace.h"

static int method_of(struct slice name)
{
	for (unsigned i = 0; i < HTTP_METHOD_COUNT; i++)
		if (slice_is(name, http_method_name(i)))
			return (int)i;
	return HTTP_OTHER;
}

static enum MHD_Result collect(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_bytes, const char *value,
	size_t value_bytes)
{
	struct http_exchange *x = cls;

	(void)kind;
	x->req.headers[x->req.header_count++] = (struct http_header){ slice_of(name, name_bytes), slice_of(value, value_bytes) };
	return MHD_YES;
}

static void collect_headers(struct http_exchange *x)
{
	int count = MHD_get_connection_values_n(x->mhd, MHD_HEADER_KIND, NULL, NULL);

	x->req.headers = arena_array(&x->req.arena, struct http_header, count > 0 ? (size_t)count : 0);
	MHD_get_connection_values_n(x->mhd, MHD_HEADER_KIND, collect, x);
}

/* The library's buffer goes with the connection, and a parked request may outlive that. */
static void copy_headers(struct http_exchange *x)
{
	for (size_t i = 0; i < x->req.header_count; i++) {
		struct http_header *header = &x->req.headers[i];

		header->name = arena_copy(&x->req.arena, header->name);
		header->value = arena_copy(&x->req.arena, slice_trim(header->value));
	}
}

static void find_peer(struct http_exchange *x)
{
	const struct http_server *server = x->connection->server;

	x->req.local = server->local;
	if (x->req.local)
		x->req.peer = S("local");
	else
		proxy_client(&server->trusted, &x->connection->address, server->tls != NULL, &x->req);
}

static err check(struct http_exchange *x, struct http_head *head, struct slice *ret_what)
{
	const union MHD_ConnectionInfo *size = MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	struct slice copy = head->target;

	ENSURE(size, INTERNAL);
	head->target.p = (const uint8_t *)x->target_at; /* only compared, not read: the library has cut it up by now */
	TRY(guard_layout(head, size->header_size, ret_what));
	head->target = copy;
	return guard_check(head, ret_what);
}

err head_read(struct http_exchange *x, const char *method, const char *version, struct http_head *ret_head, struct slice *ret_what)
{
	struct http_request *req = &x->req;
	struct error e;

	collect_headers(x);
	*ret_what = S("");
	*ret_head = (struct http_head){ .method = slice_text(method), .target = x->target, .version = slice_text(version),
		.headers = req->headers, .header_count = req->header_count };
	e = check(x, ret_head, ret_what);
	copy_headers(x);
	req->method = method_of(ret_head->method);
	trace_begin(req, x->connection->server->config.env);
	find_peer(x);
	if (failed(e))
		return e;
	req->path = ret_head->path;
	req->query = ret_head->query;
	return OK;
}

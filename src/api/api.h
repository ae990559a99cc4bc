/*
 * The API mechanism: a set of route tables, answered over HTTP. For each request: find the route, know the caller, check the
 * permission and the rate, read path, query and body by their schemas, run the operation, write the answer.
 */
#ifndef API_API_H
#define API_API_H

#include "api/route.h"

struct api;

struct api_config {
	struct app *app;
	const struct route_table *const *tables;
	size_t table_count;
	/*
	 * Who is it? Fills in op->caller from a bearer token, else E_TOKEN_INVALID. `wanted` is the account named in the query
	 * (signicat-accountId), empty when none is: an unreachable one is E_PERMISSION with caller.account_id set to it.
	 */
	struct error (*authenticate)(struct op *op, struct slice token, struct slice wanted);
	/* Told once for each answer, whoever made it: for access logs. May be NULL. */
	void (*answered)(struct app *app, const struct http_request *req, const struct op *op);
};

struct api *api_new(const struct api_config *config);
void api_free(struct api *api);
/* What the HTTP server calls. */
struct http_handler api_handler(struct api *api);
/*
 * Runs a request to its end on this thread: for tools and tests that need no HTTP server. req->reply is the answer; the caller
 * frees req->arena afterwards.
 */
void api_run(struct api *api, struct http_request *req);

/* Ends every wait, now and from now on: before the server is drained. */
void api_end_waits(struct api *api);

const struct route_table *api_table(const struct api *api, size_t i); /* NULL behind the last */

/* The OpenAPI 3.1 document at `path`: of all tables that name it, the first of which gives title and base. Nothing when none does. */
void openapi_write(const struct route_table *const *tables, size_t table_count, const char *path, const char *public_url, struct buf *b);

/* Latencies and statuses by route, in the Prometheus text format. */
void api_metrics_write(const struct api *api, struct buf *b);

#endif

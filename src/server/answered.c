/* After each answer: the access log, and refusals for the audit log. */
#include <stdio.h>
#include <time.h>

#include "event/denials.h"
#include "server/boot.h"

static int64_t elapsed_us(const struct http_request *req)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000 - req->started_us;
}

static void log_request(struct app *app, const struct http_request *req, const struct op *op)
{
	const char *base = op && op->table ? op->table->base : "";
	char route[200];

	/* The route, not the path: a path may hold what does not belong into a log. */
	snprintf(route, sizeof(route), "%s%s", base, op && op->route ? op->route->path : "-");
	log_line(app->log, LOG_INFO, "request", LOG_T("method", req->method < HTTP_METHOD_COUNT ? http_method_name((enum http_method)req->method) : "-"),
		LOG_T("route", route), LOG_I("status", req->reply.status), LOG_I("us", elapsed_us(req)), LOG_S("peer", req->peer),
		LOG_S("client", op ? op->caller.client_id : S("")), LOG_T("trace", req->trace));
}

void request_answered(struct app *app, const struct http_request *req, const struct op *op)
{
	if (op && is_err(op->result, E_PERMISSION))
		denials_note(app->denials, FACT_PERMISSION_DENIED, op->caller.account, op->caller.client_id, req->peer,
			permission_text(op->route->permission));
	if (app_settings(app)->log_requests || req->reply.status >= 500)
		log_request(app, req, op);
}

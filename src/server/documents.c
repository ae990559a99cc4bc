/* The OpenAPI documents. */
#include "server/boot.h"

enum { DOCUMENT_BYTES_MAX = 4 * 1024 * 1024 };

static err document_prepare(struct op *op)
{
	struct buf b = buf_arena(op->arena, DOCUMENT_BYTES_MAX);

	openapi_write(public_tables, public_table_count, arena_cstr(op->arena, op->http->path), op->app->public_url, &b);
	TRY(buf_ok(&b));
	ENSURE(b.n, NOT_FOUND);
	http_add_header(op->http, "Cache-Control", S("public, max-age=60"));
	http_add_header(op->http, "Access-Control-Allow-Origin", S("*"));
	op_answer(op, 200, NULL, buf_bytes(&b));
	return OK;
}

static const struct route rows[] = {
	{ HTTP_GET, "/reuseid/api-docs", PUBLIC, NO_RATE, OP(.prepare = document_prepare), "OpenAPI document of the onboarding API",
		.flags = NO_ACCOUNT },
	{ HTTP_GET, "/assure/v3/api-docs", PUBLIC, NO_RATE, OP(.prepare = document_prepare), "OpenAPI document of the Assure-compatible API",
		.flags = NO_ACCOUNT },
	{ HTTP_GET, "/reuseid/core/openapi.json", PUBLIC, NO_RATE, OP(.prepare = document_prepare), "OpenAPI document of the core API",
		.flags = NO_ACCOUNT },
	{ HTTP_GET, "/mobileid/core/openapi.json", PUBLIC, NO_RATE, OP(.prepare = document_prepare),
		"OpenAPI document of the older MobileID API", .flags = NO_ACCOUNT },
	{ HTTP_GET, "/events-management/openapi.json", PUBLIC, NO_RATE, OP(.prepare = document_prepare),
		"OpenAPI document of the events API", .flags = NO_ACCOUNT },
	{ HTTP_GET, "/audit/openapi.json", PUBLIC, NO_RATE, OP(.prepare = document_prepare), "OpenAPI document of the audit API",
		.flags = NO_ACCOUNT },
	{ HTTP_GET, "/mobileid/admin/openapi.json", PUBLIC, NO_RATE, OP(.prepare = document_prepare),
		"OpenAPI document of the MobileID Admin API", .flags = NO_ACCOUNT },
};

const struct route_table document_routes = { .base = "", .title = "Documents", .routes = rows, .n = sizeof(rows) / sizeof(rows[0]) };

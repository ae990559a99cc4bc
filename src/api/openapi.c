/* The OpenAPI 3.1 document of a route table. Nothing is written by hand: tables and schemas say it all. */
#include <stdio.h>

#include "api/openapi.h"

struct status_row {
	int status;
	const char *doc;
};

static const struct status_row error_rows[] = {
	{ 400, "The request is malformed or a parameter failed validation" },
	{ 401, "The access token is missing, malformed, expired or not ours" },
	{ 403, "The API client does not have the permission" },
	{ 404, "The entity does not exist in this account, or the operation is not possible" },
	{ 409, "The request conflicts with another entity or another request" },
	{ 413, "The request body is too large" },
	{ 415, "The request body is not JSON" },
	{ 422, "A parameter of the body failed validation" },
	{ 429, "Too many requests; wait as long as Retry-After says" },
	{ 500, "An unexpected error" },
	{ 503, "The service cannot answer at the moment" },
};

enum { ERROR_ROWS = sizeof(error_rows) / sizeof(error_rows[0]) };

static bool may_answer(const struct route *route, int status)
{
	if (status == 401 || status == 403)
		return route->permission != PUBLIC;
	if (status == 422)
		return route->flags & BODY_FAULTS_422;
	if (status == 409)
		return route->op.apply != NULL;
	if (status == 413 || status == 415)
		return route->body != NULL;
	return true;
}

static void write_header_ref(struct jw *w)
{
	jw_key(w, "headers");
	jw_raw(w, S("{\"X-TRACE-ID\":{\"$ref\":\"#/components/headers/trace\"}}"));
}

static void write_error_responses(struct jw *w)
{
	jw_key(w, "responses");
	jw_open(w, '{');
	for (size_t i = 0; i < ERROR_ROWS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "error%d", error_rows[i].status);
		jw_key(w, name);
		jw_open(w, '{');
		jw_pair(w, "description", error_rows[i].doc);
		write_header_ref(w);
		jw_key(w, "content");
		jw_raw(w, S("{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/problem\"}}}"));
		jw_close(w, '}');
	}
	jw_close(w, '}');
}

static void write_content(struct jw *w, const struct schema *schema, bool list)
{
	jw_key(w, "content");
	jw_open(w, '{');
	jw_key(w, "application/json");
	jw_open(w, '{');
	jw_key(w, "schema");
	jw_open(w, '{');
	if (list) {
		jw_pair(w, "type", "array");
		jw_key(w, "items");
		jw_open(w, '{');
	}
	openapi_ref(w, schema);
	if (list)
		jw_close(w, '}');
	jw_close(w, '}');
	jw_key(w, "example");
	if (list)
		jw_open(w, '[');
	openapi_example(w, schema);
	if (list)
		jw_close(w, ']');
	jw_close(w, '}');
	jw_close(w, '}');
}

static void write_good_response(struct jw *w, const struct route *route, const char *status)
{
	jw_key(w, status);
	jw_open(w, '{');
	jw_pair(w, "description", route->reply ? "The operation went well" : "Done; there is nothing to say");
	write_header_ref(w);
	if (route->reply)
		write_content(w, route->reply, route->flags & REPLY_LIST);
	jw_close(w, '}');
}

static void write_responses(struct jw *w, const struct route *route)
{
	jw_key(w, "responses");
	jw_open(w, '{');
	write_good_response(w, route, route->reply ? "200" : "204");
	if (route->flags & CREATES)
		write_good_response(w, route, "201");
	for (size_t i = 0; i < ERROR_ROWS; i++) {
		char status[8], ref[64];

		if (!may_answer(route, error_rows[i].status))
			continue;
		snprintf(status, sizeof(status), "%d", error_rows[i].status);
		snprintf(ref, sizeof(ref), "#/components/responses/error%d", error_rows[i].status);
		jw_key(w, status);
		jw_open(w, '{');
		jw_pair(w, "$ref", ref);
		jw_close(w, '}');
	}
	jw_close(w, '}');
}

static void write_path_params(struct jw *w, struct slice path)
{
	while (path.n) {
		struct slice segment = slice_cut(&path, '/');

		if (segment.n < 3 || segment.p[0] != '{')
			continue;
		segment = slice_of(segment.p + 1, segment.n - 2);
		jw_open(w, '{');
		jw_pair_text(w, "name", slice_cut(&segment, ':'));
		jw_pair(w, "in", "path");
		jw_pair_bool(w, "required", true);
		jw_key(w, "schema");
		jw_raw(w, segment.n ? S("{\"type\":\"string\"}") : S("{\"type\":\"string\",\"format\":\"uuid\"}"));
		jw_key(w, "example");
		jw_raw(w, segment.n ? S("\"example\"") : S("\"0e99b25c-abde-4553-973b-8d94d49cd87e\""));
		jw_close(w, '}');
	}
}

static void write_query_params(struct jw *w, const struct schema *query)
{
	for (size_t i = 0; query && i < query->n; i++) {
		const struct field *f = &query->fields[i];

		jw_open(w, '{');
		jw_pair(w, "name", f->name);
		jw_pair(w, "in", "query");
		jw_pair_bool(w, "required", f->flags & REQ);
		jw_pair(w, "description", f->doc);
		jw_key(w, "schema");
		jw_open(w, '{');
		openapi_type(w, f);
		jw_close(w, '}');
		if (*f->example) {
			jw_key(w, "example");
			jw_raw(w, slice_text(f->example));
		}
		jw_close(w, '}');
	}
}

static void write_parameters(struct jw *w, const struct route *route)
{
	bool any = route->query || slice_find(slice_text(route->path), '{') < strlen(route->path);

	if (!any)
		return;
	jw_key(w, "parameters");
	jw_open(w, '[');
	write_path_params(w, slice_text(route->path));
	write_query_params(w, route->query);
	jw_close(w, ']');
}

static const char *const method_keys[] = { "get", "post", "put", "patch", "delete" };

static void write_operation(struct jw *w, const struct route *route)
{
	jw_key(w, method_keys[route->method]);
	jw_open(w, '{');
	jw_pair(w, "operationId", route->id);
	jw_pair(w, "summary", route->doc);
	jw_key(w, "tags");
	jw_open(w, '[');
	jw_cstr(w, route->tag);
	jw_close(w, ']');
	if (route->permission == PUBLIC) {
		jw_key(w, "security");
		jw_raw(w, S("[]"));
	} else {
		jw_key(w, "description");
		jw_raw(w, S("\"Needs the permission `"));
		buf_printf(w->b, "%s`.\"", permission_text(route->permission));
	}
	write_parameters(w, route);
	if (route->body) {
		jw_key(w, "requestBody");
		jw_open(w, '{');
		jw_pair_bool(w, "required", !(route->flags & EMPTY_BODY_OK));
		write_content(w, route->body, false);
		jw_close(w, '}');
	}
	write_responses(w, route);
	jw_close(w, '}');
}

/* "{clientId:text}" is "{clientId}" in the document. */
static void write_path_key(struct jw *w, const char *path)
{
	char key[256];
	size_t n = 0;
	bool skip = false;

	for (; *path && n < sizeof(key) - 1; path++) {
		skip = *path == ':' || (skip && *path != '}');
		if (!skip)
			key[n++] = *path;
	}
	key[n] = 0;
	jw_key(w, key);
}

static bool shown(const struct route *route)
{
	return !(route->flags & (HIDDEN | PAGE)) && route->permission != LOCAL_ONLY;
}

static bool path_seen(const struct route_table *table, size_t before)
{
	for (size_t i = 0; i < before; i++)
		if (shown(&table->routes[i]) && strcmp(table->routes[i].path, table->routes[before].path) == 0)
			return true;
	return false;
}

static void write_paths(struct jw *w, const struct route_table *table)
{
	for (size_t i = 0; i < table->n; i++) {
		const char *path = table->routes[i].path;

		if (!shown(&table->routes[i]) || path_seen(table, i))
			continue;
		write_path_key(w, path);
		jw_open(w, '{');
		for (size_t k = i; k < table->n; k++)
			if (shown(&table->routes[k]) && strcmp(table->routes[k].path, path) == 0)
				write_operation(w, &table->routes[k]);
		jw_close(w, '}');
	}
}

static void write_info(struct jw *w, const struct route_table *table, const char *public_url)
{
	jw_pair(w, "openapi", "3.1.0");
	jw_key(w, "info");
	jw_open(w, '{');
	jw_pair(w, "title", table->title);
	jw_pair(w, "description", table->doc);
	jw_pair(w, "version", VERSION);
	jw_key(w, "license");
	jw_raw(w, S("{\"name\":\"Apache-2.0\",\"identifier\":\"Apache-2.0\"}"));
	jw_close(w, '}');
	jw_key(w, "servers");
	jw_open(w, '[');
	jw_open(w, '{');
	jw_key(w, "url");
	jw_raw(w, S("\""));
	buf_printf(w->b, "%s%s\"", public_url, table->base);
	jw_close(w, '}');
	jw_close(w, ']');
	jw_key(w, "security");
	jw_raw(w, S("[{\"oauth2\":[\"signicat-api\"]}]"));
}

static void write_tags(struct jw *w, const struct route_table *table)
{
	for (const struct tag *tag = table->tags; tag && tag->name; tag++) {
		jw_open(w, '{');
		jw_pair(w, "name", tag->name);
		jw_pair(w, "description", tag->doc);
		jw_close(w, '}');
	}
}

static void collect_all(struct openapi_known *known, const struct route_table *table)
{
	for (size_t i = 0; i < table->n; i++) {
		if (!shown(&table->routes[i]))
			continue;
		openapi_collect(known, table->routes[i].body);
		openapi_collect(known, table->routes[i].reply);
	}
}

static void write_components(struct jw *w, const struct openapi_known *known, const char *public_url)
{
	jw_key(w, "components");
	jw_open(w, '{');
	jw_key(w, "securitySchemes");
	jw_raw(w, S("{\"oauth2\":{\"type\":\"oauth2\",\"flows\":{\"clientCredentials\":{\"scopes\":{\"signicat-api\":\"All product APIs\"},\"tokenUrl\":"));
	buf_printf(w->b, "\"%s/auth/open/connect/token\"}}}}", public_url);
	jw_key(w, "headers");
	jw_raw(w, S("{\"trace\":{\"description\":\"Identifies the request in logs and audit records\",\"schema\":{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{32}$\"}}}"));
	write_error_responses(w);
	jw_key(w, "schemas");
	jw_open(w, '{');
	for (size_t i = 0; i < known->n; i++)
		openapi_schema(w, known->list[i]);
	openapi_problem_schema(w);
	jw_close(w, '}');
	jw_close(w, '}');
}

static bool belongs(const struct route_table *table, const char *path)
{
	return table->openapi_path && strcmp(table->openapi_path, path) == 0;
}

void openapi_write(const struct route_table *const *tables, size_t table_count, const char *path, const char *public_url, struct buf *b)
{
	struct openapi_known known = { .n = 0 };
	struct jw w = jw_new(b);
	size_t first = 0;

	while (first < table_count && !belongs(tables[first], path))
		first++;
	if (first == table_count)
		return;
	jw_open(&w, '{');
	write_info(&w, tables[first], public_url);
	jw_key(&w, "tags");
	jw_open(&w, '[');
	for (size_t i = first; i < table_count; i++)
		if (belongs(tables[i], path))
			write_tags(&w, tables[i]);
	jw_close(&w, ']');
	jw_key(&w, "paths");
	jw_open(&w, '{');
	for (size_t i = first; i < table_count; i++)
		if (belongs(tables[i], path)) {
			write_paths(&w, tables[i]);
			collect_all(&known, tables[i]);
		}
	jw_close(&w, '}');
	write_components(&w, &known, public_url);
	jw_close(&w, '}');
}

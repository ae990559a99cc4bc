/* The error object: literals from the one list of errors, with the places in `detail` filled in. */
#include "api/internal.h"

/* The path parameter of that name, decoded; p is NULL when the route has none. */
static struct slice path_value(const struct op *op, struct slice name)
{
	struct slice path = slice_text(op->route ? op->route->path : "");
	size_t at = 0;

	while (path.n) {
		struct slice segment = slice_cut(&path, '/');

		if (segment.n < 2 || segment.p[0] != '{')
			continue;
		segment = slice_of(segment.p + 1, segment.n - 2);
		if (at < PATH_PARAMS_MAX && slice_eq(slice_cut(&segment, ':'), name))
			return op->path[at];
		at++;
	}
	return slice_of(NULL, 0);
}

/* What stands for {name} in a detail. */
static struct slice place(const struct op *op, struct slice name)
{
	struct slice value = path_value(op, name);

	if (value.p)
		return value;
	if (slice_is(name, "what"))
		return op->what;
	if (slice_is(name, "account"))
		return op->caller.account_id;
	if (slice_is(name, "client"))
		return op->caller.client_id;
	if (slice_is(name, "permission"))
		return slice_text(op->route ? permission_text(op->route->permission) : "");
	return slice_is(name, "userId") ? uuid_text(op->arena, &op->user_id) : S("");
}

struct slice op_detail(const struct op *op, struct error e)
{
	struct buf b = buf_arena(op->arena, 4096);
	struct slice rest = slice_text(err_info(e.code)->detail);

	while (rest.n) {
		buf_slice(&b, slice_cut(&rest, '{'));
		if (rest.n)
			buf_slice(&b, place(op, slice_cut(&rest, '}')));
	}
	return buf_bytes(&b);
}

const char *problem_type(const struct op *op)
{
	const struct route_table *table = op->table && op->table->openapi_path ? op->table : api_table(op->api, 0);

	if (!table || !table->openapi_path)
		return "about:blank";
	return (const char *)arena_printf(op->arena, "%s%s", op->app->public_url, table->openapi_path).p;
}

static void write_members(struct jw *w, const char *type, const struct err_info *info, const char *trace, struct slice text)
{
	jw_open(w, '{');
	jw_pair(w, "type", type);
	jw_pair(w, "title", info->title);
	jw_pair(w, "code", info->code);
	jw_pair_int(w, "status", info->http);
	jw_pair(w, "traceId", trace);
	jw_pair_text(w, "detail", text);
}

static void write_invalids(struct jw *w, const struct invalids *bad)
{
	if (bad->n == 0)
		return;
	jw_key(w, "invalidParams");
	jw_open(w, '[');
	for (size_t i = 0; i < bad->n; i++) {
		jw_open(w, '{');
		jw_pair_text(w, "name", bad->list[i].name);
		jw_pair_text(w, "reason", bad->list[i].reason);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static void add_headers(struct http_request *req, enum err_code code)
{
	if (code == E_TOKEN_INVALID)
		http_add_header(req, "WWW-Authenticate", S("Bearer"));
	if (code == E_TOO_MANY || code == E_UNAVAILABLE || code == E_STORAGE_FULL)
		http_add_header(req, "Retry-After", S("1"));
}

/* A body that is JSON and yet no good has a status of its own on some routes; a path or a query that is no good has not. */
static struct error as_told(const struct op *op, struct error e)
{
	bool body = op->body && (is_err(e, E_INVALID_PARAM) || is_err(e, E_BODY_NOT_OBJECT));

	return body && op->route && (op->route->flags & BODY_FAULTS_422) ? FAIL(UNPROCESSABLE) : e;
}

void problem_members(struct op *op, struct error e, struct jw *w)
{
	if (e.code == E_INVALID_PARAM || e.code == E_UNPROCESSABLE)
		write_invalids(w, &op->invalids);
	add_headers(op->http, e.code);
}

void problem_write(struct op *op, struct error given)
{
	struct error e = as_told(op, given);
	const struct err_info *info = err_info(e.code);
	struct buf b = buf_arena(op->arena, 1 << 20);
	struct jw w = jw_new(&b);

	if (op->route && op->route->errors) {
		op->route->errors->write(op, e);
		return;
	}
	write_members(&w, problem_type(op), info, op->http->trace, op_detail(op, e));
	problem_members(op, e, &w);
	jw_close(&w, '}');
	op_answer(op, info->http, NULL, buf_bytes(&b));
}

void problem_plain(struct http_request *req, const char *type, enum err_code code, struct slice what)
{
	struct op op = { .http = req, .arena = &req->arena, .what = what };
	const struct err_info *info = err_info(code);
	struct buf b = buf_arena(&req->arena, 1 << 16);
	struct jw w = jw_new(&b);

	write_members(&w, type, info, req->trace, op_detail(&op, (struct error){ code }));
	jw_close(&w, '}');
	add_headers(req, code);
	req->reply.status = info->http;
	req->reply.body = buf_bytes(&b);
}

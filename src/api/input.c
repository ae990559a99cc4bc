/* Path parameters, query and body, read by their schemas. */
#include "api/internal.h"
#include "codec/form.h"

static err read_param(struct op *op, struct slice name, bool text, struct slice raw, size_t at)
{
	const char *param = arena_cstr(op->arena, name);

	if (failed(percent_decode(raw, false, op->arena, &op->path[at])) || op->path[at].n == 0)
		return op_invalid(op, param, "is not well-formed");
	if (!text && failed(uuid_parse(op->path[at], &op->path_id[at])))
		return op_invalid(op, param, "must be a valid UUID");
	return OK;
}

static err read_params(struct op *op, const struct match *match)
{
	const struct pattern *p = match->pattern;
	size_t at = 0;

	for (size_t i = 0; i < p->n; i++) {
		if (!p->is_param[i])
			continue;
		TRY(read_param(op, p->segment[i], p->is_text[i], match->params[at], at));
		at++;
	}
	return OK;
}

static err read_query(struct op *op)
{
	const struct schema *schema = op->route->query;

	if (!schema)
		return OK;
	op->query = arena_alloc(op->arena, schema->size);
	TRY(schema_read_form(schema, op->http->query, op->arena, &op->invalids, op->query, &op->what));
	ENSURE(op->invalids.n == 0, INVALID_PARAM);
	return OK;
}

static bool is_utf8(struct slice charset)
{
	return slice_ieq(charset, S("utf-8")) || slice_ieq(charset, S("\"utf-8\""));
}

/* "application/json", with or without parameters; a charset, if named, must be UTF-8. */
static bool media_is(struct op *op, const char *type)
{
	struct slice rest = http_header(op->http, "Content-Type"), media = slice_trim(slice_cut(&rest, ';'));

	if (http_header_count(op->http, "Content-Type") > 1 || !slice_ieq(media, slice_text(type)))
		return false;
	while (rest.n) {
		struct slice value = slice_cut(&rest, ';'), name = slice_trim(slice_cut(&value, '='));

		if (slice_ieq(name, S("charset")) && !is_utf8(slice_trim(value)))
			return false;
	}
	return true;
}

static err want_media(struct op *op, const char *type)
{
	op->what = slice_text(type);
	ENSURE(media_is(op, type), MEDIA_TYPE);
	return OK;
}

static err parse_body(struct op *op)
{
	if (op->http->body.n == 0 && (op->route->flags & EMPTY_BODY_OK)) {
		op->body = json_object();
		return OK;
	}
	if (op->http->body.n)
		TRY(want_media(op, "application/json"));
	if (failed(json_read(op->http->body, JSON_LAST_WINS, JSON_DEPTH_MAX, op->arena, &op->body, &op->what)))
		return FAIL(INVALID_JSON);
	ENSURE(json_is_object(op->body), BODY_NOT_OBJECT);
	return OK;
}

static err read_body(struct op *op)
{
	const struct schema *schema = op->route->body;

	if (op->route->flags & FORM_BODY)
		return want_media(op, "application/x-www-form-urlencoded");
	if (!schema)
		return OK;
	TRY(parse_body(op));
	op->in = arena_alloc(op->arena, schema->size);
	schema_read(schema, op->body, op->arena, &op->invalids, op->in);
	ENSURE(op->invalids.n == 0, INVALID_PARAM);
	return OK;
}

err input_read(struct op *op, const struct match *match)
{
	TRY(read_params(op, match));
	TRY(read_query(op));
	return read_body(op);
}

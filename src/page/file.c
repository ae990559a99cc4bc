/* Files of web/ as they are. */
#include "page/file.h"

#include "codec/form.h"
#include "page/page.h"

const struct web_file *web_file_find(struct slice name)
{
	for (size_t i = 0; i < web_file_count; i++)
		if (slice_is(name, web_files[i].name))
			return &web_files[i];
	return NULL;
}

static bool is_template(const struct web_file *file)
{
	struct slice name = slice_text(file->name);

	return name.n > 5 && slice_is(slice_of(name.p + name.n - 5, 5), ".html");
}

/* RFC 9110, section 13.1.2, with the weak comparison. */
static bool browser_has(const struct op *op, struct slice tag)
{
	struct slice list = http_header(op->http, "If-None-Match");

	while (list.n) {
		struct slice one = slice_trim(slice_cut(&list, ','));

		if (slice_starts(one, S("W/")))
			one = slice_of(one.p + 2, one.n - 2);
		if (slice_eq(one, tag) || slice_is(one, "*"))
			return true;
	}
	return false;
}

static bool names_content(const struct op *op, const char *tag)
{
	struct slice rest = op->http->query, name, value;
	struct error e;

	while (form_next(&rest, op->arena, &name, &value, &e))
		if (!failed(e) && slice_is(name, "v"))
			return slice_is(value, tag);
	return false;
}

static err answer(struct op *op, const struct web_file *file)
{
	struct slice tag = arena_printf(op->arena, "\"%s\"", file->tag);

	http_add_header(op->http, "ETag", tag);
	http_add_header(op->http, "Cache-Control", names_content(op, file->tag) ? S("public, max-age=31536000, immutable") : S("no-cache"));
	http_add_header(op->http, "X-Content-Type-Options", S("nosniff"));
	if (browser_has(op, tag))
		op_answer(op, 304, NULL, S(""));
	else
		op_answer(op, 200, file->type, slice_of(file->bytes, file->n));
	return OK;
}

err page_file_answer(struct op *op, const char *name)
{
	const struct web_file *file = web_file_find(slice_text(name));

	ENSURE(file, NOT_FOUND);
	return answer(op, file);
}

static err file_prepare(struct op *op)
{
	const struct web_file *file = web_file_find(op->path[0]);

	ENSURE(file && !is_template(file), NOT_FOUND);
	return answer(op, file);
}

static const struct route rows[] = {
	{ HTTP_GET, "/web/{file:text}", PUBLIC, NO_RATE, OP(.prepare = file_prepare), "A file that pages are made of", .flags = PAGE | NO_ACCOUNT },
};

const struct route_table page_routes = { .base = "", .title = "Files of pages", .routes = rows, .n = sizeof(rows) / sizeof(rows[0]) };

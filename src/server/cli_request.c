/* From a parsed command to the request that the table says it is. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "codec/form.h"
#include "server/cli.h"

enum { REQUEST_BYTES_MAX = 64 * 1024 };

struct building {
	const struct command_line *line;
	bool has_body;
	struct buf target, body;
	struct jw w;
	size_t pairs; /* in the query */
	struct slice whole; /* the body, when it comes out of a file */
	struct slice why;
};

static err __attribute__((format(printf, 2, 3))) wrong(struct building *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	r->why = arena_vprintf(r->line->arena, format, args);
	va_end(args);
	return FAIL(PARSE);
}

/* ---- the path ---- */

/* The argument that stands for a place in the path, empty when it is none. */
static struct slice place_value(const struct command_line *line, struct slice name)
{
	for (size_t i = 0; i < line->argument_count; i++)
		if (slice_is(name, line->command->arguments[i].member))
			return slice_text(line->arguments[i]);
	return S("");
}

static void build_path(struct building *r)
{
	struct slice rest = slice_text(r->line->command->path);

	while (rest.n) {
		buf_slice(&r->target, slice_cut(&rest, '{'));
		if (rest.n)
			percent_write(&r->target, place_value(r->line, slice_cut(&rest, '}')));
	}
}

static bool in_path(const struct command_line *line, const char *member)
{
	return strstr(line->command->path, (const char *)arena_printf(line->arena, "{%s}", member).p) != NULL;
}

/* ---- members of body and query ---- */

static void add_list(struct jw *w, struct slice rest)
{
	jw_open(w, '[');
	while (rest.n) {
		struct slice item = slice_trim(slice_cut(&rest, ','));

		if (item.n)
			jw_text(w, item);
	}
	jw_close(w, ']');
}

static err add_file(struct building *r, const char *path)
{
	char directory[PATH_MAX];

	if (path[0] == '/') {
		jw_cstr(&r->w, path);
		return OK;
	}
	if (!getcwd(directory, sizeof(directory)))
		return wrong(r, "the current directory is gone: name %s by its whole path", path);
	jw_text(&r->w, arena_printf(r->line->arena, "%s/%s", directory, path));
	return OK;
}

static err read_whole(struct building *r, const char *path)
{
	uint8_t *bytes = arena_alloc(r->line->arena, REQUEST_BYTES_MAX);
	FILE *file = fopen(path, "rbe");
	size_t n;

	if (!file)
		return wrong(r, "%s cannot be read: %s", path, strerror(errno));
	n = fread(bytes, 1, REQUEST_BYTES_MAX, file);
	fclose(file);
	if (n == 0 || n == REQUEST_BYTES_MAX)
		return wrong(r, "%s is empty or too large", path);
	r->whole = slice_of(bytes, n);
	return OK;
}

static err add_number(struct building *r, const char *name, const char *text)
{
	int64_t number;

	if (failed(slice_i64(slice_text(text), &number)))
		return wrong(r, "%s must be a number, not \"%s\"", name, text);
	jw_int(&r->w, number);
	return OK;
}

static err add_on_off(struct building *r, const char *name, const char *text)
{
	bool on = strcmp(text, "on") == 0;

	if (!on && strcmp(text, "off") != 0)
		return wrong(r, "%s must be on or off, not \"%s\"", name, text);
	jw_bool(&r->w, on);
	return OK;
}

static err add_member(struct building *r, enum sent_as as, const char *name, const char *member, const char *text)
{
	jw_key(&r->w, member);
	switch (as) {
	case AS_NUMBER:
		return add_number(r, name, text);
	case AS_ON_OFF:
		return add_on_off(r, name, text);
	case AS_TRUE:
	case AS_FALSE:
		jw_bool(&r->w, as == AS_TRUE);
		return OK;
	case AS_LIST:
		add_list(&r->w, slice_text(text));
		return OK;
	case AS_FILE:
		return add_file(r, text);
	default:
		jw_cstr(&r->w, text);
		return OK;
	}
}

/* Everything in a query is text. */
static void add_pair(struct building *r, const char *member, const char *text)
{
	buf_printf(&r->target, "%c%s=", r->pairs++ ? '&' : '?', member);
	percent_write(&r->target, slice_text(text));
}

static err add(struct building *r, enum sent_as as, const char *name, const char *member, const char *text)
{
	if (as == NOT_SENT)
		return OK;
	if (as == AS_WHOLE)
		return read_whole(r, text);
	if (r->has_body)
		return add_member(r, as, name, member, text);
	add_pair(r, member, text);
	return OK;
}

static err add_arguments(struct building *r)
{
	for (size_t i = 0; i < r->line->argument_count; i++) {
		const struct argument_spec *spec = &r->line->command->arguments[i];

		if (spec->as == AS_WHOLE || (spec->member && !in_path(r->line, spec->member)))
			TRY(add(r, spec->as, spec->name, spec->member, r->line->arguments[i]));
	}
	return OK;
}

static err add_options(struct building *r)
{
	const struct command *command = r->line->command;

	for (size_t i = 0; i < COMMAND_OPTIONS_MAX && command->options[i].name; i++) {
		const struct option_spec *spec = &command->options[i];
		const char *value = command_option(r->line, spec->name);

		if (value)
			TRY(add(r, spec->as, (const char *)arena_printf(r->line->arena, "--%s", spec->name).p, spec->member, value));
	}
	return OK;
}

err request_build(const struct command_line *line, struct request *ret_request, struct slice *ret_why)
{
	enum http_method method = line->command->method;
	struct building r = { .line = line, .has_body = method == HTTP_POST || method == HTTP_PATCH || method == HTTP_PUT };
	struct error e;

	r.target = buf_arena(line->arena, TARGET_BYTES_MAX);
	r.body = buf_arena(line->arena, REQUEST_BYTES_MAX);
	r.w = jw_new(&r.body);
	build_path(&r);
	if (r.has_body)
		jw_open(&r.w, '{');
	e = add_arguments(&r);
	if (!failed(e))
		e = add_options(&r);
	if (r.has_body)
		jw_close(&r.w, '}');
	buf_byte(&r.target, 0);
	if (!failed(e) && (failed(buf_ok(&r.target)) || failed(buf_ok(&r.body))))
		e = wrong(&r, "an argument is too long");
	*ret_request = (struct request){ line->command->method, (const char *)r.target.p, r.whole.n ? r.whole : buf_bytes(&r.body) };
	*ret_why = r.why;
	return e;
}

/* ---- texts of the table ---- */

static struct slice named(const struct command_line *line, struct slice name)
{
	if (slice_is(name, "DATA"))
		return slice_text(line->data);
	for (size_t i = 0; i < line->argument_count; i++)
		if (slice_is(name, line->command->arguments[i].name))
			return slice_text(line->arguments[i]);
	return S("");
}

struct slice text_filled(const struct command_line *line, const char *text)
{
	struct buf b = buf_arena(line->arena, REQUEST_BYTES_MAX);
	struct slice rest = slice_text(text);

	while (rest.n) {
		buf_slice(&b, slice_cut(&rest, '{'));
		if (rest.n)
			buf_slice(&b, named(line, slice_cut(&rest, '}')));
	}
	return buf_bytes(&b);
}

/* Settings from their defaults, a file and the command line. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "base/text.h"
#include "server/boot.h"

enum { FILE_BYTES_MAX = 64 * 1024 };

struct loading {
	struct settings *settings;
	struct arena *a;
	const char *file; /* NULL: the command line */
	int line;         /* of the file; 0: all of it */
	uint64_t seen;    /* in the file, a bit for each setting */
	bool bad;
};

static void complain(struct loading *l, struct slice why)
{
	if (l->file && l->line)
		fprintf(stderr, "%s, line %d: %.*s\n", l->file, l->line, FMT(why));
	else if (l->file)
		fprintf(stderr, "%s: %.*s\n", l->file, FMT(why));
	else
		fprintf(stderr, "%.*s\n", FMT(why));
	l->bad = true;
}

static void set_named(struct loading *l, struct slice name, struct slice value)
{
	const struct setting *which = setting_find(name);
	struct slice why;

	if (!which)
		complain(l, arena_printf(l->a, "there is no setting \"%.*s\"", FMT(name)));
	else if (text_has_controls(value, false))
		complain(l, arena_printf(l->a, "%s must not contain control characters", which->name));
	else if (failed(settings_set(l->settings, which, value, l->a, &why)))
		complain(l, why);
}

/* ---- the file: lines of "name = value"; # or ; begins a comment, on a line of its own ---- */

static void set_from_file(struct loading *l, struct slice name, struct slice value)
{
	const struct setting *which = setting_find(name);
	uint64_t bit = which ? (uint64_t)1 << (which - setting_list) : 0;

	if (l->seen & bit)
		complain(l, arena_printf(l->a, "%s is set already", which->name));
	l->seen |= bit;
	set_named(l, name, value);
}

static void read_line(struct loading *l, struct slice line)
{
	size_t equals = slice_find(line, '=');

	if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';')
		return;
	if (line.p[0] == '[')
		complain(l, S("sections are not used"));
	else if (equals == line.n)
		complain(l, S("it is not \"name = value\""));
	else
		set_from_file(l, slice_trim(slice_of(line.p, equals)),
			slice_trim(slice_of(line.p + equals + 1, line.n - equals - 1)));
}

static err read_all(struct loading *l, struct slice *ret_text)
{
	struct buf b = buf_arena(l->a, FILE_BYTES_MAX);
	FILE *file = fopen(l->file, "re");
	char part[4096];
	size_t n;
	bool whole;

	ENSURE(file, IO);
	while ((n = fread(part, 1, sizeof(part), file)) > 0)
		buf_add(&b, part, n);
	whole = !ferror(file);
	fclose(file);
	ENSURE(whole, IO);
	*ret_text = buf_bytes(&b);
	return buf_ok(&b);
}

static void read_file(struct loading *l, const char *path)
{
	struct slice rest;
	struct error e;

	l->file = path;
	e = read_all(l, &rest);
	if (is_err(e, E_LIMIT))
		complain(l, arena_printf(l->a, "is larger than %d bytes", FILE_BYTES_MAX));
	else if (failed(e))
		complain(l, arena_printf(l->a, "cannot be read: %s", strerror(errno)));
	while (!failed(e) && rest.n) {
		struct slice line = slice_cut(&rest, '\n');

		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		l->line++;
		read_line(l, slice_trim(line));
	}
	l->file = NULL;
	l->line = 0;
}

/* ---- all of them ---- */

static void read_options(struct loading *l, const struct command_line *line)
{
	for (size_t i = 0; i < line->option_count; i++) {
		char *name = arena_cstr(l->a, slice_text(line->options[i].name));

		for (char *at = name; *at; at++)
			*at = *at == '-' ? '_' : *at;
		if (setting_find(slice_text(name)))
			set_named(l, slice_text(name), slice_text(line->options[i].value));
	}
}

err settings_load(const struct command_line *line, struct arena *a, struct settings *ret_settings)
{
	struct loading l = { .settings = ret_settings, .a = a };
	struct slice why;

	assert(setting_count <= 64); /* bits of `seen` */
	settings_defaults(ret_settings);
	if (line->config)
		read_file(&l, line->config);
	read_options(&l, line);
	if (failed(settings_check(ret_settings, &why)))
		complain(&l, why);
	ENSURE(!l.bad, CONFIG);
	return OK;
}

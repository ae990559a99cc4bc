/* Settings from their defaults, a file (name = value lines, inih) and the command line. */
#include <errno.h>
#include <ini.h>
#include <stdio.h>

#include "server/boot.h"

struct loading {
	struct settings *settings;
	struct arena *a;
	const char *file;
	bool bad;
};

static void complain(struct loading *l, struct slice why)
{
	if (l->file)
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
	else if (failed(settings_set(l->settings, which, value, l->a, &why)))
		complain(l, why);
}

static int from_file(void *ctx, const char *section, const char *name, const char *value)
{
	struct loading *l = ctx;

	if (*section)
		complain(l, S("sections are not used"));
	else
		set_named(l, slice_text(name), slice_text(value));
	return 1;
}

static void read_file(struct loading *l, const char *path)
{
	int where;

	l->file = path;
	where = ini_parse(path, from_file, l);
	if (where < 0)
		complain(l, arena_printf(l->a, "cannot be read: %s", strerror(errno)));
	else if (where > 0)
		complain(l, arena_printf(l->a, "line %d is not \"name = value\"", where));
	l->file = NULL;
}

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

	settings_defaults(ret_settings);
	if (line->config)
		read_file(&l, line->config);
	read_options(&l, line);
	if (failed(settings_check(ret_settings, &why)))
		complain(&l, why);
	ENSURE(!l.bad, CONFIG);
	return OK;
}

/* The manual page, written from the tables of commands and settings: man(7) macros. */
#include "base/settings.h"
#include "server/cli.h"

/* Text as roff wants it: no backslash, no control character in front of a line, real minus signs. */
static void escaped(struct buf *b, const char *text)
{
	bool line_start = true;

	for (; *text; text++) {
		if (line_start && (*text == '.' || *text == '\''))
			buf_text(b, "\\&");
		if (*text == '\\')
			buf_text(b, "\\e");
		else if (*text == '-')
			buf_text(b, "\\-");
		else
			buf_byte(b, (uint8_t)*text);
		line_start = *text == '\n';
	}
}

/* Paragraphs are filled anew; lines that are set in, such as examples, stay as they are. */
static void long_help(struct buf *b, struct arena *a, const char *text)
{
	struct slice rest = slice_text(text);
	bool as_is = false;

	buf_text(b, ".PP\n");
	while (rest.n) {
		struct slice line = slice_cut(&rest, '\n');
		bool set_in = slice_starts(line, S("  "));

		if (set_in != as_is)
			buf_text(b, set_in ? ".nf\n" : ".fi\n");
		as_is = set_in;
		if (line.n == 0) {
			buf_text(b, ".PP\n");
			continue;
		}
		escaped(b, arena_cstr(a, line));
		buf_byte(b, '\n');
	}
	buf_text(b, as_is ? ".fi\n" : "");
}

static void paragraph(struct buf *b, const char *text)
{
	buf_text(b, ".PP\n");
	escaped(b, text);
	buf_byte(b, '\n');
}

static void item(struct buf *b, const char *name, const char *value, const char *help)
{
	buf_text(b, ".TP\n\\fB");
	escaped(b, name);
	buf_text(b, "\\fR");
	if (value) {
		buf_text(b, " \\fI");
		escaped(b, value);
		buf_text(b, "\\fR");
	}
	buf_byte(b, '\n');
	escaped(b, help);
	buf_byte(b, '\n');
}

static void option(struct buf *b, struct arena *a, const struct option_spec *spec)
{
	item(b, (const char *)arena_printf(a, "--%s", spec->name).p, spec->value, spec->help);
}

static void command(struct buf *b, struct arena *a, const struct command *c)
{
	struct buf usage = buf_arena(a, 1024);

	buf_printf(b, ".SS %s\n", c->words);
	help_usage(&usage, c);
	buf_byte(&usage, 0);
	buf_text(b, ".B ");
	escaped(b, (const char *)usage.p);
	buf_byte(b, '\n');
	buf_text(b, ".PP\n");
	escaped(b, c->help);
	buf_text(b, ".\n");
	if (c->more)
		long_help(b, a, c->more);
	for (size_t i = 0; i < COMMAND_OPTIONS_MAX && c->options[i].name; i++)
		option(b, a, &c->options[i]);
	if (c->takes_settings)
		paragraph(b, "Every setting below is an option too: --public-url is public_url.");
}

static void setting(struct buf *b, struct arena *a, const struct setting *s)
{
	struct buf help = buf_arena(a, 2048);

	buf_printf(&help, "%s.", s->help);
	if (s->type == SETTING_NUMBER)
		buf_printf(&help, " %lld to %lld.", (long long)s->min, (long long)s->max);
	if (s->type == SETTING_CHOICE)
		buf_printf(&help, " One of %s.", s->words);
	if (*s->standard)
		buf_printf(&help, " Default: %s.", s->standard);
	buf_text(&help, s->reload == SETTING_LIVE ? " Read again at SIGHUP." : "");
	buf_byte(&help, 0);
	item(b, s->name, NULL, (const char *)help.p);
}

static void files(struct buf *b)
{
	buf_text(b, ".SH FILES\nIn the data directory:\n");
	item(b, "reuseid.db", NULL, "The database.");
	item(b, "master.key", NULL,
		"The master key, unless master_key_file names another place. Without it nobody can read what is sealed in the database: "
		"keep a copy apart from the backups.");
	item(b, "bootstrap.json", NULL, "What the first start made: the base URL and an API client with its secret.");
	item(b, "admin.sock", NULL, "The socket through which the managing commands reach a running server.");
	item(b, "lock", NULL, "Held while a server or a command has the database open.");
}

void man_write(struct buf *b)
{
	struct arena a;

	arena_init(&a);
	buf_text(b, ".\\\" Written by `reuseid help --man`: change the tables of commands and settings instead.\n");
	buf_text(b, ".TH REUSEID 1 \"\" \"reuseid\" \"User Commands\"\n.SH NAME\nreuseid \\- self\\-hosted identity server\n");
	buf_text(b, ".SH SYNOPSIS\n.B reuseid\n.I COMMAND\n[\\fIOPTION\\fR…]\n.SH DESCRIPTION\n");
	escaped(b, "One program: the server, and the commands that manage it. A managing command is a request to the server that runs "
		   "on the data directory, through its socket there; when none runs, the command opens the database itself.\n");
	buf_text(b, ".SH OPTIONS\n");
	for (size_t i = 0; i < OPTION_GLOBAL_COUNT; i++)
		option(b, &a, &global_options[i]);
	buf_text(b, ".SH COMMANDS\n");
	for (size_t i = 0; i < command_count; i++)
		command(b, &a, &command_list[i]);
	buf_text(b, ".SH SETTINGS\n");
	escaped(b, "On the command line of serve and check-config, or in the file that --config names, as lines of the form name = value.\n");
	for (size_t i = 0; i < setting_count; i++)
		setting(b, &a, &setting_list[i]);
	buf_text(b, ".SH ENVIRONMENT\n");
	item(b, "REUSEID_DATA", NULL, "Data directory, when --data does not name one.");
	files(b);
	buf_text(b, ".SH EXIT STATUS\n");
	item(b, "0", NULL, "Done.");
	item(b, "1", NULL, "It failed; what went wrong was written to standard error.");
	item(b, "2", NULL, "What was typed makes no sense; nothing was done.");
	arena_free(&a);
}

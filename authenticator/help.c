/* --help and the manual page, from the tables. */
#include "authenticator/arguments.h"
#include "base/text.h"

struct option_text {
	const char *name, *argument, *help;
};

static const struct option_text texts[] = {
#define OPTION_TEXT(id, name, argument, help) { name, argument, help },
	OPTIONS(OPTION_TEXT)
#undef OPTION_TEXT
};

enum { OPTION_COLUMNS = 28, TEXT_COLUMNS = 78, COMMON = OPT(STORE) | OPT(AS) | OPT(JSON) | OPT(HELP) };

static void pad(struct buf *b, size_t used)
{
	for (; used < OPTION_COLUMNS; used++)
		buf_byte(b, ' ');
}

/* Broken at spaces; all lines but the first begin with `indent` of them. */
static void wrapped(struct buf *b, struct slice text, size_t indent)
{
	size_t column = 0;

	while (text.n) {
		struct slice word = slice_cut(&text, ' ');
		size_t n = text_points(word);

		if (column && indent + column + 1 + n > TEXT_COLUMNS) {
			buf_printf(b, "\n%*s", (int)indent, "");
			column = 0;
		}
		buf_printf(b, "%s%.*s", column ? " " : "", FMT(word));
		column += (column ? 1 : 0) + n;
	}
	buf_byte(b, '\n');
}

static void write_options(struct buf *b, unsigned which)
{
	for (size_t i = 0; i < OPT_COUNT; i++) {
		size_t before = b->n;

		if (!(which >> i & 1))
			continue;
		buf_printf(b, "  --%s%s%s ", texts[i].name, texts[i].argument ? " " : "", texts[i].argument ? texts[i].argument : "");
		pad(b, b->n - before);
		wrapped(b, slice_text(texts[i].help), OPTION_COLUMNS);
	}
}

static void write_program(struct buf *b)
{
	buf_text(b, "Usage: reuseid-authenticator COMMAND [OPTION…]\n\n"
		    "Registers this computer as a device, and approves authentications and signatures with it.\n\nCommands:\n");
	for (size_t i = 0; i < command_count; i++) {
		size_t before = b->n;

		buf_printf(b, "  %s%s%s ", commands[i].name, commands[i].operand ? " " : "", commands[i].operand ? commands[i].operand : "");
		pad(b, b->n - before);
		buf_printf(b, "%s\n", commands[i].summary);
	}
	buf_text(b, "\nOptions of all commands:\n");
	write_options(b, COMMON);
	buf_text(b, "\nreuseid-authenticator COMMAND --help explains one of them.\n"
		    "Exit codes: 0 it is done, 1 it is not, 2 the command line is wrong.\n");
}

void help_write(struct buf *b, const struct command *command)
{
	if (!command) {
		write_program(b);
		return;
	}
	buf_printf(b, "Usage: reuseid-authenticator %s%s%s [OPTION…]\n\n%s.\n", command->name, command->operand ? " " : "",
		command->operand ? command->operand : "", command->summary);
	if (command->help) {
		buf_byte(b, '\n');
		wrapped(b, slice_text(command->help), 0);
	}
	buf_text(b, "\nOptions:\n");
	write_options(b, command->options | COMMON);
}

/* ---- manual page ---- */

static void roff(struct buf *b, const char *text)
{
	for (; *text; text++) {
		if (*text == '\\')
			buf_text(b, "\\e");
		else if (*text == '-')
			buf_text(b, "\\-");
		else
			buf_byte(b, (uint8_t)*text);
	}
}

static void roff_item(struct buf *b, const char *bold, const char *italic, const char *text)
{
	buf_text(b, ".TP\n\\fB");
	roff(b, bold);
	buf_text(b, "\\fR");
	if (italic) {
		buf_text(b, " \\fI");
		roff(b, italic);
		buf_text(b, "\\fR");
	}
	buf_byte(b, '\n');
	roff(b, text);
	buf_byte(b, '\n');
}

static void man_options(struct buf *b, struct arena *a, unsigned which)
{
	for (size_t i = 0; i < OPT_COUNT; i++)
		if (which >> i & 1)
			roff_item(b, (const char *)arena_printf(a, "--%s", texts[i].name).p, texts[i].argument, texts[i].help);
}

static void man_command(struct buf *b, struct arena *a, const struct command *c)
{
	buf_text(b, ".SS ");
	roff(b, c->name);
	if (c->operand)
		buf_printf(b, " %s", c->operand);
	buf_byte(b, '\n');
	roff(b, c->summary);
	buf_text(b, ".\n");
	if (c->help) {
		buf_text(b, ".PP\n");
		roff(b, c->help);
		buf_byte(b, '\n');
	}
	man_options(b, a, c->options);
}

static const char files[] =
	"The store is a directory for its owner alone (mode 0700). In it are the configurations (config.NAME.json), the registrations "
	"(record.NAME, and record.NAME.new while the end of a registration is not confirmed), and keystore, which stands in for what a "
	"phone keeps in its key store: the key under which the records are sealed, and a number for each record by which an older copy "
	"is recognised.\n.PP\nOn a phone that key does not leave the hardware. Here it is a file beside the records: whoever can read the store "
	"can copy the device, though not approve with the PIN, and its use beside the original is found out and ends in a lock. "
	"Keep the store out of backups, and on an encrypted disk.\n";

void man_write(struct buf *b, struct arena *a)
{
	buf_text(b, ".\\\" Written by `reuseid-authenticator man`: change the tables of commands and options instead.\n"
		    ".TH REUSEID-AUTHENTICATOR 1 \"\" \"reuseid\" \"User Commands\"\n.SH NAME\nreuseid\\-authenticator \\- a device in the terminal\n"
		    ".SH SYNOPSIS\n.B reuseid-authenticator\n.I COMMAND\n[\\fIOPTION\\fR…]\n.SH DESCRIPTION\n"
		    "Registers this computer as a device at a ReuseID server, and approves authentications and signatures with it: shows what is "
		    "to be approved, asks for the PIN, and signs.\n.PP\nThe PIN is kept nowhere, neither here nor at the server, and can be tried "
		    "only at the server, which counts.\n.SH OPTIONS OF ALL COMMANDS\n");
	man_options(b, a, COMMON);
	buf_text(b, ".SH COMMANDS\n");
	for (size_t i = 0; i < command_count; i++)
		man_command(b, a, &commands[i]);
	buf_text(b, ".SH FILES\n");
	roff(b, files);
	buf_text(b, ".SH EXIT STATUS\n0: it is done; 1: it is not, and a sentence says why; 2: the command line is wrong.\n"
		    ".SH SEE ALSO\n.BR reuseid (1)\n");
}

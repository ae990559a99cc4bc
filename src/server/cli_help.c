/* Help texts, written from the table. */
#include <stdio.h>
#include <unistd.h>

#include "base/settings.h"
#include "base/text.h"
#include "server/cli.h"

enum { HELP_BYTES_MAX = 256 * 1024, HELP_INDENT = 26 };

/* "  left      right": on the next line when `left` is too long for its column. */
static void pair(struct buf *b, struct slice left, const char *right)
{
	size_t width = text_points(left) + 2;

	buf_printf(b, "  %.*s", FMT(left));
	if (width + 2 > HELP_INDENT) {
		buf_byte(b, '\n');
		width = 0;
	}
	buf_printf(b, "%*s%s\n", (int)(HELP_INDENT - width), "", right);
}

static void option_line(struct buf *b, struct arena *a, const char *name, const char *value, const char *help)
{
	pair(b, arena_printf(a, "--%s%s%s", name, value ? " " : "", value ? value : ""), help);
}

static void setting_line(struct buf *b, struct arena *a, const struct setting *setting)
{
	struct slice name = arena_printf(a, "--%s", setting->name);
	const char *value = setting->type == SETTING_NUMBER ? "NUMBER" : setting->type == SETTING_SWITCH ? "on|off" : "TEXT";
	char *at = (char *)(uintptr_t)name.p;

	for (; *at; at++)
		*at = *at == '_' ? '-' : *at;
	if (setting->type == SETTING_CHOICE)
		value = setting->words;
	name = arena_printf(a, "%.*s %s", FMT(name), value);
	pair(b, name, *setting->standard ? (const char *)arena_printf(a, "%s (%s)", setting->help, setting->standard).p : setting->help);
}

static void global_lines(struct buf *b, struct arena *a)
{
	buf_text(b, "\nOptions of every command:\n");
	for (size_t i = 0; i < OPTION_GLOBAL_COUNT; i++)
		option_line(b, a, global_options[i].name, global_options[i].value, global_options[i].help);
}

static void usage_option(struct buf *b, const struct option_spec *spec)
{
	buf_printf(b, "--%s%s%s", spec->name, spec->value ? " " : "", spec->value ? spec->value : "");
}

static void usage_options(struct buf *b, const struct command *command)
{
	const struct option_spec *end = command->options + COMMAND_OPTIONS_MAX;
	size_t choices = 0;
	bool more = command->takes_settings;

	for (const struct option_spec *spec = command->options; spec < end && spec->name; spec++) {
		more = more || spec->need == MAY;
		if (spec->need == EITHER) {
			buf_text(b, choices++ ? " | " : " (");
			usage_option(b, spec);
		}
	}
	buf_text(b, choices ? ")" : "");
	for (const struct option_spec *spec = command->options; spec < end && spec->name; spec++) {
		if (spec->need == MUST) {
			buf_byte(b, ' ');
			usage_option(b, spec);
		}
	}
	buf_text(b, more ? " [OPTION…]" : "");
}

void help_usage(struct buf *b, const struct command *command)
{
	buf_printf(b, "reuseid %s", command->words);
	for (size_t i = 0; i < COMMAND_ARGUMENTS_MAX && command->arguments[i].name; i++)
		if (*command->arguments[i].name)
			buf_printf(b, command->arguments[i].need == MUST ? " %s" : " [%s]", command->arguments[i].name);
	usage_options(b, command);
}

static void command_lines(struct buf *b, struct arena *a, const struct command *command)
{
	buf_text(b, "Usage: ");
	help_usage(b, command);
	buf_printf(b, "\n\n%s.\n", command->help);
	if (command->more)
		buf_printf(b, "\n%s", command->more);
	if (command->options[0].name || command->takes_settings)
		buf_text(b, "\nOptions:\n");
	for (size_t i = 0; i < COMMAND_OPTIONS_MAX && command->options[i].name; i++)
		option_line(b, a, command->options[i].name, command->options[i].value, command->options[i].help);
	for (size_t i = 0; command->takes_settings && i < setting_count; i++)
		setting_line(b, a, &setting_list[i]);
	global_lines(b, a);
}

static void group_lines(struct buf *b, struct arena *a, const char *words)
{
	buf_printf(b, "Usage: reuseid%s%s COMMAND [OPTION…]\n\n", *words ? " " : "", words);
	buf_text(b, *words ? "Commands:\n" : "A self-hosted identity server. The commands that manage it work with and without a running server.\n\nCommands:\n");
	for (size_t i = 0; i < command_count; i++)
		if (command_under(&command_list[i], words))
			pair(b, slice_text(command_list[i].words), command_list[i].help);
	global_lines(b, a);
	buf_text(b, "\n`reuseid help COMMAND` explains a command.\n");
}

void help_write(struct buf *b, const char *words)
{
	const struct command *command = NULL;
	struct arena a;

	arena_init(&a);
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(command_list[i].words, words) == 0)
			command = &command_list[i];
	if (command)
		command_lines(b, &a, command);
	else
		group_lines(b, &a, words);
	arena_free(&a);
}

static bool known(const char *words)
{
	for (size_t i = 0; i < command_count; i++)
		if (command_under(&command_list[i], words))
			return true;
	return false;
}

int command_help(const struct command_line *line)
{
	struct buf b = buf_arena(line->arena, HELP_BYTES_MAX), words = buf_arena(line->arena, 1024);

	for (size_t i = 0; i < line->argument_count; i++)
		buf_printf(&words, "%s%s", i ? " " : "", line->arguments[i]);
	buf_byte(&words, 0);
	if (failed(buf_ok(&words)) || !known((const char *)words.p)) {
		fprintf(stderr, "reuseid: there is no such command; `reuseid help` lists them\n");
		return EXIT_USAGE;
	}
	if (command_option(line, "man"))
		man_write(&b);
	else
		help_write(&b, (const char *)words.p);
	printf("%.*s", FMT(buf_bytes(&b)));
	return 0;
}

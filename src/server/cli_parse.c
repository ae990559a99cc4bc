/* From argv to a command with its arguments and options. Options may stand before and behind arguments. */
#include <stdlib.h>

#include "base/settings.h"
#include "server/cli.h"

struct parsing {
	struct parsed *out;
	struct arena *a;
	struct slice why;
	char **argv;
	int argc, at;
	bool only_words; /* behind "--" */
	const char **arguments;
	struct command_option *options;
};

static err __attribute__((format(printf, 2, 3))) wrong(struct parsing *p, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	p->why = arena_vprintf(p->a, format, args);
	va_end(args);
	return FAIL(PARSE);
}

/* ", did you mean X?" or nothing. */
static const char *hint(struct parsing *p, const struct suggestion *s, const char *front)
{
	return s->best ? (const char *)arena_printf(p->a, "; did you mean %s%s?", front, s->best).p : "";
}

/* ---- words of the command ---- */

bool command_under(const struct command *command, const char *words)
{
	size_t n = strlen(words);

	return n == 0 || (strncmp(command->words, words, n) == 0 && (command->words[n] == 0 || command->words[n] == ' '));
}

/* The word of `command` that follows `words`; NULL when there is none. */
static const char *next_word(struct parsing *p, const struct command *command, const char *words)
{
	size_t n = strlen(words);
	struct slice rest;

	if (!command_under(command, words) || command->words[n] == 0)
		return NULL;
	rest = slice_text(command->words + n + (n > 0));
	return arena_cstr(p->a, slice_cut(&rest, ' '));
}

static err unknown_word(struct parsing *p, const char *word)
{
	struct suggestion s = suggestion_for(slice_text(word));
	const char *words = p->out->words;

	for (size_t i = 0; i < command_count; i++) {
		const char *known = next_word(p, &command_list[i], words);

		if (known)
			suggestion_try(&s, known);
	}
	return wrong(p, "there is no command \"%s%s%s\"%s", words, *words ? " " : "", word,
		hint(p, &s, *words ? (const char *)arena_printf(p->a, "%s ", words).p : ""));
}

static err take_word(struct parsing *p, const char *word)
{
	struct parsed *out = p->out;
	const char *longer = *out->words ? (const char *)arena_printf(p->a, "%s %s", out->words, word).p : word;
	bool known = false;

	for (size_t i = 0; i < command_count && *word; i++) {
		known = known || command_under(&command_list[i], longer);
		if (strcmp(command_list[i].words, longer) == 0)
			out->line.command = &command_list[i];
	}
	if (!known)
		return unknown_word(p, word);
	out->words = longer;
	return OK;
}

/* ---- arguments ---- */

static size_t argument_specs(const struct command *command)
{
	size_t n = 0;

	while (n < COMMAND_ARGUMENTS_MAX && command->arguments[n].name)
		n++;
	return n;
}

static err take_argument(struct parsing *p, const char *text)
{
	struct command_line *line = &p->out->line;

	if (line->argument_count == argument_specs(line->command))
		return wrong(p, "\"%s\" is one argument too many", text);
	if (!*text)
		return wrong(p, "%s is empty", line->command->arguments[line->argument_count].name);
	p->arguments[line->argument_count++] = text;
	return OK;
}

/* ---- options ---- */

const struct setting *option_setting(struct slice option)
{
	for (size_t i = 0; i < setting_count; i++) {
		const char *name = setting_list[i].name;
		bool same = strlen(name) == option.n;

		for (size_t j = 0; same && j < option.n; j++)
			same = name[j] == '_' ? option.p[j] == '-' : option.p[j] == (uint8_t)name[j];
		if (same)
			return &setting_list[i];
	}
	return NULL;
}

static const struct option_spec *find_spec(const struct option_spec *specs, size_t n, struct slice name)
{
	for (size_t i = 0; i < n && specs[i].name; i++)
		if (slice_is(name, specs[i].name))
			return &specs[i];
	return NULL;
}

static const char *dashed(struct parsing *p, const char *setting)
{
	char *name = arena_cstr(p->a, slice_text(setting));

	for (char *at = name; *at; at++)
		*at = *at == '_' ? '-' : *at;
	return name;
}

static err unknown_option(struct parsing *p, struct slice name)
{
	const struct command *command = p->out->line.command;
	struct suggestion s = suggestion_for(name);

	for (size_t i = 0; i < OPTION_GLOBAL_COUNT; i++)
		suggestion_try(&s, global_options[i].name);
	for (size_t i = 0; command && i < COMMAND_OPTIONS_MAX && command->options[i].name; i++)
		suggestion_try(&s, command->options[i].name);
	for (size_t i = 0; command && command->takes_settings && i < setting_count; i++)
		suggestion_try(&s, dashed(p, setting_list[i].name));
	return wrong(p, "there is no option --%.*s%s", FMT(name), hint(p, &s, "--"));
}

/* `text` is NULL unless the option came as --name=text. */
static err value_of(struct parsing *p, struct slice name, bool wanted, const char *text, const char **ret_value)
{
	if (!wanted && text)
		return wrong(p, "--%.*s takes no value", FMT(name));
	if (wanted && !text && p->at == p->argc)
		return wrong(p, "--%.*s needs a value", FMT(name));
	*ret_value = !wanted ? "" : text ? text : p->argv[p->at++];
	return OK;
}

static err take_global(struct parsing *p, const struct option_spec *spec, const char *text)
{
	struct command_line *line = &p->out->line;
	const char *value = NULL;

	TRY(value_of(p, slice_text(spec->name), spec->value, text, &value));
	if (spec->value && !*value)
		return wrong(p, "--%s is empty", spec->name);
	if (strcmp(spec->name, "data") == 0)
		line->data = value;
	else if (strcmp(spec->name, "config") == 0)
		line->config = value;
	else if (strcmp(spec->name, "json") == 0)
		line->json = true;
	else if (strcmp(spec->name, "yes") == 0)
		line->yes = true;
	else
		p->out->help = true;
	return OK;
}

static void keep_option(struct parsing *p, const char *name, const char *value)
{
	p->options[p->out->line.option_count++] = (struct command_option){ name, value };
}

/* A switch among the settings needs no value: --log-requests is --log-requests=on. */
static err take_setting(struct parsing *p, const struct setting *setting, struct slice name, const char *text)
{
	const char *value = text ? text : "on";

	if (setting->type != SETTING_SWITCH)
		TRY(value_of(p, name, true, text, &value));
	keep_option(p, arena_cstr(p->a, name), value);
	return OK;
}

static err take_own(struct parsing *p, struct slice name, const char *text)
{
	const struct command *command = p->out->line.command;
	const struct option_spec *spec = command ? find_spec(command->options, COMMAND_OPTIONS_MAX, name) : NULL;
	const struct setting *setting = command && command->takes_settings ? option_setting(name) : NULL;
	const char *value = NULL;

	if (setting)
		return take_setting(p, setting, name, text);
	if (!command && slice_is(name, "version"))
		return take_word(p, "version");
	if (!spec)
		return unknown_option(p, name);
	TRY(value_of(p, name, spec->value, text, &value));
	keep_option(p, spec->name, value);
	return OK;
}

static err take_option(struct parsing *p, const char *word)
{
	struct slice rest = slice_text(word + 2), name = slice_cut(&rest, '=');
	const char *text = word[2 + name.n] == '=' ? word + 2 + name.n + 1 : NULL;
	const struct option_spec *global = find_spec(global_options, OPTION_GLOBAL_COUNT, name);

	return global ? take_global(p, global, text) : take_own(p, name, text);
}

static err take_short(struct parsing *p, const char *word)
{
	if (strcmp(word, "-h") != 0)
		return wrong(p, "there is no option %s", word);
	p->out->help = true;
	return OK;
}

/* ---- the whole line ---- */

static err take(struct parsing *p, const char *word)
{
	if (!p->only_words && strcmp(word, "--") == 0) {
		p->only_words = true;
		return OK;
	}
	if (!p->only_words && strncmp(word, "--", 2) == 0)
		return take_option(p, word);
	if (!p->only_words && word[0] == '-' && word[1])
		return take_short(p, word);
	return p->out->line.command ? take_argument(p, word) : take_word(p, word);
}

static err check_arguments(struct parsing *p)
{
	const struct command_line *line = &p->out->line;

	for (size_t i = line->argument_count; i < argument_specs(line->command); i++)
		if (line->command->arguments[i].need == MUST)
			return wrong(p, "%s is missing", line->command->arguments[i].name);
	return OK;
}

static err check_options(struct parsing *p)
{
	const struct command_line *line = &p->out->line;
	struct buf names = buf_arena(p->a, 1024);
	size_t given = 0, choices = 0;

	for (const struct option_spec *spec = line->command->options; spec < line->command->options + COMMAND_OPTIONS_MAX &&
		spec->name; spec++) {
		bool there = command_option(line, spec->name) != NULL;

		if (spec->need == MUST && !there)
			return wrong(p, "--%s is missing", spec->name);
		if (spec->need != EITHER)
			continue;
		buf_printf(&names, "%s--%s", choices++ ? ", " : "", spec->name);
		given += there;
	}
	if (choices && given != 1)
		return wrong(p, "give exactly one of %.*s", FMT(buf_bytes(&names)));
	if (line->command->needs_option && line->option_count == 0)
		return wrong(p, "nothing is to change: give one of its options");
	return OK;
}

static void begin(struct parsing *p)
{
	const char *data = getenv("REUSEID_DATA");

	p->arguments = arena_array(p->a, const char *, (size_t)p->argc + 1);
	p->options = arena_array(p->a, struct command_option, (size_t)p->argc + 1);
	*p->out = (struct parsed){ .words = "", .line = { .arena = p->a, .data = data && *data ? data : "./data" } };
	p->out->line.arguments = p->arguments;
	p->out->line.options = p->options;
}

static err parse(struct parsing *p)
{
	while (p->at < p->argc)
		TRY(take(p, p->argv[p->at++]));
	if (p->out->help || !p->out->line.command)
		return OK;
	TRY(check_arguments(p));
	return check_options(p);
}

err cli_parse(int argc, char **argv, struct arena *a, struct parsed *ret_parsed, struct slice *ret_why)
{
	struct parsing p = { .out = ret_parsed, .a = a, .argv = argv, .argc = argc, .at = 1 };
	struct error e;

	begin(&p);
	e = parse(&p);
	*ret_why = p.why;
	return e;
}

const char *command_option(const struct command_line *line, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < line->option_count; i++)
		if (strcmp(line->options[i].name, name) == 0)
			value = line->options[i].value;
	return value;
}

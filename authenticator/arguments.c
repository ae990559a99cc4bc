#include "authenticator/arguments.h"

struct option {
	const char *name, *argument;
};

static const struct option options[] = {
#define OPTION_ROW(id, name, argument, help) { name, argument },
	OPTIONS(OPTION_ROW)
#undef OPTION_ROW
};

enum { COMMON = OPT(STORE) | OPT(AS) | OPT(JSON) | OPT(HELP) };

static const struct command *command_find(struct slice name)
{
	for (size_t i = 0; i < command_count; i++)
		if (slice_is(name, commands[i].name))
			return &commands[i];
	return NULL;
}

static int option_find(struct slice name)
{
	for (int i = 0; i < OPT_COUNT; i++)
		if (slice_is(name, options[i].name))
			return i;
	return -1;
}

struct reading {
	int argc, at;
	char **argv;
	struct arena *a;
	struct arguments *out;
	struct slice *why;
};

static err refuse(struct reading *r, const char *before, struct slice what, const char *after)
{
	*r->why = arena_printf(r->a, "%s%.*s%s", before, FMT(what), after);
	return FAIL(PARSE);
}

/* --name, --name VALUE or --name=VALUE */
static err read_option(struct reading *r, struct slice text)
{
	struct slice value = text, name = slice_cut(&value, '=');
	bool joined = name.n < text.n;
	int id = option_find(name);

	if (id < 0)
		return refuse(r, "There is no option --", name, ".");
	if (r->out->values[id])
		return refuse(r, "The option --", name, " is given twice.");
	if (!options[id].argument && joined)
		return refuse(r, "The option --", name, " takes no value.");
	if (options[id].argument && !joined) {
		if (r->at + 1 == r->argc)
			return refuse(r, "The option --", name, " wants a value.");
		value = slice_text(r->argv[++r->at]);
	}
	r->out->values[id] = options[id].argument ? arena_cstr(r->a, value) : "";
	return OK;
}

static err read_word(struct reading *r, struct slice word)
{
	if (!r->out->command) {
		r->out->command = command_find(word);
		return r->out->command ? OK : refuse(r, "There is no command ", word, ".");
	}
	if (r->out->operand || !r->out->command->operand)
		return refuse(r, "", word, " is one word too many.");
	r->out->operand = arena_cstr(r->a, word);
	return OK;
}

static err check(struct reading *r)
{
	const struct arguments *got = r->out;

	if (got->values[OPT_HELP])
		return OK;
	if (!got->command) {
		*r->why = S("Which command?");
		return FAIL(PARSE);
	}
	for (int i = 0; i < OPT_COUNT; i++)
		if (got->values[i] && !((got->command->options | COMMON) >> i & 1))
			return refuse(r, "The option --", slice_text(options[i].name), " does not belong to this command.");
	return OK;
}

err arguments_read(int argc, char **argv, struct arena *a, struct arguments *ret_arguments, struct slice *ret_why)
{
	struct reading r = { argc, 1, argv, a, ret_arguments, ret_why };

	*ret_arguments = (struct arguments){ 0 };
	for (; r.at < argc; r.at++) {
		struct slice word = slice_text(argv[r.at]);

		if (slice_is(word, "-h"))
			word = S("--help");
		if (word.n > 2 && slice_starts(word, S("--")))
			TRY(read_option(&r, slice_of(word.p + 2, word.n - 2)));
		else
			TRY(read_word(&r, word));
	}
	return check(&r);
}

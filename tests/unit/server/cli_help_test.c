#include "tests/unit/server/line.h"

enum { TEXT_BYTES_MAX = 256 * 1024 };

static const char *help_of(struct typed *t, const char *words)
{
	struct buf b = buf_arena(&t->arena, TEXT_BYTES_MAX);

	help_write(&b, words);
	buf_byte(&b, 0);
	return (const char *)b.p;
}

static void assert_has(const char *text, const char *part)
{
	assert_non_null(part);
	if (!strstr(text, part))
		fail_msg("no \"%s\" in:\n%s", part, text);
}

static void overview_has_every_command(void **state)
{
	const char *text = help_of(*state, "");

	for (size_t i = 0; i < command_count; i++) {
		assert_has(text, command_list[i].words);
		assert_has(text, command_list[i].help);
	}
}

static void group_has_its_own_commands_only(void **state)
{
	const char *text = help_of(*state, "client");

	assert_has(text, "client secret add");
	assert_null(strstr(text, "domain list"));
}

static void command_has_its_usage_and_every_option(void **state)
{
	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = &command_list[i];
		const char *text = help_of(*state, command->words);

		assert_has(text, "Usage: reuseid ");
		for (size_t o = 0; o < COMMAND_OPTIONS_MAX && command->options[o].name; o++)
			assert_has(text, command->options[o].help);
		for (size_t o = 0; o < OPTION_GLOBAL_COUNT; o++)
			assert_has(text, global_options[o].help);
	}
}

static void usage_tells_what_must_be_there(void **state)
{
	assert_has(help_of(*state, "client create"), "NAME (--account ACCOUNT | --organisation) --products LIST [OPTION…]\n");
	assert_has(help_of(*state, "account list"), "Usage: reuseid account list\n");
	assert_has(help_of(*state, "openapi"), "Usage: reuseid openapi [PATH] [OPTION…]\n");
}

static void serve_has_every_setting(void **state)
{
	const char *text = help_of(*state, "serve");

	for (size_t i = 0; i < setting_count; i++)
		assert_has(text, setting_list[i].help);
	assert_has(text, "--public-url TEXT");
	assert_has(text, "--signing-alg ES256|RS256");
}

static void manual_has_everything(void **state)
{
	struct typed *t = *state;
	struct buf b = buf_arena(&t->arena, TEXT_BYTES_MAX);

	man_write(&b);
	assert_ok(buf_ok(&b));
	buf_byte(&b, 0);
	for (size_t i = 0; i < command_count; i++)
		assert_has((const char *)b.p, (const char *)arena_printf(&t->arena, "\n.SS %s\n", command_list[i].words).p);
	for (size_t i = 0; i < setting_count; i++)
		assert_has((const char *)b.p, (const char *)arena_printf(&t->arena, "\n\\fB%s\\fR\n", setting_list[i].name).p);
}

/* A line of text that begins with one is lost in roff. */
static void no_text_of_the_manual_looks_like_a_request(void **state)
{
	static const char *const known[] = { ".\\\"", ".TH", ".SH", ".SS", ".PP", ".TP", ".nf", ".fi", ".B", ".I" };
	struct typed *t = *state;
	struct buf b = buf_arena(&t->arena, TEXT_BYTES_MAX);
	struct slice rest, line;

	man_write(&b);
	for (rest = buf_bytes(&b); rest.n;) {
		struct slice word;
		bool is_known = false;

		line = slice_cut(&rest, '\n');
		word = slice_cut(&line, ' ');
		assert_false(slice_starts(word, S("'")));
		for (size_t i = 0; i < COUNT(known); i++)
			is_known = is_known || slice_is(word, known[i]);
		assert_true(is_known || !slice_starts(word, S(".")));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(overview_has_every_command),
		TEST(group_has_its_own_commands_only),
		TEST(command_has_its_usage_and_every_option),
		TEST(usage_tells_what_must_be_there),
		TEST(serve_has_every_setting),
		TEST(manual_has_everything),
		TEST(no_text_of_the_manual_looks_like_a_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

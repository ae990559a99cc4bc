#include <stdio.h>

#include "tests/unit/server/line.h"

/* ---- commands ---- */

static void command_of_one_word(void **state)
{
	assert_string_equal(good(TYPE(state, "version"))->command->words, "version");
}

static void command_of_three_words(void **state)
{
	const struct command_line *line = good(TYPE(state, "client", "secret", "add", "c", "n"));

	assert_string_equal(line->command->words, "client secret add");
	assert_int_equal(line->argument_count, 2);
	assert_string_equal(line->arguments[0], "c");
	assert_string_equal(line->arguments[1], "n");
}

static void every_command_of_the_table_is_found(void **state)
{
	for (size_t i = 0; i < command_count; i++) {
		char words[64], *typed[8] = { (char *)"reuseid", words, NULL };
		int n = 1;

		snprintf(words, sizeof(words), "%s", command_list[i].words);
		for (char *at = words; *at; at++) {
			if (*at == ' ') {
				*at = 0;
				typed[++n] = at + 1;
			}
		}
		typed[++n] = (char *)"--help";
		typed[n + 1] = NULL;
		assert_ptr_equal(good(type_words(state, typed))->command, &command_list[i]);
	}
}

static void group_is_no_command(void **state)
{
	const struct typed *t = TYPE(state, "client", "secret");

	assert_null(good(t)->command);
	assert_string_equal(t->parsed.words, "client secret");
}

static void nothing_at_all(void **state)
{
	const struct typed *t = type_words(state, (char *[]){ (char *)"reuseid", NULL });

	assert_null(good(t)->command);
	assert_string_equal(t->parsed.words, "");
}

static void unknown_word_with_the_nearest_one(void **state)
{
	assert_refused(TYPE(state, "acount", "list"), "there is no command \"acount\"; did you mean account?");
	assert_refused(TYPE(state, "client", "craete"), "there is no command \"client craete\"; did you mean client create?");
}

static void unknown_word_like_no_other(void **state)
{
	assert_refused(TYPE(state, "frobnicate"), "there is no command \"frobnicate\"");
	assert_refused(TYPE(state, ""), "there is no command \"\"");
}

static void half_a_word_is_none(void **state)
{
	assert_refused(TYPE(state, "clien"), "there is no command \"clien\"; did you mean client?");
}

/* ---- arguments ---- */

static void missing_argument(void **state)
{
	assert_refused(TYPE(state, "client", "show"), "CLIENT is missing");
	assert_refused(TYPE(state, "client", "secret", "add", "c"), "NAME is missing");
}

static void one_argument_too_many(void **state)
{
	assert_refused(TYPE(state, "client", "show", "a", "b"), "\"b\" is one argument too many");
	assert_refused(TYPE(state, "account", "list", "a"), "\"a\" is one argument too many");
}

static void empty_argument(void **state)
{
	assert_refused(TYPE(state, "client", "show", ""), "CLIENT is empty");
}

static void argument_that_may_be_left_out(void **state)
{
	assert_int_equal(good(TYPE(state, "openapi"))->argument_count, 0);
	assert_int_equal(good(TYPE(state, "openapi", "/x"))->argument_count, 1);
}

static void behind_two_dashes_everything_is_an_argument(void **state)
{
	const struct command_line *line = good(TYPE(state, "client", "show", "--", "--json"));

	assert_string_equal(line->arguments[0], "--json");
	assert_false(line->json);
}

/* ---- options ---- */

static void option_with_its_value(void **state)
{
	assert_string_equal(command_option(good(TYPE(state, "client", "list", "--account", "a")), "account"), "a");
	assert_string_equal(command_option(good(TYPE(state, "client", "list", "--account=a")), "account"), "a");
	assert_string_equal(command_option(good(TYPE(state, "client", "list", "--account=a=b")), "account"), "a=b");
}

static void option_that_was_not_given(void **state)
{
	assert_null(command_option(good(TYPE(state, "client", "list")), "account"));
}

static void last_one_counts(void **state)
{
	assert_string_equal(command_option(good(TYPE(state, "client", "list", "--account", "a", "--account", "b")), "account"), "b");
}

static void options_stand_anywhere_behind_the_command(void **state)
{
	const struct command_line *line = good(TYPE(state, "account", "create", "--type", "sandbox", "Bank"));

	assert_string_equal(line->arguments[0], "Bank");
	assert_string_equal(command_option(line, "type"), "sandbox");
}

static void value_may_be_empty_where_it_means_something(void **state)
{
	assert_string_equal(command_option(good(TYPE(state, "client", "update", "c", "--products", "")), "products"), "");
}

static void option_without_its_value(void **state)
{
	assert_refused(TYPE(state, "client", "list", "--account"), "--account needs a value");
}

static void switch_with_a_value(void **state)
{
	assert_refused(TYPE(state, "client", "update", "c", "--enable=yes"), "--enable takes no value");
	assert_refused(TYPE(state, "account", "list", "--json=yes"), "--json takes no value");
}

static void unknown_option_with_the_nearest_one(void **state)
{
	assert_refused(TYPE(state, "client", "list", "--acount", "a"), "there is no option --acount; did you mean --account?");
	assert_refused(TYPE(state, "client", "list", "--jsn"), "there is no option --jsn; did you mean --json?");
	assert_refused(TYPE(state, "serve", "--prot", "1"), "there is no option --prot; did you mean --port?");
}

static void option_of_another_command(void **state)
{
	assert_refused(TYPE(state, "client", "list", "--immediately"), "there is no option --immediately");
}

static void unknown_short_option(void **state)
{
	assert_refused(TYPE(state, "account", "list", "-x"), "there is no option -x");
}

static void option_that_must_be_there(void **state)
{
	assert_refused(TYPE(state, "account", "create", "Bank"), "--type is missing");
}

static void exactly_one_of_several(void **state)
{
	const char *why = "give exactly one of --account, --organisation";

	assert_refused(TYPE(state, "client", "create", "x", "--products", "all"), why);
	assert_refused(TYPE(state, "client", "create", "x", "--products", "all", "--account", "a", "--organisation"), why);
	good(TYPE(state, "client", "create", "x", "--products", "all", "--organisation"));
}

static void change_of_nothing(void **state)
{
	assert_refused(TYPE(state, "client", "update", "c"), "nothing is to change: give one of its options");
	assert_refused(TYPE(state, "client", "update", "c", "--json"), "nothing is to change: give one of its options");
}

/* ---- options of every command ---- */

static void data_directory(void **state)
{
	assert_string_equal(good(TYPE(state, "account", "list"))->data, "./data");
	setenv("REUSEID_DATA", "/from/environment", 1);
	assert_string_equal(good(TYPE(state, "account", "list"))->data, "/from/environment");
	assert_string_equal(good(TYPE(state, "account", "list", "--data", "/from/option"))->data, "/from/option");
	setenv("REUSEID_DATA", "", 1);
	assert_string_equal(good(TYPE(state, "account", "list"))->data, "./data");
}

static void empty_data_directory_is_refused(void **state)
{
	assert_refused(TYPE(state, "account", "list", "--data="), "--data is empty");
}

static void global_options_stand_in_front_too(void **state)
{
	const struct command_line *line = good(TYPE(state, "--data", "d", "--json", "account", "--config=c", "list", "--yes"));

	assert_string_equal(line->command->words, "account list");
	assert_string_equal(line->data, "d");
	assert_string_equal(line->config, "c");
	assert_true(line->json && line->yes);
	assert_int_equal(line->option_count, 0);
}

static void nothing_is_set_unless_typed(void **state)
{
	const struct command_line *line = good(TYPE(state, "account", "list"));

	assert_null(line->config);
	assert_false(line->json || line->yes);
}

static void help_needs_nothing_else(void **state)
{
	assert_true(TYPE(state, "client", "show", "-h")->parsed.help);
	assert_true(TYPE(state, "client", "create", "--help")->parsed.help);
	assert_true(TYPE(state, "client", "--help")->parsed.help);
	assert_true(TYPE(state, "--help")->parsed.help);
	good(TYPE(state, "client", "create", "--help"));
}

static void version_as_an_option(void **state)
{
	assert_string_equal(good(TYPE(state, "--version"))->command->words, "version");
}

/* ---- settings ---- */

static void every_setting_is_an_option_of_serve(void **state)
{
	for (size_t i = 0; i < setting_count; i++) {
		char option[64];

		snprintf(option, sizeof(option), "--%s=1", setting_list[i].name);
		for (char *at = option; *at; at++)
			*at = *at == '_' ? '-' : *at;
		assert_int_equal(good(TYPE(state, "serve", option))->option_count, 1);
		assert_int_equal(good(TYPE(state, "check-config", option))->option_count, 1);
	}
}

static void setting_keeps_its_dashes(void **state)
{
	const struct command_line *line = good(TYPE(state, "serve", "--public-url", "https://id.example.com"));

	assert_string_equal(command_option(line, "public-url"), "https://id.example.com");
	assert_string_equal(option_setting(S("public-url"))->name, "public_url");
}

static void setting_with_an_underscore_is_none(void **state)
{
	assert_refused(TYPE(state, "serve", "--public_url", "x"), "there is no option --public_url; did you mean --public-url?");
}

static void setting_that_is_a_switch_needs_no_value(void **state)
{
	const struct command_line *line = good(TYPE(state, "serve", "--log-requests", "--port", "0"));

	assert_string_equal(command_option(line, "log-requests"), "on");
	assert_string_equal(command_option(line, "port"), "0");
	assert_string_equal(command_option(good(TYPE(state, "serve", "--log-requests=off")), "log-requests"), "off");
}

static void settings_are_no_options_of_other_commands(void **state)
{
	assert_refused(TYPE(state, "account", "list", "--port", "1"), "there is no option --port");
}

/* ---- the table ---- */

static size_t options_of(const struct command *command)
{
	size_t n = 0;

	while (n < COMMAND_OPTIONS_MAX && command->options[n].name)
		n++;
	return n;
}

static void command_runs_or_asks(void **state)
{
	(void)state;
	for (size_t i = 0; i < command_count; i++)
		assert_true(command_list[i].run || command_list[i].path);
}

/* Else the option of the command could never be given. */
static void no_option_hides_another(void **state)
{
	(void)state;
	for (size_t i = 0; i < command_count; i++)
		for (size_t o = 0; o < options_of(&command_list[i]); o++)
			for (size_t g = 0; g < OPTION_GLOBAL_COUNT; g++)
				assert_string_not_equal(command_list[i].options[o].name, global_options[g].name);
}

static void what_deletes_asks_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < command_count; i++)
		if (command_list[i].path && command_list[i].method == HTTP_DELETE)
			assert_non_null(command_list[i].confirm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(command_of_one_word),
		TEST(command_of_three_words),
		TEST(every_command_of_the_table_is_found),
		TEST(group_is_no_command),
		TEST(nothing_at_all),
		TEST(unknown_word_with_the_nearest_one),
		TEST(unknown_word_like_no_other),
		TEST(half_a_word_is_none),
		TEST(missing_argument),
		TEST(one_argument_too_many),
		TEST(empty_argument),
		TEST(argument_that_may_be_left_out),
		TEST(behind_two_dashes_everything_is_an_argument),
		TEST(option_with_its_value),
		TEST(option_that_was_not_given),
		TEST(last_one_counts),
		TEST(options_stand_anywhere_behind_the_command),
		TEST(value_may_be_empty_where_it_means_something),
		TEST(option_without_its_value),
		TEST(switch_with_a_value),
		TEST(unknown_option_with_the_nearest_one),
		TEST(option_of_another_command),
		TEST(unknown_short_option),
		TEST(option_that_must_be_there),
		TEST(exactly_one_of_several),
		TEST(change_of_nothing),
		TEST(data_directory),
		TEST(empty_data_directory_is_refused),
		TEST(global_options_stand_in_front_too),
		TEST(nothing_is_set_unless_typed),
		TEST(help_needs_nothing_else),
		TEST(version_as_an_option),
		TEST(every_setting_is_an_option_of_serve),
		TEST(setting_keeps_its_dashes),
		TEST(setting_with_an_underscore_is_none),
		TEST(setting_that_is_a_switch_needs_no_value),
		TEST(settings_are_no_options_of_other_commands),
		TEST(command_runs_or_asks),
		TEST(no_option_hides_another),
		TEST(what_deletes_asks_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

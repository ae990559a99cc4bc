#include <unistd.h>

#include "tests/unit/server/line.h"

static struct request built(struct typed *t)
{
	struct request request;
	struct slice why;

	if (failed(request_build(good(t), &request, &why)))
		fail_msg("%.*s", FMT(why));
	return request;
}

static void assert_not_built(struct typed *t, const char *why)
{
	struct request request;
	struct slice said;

	assert_err(request_build(good(t), &request, &said), PARSE);
	assert_slice_equal(said, slice_text(why));
}

static void list_without_a_filter(void **state)
{
	struct request r = built(TYPE(state, "client", "list"));

	assert_int_equal(r.method, HTTP_GET);
	assert_string_equal(r.target, "/admin/clients");
	assert_int_equal(r.body.n, 0);
}

static void options_of_a_list_go_into_the_query(void **state)
{
	struct request r = built(TYPE(state, "user", "list", "--account", "a-spge-x", "--limit", "5", "--external-ref", "a&b c/\xc3\xa5"));

	assert_string_equal(r.target, "/admin/users?accountId=a-spge-x&externalRef=a%26b%20c%2F%C3%A5&limit=5");
	assert_int_equal(r.body.n, 0);
}

static void arguments_go_into_the_path(void **state)
{
	struct request r = built(TYPE(state, "client", "secret", "remove", "sandbox-a-b-1", "0190"));

	assert_int_equal(r.method, HTTP_DELETE);
	assert_string_equal(r.target, "/admin/clients/sandbox-a-b-1/secrets/0190");
	assert_int_equal(r.body.n, 0);
}

static void argument_stays_one_part_of_the_path(void **state)
{
	assert_string_equal(built(TYPE(state, "client", "show", "../keys?x#y%")).target, "/admin/clients/..%2Fkeys%3Fx%23y%25");
}

static void argument_with_no_place_in_the_path_goes_into_the_body(void **state)
{
	struct request r = built(TYPE(state, "client", "secret", "add", "c", "In \"Oslo\""));

	assert_string_equal(r.target, "/admin/clients/c/secrets");
	assert_slice_equal(r.body, S("{\"name\":\"In \\\"Oslo\\\"\"}"));
}

static void every_kind_of_member(void **state)
{
	struct request r = built(TYPE(state, "client", "update", "c", "--name", "n", "--products", "A b, C,", "--token-lifetime", "60",
		"--disable"));

	assert_int_equal(r.method, HTTP_PATCH);
	assert_slice_equal(r.body, S("{\"name\":\"n\",\"products\":[\"A b\",\"C\"],\"tokenLifetimeSeconds\":60,\"enabled\":false}"));
}

static void on_and_off(void **state)
{
	assert_slice_equal(built(TYPE(state, "account", "update", "a", "--extended-events", "on")).body, S("{\"extendedEvents\":true}"));
	assert_slice_equal(built(TYPE(state, "account", "update", "a", "--extended-events", "off")).body, S("{\"extendedEvents\":false}"));
	assert_not_built(TYPE(state, "account", "update", "a", "--extended-events", "maybe"), "--extended-events must be on or off, not \"maybe\"");
}

static void list_of_nothing(void **state)
{
	assert_slice_equal(built(TYPE(state, "client", "update", "c", "--products", "")).body, S("{\"products\":[]}"));
}

static void what_is_not_sent(void **state)
{
	struct request r = built(TYPE(state, "client", "create", "n", "--organisation", "--products", "all"));

	assert_slice_equal(r.body, S("{\"name\":\"n\",\"products\":[\"all\"]}"));
}

static void request_without_members_has_an_empty_body(void **state)
{
	struct request r = built(TYPE(state, "key", "rotate"));

	assert_int_equal(r.method, HTTP_POST);
	assert_slice_equal(r.body, S("{}"));
}

static void number_that_is_none(void **state)
{
	assert_not_built(TYPE(state, "client", "update", "c", "--token-lifetime", "ten"), "--token-lifetime must be a number, not \"ten\"");
	assert_not_built(TYPE(state, "client", "update", "c", "--token-lifetime", ""), "--token-lifetime must be a number, not \"\"");
	assert_not_built(TYPE(state, "client", "update", "c", "--token-lifetime", "1.5"), "--token-lifetime must be a number, not \"1.5\"");
}

static void file_is_named_by_its_whole_path(void **state)
{
	struct typed *t = TYPE(state, "backup", "b.db");
	char directory[512];

	assert_non_null(getcwd(directory, sizeof(directory)));
	assert_slice_equal(built(t).body, arena_printf(&t->arena, "{\"path\":\"%s/b.db\"}", directory));
	assert_slice_equal(built(TYPE(state, "backup", "/b.db")).body, S("{\"path\":\"/b.db\"}"));
}

static void file_becomes_the_whole_body(void **state)
{
	struct slice body = built(TYPE(state, "proofing", "set", "a-1", "tests/package.json")).body;

	assert_true(slice_starts(body, S("{\n  \"name\": \"tests\"")));
	assert_not_built(TYPE(state, "proofing", "set", "a-1", "/nowhere/at/all"), "/nowhere/at/all cannot be read: No such file or directory");
	assert_not_built(TYPE(state, "proofing", "set", "a-1", "/dev/null"), "/dev/null is empty or too large");
}

static void too_long_a_word(void **state)
{
	char word[5000];

	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = 0;
	assert_not_built(TYPE(state, "client", "show", word), "an argument is too long");
}

/* Every place in a path has its argument, and no argument is forgotten. */
static void paths_and_arguments_of_the_table_fit(void **state)
{
	struct typed *t = *state;

	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = &command_list[i];
		const char *words[COMMAND_ARGUMENTS_MAX] = { "one", "two", "three" };
		struct request request;
		struct slice why;

		if (!command->path)
			continue;
		t->parsed.line = (struct command_line){ .arena = &t->arena, .command = command, .arguments = words, .data = "d" };
		while (t->parsed.line.argument_count < COMMAND_ARGUMENTS_MAX && command->arguments[t->parsed.line.argument_count].name) {
			if (command->arguments[t->parsed.line.argument_count].as == AS_WHOLE)
				words[t->parsed.line.argument_count] = "LICENSE"; /* any file that is there */
			t->parsed.line.argument_count++;
		}
		assert_ok(request_build(&t->parsed.line, &request, &why));
		assert_null(strchr(request.target, '{'));
		assert_null(strstr(request.target, "//"));
		assert_true(request.target[strlen(request.target) - 1] != '/');
	}
}

static void places_in_a_text(void **state)
{
	struct typed *t = TYPE(state, "client", "secret", "remove", "c-1", "s-2", "--data", "/d");

	assert_slice_equal(text_filled(good(t), "Remove {SECRET-ID} of {CLIENT} in {DATA}?"), S("Remove s-2 of c-1 in /d?"));
	assert_slice_equal(text_filled(good(t), "Nothing."), S("Nothing."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(list_without_a_filter),
		TEST(options_of_a_list_go_into_the_query),
		TEST(arguments_go_into_the_path),
		TEST(argument_stays_one_part_of_the_path),
		TEST(argument_with_no_place_in_the_path_goes_into_the_body),
		TEST(every_kind_of_member),
		TEST(on_and_off),
		TEST(list_of_nothing),
		TEST(what_is_not_sent),
		TEST(request_without_members_has_an_empty_body),
		TEST(number_that_is_none),
		TEST(file_becomes_the_whole_body),
		TEST(file_is_named_by_its_whole_path),
		TEST(too_long_a_word),
		TEST(paths_and_arguments_of_the_table_fit),
		TEST(places_in_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

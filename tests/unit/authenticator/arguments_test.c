#include "tests/unit/common/test.h"

#include "authenticator/arguments.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

#define READ(...) read_words((char *[]){ "program", __VA_ARGS__ }, sizeof((char *[]){ "program", __VA_ARGS__ }) / sizeof(char *))

struct outcome {
	struct error e;
	struct arguments got;
	struct slice why;
};

static struct outcome read_words(char **argv, size_t n)
{
	struct outcome o = { 0 };

	o.e = arguments_read((int)n, argv, &a, &o.got, &o.why);
	return o;
}

static void assert_refused(struct outcome o, const char *why)
{
	assert_err(o.e, PARSE);
	assert_slice_equal(o.why, slice_text(why));
}

static void options_before_and_behind(void **state)
{
	struct outcome o = READ("--store", "/tmp/x", "register", "--device-name=My = PC", "123456", "--json");

	(void)state;
	assert_ok(o.e);
	assert_string_equal(o.got.command->name, "register");
	assert_string_equal(o.got.operand, "123456");
	assert_string_equal(o.got.values[OPT_STORE], "/tmp/x");
	assert_string_equal(o.got.values[OPT_DEVICE_NAME], "My = PC");
	assert_string_equal(o.got.values[OPT_JSON], "");
	assert_null(o.got.values[OPT_PIN_FILE]);
}

static void a_dash_is_an_operand(void **state)
{
	struct outcome o = READ("register", "-");

	(void)state;
	assert_ok(o.e);
	assert_string_equal(o.got.operand, "-");
}

static void an_empty_value(void **state)
{
	struct outcome o = READ("approve", "--client-data=");

	(void)state;
	assert_ok(o.e);
	assert_string_equal(o.got.values[OPT_CLIENT_DATA], "");
}

static void help_wants_nothing_else(void **state)
{
	(void)state;
	assert_ok(READ("--help").e);
	assert_ok(READ("-h").e);
	assert_ok(READ("approve", "--help").e);
	assert_non_null(READ("approve", "-h").got.values[OPT_HELP]);
}

static void what_is_refused(void **state)
{
	(void)state;
	assert_refused(read_words((char *[]){ "program" }, 1), "Which command?");
	assert_refused(READ("fly"), "There is no command fly.");
	assert_refused(READ("status", "now"), "now is one word too many.");
	assert_refused(READ("register", "1", "2"), "2 is one word too many.");
	assert_refused(READ("status", "--fast"), "There is no option --fast.");
	assert_refused(READ("status", "--store"), "The option --store wants a value.");
	assert_refused(READ("status", "--json=yes"), "The option --json takes no value.");
	assert_refused(READ("status", "--as", "a", "--as", "b"), "The option --as is given twice.");
	assert_refused(READ("status", "--pin-file", "x"), "The option --pin-file does not belong to this command.");
	assert_refused(READ("status", "--="), "There is no option --.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_before_and_behind),
		cmocka_unit_test(a_dash_is_an_operand),
		cmocka_unit_test(an_empty_value),
		cmocka_unit_test(help_wants_nothing_else),
		cmocka_unit_test(what_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

#include "tests/unit/common/test.h"

#include <stdio.h>

#include "authenticator/arguments.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static bool holds(struct slice text, const char *part)
{
	return memmem(text.p, text.n, part, strlen(part)) != NULL;
}

static struct slice help_of(const struct command *command)
{
	struct buf b = buf_arena(&a, 64 * 1024);

	help_write(&b, command);
	assert_ok(buf_ok(&b));
	return buf_bytes(&b);
}

static void the_program_names_every_command(void **state)
{
	struct slice text = help_of(NULL);

	(void)state;
	for (size_t i = 0; i < command_count; i++)
		assert_true(holds(text, commands[i].summary));
}

static void a_command_names_its_options(void **state)
{
	static const char *const names[] = {
#define NAME(id, name, argument, help) "--" name " ",
		OPTIONS(NAME)
#undef NAME
	};

	(void)state;
	for (size_t i = 0; i < command_count; i++)
		for (size_t j = 0; j < OPT_COUNT; j++)
			if (commands[i].options >> j & 1)
				assert_true(holds(help_of(&commands[i]), names[j]));
}

static void every_option_belongs_to_a_command(void **state)
{
	unsigned all = OPT(STORE) | OPT(AS) | OPT(JSON) | OPT(HELP);

	(void)state;
	for (size_t i = 0; i < command_count; i++)
		all |= commands[i].options;
	assert_int_equal(all, (1u << OPT_COUNT) - 1);
}

static void no_line_is_too_long(void **state)
{
	(void)state;
	for (size_t i = 0; i < command_count; i++) {
		struct slice text = help_of(&commands[i]);

		while (text.n)
			assert_in_range(slice_cut(&text, '\n').n, 0, 140);
	}
}

/* The page in the repository is what the tables say now: `reuseid-authenticator man >docs/reuseid-authenticator.1` makes it anew. */
static void the_manual_page_is_up_to_date(void **state)
{
	static char page[64 * 1024];
	struct buf b = buf_arena(&a, 64 * 1024);
	FILE *file = fopen("docs/reuseid-authenticator.1", "r");
	size_t n;

	(void)state;
	assert_non_null(file);
	n = fread(page, 1, sizeof(page), file);
	fclose(file);
	man_write(&b, &a);
	assert_slice_equal(slice_of(page, n), buf_bytes(&b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_program_names_every_command),
		cmocka_unit_test(a_command_names_its_options),
		cmocka_unit_test(every_option_belongs_to_a_command),
		cmocka_unit_test(no_line_is_too_long),
		cmocka_unit_test(the_manual_page_is_up_to_date),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

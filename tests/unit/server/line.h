/* A command line, typed in a test: parsed(state, "client", "list", NULL). */
#ifndef TEST_UNIT_SERVER_LINE_H
#define TEST_UNIT_SERVER_LINE_H

#include <stdlib.h>

#include "server/cli.h"
#include "tests/unit/common/test.h"

struct typed {
	struct arena arena;
	struct parsed parsed;
	struct slice why; /* what is wrong */
	struct error error;
};

static inline int typed_setup(void **state)
{
	unsetenv("REUSEID_DATA");
	*state = xalloc(sizeof(struct typed));
	return 0;
}

static inline int typed_free(void **state)
{
	struct typed *t = *state;

	arena_free(&t->arena);
	free(t);
	return 0;
}

static inline struct typed *type_words(void **state, char **words)
{
	struct typed *t = *state;
	int n = 0;

	while (words[n])
		n++;
	t->error = cli_parse(n, words, &t->arena, &t->parsed, &t->why);
	return t;
}

#define TYPE(state, ...) type_words((state), (char *[]){ (char *)"reuseid", __VA_ARGS__, NULL })
#define TEST(name) cmocka_unit_test_setup_teardown(name, typed_setup, typed_free)

static inline const struct command_line *good(const struct typed *t)
{
	if (failed(t->error))
		fail_msg("%.*s", FMT(t->why));
	return &t->parsed.line;
}

static inline void assert_refused(const struct typed *t, const char *why)
{
	if (!is_err(t->error, E_PARSE) || !slice_is(t->why, why))
		fail_msg("%.*s, not %s", FMT(t->why), why);
}

#endif

#include "page/page.h"

#include "tests/unit/common/test.h"

struct wish {
	const char *header, *query;
	enum page_language expected;
};

static const struct wish wishes[] = {
	{ "", "", LANGUAGE_EN },
	{ "nb", "", LANGUAGE_NB },
	{ "no", "", LANGUAGE_NB },
	{ "nn-NO, en;q=0.9", "", LANGUAGE_NB },
	{ "en-GB, nb;q=0.9", "", LANGUAGE_EN },
	{ "de, nb;q=0.5, en;q=0.4", "", LANGUAGE_NB },
	{ "en;q=0.4, nb ; q=0.5", "", LANGUAGE_NB },
	{ "nb;q=0, en;q=0.1", "", LANGUAGE_EN },
	{ "nb;q=1.0", "", LANGUAGE_NB },
	{ "nb;q=x, en", "", LANGUAGE_EN },
	{ "nb;q=0.55555", "", LANGUAGE_EN },
	{ "de, fr", "", LANGUAGE_EN },
	{ ",;,;q=,=;,", "", LANGUAGE_EN },
	{ "en", "lang=nb", LANGUAGE_NB },
	{ "nb", "a=b&lang=en-GB", LANGUAGE_EN },
	{ "nb", "lang=de", LANGUAGE_NB },
	{ "nb", "lang=%zz", LANGUAGE_NB },
};

static void the_readers_wish(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wishes); i++) {
		struct http_header header = { S("Accept-Language"), slice_text(wishes[i].header) };
		struct http_request req = { .headers = &header, .header_count = 1, .query = slice_text(wishes[i].query) };
		struct op op = { .http = &req, .arena = &req.arena };
		enum page_language got = page_language(&op);

		arena_free(&req.arena);
		if (got != wishes[i].expected)
			fail_msg("%s?%s: %d", wishes[i].header, wishes[i].query, (int)got);
	}
}

static void no_word_is_left_out(void **state)
{
	(void)state;
	for (int w = 0; w < WORD_COUNT; w++)
		for (int l = 0; l < LANGUAGES; l++)
			assert_true(strlen(page_word((enum page_language)l, (enum page_word)w)) > 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_readers_wish), cmocka_unit_test(no_word_is_left_out) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

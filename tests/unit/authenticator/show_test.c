#include "tests/unit/common/test.h"

#include "authenticator/app.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

#define SHOWN(text, lines) shown(slice_of(text, sizeof(text) - 1), lines)

static const char *shown(struct slice text, bool lines)
{
	struct buf b = buf_arena(&a, 4096);

	visible_write(&b, text, lines);
	return arena_cstr(&a, buf_bytes(&b));
}

static void plain_text_stays(void **state)
{
	(void)state;
	assert_string_equal(SHOWN("100 EUR", false), "100 EUR");
	assert_string_equal(SHOWN("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", false), "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
	assert_string_equal(SHOWN("a\n\tb", true), "a\n\tb");
}

static void controls_are_seen(void **state)
{
	(void)state;
	assert_string_equal(SHOWN("a\x1b[2Jb", true), "a<U+001B>[2Jb");
	assert_string_equal(SHOWN("a\nb\rc", false), "a<U+000A>b<U+000D>c");
	assert_string_equal(SHOWN("a\rb", true), "a<U+000D>b");
	assert_string_equal(SHOWN("a\0b\x7f", true), "a<U+0000>b<U+007F>");
	assert_string_equal(SHOWN("\xc2\x9b", true), "<U+009B>");
}

/* Marks that turn the direction of text, or that nobody sees. */
static void what_deceives_is_seen(void **state)
{
	(void)state;
	assert_string_equal(SHOWN("10\xe2\x80\xae" "00", false), "10<U+202E>00");
	assert_string_equal(SHOWN("a\xe2\x81\xa6" "b", false), "a<U+2066>b");
	assert_string_equal(SHOWN("a\xe2\x80\x8b" "b", false), "a<U+200B>b");
	assert_string_equal(SHOWN("\xef\xbb\xbf" "a", false), "<U+FEFF>a");
	assert_string_equal(SHOWN("\xf3\xa0\x81\x81", false), "<U+E0041>");
}

static void bytes_that_are_no_text_are_seen(void **state)
{
	(void)state;
	assert_string_equal(SHOWN("a\xff" "b", true), "a<FF>b");
	assert_string_equal(SHOWN("\xc3", true), "<C3>");
}

static bool is_text(const char *mime, const char *content)
{
	const rid_context context = { NULL, mime, (const unsigned char *)content, strlen(content) };

	return context_is_text(&context);
}

static void types_that_can_be_shown(void **state)
{
	(void)state;
	assert_true(is_text("text/plain", "x"));
	assert_true(is_text("Text/Plain; charset=utf-8", "x"));
	assert_true(is_text("application/json", "{}"));
	assert_true(is_text(NULL, "x"));
	assert_false(is_text("text/html", "<b>x</b>"));
	assert_false(is_text("application/pdf", "x"));
	assert_false(is_text("text/plainx", "x"));
	assert_false(is_text("text/plain", "\xff"));
	assert_false(is_text(NULL, "\xff"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_stays),
		cmocka_unit_test(controls_are_seen),
		cmocka_unit_test(what_deceives_is_seen),
		cmocka_unit_test(bytes_that_are_no_text_are_seen),
		cmocka_unit_test(types_that_can_be_shown),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

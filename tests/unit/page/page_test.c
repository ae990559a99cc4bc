#include "page/page.h"

#include "tests/unit/common/fixture.h"

#define HOSTILE "<script>alert(1)</script>\" onload='x' &amp;"

static const struct page_template capture = { "error.html", .csp = "media-src blob:", .permissions = "camera=(self)" };
static const struct page_template plain = { "error.html" };

static err hostile_prepare(struct op *op)
{
	return page_answer(op, 200, &plain, VALUES({ "text", S(HOSTILE) }));
}

static err capture_prepare(struct op *op)
{
	return page_answer(op, 200, &capture, VALUES({ "text", S("x") }));
}

static err forbidden_prepare(struct op *op)
{
	(void)op;
	return FAIL(PERMISSION);
}

static err missing_prepare(struct op *op)
{
	static const struct page_template missing = { "no-such-file.html" };

	return page_answer(op, 200, &missing, NO_VALUES);
}

static const struct route rows[] = {
	{ HTTP_GET, "/hostile", PUBLIC, NO_RATE, OP(.prepare = hostile_prepare), "x", .flags = PAGE, .errors = &page_errors },
	{ HTTP_GET, "/capture", PUBLIC, NO_RATE, OP(.prepare = capture_prepare), "x", .flags = PAGE, .errors = &page_errors },
	{ HTTP_GET, "/forbidden", PUBLIC, NO_RATE, OP(.prepare = forbidden_prepare), "x", .flags = PAGE, .errors = &page_errors },
	{ HTTP_GET, "/missing", PUBLIC, NO_RATE, OP(.prepare = missing_prepare), "x", .flags = PAGE, .errors = &page_errors },
};
static const struct route_table table = { .base = "", .title = "Pages", .routes = rows, .n = COUNT(rows) };
static const struct route_table *const tables[] = { &table };

static int setup(void **state)
{
	*state = fixture_new(NULL);
	fixture_serve(*state, tables, COUNT(tables), NULL);
	return 0;
}

static int teardown(void **state)
{
	fixture_free(*state);
	return 0;
}

static bool holds(struct answer answer, const char *text)
{
	return memmem(answer.text.p, answer.text.n, text, strlen(text)) != NULL;
}

static struct answer visit(void **state, const char *path, const char *language)
{
	struct http_header header = { S("Accept-Language"), slice_text(language) };

	return fixture_request(*state, &(struct from){ .headers = &header, .header_count = 1 }, HTTP_GET, path, NULL);
}

static void values_stay_text(void **state)
{
	struct answer a = visit(state, "/hostile", "en");

	assert_status(a, 200);
	assert_false(holds(a, "<script>"));
	assert_true(holds(a, "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39; &amp;amp;"));
	assert_false(holds(a, "{{"));
}

static void headers_keep_the_page_to_itself(void **state)
{
	struct answer a = visit(state, "/hostile", "en");

	assert_string_equal(answer_header(&a, "Content-Security-Policy"),
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
		"frame-ancestors 'none'; base-uri 'none'");
	assert_string_equal(answer_header(&a, "Cache-Control"), "no-store");
	assert_string_equal(answer_header(&a, "X-Content-Type-Options"), "nosniff");
	assert_string_equal(answer_header(&a, "Referrer-Policy"), "no-referrer");
	assert_string_equal(answer_header(&a, "Content-Language"), "en");
	a = visit(state, "/capture", "en");
	assert_non_null(strstr(answer_header(&a, "Content-Security-Policy"), "base-uri 'none'; media-src blob:"));
	assert_string_equal(answer_header(&a, "Permissions-Policy"), "camera=(self)");
}

static void words_are_the_readers(void **state)
{
	assert_true(holds(visit(state, "/hostile", "en"), "Something went wrong"));
	assert_true(holds(visit(state, "/hostile", "nn-NO"), "Noe gikk galt"));
	assert_true(holds(visit(state, "/hostile?lang=nb", "en"), "<html lang=\"nb\">"));
}

static void errors_are_pages_too(void **state)
{
	struct answer a = visit(state, "/forbidden", "en");

	assert_status(a, 403);
	assert_true(holds(a, "another browser"));
	a = visit(state, "/missing", "en");
	assert_status(a, 500);
	assert_true(holds(a, "try again"));
}

static void elsewhere_errors_are_objects(void **state)
{
	assert_problem(visit(state, "/nothing", "en"), 404, "not_found");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_stay_text),
		cmocka_unit_test(headers_keep_the_page_to_itself),
		cmocka_unit_test(words_are_the_readers),
		cmocka_unit_test(errors_are_pages_too),
		cmocka_unit_test(elsewhere_errors_are_objects),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

#include "page/file.h"

#include "page/page.h"
#include "tests/unit/common/fixture.h"

static const struct route_table *const tables[] = { &page_routes };

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

static struct answer fetch(void **state, const char *path, const char *tag)
{
	struct http_header header = { S("If-None-Match"), slice_text(tag) };

	return fixture_request(*state, &(struct from){ .headers = &header, .header_count = tag ? 1 : 0 }, HTTP_GET, path, NULL);
}

static void whole_file_with_its_tag(void **state)
{
	const struct web_file *file = web_file_find(S("base.css"));
	struct answer a = fetch(state, "/web/base.css", NULL);

	assert_status(a, 200);
	assert_slice_equal(a.text, slice_of(file->bytes, file->n));
	assert_int_equal(strlen(answer_header(&a, "ETag")), strlen(file->tag) + 2);
	assert_string_equal(answer_header(&a, "Cache-Control"), "no-cache");
}

static void not_again_when_the_browser_has_it(void **state)
{
	struct fixture *f = *state;
	struct answer a = fetch(state, "/web/base.css", NULL);
	const char *tag = answer_header(&a, "ETag");

	assert_status(fetch(state, "/web/base.css", tag), 304);
	assert_status(fetch(state, "/web/base.css", (const char *)arena_printf(&f->arena, "\"old\", W/%s", tag).p), 304);
	assert_status(fetch(state, "/web/base.css", "*"), 304);
	assert_status(fetch(state, "/web/base.css", "\"old\""), 200);
}

static void kept_when_the_path_names_the_content(void **state)
{
	const struct web_file *file = web_file_find(S("base.css"));
	struct fixture *f = *state;
	struct answer a = fetch(state, (const char *)arena_printf(&f->arena, "/web/base.css?v=%s", file->tag).p, NULL);

	assert_string_equal(answer_header(&a, "Cache-Control"), "public, max-age=31536000, immutable");
	a = fetch(state, "/web/base.css?v=old", NULL);
	assert_status(a, 200);
	assert_string_equal(answer_header(&a, "Cache-Control"), "no-cache");
}

static void templates_and_other_paths_are_nothing(void **state)
{
	static const char *const paths[] = { "/web/error.html", "/web/none.css", "/web/..%2Fbase.css", "/web/Base.css", "/web/base.css%00" };

	for (size_t i = 0; i < COUNT(paths); i++)
		assert_true(fetch(state, paths[i], NULL).status >= 400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_file_with_its_tag),
		cmocka_unit_test(not_again_when_the_browser_has_it),
		cmocka_unit_test(kept_when_the_path_names_the_content),
		cmocka_unit_test(templates_and_other_paths_are_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

#include "page/page.h"

#include "tests/unit/common/test.h"

static struct slice cookie(const char *one, const char *other, const char *name)
{
	struct http_header headers[] = { { S("Cookie"), slice_text(one) }, { S("cookie"), slice_text(other) } };
	struct http_request req = { .headers = headers, .header_count = COUNT(headers) };

	return page_cookie(&req, name);
}

static void found_by_its_whole_name(void **state)
{
	(void)state;
	assert_slice_equal(cookie("a=1; pk=two; b=3", "", "pk"), S("two"));
	assert_slice_equal(cookie("pk=two", "", "pk"), S("two"));
	assert_slice_equal(cookie("a=1", "pk=x=y", "pk"), S("x=y"));
	assert_slice_equal(cookie("pk=1; pk=2", "", "pk"), S("1"));
	assert_slice_equal(cookie("xpk=1; pkx=2; PK=3", "", "pk"), S(""));
	assert_slice_equal(cookie("", "", "pk"), S(""));
	assert_slice_equal(cookie(";;= ;=x;pk", "", "pk"), S(""));
}

static void set_for_this_host_alone(void **state)
{
	struct http_request req = { .header_count = 0 };
	struct op op = { .http = &req, .arena = &req.arena };

	(void)state;
	page_cookie_set(&op, "pk", S("v"), true);
	page_cookie_set(&op, "pk", S("v"), false);
	assert_slice_equal(req.reply.headers[0].value, S("__Host-pk=v; Path=/; HttpOnly; SameSite=Lax; Secure"));
	assert_slice_equal(req.reply.headers[1].value, S("pk=v; Path=/; HttpOnly; SameSite=Lax"));
	arena_free(&req.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(found_by_its_whole_name), cmocka_unit_test(set_for_this_host_alone) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

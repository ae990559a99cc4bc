/* Which events a subscription wants. */
#include "tests/unit/common/test.h"
#include "webhook/internal.h"

static bool fits(const char *pattern, const char *event)
{
	return pattern_fits(slice_text(pattern), slice_text(event));
}

static void names_and_beginnings(void **state)
{
	(void)state;
	assert_true(fits("reuseid:device.state.change", "reuseid:device.state.change"));
	assert_true(fits("*", "reuseid:device.state.change"));
	assert_true(fits("reuseid:*", "reuseid:device.state.change"));
	assert_true(fits("reuseid:device.*", "reuseid:device.state.change"));
	assert_false(fits("reuseid:device.*", "mobileid:device.state.change"));
	assert_false(fits("reuseid:device", "reuseid:device.state.change"));
	assert_false(fits("reuseid:device.state.change", "reuseid:device.state"));
	assert_false(fits("", "reuseid:device.state.change"));
	assert_false(fits("REUSEID:*", "reuseid:device.state.change"));
}

static void patterns_that_mean_something(void **state)
{
	static const char *const good[] = { "*", "reuseid:*", "mobileid:signature.completed", "reuseid:device.s*" };
	static const char *const bad[] = { "", "r*:x", "*.completed", "reuseid:passport.*", "reuseid:device.state.change ", "**" };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(pattern_fits_some_event(slice_text(good[i])));
	for (size_t i = 0; i < COUNT(bad); i++)
		if (pattern_fits_some_event(slice_text(bad[i])))
			fail_msg("%s", bad[i]);
}

static bool tagged(const char *any, const char *all, const char *tags)
{
	struct slice texts[3][8], parts[3] = { slice_text(any), slice_text(all), slice_text(tags) };
	struct list lists[3];

	for (int i = 0; i < 3; i++) {
		lists[i] = (struct list){ texts[i], 0 };
		while (parts[i].n)
			texts[i][lists[i].n++] = slice_cut(&parts[i], ' ');
	}
	return tags_fit(&lists[0], &lists[1], &lists[2]);
}

static void tags(void **state)
{
	(void)state;
	assert_true(tagged("", "", ""));
	assert_true(tagged("", "", "a b"));
	assert_true(tagged("a b", "", "b c"));
	assert_false(tagged("a b", "", "c"));
	assert_false(tagged("a", "", ""));
	assert_true(tagged("", "a b", "c b a"));
	assert_false(tagged("", "a b", "a"));
	assert_true(tagged("x a", "b", "a b"));
	assert_false(tagged("x", "b", "a b"));
	assert_false(tagged("a", "x", "a b"));
	assert_false(tagged("A", "", "a"));
}

static void headers_that_are_ours(void **state)
{
	static const char *const ours[] = { "host", "Host", "Content-Length", "content-type", "X-Signicat-Jws", "x-signicat-anything",
		"Transfer-Encoding", "Connection", "User-Agent", "Expect" };
	static const char *const theirs[] = { "Authorization", "X-Api-Key", "X-Signicat", "Cookie", "X" };

	(void)state;
	for (size_t i = 0; i < COUNT(ours); i++)
		assert_false(webhook_header_is_free(slice_text(ours[i])));
	for (size_t i = 0; i < COUNT(theirs); i++)
		assert_true(webhook_header_is_free(slice_text(theirs[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_beginnings),
		cmocka_unit_test(patterns_that_mean_something),
		cmocka_unit_test(tags),
		cmocka_unit_test(headers_that_are_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

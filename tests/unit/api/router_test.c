/* From a method and a path to a route. */
#include <stdlib.h>

#include "api/internal.h"
#include "tests/unit/common/test.h"

#define ROW(method, path, ...) { HTTP_##method, path, PUBLIC, NO_RATE, .id = #method " " path, ##__VA_ARGS__ }

static const struct route rows[] = {
	ROW(GET, "/users/{userId}"),
	ROW(DELETE, "/users/{userId}"),
	ROW(POST, "/users/resolve", .also = "/users/find /search/{how:text}"),
	ROW(POST, "/users"),
	ROW(GET, "/users/{userId}/things/{thing:text}"),
	ROW(GET, "/users/me/things/{thing:text}"),
	ROW(GET, "/users/{userId}/things/all"),
	ROW(GET, "/.well-known/a.b~c-d_e"),
	ROW(GET, "/a/b/c/d/e/f/g/h/i/j/k"),
};
static const struct route root_rows[] = { ROW(GET, "/"), ROW(GET, "/healthz") };

static const struct route_table table = { .base = "/base", .routes = rows, .n = COUNT(rows) };
static const struct route_table root = { .base = "", .routes = root_rows, .n = COUNT(root_rows) };

static int setup(void **state)
{
	static const struct route_table *const tables[] = { &table, &root };
	static struct api api;

	api = (struct api){ .config = { .tables = tables, .table_count = COUNT(tables) } };
	router_build(&api);
	*state = &api;
	return 0;
}

static int teardown(void **state)
{
	struct api *api = *state;

	free(api->patterns);
	free(api->outlines);
	return 0;
}

static struct match find(void **state, int method, const char *path)
{
	struct match match;

	router_find(*state, method, slice_text(path), &match);
	return match;
}

static void assert_found(void **state, int method, const char *path, const char *id)
{
	struct match match = find(state, method, path);

	assert_non_null(match.pattern);
	assert_string_equal(match.pattern->route->id, id);
}

static void assert_nothing_there(void **state, const char *path)
{
	struct match match = find(state, HTTP_GET, path);

	if (match.path_known || match.pattern || match.allowed)
		fail_msg("%s", path);
}

static void literal_path(void **state)
{
	assert_found(state, HTTP_POST, "/base/users", "POST /users");
	assert_found(state, HTTP_GET, "/healthz", "GET /healthz");
}

static void root_path(void **state)
{
	assert_found(state, HTTP_GET, "/", "GET /");
}

static void parameter(void **state)
{
	struct match match = find(state, HTTP_GET, "/base/users/abc");

	assert_string_equal(match.pattern->route->id, "GET /users/{userId}");
	assert_slice_equal(match.params[0], S("abc"));
}

static void parameters_in_their_order(void **state)
{
	struct match match = find(state, HTTP_GET, "/base/users/u/things/t");

	assert_slice_equal(match.params[0], S("u"));
	assert_slice_equal(match.params[1], S("t"));
}

static void method_tells_routes_of_one_path_apart(void **state)
{
	assert_found(state, HTTP_DELETE, "/base/users/abc", "DELETE /users/{userId}");
}

static void literal_wins_over_a_parameter(void **state)
{
	assert_found(state, HTTP_GET, "/base/users/me/things/t", "GET /users/me/things/{thing:text}");
	assert_found(state, HTTP_GET, "/base/users/u/things/all", "GET /users/{userId}/things/all");
	assert_found(state, HTTP_POST, "/base/users/resolve", "POST /users/resolve");
}

static void first_row_wins_among_equals(void **state)
{
	assert_found(state, HTTP_GET, "/base/users/me/things/all", "GET /users/me/things/{thing:text}");
}

static void parameter_takes_what_the_literal_has_no_method_for(void **state)
{
	struct match match = find(state, HTTP_GET, "/base/users/resolve");

	assert_string_equal(match.pattern->route->id, "GET /users/{userId}");
	assert_slice_equal(match.params[0], S("resolve"));
}

static void aliases_lead_to_the_same_route(void **state)
{
	assert_found(state, HTTP_POST, "/base/users/find", "POST /users/resolve");
	assert_found(state, HTTP_POST, "/base/search/far", "POST /users/resolve");
}

static void head_is_answered_by_get(void **state)
{
	assert_found(state, HTTP_HEAD, "/base/users/abc", "GET /users/{userId}");
}

static void head_is_nothing_where_there_is_no_get(void **state)
{
	struct match match = find(state, HTTP_HEAD, "/base/users");

	assert_null(match.pattern);
	assert_true(match.path_known);
}

static void methods_that_a_path_has(void **state)
{
	struct match match = find(state, HTTP_PUT, "/base/users/abc");

	assert_null(match.pattern);
	assert_true(match.path_known);
	assert_int_equal(match.allowed, 1u << HTTP_GET | 1u << HTTP_DELETE);
}

static void methods_of_all_that_fit(void **state)
{
	assert_int_equal(find(state, HTTP_PUT, "/base/users/resolve").allowed, 1u << HTTP_GET | 1u << HTTP_DELETE | 1u << HTTP_POST);
}

static void method_that_nobody_knows(void **state)
{
	struct match match = find(state, HTTP_OTHER, "/base/users");

	assert_null(match.pattern);
	assert_true(match.path_known);
}

static void segments_are_whole(void **state)
{
	assert_nothing_there(state, "/base/user");
	assert_nothing_there(state, "/base/userss");
	assert_nothing_there(state, "/base/USERS");
	assert_nothing_there(state, "/users");
	assert_nothing_there(state, "/base");
}

static void slashes_count(void **state)
{
	static const char *const paths[] = {
		"/base/users/", "/base//users", "//base/users", "/base/users//things/t", "/base/users/u/things/", "/healthz/", "//" };

	for (size_t i = 0; i < COUNT(paths); i++)
		assert_nothing_there(state, paths[i]);
}

static void parameter_is_one_segment(void **state)
{
	assert_nothing_there(state, "/base/users/a/b");
	assert_found(state, HTTP_GET, "/base/users/a%2Fb", "GET /users/{userId}");
}

static void dots_are_nothing_special(void **state)
{
	assert_nothing_there(state, "/base/./users");
	assert_nothing_there(state, "/base/users/u/../users");
	assert_nothing_there(state, "/x/../healthz");
	assert_found(state, HTTP_GET, "/base/.well-known/a.b~c-d_e", "GET /.well-known/a.b~c-d_e");
}

static void long_paths(void **state)
{
	assert_found(state, HTTP_GET, "/base/a/b/c/d/e/f/g/h/i/j/k", "GET /a/b/c/d/e/f/g/h/i/j/k");
	assert_nothing_there(state, "/base/a/b/c/d/e/f/g/h/i/j/k/l");
	assert_nothing_there(state, "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20");
}

/* A caller may escape what he need not: RFC 3986, section 6.2.2.2. */
static void escaped_letters_are_the_letters(void **state)
{
	assert_found(state, HTTP_POST, "/base/%75sers", "POST /users");
	assert_found(state, HTTP_GET, "/%68ealth%7A", "GET /healthz");
	assert_nothing_there(state, "/base%2Fusers");
	assert_nothing_there(state, "/base/user%00s");
	assert_nothing_there(state, "/base/users%");
}

/* As long, with the same first and last letters: the rest counts too. */
static void paths_that_resemble_a_route(void **state)
{
	assert_nothing_there(state, "/heallhz");
	assert_nothing_there(state, "/heathlz");
	assert_nothing_there(state, "/base/uxxrs");
	assert_nothing_there(state, "/bxse/users");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(literal_path),
		TEST(root_path),
		TEST(parameter),
		TEST(parameters_in_their_order),
		TEST(method_tells_routes_of_one_path_apart),
		TEST(literal_wins_over_a_parameter),
		TEST(first_row_wins_among_equals),
		TEST(parameter_takes_what_the_literal_has_no_method_for),
		TEST(aliases_lead_to_the_same_route),
		TEST(head_is_answered_by_get),
		TEST(head_is_nothing_where_there_is_no_get),
		TEST(methods_that_a_path_has),
		TEST(methods_of_all_that_fit),
		TEST(method_that_nobody_knows),
		TEST(paths_that_resemble_a_route),
		TEST(segments_are_whole),
		TEST(slashes_count),
		TEST(parameter_is_one_segment),
		TEST(dots_are_nothing_special),
		TEST(long_paths),
		TEST(escaped_letters_are_the_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

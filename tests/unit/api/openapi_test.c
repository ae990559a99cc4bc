/* The OpenAPI document of a table: everything it says comes from the rows and the schemas. */
#include <stdlib.h>

#include "things.h"

static const struct route rows[] = {
	{ HTTP_GET, "/things", USER_READ, READS, QUERY(thing_query), OUT(thing), .doc = "List things", .id = "listThings",
		.tag = "Things", .flags = REPLY_LIST },
	{ HTTP_POST, "/things", USER_WRITE, WRITES, IN(thing), OUT(thing), OP(.apply = NULL), "Create thing", "createThing", "Things",
		"/things/make", CREATES },
	{ HTTP_PATCH, "/things/{thingId}/parts/{part:text}", USER_WRITE, WRITES, IN(part), OUT(thing), .doc = "Change part",
		.id = "changePart", .tag = "Things", .flags = EMPTY_BODY_OK },
	{ HTTP_DELETE, "/things/{thingId}", USER_DELETE, WRITES, .doc = "Delete thing", .id = "deleteThing", .tag = "Things" },
	{ HTTP_GET, "/open", PUBLIC, NO_RATE, OUT(part), .doc = "Open to all", .id = "open", .tag = "Things" },
	{ HTTP_GET, "/hidden", USER_READ, READS, OUT(thing), .doc = "Hidden", .id = "hidden", .tag = "Things", .flags = HIDDEN },
	{ HTTP_GET, "/local", LOCAL_ONLY, NO_RATE, OUT(thing), .doc = "Local", .id = "local", .tag = "Things" },
};
static const struct route more_rows[] = {
	{ HTTP_GET, "/more", USER_READ, READS, OUT(part), .doc = "More", .id = "more", .tag = "More" } };
static const struct tag more_tags[] = { { "More", "There is more" }, { NULL, NULL } };

static const struct route_table none = { .base = "/none", .routes = more_rows, .n = COUNT(more_rows) };
static const struct route_table table = { .base = "/base", .title = "Things", .doc = "All things", .tags = things_tags,
	.openapi_path = "/base/openapi.json", .routes = rows, .n = COUNT(rows) };
static const struct route_table more = { .base = "/base", .title = "More", .doc = "", .tags = more_tags,
	.openapi_path = "/base/openapi.json", .routes = more_rows, .n = COUNT(more_rows) };
static const struct route_table *const tables[] = { &none, &table, &more };

struct document {
	struct arena a;
	json_t *root;
};

static int setup(void **state)
{
	struct document *d = xalloc(sizeof(*d));
	struct buf b = buf_arena(&d->a, 1 << 20);

	openapi_write(tables, COUNT(tables), "/base/openapi.json", "https://example.com", &b);
	must(buf_ok(&b));
	d->root = json_loadb((const char *)b.p, b.n, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(d->root);
	*state = d;
	return 0;
}

static int teardown(void **state)
{
	struct document *d = *state;

	json_decref(d->root);
	arena_free(&d->a);
	free(d);
	return 0;
}

/* A member by its path; the steps are separated by '|', because names here hold dots and slashes. */
static json_t *at(void **state, const char *path)
{
	struct document *d = *state;
	struct slice rest = slice_text(path);
	json_t *value = d->root;

	while (value && rest.n) {
		struct slice step = slice_cut(&rest, '|');
		uint64_t index;

		value = json_is_array(value) && !failed(slice_u64(step, &index)) ? json_array_get(value, index)
										  : json_object_get(value, arena_cstr(&d->a, step));
	}
	return value;
}

static void assert_is(void **state, const char *path, const char *want)
{
	struct document *d = *state;
	char *text = json_dumps(at(state, path), JSON_COMPACT | JSON_ENCODE_ANY);
	const char *got = text ? arena_cstr(&d->a, slice_text(text)) : "(nothing)";

	free(text);
	assert_string_equal(got, want);
}

static void assert_absent(void **state, const char *path)
{
	if (at(state, path))
		fail_msg("%s is there", path);
}

static void version_title_and_address(void **state)
{
	assert_is(state, "openapi", "\"3.1.0\"");
	assert_is(state, "info|title", "\"Things\"");
	assert_is(state, "info|version", "\"" VERSION "\"");
	assert_is(state, "servers", "[{\"url\":\"https://example.com/base\"}]");
}

static void tags_of_every_table_of_the_document(void **state)
{
	assert_is(state, "tags", "[{\"name\":\"Things\",\"description\":\"What there is\"},{\"name\":\"More\",\"description\":\"There is more\"}]");
}

static void paths_are_the_shown_ones(void **state)
{
	assert_int_equal(json_object_size(at(state, "paths")), 5);
	assert_non_null(at(state, "paths|/things|get"));
	assert_non_null(at(state, "paths|/things|post"));
	assert_non_null(at(state, "paths|/things/{thingId}/parts/{part}|patch"));
	assert_non_null(at(state, "paths|/things/{thingId}|delete"));
	assert_non_null(at(state, "paths|/more|get"));
}

static void hidden_local_and_further_paths_are_left_out(void **state)
{
	assert_absent(state, "paths|/hidden");
	assert_absent(state, "paths|/local");
	assert_absent(state, "paths|/things/make");
}

static void operation_names_itself(void **state)
{
	assert_is(state, "paths|/things|post|operationId", "\"createThing\"");
	assert_is(state, "paths|/things|post|summary", "\"Create thing\"");
	assert_is(state, "paths|/things|post|tags", "[\"Things\"]");
	assert_is(state, "paths|/things|post|description", "\"Needs the permission `reuseid:user:write`.\"");
}

static void open_operation_needs_no_token(void **state)
{
	assert_is(state, "paths|/open|get|security", "[]");
	assert_absent(state, "paths|/open|get|responses|401");
	assert_absent(state, "paths|/open|get|responses|403");
	assert_absent(state, "paths|/things|get|security");
	assert_is(state, "security", "[{\"oauth2\":[\"signicat-api\"]}]");
}

static void token_comes_from_here(void **state)
{
	assert_is(state, "components|securitySchemes|oauth2|flows|clientCredentials|tokenUrl",
		"\"https://example.com/auth/open/connect/token\"");
}

static void path_parameters(void **state)
{
	assert_is(state, "paths|/things/{thingId}/parts/{part}|patch|parameters|0|name", "\"thingId\"");
	assert_is(state, "paths|/things/{thingId}/parts/{part}|patch|parameters|0|schema", "{\"type\":\"string\",\"format\":\"uuid\"}");
	assert_is(state, "paths|/things/{thingId}/parts/{part}|patch|parameters|1|name", "\"part\"");
	assert_is(state, "paths|/things/{thingId}/parts/{part}|patch|parameters|1|schema", "{\"type\":\"string\"}");
	assert_is(state, "paths|/things/{thingId}/parts/{part}|patch|parameters|1|required", "true");
}

static void query_parameters(void **state)
{
	assert_is(state, "paths|/things|get|parameters|0|name", "\"colour\"");
	assert_is(state, "paths|/things|get|parameters|0|required", "true");
	assert_is(state, "paths|/things|get|parameters|0|schema", "{\"type\":\"string\",\"enum\":[\"RED\",\"GREEN\"]}");
	assert_is(state, "paths|/things|get|parameters|2|name", "\"limit\"");
	assert_is(state, "paths|/things|get|parameters|2|required", "false");
	assert_is(state, "paths|/things|get|parameters|2|schema", "{\"type\":[\"integer\",\"string\"],\"minimum\":1,\"maximum\":100}");
}

static void request_body(void **state)
{
	assert_is(state, "paths|/things|post|requestBody|required", "true");
	assert_is(state, "paths|/things|post|requestBody|content|application/json|schema", "{\"$ref\":\"#/components/schemas/thing\"}");
	assert_is(state, "paths|/things/{thingId}/parts/{part}|patch|requestBody|required", "false");
	assert_absent(state, "paths|/things|get|requestBody");
}

static void good_answers(void **state)
{
	assert_non_null(at(state, "paths|/things|post|responses|200"));
	assert_non_null(at(state, "paths|/things|post|responses|201"));
	assert_absent(state, "paths|/things|get|responses|201");
	assert_non_null(at(state, "paths|/things/{thingId}|delete|responses|204"));
	assert_absent(state, "paths|/things/{thingId}|delete|responses|200");
	assert_is(state, "paths|/things|get|responses|200|content|application/json|schema",
		"{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/thing\"}}");
}

static void errors_are_referred_to(void **state)
{
	assert_is(state, "paths|/things|post|responses|400", "{\"$ref\":\"#/components/responses/error400\"}");
	assert_non_null(at(state, "components|responses|error400"));
	assert_non_null(at(state, "components|schemas|problem"));
}

static void schema_of_an_object(void **state)
{
	assert_is(state, "components|schemas|thing|required", "[\"name\"]");
	assert_is(state, "components|schemas|thing|properties|name",
		"{\"type\":\"string\",\"minLength\":1,\"maxLength\":10,\"description\":\"Its name\",\"examples\":[\"lamp\"]}");
	assert_is(state, "components|schemas|thing|properties|size|maximum", "100");
	assert_is(state, "components|schemas|thing|properties|note|type", "[\"string\",\"null\"]");
	assert_is(state, "components|schemas|thing|properties|parts",
		"{\"type\":\"array\",\"maxItems\":5,\"items\":{\"$ref\":\"#/components/schemas/part\"},\"description\":\"What it is made of\"}");
}

static void schemas_inside_others_are_there(void **state)
{
	assert_non_null(at(state, "components|schemas|part"));
}

static void example_is_put_together(void **state)
{
	assert_is(state, "paths|/things|post|requestBody|content|application/json|example",
		"{\"name\":\"lamp\",\"size\":7,\"colour\":\"RED\",\"parts\":[{\"name\":\"wheel\"}]}");
}

static void nothing_for_another_path(void **state)
{
	struct document *d = *state;
	struct buf b = buf_arena(&d->a, 1 << 20);

	openapi_write(tables, COUNT(tables), "/other.json", "https://example.com", &b);
	assert_int_equal(b.n, 0);
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(version_title_and_address),
		TEST(tags_of_every_table_of_the_document),
		TEST(paths_are_the_shown_ones),
		TEST(hidden_local_and_further_paths_are_left_out),
		TEST(operation_names_itself),
		TEST(open_operation_needs_no_token),
		TEST(token_comes_from_here),
		TEST(path_parameters),
		TEST(query_parameters),
		TEST(request_body),
		TEST(good_answers),
		TEST(errors_are_referred_to),
		TEST(schema_of_an_object),
		TEST(schemas_inside_others_are_there),
		TEST(example_is_put_together),
		TEST(nothing_for_another_path),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

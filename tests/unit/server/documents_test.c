/* The OpenAPI documents over HTTP. */
#include "server/boot.h"
#include "tests/unit/common/fixture.h"

static int setup(void **state)
{
	static const struct route_table *const tables[] = { &document_routes };
	struct fixture *f = fixture_new(NULL);

	f->app.public_url = "https://id.example.com";
	fixture_serve(f, tables, COUNT(tables), NULL);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture_free(*state);
	return 0;
}

static struct answer core(void **state)
{
	struct answer answer = fixture_request(*state, &(struct from){ 0 }, HTTP_GET, "/reuseid/core/openapi.json", NULL);

	assert_status(answer, 200);
	return answer;
}

static void document_is_json(void **state)
{
	assert_string_equal(text_of(core(state), "openapi"), "3.1.0");
}

static void addresses_come_from_the_public_url(void **state)
{
	assert_string_equal(text_of(core(state), "servers.0.url"), "https://id.example.com/reuseid/core");
	assert_string_equal(text_of(core(state), "components.securitySchemes.oauth2.flows.clientCredentials.tokenUrl"),
		"https://id.example.com/auth/open/connect/token");
}

static void browsers_of_other_sites_may_read_it(void **state)
{
	struct answer answer = core(state);

	assert_string_equal(answer_header(&answer, "Access-Control-Allow-Origin"), "*");
	assert_string_equal(answer_header(&answer, "Cache-Control"), "public, max-age=60");
}

/* Each table that has a document has a route to it. */
static void every_document_is_served(void **state)
{
	for (size_t i = 0; i < public_table_count; i++) {
		struct answer answer;

		if (!public_tables[i]->openapi_path)
			continue;
		answer = fixture_request(*state, &(struct from){ 0 }, HTTP_GET, public_tables[i]->openapi_path, NULL);
		assert_status(answer, 200);
	}
}

/* Every route that is served to callers is described, unless it is hidden or not theirs. */
static void routes_of_every_table_are_in_it(void **state)
{
	json_t *paths = member(core(state), "paths");

	assert_non_null(json_object_get(paths, "/users"));
	assert_non_null(json_object_get(paths, "/users/{userId}/identity-verifications/{verificationId}"));
	assert_non_null(json_object_get(paths, "/credentials/devices/{deviceId}"));
	assert_null(json_object_get(paths, "/connect/token"));
	assert_null(json_object_get(paths, "/accounts"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(document_is_json),
		TEST(addresses_come_from_the_public_url),
		TEST(browsers_of_other_sites_may_read_it),
		TEST(every_document_is_served),
		TEST(routes_of_every_table_are_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/common/test.h"

#include "authenticator/app.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static bool parse(const char *json, struct configuration *ret_configuration)
{
	return !failed(configuration_parse(&a, slice_text(json), ret_configuration));
}

static void quick_configuration(void **state)
{
	struct configuration c;

	(void)state;
	assert_true(parse("{\"v\":1,\"name\":\"Bank\",\"applicationId\":\"id\",\"publicKey\":\"key\",\"serverUrl\":\"url\",\"more\":1}", &c));
	assert_string_equal(c.name, "Bank");
	assert_string_equal(c.application_id, "id");
	assert_string_equal(c.public_key, "key");
	assert_string_equal(c.server_url, "url");
}

static void the_form_of_sample_files(void **state)
{
	struct configuration c;

	(void)state;
	assert_true(parse("{\"id\":\"Bank\",\"encapApplicationId\":\"id\",\"encapPublicKey\":\"key\",\"encapServerUrl\":\"url\"}", &c));
	assert_string_equal(c.application_id, "id");
	assert_string_equal(c.server_url, "url");
}

static void what_is_none(void **state)
{
	static const char *const bad[] = { "", "[]", "{", "{}", "{\"applicationId\":\"id\",\"publicKey\":\"key\"}",
		"{\"v\":2,\"applicationId\":\"id\",\"publicKey\":\"key\",\"serverUrl\":\"url\"}",
		"{\"v\":1,\"applicationId\":1,\"publicKey\":\"key\",\"serverUrl\":\"url\"}" };
	struct configuration c;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(parse(bad[i], &c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quick_configuration),
		cmocka_unit_test(the_form_of_sample_files),
		cmocka_unit_test(what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

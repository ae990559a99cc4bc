#include "server/cli.h"
#include "tests/unit/common/test.h"

static const char *nearest(const char *typed)
{
	static const char *const known[] = { "account", "client", "domain", "products", "token-lifetime", "list" };
	struct suggestion s = suggestion_for(slice_text(typed));

	for (size_t i = 0; i < COUNT(known); i++)
		suggestion_try(&s, known[i]);
	return s.best ? s.best : "";
}

static void slips_of_the_finger(void **state)
{
	(void)state;
	assert_string_equal(nearest("clinet"), "client");
	assert_string_equal(nearest("acount"), "account");
	assert_string_equal(nearest("domains"), "domain");
	assert_string_equal(nearest("lsit"), "list");
	assert_string_equal(nearest("token-lifetme"), "token-lifetime");
}

static void front_of_a_word(void **state)
{
	(void)state;
	assert_string_equal(nearest("tok"), "token-lifetime");
	assert_string_equal(nearest("prod"), "products");
}

static void other_words(void **state)
{
	(void)state;
	assert_string_equal(nearest("passkey"), "");
	assert_string_equal(nearest("x"), "");
	assert_string_equal(nearest(""), "");
	assert_string_equal(nearest("a-very-long-word-that-nobody-would-ever-have-meant-to-type"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slips_of_the_finger),
		cmocka_unit_test(front_of_a_word),
		cmocka_unit_test(other_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

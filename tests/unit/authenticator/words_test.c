#include "tests/unit/common/test.h"

#include "authenticator/app.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static const char *words(int number, int remaining)
{
	const rid_failure failure = { number, rid_error_title(number), "ses.finish", 0, 0, remaining };

	return arena_cstr(&a, failure_words(&failure, &a));
}

static void attempts_that_are_left(void **state)
{
	(void)state;
	assert_string_equal(words(214, 2), "That was not accepted. 2 more attempts until the device is locked.");
	assert_string_equal(words(214, 1), "That was not accepted. 1 more attempt until the device is locked.");
	assert_string_equal(words(214, -1), "That was not accepted.");
}

static void numbers_without_words(void **state)
{
	(void)state;
	assert_string_equal(words(243, -1), "It failed: error 243, NotParsable (ses.finish).");
	assert_string_equal(words(999, -1), "It failed: error 999, Unexpected (ses.finish).");
}

/* PSD2: nobody learns from a failure which factor was wrong. */
static void factors_are_not_told_apart(void **state)
{
	static const int numbers[] = { 214, 226 };

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		assert_null(strstr(words(numbers[i], 1), "PIN"));
		assert_null(strstr(words(numbers[i], 1), "factor"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attempts_that_are_left),
		cmocka_unit_test(numbers_without_words),
		cmocka_unit_test(factors_are_not_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

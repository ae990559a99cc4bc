#include "tests/unit/common/test.h"

#include <string.h>

#include "base/err.h"

static void ok_is_no_failure(void **state)
{
	(void)state;
	assert_false(failed(OK));
	assert_int_equal(OK.code, 0);
	assert_true(failed(FAIL(PARSE)));
	assert_true(is_err(FAIL(PARSE), E_PARSE));
	assert_false(is_err(FAIL(PARSE), E_LIMIT));
}

static err passes_on(struct error e, int *ret_reached)
{
	TRY(e);
	*ret_reached = 1;
	return OK;
}

static err demands(int condition)
{
	ENSURE(condition, LIMIT);
	return OK;
}

static void try_returns_the_error_as_it_is(void **state)
{
	int reached = 0;

	(void)state;
	assert_err(passes_on(FAIL(STALE), &reached), STALE);
	assert_int_equal(reached, 0);
	assert_ok(passes_on(OK, &reached));
	assert_int_equal(reached, 1);
}

static void ensure_names_its_error(void **state)
{
	(void)state;
	assert_ok(demands(1));
	assert_err(demands(0), LIMIT);
}

static void every_error_has_words_and_a_status(void **state)
{
	(void)state;
	for (int code = 1; code < E_COUNT; code++) {
		const struct err_info *info = err_info((enum err_code)code);

		assert_true(info->http >= 400 && info->http <= 599);
		assert_int_not_equal(strlen(info->name), 0);
		assert_int_not_equal(strlen(info->title), 0);
		assert_non_null(info->detail); /* empty on the device channel, which says no more than the code */
	}
}

static void public_codes_are_lower_case_words(void **state)
{
	(void)state;
	for (int code = 1; code < E_COUNT; code++) {
		const char *text = err_info((enum err_code)code)->code;

		assert_int_not_equal(strlen(text), 0);
		assert_int_equal(strspn(text, "abcdefghijklmnopqrstuvwxyz_0123456789"), strlen(text));
	}
}

static void names_are_unique(void **state)
{
	(void)state;
	for (int i = 0; i < E_COUNT; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(err_info((enum err_code)i)->name, err_info((enum err_code)j)->name);
}

/* {name}, properly closed, with no place inside another. */
static void places_in_details_are_well_formed(void **state)
{
	(void)state;
	for (int code = 1; code < E_COUNT; code++) {
		const char *at = err_info((enum err_code)code)->detail;

		while ((at = strpbrk(at, "{}"))) {
			size_t name = strspn(at + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

			assert_int_equal(*at, '{');
			assert_int_not_equal(name, 0);
			assert_int_equal(at[1 + name], '}');
			at += 2 + name;
		}
	}
}

static void unknown_code_is_an_internal_error(void **state)
{
	(void)state;
	assert_string_equal(err_info(E_COUNT)->name, "INTERNAL");
	assert_string_equal(err_info((enum err_code)99999)->name, "INTERNAL");
	assert_string_equal(err_info((enum err_code)-1)->name, "INTERNAL");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ok_is_no_failure),
		cmocka_unit_test(try_returns_the_error_as_it_is),
		cmocka_unit_test(ensure_names_its_error),
		cmocka_unit_test(every_error_has_words_and_a_status),
		cmocka_unit_test(public_codes_are_lower_case_words),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(places_in_details_are_well_formed),
		cmocka_unit_test(unknown_code_is_an_internal_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

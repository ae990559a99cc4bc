/* What a client may claim of itself, and what it may not. */
#include "attest/status.h"
#include "tests/unit/common/test.h"

static void each_status_of_the_client_is_taken_over(void **state)
{
	(void)state;
	for (int s = 1; s < app_attest_status_count; s++) {
		struct slice name = slice_text(enum_text(&app_attest_status_enum, s));
		bool clients = slice_starts(name, S("FAILED_CLIENT_"));

		assert_int_equal(app_attest_client_status(name), clients ? s : app_attest_status_FAILED_VALIDATION_EXCEPTION);
	}
	for (int s = 1; s < play_integrity_status_count; s++) {
		struct slice name = slice_text(enum_text(&play_integrity_status_enum, s));
		bool clients = slice_starts(name, S("FAILED_CLIENT_"));

		assert_int_equal(play_integrity_client_status(name), clients ? s : play_integrity_status_FAILED_MISSING_STATUS);
	}
}

static void claims_that_are_none(void **state)
{
	static const char *const claims[] = { "", "OK", "VERIFIED", "FAILED_CLIENT_", "failed_client_timeout", "FAILED_CLIENT_TIMEOUT ", "X" };

	(void)state;
	for (size_t i = 0; i < COUNT(claims); i++) {
		assert_int_equal(app_attest_client_status(slice_text(claims[i])), app_attest_status_FAILED_VALIDATION_EXCEPTION);
		assert_int_equal(play_integrity_client_status(slice_text(claims[i])), play_integrity_status_FAILED_MISSING_STATUS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_status_of_the_client_is_taken_over),
		cmocka_unit_test(claims_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

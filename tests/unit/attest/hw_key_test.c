/* Hardware-protected keys: the whole table of section 8, for each of the four strategies. */
#include "attest/hw_key.h"
#include "tests/unit/common/test.h"

#define RESULT(name) hw_key_server_result_##name

static void assert_verdict(struct hw_key_verdict v, enum hw_key_server_result result, enum hw_key_outcome outcome)
{
	assert_int_equal(v.result, result);
	assert_int_equal(v.outcome, outcome);
}

static void assert_each(bool has_key, bool is_signed, bool good, enum hw_key_server_result result, const enum hw_key_outcome outcome[4])
{
	assert_verdict(hw_key_judge(hw_key_strategy_SUPPORTED, has_key, is_signed, good), result, outcome[0]);
	assert_verdict(hw_key_judge(hw_key_strategy_REQUIRED_IF_SUPPORTED, has_key, is_signed, good), result, outcome[1]);
	assert_verdict(hw_key_judge(hw_key_strategy_REQUIRED, has_key, is_signed, good), result, outcome[2]);
	assert_verdict(hw_key_judge(hw_key_strategy_RISK_PARAMS, has_key, is_signed, good), result, outcome[3]);
}

#define EACH(...) (const enum hw_key_outcome[4]){ __VA_ARGS__ }

static void good_signature(void **state)
{
	(void)state;
	assert_each(true, true, true, RESULT(SIGNATURE_VERIFICATION_SUCCESS),
		EACH(HW_KEY_GOES_ON, HW_KEY_GOES_ON, HW_KEY_GOES_ON, HW_KEY_GOES_ON));
}

static void wrong_signature(void **state)
{
	(void)state;
	assert_each(true, true, false, RESULT(SIGNATURE_VERIFICATION_FAILED),
		EACH(HW_KEY_LOCKS, HW_KEY_LOCKS, HW_KEY_LOCKS, HW_KEY_GOES_ON));
}

static void no_signature_of_a_device_that_has_a_key(void **state)
{
	(void)state;
	assert_each(true, false, false, RESULT(SIGNATURE_VERIFICATION_FAILED),
		EACH(HW_KEY_COUNTS, HW_KEY_COUNTS, HW_KEY_COUNTS, HW_KEY_GOES_ON));
	assert_each(true, false, true, RESULT(SIGNATURE_VERIFICATION_FAILED),
		EACH(HW_KEY_COUNTS, HW_KEY_COUNTS, HW_KEY_COUNTS, HW_KEY_GOES_ON));
}

static void device_without_a_key(void **state)
{
	(void)state;
	assert_each(false, false, false, RESULT(NOT_ACTIVATED_WITH_HW_KEY),
		EACH(HW_KEY_GOES_ON, HW_KEY_GOES_ON, HW_KEY_FAILS, HW_KEY_GOES_ON));
}

static void assert_each_new(bool has_key, enum hw_key_client_status status, enum hw_key_server_result result,
	const enum hw_key_outcome outcome[4])
{
	assert_verdict(hw_key_judge_new(hw_key_strategy_SUPPORTED, has_key, status), result, outcome[0]);
	assert_verdict(hw_key_judge_new(hw_key_strategy_REQUIRED_IF_SUPPORTED, has_key, status), result, outcome[1]);
	assert_verdict(hw_key_judge_new(hw_key_strategy_REQUIRED, has_key, status), result, outcome[2]);
	assert_verdict(hw_key_judge_new(hw_key_strategy_RISK_PARAMS, has_key, status), result, outcome[3]);
}

static void registration_with_a_key(void **state)
{
	(void)state;
	assert_each_new(true, hw_key_client_status_OK_KEY_PROVIDED, RESULT(SIGNATURE_VERIFICATION_SUCCESS),
		EACH(HW_KEY_GOES_ON, HW_KEY_GOES_ON, HW_KEY_GOES_ON, HW_KEY_GOES_ON));
}

static void registration_by_an_old_sdk(void **state)
{
	(void)state;
	assert_each_new(false, hw_key_client_status_none, RESULT(NOT_PROVIDED_BY_CLIENT),
		EACH(HW_KEY_GOES_ON, HW_KEY_GOES_ON, HW_KEY_TOO_OLD, HW_KEY_GOES_ON));
}

static void registration_that_reports_why_there_is_none(void **state)
{
	(void)state;
	for (int s = hw_key_client_status_INFO_NO_HARDWARE_SUPPORT; s < hw_key_client_status_count; s++)
		assert_each_new(false, (enum hw_key_client_status)s, RESULT(none),
			EACH(HW_KEY_GOES_ON, HW_KEY_GOES_ON, HW_KEY_REFUSED, HW_KEY_GOES_ON));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_signature),
		cmocka_unit_test(wrong_signature),
		cmocka_unit_test(no_signature_of_a_device_that_has_a_key),
		cmocka_unit_test(device_without_a_key),
		cmocka_unit_test(registration_with_a_key),
		cmocka_unit_test(registration_by_an_old_sdk),
		cmocka_unit_test(registration_that_reports_why_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

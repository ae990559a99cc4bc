/* 10 s, 30 s, 1 min, 5 min, 15 min, 30 min, then hourly, each within a fifth. */
#include "tests/unit/common/test.h"
#include "webhook/internal.h"

static void delays(void **state)
{
	static const int64_t wanted_s[] = { 10, 30, 60, 300, 900, 1800, 3600, 3600, 3600 };

	(void)state;
	for (size_t i = 0; i < COUNT(wanted_s); i++) {
		int64_t low = INT64_MAX, high = 0;

		for (int k = 0; k < 1000; k++) {
			int64_t delay = retry_delay_ms(&env_system, (int64_t)i + 1);

			low = delay < low ? delay : low;
			high = delay > high ? delay : high;
		}
		assert_in_range(low, wanted_s[i] * 800, wanted_s[i] * 900);
		assert_in_range(high, wanted_s[i] * 1100, wanted_s[i] * 1200);
	}
}

static void any_number_of_attempts(void **state)
{
	(void)state;
	assert_in_range(retry_delay_ms(&env_system, 0), 8000, 12000);
	assert_in_range(retry_delay_ms(&env_system, INT64_MAX), 2880000, 4320000);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(delays), cmocka_unit_test(any_number_of_attempts) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

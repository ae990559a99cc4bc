#include "tests/unit/common/test.h"

#include <ctype.h>
#include <time.h>

#include "base/env.h"
#include "tests/unit/base/fake_env.h"

/* Randomness that is a list of numbers. */
struct scripted {
	struct env env;
	const uint32_t *numbers;
	size_t *at;
};

static void next_of_script(const struct env *env, void *p, size_t n)
{
	const struct scripted *script = (const struct scripted *)env;

	assert_int_equal(n, sizeof(uint32_t));
	memcpy(p, &script->numbers[(*script->at)++], n);
}

static uint32_t below(const uint32_t *numbers, uint32_t bound, size_t *ret_used)
{
	struct scripted script = { { fake_now, fake_now, next_of_script }, numbers, ret_used };

	*ret_used = 0;
	return env_random_below(&script.env, bound);
}

static void below_takes_the_remainder(void **state)
{
	static const uint32_t numbers[] = { 620 + 61 };
	size_t used;

	(void)state;
	assert_int_equal(below(numbers, 62, &used), 61);
	assert_int_equal(used, 1);
}

/* The last, incomplete round of remainders would favour the small ones. */
static void below_draws_again_above_the_last_whole_round(void **state)
{
	static const uint32_t numbers[] = { UINT32_MAX, UINT32_MAX - 1, UINT32_MAX - UINT32_MAX % 62, 5 };
	size_t used;

	(void)state;
	assert_int_equal(below(numbers, 62, &used), 5);
	assert_int_equal(used, 4);
}

static void below_of_extreme_bounds(void **state)
{
	static const uint32_t numbers[] = { UINT32_MAX - 1 };
	uint64_t sequence = 3;
	struct fake_env fake = fake_env_new(0, &sequence);
	size_t used;

	(void)state;
	assert_int_equal(env_random_below(&fake.env, 1), 0);
	assert_true(below(numbers, UINT32_MAX, &used) == UINT32_MAX - 1);
	for (int i = 0; i < 1000; i++)
		assert_true(env_random_below(&fake.env, 0x80000001u) <= 0x80000000u);
}

static void below_reaches_every_value_about_as_often(void **state)
{
	unsigned counts[10] = { 0 };
	uint64_t sequence = 3;
	struct fake_env fake = fake_env_new(0, &sequence);

	(void)state;
	for (int i = 0; i < 100000; i++)
		counts[env_random_below(&fake.env, 10)]++;
	for (size_t i = 0; i < COUNT(counts); i++)
		assert_in_range(counts[i], 9600, 10400);
}

static void text_is_alphanumeric_and_terminated(void **state)
{
	uint64_t sequence = 4;
	struct fake_env fake = fake_env_new(0, &sequence);
	bool seen[256] = { false };
	char text[64];
	int kinds = 0;

	(void)state;
	for (int round = 0; round < 100; round++) {
		memset(text, '?', sizeof(text));
		env_random_text(&fake.env, text, 48);
		assert_int_equal(strlen(text), 48);
		assert_int_equal(text[49], '?');
		for (size_t i = 0; i < 48; i++)
			seen[(uint8_t)text[i]] = true;
	}
	for (int c = 0; c < 256; c++) {
		assert_true(!seen[c] || (c < 128 && isalnum(c)));
		kinds += seen[c];
	}
	assert_int_equal(kinds, 62);
}

static void text_of_no_characters_is_empty(void **state)
{
	char text[2] = "?";

	(void)state;
	env_random_text(&env_system, text, 0);
	assert_string_equal(text, "");
}

static void system_clock_is_the_wall_clock(void **state)
{
	int64_t before = (int64_t)time(NULL) * 1000 - 1000, now = env_now_ms(&env_system);

	(void)state;
	assert_true(now >= before);
	assert_true(now <= ((int64_t)time(NULL) + 2) * 1000);
}

static void monotonic_clock_moves_and_never_back(void **state)
{
	int64_t start = env_mono_ms(&env_system), last = start;
	struct timespec pause = { 0, 1000000 };

	(void)state;
	for (int i = 0; i < 5; i++) {
		int64_t now;

		nanosleep(&pause, NULL);
		now = env_mono_ms(&env_system);
		assert_true(now >= last);
		last = now;
	}
	assert_true(last >= start + 4);
}

/* More than one call of the kernel gives at once, and just that many bytes. */
static void system_randomness_fills_all_of_it(void **state)
{
	enum { BYTES = 1 << 17 };
	static uint8_t bytes[BYTES + 1];
	unsigned zeros = 0;

	(void)state;
	env_random(&env_system, bytes, BYTES);
	for (size_t i = BYTES - 4096; i < BYTES; i++)
		zeros += bytes[i] == 0;
	assert_in_range(zeros, 1, 60);
	assert_int_equal(bytes[BYTES], 0);
	env_random(&env_system, bytes + BYTES, 0);
	assert_int_equal(bytes[BYTES], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(below_takes_the_remainder),
		cmocka_unit_test(below_draws_again_above_the_last_whole_round),
		cmocka_unit_test(below_of_extreme_bounds),
		cmocka_unit_test(below_reaches_every_value_about_as_often),
		cmocka_unit_test(text_is_alphanumeric_and_terminated),
		cmocka_unit_test(text_of_no_characters_is_empty),
		cmocka_unit_test(system_clock_is_the_wall_clock),
		cmocka_unit_test(monotonic_clock_moves_and_never_back),
		cmocka_unit_test(system_randomness_fills_all_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

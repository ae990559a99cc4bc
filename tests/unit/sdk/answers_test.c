/* The fuzz target for answers inside the envelope, on input of its own making: the same from one run to the next. LONG: much more of it. */
#include "tests/unit/common/test.h"

#include <stdlib.h>

#include "tests/unit/sdk/phone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROUNDS = 150, ROUNDS_LONG = 4000, INPUT_BYTES_MAX = 96 };

static uint64_t next_number(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Pieces that have a meaning in JSON and in these messages, and bytes that have none. */
static size_t append(uint64_t *state, uint8_t *out)
{
	static const char *const pieces[] = { "", "\"", "{", "}", "[", "]", ",", ":", "null", "true", "false", "0", "-1", "1e999", "9223372036854775807",
		"\\u0000", "\\ud800", "\"step\":1", "\"ok\":true", "\"ok\":false", "\"sid\":\"\"", "\"newSaltKeyId\":\"s2\",", "AAAA", "DEVICE_PIN", "\xff",
		"\"methods\":[]", "\"err\":{\"code\":249,\"name\":\"x\",\"recoverable\":true},", "\"time\":1" };
	uint64_t which = next_number(state) % (COUNT(pieces) + 4);

	if (which >= COUNT(pieces)) {
		out[0] = (uint8_t)next_number(state);
		return 1;
	}
	memcpy(out, pieces[which], strlen(pieces[which]));
	return strlen(pieces[which]);
}

static size_t make_input(uint64_t *state, uint8_t *input)
{
	size_t n = 5;

	for (size_t i = 0; i < n; i++)
		input[i] = (uint8_t)(next_number(state) >> 8);
	input[2] &= 3;
	input[4] = (uint8_t)(next_number(state) % 3 ? input[4] % 8 : input[4]);
	while (n < INPUT_BYTES_MAX && next_number(state) % 3)
		n += append(state, input + n);
	return n;
}

static void spliced_answers(void **state)
{
	uint64_t numbers = 0x243f6a8885a308d3;
	uint8_t input[INPUT_BYTES_MAX + 128];

	(void)state;
	for (int i = 0; i < (getenv("LONG") ? ROUNDS_LONG : ROUNDS); i++)
		LLVMFuzzerTestOneInput(input, make_input(&numbers, input));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(spliced_answers) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

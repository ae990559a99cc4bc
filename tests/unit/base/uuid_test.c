#include "tests/unit/common/test.h"

#include "base/uuid.h"
#include "tests/unit/base/fake_env.h"

static const char sample[] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"; /* RFC 9562, appendix A.6 */
static const uint8_t sample_bytes[] = { 0x01, 0x7f, 0x22, 0xe2, 0x79, 0xb0, 0x7c, 0xc3, 0x98, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f };

enum { SAMPLE_MS_HIGH = 0x017f22e2, SAMPLE_MS_LOW = 0x79b0 };

static void parse_reads_the_sample(void **state)
{
	struct uuid id;

	(void)state;
	assert_ok(uuid_parse(slice_text(sample), &id));
	assert_memory_equal(id.b, sample_bytes, UUID_BYTES);
}

static void parse_takes_either_case_and_format_gives_lower(void **state)
{
	struct uuid id;
	char out[UUID_TEXT + 1];

	(void)state;
	assert_ok(uuid_parse(S("017F22E2-79b0-7cC3-98C4-DC0C0C07398F"), &id));
	uuid_format(&id, out);
	assert_string_equal(out, sample);
}

static void parse_refuses_other_forms(void **state)
{
	static const char *const bad[] = { "", "017f22e279b07cc398c4dc0c0c07398f", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
		"urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", " 17f22e2-79b0-7cc3-98c4-dc0c0c07398f", "017f22e-279b0-7cc3-98c4-dc0c0c07398f",
		"017f22e2-79b07-cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4d-c0c0c07398f", "0x7f22e2-79b0-7cc3-98c4-dc0c0c07398f",
		"017f22e2--79b-7cc3-98c4-dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n" };
	struct uuid id = { { 7 } };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_err(uuid_parse(slice_text(bad[i]), &id), PARSE);
	assert_err(uuid_parse(slice_of(NULL, 0), &id), PARSE);
	assert_int_equal(id.b[0], 7);
}

static void parse_refuses_a_wrong_byte_anywhere(void **state)
{
	static const char wrong[] = { 0, ' ', '+', '/', ':', '@', 'G', 'g', '`', 'x', '\x7f', (char)0xc3, '_' };
	char text[UUID_TEXT];
	struct uuid id;

	(void)state;
	for (size_t at = 0; at < UUID_TEXT; at++) {
		for (size_t i = 0; i < COUNT(wrong); i++) {
			memcpy(text, sample, UUID_TEXT);
			text[at] = wrong[i];
			assert_err(uuid_parse(slice_of(text, UUID_TEXT), &id), PARSE);
		}
		text[at] = sample[at] == '-' ? '0' : '-';
		assert_err(uuid_parse(slice_of(text, UUID_TEXT), &id), PARSE);
	}
}

static void text_comes_back(void **state)
{
	uint64_t sequence = 5;
	struct fake_env fake = fake_env_new(0, &sequence);
	struct arena a;

	(void)state;
	arena_init(&a);
	for (int i = 0; i < 1000; i++) {
		struct uuid id, back;

		env_random(&fake.env, id.b, UUID_BYTES);
		assert_ok(uuid_parse(uuid_text(&a, &id), &back));
		assert_true(uuid_eq(&id, &back));
	}
	arena_free(&a);
}

static void text_is_terminated(void **state)
{
	struct arena a;
	struct uuid id;

	(void)state;
	arena_init(&a);
	memcpy(id.b, sample_bytes, UUID_BYTES);
	assert_string_equal((const char *)uuid_text(&a, &id).p, sample);
	arena_free(&a);
}

static void check_marks(const struct uuid *id, unsigned version)
{
	assert_int_equal(id->b[6] >> 4, version);
	assert_int_equal(id->b[8] >> 6, 2);
}

/* RFC 9562, 5.7: 48 bits of milliseconds, big-endian, then version, variant and random bits. */
static void v7_begins_with_the_time(void **state)
{
	uint64_t sequence = 6;
	struct fake_env fake = fake_env_new(0, &sequence);
	int64_t ms = (int64_t)SAMPLE_MS_HIGH << 16 | SAMPLE_MS_LOW;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct uuid id = uuid_v7(&fake.env, ms);

		assert_memory_equal(id.b, sample_bytes, 6);
		check_marks(&id, 7);
	}
}

static void v7_at_the_limits_of_time(void **state)
{
	uint64_t sequence = 6;
	struct fake_env fake = fake_env_new(0, &sequence);
	struct uuid first = uuid_v7(&fake.env, 0), last = uuid_v7(&fake.env, ((int64_t)1 << 48) - 1);

	(void)state;
	assert_memory_equal(first.b, "\0\0\0\0\0\0", 6);
	assert_memory_equal(last.b, "\xff\xff\xff\xff\xff\xff", 6);
	check_marks(&first, 7);
	check_marks(&last, 7);
}

static void v7_of_later_milliseconds_sorts_later(void **state)
{
	uint64_t sequence = 8;
	struct fake_env fake = fake_env_new(0, &sequence);
	int64_t ms = 1700000000000;
	struct uuid before = uuid_v7(&fake.env, ms);
	char text_before[UUID_TEXT + 1], text[UUID_TEXT + 1];

	(void)state;
	uuid_format(&before, text_before);
	for (int i = 0; i < 5000; i++) {
		struct uuid id;

		ms += 1 + (int64_t)(fake_next(&sequence) % 1000) * (i % 7);
		id = uuid_v7(&fake.env, ms);
		uuid_format(&id, text);
		assert_true(memcmp(before.b, id.b, UUID_BYTES) < 0);
		assert_true(memcmp(text_before, text, UUID_TEXT) < 0);
		before = id;
		memcpy(text_before, text, sizeof(text));
	}
}

static void ids_of_one_moment_differ(void **state)
{
	enum { IDS = 300 };
	struct uuid ids[IDS];

	(void)state;
	for (size_t i = 0; i < IDS; i++) {
		ids[i] = i % 2 ? uuid_v7(&env_system, 1700000000000) : uuid_v4(&env_system);
		for (size_t j = 0; j < i; j++)
			assert_false(uuid_eq(&ids[i], &ids[j]));
	}
}

/* Whatever randomness says, the marks stand; and every other bit is random. */
static void every_bit_but_the_marks_is_random(void **state)
{
	struct uuid ones = { { 0 } }, zeros = { { 0 } };

	(void)state;
	for (int i = 0; i < 200; i++) {
		struct uuid id = uuid_v4(&env_system);

		check_marks(&id, 4);
		for (size_t j = 0; j < UUID_BYTES; j++) {
			ones.b[j] |= id.b[j];
			zeros.b[j] |= (uint8_t)~id.b[j];
		}
	}
	for (size_t j = 0; j < UUID_BYTES; j++) {
		assert_int_equal(ones.b[j], j == 6 ? 0x4f : j == 8 ? 0xbf : 0xff);
		assert_int_equal(zeros.b[j], j == 6 ? 0xbf : j == 8 ? 0x7f : 0xff);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_reads_the_sample),
		cmocka_unit_test(parse_takes_either_case_and_format_gives_lower),
		cmocka_unit_test(parse_refuses_other_forms),
		cmocka_unit_test(parse_refuses_a_wrong_byte_anywhere),
		cmocka_unit_test(text_comes_back),
		cmocka_unit_test(text_is_terminated),
		cmocka_unit_test(v7_begins_with_the_time),
		cmocka_unit_test(v7_at_the_limits_of_time),
		cmocka_unit_test(v7_of_later_milliseconds_sorts_later),
		cmocka_unit_test(ids_of_one_moment_differ),
		cmocka_unit_test(every_bit_but_the_marks_is_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

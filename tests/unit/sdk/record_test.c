#include "tests/unit/common/test.h"

#include "sdk/record.h"
#include "tests/unit/common/vectors.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static struct record sample(void)
{
	struct record r = { .phase = RECORD_CONFIRMED, .generation = 7, .methods = 3, .pin = { .salt_key_id = "s1" }, .has_ticket = 1,
		.clock_offset_ms = -5000, .last_ts = 1790000000000, .learned_count = 2, .hk = { .handle = "default.hk.00" } };

	p256_generate(&env_system, r.dk.private_key, r.dk.public_key);
	p256_generate(&env_system, r.hk.private_key, r.hk.public_key);
	wipe(r.hk.private_key, sizeof(r.hk.private_key));
	env_random(&env_system, r.pin.ds, sizeof(r.pin.ds));
	env_random(&env_system, r.ticket, sizeof(r.ticket));
	env_random(&env_system, r.learned, sizeof(r.learned));
	r.reg = uuid_v4(&env_system);
	return r;
}

static const struct data_key key = { { 1 } };

static void there_and_back(void **state)
{
	struct record r = sample(), again;

	(void)state;
	assert_ok(record_unseal(record_seal(&r, &key, &env_system, S("place"), &a), &key, S("place"), &again));
	assert_memory_equal(&r, &again, sizeof(r));
}

static void another_place_or_key(void **state)
{
	const struct data_key other = { { 2 } };
	struct record r = sample(), again;
	struct slice box = record_seal(&r, &key, &env_system, S("place"), &a);

	(void)state;
	assert_err(record_unseal(box, &key, S("plac"), &again), CRYPTO);
	assert_err(record_unseal(box, &other, S("place"), &again), CRYPTO);
}

static void never_the_same_box_twice(void **state)
{
	struct record r = sample();
	struct slice one = record_seal(&r, &key, &env_system, S("place"), &a), two = record_seal(&r, &key, &env_system, S("place"), &a);

	(void)state;
	assert_int_equal(one.n, two.n);
	assert_memory_not_equal(one.p, two.p, one.n);
}

/* Reads bytes that were sealed rightly, but hold this. */
static struct error read_bytes_of(struct slice bytes)
{
	struct record r;

	return record_unseal(seal(&key, &env_system, S("place"), bytes, &a), &key, S("place"), &r);
}

static struct buf minimal(void)
{
	struct buf b = buf_arena(&a, 4096);

	buf_byte(&b, 1);
	buf_slice(&b, unhex(&a, "01000800000000000000" "03")); /* phase: confirmed */
	buf_slice(&b, unhex(&a, "060021036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"));
	return b;
}

static void unknown_fields_are_stepped_over(void **state)
{
	struct buf b = minimal();

	(void)state;
	assert_ok(read_bytes_of(buf_bytes(&b)));
	buf_slice(&b, unhex(&a, "fe0003616263"));
	assert_ok(read_bytes_of(buf_bytes(&b)));
}

static void contents_that_make_no_sense(void **state)
{
	static const char *const added[] = { "01", "0100", "01000100", "0100080000000000000009", "01000800000000000000" "00", "0200040000000a",
		"030001ff", "0c01ff", "12000800000000000000" "09" };
	struct buf b;

	(void)state;
	assert_true(failed(read_bytes_of(S(""))));
	assert_true(failed(read_bytes_of(S("\1"))));
	for (size_t i = 0; i < COUNT(added); i++) {
		b = minimal();
		buf_slice(&b, unhex(&a, added[i]));
		assert_true(failed(read_bytes_of(buf_bytes(&b))));
	}
	b = minimal();
	b.p[0] = 2;
	assert_true(failed(read_bytes_of(buf_bytes(&b))));
}

static void texts_that_are_too_long_or_hold_a_zero(void **state)
{
	struct buf b = minimal();

	(void)state;
	buf_slice(&b, unhex(&a, "040080"));
	memset(buf_take(&b, 128), 'x', 128);
	assert_true(failed(read_bytes_of(buf_bytes(&b))));
	b = minimal();
	buf_slice(&b, unhex(&a, "040003610062"));
	assert_true(failed(read_bytes_of(buf_bytes(&b))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(another_place_or_key),
		cmocka_unit_test(never_the_same_box_twice),
		cmocka_unit_test(unknown_fields_are_stepped_over),
		cmocka_unit_test(contents_that_make_no_sense),
		cmocka_unit_test(texts_that_are_too_long_or_hold_a_zero),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

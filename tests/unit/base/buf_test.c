#include "tests/unit/common/test.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "tests/unit/base/fake_env.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static void fills_to_its_maximum(void **state)
{
	struct buf b = buf_heap(5);

	(void)state;
	buf_text(&b, "abc");
	buf_text(&b, "de");
	assert_ok(buf_ok(&b));
	assert_slice_equal(buf_bytes(&b), S("abcde"));
	buf_free(&b);
}

static void one_past_the_maximum_adds_nothing(void **state)
{
	struct buf b = buf_heap(5);

	(void)state;
	buf_text(&b, "abc");
	buf_text(&b, "def");
	assert_err(buf_ok(&b), LIMIT);
	assert_slice_equal(buf_bytes(&b), S("abc"));
	buf_free(&b);
}

static void overflow_sticks(void **state)
{
	struct buf b = buf_heap(5);

	(void)state;
	buf_text(&b, "abcdef");
	buf_byte(&b, 'x');
	buf_printf(&b, "%d", 1);
	assert_null(buf_take(&b, 0));
	assert_null(buf_take(&b, 1));
	assert_int_equal(b.n, 0);
	assert_err(buf_ok(&b), LIMIT);
	buf_free(&b);
}

static void clear_forgets_content_and_overflow(void **state)
{
	struct buf b = buf_heap(5);

	(void)state;
	buf_text(&b, "abc");
	buf_text(&b, "def");
	buf_clear(&b);
	assert_ok(buf_ok(&b));
	buf_text(&b, "fghij");
	assert_ok(buf_ok(&b));
	assert_slice_equal(buf_bytes(&b), S("fghij"));
	buf_free(&b);
}

static void sizes_that_wrap_overflow(void **state)
{
	struct buf b = buf_heap(SIZE_MAX);

	(void)state;
	buf_text(&b, "abc");
	assert_null(buf_take(&b, SIZE_MAX - 2));
	assert_err(buf_ok(&b), LIMIT);
	buf_free(&b);
}

static void taking_nothing_is_no_overflow(void **state)
{
	struct buf heap = buf_heap(5), none = buf_heap(0), arena = buf_arena(&a, 0);

	(void)state;
	assert_non_null(buf_take(&heap, 0));
	assert_non_null(buf_take(&none, 0));
	assert_non_null(buf_take(&arena, 0));
	assert_ok(buf_ok(&none));
	buf_byte(&none, 'x');
	assert_err(buf_ok(&none), LIMIT);
	buf_free(&heap);
	buf_free(&none);
}

static void adding_nothing_needs_no_address(void **state)
{
	struct buf b = buf_heap(5);

	(void)state;
	buf_add(&b, NULL, 0);
	buf_slice(&b, slice_of(NULL, 0));
	buf_text(&b, "");
	assert_ok(buf_ok(&b));
	assert_int_equal(b.n, 0);
	buf_free(&b);
}

static void taken_room_is_part_of_it(void **state)
{
	struct buf b = buf_heap(5);
	uint8_t *at;

	(void)state;
	buf_text(&b, "ab");
	at = buf_take(&b, 3);
	assert_non_null(at);
	memcpy(at, "cde", 3);
	assert_slice_equal(buf_bytes(&b), S("abcde"));
	buf_free(&b);
}

static void grow_and_check(struct buf b)
{
	for (uint32_t i = 0; i < 5000; i++)
		buf_u32(&b, i);
	assert_ok(buf_ok(&b));
	assert_int_equal(b.n, 20000);
	for (uint32_t i = 0; i < 5000; i++) {
		struct reader r = { slice_of(b.p + (size_t)4 * i, 4) };
		uint32_t value;

		assert_ok(read_u32(&r, &value));
		assert_int_equal(value, i);
	}
	buf_byte(&b, 0);
	assert_err(buf_ok(&b), LIMIT);
	assert_true(b.cap <= b.max);
	buf_free(&b);
}

static void growth_keeps_what_was_written(void **state)
{
	(void)state;
	grow_and_check(buf_heap(20000));
	grow_and_check(buf_arena(&a, 20000));
}

static void two_buffers_of_an_arena_grow_side_by_side(void **state)
{
	struct buf first = buf_arena(&a, 5000), second = buf_arena(&a, 5000);

	(void)state;
	for (size_t i = 0; i < 5000; i++) {
		buf_byte(&first, 'a');
		buf_byte(&second, 'b');
	}
	assert_int_equal(slice_find(buf_bytes(&first), 'b'), 5000);
	assert_int_equal(slice_find(buf_bytes(&second), 'a'), 5000);
}

static void numbers_are_big_endian(void **state)
{
	struct buf b = buf_arena(&a, 100);

	(void)state;
	buf_u16(&b, 0x8001);
	buf_u32(&b, 0xfedcba98);
	assert_slice_equal(buf_bytes(&b), S("\x80\x01\xfe\xdc\xba\x98"));
}

static void integer_as_text(int64_t value)
{
	struct buf b = buf_arena(&a, 100);
	char want[32];

	snprintf(want, sizeof(want), "%" PRId64, value);
	buf_i64_text(&b, value);
	assert_slice_equal(buf_bytes(&b), slice_text(want));
}

static void integers_as_text(void **state)
{
	static const int64_t edges[] = { 0, 1, -1, 9, 10, -10, 99, 100, INT32_MIN, INT64_MAX, INT64_MIN, INT64_MIN + 1 };
	uint64_t sequence = 7;

	(void)state;
	for (size_t i = 0; i < COUNT(edges); i++)
		integer_as_text(edges[i]);
	for (int i = 0; i < 2000; i++)
		integer_as_text((int64_t)fake_next(&sequence) >> (i % 64));
}

static void printf_of_every_length_near_its_scratch_space(void **state)
{
	(void)state;
	for (int n = 250; n < 260; n++) {
		struct buf b = buf_heap(1000);

		buf_printf(&b, "<%*d>", n, 7);
		assert_int_equal(b.n, n + 2);
		assert_int_equal(b.p[b.n - 2], '7');
		assert_int_equal(b.p[b.n - 1], '>');
		buf_free(&b);
	}
}

static void printf_past_the_maximum_adds_nothing(void **state)
{
	struct buf b = buf_heap(600);

	(void)state;
	buf_printf(&b, "%600d", 1);
	assert_ok(buf_ok(&b));
	buf_printf(&b, "%s", "");
	assert_ok(buf_ok(&b));
	buf_printf(&b, "%601d", 1);
	assert_err(buf_ok(&b), LIMIT);
	assert_int_equal(b.n, 600);
	buf_free(&b);
}

static void freed_buffer_keeps_its_maximum_and_kind(void **state)
{
	struct buf heap = buf_heap(3), arena = buf_arena(&a, 3);

	(void)state;
	buf_text(&heap, "abcd");
	buf_free(&heap);
	buf_free(&heap);
	assert_ok(buf_ok(&heap));
	buf_text(&heap, "abcd");
	assert_err(buf_ok(&heap), LIMIT);
	buf_text(&arena, "ab");
	buf_free(&arena);
	assert_ptr_equal(arena.arena, &a);
	assert_int_equal(arena.n, 0);
	assert_int_equal(arena.max, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_to_its_maximum),
		cmocka_unit_test(one_past_the_maximum_adds_nothing),
		cmocka_unit_test(overflow_sticks),
		cmocka_unit_test(clear_forgets_content_and_overflow),
		cmocka_unit_test(sizes_that_wrap_overflow),
		cmocka_unit_test(taking_nothing_is_no_overflow),
		cmocka_unit_test(adding_nothing_needs_no_address),
		cmocka_unit_test(taken_room_is_part_of_it),
		cmocka_unit_test(growth_keeps_what_was_written),
		cmocka_unit_test(two_buffers_of_an_arena_grow_side_by_side),
		cmocka_unit_test(numbers_are_big_endian),
		cmocka_unit_test(integers_as_text),
		cmocka_unit_test(printf_of_every_length_near_its_scratch_space),
		cmocka_unit_test(printf_past_the_maximum_adds_nothing),
		cmocka_unit_test(freed_buffer_keeps_its_maximum_and_kind),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

#include "tests/unit/common/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdalign.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/guard.h"

static struct arena a;

static int setup(void **state)
{
	(void)state;
	arena_init(&a);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static bool all_are(const uint8_t *p, size_t n, uint8_t c)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != c)
			return false;
	return true;
}

/* Small, large and in between, in turn: sizes around the shares of a block and around its end. */
static void pieces_are_aligned_zeroed_and_apart(void **state)
{
	static const size_t sizes[] = { 1, 15, 16, 17, 0, 1015, 1016, 1017, 3, 4063, 4064, 4065, 8, 4096, 100000, 33, 1008, 1024, 1 << 20 };
	enum { ROUNDS = 12, PIECES = ROUNDS * (int)COUNT(sizes) };
	uint8_t *pieces[PIECES];

	(void)state;
	for (size_t i = 0; i < PIECES; i++) {
		size_t n = sizes[i % COUNT(sizes)];

		pieces[i] = arena_alloc(&a, n);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
		assert_true(all_are(pieces[i], n, 0));
		memset(pieces[i], (int)(i % 255) + 1, n);
	}
	for (size_t i = 0; i < PIECES; i++)
		assert_true(all_are(pieces[i], sizes[i % COUNT(sizes)], (uint8_t)(i % 255 + 1)));
}

static void small_pieces_fill_a_block_and_go_on(void **state)
{
	uint8_t *last = NULL;

	(void)state;
	for (size_t i = 0; i < 10000; i++) {
		uint8_t *p = arena_alloc(&a, i % 40);

		assert_non_null(p);
		assert_ptr_not_equal(p, last);
		assert_true(all_are(p, i % 40, 0));
		memset(p, 0xee, i % 40);
		last = p;
	}
}

static void large_piece_leaves_the_current_block_in_use(void **state)
{
	uint8_t *before = arena_alloc(&a, 16), *large = arena_alloc(&a, 5000), *after = arena_alloc(&a, 16);

	(void)state;
	assert_in_range((uintptr_t)after, (uintptr_t)before + 16, (uintptr_t)before + 64);
	memset(large, 1, 5000);
	assert_true(all_are(after, 16, 0));
}

static void large_piece_may_come_first(void **state)
{
	uint8_t *large = arena_alloc(&a, 5000), *small = arena_alloc(&a, 16);

	(void)state;
	memset(large, 1, 5000);
	assert_true(all_are(small, 16, 0));
}

static void no_bytes_are_a_piece_of_their_own(void **state)
{
	void *first = arena_alloc(&a, 0), *second = arena_array(&a, int, 0), *third = arena_alloc(&a, 1);

	(void)state;
	assert_non_null(first);
	assert_non_null(second);
	assert_ptr_not_equal(first, second);
	assert_ptr_not_equal(second, third);
}

/* Otherwise a byte too many in a pool would go unseen in every other test. */
static void sanitizer_knows_where_a_piece_ends(void **state)
{
	static const size_t sizes[] = { 1, 13, 16, 2000 };

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		uint8_t *p = arena_alloc(&a, sizes[i]);

		p[sizes[i] - 1] = 1;
#ifdef GUARDED
		assert_false(__asan_address_is_poisoned(p + sizes[i] - 1));
		assert_true(__asan_address_is_poisoned(p + sizes[i]));
#endif
	}
}

static void array_has_room_for_all(void **state)
{
	uint64_t *numbers = arena_array(&a, uint64_t, 1000);

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		numbers[i] = i;
	assert_int_equal(numbers[999], 999);
}

static void one_byte_too_many(void)
{
	arena_alloc(&a, SIZE_MAX);
}

/* Rounded up and with its header, this one is a small block again. */
static void wraps_with_its_header(void)
{
	arena_alloc(&a, SIZE_MAX - 15);
}

static void more_than_half_of_memory(void)
{
	arena_alloc(&a, (size_t)PTRDIFF_MAX + 1);
}

static void product_wraps(void)
{
	arena_alloc_array(&a, 16, SIZE_MAX / 16 + 2);
}

static bool aborts(void (*what)(void))
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void impossible_sizes_stop_the_process(void **state)
{
	(void)state;
	assert_true(aborts(one_byte_too_many));
	assert_true(aborts(wraps_with_its_header));
	assert_true(aborts(more_than_half_of_memory));
	assert_true(aborts(product_wraps));
}

static void copy_is_terminated_and_independent(void **state)
{
	char source[] = "a\0b";
	struct slice copy = arena_copy(&a, slice_of(source, 3));

	(void)state;
	source[0] = 'x';
	assert_slice_equal(copy, S("a\0b"));
	assert_int_equal(copy.p[3], 0);
}

static void copy_of_nothing_is_the_empty_text(void **state)
{
	struct slice copy = arena_copy(&a, slice_of(NULL, 0));

	(void)state;
	assert_non_null(copy.p);
	assert_int_equal(copy.n, 0);
	assert_string_equal((const char *)copy.p, "");
	assert_string_equal(arena_cstr(&a, slice_of(NULL, 0)), "");
}

static void cstr_ends_where_the_slice_ends(void **state)
{
	(void)state;
	assert_string_equal(arena_cstr(&a, slice_of("abcdef", 3)), "abc");
}

static void printf_takes_any_length(void **state)
{
	struct slice text = arena_printf(&a, "%s-%0*d", "x", 9000, 7);

	(void)state;
	assert_int_equal(text.n, 9002);
	assert_int_equal(text.p[9001], '7');
	assert_int_equal(text.p[9002], 0);
	assert_int_equal(arena_printf(&a, "%s", "").n, 0);
	assert_slice_equal(arena_printf(&a, "%.*s|", FMT(slice_of("x", 0))), S("|"));
}

static void freed_arena_may_be_used_again(void **state)
{
	(void)state;
	arena_alloc(&a, 100);
	arena_alloc(&a, 100000);
	arena_free_secret(&a);
	assert_null(a.blocks);
	assert_true(all_are(arena_alloc(&a, 100), 100, 0));
	arena_free(&a);
	arena_free(&a);
	assert_null(a.blocks);
}

static void heap_memory_is_zeroed_and_never_null(void **state)
{
	char *p = xalloc(0), *text = xstrdup("text");

	(void)state;
	assert_non_null(p);
	free(p);
	p = xalloc(100);
	assert_true(all_are((uint8_t *)p, 100, 0));
	p[99] = 'x';
	p = xrealloc(p, 100000);
	assert_int_equal(p[99], 'x');
	p = xrealloc(p, 0);
	assert_non_null(p);
	free(p);
	assert_string_equal(text, "text");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(pieces_are_aligned_zeroed_and_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(small_pieces_fill_a_block_and_go_on, setup, teardown),
		cmocka_unit_test_setup_teardown(large_piece_leaves_the_current_block_in_use, setup, teardown),
		cmocka_unit_test_setup_teardown(large_piece_may_come_first, setup, teardown),
		cmocka_unit_test_setup_teardown(no_bytes_are_a_piece_of_their_own, setup, teardown),
		cmocka_unit_test_setup_teardown(sanitizer_knows_where_a_piece_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(array_has_room_for_all, setup, teardown),
		cmocka_unit_test_setup_teardown(impossible_sizes_stop_the_process, setup, teardown),
		cmocka_unit_test_setup_teardown(copy_is_terminated_and_independent, setup, teardown),
		cmocka_unit_test_setup_teardown(copy_of_nothing_is_the_empty_text, setup, teardown),
		cmocka_unit_test_setup_teardown(cstr_ends_where_the_slice_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(printf_takes_any_length, setup, teardown),
		cmocka_unit_test_setup_teardown(freed_arena_may_be_used_again, setup, teardown),
		cmocka_unit_test_setup_teardown(heap_memory_is_zeroed_and_never_null, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

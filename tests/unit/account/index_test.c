#include "account/index.h"
#include "tests/unit/common/test.h"

enum { ITEMS = 1000 };

static void empty_index_finds_nothing(void **state)
{
	struct index index;
	struct arena a;

	(void)state;
	arena_init(&a);
	index_make(&index, &a, 0);
	assert_null(index_find(&index, S("")));
	assert_null(index_find(&index, S("x")));
	arena_free(&a);
}

static void full_index_finds_each_and_no_other(void **state)
{
	static const int items[ITEMS];
	struct index index;
	struct arena a;

	(void)state;
	arena_init(&a);
	index_make(&index, &a, ITEMS);
	for (int i = 0; i < ITEMS; i++)
		index_add(&index, arena_printf(&a, "item-%d", i), &items[i]);
	for (int i = 0; i < ITEMS; i++) {
		assert_ptr_equal(index_find(&index, arena_printf(&a, "item-%d", i)), &items[i]);
		assert_null(index_find(&index, arena_printf(&a, "item-%d", ITEMS + i)));
	}
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_index_finds_nothing),
		cmocka_unit_test(full_index_finds_each_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

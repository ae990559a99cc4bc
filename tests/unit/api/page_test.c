/* The arithmetic of pages. */
#include "api/page.h"
#include "tests/unit/common/test.h"

static const struct uuid ids[] = { { { 1 } }, { { 2 } }, { { 3 } }, { { 4 } } };

static void ten_items_unless_told_otherwise(void **state)
{
	(void)state;
	assert_int_equal(page_start(0, false, NULL).limit, 10);
	assert_int_equal(page_start(3, false, NULL).limit, 3);
}

static void without_an_offset_there_is_none(void **state)
{
	struct page page = page_start(3, false, NULL);

	(void)state;
	assert_false(page.has_offset);
	assert_false(page.has_next);
	assert_false(page.has_previous);
}

static void offset_is_kept(void **state)
{
	struct page page = page_start(3, true, &ids[2]);

	(void)state;
	assert_true(page.has_offset);
	assert_true(uuid_eq(&page.offset, &ids[2]));
}

static void page_takes_as_many_as_its_limit(void **state)
{
	struct page page = page_start(2, false, NULL);

	(void)state;
	assert_true(page_take(&page, 0, &ids[0]));
	assert_true(page_take(&page, 1, &ids[1]));
	assert_false(page.has_next);
}

static void one_too_many_begins_the_next_page(void **state)
{
	struct page page = page_start(2, false, NULL);

	(void)state;
	page_take(&page, 0, &ids[0]);
	page_take(&page, 1, &ids[1]);
	assert_false(page_take(&page, 2, &ids[2]));
	assert_true(page.has_next);
	assert_true(uuid_eq(&page.next, &ids[2]));
}

static void last_one_in_front_begins_the_previous_page(void **state)
{
	struct page page = page_start(2, true, &ids[3]);

	(void)state;
	page_back(&page, &ids[2]);
	page_back(&page, &ids[1]);
	assert_true(page.has_previous);
	assert_true(uuid_eq(&page.previous, &ids[1]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_items_unless_told_otherwise),
		cmocka_unit_test(without_an_offset_there_is_none),
		cmocka_unit_test(offset_is_kept),
		cmocka_unit_test(page_takes_as_many_as_its_limit),
		cmocka_unit_test(one_too_many_begins_the_next_page),
		cmocka_unit_test(last_one_in_front_begins_the_previous_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

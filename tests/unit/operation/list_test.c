/* Lists by page: walked forth and back, over items of one sort key and of many. */
#include "operation/list.h"
#include "tests/unit/operation/operations.h"

SQL(item_at, "SELECT created FROM transactions WHERE id = $1 AND user_id = $2 AND type = $3");
SQL(items_from,
	"SELECT id FROM transactions WHERE user_id = $1 AND type = $2 AND (created, id) <= ($3, $4)"
	" ORDER BY created DESC, id DESC LIMIT $5");
SQL(items_before,
	"SELECT id FROM transactions WHERE user_id = $1 AND type = $2 AND (created, id) > ($3, $4) ORDER BY created, id LIMIT $5");

static const struct list_sql list = { &item_at, &items_from, &items_before };

struct asked {
	struct error error;
	uint8_t items[16], n;
	bool has_next, has_previous;
	uint8_t next, previous;
};

static struct error fill(struct list_walk *walk, const struct rows *r, void *item)
{
	(void)walk;
	*(uint8_t *)item = col_uuid(r, 0).b[15];
	return OK;
}

static struct error refuse(struct list_walk *walk, const struct rows *r, void *item)
{
	(void)walk;
	(void)r;
	(void)item;
	return FAIL(STORAGE);
}

static err walk_list(struct op *op, int64_t limit, uint8_t offset, uint8_t user,
	struct error (*fill_item)(struct list_walk *walk, const struct rows *r, void *item), struct asked *ret)
{
	struct uuid at = id_of(offset), owner = id_of(user);
	struct page page = page_start(limit, offset != 0, &at);
	struct list_walk walk;
	struct list items;

	TRY(list_start(op, &list, &owner, credential_type_DEVICE, &page, &walk));
	TRY(list_page(&walk, 1, fill_item, &items));
	ret->n = (uint8_t)items.n;
	memcpy(ret->items, items.items, items.n);
	ret->has_next = walk.page.has_next;
	ret->has_previous = walk.page.has_previous;
	ret->next = walk.page.next.b[15];
	ret->previous = walk.page.previous.b[15];
	return OK;
}

/* offset 0: from the beginning. */
static struct asked ask_list(struct place *p, int64_t limit, uint8_t offset, uint8_t user,
	struct error (*fill_item)(struct list_walk *walk, const struct rows *r, void *item))
{
	struct op op = { .app = &p->f->app, .arena = &p->f->arena };
	struct asked asked = { .error = OK };

	op.reader = store_read_begin(p->f->app.store);
	asked.error = walk_list(&op, limit, offset, user, fill_item, &asked);
	store_read_end(op.reader);
	return asked;
}

static void assert_page(struct asked a, const char *items, uint8_t previous, uint8_t next)
{
	assert_int_equal(a.error.code, E_OK);
	assert_int_equal(a.n, strlen(items));
	assert_memory_equal(a.items, items, a.n);
	assert_int_equal(a.has_previous ? a.previous : 0, previous);
	assert_int_equal(a.has_next ? a.next : 0, next);
}

/* a to g, each a millisecond after the one before, or all at once. */
static void seven(struct place *p, bool at_once)
{
	for (uint8_t n = 'a'; n <= 'g'; n++) {
		inserted(p, authentication(p, n));
		fixture_advance(p->f, at_once ? 0 : 1);
	}
}

static void walk_both_ways(struct place *p, bool at_once)
{
	seven(p, at_once);
	assert_page(ask_list(p, 3, 0, USER, fill), "gfe", 0, 'd');
	assert_page(ask_list(p, 3, 'd', USER, fill), "dcb", 'g', 'a');
	assert_page(ask_list(p, 3, 'a', USER, fill), "a", 'd', 0);
	assert_page(ask_list(p, 3, 'g', USER, fill), "gfe", 0, 'd');
}

static void walks_forth_and_back(void **state)
{
	walk_both_ways(*state, false);
}

static void walks_items_of_the_same_moment(void **state)
{
	walk_both_ways(*state, true);
}

static void first_page_before_an_uneven_offset_is_shorter(void **state)
{
	seven(*state, false);
	assert_page(ask_list(*state, 3, 'f', USER, fill), "fed", 'g', 'c');
}

static void whole_list_on_one_page(void **state)
{
	seven(*state, false);
	assert_page(ask_list(*state, 7, 0, USER, fill), "gfedcba", 0, 0);
	assert_page(ask_list(*state, 100, 0, USER, fill), "gfedcba", 0, 0);
}

static void empty_list(void **state)
{
	assert_page(ask_list(*state, 3, 0, USER, fill), "", 0, 0);
}

static void offset_must_be_an_item_of_this_list(void **state)
{
	struct place *p = *state;

	seven(p, false);
	assert_int_equal(ask_list(p, 3, 'z', USER, fill).error.code, E_OFFSET_UNKNOWN);
	assert_int_equal(ask_list(p, 3, 'd', USER + 1, fill).error.code, E_OFFSET_UNKNOWN);
}

static void item_that_cannot_be_filled_is_told(void **state)
{
	seven(*state, false);
	assert_int_equal(ask_list(*state, 3, 0, USER, refuse).error.code, E_STORAGE);
	assert_page(ask_list(*state, 3, 0, USER, fill), "gfe", 0, 'd');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(walks_forth_and_back),
		PLACE_TEST(walks_items_of_the_same_moment),
		PLACE_TEST(first_page_before_an_uneven_offset_is_shorter),
		PLACE_TEST(whole_list_on_one_page),
		PLACE_TEST(empty_list),
		PLACE_TEST(offset_must_be_an_item_of_this_list),
		PLACE_TEST(item_that_cannot_be_filled_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

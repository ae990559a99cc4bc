/*
 * Pages of a list, newest first. `offset` is the id of the first item to show (inclusive); next and previous are links without the
 * base, absent when there is no such page.
 *
 * A list asks its statement for limit + 1 items from the offset on: the one too many is the start of the next page. For the page
 * before, it asks for the `limit` items in front of the offset, nearest first: the last of them starts the previous page.
 */
#ifndef API_PAGE_H
#define API_PAGE_H

#include "api/op.h"

#define PAGE_QUERY(F, T)                                                                                              \
	F(T, INT_ANY, limit, OPT, 1, PAGE_ITEMS_MAX, "Items on a page, 10 unless told otherwise", "10")                \
	F(T, UUID, offset, OPT, 0, 0, "Id of the first item to show, as in `next` and `previous`", "")
SCHEMA_STRUCT(page_query, PAGE_QUERY);

struct page {
	int64_t limit;
	bool has_offset;
	struct uuid offset;
	bool has_next, has_previous;
	struct uuid next, previous;
};

struct page page_start(int64_t limit, bool has_offset, const struct uuid *offset);
/* Feeds one row of the forward statement; false when the page is full and the row is the start of the next one. */
bool page_take(struct page *page, size_t taken, const struct uuid *id);
/* Feeds one row of the backward statement. */
void page_back(struct page *page, const struct uuid *id);

#endif

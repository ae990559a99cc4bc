#include "api/page.h"

SCHEMA(page_query, PAGE_QUERY, "Which page of a list");

struct page page_start(int64_t limit, bool has_offset, const struct uuid *offset)
{
	struct page page = { .limit = limit ? limit : PAGE_ITEMS_DEFAULT, .has_offset = has_offset };

	if (has_offset)
		page.offset = *offset;
	return page;
}

bool page_take(struct page *page, size_t taken, const struct uuid *id)
{
	if (taken < (size_t)page->limit)
		return true;
	page->has_next = true;
	page->next = *id;
	return false;
}

void page_back(struct page *page, const struct uuid *id)
{
	page->has_previous = true;
	page->previous = *id;
}

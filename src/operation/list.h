/*
 * Lists by page, newest first, over statements of one shape. `owner` is a user's or a credential's id.
 *   at:     the sort key of the item $1 of owner $2 and type $3
 *   from:   the items of owner $1, type $2 from (sort key, id) = ($3, $4) on, descending, at most $5; the id is column 0
 *   before: the ids in front of that, ascending, at most $5
 */
#ifndef OPERATION_LIST_H
#define OPERATION_LIST_H

#include "api/page.h"

struct list_sql {
	const struct sql *at, *from, *before;
};

struct list_walk {
	struct op *op;
	const struct list_sql *sql;
	struct page page;
	struct uuid owner;
	int64_t type;
	int64_t from;   /* sort key of the first item */
	struct uuid id; /* id of the first item */
	void *ctx;      /* the caller's own, for `fill` */
};

/* Finds the offset, or the very beginning. E_OFFSET_UNKNOWN. */
err list_start(struct op *op, const struct list_sql *sql, const struct uuid *owner, int64_t type, const struct page *page,
	struct list_walk *ret_walk);
/* `fill` makes one item of item_bytes out of a row. */
err list_page(struct list_walk *walk, size_t item_bytes, struct error (*fill)(struct list_walk *walk, const struct rows *r, void *item),
	struct list *ret_list);

#endif

#include "operation/list.h"

err list_start(struct op *op, const struct list_sql *sql, const struct uuid *owner, int64_t type, const struct page *page,
	struct list_walk *ret_walk)
{
	struct rows r;
	struct error e;

	*ret_walk = (struct list_walk){ .op = op, .sql = sql, .page = *page, .owner = *owner, .type = type, .from = INT64_MAX };
	memset(&ret_walk->id, 0xff, sizeof(ret_walk->id));
	if (!page->has_offset)
		return OK;
	e = sql_one(op_reader(op), sql->at, ARGS(v_uuid(&page->offset), v_uuid(owner), v_int(type)), &r);
	ENSURE(!is_err(e, E_NO_ROW), OFFSET_UNKNOWN);
	TRY(e);
	ret_walk->from = col_int(&r, 0);
	ret_walk->id = page->offset;
	return sql_close(&r);
}

static err open_from(struct list_walk *walk, const struct sql *sql, int64_t limit, struct rows *ret_rows)
{
	return sql_open(op_reader(walk->op), sql,
		ARGS(v_uuid(&walk->owner), v_int(walk->type), v_int(walk->from), v_uuid(&walk->id), v_int(limit)), ret_rows);
}

static err walk_back(struct list_walk *walk)
{
	struct rows r;

	if (!walk->page.has_offset)
		return OK;
	TRY(open_from(walk, walk->sql->before, walk->page.limit, &r));
	while (rows_next(&r)) {
		struct uuid id = col_uuid(&r, 0);

		page_back(&walk->page, &id);
	}
	return sql_close(&r);
}

err list_page(struct list_walk *walk, size_t item_bytes, struct error (*fill)(struct list_walk *walk, const struct rows *r, void *item),
	struct list *ret_list)
{
	uint8_t *items = arena_alloc_array(walk->op->arena, item_bytes, (size_t)walk->page.limit);
	struct error e = OK, end;
	struct rows r;
	size_t n = 0;

	TRY(open_from(walk, walk->sql->from, walk->page.limit + 1, &r));
	while (!failed(e) && rows_next(&r)) {
		struct uuid id = col_uuid(&r, 0);

		if (!page_take(&walk->page, n, &id))
			break;
		e = fill(walk, &r, items + n++ * item_bytes);
	}
	*ret_list = (struct list){ items, n };
	end = sql_close(&r);
	TRY(e);
	TRY(end);
	return walk_back(walk);
}

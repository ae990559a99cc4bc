/* The answer of an operation that went well, by the route's reply schema. */
#include "api/internal.h"

static void write_list(const struct schema *schema, const struct list *list, struct buf *b)
{
	buf_byte(b, '[');
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			buf_byte(b, ',');
		schema_write(schema, (const uint8_t *)list->items + i * schema->size, b);
	}
	buf_byte(b, ']');
}

void output_write(struct op *op)
{
	const struct route *route = op->route;
	struct buf b = buf_arena(op->arena, REPLY_BYTES_MAX);

	if (op->location.n)
		http_add_header(op->http, "Location", op->location);
	if (!route->reply) {
		op_answer(op, 204, NULL, S(""));
		return;
	}
	if (route->flags & REPLY_LIST)
		write_list(route->reply, op->out, &b);
	else
		schema_write(route->reply, op->out, &b);
	if (failed(buf_ok(&b)))
		problem_write(op, FAIL(INTERNAL));
	else
		op_answer(op, route->flags & CREATES ? (int)op->settings->created_status : 200, NULL, buf_bytes(&b));
}

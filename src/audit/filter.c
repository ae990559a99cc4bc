/* Conditions of a search. */
#include "audit/internal.h"

static bool is_known(struct slice field)
{
	struct slice rest = field, front = slice_cut(&rest, '.');

	if (rest.n)
		return slice_is(front, "data") || slice_is(front, "indexedData");
	for (size_t i = 0; record_members[i]; i++)
		if (slice_is(field, record_members[i]))
			return true;
	return false;
}

err filter_check(struct op *op, const struct audit_query *query)
{
	const struct audit_condition *c = query->and.items;
	struct error e = OK;

	for (size_t i = 0; i < query->and.n; i++) {
		const char *name = (const char *)arena_printf(op->arena, "and[%zu].field", i).p;

		if (!is_known(c[i].field))
			e = op_invalid(op, name, "is no member of a record");
	}
	return e;
}

static bool contains(struct slice text, struct slice part)
{
	return part.n == 0 || (text.n && memmem(text.p, text.n, part.p, part.n));
}

static bool starts_with(struct slice text, struct slice part)
{
	return text.n >= part.n && (part.n == 0 || memcmp(text.p, part.p, part.n) == 0);
}

static int compare(struct slice a, struct slice b)
{
	int64_t x, y;
	int order;

	if (!failed(slice_i64(a, &x)) && !failed(slice_i64(b, &y)))
		return (x > y) - (x < y);
	order = memcmp(a.n ? a.p : (const uint8_t *)"", b.n ? b.p : (const uint8_t *)"", a.n < b.n ? a.n : b.n);
	return order ? order : (a.n > b.n) - (a.n < b.n);
}

static bool is_one_of(struct slice text, const struct list *values)
{
	const struct slice *list = values->items;

	for (size_t i = 0; i < values->n; i++)
		if (slice_eq(text, list[i]))
			return true;
	return false;
}

static bool holds(const struct audit_condition *c, bool there, struct slice text)
{
	switch (c->operator) {
	case audit_operator_eq:
		return there && slice_eq(text, c->value);
	case audit_operator_ne:
		return !there || !slice_eq(text, c->value);
	case audit_operator_in:
		return there && is_one_of(text, &c->values);
	case audit_operator_startsWith:
		return there && starts_with(text, c->value);
	case audit_operator_contains:
		return there && contains(text, c->value);
	case audit_operator_exists:
		return there != slice_is(c->value, "false");
	case audit_operator_gt:
		return there && compare(text, c->value) > 0;
	case audit_operator_lt:
		return there && compare(text, c->value) < 0;
	default:
		return false;
	}
}

bool filter_fits(const struct audit_query *query, const struct audit_log *log, const struct audit_record *record, struct arena *a)
{
	const struct audit_condition *c = query ? query->and.items : NULL;

	for (size_t i = 0; query && i < query->and.n; i++) {
		struct slice text;
		bool there = record_member(record, log, c[i].field, a, &text);

		if (!holds(&c[i], there, text))
			return false;
	}
	return true;
}

struct slice filter_equal(const struct audit_query *query, const char *field)
{
	const struct audit_condition *c = query ? query->and.items : NULL;

	for (size_t i = 0; query && i < query->and.n; i++)
		if (c[i].operator == audit_operator_eq && slice_is(c[i].field, field))
			return c[i].value;
	return S("");
}

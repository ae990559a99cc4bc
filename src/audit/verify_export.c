/*
 * An export against a checkpoint: every record proves itself, so the first one that was altered, removed or inserted can be named,
 * whatever else was made to fit.
 */
#include "audit/verify.h"

enum { LINE_DEPTH_MAX = 8 };

/* One line of the export. */
struct line {
	bool genuine;
	int64_t index;
	int64_t first_kept; /* what a record of deleted ones says; -1: it is none */
};

struct checking {
	const struct claim *claim;
	struct arena *arena;     /* of the whole check */
	struct slice rest;       /* lines to come */
	int64_t expected;        /* the next place */
	int64_t first_kept;
	struct audit_verdict *verdict;
};

static int64_t first_kept(const json_t *record)
{
	const json_t *type = json_object_get(record, "eventType"), *data = json_object_get(record, "data");
	const json_t *kept = json_object_get(data, "firstKept");

	return json_is_string(type) && slice_is(json_text(type), fact_info(FACT_AUDIT_FORGOTTEN)->type) && json_is_integer(kept) ?
		json_integer_value(kept) : -1;
}

static struct line read_line(struct slice text, const struct claim *claim)
{
	struct line line = { .first_kept = -1 };
	json_t *record = NULL, *proof;
	struct slice why;
	struct arena a;

	arena_init(&a);
	if (!failed(json_read(text, JSON_UNIQUE, LINE_DEPTH_MAX, &a, &record, &why)) && json_is_object(record) &&
		is_canonical(text, record, &a)) {
		proof = json_incref(json_object_get(record, "proof"));
		json_object_del(record, "proof");
		line.genuine = !failed(record_check(record, proof, claim, &a, &line.index));
		line.first_kept = first_kept(record);
		json_decref(proof);
	}
	json_decref(record);
	arena_free(&a);
	return line;
}

static void fault(struct checking *c, int64_t record, const char *before, const char *behind)
{
	c->verdict->fault = arena_printf(c->arena, "%srecord %lld%s", before, (long long)record, behind);
	c->verdict->record = record;
}

/* Is the next line the one that belongs here? Then this one was put in front of it. */
static bool is_inserted(const struct checking *c)
{
	struct slice rest = c->rest;
	struct line next = read_line(slice_cut(&rest, '\n'), c->claim);

	return next.genuine && next.index == c->expected;
}

static void check_line(struct checking *c, struct slice text)
{
	struct line line = read_line(text, c->claim);

	if (!line.genuine && is_inserted(c))
		fault(c, c->expected, "a line was inserted in front of ", "");
	else if (!line.genuine)
		fault(c, c->expected, "", " was altered");
	else if (line.index < c->expected)
		fault(c, line.index, "", " stands a second time, or out of its place");
	else if (line.index > c->expected)
		fault(c, c->expected, "", " was removed");
	if (line.first_kept > c->first_kept)
		c->first_kept = line.first_kept;
	c->verdict->records++;
	c->expected = line.index + 1;
}

/* The oldest ones may have had their time; then a later record says so. */
static int64_t first_place(struct slice export, const struct claim *claim)
{
	struct line line = read_line(slice_cut(&export, '\n'), claim);

	if (line.genuine)
		return line.index;
	line = read_line(slice_cut(&export, '\n'), claim);
	return line.genuine && line.index ? line.index - 1 : 0;
}

void audit_export_verify(const struct jwks *keys, struct slice export, struct slice checkpoint, struct arena *a, struct audit_verdict *ret)
{
	struct claim claim;
	struct checking c = { .claim = &claim, .arena = a, .rest = export, .verdict = ret, .first_kept = 0 };
	int64_t first;

	*ret = (struct audit_verdict){ .record = -1 };
	if (failed(claim_read(keys, checkpoint, a, &claim))) {
		ret->fault = S("the checkpoint is not signed by one of the keys");
		return;
	}
	ret->account = claim.account;
	ret->size = claim.size;
	first = c.expected = first_place(export, &claim);
	if (export.n && export.p[export.n - 1] != '\n')
		fault(&c, claim.size - 1, "the export is cut off, in ", " or before");
	while (c.rest.n && !ret->fault.n) {
		struct slice text = slice_cut(&c.rest, '\n');

		check_line(&c, text);
	}
	if (!ret->fault.n && c.expected != claim.size)
		fault(&c, c.expected, "", " was removed");
	if (!ret->fault.n && first > c.first_kept)
		fault(&c, c.first_kept, "", " was removed");
}

/*
 * Bodies and queries against a schema with every type of field: what is accepted has to be written as JSON that is accepted
 * again. The first byte chooses between the two.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "codec/json.h"
#include "tests/unit/codec/thing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void demand(bool ok)
{
	if (!ok)
		abort();
}

static struct slice written(struct thing *thing, struct arena *a)
{
	struct buf b = buf_arena(a, REPLY_BYTES_MAX);

	thing->timeUtc = 0; /* its written form is no time that can be read */
	schema_write(&thing_schema, thing, &b);
	demand(!failed(buf_ok(&b)));
	return buf_bytes(&b);
}

/* True when the body was accepted; `ret_again` is then what it is written as. */
static bool read_body(struct slice text, struct arena *a, struct slice *ret_again)
{
	struct invalids bad = { .arena = a };
	struct thing thing = { 0 };
	struct slice why;
	json_t *value;

	if (failed(json_read(text, JSON_UNIQUE, JSON_DEPTH_MAX, a, &value, &why)))
		return false;
	if (json_is_object(value))
		schema_read(&thing_schema, value, a, &bad, &thing);
	*ret_again = bad.n ? S("") : written(&thing, a);
	json_decref(value);
	return bad.n == 0;
}

static void try_body(struct slice text, struct arena *a)
{
	struct slice once, twice;

	if (read_body(text, a, &once)) {
		demand(read_body(once, a, &twice));
		demand(slice_eq(once, twice));
	}
}

static void try_query(struct slice text, struct arena *a)
{
	struct invalids bad = { .arena = a };
	struct thing thing = { 0 };
	struct slice missing;

	if (!failed(schema_read_form(&thing_schema, text, a, &bad, &thing, &missing)) && bad.n == 0)
		try_body(written(&thing, a), a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a;

	if (n == 0)
		return 0;
	arena_init(&a);
	if (data[0] == '?')
		try_query(slice_of(data + 1, n - 1), &a);
	else
		try_body(slice_of(data + 1, n - 1), &a);
	arena_free(&a);
	return 0;
}

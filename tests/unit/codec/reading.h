/* A body read by a schema, and its faults. Include it in one file of a program. */
#ifndef TEST_UNIT_CODEC_READING_H
#define TEST_UNIT_CODEC_READING_H

#include "base/limits.h"
#include "codec/json.h"
#include "codec/schema.h"
#include "tests/unit/common/test.h"

static struct arena a;
static struct invalids bad;
static json_t *body;

static inline int setup(void **state)
{
	(void)state;
	bad.arena = &a;
	bad.n = 0;
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	json_decref(body);
	body = NULL;
	arena_free(&a);
	return 0;
}

/* The struct behind a body; the faults are in `bad`. */
static inline void *read_body(const struct schema *schema, struct slice text)
{
	void *out = arena_alloc(&a, schema->size);
	struct slice why = S("");

	json_decref(body);
	bad.n = 0;
	if (failed(json_read(text, JSON_UNIQUE, JSON_DEPTH_MAX, &a, &body, &why)))
		fail_msg("%.*s: %.*s", FMT(text), FMT(why));
	schema_read(schema, body, &a, &bad, out);
	return out;
}

/* All reasons, one a line. */
static inline const char *reasons(void)
{
	struct buf b = buf_arena(&a, 1 << 20);

	for (size_t i = 0; i < bad.n; i++) {
		assert_true(slice_starts(bad.list[i].reason, bad.list[i].name));
		buf_slice(&b, bad.list[i].reason);
		buf_byte(&b, '\n');
	}
	buf_byte(&b, 0);
	return (const char *)b.p;
}

#endif

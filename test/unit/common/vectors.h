/* Vector files of test/vectors, for tests that run from the top of the source. Whatever is missing or malformed fails the test. */
#ifndef TEST_VECTORS_H
#define TEST_VECTORS_H

#include <jansson.h>

#include "base/arena.h"

/* json_decref() it. */
json_t *vectors_load(const char *file);
json_t *vector_member(json_t *object, const char *name);
const char *vector_text(json_t *object, const char *name);
/* The bytes behind a hexadecimal member. */
struct slice vector_bytes(struct arena *a, json_t *object, const char *name);
struct slice unhex(struct arena *a, const char *digits);

#define assert_slice_equal(got, want)                                   \
	do {                                                            \
		struct slice got_ = (got), want_ = (want);              \
		assert_int_equal(got_.n, want_.n);                      \
		if (want_.n)                                            \
			assert_memory_equal(got_.p, want_.p, want_.n);  \
	} while (0)

#define assert_ok(x) assert_int_equal((x).code, E_OK)
#define assert_err(x, name) assert_int_equal((x).code, E_##name)

#endif

/* Vector files of tests/vectors, for tests that run from the top of the source. Whatever is missing or malformed fails the test. */
#ifndef TEST_UNIT_COMMON_VECTORS_H
#define TEST_UNIT_COMMON_VECTORS_H

#include <jansson.h>

#include "base/arena.h"

/* json_decref() it. */
json_t *vectors_load(const char *file);
json_t *vector_member(json_t *object, const char *name);
const char *vector_text(json_t *object, const char *name);
/* The bytes behind a hexadecimal member. */
struct slice vector_bytes(struct arena *a, json_t *object, const char *name);
struct slice unhex(struct arena *a, const char *digits);

#endif

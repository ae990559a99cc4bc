/* What every unit test includes first. */
#ifndef TEST_UNIT_COMMON_TEST_H
#define TEST_UNIT_COMMON_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/slice.h"

#define assert_slice_equal(got, want)                                   \
	do {                                                            \
		struct slice got_ = (got), want_ = (want);              \
		assert_int_equal(got_.n, want_.n);                      \
		if (want_.n)                                            \
			assert_memory_equal(got_.p, want_.p, want_.n);  \
	} while (0)

#define assert_ok(x) assert_int_equal((x).code, E_OK)
#define assert_err(x, name) assert_int_equal((x).code, E_##name)

/* A copy that ends where its memory ends, so that the address sanitizer sees one byte too many. free() its p. */
static inline struct slice boxed(struct slice bytes)
{
	uint8_t *p = malloc(bytes.n ? bytes.n : 1);

	assert_non_null(p);
	if (bytes.n)
		memcpy(p, bytes.p, bytes.n);
	return slice_of(p, bytes.n);
}

static inline void unbox(struct slice box)
{
	free((void *)(uintptr_t)box.p);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif

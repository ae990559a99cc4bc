/*
 * Bytes as {p, n}, and one bounded reader. A slice owns nothing; the one who made the bytes says how long they live.
 * Text is a slice too (UTF-8, no terminator) so that bytes and text need one set of functions.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"

struct slice {
	const uint8_t *p;
	size_t n;
};

/* printf("%.*s", FMT(s)); evaluates s twice */
#define FMT(s) (int)(s).n, (const char *)(s).p

/* A slice of a string literal, without its terminator. */
#define S(lit) ((struct slice){ (const uint8_t *)("" lit), sizeof(lit) - 1 })

static inline struct slice slice_of(const void *p, size_t n)
{
	return (struct slice){ p, n };
}

/* A slice of a C string; NULL gives the empty slice. */
static inline struct slice slice_text(const char *text)
{
	return (struct slice){ (const uint8_t *)text, text ? strlen(text) : 0 };
}

static inline bool slice_eq(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool slice_is(struct slice a, const char *text)
{
	return slice_eq(a, slice_text(text));
}

/* ASCII case-insensitive equality. */
bool slice_ieq(struct slice a, struct slice b);
bool slice_starts(struct slice a, struct slice prefix);
/* Index of byte c, or n when it is not there. */
size_t slice_find(struct slice a, uint8_t c);
struct slice slice_trim(struct slice a); /* ASCII spaces and tabs at both ends */
/* The part before the first c; `rest` becomes what follows it (empty when c is not there). */
struct slice slice_cut(struct slice *rest, uint8_t c);
/* Constant time in the content; lengths are not secret. */
bool slice_eq_secret(struct slice a, struct slice b);
/* Decimal digits only, no sign, no space, no overflow. */
err slice_u64(struct slice a, uint64_t *ret_value);
/* Like slice_u64 but with an optional leading minus. */
err slice_i64(struct slice a, int64_t *ret_value);

/* Reader: each call takes bytes off the front or fails with E_PARSE, leaving the reader as it was. */
struct reader {
	struct slice rest;
};

err read_bytes(struct reader *r, size_t n, struct slice *ret_bytes);
err read_u8(struct reader *r, uint8_t *ret_value);
err read_u16(struct reader *r, uint16_t *ret_value); /* big-endian */
err read_u32(struct reader *r, uint32_t *ret_value); /* big-endian */
/* E_PARSE unless everything was read. */
err read_end(const struct reader *r);

/* Overwrite memory so that the compiler cannot leave it out. */
void wipe(void *p, size_t n);

#endif

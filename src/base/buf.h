/*
 * A buffer that grows up to the maximum it was born with. Appending past it sets a sticky flag instead of failing at every call;
 * ask once, at the end, with buf_ok(). Two kinds of memory: the heap (buf_free when done) or an arena.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/arena.h"

struct buf {
	uint8_t *p;
	size_t n, cap, max;
	bool overflow;
	struct arena *arena; /* NULL: heap */
};

struct buf buf_heap(size_t max);
struct buf buf_arena(struct arena *a, size_t max);
void buf_free(struct buf *b); /* wipes nothing; NULL-safe for arena buffers (does nothing) */
void buf_clear(struct buf *b);

void buf_add(struct buf *b, const void *p, size_t n);
void buf_slice(struct buf *b, struct slice s);
void buf_text(struct buf *b, const char *text);
void buf_byte(struct buf *b, uint8_t c);
void buf_u16(struct buf *b, uint16_t value); /* big-endian */
void buf_u32(struct buf *b, uint32_t value); /* big-endian */
void buf_i64_text(struct buf *b, int64_t value); /* decimal digits */
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Room for n bytes at the end, counted as written; NULL (and overflow) when it does not fit, and only then. */
uint8_t *buf_take(struct buf *b, size_t n);

err buf_ok(const struct buf *b); /* E_LIMIT after an overflow */
static inline struct slice buf_bytes(const struct buf *b)
{
	return slice_of(b->p, b->n);
}

#endif

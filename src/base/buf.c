#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

struct buf buf_heap(size_t max)
{
	return (struct buf){ .max = max };
}

struct buf buf_arena(struct arena *a, size_t max)
{
	return (struct buf){ .max = max, .arena = a };
}

void buf_free(struct buf *b)
{
	if (!b->arena)
		free(b->p);
	*b = (struct buf){ .max = b->max, .arena = b->arena };
}

void buf_clear(struct buf *b)
{
	b->n = 0;
	b->overflow = false;
}

static void grow(struct buf *b, size_t need)
{
	size_t cap = b->cap ? b->cap * 2 : 256;

	if (cap < need)
		cap = need;
	if (cap > b->max)
		cap = b->max;
	if (b->arena) {
		uint8_t *p = arena_alloc(b->arena, cap);

		if (b->n)
			memcpy(p, b->p, b->n);
		b->p = p;
	} else {
		b->p = xrealloc(b->p, cap);
	}
	b->cap = cap;
}

uint8_t *buf_take(struct buf *b, size_t n)
{
	size_t need;
	uint8_t *at;

	if (__builtin_add_overflow(b->n, n, &need) || need > b->max)
		b->overflow = true;
	if (b->overflow)
		return NULL;
	if (need > b->cap || !b->p)
		grow(b, need);
	at = b->p + b->n;
	b->n = need;
	return at;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	uint8_t *at;

	if (n == 0)
		return;
	at = buf_take(b, n);
	if (at)
		memcpy(at, p, n);
}

void buf_slice(struct buf *b, struct slice s)
{
	buf_add(b, s.p, s.n);
}

void buf_text(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_byte(struct buf *b, uint8_t c)
{
	buf_add(b, &c, 1);
}

void buf_u16(struct buf *b, uint16_t value)
{
	uint8_t bytes[2] = { (uint8_t)(value >> 8), (uint8_t)value };

	buf_add(b, bytes, 2);
}

void buf_u32(struct buf *b, uint32_t value)
{
	uint8_t bytes[4] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value };

	buf_add(b, bytes, 4);
}

void buf_i64_text(struct buf *b, int64_t value)
{
	char digits[24], *at = digits + sizeof(digits);
	uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do {
		*--at = (char)('0' + size % 10);
		size /= 10;
	} while (size);
	if (value < 0)
		*--at = '-';
	buf_add(b, at, (size_t)(digits + sizeof(digits) - at));
}

void buf_printf(struct buf *b, const char *format, ...)
{
	char small[256];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(small, sizeof(small), format, args);
	va_end(args);
	if (n < 0) {
		b->overflow = true;
	} else if ((size_t)n < sizeof(small)) {
		buf_add(b, small, (size_t)n);
	} else {
		char *large = xalloc((size_t)n + 1);

		va_start(args, format);
		vsnprintf(large, (size_t)n + 1, format, args);
		va_end(args);
		buf_add(b, large, (size_t)n);
		free(large);
	}
}

err buf_ok(const struct buf *b)
{
	ENSURE(!b->overflow, LIMIT);
	return OK;
}

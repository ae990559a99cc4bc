#include "base/arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/guard.h"

enum { BLOCK_BYTES = 4096 - 32, ALIGN = alignof(max_align_t) };

struct arena_block {
	struct arena_block *next;
	size_t n;
	alignas(max_align_t) uint8_t bytes[];
};

static void *or_die(void *p)
{
	if (!p) {
		fputs("out of memory\n", stderr);
		abort();
	}
	return p;
}

void *xalloc(size_t n)
{
	return or_die(calloc(1, n ? n : 1));
}

void *xrealloc(void *p, size_t n)
{
	return or_die(realloc(p, n ? n : 1));
}

char *xstrdup(const char *text)
{
	return or_die(strdup(text));
}

void arena_init(struct arena *a)
{
	*a = (struct arena){ 0 };
}

/* What was handed out of a block: only of the newest one there may be less than all. */
static size_t used(const struct arena *a, const struct arena_block *block)
{
	return a->end == block->bytes + block->n ? (size_t)(a->at - block->bytes) : block->n;
}

static void release(struct arena *a, bool secret)
{
	struct arena_block *block = a->blocks;

	while (block) {
		struct arena_block *next = block->next;

		guard_open(block->bytes, block->n);
		if (secret)
			wipe(block->bytes, used(a, block));
		free(block);
		block = next;
	}
	arena_init(a);
}

void arena_free(struct arena *a)
{
	release(a, false);
}

void arena_free_secret(struct arena *a)
{
	release(a, true);
}

/* A large piece gets a block of its own, and the current one stays in use. */
static void *alloc_large(struct arena *a, size_t n, size_t need)
{
	struct arena_block *current = a->blocks, *block = xalloc(sizeof(*block) + need);

	guard_close(block->bytes + n, need - n);
	block->n = need;
	block->next = current ? current->next : NULL;
	if (current)
		current->next = block;
	else
		a->blocks = block;
	return block->bytes;
}

/* Not zeroed as a whole: most of it may never be handed out. */
static void grow(struct arena *a)
{
	struct arena_block *block = or_die(malloc(sizeof(*block) + BLOCK_BYTES));

	guard_close(block->bytes, BLOCK_BYTES);
	*block = (struct arena_block){ .next = a->blocks, .n = BLOCK_BYTES };
	a->blocks = block;
	a->at = block->bytes;
	a->end = block->bytes + BLOCK_BYTES;
}

void *arena_alloc(struct arena *a, size_t n)
{
	size_t need;
	uint8_t *p;

	if (n > PTRDIFF_MAX / 2)
		or_die(NULL);
	/* A piece of no bytes gets an address of its own too, so that NULL always means "not there". */
	need = (((n ? n : 1) + ALIGN - 1) & ~((size_t)ALIGN - 1)) + GUARD_BYTES;
	if (need > BLOCK_BYTES / 4 && need > (size_t)(a->end - a->at))
		return alloc_large(a, n, need);
	if (need > (size_t)(a->end - a->at))
		grow(a);
	p = a->at;
	a->at += need;
	guard_open(p, n);
	return memset(p, 0, n);
}

void *arena_alloc_array(struct arena *a, size_t size, size_t count)
{
	size_t n;

	if (__builtin_mul_overflow(size, count, &n))
		or_die(NULL);
	return arena_alloc(a, n);
}

struct slice arena_copy(struct arena *a, struct slice bytes)
{
	uint8_t *p = arena_alloc(a, bytes.n + 1);

	if (bytes.n)
		memcpy(p, bytes.p, bytes.n);
	return slice_of(p, bytes.n);
}

char *arena_cstr(struct arena *a, struct slice text)
{
	char *p = arena_alloc(a, text.n + 1);

	if (text.n)
		memcpy(p, text.p, text.n);
	return p;
}

struct slice arena_vprintf(struct arena *a, const char *format, va_list args)
{
	va_list again;
	int n;
	char *p;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (n < 0)
		abort();
	p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, format, args);
	return slice_of(p, (size_t)n);
}

struct slice arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	struct slice text;

	va_start(args, format);
	text = arena_vprintf(a, format, args);
	va_end(args);
	return text;
}

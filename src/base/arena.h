/*
 * One pool per request: allocate forward, free everything at once. Nothing in a handler is ever freed by hand.
 *
 * Memory is zeroed. An arena never answers NULL: what a request may allocate is bounded by the limits on its input, so running
 * out means that the machine is out of memory, and then the process stops (a crash loses nothing that was acknowledged).
 * Not for use by two threads at once.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>

#include "base/slice.h"

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first */
	uint8_t *at, *end;          /* free part of the newest block */
};

void arena_init(struct arena *a);
/* Wipes the blocks when `secret`, then frees them; the arena may be used again. */
void arena_free(struct arena *a);
void arena_free_secret(struct arena *a);

/* Aligned for any type. No bytes are a piece too: never NULL, never the address of another piece. */
void *arena_alloc(struct arena *a, size_t n);
#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, count) ((type *)arena_alloc_array((a), sizeof(type), (count)))
void *arena_alloc_array(struct arena *a, size_t size, size_t count);

/* Copies; text is terminated beyond its length, so that .p is a C string too. */
struct slice arena_copy(struct arena *a, struct slice bytes);
char *arena_cstr(struct arena *a, struct slice text);
struct slice arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3), nonnull(1, 2)));
struct slice arena_vprintf(struct arena *a, const char *format, va_list args) __attribute__((format(printf, 2, 0), nonnull(1, 2)));

/* For memory that outlives requests: malloc that stops the process when there is none left. Zeroed. free() it. */
void *xalloc(size_t n);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *text);

#endif

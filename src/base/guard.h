/*
 * Tells the address sanitizer which parts of a pool's memory are in use, so that it sees one byte too many inside a pool as it
 * does on the heap. Without the sanitizer nothing of this is left.
 */
#ifndef BASE_GUARD_H
#define BASE_GUARD_H

#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GUARDED
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define GUARDED
#endif

#ifdef GUARDED
#include <sanitizer/asan_interface.h>

enum { GUARD_BYTES = 16 }; /* kept closed behind each piece */
#else
enum { GUARD_BYTES = 0 };
#endif

/* From now on a fault to touch. */
static inline void guard_close(void *p, size_t n)
{
#ifdef GUARDED
	ASAN_POISON_MEMORY_REGION(p, n);
#else
	(void)p;
	(void)n;
#endif
}

/* In use again. `p` is aligned to eight bytes. */
static inline void guard_open(void *p, size_t n)
{
#ifdef GUARDED
	ASAN_UNPOISON_MEMORY_REGION(p, n);
#else
	(void)p;
	(void)n;
#endif
}

#endif

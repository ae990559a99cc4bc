/*
 * CBOR (RFC 8949), strict, as attestations are written in it: definite lengths, no tags, no floats, at most CBOR_DEPTH_MAX levels, no key
 * twice in a map, text in UTF-8. libcbor decodes the heads; what is read lies in the arena, its bytes and text in the input.
 */
#ifndef CODEC_CBOR_H
#define CODEC_CBOR_H

#include "base/arena.h"

enum { CBOR_DEPTH_MAX = 8, CBOR_ITEMS_MAX = 1024 }; /* items: in all arrays and maps together; a pair is two */

enum cbor_kind { CBOR_UNSIGNED, CBOR_NEGATIVE, CBOR_BYTES, CBOR_TEXT, CBOR_ARRAY, CBOR_MAP, CBOR_BOOLEAN, CBOR_NULL };

struct cbor {
	enum cbor_kind kind;
	uint64_t number;          /* UNSIGNED and BOOLEAN: the value; NEGATIVE: -1 minus the value */
	struct slice bytes;       /* BYTES, TEXT */
	const struct cbor *items; /* ARRAY: n; MAP: n pairs of key and value, one after the other */
	size_t n;
};

/* Exactly one value. E_PARSE when it is none, or has something behind it; E_LIMIT for too many items. */
err cbor_read(struct slice input, struct arena *a, struct cbor *ret_value);
/* The value at the front; the reader goes behind it, or stays where it was. */
err cbor_read_front(struct reader *r, struct arena *a, struct cbor *ret_value);

/* Of a map; NULL when it is none, or has no such key. */
const struct cbor *cbor_find_text(const struct cbor *map, const char *key);
const struct cbor *cbor_find_int(const struct cbor *map, int64_t key);
/* E_PARSE unless the value is there (not NULL) and of that kind. */
err cbor_bytes(const struct cbor *value, struct slice *ret_bytes);
err cbor_text(const struct cbor *value, struct slice *ret_text);
err cbor_int(const struct cbor *value, int64_t *ret_number);

#endif

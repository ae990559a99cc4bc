#include "codec/cbor.h"

#include <cbor.h>

#include "base/text.h"

/* One head, as libcbor's decoder announces it. What has no callback of ours is refused. */
struct head {
	struct cbor value;
	bool good;
};

static void put_number(void *to, enum cbor_kind kind, uint64_t number)
{
	struct head *h = to;

	h->value = (struct cbor){ .kind = kind, .number = number };
	h->good = true;
}

static void put_bytes(void *to, enum cbor_kind kind, const unsigned char *p, size_t n)
{
	struct head *h = to;

	h->value = (struct cbor){ .kind = kind, .bytes = { p, n } };
	h->good = kind == CBOR_BYTES || text_is_utf8(h->value.bytes);
}

static void put_items(void *to, enum cbor_kind kind, size_t n)
{
	struct head *h = to;

	h->value = (struct cbor){ .kind = kind, .n = n };
	h->good = true;
}

static void on_u8(void *to, uint8_t v) { put_number(to, CBOR_UNSIGNED, v); }
static void on_u16(void *to, uint16_t v) { put_number(to, CBOR_UNSIGNED, v); }
static void on_u32(void *to, uint32_t v) { put_number(to, CBOR_UNSIGNED, v); }
static void on_u64(void *to, uint64_t v) { put_number(to, CBOR_UNSIGNED, v); }
static void on_neg8(void *to, uint8_t v) { put_number(to, CBOR_NEGATIVE, v); }
static void on_neg16(void *to, uint16_t v) { put_number(to, CBOR_NEGATIVE, v); }
static void on_neg32(void *to, uint32_t v) { put_number(to, CBOR_NEGATIVE, v); }
static void on_neg64(void *to, uint64_t v) { put_number(to, CBOR_NEGATIVE, v); }
static void on_boolean(void *to, bool v) { put_number(to, CBOR_BOOLEAN, v); }
static void on_null(void *to) { put_number(to, CBOR_NULL, 0); }
static void on_bytes(void *to, const unsigned char *p, size_t n) { put_bytes(to, CBOR_BYTES, p, n); }
static void on_text(void *to, const unsigned char *p, size_t n) { put_bytes(to, CBOR_TEXT, p, n); }
static void on_array(void *to, size_t n) { put_items(to, CBOR_ARRAY, n); }
static void on_map(void *to, size_t n) { put_items(to, CBOR_MAP, n); }

static struct cbor_callbacks callbacks(void)
{
	struct cbor_callbacks c = cbor_empty_callbacks;

	c.uint8 = on_u8;
	c.uint16 = on_u16;
	c.uint32 = on_u32;
	c.uint64 = on_u64;
	c.negint8 = on_neg8;
	c.negint16 = on_neg16;
	c.negint32 = on_neg32;
	c.negint64 = on_neg64;
	c.byte_string = on_bytes;
	c.string = on_text;
	c.array_start = on_array;
	c.map_start = on_map;
	c.boolean = on_boolean;
	c.null = on_null;
	return c;
}

struct reading {
	struct slice rest;
	struct arena *arena;
	struct cbor_callbacks callbacks;
	size_t items_left;
};

static err read_head(struct reading *r, struct cbor *ret_value)
{
	struct head h = { .good = false };
	struct cbor_decoder_result result = cbor_stream_decode(r->rest.p, r->rest.n, &r->callbacks, &h);

	ENSURE(result.status == CBOR_DECODER_FINISHED && h.good, PARSE);
	r->rest = slice_of(r->rest.p + result.read, r->rest.n - result.read);
	*ret_value = h.value;
	return OK;
}

static bool same_key(const struct cbor *a, const struct cbor *b)
{
	return a->kind == b->kind && a->number == b->number && slice_eq(a->bytes, b->bytes);
}

/* Keys are numbers or text; each stands once. */
static bool keys_fit(const struct cbor *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (pairs[2 * i].kind != CBOR_UNSIGNED && pairs[2 * i].kind != CBOR_NEGATIVE && pairs[2 * i].kind != CBOR_TEXT)
			return false;
		for (size_t k = 0; k < i; k++)
			if (same_key(&pairs[2 * i], &pairs[2 * k]))
				return false;
	}
	return true;
}

static err read_value(struct reading *r, int depth, struct cbor *ret_value)
{
	struct cbor *items;
	size_t count;

	ENSURE(r->rest.n > 0, PARSE);
	TRY(read_head(r, ret_value));
	if (ret_value->kind != CBOR_ARRAY && ret_value->kind != CBOR_MAP)
		return OK;
	ENSURE(depth <= CBOR_DEPTH_MAX, PARSE);
	ENSURE(ret_value->n <= CBOR_ITEMS_MAX, LIMIT);
	count = ret_value->kind == CBOR_MAP ? 2 * ret_value->n : ret_value->n;
	ENSURE(count <= r->items_left, LIMIT);
	r->items_left -= count;
	items = arena_array(r->arena, struct cbor, count);
	for (size_t i = 0; i < count; i++)
		TRY(read_value(r, depth + 1, &items[i]));
	ENSURE(ret_value->kind == CBOR_ARRAY || keys_fit(items, ret_value->n), PARSE);
	ret_value->items = items;
	return OK;
}

err cbor_read_front(struct reader *r, struct arena *a, struct cbor *ret_value)
{
	struct reading reading = { r->rest, a, callbacks(), CBOR_ITEMS_MAX };

	TRY(read_value(&reading, 1, ret_value));
	r->rest = reading.rest;
	return OK;
}

err cbor_read(struct slice input, struct arena *a, struct cbor *ret_value)
{
	struct reader r = { input };

	TRY(cbor_read_front(&r, a, ret_value));
	return read_end(&r);
}

static const struct cbor *find(const struct cbor *map, const struct cbor *key)
{
	if (map && map->kind == CBOR_MAP)
		for (size_t i = 0; i < map->n; i++)
			if (same_key(&map->items[2 * i], key))
				return &map->items[2 * i + 1];
	return NULL;
}

const struct cbor *cbor_find_text(const struct cbor *map, const char *key)
{
	return find(map, &(struct cbor){ .kind = CBOR_TEXT, .bytes = slice_text(key) });
}

const struct cbor *cbor_find_int(const struct cbor *map, int64_t key)
{
	if (key < 0)
		return find(map, &(struct cbor){ .kind = CBOR_NEGATIVE, .number = (uint64_t)(-1 - key) });
	return find(map, &(struct cbor){ .kind = CBOR_UNSIGNED, .number = (uint64_t)key });
}

err cbor_bytes(const struct cbor *value, struct slice *ret_bytes)
{
	ENSURE(value && value->kind == CBOR_BYTES, PARSE);
	*ret_bytes = value->bytes;
	return OK;
}

err cbor_text(const struct cbor *value, struct slice *ret_text)
{
	ENSURE(value && value->kind == CBOR_TEXT, PARSE);
	*ret_text = value->bytes;
	return OK;
}

err cbor_int(const struct cbor *value, int64_t *ret_number)
{
	ENSURE(value && (value->kind == CBOR_UNSIGNED || value->kind == CBOR_NEGATIVE) && value->number <= INT64_MAX, PARSE);
	*ret_number = value->kind == CBOR_UNSIGNED ? (int64_t)value->number : -1 - (int64_t)value->number;
	return OK;
}

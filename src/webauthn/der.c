#include "webauthn/internal.h"

enum { LENGTH_BYTES_MAX = 3, TAG_BITS_MAX = 28 };

/* 8.1.2.4: seven bits a byte, as few bytes as it takes. */
static err read_long_tag(struct reader *r, uint32_t *ret_tag)
{
	uint32_t tag = 0;
	uint8_t byte;

	do {
		TRY(read_u8(r, &byte));
		ENSURE(tag < 1u << (TAG_BITS_MAX - 7) && (tag || byte != 0x80), PARSE);
		tag = tag << 7 | (byte & 0x7f);
	} while (byte & 0x80);
	ENSURE(tag >= 31, PARSE);
	*ret_tag = tag;
	return OK;
}

/* 10.1: definite, in as few bytes as it takes. */
static err read_length(struct reader *r, size_t *ret_n)
{
	size_t n = 0;
	uint8_t first, byte;

	TRY(read_u8(r, &first));
	*ret_n = first;
	if (first < 0x80)
		return OK;
	ENSURE(first > 0x80 && first <= 0x80 + LENGTH_BYTES_MAX, PARSE);
	for (int i = first & 0x7f; i > 0; i--) {
		TRY(read_u8(r, &byte));
		ENSURE(n || byte, PARSE);
		n = n << 8 | byte;
	}
	ENSURE(n >= 0x80, PARSE);
	*ret_n = n;
	return OK;
}

err der_next(struct reader *r, struct der *ret)
{
	uint8_t head;
	size_t n;

	TRY(read_u8(r, &head));
	*ret = (struct der){ .class = head >> 6, .constructed = head & 0x20, .tag = head & 0x1f };
	if (ret->tag == 31)
		TRY(read_long_tag(r, &ret->tag));
	TRY(read_length(r, &n));
	return read_bytes(r, n, &ret->content);
}

err der_expect(struct reader *r, uint32_t tag, struct slice *ret_content)
{
	struct der d;

	TRY(der_next(r, &d));
	ENSURE(d.class == DER_UNIVERSAL && d.tag == tag && d.constructed == (tag == DER_SEQUENCE || tag == DER_SET), PARSE);
	*ret_content = d.content;
	return OK;
}

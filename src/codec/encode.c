#include "codec/encode.h"

static const char alphabet_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char alphabet_standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char alphabet_hex[] = "0123456789abcdef";

static size_t unpadded_length(size_t n)
{
	return n / 3 * 4 + (n % 3 ? n % 3 + 1 : 0);
}

/* Writes unpadded_length(in.n) characters. */
static void encode64(const char *alphabet, struct slice in, uint8_t *out)
{
	uint32_t bits = 0;
	unsigned held = 0;

	for (size_t i = 0; i < in.n; i++) {
		bits = bits << 8 | in.p[i];
		for (held += 8; held >= 6; held -= 6)
			*out++ = (uint8_t)alphabet[bits >> (held - 6) & 63];
	}
	if (held)
		*out = (uint8_t)alphabet[bits << (6 - held) & 63];
}

/* Of a character between the two the value that it has, and one more; else 0. */
static uint32_t within(uint8_t c, uint8_t first, uint8_t last, uint32_t value)
{
	uint8_t at = (uint8_t)(c - first);

	return -(uint32_t)(at <= last - first) & (value + at + 1);
}

/*
 * The value of a digit, or one with bit 6 when it is none; the last two digits differ between the alphabets. Without branches: what
 * is read is often random, and may be a secret.
 */
static uint32_t digit64(const char *alphabet, uint8_t c)
{
	uint8_t last = (uint8_t)alphabet[63], before = (uint8_t)alphabet[62];
	uint32_t found = within(c, 'A', 'Z', 0) | within(c, 'a', 'z', 26) | within(c, '0', '9', 52);

	found |= within(c, before, before, 62) | within(c, last, last, 63);
	return (found - 1) & 127;
}

/* `text` without padding; writes text.n * 3 / 4 bytes. */
static err decode64(const char *alphabet, struct slice text, uint8_t *out)
{
	uint32_t bits = 0, wrong = 0;
	unsigned held = 0;

	ENSURE(text.n % 4 != 1, PARSE);
	for (size_t i = 0; i < text.n; i++) {
		uint32_t digit = digit64(alphabet, text.p[i]);

		wrong |= digit & 64;
		bits = bits << 6 | (digit & 63);
		held += 6;
		if (held >= 8) {
			held -= 8;
			*out++ = (uint8_t)(bits >> held);
		}
	}
	ENSURE(!wrong, PARSE);
	ENSURE((bits & ((1u << held) - 1)) == 0, PARSE); /* RFC 4648, 3.5: spare bits */
	return OK;
}

static err decode64_into(struct arena *a, const char *alphabet, struct slice text, struct slice *ret_bytes)
{
	size_t n = text.n / 4 * 3 + text.n % 4 * 3 / 4;
	uint8_t *out = arena_alloc(a, n + 1);

	TRY(decode64(alphabet, text, out));
	*ret_bytes = slice_of(out, n);
	return OK;
}

void b64url_write(struct buf *b, struct slice bytes)
{
	uint8_t *out = buf_take(b, unpadded_length(bytes.n));

	if (out)
		encode64(alphabet_url, bytes, out);
}

struct slice b64url(struct arena *a, struct slice bytes)
{
	size_t n = unpadded_length(bytes.n);
	uint8_t *out = arena_alloc(a, n + 1);

	encode64(alphabet_url, bytes, out);
	return slice_of(out, n);
}

err b64url_read(struct arena *a, struct slice text, struct slice *ret_bytes)
{
	return decode64_into(a, alphabet_url, text, ret_bytes);
}

struct slice b64(struct arena *a, struct slice bytes)
{
	size_t n = unpadded_length(bytes.n), padded = (n + 3) / 4 * 4;
	uint8_t *out = arena_alloc(a, padded + 1);

	encode64(alphabet_standard, bytes, out);
	memset(out + n, '=', padded - n);
	return slice_of(out, padded);
}

err b64_read(struct arena *a, struct slice text, struct slice *ret_bytes)
{
	size_t padding = 0;

	ENSURE(text.n % 4 == 0, PARSE);
	while (padding < 2 && padding < text.n && text.p[text.n - 1 - padding] == '=')
		padding++;
	return decode64_into(a, alphabet_standard, slice_of(text.p, text.n - padding), ret_bytes);
}

static void encode_hex(struct slice bytes, uint8_t *out)
{
	for (size_t i = 0; i < bytes.n; i++) {
		*out++ = (uint8_t)alphabet_hex[bytes.p[i] >> 4];
		*out++ = (uint8_t)alphabet_hex[bytes.p[i] & 15];
	}
}

void hex_write(struct buf *b, struct slice bytes)
{
	uint8_t *out = buf_take(b, bytes.n * 2);

	if (out)
		encode_hex(bytes, out);
}

struct slice hex(struct arena *a, struct slice bytes)
{
	uint8_t *out = arena_alloc(a, bytes.n * 2 + 1);

	encode_hex(bytes, out);
	return slice_of(out, bytes.n * 2);
}

static unsigned digit16(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)c - '0';
	if (c >= 'a' && c <= 'f')
		return (unsigned)c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned)c - 'A' + 10;
	return 16;
}

err hex_read(struct slice text, uint8_t *out, size_t n)
{
	ENSURE(text.n % 2 == 0 && text.n / 2 == n, PARSE);
	for (size_t i = 0; i < n; i++) {
		unsigned high = digit16(text.p[2 * i]), low = digit16(text.p[2 * i + 1]);

		ENSURE(high < 16 && low < 16, PARSE);
		out[i] = (uint8_t)(high << 4 | low);
	}
	return OK;
}

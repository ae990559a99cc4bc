#include "base/slice.h"

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

bool slice_ieq(struct slice a, struct slice b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

bool slice_starts(struct slice a, struct slice prefix)
{
	return a.n >= prefix.n && slice_eq(slice_of(a.p, prefix.n), prefix);
}

size_t slice_find(struct slice a, uint8_t c)
{
	const uint8_t *at = a.n ? memchr(a.p, c, a.n) : NULL;

	return at ? (size_t)(at - a.p) : a.n;
}

struct slice slice_trim(struct slice a)
{
	while (a.n && (a.p[0] == ' ' || a.p[0] == '\t')) {
		a.p++;
		a.n--;
	}
	while (a.n && (a.p[a.n - 1] == ' ' || a.p[a.n - 1] == '\t'))
		a.n--;
	return a;
}

struct slice slice_cut(struct slice *rest, uint8_t c)
{
	size_t at = slice_find(*rest, c);
	struct slice head = { rest->p, at };
	size_t taken = at < rest->n ? at + 1 : at;

	rest->p = taken ? rest->p + taken : rest->p;
	rest->n -= taken;
	return head;
}

bool slice_eq_secret(struct slice a, struct slice b)
{
	uint8_t diff = 0;

	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		diff |= (uint8_t)(a.p[i] ^ b.p[i]);
	return diff == 0;
}

err slice_u64(struct slice a, uint64_t *ret_value)
{
	uint64_t value = 0;

	ENSURE(a.n > 0, PARSE);
	for (size_t i = 0; i < a.n; i++) {
		unsigned digit = (unsigned)a.p[i] - '0';

		ENSURE(digit <= 9, PARSE);
		ENSURE(!__builtin_mul_overflow(value, 10u, &value), PARSE);
		ENSURE(!__builtin_add_overflow(value, digit, &value), PARSE);
	}
	*ret_value = value;
	return OK;
}

err slice_i64(struct slice a, int64_t *ret_value)
{
	bool minus = a.n > 0 && a.p[0] == '-';
	uint64_t size;

	if (minus)
		a = slice_of(a.p + 1, a.n - 1);
	TRY(slice_u64(a, &size));
	ENSURE(size <= (uint64_t)INT64_MAX + minus, PARSE);
	*ret_value = (int64_t)(minus ? 0 - size : size);
	return OK;
}

err read_bytes(struct reader *r, size_t n, struct slice *ret_bytes)
{
	ENSURE(r->rest.n >= n, PARSE);
	*ret_bytes = slice_of(r->rest.p, n);
	r->rest = slice_of(n ? r->rest.p + n : r->rest.p, r->rest.n - n);
	return OK;
}

err read_u8(struct reader *r, uint8_t *ret_value)
{
	struct slice b;

	TRY(read_bytes(r, 1, &b));
	*ret_value = b.p[0];
	return OK;
}

err read_u16(struct reader *r, uint16_t *ret_value)
{
	struct slice b;

	TRY(read_bytes(r, 2, &b));
	*ret_value = (uint16_t)(b.p[0] << 8 | b.p[1]);
	return OK;
}

err read_u32(struct reader *r, uint32_t *ret_value)
{
	struct slice b;

	TRY(read_bytes(r, 4, &b));
	*ret_value = (uint32_t)b.p[0] << 24 | (uint32_t)b.p[1] << 16 | (uint32_t)b.p[2] << 8 | b.p[3];
	return OK;
}

err read_end(const struct reader *r)
{
	ENSURE(r->rest.n == 0, PARSE);
	return OK;
}

void wipe(void *p, size_t n)
{
	if (n == 0)
		return;
	memset(p, 0, n);
	__asm__ volatile("" : : "r"(p) : "memory");
}

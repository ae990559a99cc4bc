#include "crypto/modular.h"

__extension__ typedef unsigned __int128 u128;

const struct modulus p256_prime = {
	.m = { { 0xffffffffffffffff, 0x00000000ffffffff, 0x0000000000000000, 0xffffffff00000001 } },
	.minus_two = { { 0xfffffffffffffffd, 0x00000000ffffffff, 0x0000000000000000, 0xffffffff00000001 } },
	.one = { { 0x0000000000000001, 0xffffffff00000000, 0xffffffffffffffff, 0x00000000fffffffe } },
	.square = { { 0x0000000000000003, 0xfffffffbffffffff, 0xfffffffffffffffe, 0x00000004fffffffd } },
	.inverse = 1,
};

const struct modulus p256_order = {
	.m = { { 0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000 } },
	.minus_two = { { 0xf3b9cac2fc63254f, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000 } },
	.one = { { 0x0c46353d039cdaaf, 0x4319055258e8617b, 0x0000000000000000, 0x00000000ffffffff } },
	.square = { { 0x83244c95be79eea2, 0x4699799c49bd6fa6, 0x2845b2392b6bec59, 0x66e12d94f3d95620 } },
	.inverse = 0xccd1c8aaee00bc4f,
};

/* Hides from the compiler that a mask is all or nothing, so that it makes no branch of it. */
static mask opaque(mask which)
{
	__asm__("" : "+r"(which));
	return which;
}

static mask mask_of(uint64_t bit)
{
	return opaque(0 - bit);
}

struct u256 u256_read(const uint8_t in[static U256_BYTES])
{
	struct u256 a;

	for (size_t i = 0; i < 4; i++) {
		uint64_t limb = 0;

		for (size_t j = 0; j < 8; j++)
			limb = limb << 8 | in[8 * (3 - i) + j];
		a.limb[i] = limb;
	}
	return a;
}

void u256_write(struct u256 a, uint8_t out[static U256_BYTES])
{
	for (size_t i = 0; i < U256_BYTES; i++)
		out[i] = (uint8_t)(a.limb[3 - i / 8] >> (56 - 8 * (i % 8)));
}

mask u256_is_zero(struct u256 a)
{
	uint64_t any = a.limb[0] | a.limb[1] | a.limb[2] | a.limb[3];

	return mask_of(1 ^ (any | (0 - any)) >> 63);
}

mask u256_equal(struct u256 a, struct u256 b)
{
	struct u256 differing;

	for (size_t i = 0; i < 4; i++)
		differing.limb[i] = a.limb[i] ^ b.limb[i];
	return u256_is_zero(differing);
}

struct u256 u256_select(mask which, struct u256 a, struct u256 b)
{
	which = opaque(which);
	for (size_t i = 0; i < 4; i++)
		a.limb[i] = (a.limb[i] & which) | (b.limb[i] & ~which);
	return a;
}

/* Both give the carry or borrow out. */
static uint64_t add(struct u256 a, struct u256 b, struct u256 *ret_sum)
{
	uint64_t carry = 0;

	for (size_t i = 0; i < 4; i++) {
		u128 sum = (u128)a.limb[i] + b.limb[i] + carry;

		ret_sum->limb[i] = (uint64_t)sum;
		carry = (uint64_t)(sum >> 64);
	}
	return carry;
}

static uint64_t subtract(struct u256 a, struct u256 b, struct u256 *ret_difference)
{
	uint64_t borrow = 0;

	for (size_t i = 0; i < 4; i++) {
		u128 difference = (u128)a.limb[i] - b.limb[i] - borrow;

		ret_difference->limb[i] = (uint64_t)difference;
		borrow = (uint64_t)(difference >> 64) & 1;
	}
	return borrow;
}

mask u256_below(struct u256 a, struct u256 b)
{
	struct u256 ignored;

	return mask_of(subtract(a, b, &ignored));
}

/* carry * 2^256 + a, less m unless it is below it already. */
static struct u256 reduce_once(struct u256 m, uint64_t carry, struct u256 a)
{
	struct u256 less;
	uint64_t borrow = subtract(a, m, &less);

	return u256_select(mask_of(carry | (borrow ^ 1)), less, a);
}

/* A bit at a time: twice the rest so far, plus the bit. */
struct u256 u256_reduce(struct slice bytes, struct u256 m)
{
	struct u256 rest = { { 0 } };

	for (size_t i = 0; i < 8 * bytes.n; i++) {
		uint64_t carry = add(rest, rest, &rest);

		rest.limb[0] |= bytes.p[i / 8] >> (7 - i % 8) & 1;
		rest = reduce_once(m, carry, rest);
	}
	return rest;
}

struct u256 mod_add(const struct modulus *m, struct u256 a, struct u256 b)
{
	uint64_t carry = add(a, b, &a);

	return reduce_once(m->m, carry, a);
}

struct u256 mod_sub(const struct modulus *m, struct u256 a, struct u256 b)
{
	uint64_t borrow = subtract(a, b, &a);

	add(a, u256_select(mask_of(borrow), m->m, (struct u256){ { 0 } }), &a);
	return a;
}

/* a * b + addend + carry; the high half becomes the carry. */
static uint64_t multiply_add(uint64_t a, uint64_t b, uint64_t addend, uint64_t *carry)
{
	u128 sum = (u128)a * b + addend + *carry;

	*carry = (uint64_t)(sum >> 64);
	return (uint64_t)sum;
}

/*
 * Montgomery's product a * b / 2^256: for each limb of b, add its product with a, then the multiple of m that makes the lowest
 * limb zero, and drop that limb. One of a and b may be as large as 2^256 - 1.
 */
struct u256 mod_mul(const struct modulus *m, struct u256 a, struct u256 b)
{
	uint64_t t[4] = { 0 }, top = 0;

#pragma GCC unroll 4
	for (size_t i = 0; i < 4; i++) {
		uint64_t carry = 0, reduced = 0, factor;
		u128 sum;

#pragma GCC unroll 4
		for (size_t j = 0; j < 4; j++)
			t[j] = multiply_add(a.limb[j], b.limb[i], t[j], &carry);
		factor = t[0] * m->inverse;
		multiply_add(factor, m->m.limb[0], t[0], &reduced);
#pragma GCC unroll 3
		for (size_t j = 1; j < 4; j++)
			t[j - 1] = multiply_add(factor, m->m.limb[j], t[j], &reduced);
		sum = (u128)top + carry + reduced;
		t[3] = (uint64_t)sum;
		top = (uint64_t)(sum >> 64);
	}
	return reduce_once(m->m, top, (struct u256){ { t[0], t[1], t[2], t[3] } });
}

struct u256 mod_enter(const struct modulus *m, struct u256 a)
{
	return mod_mul(m, a, m->square);
}

struct u256 mod_leave(const struct modulus *m, struct u256 a)
{
	return mod_mul(m, a, (struct u256){ { 1 } });
}

/* low + high * 2^256, where a product with 2^512 in Montgomery's way is one with 2^256. */
struct u256 mod_wide(const struct modulus *m, const uint8_t in[static WIDE_BYTES])
{
	uint8_t padded[U256_BYTES] = { 0 };
	struct u256 low = mod_leave(m, mod_enter(m, u256_read(in + WIDE_BYTES - U256_BYTES))), high;

	memcpy(padded + 2 * U256_BYTES - WIDE_BYTES, in, WIDE_BYTES - U256_BYTES);
	high = u256_read(padded);
	wipe(padded, sizeof(padded));
	return mod_add(m, low, mod_mul(m, high, m->square));
}

struct u256 mod_power(const struct modulus *m, struct u256 a, const struct u256 *exponent)
{
	struct u256 result = m->one;

	for (size_t i = 256; i-- > 0;) {
		result = mod_mul(m, result, result);
		if (exponent->limb[i / 64] >> (i % 64) & 1)
			result = mod_mul(m, result, a);
	}
	return result;
}

/* Fermat: a^(m-2) */
struct u256 mod_inverse(const struct modulus *m, struct u256 a)
{
	return mod_power(m, a, &m->minus_two);
}

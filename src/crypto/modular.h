/*
 * Inside this folder only: numbers of 256 bits and Montgomery arithmetic modulo the two primes of P-256 (SP 800-186, 3.2.1.3),
 * for secrets that must not pass through OpenSSL's BIGNUM. Time and memory access depend on no value, only on lengths and on
 * exponents, which are constants.
 *
 * Values of mod_* are below the modulus and in Montgomery form, x * 2^256: mod_enter() and mod_leave() convert.
 */
#ifndef CRYPTO_MODULAR_H
#define CRYPTO_MODULAR_H

#include "base/slice.h"

enum { U256_BYTES = 32 };

struct u256 {
	uint64_t limb[4]; /* least significant first */
};

struct modulus {
	struct u256 m, minus_two;
	struct u256 one, square; /* 2^256 and 2^512 modulo m */
	uint64_t inverse;        /* -1 / m modulo 2^64 */
};

extern const struct modulus p256_prime, p256_order;

/* A condition: all bits set or none. */
typedef uint64_t mask;

struct u256 u256_read(const uint8_t in[static U256_BYTES]); /* big-endian */
void u256_write(struct u256 a, uint8_t out[static U256_BYTES]);
mask u256_is_zero(struct u256 a);
mask u256_equal(struct u256 a, struct u256 b);
mask u256_below(struct u256 a, struct u256 b);
struct u256 u256_select(mask which, struct u256 a, struct u256 b); /* which ? a : b */
/* A big-endian number of any length modulo m > 1, prime or not; plain, not in Montgomery form. */
struct u256 u256_reduce(struct slice bytes, struct u256 m);

struct u256 mod_enter(const struct modulus *m, struct u256 a); /* any a, reduced on the way */
struct u256 mod_leave(const struct modulus *m, struct u256 a);
/* 48 bytes modulo m; plain. Fifty times as fast as u256_reduce(). */
enum { WIDE_BYTES = 48 };
struct u256 mod_wide(const struct modulus *m, const uint8_t in[static WIDE_BYTES]);
struct u256 mod_add(const struct modulus *m, struct u256 a, struct u256 b);
struct u256 mod_sub(const struct modulus *m, struct u256 a, struct u256 b);
struct u256 mod_mul(const struct modulus *m, struct u256 a, struct u256 b);
struct u256 mod_power(const struct modulus *m, struct u256 a, const struct u256 *exponent); /* the exponent is no secret */
struct u256 mod_inverse(const struct modulus *m, struct u256 a);                           /* 0 for 0 */

#endif

/*
 * Inside this folder only: points of P-256 in constant time, for secret points and scalars. Slower than OpenSSL's assembly by a
 * factor of six, so it is not for a server's hot path; decoding a point is faster here (10 against 42 µs).
 */
#ifndef CRYPTO_P256_POINT_H
#define CRYPTO_P256_POINT_H

#include "crypto/modular.h"
#include "crypto/p256.h"

/* x = X/Z, y = Y/Z, all modulo the prime, in Montgomery form; Z = 0 is infinity. */
struct point {
	struct u256 x, y, z;
};

extern const struct u256 p256_b; /* the curve's constant, in Montgomery form */

/* Right for every pair of points, equal, opposite and infinity too. */
struct point point_add(const struct point *a, const struct point *b);
/* scalar: plain, any value. */
struct point point_multiply(struct u256 scalar, const struct point *a);
/* E_CRYPTO unless it is 02 or 03 and an x below the prime, on the curve. */
err point_decode(struct slice bytes, struct point *ret_point);
/* E_CRYPTO for infinity. */
err point_encode(const struct point *a, uint8_t out[static P256_POINT_BYTES]);

#endif

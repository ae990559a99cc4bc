/*
 * Inside this folder only: hashing to P-256 and to its scalars (RFC 9380, suite P256_XMD:SHA-256_SSWU_RO_), in constant time: the
 * message may be a PIN. Only lengths show. The message comes as parts; `tag` is the domain separation tag, of at most 255 bytes.
 */
#ifndef CRYPTO_HASH_TO_CURVE_H
#define CRYPTO_HASH_TO_CURVE_H

#include "crypto/p256_point.h"

/* RFC 9380, 5.3.1; out_n at most 255 * 32, a bug otherwise. */
void expand_message(const struct slice *parts, size_t n, struct slice tag, uint8_t *out, size_t out_n);
/* RFC 9380, 6.6.2, for any u in Montgomery form. */
struct point map_to_curve(struct u256 u);
/* Infinity is possible, with a probability of 2^-256. */
struct point hash_to_curve(const struct slice *parts, size_t n, struct slice tag);
/* RFC 9497, 4.3, HashToScalar: modulo the order, plain; 0 is possible. */
struct u256 hash_to_scalar(const struct slice *parts, size_t n, struct slice tag);

#endif

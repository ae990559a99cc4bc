/*
 * The curve P-256 as the device protocol uses it (section 1): points are 33 bytes, compressed (SEC 1, 2.3.3); signatures are ECDSA
 * with SHA-256, raw r|s, 64 bytes, low s only. Scalars are 32 bytes, big-endian, from 1 to n-1.
 *
 * A point is accepted only with length 33, on the curve, not infinity. Safe from any thread; prepared OpenSSL objects are shared in
 * a pool inside.
 *
 * Time depends on no secret, with one exception: a scalar that goes into OpenSSL (a private key or nonce whose public point is made,
 * the factor of p256_multiply) loses its leading zero bytes on the way in and out of BIGNUM, so their number shows, by nanoseconds.
 */
#ifndef CRYPTO_P256_H
#define CRYPTO_P256_H

#include "base/env.h"
#include "crypto/hash.h"

enum { P256_POINT_BYTES = 33, P256_LONG_BYTES = 65, P256_SCALAR_BYTES = 32, P256_SIG_BYTES = 64, P256_WIDE_BYTES = 48 };

/* E_CRYPTO unless it is a point. */
err p256_check(struct slice point);
/* 04 | x | y, as others write points (SEC 1, 2.3.3): to our form and back. E_CRYPTO unless it is a point. */
err p256_from_long(struct slice bytes, uint8_t ret_point[static P256_POINT_BYTES]);
err p256_to_long(struct slice point, uint8_t ret_bytes[static P256_LONG_BYTES]);
/* A private key and its public point. */
void p256_generate(const struct env *env, uint8_t ret_private[static P256_SCALAR_BYTES], uint8_t ret_public[static P256_POINT_BYTES]);
/* scalar * G. E_CRYPTO when the scalar is 0, or n or more. */
err p256_public(const uint8_t scalar[static P256_SCALAR_BYTES], uint8_t ret_point[static P256_POINT_BYTES]);
/* scalar * point. E_CRYPTO for a bad scalar or point. */
err p256_multiply(const uint8_t scalar[static P256_SCALAR_BYTES], struct slice point, uint8_t ret_point[static P256_POINT_BYTES]);
/* 1 + (wide modulo n-1): a private key out of 48 uniform bytes (FIPS 186-5, A.2.1). */
void p256_private_from_wide(const uint8_t wide[static P256_WIDE_BYTES], uint8_t ret_private[static P256_SCALAR_BYTES]);

/* The message comes as parts. Deterministic (RFC 6979, 3.2, SHA-256), low s. E_CRYPTO for a bad private key. */
err p256_sign(const uint8_t private_key[static P256_SCALAR_BYTES], const struct slice *parts, size_t n,
	uint8_t ret_signature[static P256_SIG_BYTES]);
/* E_CRYPTO for a bad point, E_SIGNATURE for a bad signature, high s included. */
err p256_verify(struct slice point, const struct slice *parts, size_t n, struct slice signature);

/*
 * The same for signatures of others: an affine point, 32 bytes each; DER of one spelling, s high or low (SEC 1, C.5).
 */
err p256_verify_der(struct slice x, struct slice y, const struct slice *parts, size_t n, struct slice signature);

#endif

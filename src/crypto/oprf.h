/*
 * Oblivious pseudo-random function OPRF(P-256, SHA-256) of RFC 9497, mode 0. The client learns F(key, input), the server learns
 * nothing of the input; the client cannot compute F without the server. Elements are 33-byte points, scalars 32 bytes.
 *
 * The client's input is a PIN: all that touches it runs in constant time in our own arithmetic, without OpenSSL's BIGNUM. What shows
 * in time is the input's length, and whether a call failed (a blind out of range, or a hash to infinity, which never happens).
 * Copies of intermediate values may stay in dead stack memory, as in any C code. The server's side is p256_multiply().
 */
#ifndef CRYPTO_OPRF_H
#define CRYPTO_OPRF_H

#include "base/env.h"
#include "crypto/p256.h"

enum { OPRF_SEED_BYTES = 32, OPRF_OUTPUT_BYTES = 32, OPRF_INPUT_BYTES_MAX = 65535, OPRF_INFO_BYTES_MAX = 65535 };

/* Server: DeriveKeyPair (3.2.1), the private key alone. */
void oprf_derive_key(const uint8_t seed[static OPRF_SEED_BYTES], struct slice info, uint8_t ret_key[static P256_SCALAR_BYTES]);
/* Server: BlindEvaluate (3.3.1). E_CRYPTO unless `blinded` is a point. Costs little more than one multiplication. */
err oprf_evaluate(const uint8_t key[static P256_SCALAR_BYTES], struct slice blinded, uint8_t ret_evaluated[static P256_POINT_BYTES]);

/* Client: Blind (3.3.1); `ret_blind` is secret and goes into oprf_finalize(). E_LIMIT for too long an input. */
err oprf_blind(const struct env *env, struct slice input, uint8_t ret_blind[static P256_SCALAR_BYTES],
	uint8_t ret_blinded[static P256_POINT_BYTES]);
/* The same with a given blind, for known-answer tests and repeats. E_CRYPTO for a blind of 0, or n or more. */
err oprf_blind_with(const uint8_t blind[static P256_SCALAR_BYTES], struct slice input, uint8_t ret_blinded[static P256_POINT_BYTES]);
/* Client: Finalize (3.3.1). E_CRYPTO unless `evaluated` is a point and the blind a good scalar. */
err oprf_finalize(struct slice input, const uint8_t blind[static P256_SCALAR_BYTES], struct slice evaluated,
	uint8_t ret_output[static OPRF_OUTPUT_BYTES]);

#endif

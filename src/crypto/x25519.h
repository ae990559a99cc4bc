/*
 * X25519 (RFC 7748). A private key is an object, because OpenSSL computes its public key at every import; it is immutable and
 * used from any thread. Public keys are 32 bytes, taken as RFC 7748 says: the top bit is ignored, any value is a key.
 */
#ifndef CRYPTO_X25519_H
#define CRYPTO_X25519_H

#include "base/env.h"

enum { X25519_BYTES = 32, X25519_SPKI_BYTES = 44 };

struct x25519_key;

struct x25519_key *x25519_new(const uint8_t private_key[static X25519_BYTES]); /* the caller wipes his copy */
struct x25519_key *x25519_generate(const struct env *env);
void x25519_free(struct x25519_key *k);
void x25519_private(const struct x25519_key *k, uint8_t out[static X25519_BYTES]); /* the caller wipes it */
void x25519_public(const struct x25519_key *k, uint8_t out[static X25519_BYTES]);

/* E_CRYPTO when the result is all zero: the peer's key is a point of small order (RFC 7748, 6.1). */
err x25519_shared(const struct x25519_key *k, const uint8_t peer[static X25519_BYTES], uint8_t ret_secret[static X25519_BYTES]);

/* SubjectPublicKeyInfo in DER (RFC 8410, 4). Reading: E_CRYPTO unless it is exactly one X25519 key. */
void x25519_spki_write(const uint8_t public_key[static X25519_BYTES], uint8_t out[static X25519_SPKI_BYTES]);
err x25519_spki_read(struct slice der, uint8_t ret_public[static X25519_BYTES]);

#endif

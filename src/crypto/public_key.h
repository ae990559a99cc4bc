/*
 * Public keys of others, in plain numbers, and what they signed: ES256, ES384 (ECDSA, DER), EdDSA (Ed25519), RS256
 * (RSASSA-PKCS1-v1_5). The numbers of the algorithms are those of COSE (RFC 9053; RFC 8812), which WebAuthn uses.
 */
#ifndef CRYPTO_PUBLIC_KEY_H
#define CRYPTO_PUBLIC_KEY_H

#include "base/buf.h"

enum public_alg { PUBLIC_ES256 = -7, PUBLIC_EDDSA = -8, PUBLIC_ES384 = -35, PUBLIC_RS256 = -257 };

/* EC: x and y, of the curve's length. EdDSA: x. RSA: the modulus and the exponent, unsigned, without leading zeros. */
struct public_key {
	enum public_alg alg;
	struct slice first, second;
};

/* E_CRYPTO unless it is a key: a point on its curve; an odd modulus of 2048 to 8192 bits with an odd exponent of at most 33 bits. */
err public_key_check(const struct public_key *k);
/* Out of a SubjectPublicKeyInfo; E_CRYPTO for any other kind. The numbers lie in the arena. */
err public_key_read(struct slice spki, struct arena *a, struct public_key *ret_key);
/* E_CRYPTO for a bad key, E_SIGNATURE for a bad signature. The message comes as parts. */
err public_key_verify(const struct public_key *k, const struct slice *parts, size_t n, struct slice signature);

static inline bool public_key_equal(const struct public_key *a, const struct public_key *b)
{
	return a->alg == b->alg && slice_eq(a->first, b->first) && slice_eq(a->second, b->second);
}

#endif

/*
 * Asymmetric keys of the service and of others: make, keep, sign, verify. ES256 (ECDSA P-256, SHA-256, raw r|s) and RS256
 * (RSASSA-PKCS1-v1_5, SHA-256), RFC 7518 sections 3.3 and 3.4.
 *
 * A key object is immutable and used from any thread. It keeps a small pool of prepared OpenSSL contexts inside, because
 * preparing one costs as much as the signature.
 */
#ifndef CRYPTO_SIGN_H
#define CRYPTO_SIGN_H

#include "base/buf.h"

enum sign_alg { SIGN_ES256, SIGN_RS256 };
enum { ES256_SIG_BYTES = 64, RSA_BITS = 3072, SIG_BYTES_MAX = 1024 };

struct sign_key;

const char *sign_alg_name(enum sign_alg alg); /* "ES256" */
err sign_alg_parse(struct slice name, enum sign_alg *ret_alg);

err sign_key_generate(enum sign_alg alg, struct sign_key **ret_key);
/* DER: PKCS#8 PrivateKeyInfo and SubjectPublicKeyInfo. Anything but a P-256 or an RSA key of 2048 bits or more: E_CRYPTO. */
err sign_key_from_private(struct slice der, struct sign_key **ret_key);
#define SIGN_PEM_BEGIN "-----BEGIN PRIVATE KEY-----"
#define SIGN_PEM_END "-----END PRIVATE KEY-----"
/* PKCS#8 in PEM (RFC 7468), as others hand it out. E_PARSE when it is none, else as above. */
err sign_key_from_pem(struct slice pem, struct arena *a, struct sign_key **ret_key);
err sign_key_from_public(struct slice der, struct sign_key **ret_key);
/* From the numbers of a JWK, as sign_key_numbers() gives them. E_CRYPTO. */
err sign_key_from_numbers(enum sign_alg alg, struct slice first, struct slice second, struct sign_key **ret_key);
struct slice sign_key_private(const struct sign_key *k, struct arena *a); /* the caller wipes it */
struct slice sign_key_public(const struct sign_key *k, struct arena *a);
void sign_key_free(struct sign_key *k);

enum sign_alg sign_key_alg(const struct sign_key *k);
/* Public numbers for a JWK, unsigned big-endian without base64: EC x, y (32 bytes each); RSA n, e. */
void sign_key_numbers(const struct sign_key *k, struct arena *a, struct slice *ret_first, struct slice *ret_second);

/* `out` holds SIG_BYTES_MAX. */
err sign_make(const struct sign_key *k, struct slice message, uint8_t *out, size_t *ret_n);
/* E_SIGNATURE when it does not verify. ES256 wants exactly 64 bytes. */
err sign_check(const struct sign_key *k, struct slice message, struct slice signature);
/* The same with an ES256 signature as others write it: DER (RFC 3279, 2.2.3), of one spelling only. */
err sign_check_der(const struct sign_key *k, struct slice message, struct slice signature);

#endif

/* SHA-256 (FIPS 180-4), HMAC (RFC 2104), HKDF (RFC 5869), all with SHA-256. Inputs come as parts, hashed one after another. */
#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H

#include "base/slice.h"

enum { SHA256_BYTES = 32 };

#define PARTS(...) (const struct slice[]){ __VA_ARGS__ }, sizeof((const struct slice[]){ __VA_ARGS__ }) / sizeof(struct slice)

void sha256(struct slice bytes, uint8_t out[static SHA256_BYTES]);
void sha256_parts(const struct slice *parts, size_t n, uint8_t out[static SHA256_BYTES]);
void hmac_sha256(struct slice key, const struct slice *parts, size_t n, uint8_t out[static SHA256_BYTES]);
void hkdf_extract(struct slice salt, struct slice ikm, uint8_t out[static SHA256_BYTES]);
/* out_n at most 255 * 32, a bug otherwise. */
void hkdf_expand(const uint8_t prk[static SHA256_BYTES], struct slice info, uint8_t *out, size_t out_n);
/* The same with info in parts. */
void hkdf_expand_parts(const uint8_t prk[static SHA256_BYTES], const struct slice *info, size_t n, uint8_t *out, size_t out_n);
/* Extract and Expand in one. */
void hkdf(struct slice salt, struct slice ikm, struct slice info, uint8_t *out, size_t out_n);

#endif

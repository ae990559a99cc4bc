/* AES-256-GCM (NIST SP 800-38D) with a 12-byte nonce and a 16-byte tag behind the ciphertext. */
#ifndef CRYPTO_AEAD_H
#define CRYPTO_AEAD_H

#include "base/slice.h"

enum { AEAD_KEY_BYTES = 32, AEAD_KEY_BYTES_128 = 16, AEAD_NONCE_BYTES = 12, AEAD_TAG_BYTES = 16 };

/* Writes plain.n + 16 bytes. The caller never uses a nonce twice under one key. */
void aead_seal(const uint8_t key[static AEAD_KEY_BYTES], const uint8_t nonce[static AEAD_NONCE_BYTES], struct slice aad,
	struct slice plain, uint8_t *out);
/* With AES-128, for formats of others that demand it. */
void aead_seal_128(const uint8_t key[static AEAD_KEY_BYTES_128], const uint8_t nonce[static AEAD_NONCE_BYTES], struct slice plain,
	uint8_t *out);
/* Writes box.n - 16 bytes. E_CRYPTO when the box was altered, or is too short; then nothing of `out` may be used. */
err aead_open(const uint8_t key[static AEAD_KEY_BYTES], const uint8_t nonce[static AEAD_NONCE_BYTES], struct slice aad,
	struct slice box, uint8_t *out);

#endif

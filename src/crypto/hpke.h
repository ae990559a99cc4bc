/*
 * HPKE in base mode (RFC 9180) with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM: 0x0020, 0x0001, 0x0002. One message
 * per context: there is no sequence number, and a context seals or opens once. The caller wipes a context when done with it.
 */
#ifndef CRYPTO_HPKE_H
#define CRYPTO_HPKE_H

#include "base/env.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/x25519.h"

enum { HPKE_ENC_BYTES = X25519_BYTES };

struct hpke {
	uint8_t key[AEAD_KEY_BYTES], nonce[AEAD_NONCE_BYTES], exporter[SHA256_BYTES];
};

/* SetupBaseS (5.1.1): a context to seal with, and the encapsulated key that goes with the message. E_CRYPTO for a bad key. */
err hpke_sender(const struct env *env, const uint8_t receiver[static X25519_BYTES], struct slice info,
	uint8_t ret_enc[static HPKE_ENC_BYTES], struct hpke *ret_context);
/* SetupBaseR (5.1.1). E_CRYPTO for a bad `enc`. */
err hpke_receiver(const struct x25519_key *key, const uint8_t enc[static HPKE_ENC_BYTES], struct slice info,
	struct hpke *ret_context);

/* Writes plain.n + 16 bytes. */
void hpke_seal(const struct hpke *c, struct slice aad, struct slice plain, uint8_t *out);
/* Writes box.n - 16 bytes; E_CRYPTO when it does not open. */
err hpke_open(const struct hpke *c, struct slice aad, struct slice box, uint8_t *out);
/* Context.Export (5.3); out_n at most 255 * 32, a bug otherwise. */
void hpke_export(const struct hpke *c, struct slice exporter_context, uint8_t *out, size_t out_n);

#endif

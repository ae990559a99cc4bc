/* Inside this folder only: HPKE's two derivations, open so that tests can try them with the AES-128 suite of RFC 9180, A.1. */
#ifndef CRYPTO_HPKE_SCHEDULE_H
#define CRYPTO_HPKE_SCHEDULE_H

#include "crypto/hpke.h"

enum { HPKE_AES_128_GCM = 1, HPKE_AES_256_GCM = 2 };

/* ExtractAndExpand (4.1): the KEM's shared secret out of a Diffie-Hellman result. */
void hpke_shared_secret(const uint8_t dh[static X25519_BYTES], const uint8_t enc[static HPKE_ENC_BYTES],
	const uint8_t receiver[static X25519_BYTES], uint8_t out[static SHA256_BYTES]);
/* KeySchedule (5.1) in base mode. AES-128 fills the first 16 bytes of the key. */
void hpke_schedule(uint8_t aead_id, const uint8_t secret[static SHA256_BYTES], struct slice info, struct hpke *ret_context);

#endif

/* The PIN key (section 5.1). The client never holds what tests a PIN offline, nor does the server. */
#ifndef PROTOCOL_PIN_H
#define PROTOCOL_PIN_H

#include "base/uuid.h"
#include "crypto/oprf.h"
#include "protocol/messages.h"

enum { SALT_KEY_BYTES = 32, DEVICE_SECRET_BYTES = 32, PIN_ID_BYTES = UUID_BYTES + PIN_CREDENTIAL_ID_BYTES, PIN_BYTES_MAX = 1024 };

/* pinId = registration id | cid */
struct pin_id {
	uint8_t b[PIN_ID_BYTES];
};
struct pin_id pin_id_of(const struct uuid *registration, const uint8_t cid[static PIN_CREDENTIAL_ID_BYTES]);

/* Server, step 2: k from the salt key, and E = k * B. E_CRYPTO unless `blinded` is a point. */
err pin_evaluate(const uint8_t salt_key[static SALT_KEY_BYTES], const struct pin_id *id, struct slice blinded,
	uint8_t ret_evaluated[static P256_POINT_BYTES]);

/* Client, step 1: x from the PIN (UTF-8, NFC: the caller normalises), then B. Both results are secret but B. */
err pin_blind(const struct env *env, const struct pin_id *id, const uint8_t ds[static DEVICE_SECRET_BYTES], struct slice pin,
	uint8_t ret_input[static SHA256_BYTES], uint8_t ret_blind[static P256_SCALAR_BYTES], uint8_t ret_blinded[static P256_POINT_BYTES]);
/* Client, step 3: the signing key. E_CRYPTO unless `evaluated` is a point. */
err pin_key(const struct pin_id *id, const uint8_t input[static SHA256_BYTES], const uint8_t blind[static P256_SCALAR_BYTES],
	struct slice evaluated, uint8_t ret_private[static P256_SCALAR_BYTES]);

#endif

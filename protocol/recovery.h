/*
 * The recovery key's lock (section 6.4): a code, evaluated by the server as a PIN is, or a share that the server keeps, makes the key
 * that the recovery key lies wrapped under in the cloud backup.
 */
#ifndef PROTOCOL_RECOVERY_H
#define PROTOCOL_RECOVERY_H

#include "protocol/pin.h"

enum { WRAP_KEY_BYTES = 32, WRAPPED_BYTES = P256_SCALAR_BYTES + 16 };

/* Server: E = k * B, k from the salt key and the recovery's id. E_CRYPTO unless `blinded` is a point. */
err recovery_evaluate(const uint8_t salt_key[static SALT_KEY_BYTES], const uint8_t id[static RECOVERY_ID_BYTES], struct slice blinded,
	uint8_t ret_evaluated[static P256_POINT_BYTES]);

/* Client: x from the code (UTF-8, NFC) and the backup's secret, then B; later y. */
err recovery_blind(const struct env *env, const uint8_t id[static RECOVERY_ID_BYTES], const uint8_t ds[static DEVICE_SECRET_BYTES],
	struct slice code, uint8_t ret_input[static SHA256_BYTES], uint8_t ret_blind[static P256_SCALAR_BYTES],
	uint8_t ret_blinded[static P256_POINT_BYTES]);
err recovery_output(const uint8_t input[static SHA256_BYTES], const uint8_t blind[static P256_SCALAR_BYTES], struct slice evaluated,
	uint8_t ret_y[static OPRF_OUTPUT_BYTES]);
/* W from y or wrapShare; each recovery uses its W once. */
void recovery_wrap_key(const uint8_t id[static RECOVERY_ID_BYTES], struct slice secret, uint8_t ret_key[static WRAP_KEY_BYTES]);

#endif

#include "protocol/recovery.h"

err recovery_evaluate(const uint8_t salt_key[static SALT_KEY_BYTES], const uint8_t id[static RECOVERY_ID_BYTES], struct slice blinded,
	uint8_t ret_evaluated[static P256_POINT_BYTES])
{
	uint8_t seed[OPRF_SEED_BYTES], key[P256_SCALAR_BYTES];
	struct error e;

	hkdf(slice_of(salt_key, SALT_KEY_BYTES), slice_of(id, RECOVERY_ID_BYTES), S("rid-rec-oprf"), seed, sizeof(seed));
	oprf_derive_key(seed, S("rid-device/v1 rec"), key);
	e = oprf_evaluate(key, blinded, ret_evaluated);
	wipe(seed, sizeof(seed));
	wipe(key, sizeof(key));
	return e;
}

err recovery_blind(const struct env *env, const uint8_t id[static RECOVERY_ID_BYTES], const uint8_t ds[static DEVICE_SECRET_BYTES],
	struct slice code, uint8_t ret_input[static SHA256_BYTES], uint8_t ret_blind[static P256_SCALAR_BYTES],
	uint8_t ret_blinded[static P256_POINT_BYTES])
{
	const uint8_t length[2] = { (uint8_t)(code.n >> 8), (uint8_t)code.n };

	ENSURE(code.n <= PIN_BYTES_MAX, LIMIT);
	sha256_parts(PARTS(S("rid-device/v1 rec-input\0"), slice_of(id, RECOVERY_ID_BYTES), slice_of(ds, DEVICE_SECRET_BYTES),
		slice_of(length, sizeof(length)), code), ret_input);
	return oprf_blind(env, slice_of(ret_input, SHA256_BYTES), ret_blind, ret_blinded);
}

err recovery_output(const uint8_t input[static SHA256_BYTES], const uint8_t blind[static P256_SCALAR_BYTES], struct slice evaluated,
	uint8_t ret_y[static OPRF_OUTPUT_BYTES])
{
	return oprf_finalize(slice_of(input, SHA256_BYTES), blind, evaluated, ret_y);
}

void recovery_wrap_key(const uint8_t id[static RECOVERY_ID_BYTES], struct slice secret, uint8_t ret_key[static WRAP_KEY_BYTES])
{
	hkdf(slice_of(id, RECOVERY_ID_BYTES), secret, S("rid-device/v1 rec-wrap"), ret_key, WRAP_KEY_BYTES);
}

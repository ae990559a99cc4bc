#include "protocol/pin.h"

struct pin_id pin_id_of(const struct uuid *registration, const uint8_t cid[static PIN_CREDENTIAL_ID_BYTES])
{
	struct pin_id id;

	memcpy(id.b, registration->b, UUID_BYTES);
	memcpy(id.b + UUID_BYTES, cid, PIN_CREDENTIAL_ID_BYTES);
	return id;
}

err pin_evaluate(const uint8_t salt_key[static SALT_KEY_BYTES], const struct pin_id *id, struct slice blinded,
	uint8_t ret_evaluated[static P256_POINT_BYTES])
{
	uint8_t seed[OPRF_SEED_BYTES], key[P256_SCALAR_BYTES];
	struct error e;

	hkdf(slice_of(salt_key, SALT_KEY_BYTES), slice_of(id->b, PIN_ID_BYTES), S("rid-pin-oprf"), seed, sizeof(seed));
	oprf_derive_key(seed, S("rid-device/v1 pin"), key);
	e = oprf_evaluate(key, blinded, ret_evaluated);
	wipe(seed, sizeof(seed));
	wipe(key, sizeof(key));
	return e;
}

err pin_blind(const struct env *env, const struct pin_id *id, const uint8_t ds[static DEVICE_SECRET_BYTES], struct slice pin,
	uint8_t ret_input[static SHA256_BYTES], uint8_t ret_blind[static P256_SCALAR_BYTES], uint8_t ret_blinded[static P256_POINT_BYTES])
{
	const uint8_t length[2] = { (uint8_t)(pin.n >> 8), (uint8_t)pin.n };

	ENSURE(pin.n <= PIN_BYTES_MAX, LIMIT);
	sha256_parts(PARTS(S("rid-device/v1 pin-input\0"), slice_of(id->b, PIN_ID_BYTES), slice_of(ds, DEVICE_SECRET_BYTES),
		slice_of(length, sizeof(length)), pin), ret_input);
	return oprf_blind(env, slice_of(ret_input, SHA256_BYTES), ret_blind, ret_blinded);
}

err pin_key(const struct pin_id *id, const uint8_t input[static SHA256_BYTES], const uint8_t blind[static P256_SCALAR_BYTES],
	struct slice evaluated, uint8_t ret_private[static P256_SCALAR_BYTES])
{
	uint8_t output[OPRF_OUTPUT_BYTES], wide[P256_WIDE_BYTES];

	TRY(oprf_finalize(slice_of(input, SHA256_BYTES), blind, evaluated, output));
	hkdf(slice_of(id->b, PIN_ID_BYTES), slice_of(output, sizeof(output)), S("rid-device/v1 pin-sign"), wide, sizeof(wide));
	p256_private_from_wide(wide, ret_private);
	wipe(output, sizeof(output));
	wipe(wide, sizeof(wide));
	return OK;
}

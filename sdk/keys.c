/* Keys: made here in software, or by the app on request. */
#include "sdk/internal.h"

#include <stdio.h>

#include "codec/encode.h"

/* "default.dk.0123456789abcdef": new for each key, so that an old and a new one can lie side by side. */
static void name_key(struct rid_controller *c, struct key *key, const char *name)
{
	uint8_t random[8];

	env_random(&c->world.env, random, sizeof(random));
	snprintf(key->handle, sizeof(key->handle), "%s.%s.%.*s", c->slot_names[SLOT_MAIN], name,
		FMT(hex(&c->op, slice_of(random, sizeof(random)))));
}

const struct rid_step *key_make(struct rid_controller *c, struct key *key, const char *name, bool hardware, int method, stage then)
{
	struct rid_step *step;

	wipe(key, sizeof(*key));
	if (!hardware && !method && !c->device_key_in_app) {
		p256_generate(&c->world.env, key->private_key, key->public_key);
		return then(c);
	}
	name_key(c, key, name);
	c->making = key;
	c->making_method = method;
	c->key_then = then;
	step = step_new(c, RID_MAKE_KEY);
	step->key.handle = key->handle;
	step->key.hardware = hardware;
	step->key.method = method;
	return step;
}

/* 04 | x | y as key stores give it, or our own form. */
static err read_point(struct slice bytes, uint8_t ret_point[static P256_POINT_BYTES])
{
	if (bytes.n == 1 + 2 * P256_SCALAR_BYTES && bytes.p[0] == 4) {
		ret_point[0] = (uint8_t)(2 + (bytes.p[bytes.n - 1] & 1));
		memcpy(ret_point + 1, bytes.p + 1, P256_SCALAR_BYTES);
	} else {
		ENSURE(bytes.n == P256_POINT_BYTES, CRYPTO);
		memcpy(ret_point, bytes.p, P256_POINT_BYTES);
	}
	return p256_check(slice_of(ret_point, P256_POINT_BYTES));
}

/* Without a hardware key a registration goes on, unless the server insists; without a device key there is none. */
const struct rid_step *key_not_made(struct rid_controller *c, enum rid_key_trouble why)
{
	bool hardware = c->making == &c->records[SLOT_BESIDE].hk;

	step_new(c, RID_DONE);
	wipe(c->making, sizeof(*c->making));
	if (hardware) {
		c->hardware_status = why == RID_KEY_GONE ? hw_key_client_status_ERR_RETRIEVE_PUBLIC_KEY_FAILED
							 : hw_key_client_status_ERR_KEY_GENERATION_FAILED;
		return c->key_then(c);
	}
	if (!c->making_method)
		return fail_with(c, DEVICE_CLIENT_AUTHENTICATION_FAILED, "the app made no device key");
	return ask_again(c, why == RID_KEY_REFUSED ? DEVICE_AUTHENTICATION_ABORTED : DEVICE_METHOD_UNAVAILABLE, "the app made no biometric key");
}

const struct rid_step *key_made(struct rid_controller *c, struct slice public_key)
{
	if (failed(read_point(public_key, c->making->public_key)))
		return key_not_made(c, RID_KEY_BROKEN);
	step_new(c, RID_DONE);
	return c->key_then(c);
}

/* ---- signatures from elsewhere ---- */

/* An INTEGER of DER (X.690, 8.3), not negative, as 32 bytes. */
static err read_integer(struct reader *r, uint8_t *ret_number)
{
	uint8_t tag, length;
	struct slice digits;

	TRY(read_u8(r, &tag));
	TRY(read_u8(r, &length));
	ENSURE(tag == 2 && length > 0, PARSE);
	TRY(read_bytes(r, length, &digits));
	ENSURE(!(digits.p[0] & 0x80), PARSE);
	if (digits.n == P256_SCALAR_BYTES + 1 && digits.p[0] == 0)
		digits = slice_of(digits.p + 1, P256_SCALAR_BYTES);
	ENSURE(digits.n <= P256_SCALAR_BYTES, PARSE);
	memset(ret_number, 0, P256_SCALAR_BYTES);
	memcpy(ret_number + P256_SCALAR_BYTES - digits.n, digits.p, digits.n);
	return OK;
}

/* SEQUENCE { r, s } */
static err read_der(struct slice bytes, uint8_t *ret_signature)
{
	struct reader r = { bytes };
	uint8_t tag, length;

	TRY(read_u8(&r, &tag));
	TRY(read_u8(&r, &length));
	ENSURE(tag == 0x30 && length == r.rest.n, PARSE);
	TRY(read_integer(&r, ret_signature));
	TRY(read_integer(&r, ret_signature + P256_SCALAR_BYTES));
	return read_end(&r);
}

/* The smaller of s and n - s: both verify, but only that one is taken (section 1). */
static void make_low(uint8_t *s)
{
	static const uint8_t order[P256_SCALAR_BYTES] = { 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51 };
	uint8_t other[P256_SCALAR_BYTES];
	int borrow = 0;

	for (int i = P256_SCALAR_BYTES - 1; i >= 0; i--) {
		int digit = order[i] - s[i] - borrow;

		borrow = digit < 0;
		other[i] = (uint8_t)(digit + 256 * borrow);
	}
	if (!borrow && memcmp(other, s, P256_SCALAR_BYTES) < 0)
		memcpy(s, other, P256_SCALAR_BYTES);
}

err signature_read(struct slice bytes, uint8_t ret_signature[static P256_SIG_BYTES])
{
	if (failed(read_der(bytes, ret_signature))) {
		ENSURE(bytes.n == P256_SIG_BYTES, CRYPTO);
		memcpy(ret_signature, bytes.p, P256_SIG_BYTES);
	}
	make_low(ret_signature + P256_SCALAR_BYTES);
	return OK;
}

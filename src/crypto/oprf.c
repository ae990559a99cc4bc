#include "crypto/oprf.h"

#include "crypto/hash_to_curve.h"
#include "crypto/library.h"

/* RFC 9497, 3.1: the context string of mode 0 ends every tag. */
#define CONTEXT "OPRFV1-\x00-P256-SHA256"

static void put_u16(size_t value, uint8_t out[static 2])
{
	out[0] = (uint8_t)(value >> 8);
	out[1] = (uint8_t)value;
}

void oprf_derive_key(const uint8_t seed[static OPRF_SEED_BYTES], struct slice info, uint8_t ret_key[static P256_SCALAR_BYTES])
{
	uint8_t info_length[2], counter = 0;
	struct u256 key;

	library_must(info.n <= OPRF_INFO_BYTES_MAX, "OPRF key info too long");
	put_u16(info.n, info_length);
	do /* a second round is needed with a probability of 2^-256 */
		key = hash_to_scalar(PARTS(slice_of(seed, OPRF_SEED_BYTES), slice_of(info_length, 2), info, slice_of(&counter, 1)),
			S("DeriveKeyPair" CONTEXT));
	while (u256_is_zero(key) && counter++ < 255);
	u256_write(key, ret_key);
	wipe(&key, sizeof(key));
}

err oprf_evaluate(const uint8_t key[static P256_SCALAR_BYTES], struct slice blinded, uint8_t ret_evaluated[static P256_POINT_BYTES])
{
	return p256_multiply(key, blinded, ret_evaluated);
}

static err read_scalar(const uint8_t bytes[static P256_SCALAR_BYTES], struct u256 *ret_scalar)
{
	*ret_scalar = u256_read(bytes);
	ENSURE(u256_below(*ret_scalar, p256_order.m) & ~u256_is_zero(*ret_scalar), CRYPTO);
	return OK;
}

err oprf_blind_with(const uint8_t blind[static P256_SCALAR_BYTES], struct slice input, uint8_t ret_blinded[static P256_POINT_BYTES])
{
	struct u256 scalar;
	struct point p;
	struct error e;

	ENSURE(input.n <= OPRF_INPUT_BYTES_MAX, LIMIT);
	TRY(read_scalar(blind, &scalar));
	p = hash_to_curve(&input, 1, S("HashToGroup-" CONTEXT));
	p = point_multiply(scalar, &p);
	e = point_encode(&p, ret_blinded);
	wipe(&scalar, sizeof(scalar));
	return e;
}

err oprf_blind(const struct env *env, struct slice input, uint8_t ret_blind[static P256_SCALAR_BYTES],
	uint8_t ret_blinded[static P256_POINT_BYTES])
{
	struct u256 scalar;

	do
		env_random(env, ret_blind, P256_SCALAR_BYTES);
	while (failed(read_scalar(ret_blind, &scalar)));
	wipe(&scalar, sizeof(scalar));
	return oprf_blind_with(ret_blind, input, ret_blinded);
}

/* The evaluated element without the blind: key * HashToGroup(input). */
static err unblind(struct slice evaluated, const uint8_t *blind, uint8_t ret_element[static P256_POINT_BYTES])
{
	struct u256 scalar;
	struct point p;
	struct error e;

	TRY(point_decode(evaluated, &p));
	TRY(read_scalar(blind, &scalar));
	scalar = mod_leave(&p256_order, mod_inverse(&p256_order, mod_enter(&p256_order, scalar)));
	p = point_multiply(scalar, &p);
	e = point_encode(&p, ret_element);
	wipe(&scalar, sizeof(scalar));
	wipe(&p, sizeof(p));
	return e;
}

err oprf_finalize(struct slice input, const uint8_t blind[static P256_SCALAR_BYTES], struct slice evaluated,
	uint8_t ret_output[static OPRF_OUTPUT_BYTES])
{
	uint8_t element[P256_POINT_BYTES], input_length[2], element_length[2];

	ENSURE(input.n <= OPRF_INPUT_BYTES_MAX, LIMIT);
	TRY(unblind(evaluated, blind, element));
	put_u16(input.n, input_length);
	put_u16(sizeof(element), element_length);
	sha256_parts(PARTS(slice_of(input_length, 2), input, slice_of(element_length, 2), slice_of(element, sizeof(element)), S("Finalize")),
		ret_output);
	wipe(element, sizeof(element));
	return OK;
}

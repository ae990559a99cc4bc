/* Signing with a private key that is derived and never stored (p256.h): nonces as RFC 6979 says, numbers in constant time. */
#include "crypto/library.h"
#include "crypto/modular.h"
#include "crypto/p256.h"

static const struct modulus *const order = &p256_order;

/* RFC 6979, 3.2: an HMAC generator seeded with the private key and the digest. */
struct nonces {
	uint8_t k[SHA256_BYTES], v[SHA256_BYTES];
};

static void nonces_mix(struct nonces *g, uint8_t separator, struct slice seed)
{
	struct slice k = slice_of(g->k, sizeof(g->k)), v = slice_of(g->v, sizeof(g->v));

	hmac_sha256(k, PARTS(v, slice_of(&separator, 1), seed), g->k);
	hmac_sha256(k, PARTS(v), g->v);
}

static void nonces_init(struct nonces *g, const uint8_t private_key[static P256_SCALAR_BYTES],
	const uint8_t digest[static SHA256_BYTES])
{
	uint8_t seed[P256_SCALAR_BYTES + U256_BYTES];

	memcpy(seed, private_key, P256_SCALAR_BYTES);
	u256_write(mod_leave(order, mod_enter(order, u256_read(digest))), seed + P256_SCALAR_BYTES);
	memset(g->v, 1, sizeof(g->v));
	memset(g->k, 0, sizeof(g->k));
	nonces_mix(g, 0, slice_of(seed, sizeof(seed)));
	nonces_mix(g, 1, slice_of(seed, sizeof(seed)));
	wipe(seed, sizeof(seed));
}

static void nonces_next(struct nonces *g, uint8_t ret_nonce[static P256_SCALAR_BYTES])
{
	hmac_sha256(slice_of(g->k, sizeof(g->k)), PARTS(slice_of(g->v, sizeof(g->v))), g->v);
	memcpy(ret_nonce, g->v, P256_SCALAR_BYTES);
}

/* s = (digest + r * private) / nonce, or its negative, whichever is low. */
static struct u256 second_half(const uint8_t *private_key, const uint8_t *digest, const uint8_t *nonce, struct u256 r)
{
	struct u256 d = mod_enter(order, u256_read(private_key)), z = mod_enter(order, u256_read(digest));
	struct u256 inverse = mod_inverse(order, mod_enter(order, u256_read(nonce)));
	struct u256 s = mod_mul(order, inverse, mod_add(order, z, mod_mul(order, mod_enter(order, r), d)));
	struct u256 negative = mod_leave(order, mod_sub(order, (struct u256){ { 0 } }, s));

	s = mod_leave(order, s);
	wipe(&d, sizeof(d));
	wipe(&inverse, sizeof(inverse));
	return u256_select(u256_below(negative, s), negative, s);
}

/* E_CRYPTO for a nonce that gives no signature: one in 2^32 is n or more, the rest never happen. */
static err sign_with(const uint8_t *private_key, const uint8_t *digest, const uint8_t *nonce,
	uint8_t ret_signature[static P256_SIG_BYTES])
{
	uint8_t point[P256_POINT_BYTES];
	struct u256 r, s;

	TRY(p256_public(nonce, point));
	r = mod_leave(order, mod_enter(order, u256_read(point + 1)));
	s = second_half(private_key, digest, nonce, r);
	ENSURE(!u256_is_zero(r) && !u256_is_zero(s), CRYPTO);
	u256_write(r, ret_signature);
	u256_write(s, ret_signature + U256_BYTES);
	return OK;
}

err p256_sign(const uint8_t private_key[static P256_SCALAR_BYTES], const struct slice *parts, size_t n,
	uint8_t ret_signature[static P256_SIG_BYTES])
{
	uint8_t digest[SHA256_BYTES], nonce[P256_SCALAR_BYTES];
	struct u256 number = u256_read(private_key);
	struct nonces g;

	ENSURE(u256_below(number, order->m) && !u256_is_zero(number), CRYPTO);
	sha256_parts(parts, n, digest);
	nonces_init(&g, private_key, digest);
	nonces_next(&g, nonce);
	while (failed(sign_with(private_key, digest, nonce, ret_signature))) {
		nonces_mix(&g, 0, slice_of(NULL, 0));
		nonces_next(&g, nonce);
	}
	wipe(&g, sizeof(g));
	wipe(nonce, sizeof(nonce));
	wipe(&number, sizeof(number));
	return OK;
}

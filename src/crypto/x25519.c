#include "crypto/x25519.h"

#include <openssl/err.h>

#include <stdlib.h>

#include "base/arena.h"
#include "crypto/library.h"
#include "crypto/pool.h"

struct x25519_key {
	EVP_PKEY *pkey;
	struct pool *contexts; /* EVP_PKEY_CTX, initialised to derive */
};

struct x25519_key *x25519_new(const uint8_t private_key[static X25519_BYTES])
{
	struct x25519_key *k = xalloc(sizeof(*k));

	k->pkey = library_have(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private_key, X25519_BYTES), "X25519 key");
	k->contexts = xalloc(sizeof(*k->contexts));
	pool_init(k->contexts);
	return k;
}

struct x25519_key *x25519_generate(const struct env *env)
{
	uint8_t bytes[X25519_BYTES];
	struct x25519_key *k;

	env_random(env, bytes, sizeof(bytes));
	k = x25519_new(bytes);
	wipe(bytes, sizeof(bytes));
	return k;
}

void x25519_free(struct x25519_key *k)
{
	EVP_PKEY_CTX *c;

	if (!k)
		return;
	while ((c = pool_take(k->contexts)))
		EVP_PKEY_CTX_free(c);
	EVP_PKEY_free(k->pkey);
	free(k->contexts);
	free(k);
}

void x25519_private(const struct x25519_key *k, uint8_t out[static X25519_BYTES])
{
	size_t n = X25519_BYTES;

	library_must(EVP_PKEY_get_raw_private_key(k->pkey, out, &n) == 1 && n == X25519_BYTES, "X25519 private key");
}

void x25519_public(const struct x25519_key *k, uint8_t out[static X25519_BYTES])
{
	size_t n = X25519_BYTES;

	library_must(EVP_PKEY_get_raw_public_key(k->pkey, out, &n) == 1 && n == X25519_BYTES, "X25519 public key");
}

static EVP_PKEY_CTX *context_take(const struct x25519_key *k)
{
	EVP_PKEY_CTX *c = pool_take(k->contexts);

	if (c)
		return c;
	c = library_have(EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL), "key context");
	library_must(EVP_PKEY_derive_init(c) == 1, "key context");
	return c;
}

err x25519_shared(const struct x25519_key *k, const uint8_t peer[static X25519_BYTES], uint8_t ret_secret[static X25519_BYTES])
{
	EVP_PKEY *public_key = library_have(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, peer, X25519_BYTES), "X25519 key");
	static const uint8_t zero[X25519_BYTES] = { 0 };
	EVP_PKEY_CTX *c = context_take(k);
	size_t n = X25519_BYTES;
	bool good;

	library_must(EVP_PKEY_derive_set_peer(c, public_key) == 1, "X25519 peer");
	good = EVP_PKEY_derive(c, ret_secret, &n) == 1 && n == X25519_BYTES;
	if (!pool_put(k->contexts, c))
		EVP_PKEY_CTX_free(c);
	EVP_PKEY_free(public_key);
	if (!good)
		ERR_clear_error(); /* OpenSSL itself fails on an all-zero result; what it does is not relied on */
	ENSURE(good && !slice_eq_secret(slice_of(ret_secret, X25519_BYTES), slice_of(zero, X25519_BYTES)), CRYPTO);
	return OK;
}

/* SEQUENCE { SEQUENCE { OID 1.3.101.110 }, BIT STRING of 32 bytes }: there is only one encoding. */
static const uint8_t spki_head[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00 };

_Static_assert(sizeof(spki_head) + X25519_BYTES == X25519_SPKI_BYTES, "RFC 8410");

void x25519_spki_write(const uint8_t public_key[static X25519_BYTES], uint8_t out[static X25519_SPKI_BYTES])
{
	memcpy(out, spki_head, sizeof(spki_head));
	memcpy(out + sizeof(spki_head), public_key, X25519_BYTES);
}

err x25519_spki_read(struct slice der, uint8_t ret_public[static X25519_BYTES])
{
	ENSURE(der.n == X25519_SPKI_BYTES && slice_starts(der, slice_of(spki_head, sizeof(spki_head))), CRYPTO);
	memcpy(ret_public, der.p + sizeof(spki_head), X25519_BYTES);
	return OK;
}

#include "crypto/seal.h"

#include "codec/encode.h"
#include "crypto/aead.h"
#include "crypto/hash.h"

#include <stdlib.h>

enum { BOX_VERSION = 1, BOX_HEAD_BYTES = 1 + AEAD_NONCE_BYTES };

_Static_assert(SEAL_OVERHEAD == BOX_HEAD_BYTES + AEAD_TAG_BYTES, "box layout");

struct keyring {
	uint8_t wrapping[AEAD_KEY_BYTES], index[SHA256_BYTES];
	char id[MASTER_KEY_ID_TEXT + 1];
};

static void name_key(struct keyring *k, const uint8_t prk[static SHA256_BYTES])
{
	uint8_t name[MASTER_KEY_ID_TEXT / 2];
	struct arena a;

	arena_init(&a);
	hkdf_expand(prk, S("seal/v1 key id"), name, sizeof(name));
	memcpy(k->id, hex(&a, slice_of(name, sizeof(name))).p, MASTER_KEY_ID_TEXT);
	arena_free(&a);
}

struct keyring *keyring_new(const uint8_t master[static MASTER_KEY_BYTES])
{
	struct keyring *k = xalloc(sizeof(*k));
	uint8_t prk[SHA256_BYTES];

	hkdf_extract(S("seal/v1"), slice_of(master, MASTER_KEY_BYTES), prk);
	hkdf_expand(prk, S("seal/v1 wrapping key"), k->wrapping, sizeof(k->wrapping));
	hkdf_expand(prk, S("seal/v1 index key"), k->index, sizeof(k->index));
	name_key(k, prk);
	wipe(prk, sizeof(prk));
	return k;
}

void keyring_free(struct keyring *k)
{
	if (!k)
		return;
	wipe(k, sizeof(*k));
	free(k);
}

const char *keyring_id(const struct keyring *k)
{
	return k->id;
}

static void box_make(const uint8_t *key, const struct env *env, struct slice place, struct slice plain, uint8_t *out)
{
	out[0] = BOX_VERSION;
	env_random(env, out + 1, AEAD_NONCE_BYTES);
	aead_seal(key, out + 1, place, plain, out + BOX_HEAD_BYTES);
}

/* Writes box.n - SEAL_OVERHEAD bytes. */
static err box_open(const uint8_t *key, struct slice place, struct slice box, uint8_t *out)
{
	ENSURE(box.n >= SEAL_OVERHEAD && box.p[0] == BOX_VERSION, CRYPTO);
	return aead_open(key, box.p + 1, place, slice_of(box.p + BOX_HEAD_BYTES, box.n - BOX_HEAD_BYTES), out);
}

void data_key_new(const struct keyring *k, const struct env *env, struct slice place, struct data_key *ret_key,
	uint8_t ret_wrapped[static WRAPPED_KEY_BYTES])
{
	env_random(env, ret_key->b, DATA_KEY_BYTES);
	box_make(k->wrapping, env, place, slice_of(ret_key->b, DATA_KEY_BYTES), ret_wrapped);
}

err data_key_unwrap(const struct keyring *k, struct slice place, struct slice wrapped, struct data_key *ret_key)
{
	ENSURE(wrapped.n == WRAPPED_KEY_BYTES, CRYPTO);
	return box_open(k->wrapping, place, wrapped, ret_key->b);
}

struct slice seal(const struct data_key *key, const struct env *env, struct slice place, struct slice plain, struct arena *a)
{
	uint8_t *box = arena_alloc(a, plain.n + SEAL_OVERHEAD);

	box_make(key->b, env, place, plain, box);
	return slice_of(box, plain.n + SEAL_OVERHEAD);
}

err unseal(const struct data_key *key, struct slice place, struct slice box, struct arena *a, struct slice *ret_plain)
{
	uint8_t *plain;

	ENSURE(box.n >= SEAL_OVERHEAD, CRYPTO);
	plain = arena_alloc(a, box.n - SEAL_OVERHEAD + 1);
	TRY(box_open(key->b, place, box, plain));
	*ret_plain = slice_of(plain, box.n - SEAL_OVERHEAD);
	return OK;
}

void seal_index(const struct keyring *k, struct slice kind, struct slice scope, struct slice value,
	uint8_t out[static INDEX_BYTES])
{
	struct slice zero = S("\0");

	hmac_sha256(slice_of(k->index, sizeof(k->index)), PARTS(kind, zero, scope, zero, value), out);
}

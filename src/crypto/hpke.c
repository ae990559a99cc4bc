#include "crypto/hpke.h"

#include "crypto/hpke_schedule.h"

/* RFC 9180, 4: "HPKE-v1" and the suite precede every label. KEM: 0x0020; whole suite: KEM, 0x0001, AEAD. */
#define VERSION_LABEL S("HPKE-v1")
#define KEM_SUITE S("KEM\x00\x20")

enum { SUITE_BYTES = 10 };

struct suite {
	uint8_t bytes[SUITE_BYTES];
};

static struct suite suite_of(uint8_t aead_id)
{
	return (struct suite){ { 'H', 'P', 'K', 'E', 0x00, 0x20, 0x00, 0x01, 0x00, aead_id } };
}

static struct slice suite_bytes(const struct suite *s)
{
	return slice_of(s->bytes, SUITE_BYTES);
}

static void labeled_extract(struct slice suite, struct slice salt, struct slice label, struct slice ikm,
	uint8_t out[static SHA256_BYTES])
{
	hmac_sha256(salt, PARTS(VERSION_LABEL, suite, label, ikm), out);
}

static void labeled_expand(struct slice suite, const uint8_t prk[static SHA256_BYTES], struct slice label, struct slice info,
	uint8_t *out, size_t out_n)
{
	const uint8_t length[2] = { (uint8_t)(out_n >> 8), (uint8_t)out_n };

	hkdf_expand_parts(prk, PARTS(slice_of(length, 2), VERSION_LABEL, suite, label, info), out, out_n);
}

void hpke_shared_secret(const uint8_t dh[static X25519_BYTES], const uint8_t enc[static HPKE_ENC_BYTES],
	const uint8_t receiver[static X25519_BYTES], uint8_t out[static SHA256_BYTES])
{
	uint8_t prk[SHA256_BYTES], kem_context[HPKE_ENC_BYTES + X25519_BYTES];

	memcpy(kem_context, enc, HPKE_ENC_BYTES);
	memcpy(kem_context + HPKE_ENC_BYTES, receiver, X25519_BYTES);
	labeled_extract(KEM_SUITE, S(""), S("eae_prk"), slice_of(dh, X25519_BYTES), prk);
	labeled_expand(KEM_SUITE, prk, S("shared_secret"), slice_of(kem_context, sizeof(kem_context)), out, SHA256_BYTES);
	wipe(prk, sizeof(prk));
}

void hpke_schedule(uint8_t aead_id, const uint8_t secret[static SHA256_BYTES], struct slice info, struct hpke *ret_context)
{
	const struct suite whole = suite_of(aead_id);
	const struct slice suite = suite_bytes(&whole);
	uint8_t prk[SHA256_BYTES], hashes[1 + 2 * SHA256_BYTES] = { 0 }; /* mode 0 | psk_id_hash | info_hash */
	struct slice context = slice_of(hashes, sizeof(hashes));

	labeled_extract(suite, S(""), S("psk_id_hash"), S(""), hashes + 1);
	labeled_extract(suite, S(""), S("info_hash"), info, hashes + 1 + SHA256_BYTES);
	labeled_extract(suite, slice_of(secret, SHA256_BYTES), S("secret"), S(""), prk);
	labeled_expand(suite, prk, S("key"), context, ret_context->key, aead_id == HPKE_AES_128_GCM ? 16 : AEAD_KEY_BYTES);
	labeled_expand(suite, prk, S("base_nonce"), context, ret_context->nonce, AEAD_NONCE_BYTES);
	labeled_expand(suite, prk, S("exp"), context, ret_context->exporter, SHA256_BYTES);
	wipe(prk, sizeof(prk));
}

static err set_up(const struct x25519_key *own, const uint8_t *peer, const uint8_t *enc, const uint8_t *receiver, struct slice info,
	struct hpke *ret_context)
{
	uint8_t dh[X25519_BYTES], secret[SHA256_BYTES];

	TRY(x25519_shared(own, peer, dh));
	hpke_shared_secret(dh, enc, receiver, secret);
	hpke_schedule(HPKE_AES_256_GCM, secret, info, ret_context);
	wipe(dh, sizeof(dh));
	wipe(secret, sizeof(secret));
	return OK;
}

err hpke_sender(const struct env *env, const uint8_t receiver[static X25519_BYTES], struct slice info,
	uint8_t ret_enc[static HPKE_ENC_BYTES], struct hpke *ret_context)
{
	struct x25519_key *ephemeral = x25519_generate(env);
	struct error e;

	x25519_public(ephemeral, ret_enc);
	e = set_up(ephemeral, receiver, ret_enc, receiver, info, ret_context);
	x25519_free(ephemeral);
	return e;
}

err hpke_receiver(const struct x25519_key *key, const uint8_t enc[static HPKE_ENC_BYTES], struct slice info,
	struct hpke *ret_context)
{
	uint8_t own[X25519_BYTES];

	x25519_public(key, own);
	return set_up(key, enc, enc, own, info, ret_context);
}

void hpke_seal(const struct hpke *c, struct slice aad, struct slice plain, uint8_t *out)
{
	aead_seal(c->key, c->nonce, aad, plain, out);
}

err hpke_open(const struct hpke *c, struct slice aad, struct slice box, uint8_t *out)
{
	return aead_open(c->key, c->nonce, aad, box, out);
}

void hpke_export(const struct hpke *c, struct slice exporter_context, uint8_t *out, size_t out_n)
{
	const struct suite whole = suite_of(HPKE_AES_256_GCM);

	labeled_expand(suite_bytes(&whole), c->exporter, S("sec"), exporter_context, out, out_n);
}

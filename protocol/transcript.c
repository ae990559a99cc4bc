#include "protocol/transcript.h"

#define SIGNED_TAG S("rid-device/v1 sig\0")

struct transcript transcript_start(struct slice application)
{
	const uint8_t length = (uint8_t)application.n;
	struct transcript t;

	sha256_parts(PARTS(S("rid-device/v1 th\0"), slice_of(&length, 1), application), t.th);
	return t;
}

void transcript_advance(struct transcript *t, struct slice request_plaintext, struct slice answer_json)
{
	uint8_t request[SHA256_BYTES], answer[SHA256_BYTES];

	sha256(request_plaintext, request);
	sha256(answer_json, answer);
	transcript_advance_hashed(t, request, answer);
}

void transcript_advance_hashed(struct transcript *t, const uint8_t request[static SHA256_BYTES], const uint8_t answer[static SHA256_BYTES])
{
	uint8_t next[SHA256_BYTES];

	sha256_parts(PARTS(slice_of(t->th, SHA256_BYTES), slice_of(request, SHA256_BYTES), slice_of(answer, SHA256_BYTES)), next);
	memcpy(t->th, next, SHA256_BYTES);
}

err transcript_sign(const struct transcript *t, enum signature_kind kind, struct slice json,
	const uint8_t private_key[static P256_SCALAR_BYTES], uint8_t ret_signature[static P256_SIG_BYTES])
{
	const uint8_t kind_byte = (uint8_t)kind;

	return p256_sign(private_key, PARTS(SIGNED_TAG, slice_of(&kind_byte, 1), slice_of(t->th, SHA256_BYTES), json), ret_signature);
}

struct slice transcript_preimage(const struct transcript *t, enum signature_kind kind, struct slice json, struct arena *a)
{
	struct buf b = buf_arena(a, SIGNED_TAG.n + 1 + SHA256_BYTES + json.n);

	buf_slice(&b, SIGNED_TAG);
	buf_byte(&b, (uint8_t)kind);
	buf_add(&b, t->th, SHA256_BYTES);
	buf_slice(&b, json);
	return buf_bytes(&b);
}

err transcript_verify(const struct transcript *t, enum signature_kind kind, struct slice json, struct slice public_point,
	struct slice signature)
{
	const uint8_t kind_byte = (uint8_t)kind;

	return p256_verify(public_point, PARTS(SIGNED_TAG, slice_of(&kind_byte, 1), slice_of(t->th, SHA256_BYTES), json), signature);
}

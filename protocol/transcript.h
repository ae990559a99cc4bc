/* Signatures and transcript (section 3). th is 32 bytes that both sides compute for themselves. */
#ifndef PROTOCOL_TRANSCRIPT_H
#define PROTOCOL_TRANSCRIPT_H

#include "crypto/p256.h"
#include "protocol/messages.h"

struct transcript {
	uint8_t th[SHA256_BYTES];
};

/* th0 = SHA-256("rid-device/v1 th" 00 | u8 length | application id). The id is at most 255 bytes. */
struct transcript transcript_start(struct slice application);
/* th <- SHA-256(th | SHA-256(request plaintext) | SHA-256(answer JSON)), exactly on answers that carry `step`. */
void transcript_advance(struct transcript *t, struct slice request_plaintext, struct slice answer_json);
/* The same from the two hashes. */
void transcript_advance_hashed(struct transcript *t, const uint8_t request[static SHA256_BYTES], const uint8_t answer[static SHA256_BYTES]);

/* Preimage "rid-device/v1 sig" 00 | u8 kind | th | JSON bytes, signed with a software key as RFC 6979 says. */
err transcript_sign(const struct transcript *t, enum signature_kind kind, struct slice json,
	const uint8_t private_key[static P256_SCALAR_BYTES], uint8_t ret_signature[static P256_SIG_BYTES]);
/* The preimage itself, for keys that sign elsewhere (secure hardware). */
struct slice transcript_preimage(const struct transcript *t, enum signature_kind kind, struct slice json, struct arena *a);
/* E_SIGNATURE or E_CRYPTO (a bad point). */
err transcript_verify(const struct transcript *t, enum signature_kind kind, struct slice json, struct slice public_point,
	struct slice signature);

#endif

/*
 * The two envelopes (docs/DEVICE-PROTOCOL.md, section 2). Suite 01 is HPKE to the application's E2E key, for first contact and every
 * start; suite 02 is AES-256-GCM under the session key K. Answers of both are sealed under a secret that the request exported.
 */
#ifndef PROTOCOL_ENVELOPE_H
#define PROTOCOL_ENVELOPE_H

#include "base/buf.h"
#include "crypto/hpke.h"
#include "protocol/messages.h"

enum {
	ENVELOPE_VERSION = 1,
	SUITE_START = 1,
	SUITE_SESSION = 2,
	KEY_ID_BYTES = 8,
	SALT_BYTES = 32,         /* enc, rnd and response_nonce alike */
	SESSION_KEY_BYTES = 32,
	SECRET_BYTES = 32,
};

#define REQUEST_TYPE "application/vnd.reuseid.device-req"
#define ANSWER_TYPE "application/vnd.reuseid.device-res"

/* What can be read of a request without any key. The slices point into it. */
struct envelope {
	uint8_t suite;
	struct slice hdr;         /* the header's bytes: AAD */
	struct slice key_id;      /* suite 01 */
	struct slice application; /* suite 01: application id as sent */
	struct slice sid;         /* suite 02: 16 bytes */
	struct slice salt;        /* enc or rnd: 32 bytes */
	struct slice box;
};

/* What it takes to seal and open the answer, and (suite 01) to make the session key. Wiped by its owner. */
struct exchange {
	uint8_t salt[SALT_BYTES], secret[SECRET_BYTES];
	uint8_t session_secret[SECRET_BYTES]; /* suite 01: Export("rid-device/v1 ses", 32) */
};

/* First 8 bytes of SHA-256 of the raw public key. */
void envelope_key_id(const uint8_t public_key[static X25519_BYTES], uint8_t ret_id[static KEY_ID_BYTES]);

/* ---- server ---- */

err envelope_read(struct slice request, struct envelope *ret_envelope); /* E_PARSE */
/* E_CRYPTO when it does not open. The plaintext lies in the arena. */
err envelope_open_start(const struct envelope *e, const struct x25519_key *key, struct arena *a, struct slice *ret_plaintext,
	struct exchange *ret_exchange);
err envelope_open_session(const struct envelope *e, const uint8_t k[static SESSION_KEY_BYTES], struct arena *a,
	struct slice *ret_plaintext, struct exchange *ret_exchange);
struct slice envelope_seal_answer(const struct exchange *x, const uint8_t response_nonce[static SALT_BYTES], struct slice json,
	struct arena *a);

/* ---- client ---- */

/* A start is made in two steps, because its JSON carries `enc`. Wiped by its owner. */
struct envelope_sender {
	struct hpke hpke;
	uint8_t enc[ENC_BYTES];
	struct slice hdr; /* in the arena */
};
err envelope_sender_new(const struct env *env, const uint8_t server_key[static X25519_BYTES], struct slice application,
	struct arena *a, struct envelope_sender *ret_sender);
struct slice envelope_seal_start(const struct envelope_sender *s, struct slice plaintext, struct arena *a, struct exchange *ret_exchange);
struct slice envelope_seal_session(const uint8_t k[static SESSION_KEY_BYTES], const uint8_t sid[static SESSION_ID_BYTES],
	const uint8_t rnd[static SALT_BYTES], struct slice plaintext, struct arena *a, struct exchange *ret_exchange);
err envelope_open_answer(const struct exchange *x, struct slice answer, struct arena *a, struct slice *ret_json);

/* ---- both ---- */

/* K = Extract(salt = th1, session_secret). */
void envelope_session_key(const struct exchange *start, const uint8_t th1[static SHA256_BYTES], uint8_t ret_k[static SESSION_KEY_BYTES]);

#endif

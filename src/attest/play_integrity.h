/*
 * Google Play Integrity, classic tokens, opened locally with the two keys that the Play Console hands out: a JWE (A256KW, A256GCM) around
 * a JWS (ES256). No call to Google. Pure: the time span is given.
 */
#ifndef ATTEST_PLAY_INTEGRITY_H
#define ATTEST_PLAY_INTEGRITY_H

#include "attest/status.h"
#include "base/arena.h"

enum { PLAY_INTEGRITY_KEY_BYTES = 32, PLAY_INTEGRITY_TOKEN_BYTES_MAX = 32 * 1024 };

struct play_integrity_policy {
	struct slice decryption_key;   /* 32 bytes */
	struct slice verification_key; /* SubjectPublicKeyInfo, P-256 */
	struct slice package;
};

/* What the token has to speak of. */
struct play_integrity_expected {
	struct slice nonce;        /* as it was given to Google: text */
	int64_t from_ms, until_ms; /* when it may have been made */
};

/* The first thing that is wrong, in the order of the statuses' meaning: form, nonce, time, package, app, licence, device. */
enum play_integrity_status play_integrity_verify(const struct play_integrity_policy *policy,
	const struct play_integrity_expected *expected, struct slice token, struct arena *a);

/*
 * The same in two steps. What Google signed is inside, for whom the decryption key opens it (E_LIMIT, E_PARSE, E_CRYPTO); it is checked
 * without that key.
 */
err play_integrity_open(const struct play_integrity_policy *policy, struct slice token, struct arena *a, struct slice *ret_opened);
enum play_integrity_status play_integrity_verify_opened(const struct play_integrity_policy *policy,
	const struct play_integrity_expected *expected, struct slice opened, struct arena *a);

#endif

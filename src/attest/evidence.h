/*
 * What an attestation that was verified leaves behind, so that anyone can verify it again later, with nothing but this and the roots of
 * the platforms. Pure.
 *
 * An App Attest attestation proves itself up to Apple's root. An assertion and a Play Integrity token are checked with a key that the
 * evidence brings along: that it is the right one is the word of whoever vouches for the evidence.
 */
#ifndef ATTEST_EVIDENCE_H
#define ATTEST_EVIDENCE_H

#include "attest/app_attest.h"
#include "codec/schema.h"
#include "crypto/p256.h"

/* Section 6.6 of docs/DEVICE-PROTOCOL.md: the session, the device key, the hardware-protected key (NULL: none). */
void attest_binding(const uint8_t th_start[static SHA256_BYTES], const uint8_t *dk, const uint8_t *hk, uint8_t out[static SHA256_BYTES]);

#define ATTEST_ATTESTATION "attestation"
#define ATTEST_ASSERTION "assertion"
#define ATTEST_PLAY_INTEGRITY "playIntegrity"

/* `key` is a SubjectPublicKeyInfo: of the app that was attested before, or of Google. */
#define ATTEST_EVIDENCE(F, T)                                     \
	F(T, STR, kind, REQ, 1, 32, "", "")                       \
	F(T, INT, at, REQ, 0, 0, "", "")                          \
	F(T, BYTES, keyId, OPT, 0, 64, "", "")                    \
	F(T, BYTES, object, OPT, 0, 64 * 1024, "", "")            \
	F(T, STR, appId, OPT, 0, 256, "", "")                     \
	F(T, BOOL, development, OPT, 0, 0, "", "")                \
	F(T, BYTES, key, OPT, 0, 512, "", "")                     \
	F(T, INT, counter, OPT, 0, 0, "", "")                     \
	F(T, STR, token, OPT, 0, 64 * 1024, "", "")               \
	F(T, STR, packageName, OPT, 0, 256, "", "")               \
	F(T, INT, from, OPT, 0, 0, "", "")                        \
	F(T, INT, until, OPT, 0, 0, "", "")
SCHEMA_STRUCT(attest_evidence, ATTEST_EVIDENCE);

struct slice attest_evidence_write(const struct attest_evidence *evidence, struct arena *a);

/* E_SIGNATURE or E_PARSE unless it vouches for `binding`. `root`: certificate that App Attest leads to; empty: Apple's. */
err attest_evidence_verify(json_t *evidence, const uint8_t binding[static SHA256_BYTES], struct slice root, struct arena *a);

#endif

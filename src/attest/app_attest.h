/*
 * Apple App Attest, verified offline: what an iPhone says about the app that runs on it, up to Apple's root certificate (docs of Apple:
 * "Validating apps that connect to your server"). Pure: time and the stored counter are given, because a leaf certificate lives for days
 * and its evidence for years.
 */
#ifndef ATTEST_APP_ATTEST_H
#define ATTEST_APP_ATTEST_H

#include "base/arena.h"
#include "crypto/hash.h"

enum app_attest_place { APP_ATTEST_PRODUCTION, APP_ATTEST_DEVELOPMENT };
enum { APP_ATTEST_KEY_ID_BYTES = SHA256_BYTES, APP_ATTEST_OBJECT_BYTES_MAX = 32 * 1024 };

struct app_attest_policy {
	struct slice root;   /* certificate, DER */
	struct slice app_id; /* TEAMID.bundle.id */
	enum app_attest_place place;
};

/* Apple App Attestation Root CA, DER. */
struct slice app_attest_apple_root(struct arena *a);

/*
 * The first word of a key. `client_data_hash` is what the app was to vouch for. E_PARSE for what is no attestation, E_SIGNATURE for one
 * that is not valid: the chain, the nonce, the key id, the app, the counter or the environment. The key (SubjectPublicKeyInfo) lies in
 * the arena; its counter is 0.
 */
err app_attest_attestation(const struct app_attest_policy *policy, struct slice key_id, struct slice object,
	const uint8_t client_data_hash[static SHA256_BYTES], int64_t at_ms, struct arena *a, struct slice *ret_public);

/* A later word of the same key. Errors as above; the counter has to be greater than the stored one. */
err app_attest_assertion(const struct app_attest_policy *policy, struct slice public_key, uint32_t stored_counter, struct slice object,
	const uint8_t client_data_hash[static SHA256_BYTES], struct arena *a, uint32_t *ret_counter);

#endif

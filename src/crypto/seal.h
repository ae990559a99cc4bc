/*
 * Sealing at rest. The operator holds one master key (32 random bytes in a file of its own). From it are derived, by HKDF with
 * distinct info strings, a wrapping key and an index key; the master key itself encrypts nothing.
 *
 * A data key is 32 random bytes that seal what belongs to one owner (a user, an account's keys); it lies beside the data, wrapped.
 * Destroying the wrapped data key makes everything under it unreadable: that is how a user is erased.
 *
 * Box = u8 version (1) | nonce (12 random bytes) | AES-256-GCM ciphertext and tag. The AAD names the place where the box lies
 * (for example "user.profile" | user id), so that a box moved elsewhere does not open.
 * One data key seals far fewer than 2^32 boxes in its life, so random nonces are safe (SP 800-38D, 8.3).
 */
#ifndef CRYPTO_SEAL_H
#define CRYPTO_SEAL_H

#include "base/buf.h"
#include "base/env.h"

enum {
	MASTER_KEY_BYTES = 32,
	MASTER_KEY_ID_TEXT = 16,                 /* hex digits */
	DATA_KEY_BYTES = 32,
	SEAL_OVERHEAD = 1 + 12 + 16,             /* box bytes beyond the plaintext */
	WRAPPED_KEY_BYTES = DATA_KEY_BYTES + SEAL_OVERHEAD,
	INDEX_BYTES = 32,
};

struct keyring; /* immutable once made; used from any thread */

/* Derives everything from the 32 bytes; the caller wipes his copy. */
struct keyring *keyring_new(const uint8_t master[static MASTER_KEY_BYTES]);
void keyring_free(struct keyring *k);
/* 16 hex digits that name the master key and tell nothing about it. */
const char *keyring_id(const struct keyring *k);

/* Key file: 64 hex digits and a newline, mode 0600. E_IO with errno, E_CONFIG when it is malformed or others may read it. */
err master_key_read(const char *path, uint8_t ret_master[static MASTER_KEY_BYTES]);
/* Makes a new file (O_EXCL, 0600, synced with its directory); E_IO when it exists already. */
err master_key_create(const struct env *env, const char *path, uint8_t ret_master[static MASTER_KEY_BYTES]);

struct data_key {
	uint8_t b[DATA_KEY_BYTES];
};

/* A fresh data key and its wrapped form; `place` as for boxes. */
void data_key_new(const struct keyring *k, const struct env *env, struct slice place, struct data_key *ret_key,
	uint8_t ret_wrapped[static WRAPPED_KEY_BYTES]);
/* E_CRYPTO when it was altered, belongs elsewhere or to another master key. */
err data_key_unwrap(const struct keyring *k, struct slice place, struct slice wrapped, struct data_key *ret_key);

/* Seal under a data key; the box lies in the arena. */
struct slice seal(const struct data_key *key, const struct env *env, struct slice place, struct slice plain, struct arena *a);
err unseal(const struct data_key *key, struct slice place, struct slice box, struct arena *a, struct slice *ret_plain);

/* Keyed hash for finding a sealed value by equality: HMAC-SHA256(index key, kind | 0 | scope | 0 | value). */
void seal_index(const struct keyring *k, struct slice kind, struct slice scope, struct slice value,
	uint8_t out[static INDEX_BYTES]);

#endif

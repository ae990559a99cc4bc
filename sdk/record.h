/*
 * What the phone keeps of a registration (docs/DEVICE-PROTOCOL.md, section 5.5). A slot has two records: the one that holds, under the
 * slot's name, and one beside it, "NAME.new": a registration that has begun or whose end is not confirmed yet.
 *
 * Bytes: u8 version | fields of u8 tag | u16 length | value, in any order; unknown tags are stepped over. Sealed with AES-256-GCM under
 * the app's storage key, bound to the application and to the record's name.
 */
#ifndef SDK_RECORD_H
#define SDK_RECORD_H

#include "base/uuid.h"
#include "crypto/seal.h"
#include "protocol/envelope.h"
#include "protocol/message_parts.h"
#include "protocol/pin.h"

enum { BIOMETRICS = 3 }; /* methods with keys of their own */
enum { KEY_HANDLE_BYTES = 128, SALT_KEY_ID_BYTES = 4 * SALT_KEY_ID_POINTS_MAX, LEARNED_KEYS_MAX = 4, RECORD_BYTES_MAX = 4096 };

enum record_phase {
	RECORD_ABSENT,
	RECORD_BEGUN,       /* beside: a device key that a code may be bound to */
	RECORD_UNCONFIRMED, /* beside: complete, but the server's word is missing */
	RECORD_CONFIRMED,
	RECORD_PHASES
};

/* A signing key: either its private half is here, or the app keeps it under the handle. None: an empty public half. */
struct key {
	char handle[KEY_HANDLE_BYTES]; /* "": private_key is it */
	uint8_t private_key[P256_SCALAR_BYTES], public_key[P256_POINT_BYTES];
};

/* What makes a PIN's key out of the PIN. */
struct pin_credential {
	uint8_t cid[PIN_CREDENTIAL_ID_BYTES], ds[DEVICE_SECRET_BYTES];
	char salt_key_id[SALT_KEY_ID_BYTES + 1];
};

/* Numbers are 64 bits wide, because one table writes and reads them all. */
struct record {
	int64_t phase; /* enum record_phase */
	int64_t generation;
	struct uuid reg;
	struct key dk, hk;
	int64_t methods; /* rid_method bits */
	struct pin_credential pin;
	struct key biometric[BIOMETRICS];
	/* A method whose change got no answer yet: both stay until the server's word tells which holds (section 5.5). */
	int64_t next_method; /* one rid_method, or 0 */
	struct pin_credential next_pin;
	struct key next_key;
	int64_t recovery_method; /* rid_recovery_method, or 0 */
	int64_t recovery_number; /* of the last backup; its lowest bit tells under which of the two names it lies */
	/* A backup that was written, under the next number, and of which the server has not said yet that it holds. */
	int64_t next_recovery;   /* rid_recovery_method, or 0 */
	uint8_t next_recovery_id[RECOVERY_ID_BYTES];
	int64_t recovery_used;   /* beside: the registration comes of a recovery that is good only once */
	int64_t has_ticket;
	uint8_t ticket[TICKET_BYTES];
	int64_t clock_offset_ms, last_ts;
	uint8_t server_key[X25519_BYTES]; /* the configured one, when the others were learned */
	int64_t learned_count;
	uint8_t learned[LEARNED_KEYS_MAX][X25519_BYTES];
};

static inline bool key_exists(const struct key *k)
{
	return k->public_key[0] != 0;
}

static inline bool key_in_app(const struct key *k)
{
	return k->handle[0] != 0;
}

/* In the arena, which the caller wipes. */
struct slice record_seal(const struct record *r, const struct data_key *key, const struct env *env, struct slice place, struct arena *a);
/* E_CRYPTO when it does not open, E_PARSE when it makes no sense. */
err record_unseal(struct slice box, const struct data_key *key, struct slice place, struct record *ret_record);

#endif

/* Sessions of the device channel: from a start to its finish (section 2, suite 02). */
#ifndef DEVICE_SESSION_H
#define DEVICE_SESSION_H

#include "crypto/hash.h"
#include "device/device.h"
#include "protocol/envelope.h"
#include "protocol/messages.h"
#include "user/user.h"

enum {
	HASH_PAIRS_MAX = 256,           /* exchanges in one session; beyond them the phone starts another one */
};

/* What of a session is secret: sealed as one box. */
struct session_secret {
	uint8_t th[SHA256_BYTES], k[SESSION_KEY_BYTES], challenge[CHALLENGE_BYTES];
	uint8_t cid[PIN_CREDENTIAL_ID_BYTES]; /* act: of the credential being enrolled */
	uint8_t dk[POINT_BYTES];              /* act: the new device key */
	uint8_t ticket[SHA256_BYTES];         /* ses: hash of the ticket that the start showed */
	uint8_t has_ticket, evaluated;
	uint8_t prev[UUID_BYTES];             /* act: registration that this one replaces; all zero: none */
	uint8_t purpose, method;              /* am: enum method_purpose, enum auth_method; rec.add: enum recovery_method */
	uint8_t recovery[RECOVERY_ID_BYTES];  /* rec, rec.add */
	int64_t proven;                       /* rec.add: when two factors were proven, for the token that this one is exchanged for */
	uint8_t used_pending;                 /* the last *.pin was answered with the pending pair's salt key (5.2) */
	char salt_key[40];                    /* the id that the start announced */
	char new_salt_key[40];                /* a newer one that it announced; "": none */
	char device_hash[68];                 /* act: base64 of 32 bytes */
	uint8_t th_start[SHA256_BYTES];       /* after the start */
	int64_t began;
	uint8_t attest_status;                /* of its platform's enumeration; 0: not known yet */
	int64_t attest_at;
	uint8_t face_offered;                 /* DEVICE_SERVER_SIDE_FACE is to be had in this session (5.6) */
	uint8_t has_push_nonce, push_nonce[PUSH_NONCE_BYTES]; /* 6.7 */
	uint16_t pair_count;
	uint8_t pairs[HASH_PAIRS_MAX][2][SHA256_BYTES]; /* hashes of the exchanges between start and finish */
};

struct session {
	uint8_t sid[SESSION_ID_BYTES];
	struct uuid user, device, operation, application;
	int64_t version;
	enum message_family family;
	int64_t step, asks, expires, ended;
	struct session_secret secret;
	struct slice start;          /* sealed: evidence of the start */
	struct slice attestation, attestation_box; /* what proves one (attest/evidence.h): JSON, by this try; sealed, by an earlier one */
	struct slice request_hash, answer;
	int64_t answered;
};

/* E_NO_ROW. `owner` is filled in too. */
err session_load(struct op *op, struct tx *tx, struct slice sid, struct session *ret_session, struct user *ret_owner);
/* Of the live session of a device; of the newest one of an operation, live or not. E_NO_ROW. */
err session_live_operation(struct tx *tx, const struct uuid *device, struct uuid *ret_operation);
err session_newest_of_operation(struct tx *tx, const struct uuid *operation, uint8_t ret_sid[static SESSION_ID_BYTES]);
/* Boxes are made by session_seal before the transaction. */
struct session_boxes {
	struct slice secret, start, answer, attestation;
};
struct session_boxes session_seal(struct op *op, const struct user *owner, const struct session *s, struct slice start,
	struct slice answer);
err session_insert(struct tx *tx, const struct session *s, const struct session_boxes *boxes);
err session_save(struct tx *tx, const struct session *s, const struct session_boxes *boxes); /* E_STALE */
err session_end_of_device(struct tx *tx, const struct uuid *device, int64_t now);
err session_end_of_operation(struct tx *tx, const struct uuid *operation, int64_t now);
struct slice session_place(struct op *op, const char *what, const uint8_t sid[static SESSION_ID_BYTES]);

#endif

/*
 * The messages of rid-device/v1, declared once for server and SDK: field lists for what is asked and answered, and one table that
 * says for each message how it travels and which signatures it carries (docs/DEVICE-PROTOCOL.md, sections 2, 3 and 6).
 */
#ifndef PROTOCOL_MESSAGES_H
#define PROTOCOL_MESSAGES_H

#include "protocol/message_parts.h"

/* A refusal has a member called err, and nothing in this file has an error to return. */
#pragma push_macro("err")
#undef err

/* ---- cfg.get ---- */

#define CFG_GET(F, T) REQUEST_OUTSIDE(F, T)
SCHEMA_STRUCT(cfg_get, CFG_GET);

#define CFG_GET_OK(F, T)                                        \
	ANSWER_COMMON(F, T)                                     \
	F(T, OBJ(code_form), activationCode, REQ, 0, 0, "", "") \
	F(T, OBJ(pin_form), pin, REQ, 0, 0, "", "")             \
	F(T, STR, minSdk, REQ, 1, 32, "", "")                   \
	F(T, STRS, blocked, REQ | EMPTY, 0, 256, "", "")        \
	F(T, STRS, e2eKeys, REQ | EMPTY, 0, 64, "", "")
SCHEMA_STRUCT(cfg_get_ok, CFG_GET_OK);

/* ---- ses.wait ---- */

#define SES_WAIT(F, T)                                          \
	REQUEST_OUTSIDE(F, T)                                   \
	F(T, INT, waitMs, OPT, 0, 55000, "", "")
SCHEMA_STRUCT(ses_wait, SES_WAIT);

#define PENDING_ITEM(F, T)                                      \
	F(T, ENUM(device_operation), op, REQ, 0, 0, "", "")     \
	F(T, STR, pushSessionId, REQ, 1, 64, "", "")            \
	F(T, INT, expires, REQ, 1, INT64_MAX, "", "")
SCHEMA_STRUCT(pending_item, PENDING_ITEM);

#define SES_WAIT_OK(F, T)                                       \
	ANSWER_COMMON(F, T)                                     \
	F(T, LIST(pending_item), pending, REQ | EMPTY, 0, 100, "", "")
SCHEMA_STRUCT(ses_wait_ok, SES_WAIT_OK);

/* ---- registration ---- */

#define ACT_START(F, T)                                                  \
	REQUEST_OUTSIDE(F, T)                                            \
	F(T, BYTES, enc, REQ, ENC_BYTES, ENC_BYTES, "", "")              \
	F(T, STR, code, REQ, 1, 64, "", "")                              \
	F(T, STR, deviceHash, REQ, 1, 64, "", "")                        \
	F(T, BYTES, dk, REQ, POINT_BYTES, POINT_BYTES, "", "")           \
	F(T, UUID, prev, OPT, 0, 0, "", "")                              \
	F(T, STR, pushToken, OPT, 0, 4096, "", "")
SCHEMA_STRUCT(act_start, ACT_START);

#define ACT_START_OK(F, T)                                               \
	ANSWER_COMMON(F, T)                                              \
	F(T, BYTES, sid, REQ, SESSION_ID_BYTES, SESSION_ID_BYTES, "", "") \
	F(T, ENUM(registration_mode), mode, REQ, 0, 0, "", "")           \
	F(T, UUID, reg, REQ, 0, 0, "", "")                               \
	F(T, BYTES, cid, REQ, PIN_CREDENTIAL_ID_BYTES, PIN_CREDENTIAL_ID_BYTES, "", "") \
	F(T, BYTES, challenge, REQ, CHALLENGE_BYTES, CHALLENGE_BYTES, "", "") \
	F(T, STR, saltKeyId, REQ, 1, SALT_KEY_ID_POINTS_MAX, "", "")     \
	F(T, ENUM(auth_level), authLevel, REQ, 0, 0, "", "")             \
	POLICIES(F, T)
SCHEMA_STRUCT(act_start_ok, ACT_START_OK);

/* A blinded element and its evaluation: act.pin, ses.pin. */
#define PIN_ASK(F, T)                                                    \
	REQUEST_INSIDE(F, T)                                             \
	F(T, BYTES, b, REQ, POINT_BYTES, POINT_BYTES, "", "")            \
	F(T, STR, skid, REQ, 1, SALT_KEY_ID_POINTS_MAX, "", "")
SCHEMA_STRUCT(pin_ask, PIN_ASK);

#define PIN_ASK_OK(F, T)                                                 \
	ANSWER_COMMON(F, T)                                              \
	F(T, BYTES, e, REQ, POINT_BYTES, POINT_BYTES, "", "")            \
	F(T, BYTES, e2, OPT, POINT_BYTES, POINT_BYTES, "", "")           \
	F(T, INT, remaining, OPT, 0, 1000, "", "")
SCHEMA_STRUCT(pin_ask_ok, PIN_ASK_OK);

#define ACT_FINISH(F, T)                                                 \
	REQUEST_INSIDE(F, T)                                             \
	F(T, STR, deviceName, OPT, 0, 128, "", "")                       \
	F(T, LIST(method_key), methods, REQ, 1, METHODS_MAX, "", "")     \
	F(T, BYTES, hk, OPT, POINT_BYTES, POINT_BYTES, "", "")           \
	FINISH_REPORT(F, T)
SCHEMA_STRUCT(act_finish, ACT_FINISH);

/* Every finish answers the same. */
#define FINISH_OK(F, T)                                                  \
	ANSWER_COMMON(F, T)                                              \
	F(T, OBJ(shown_context), ctx, OPT, 0, 0, "", "")                 \
	F(T, STRS, methods, OPT, 0, METHODS_MAX, "", "")                 \
	F(T, LIST(authorisation_token), tokens, REQ | EMPTY, 0, 8, "", "") \
	F(T, BYTES, ticket, OPT, TICKET_BYTES, TICKET_BYTES, "", "")
SCHEMA_STRUCT(finish_ok, FINISH_OK);

/* ---- authentication and signature ---- */

#define SES_START(F, T)                                                  \
	REQUEST_OUTSIDE(F, T)                                            \
	F(T, BYTES, enc, REQ, ENC_BYTES, ENC_BYTES, "", "")              \
	F(T, ENUM(session_purpose), purpose, REQ, 0, 0, "", "")          \
	F(T, STR, push, OPT, 0, 64, "", "")                              \
	F(T, TEXT, clientData, OPT, 0, CLIENT_DATA_POINTS_MAX, "", "")   \
	F(T, BOOL, clientOnly, OPT, 0, 0, "", "")                        \
	F(T, BYTES, ticket, OPT, TICKET_BYTES, TICKET_BYTES, "", "")
SCHEMA_STRUCT(ses_start, SES_START);

#define SES_START_OK(F, T)                                               \
	ANSWER_COMMON(F, T)                                              \
	F(T, BYTES, sid, REQ, SESSION_ID_BYTES, SESSION_ID_BYTES, "", "") \
	F(T, BYTES, challenge, REQ, CHALLENGE_BYTES, CHALLENGE_BYTES, "", "") \
	F(T, ENUM(device_operation), op, REQ, 0, 0, "", "")              \
	F(T, OBJ(shown_context), ctx, OPT, 0, 0, "", "")                 \
	F(T, OBJ(match_policy), match, OPT, 0, 0, "", "")                \
	F(T, OBJ(attempts), attempts, REQ, 0, 0, "", "")                 \
	F(T, BYTES, cid, OPT, PIN_CREDENTIAL_ID_BYTES, PIN_CREDENTIAL_ID_BYTES, "", "") \
	F(T, BYTES, recoveryId, OPT, RECOVERY_ID_BYTES, RECOVERY_ID_BYTES, "", "") \
	F(T, STR, saltKeyId, OPT, 0, SALT_KEY_ID_POINTS_MAX, "", "")     \
	F(T, STR, newSaltKeyId, OPT, 0, SALT_KEY_ID_POINTS_MAX, "", "")  \
	POLICIES(F, T)
SCHEMA_STRUCT(ses_start_ok, SES_START_OK);

#define SES_FINISH(F, T)                                                 \
	REQUEST_INSIDE(F, T)                                             \
	F(T, ENUM(auth_method), m, REQ, 0, 0, "", "")                    \
	F(T, BYTES, chal, REQ, CHALLENGE_BYTES, CHALLENGE_BYTES, "", "") \
	F(T, STR, match, OPT, 0, 16, "", "")                             \
	F(T, OBJ(pin_rotation), rot, OPT, 0, 0, "", "")                  \
	FINISH_REPORT(F, T)
SCHEMA_STRUCT(ses_finish, SES_FINISH);

/* ---- methods (6.3) ---- */

#define AM_START(F, T)                                                   \
	REQUEST_OUTSIDE(F, T)                                            \
	F(T, BYTES, enc, REQ, ENC_BYTES, ENC_BYTES, "", "")              \
	F(T, ENUM(method_purpose), purpose, REQ, 0, 0, "", "")           \
	F(T, ENUM(auth_method), m, REQ, 0, 0, "", "")                    \
	F(T, BYTES, ticket, OPT, TICKET_BYTES, TICKET_BYTES, "", "")
SCHEMA_STRUCT(am_start, AM_START);

#define AM_START_OK(F, T)                                                \
	ANSWER_COMMON(F, T)                                              \
	F(T, BYTES, sid, REQ, SESSION_ID_BYTES, SESSION_ID_BYTES, "", "") \
	F(T, BYTES, challenge, REQ, CHALLENGE_BYTES, CHALLENGE_BYTES, "", "") \
	F(T, OBJ(attempts), attempts, REQ, 0, 0, "", "")                 \
	F(T, STRS, addable, REQ | EMPTY, 0, METHODS_MAX, "", "")         \
	F(T, BYTES, cid, OPT, PIN_CREDENTIAL_ID_BYTES, PIN_CREDENTIAL_ID_BYTES, "", "") \
	F(T, BYTES, newCid, OPT, PIN_CREDENTIAL_ID_BYTES, PIN_CREDENTIAL_ID_BYTES, "", "") \
	F(T, STR, saltKeyId, OPT, 0, SALT_KEY_ID_POINTS_MAX, "", "")     \
	F(T, STR, newSaltKeyId, OPT, 0, SALT_KEY_ID_POINTS_MAX, "", "")  \
	POLICIES(F, T)
SCHEMA_STRUCT(am_start_ok, AM_START_OK);

/* A blinded element that says which key it is for: am.pin, rec.pin. */
#define PIN_ASK_FOR(F, T)                                                \
	REQUEST_INSIDE(F, T)                                             \
	F(T, ENUM(pin_use), use, REQ, 0, 0, "", "")                      \
	F(T, BYTES, b, REQ, POINT_BYTES, POINT_BYTES, "", "")            \
	F(T, STR, skid, REQ, 1, SALT_KEY_ID_POINTS_MAX, "", "")
SCHEMA_STRUCT(pin_ask_for, PIN_ASK_FOR);

#define AM_FINISH(F, T)                                                  \
	REQUEST_INSIDE(F, T)                                             \
	F(T, ENUM(auth_method), m, REQ, 0, 0, "", "")                    \
	F(T, BYTES, chal, REQ, CHALLENGE_BYTES, CHALLENGE_BYTES, "", "") \
	F(T, OBJ(method_key), new, OPT, 0, 0, "", "")                    \
	FINISH_REPORT(F, T)
SCHEMA_STRUCT(am_finish, AM_FINISH);

/* ---- recovery (6.4) ---- */

#define RECOVERY_CODE_FORM(F, T)                                         \
	F(T, INT, min, REQ, 0, 1000, "", "")                             \
	F(T, INT, max, REQ, 0, 1000, "", "")                             \
	F(T, ENUM(code_type), format, REQ, 0, 0, "", "")
SCHEMA_STRUCT(recovery_code_form, RECOVERY_CODE_FORM);

#define REC_ADD_START(F, T)                                              \
	REQUEST_OUTSIDE(F, T)                                            \
	F(T, BYTES, enc, REQ, ENC_BYTES, ENC_BYTES, "", "")              \
	F(T, BYTES, token, REQ, TOKEN_BYTES, TOKEN_BYTES, "", "")        \
	F(T, ENUM(recovery_method), method, REQ, 0, 0, "", "")
SCHEMA_STRUCT(rec_add_start, REC_ADD_START);

#define REC_ADD_START_OK(F, T)                                           \
	ANSWER_COMMON(F, T)                                              \
	F(T, BYTES, sid, REQ, SESSION_ID_BYTES, SESSION_ID_BYTES, "", "") \
	F(T, BYTES, challenge, REQ, CHALLENGE_BYTES, CHALLENGE_BYTES, "", "") \
	F(T, BYTES, recoveryId, REQ, RECOVERY_ID_BYTES, RECOVERY_ID_BYTES, "", "") \
	F(T, BYTES, current, OPT, RECOVERY_ID_BYTES, RECOVERY_ID_BYTES, "", "") \
	F(T, STR, saltKeyId, REQ, 1, SALT_KEY_ID_POINTS_MAX, "", "")     \
	F(T, OBJ(recovery_code_form), code, REQ, 0, 0, "", "")           \
	F(T, OBJ(face_policy), face, OPT, 0, 0, "", "")
SCHEMA_STRUCT(rec_add_start_ok, REC_ADD_START_OK);

#define REC_ADD_FINISH(F, T)                                             \
	REQUEST_INSIDE(F, T)                                             \
	F(T, BYTES, rkPub, REQ, POINT_BYTES, POINT_BYTES, "", "")        \
	F(T, OBJ(face_scan), face, OPT, 0, 0, "", "")                    \
	F(T, STRS, tokenPurposes, OPT, 0, 8, "", "")
SCHEMA_STRUCT(rec_add_finish, REC_ADD_FINISH);

#define REC_ADD_FINISH_OK(F, T)                                          \
	ANSWER_COMMON(F, T)                                              \
	F(T, BYTES, wrapShare, OPT, SHARE_BYTES, SHARE_BYTES, "", "")    \
	F(T, LIST(authorisation_token), tokens, REQ | EMPTY, 0, 8, "", "")
SCHEMA_STRUCT(rec_add_finish_ok, REC_ADD_FINISH_OK);

#define REC_DELETE(F, T)                                                 \
	REQUEST_OUTSIDE(F, T)                                            \
	F(T, BYTES, token, REQ, TOKEN_BYTES, TOKEN_BYTES, "", "")        \
	F(T, STRS, tokenPurposes, OPT, 0, 8, "", "")
SCHEMA_STRUCT(rec_delete, REC_DELETE);

#define REC_DELETE_OK(F, T)                                              \
	ANSWER_COMMON(F, T)                                              \
	F(T, LIST(authorisation_token), tokens, REQ | EMPTY, 0, 8, "", "")
SCHEMA_STRUCT(rec_delete_ok, REC_DELETE_OK);

#define REC_START(F, T)                                                  \
	REQUEST_OUTSIDE(F, T)                                            \
	F(T, BYTES, enc, REQ, ENC_BYTES, ENC_BYTES, "", "")              \
	F(T, BYTES, recoveryId, REQ, RECOVERY_ID_BYTES, RECOVERY_ID_BYTES, "", "") \
	F(T, STR, deviceHash, REQ, 1, 64, "", "")                        \
	F(T, BYTES, dk, REQ, POINT_BYTES, POINT_BYTES, "", "")           \
	F(T, STR, pushToken, OPT, 0, 4096, "", "")
SCHEMA_STRUCT(rec_start, REC_START);

/* As act.start answers, without mode and level: a recovery makes a new device with a second factor. */
#define REC_START_OK(F, T)                                               \
	ANSWER_COMMON(F, T)                                              \
	F(T, BYTES, sid, REQ, SESSION_ID_BYTES, SESSION_ID_BYTES, "", "") \
	F(T, UUID, reg, REQ, 0, 0, "", "")                               \
	F(T, BYTES, cid, REQ, PIN_CREDENTIAL_ID_BYTES, PIN_CREDENTIAL_ID_BYTES, "", "") \
	F(T, BYTES, challenge, REQ, CHALLENGE_BYTES, CHALLENGE_BYTES, "", "") \
	F(T, STR, saltKeyId, REQ, 1, SALT_KEY_ID_POINTS_MAX, "", "")     \
	POLICIES(F, T)
SCHEMA_STRUCT(rec_start_ok, REC_START_OK);

#define REC_FACE(F, T)                                                   \
	REQUEST_INSIDE(F, T)                                             \
	F(T, OBJ(face_scan), face, REQ, 0, 0, "", "")
SCHEMA_STRUCT(rec_face, REC_FACE);

#define REC_FACE_OK(F, T)                                                \
	ANSWER_COMMON(F, T)                                              \
	F(T, BYTES, wrapShare, REQ, SHARE_BYTES, SHARE_BYTES, "", "")
SCHEMA_STRUCT(rec_face_ok, REC_FACE_OK);

/* ---- push (6.5) ---- */

#define PUSH_UPDATE(F, T)                                                \
	REQUEST_OUTSIDE(F, T)                                            \
	F(T, STR, pushToken, OPT, 0, 4096, "", "")
SCHEMA_STRUCT(push_update, PUSH_UPDATE);

#define PUSH_ACK(F, T)                                                   \
	REQUEST_OUTSIDE(F, T)                                            \
	F(T, STR, pushSessionId, REQ, 1, 64, "", "")
SCHEMA_STRUCT(push_ack, PUSH_ACK);

/* Requests without members of their own. */
#define PLAIN_INSIDE(F, T) REQUEST_INSIDE(F, T)
SCHEMA_STRUCT(plain_inside, PLAIN_INSIDE);
#define PLAIN_OUTSIDE(F, T) REQUEST_OUTSIDE(F, T)
SCHEMA_STRUCT(plain_outside, PLAIN_OUTSIDE);
#define PLAIN_OK(F, T) ANSWER_COMMON(F, T)
SCHEMA_STRUCT(plain_ok, PLAIN_OK);

/* ---- the table ---- */

enum message_place { OUTSIDE, STARTS, INSIDE }; /* outside a session; opens one; inside one */
enum message_family { FAMILY_NONE, FAMILY_ACT, FAMILY_SES, FAMILY_AM, FAMILY_REC_ADD, FAMILY_REC };

/* Kinds of signature (section 3). Several BIOMETRIC ones may stand in one message, in the order of its methods. */
enum signature_kind {
	SIG_DEVICE = 0x01,
	SIG_HARDWARE = 0x02,
	SIG_PIN = 0x03,
	SIG_BIOMETRIC = 0x04,
	SIG_RECOVERY = 0x05,
	SIG_NEW_PIN = 0x06,
	SIG_NEW_BIOMETRIC = 0x07,
	SIG_NEW_DEVICE = 0x08,
	SIG_NEW_HARDWARE = 0x09,
	SIG_NEW_RECOVERY = 0x0a,
};
#define SIG_BIT(kind) (1u << (kind))

/* MESSAGE(id, "name", place, family, request schema, answer schema, kinds it must carry, kinds it may carry besides) */
#define DEVICE_MESSAGES(MESSAGE)                                                                                                 \
	MESSAGE(CFG_GET, "cfg.get", OUTSIDE, FAMILY_NONE, cfg_get, cfg_get_ok, 0, 0)                                             \
	MESSAGE(SES_WAIT, "ses.wait", OUTSIDE, FAMILY_NONE, ses_wait, ses_wait_ok, SIG_BIT(SIG_DEVICE), 0)                       \
	MESSAGE(ACT_START, "act.start", STARTS, FAMILY_ACT, act_start, act_start_ok, SIG_BIT(SIG_NEW_DEVICE), SIG_BIT(SIG_DEVICE)) \
	MESSAGE(ACT_PIN, "act.pin", INSIDE, FAMILY_ACT, pin_ask, pin_ask_ok, 0, 0)                                               \
	MESSAGE(ACT_FINISH, "act.finish", INSIDE, FAMILY_ACT, act_finish, finish_ok, SIG_BIT(SIG_NEW_DEVICE),                    \
		SIG_BIT(SIG_NEW_PIN) | SIG_BIT(SIG_NEW_BIOMETRIC) | SIG_BIT(SIG_NEW_HARDWARE))                                   \
	MESSAGE(SES_START, "ses.start", STARTS, FAMILY_SES, ses_start, ses_start_ok, SIG_BIT(SIG_DEVICE), 0)                     \
	MESSAGE(SES_PIN, "ses.pin", INSIDE, FAMILY_SES, pin_ask, pin_ask_ok, 0, 0)                                               \
	MESSAGE(SES_FINISH, "ses.finish", INSIDE, FAMILY_SES, ses_finish, finish_ok, SIG_BIT(SIG_DEVICE),                        \
		SIG_BIT(SIG_HARDWARE) | SIG_BIT(SIG_PIN) | SIG_BIT(SIG_BIOMETRIC) | SIG_BIT(SIG_NEW_PIN))                        \
	MESSAGE(SES_CANCEL, "ses.cancel", INSIDE, FAMILY_SES, plain_inside, plain_ok, 0, 0)                                      \
	MESSAGE(AM_START, "am.start", STARTS, FAMILY_AM, am_start, am_start_ok, SIG_BIT(SIG_DEVICE), 0)                          \
	MESSAGE(AM_PIN, "am.pin", INSIDE, FAMILY_AM, pin_ask_for, pin_ask_ok, 0, 0)                                              \
	MESSAGE(AM_FINISH, "am.finish", INSIDE, FAMILY_AM, am_finish, finish_ok, SIG_BIT(SIG_DEVICE),                            \
		SIG_BIT(SIG_HARDWARE) | SIG_BIT(SIG_PIN) | SIG_BIT(SIG_BIOMETRIC) | SIG_BIT(SIG_NEW_PIN) | SIG_BIT(SIG_NEW_BIOMETRIC)) \
	MESSAGE(REC_ADD_START, "rec.add.start", STARTS, FAMILY_REC_ADD, rec_add_start, rec_add_start_ok, SIG_BIT(SIG_DEVICE),    \
		SIG_BIT(SIG_HARDWARE))                                                                                           \
	MESSAGE(REC_ADD_PIN, "rec.add.pin", INSIDE, FAMILY_REC_ADD, pin_ask, pin_ask_ok, 0, 0)                                   \
	MESSAGE(REC_ADD_FINISH, "rec.add.finish", INSIDE, FAMILY_REC_ADD, rec_add_finish, rec_add_finish_ok,                     \
		SIG_BIT(SIG_DEVICE) | SIG_BIT(SIG_NEW_RECOVERY), SIG_BIT(SIG_HARDWARE))                                          \
	MESSAGE(REC_DELETE, "rec.delete", OUTSIDE, FAMILY_NONE, rec_delete, rec_delete_ok, SIG_BIT(SIG_DEVICE), SIG_BIT(SIG_HARDWARE)) \
	MESSAGE(REC_START, "rec.start", STARTS, FAMILY_REC, rec_start, rec_start_ok, SIG_BIT(SIG_NEW_DEVICE), 0)                 \
	MESSAGE(REC_PIN, "rec.pin", INSIDE, FAMILY_REC, pin_ask_for, pin_ask_ok, 0, 0)                                           \
	MESSAGE(REC_FACE, "rec.face", INSIDE, FAMILY_REC, rec_face, rec_face_ok, 0, 0)                                           \
	MESSAGE(REC_FINISH, "rec.finish", INSIDE, FAMILY_REC, act_finish, finish_ok,                                             \
		SIG_BIT(SIG_RECOVERY) | SIG_BIT(SIG_NEW_DEVICE),                                                                 \
		SIG_BIT(SIG_NEW_PIN) | SIG_BIT(SIG_NEW_BIOMETRIC) | SIG_BIT(SIG_NEW_HARDWARE))                                   \
	MESSAGE(PUSH_UPDATE, "push.update", OUTSIDE, FAMILY_NONE, push_update, plain_ok, SIG_BIT(SIG_DEVICE), 0)                 \
	MESSAGE(PUSH_ACK, "push.ack", OUTSIDE, FAMILY_NONE, push_ack, plain_ok, SIG_BIT(SIG_DEVICE), 0)                          \
	MESSAGE(REG_DEACTIVATE, "reg.deactivate", OUTSIDE, FAMILY_NONE, plain_outside, plain_ok, SIG_BIT(SIG_DEVICE), SIG_BIT(SIG_HARDWARE))

enum message_id {
#define MESSAGE(id, name, place, family, request, answer, must, may) MESSAGE_##id,
	DEVICE_MESSAGES(MESSAGE)
#undef MESSAGE
	MESSAGE_COUNT
};

struct message {
	const char *name;
	enum message_place place;
	enum message_family family;
	const struct schema *request, *answer;
	unsigned must, may; /* masks of SIG_BIT */
};

extern const struct message device_messages[MESSAGE_COUNT];
/* NULL: no such message. */
const struct message *message_find(struct slice name);

enum device_error {
	DEVICE_OK = 0,
#define DEVICE_ERROR(name, number, title) DEVICE_##name = number,
#include "protocol/errors.def"
#undef DEVICE_ERROR
};

/* "AuthenticationFailed"; "Unexpected" for a number that is not in the list. */
const char *device_error_title(enum device_error e);

#pragma pop_macro("err")

#endif

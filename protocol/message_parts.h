/* What messages of rid-device/v1 are made of: limits, common members, and the objects that stand in several of them (section 1). */
#ifndef PROTOCOL_MESSAGE_PARTS_H
#define PROTOCOL_MESSAGE_PARTS_H

#include "base/timestamp.h"
#include "protocol/words.h"

/* A refusal has a member called err, and nothing in this file has an error to return. */
#pragma push_macro("err")
#undef err

enum {
	POINT_BYTES = 33,
	SIGNATURE_BYTES = 64,
	CHALLENGE_BYTES = 32,
	SESSION_ID_BYTES = 16,
	PIN_CREDENTIAL_ID_BYTES = 16, /* cid */
	TICKET_BYTES = 32,
	ENC_BYTES = 32,
	METHODS_MAX = 8,
	CLIENT_DATA_POINTS_MAX = 4096,
	SALT_KEY_ID_POINTS_MAX = 64,
	RISK_VALUES_MAX = 64,
	RECOVERY_ID_BYTES = 16,
	TOKEN_BYTES = 32,             /* authorisation token */
	SHARE_BYTES = 32,             /* wrapShare */
	PUSH_NONCE_BYTES = 16,
	FACE_HASH_BYTES = 32,
	MESSAGE_BYTES_MAX = 256 * 1024,
	FACE_MESSAGE_BYTES_MAX = 4 * 1024 * 1024, /* in a session whose start answer offered `face` */
	FACE_SCAN_BYTES_MAX = 3 * 1024 * 1024,
	FACE_INIT_BYTES_MAX = 64 * 1024,
	MESSAGE_DEPTH_MAX = 8,
};

/* ---- common members: of every request; outside a session; inside one ---- */

#define REQUEST_COMMON(F, T)                                    \
	F(T, STR, t, REQ, 1, 32, "", "")                        \
	F(T, INT, v, REQ, 1, 1, "", "")                         \
	F(T, STR, sdk, REQ, 1, 32, "", "")                      \
	F(T, ENUM(device_os), os, REQ, 0, 0, "", "")
#define REQUEST_OUTSIDE(F, T)                                   \
	REQUEST_COMMON(F, T)                                    \
	F(T, INT, ts, REQ, 1, INT64_MAX, "", "")                \
	F(T, UUID, reg, OPT, 0, 0, "", "")
#define REQUEST_INSIDE(F, T)                                    \
	REQUEST_COMMON(F, T)                                    \
	F(T, INT, step, REQ, 1, 1000000, "", "")
#define ANSWER_COMMON(F, T)                                     \
	F(T, BOOL, ok, REQ, 0, 0, "", "")                       \
	F(T, INT, time, REQ, 1, TIME_MAX_MS, "", "")            \
	F(T, INT, step, OPT, 1, 1000000, "", "")

/* What any request is known by before its own schema is. */
#define REQUEST_ENVELOPE(F, T) REQUEST_COMMON(F, T)
SCHEMA_STRUCT(request_envelope, REQUEST_ENVELOPE);

#define DEVICE_FAULT(F, T)                                      \
	F(T, INT, code, REQ, 100, 999, "", "")                  \
	F(T, STR, name, REQ, 1, 64, "", "")                     \
	F(T, BOOL, recoverable, REQ, 0, 0, "", "")              \
	F(T, INT, remaining, OPT, 0, 1000, "", "")
SCHEMA_STRUCT(device_fault, DEVICE_FAULT);

/* ok is false; `challenge` and `step` only with a recoverable 214 of a finish. */
#define ANSWER_FAULT(F, T)                                      \
	ANSWER_COMMON(F, T)                                     \
	F(T, OBJ(device_fault), err, OPT, 0, 0, "", "")         \
	F(T, BYTES, challenge, OPT, CHALLENGE_BYTES, CHALLENGE_BYTES, "", "")
SCHEMA_STRUCT(answer_fault, ANSWER_FAULT);

/* ---- parts ---- */

#define SHOWN_CONTEXT(F, T)                                     \
	F(T, STR, title, OPT, 0, 255, "", "")                   \
	F(T, STR, mime, OPT, 0, 255, "", "")                    \
	F(T, BYTES, b64, OPT, 0, 128 * 1024, "", "")
SCHEMA_STRUCT(shown_context, SHOWN_CONTEXT);

#define PIN_FORM(F, T)                                          \
	F(T, INT, min, REQ, 0, 1000, "", "")                    \
	F(T, INT, max, REQ, 0, 1000, "", "")                    \
	F(T, ENUM(code_type), type, REQ, 0, 0, "", "")
SCHEMA_STRUCT(pin_form, PIN_FORM);

#define CODE_FORM(F, T)                                         \
	F(T, INT, length, REQ, 0, 1000, "", "")                 \
	F(T, INT, maxLength, REQ, 0, 1000, "", "")              \
	F(T, ENUM(code_type), type, REQ, 0, 0, "", "")
SCHEMA_STRUCT(code_form, CODE_FORM);

#define ATTEMPTS(F, T)                                          \
	F(T, INT, total, REQ, 0, 1000, "", "")                  \
	F(T, INT, remaining, REQ, 0, 1000, "", "")              \
	F(T, INT, last, NULLS, 0, INT64_MAX, "", "")
SCHEMA_STRUCT(attempts, ATTEMPTS);

#define HW_POLICY(F, T) F(T, BOOL, wanted, REQ, 0, 0, "", "")
SCHEMA_STRUCT(hw_policy, HW_POLICY);

#define ATTEST_POLICY(F, T)                                     \
	F(T, STR, type, OPT, 0, 32, "", "")                     \
	F(T, ENUM(policy_mode), mode, REQ, 0, 0, "", "")        \
	F(T, INT, timeoutMs, OPT, 0, 600000, "", "")
SCHEMA_STRUCT(attest_policy, ATTEST_POLICY);

#define GEO_POLICY(F, T)                                        \
	F(T, ENUM(policy_mode), mode, REQ, 0, 0, "", "")        \
	F(T, INT, timeoutMs, OPT, 0, 600000, "", "")            \
	F(T, INT, accuracy, OPT, 0, 1000000, "", "")
SCHEMA_STRUCT(geo_policy, GEO_POLICY);

#define PUSH_POLICY(F, T)                                       \
	F(T, ENUM(policy_mode), mode, REQ, 0, 0, "", "")        \
	F(T, INT, timeoutMs, OPT, 0, 600000, "", "")
SCHEMA_STRUCT(push_policy, PUSH_POLICY);

#define METHOD_KEY(F, T)                                        \
	F(T, ENUM(auth_method), m, REQ, 0, 0, "", "")           \
	F(T, BYTES, pub, OPT, POINT_BYTES, POINT_BYTES, "", "")
SCHEMA_STRUCT(method_key, METHOD_KEY);

#define AUTHORISATION_TOKEN(F, T)                               \
	F(T, STR, purpose, REQ, 1, 64, "", "")                  \
	F(T, BYTES, token, REQ, TOKEN_BYTES, TOKEN_BYTES, "", "")
SCHEMA_STRUCT(authorisation_token, AUTHORISATION_TOKEN);

/* What the provider of face matching wants to hand to the app, and what the app's scanner made of it. */
#define FACE_POLICY(F, T) F(T, BYTES, init, OPT, 0, FACE_INIT_BYTES_MAX, "", "")
SCHEMA_STRUCT(face_policy, FACE_POLICY);
/* SHA-256 of the scan, which stands behind the signatures (section 2). */
#define FACE_SCAN(F, T) F(T, BYTES, hash, REQ, FACE_HASH_BYTES, FACE_HASH_BYTES, "", "")
SCHEMA_STRUCT(face_scan, FACE_SCAN);

#define MATCH_POLICY(F, T) F(T, INT, digits, REQ, 1, 8, "", "")
SCHEMA_STRUCT(match_policy, MATCH_POLICY);

#define GEO_REPORT(F, T)                                        \
	F(T, ENUM(geo_client_status), clientStatus, REQ, 0, 0, "", "") \
	F(T, STR, country, OPT, 2, 2, "", "")
SCHEMA_STRUCT(geo_report, GEO_REPORT);

/* Which members there are depends on the kind: attestation, assertion, playIntegrity, appAttest (6.6). */
#define ATTEST_REPORT(F, T)                                     \
	F(T, STR, kind, REQ, 1, 32, "", "")                     \
	F(T, STR, keyId, OPT, 0, 128, "", "")                   \
	F(T, BYTES, object, OPT, 0, 64 * 1024, "", "")          \
	F(T, STR, status, OPT, 0, 64, "", "")                   \
	F(T, STR, token, OPT, 0, 64 * 1024, "", "")             \
	F(T, TEXT, message, OPT, 0, 512, "", "")
SCHEMA_STRUCT(attest_report, ATTEST_REPORT);

#define PIN_ROTATION(F, T) F(T, BYTES, pkPin, REQ, POINT_BYTES, POINT_BYTES, "", "")
SCHEMA_STRUCT(pin_rotation, PIN_ROTATION);

/* What every finish may bring along: of the phone, of its place, of its app. */
#define FINISH_REPORT(F, T)                                      \
	F(T, ENUM(hw_key_client_status), hwKeyClientStatus, OPT, 0, 0, "", "") \
	F(T, OBJ(attest_report), attest, OPT, 0, 0, "", "")      \
	F(T, OBJ(geo_report), geo, OPT, 0, 0, "", "")            \
	F(T, MAP, riskData, OPT, 0, RISK_VALUES_MAX, "", "")     \
	F(T, STR, pushToken, OPT, 0, 4096, "", "")               \
	F(T, BYTES, pushNonce, OPT, PUSH_NONCE_BYTES, PUSH_NONCE_BYTES, "", "") \
	F(T, OBJ(face_scan), face, OPT, 0, 0, "", "")            \
	F(T, STRS, tokenPurposes, OPT, 0, 8, "", "")

/* The policy objects, which every start answer carries. */
#define POLICIES(F, T)                                          \
	F(T, OBJ(pin_form), pin, REQ, 0, 0, "", "")             \
	F(T, STRS, methods, REQ | EMPTY, 0, METHODS_MAX, "", "") \
	F(T, OBJ(hw_policy), hw, REQ, 0, 0, "", "")             \
	F(T, OBJ(attest_policy), attest, OPT, 0, 0, "", "")     \
	F(T, OBJ(geo_policy), geo, OPT, 0, 0, "", "")           \
	F(T, STRS, risk, REQ | EMPTY, 0, RISK_VALUES_MAX, "", "") \
	F(T, OBJ(face_policy), face, OPT, 0, 0, "", "")         \
	F(T, OBJ(push_policy), push, OPT, 0, 0, "", "")

#pragma pop_macro("err")

#endif

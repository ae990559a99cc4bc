/* Bodies of the MobileID Admin API (mobileid.md 2 and 3). */
#ifndef DEVICE_MOBILEID_SCHEMA_H
#define DEVICE_MOBILEID_SCHEMA_H

#include "device/device_schema.h"

#define APPLICATION_VIEW(F, T)                                                                     \
	F(T, UUID, applicationId, REQ, 0, 0, "Id of the application", "")                          \
	F(T, STR, accountId, REQ, 0, 0, "Its account", "")                                         \
	F(T, JSON, properties, REQ, 0, 0, "Every property with its value in force", "")            \
	F(T, STRS, changed, REQ | EMPTY, 0, 0, "Names of those that are set", "")                  \
	F(T, STRS, warnings, OPT, 0, 0, "What is allowed, but unwise", "")
SCHEMA_STRUCT(application_view, APPLICATION_VIEW);

#define APPLICATION_LIST(F, T) F(T, LIST(application_view), applications, REQ, 0, 0, "Applications of the account", "")
SCHEMA_STRUCT(application_list, APPLICATION_LIST);

#define E2E_ALGORITHM(V, E) V(E, X25519, "X25519 with AES-GCM") V(E, SECT233K1, "Of apps with older SDKs of the hosted service, which this server does not speak with")
ENUMERATION_TYPE(e2e_algorithm, E2E_ALGORITHM);

/* The number stands in the database. */
#define E2E_STATE(V, E) V(E, ACTIVE, "Taken") V(E, RETIRED, "Refused; its private half is gone")
ENUMERATION_TYPE(e2e_state, E2E_STATE);

#define E2E_KEY_NEW(F, T) F(T, ENUM(e2e_algorithm), algorithm, OPT, 0, 0, "X25519 unless told otherwise", "\"X25519\"")
SCHEMA_STRUCT(e2e_key_new, E2E_KEY_NEW);

#define E2E_KEY_VIEW(F, T)                                                                         \
	F(T, STR, keyId, REQ, 0, 0, "Id of the key", "\"0123456789abcdef\"")                       \
	F(T, UUID, applicationId, REQ, 0, 0, "Its application", "")                                \
	F(T, ENUM(e2e_algorithm), algorithm, REQ, 0, 0, "Algorithm", "\"X25519\"")                 \
	F(T, BOOL, supported, REQ, 0, 0, "Does the device channel take it? Only X25519", "true")   \
	F(T, STR, publicKey, OPT, 0, 0, "Base64 of its SubjectPublicKeyInfo, for the app", "")     \
	F(T, TIME, created, REQ, 0, 0, "When it was made", "")                                     \
	F(T, ENUM(e2e_state), state, REQ, 0, 0, "ACTIVE or RETIRED", "\"ACTIVE\"")
SCHEMA_STRUCT(e2e_key_view, E2E_KEY_VIEW);

#define E2E_KEY_LIST(F, T) F(T, LIST(e2e_key_view), keys, REQ, 0, 0, "Keys, newest first", "")
SCHEMA_STRUCT(e2e_key_list, E2E_KEY_LIST);

#define HASH_INDICATOR(F, T) F(T, INT, allowedUsers, REQ, 1, 1000, "Users of one physical device before it is flagged", "2")
SCHEMA_STRUCT(hash_indicator, HASH_INDICATOR);

#define HASH_FLAGGED(F, T)                                                                         \
	F(T, STR, deviceHash, REQ, 0, 0, "The hash, base64", "")                                   \
	F(T, INT, users, REQ, 0, 0, "Users of it", "3")                                            \
	F(T, INT, devices, REQ, 0, 0, "Devices, deleted ones too", "4")                            \
	F(T, BOOL, blocked, REQ, 0, 0, "Are new devices refused on it", "false")
SCHEMA_STRUCT(hash_flagged, HASH_FLAGGED);

#define HASH_FLAGGED_LIST(F, T) F(T, LIST(hash_flagged), deviceHashes, REQ | EMPTY, 0, 0, "Those with more users than allowed", "")
SCHEMA_STRUCT(hash_flagged_list, HASH_FLAGGED_LIST);

#define SEGMENT_COUNT(F, T)                                                                        \
	F(T, STR, segment, OPT, 0, 0, "The segment; absent: none", "\"SE\"")                       \
	F(T, INT, users, REQ, 0, 0, "Users", "7")                                                  \
	F(T, INT, devices, REQ, 0, 0, "Their devices that are not deleted", "9")
SCHEMA_STRUCT(segment_count, SEGMENT_COUNT);

#define MOBILEID_STATISTICS(F, T)                                                                  \
	F(T, INT, users, REQ, 0, 0, "Users", "7")                                                  \
	F(T, INT, activeDevices, REQ, 0, 0, "Devices in use", "7")                                 \
	F(T, INT, lockedDevices, REQ, 0, 0, "Locked devices", "1")                                 \
	F(T, INT, deletedDevices, REQ, 0, 0, "Deleted devices", "2")                               \
	F(T, INT, deviceHashes, REQ, 0, 0, "Pieces of hardware", "8")                              \
	F(T, INT, flaggedDeviceHashes, REQ, 0, 0, "Those with more users than allowed", "0")       \
	F(T, LIST(segment_count), segments, REQ | EMPTY, 0, 0, "The same by segment", "")
SCHEMA_STRUCT(mobileid_statistics, MOBILEID_STATISTICS);

#define MOBILEID_ACCOUNT_NEW(F, T) F(T, STR, accountId, REQ, 1, 100, "Account of your organisation", "\"a-spge-0123456789abcdef\"")
SCHEMA_STRUCT(mobileid_account_new, MOBILEID_ACCOUNT_NEW);

#define MOBILEID_ACCOUNT_QUERY(F, T) F(T, BOOL, statistics, OPT, 0, 0, "Are figures shown; they are unless told otherwise", "true")
SCHEMA_STRUCT(mobileid_account_query, MOBILEID_ACCOUNT_QUERY);

#define MOBILEID_ACCOUNT_CHANGE(F, T) F(T, ENUM(mobileid_state), state, REQ, 0, 0, "State it comes into", "\"INACTIVE\"")
SCHEMA_STRUCT(mobileid_account_change, MOBILEID_ACCOUNT_CHANGE);

#define MOBILEID_ACCOUNT_VIEW(F, T)                                                                \
	F(T, STR, accountId, REQ, 0, 0, "Id of the account", "")                                   \
	F(T, UUID, applicationId, REQ, 0, 0, "Its application", "")                                \
	F(T, ENUM(mobileid_state), state, REQ, 0, 0, "Is MobileID at work", "\"ACTIVE\"")          \
	F(T, OBJ(mobileid_statistics), statistics, OPT, 0, 0, "Figures, as the statistics have them", "")
SCHEMA_STRUCT(mobileid_account_view, MOBILEID_ACCOUNT_VIEW);

#define MOBILEID_ACCOUNT_LIST(F, T) F(T, LIST(mobileid_account_view), accounts, REQ | EMPTY, 0, 0, "The first 1000, oldest first", "")
SCHEMA_STRUCT(mobileid_account_list, MOBILEID_ACCOUNT_LIST);

#endif

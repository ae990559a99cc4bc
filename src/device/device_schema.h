/* Bodies of the REST side of devices. */
#ifndef DEVICE_DEVICE_SCHEMA_H
#define DEVICE_DEVICE_SCHEMA_H

#include "api/page.h"
#include "device/recovery.h"

#define DEVICE_ID_EXAMPLE "\"20874199-f4d1-4e9d-86ee-dd4a46030acb\""
#define USER_ID_EXAMPLE "\"0e99b25c-abde-4553-973b-8d94d49cd87e\""
#define WHEN_EXAMPLE "\"2022-08-19T06:01:37.123Z\""

enum { TIMEOUT_MS_MIN = 1000, TIMEOUT_MS_MAX = 86400000, PRE_CONTENT_AUTH_MAX = 5000, POST_CONTENT_MAX = 5000 };

#define REGISTRATION_DEVICE(F, T)                                                                  \
	F(T, UUID, id, OPT, 0, 0, "The device to register again", "")                              \
	F(T, STR, name, OPT, 0, 128, "Name of the device", "\"My iPhone\"")
SCHEMA_STRUCT(registration_device, REGISTRATION_DEVICE);

#define OPERATION_DEVICE(F, T) F(T, UUID, id, OPT, 0, 0, "The device to use", DEVICE_ID_EXAMPLE)
SCHEMA_STRUCT(operation_device, OPERATION_DEVICE);

#define COMMON_OPTIONS(F, T)                                                                                                     \
	F(T, ENUM(auth_level), authLevel, OPT, 0, 0, "How many factors are asked; TWO_FACTOR unless told otherwise", "\"TWO_FACTOR\"") \
	F(T, INT_TEXT, sessionTimeout, OPT, TIMEOUT_MS_MIN, TIMEOUT_MS_MAX, "Lifetime of the operation in ms", "\"90000\"")     \
	F(T, OBJ(operation_context), postOperationContext, OPT, 0, 0, "Handed to the app after success", "")                    \
	F(T, STRS, requestedUserAttributes, OPT, 0, 100, "Names of the user's attributes to answer with", "")

#define REGISTRATION_OPTIONS(F, T)                                                                                               \
	F(T, ENUM(registration_mode), registrationMode, OPT, 0, 0, "Mode of the registration", "\"REGISTRATION\"")              \
	COMMON_OPTIONS(F, T)
SCHEMA_STRUCT(registration_options, REGISTRATION_OPTIONS);

#define OPERATION_OPTIONS(F, T)                                                                                                  \
	COMMON_OPTIONS(F, T)                                                                                                     \
	F(T, OBJ(operation_context), preOperationContext, OPT, 0, 0, "Shown before the approval", "")                           \
	F(T, BOOL, sendPush, OPT, 0, 0, "Wake the app with a push message", "")                                                 \
	F(T, BOOL, broadcast, OPT, 0, 0, "Offer it to every active device of the user", "")                                     \
	F(T, BOOL, numberMatching, OPT, 0, 0, "The user types matchNumber of the answer into the app", "")                      \
	F(T, STR, pushPayload, OPT, 0, 2000, "Handed to the push service with the message", "")                                 \
	F(T, STR, signedJwtCertificateOption, OPT, 0, 16, "Only NONE", "")
SCHEMA_STRUCT(operation_options, OPERATION_OPTIONS);

#define TAGS_FIELD(F, T) F(T, STRS, tags, OPT, 0, 20, "Copied into the event, so that receivers can filter", "[\"some tag\"]")

#define REGISTRATION_NEW(F, T)                                                                     \
	F(T, UUID, userId, REQ, 0, 0, "Whose device it will be", USER_ID_EXAMPLE)                  \
	F(T, OBJ(registration_device), device, OPT, 0, 0, "The device", "")                        \
	F(T, OBJ(registration_options), operationProperties, OPT, 0, 0, "How it is carried out", "") \
	TAGS_FIELD(F, T)
SCHEMA_STRUCT(registration_new, REGISTRATION_NEW);

#define OPERATION_NEW(F, T)                                                                        \
	F(T, UUID, userId, REQ, 0, 0, "The user", USER_ID_EXAMPLE)                                 \
	F(T, OBJ(operation_device), device, OPT, 0, 0, "The device", "")                           \
	F(T, OBJ(operation_options), operationProperties, OPT, 0, 0, "How it is carried out", "")  \
	TAGS_FIELD(F, T)
SCHEMA_STRUCT(operation_new, OPERATION_NEW);

#define DEVICE_VIEW(F, T)                                                                                                        \
	F(T, UUID, id, OPT, 0, 0, "Id of the device", DEVICE_ID_EXAMPLE)                                                        \
	F(T, STR, name, OPT, 0, 0, "Name of the device", "\"sampleDevice\"")                                                    \
	F(T, ENUM(credential_state), state, OPT, 0, 0, "State of the device", "\"ACTIVE\"")                                     \
	F(T, ENUM(operation_type), lastOperationType, OPT, 0, 0, "What it last did", "\"AUTHENTICATION\"")                      \
	F(T, TIME, lastUsed, OPT, 0, 0, "When it was last used", WHEN_EXAMPLE)                                                  \
	F(T, TIME, created, OPT, 0, 0, "When it was registered", WHEN_EXAMPLE)                                                  \
	F(T, OBJ(device_details), deviceDetails, OPT, 0, 0, "With detailed=true", "")

#define DEVICE_DETAILS(F, T)                                                                                                     \
	F(T, ENUM(lock_reason), lockReason, REQ, 0, 0, "Why it is locked; OPEN when it is not", "\"OPEN\"")                     \
	F(T, STR, manufacturer, OPT, 0, 0, "Manufacturer", "\"Samsung\"")                                                       \
	F(T, STR, model, OPT, 0, 0, "Model", "\"Nexus S\"")                                                                     \
	F(T, STR, operatingSystemType, OPT, 0, 0, "Operating system", "\"Android\"")                                            \
	F(T, STR, operatingSystemVersion, OPT, 0, 0, "Its version", "\"14\"")                                                   \
	F(T, STR, operatingSystemFingerprint, OPT, 0, 0, "Its fingerprint", "")                                                 \
	F(T, STR, deviceHash, OPT, 0, 0, "SHA-256 of the hardware id, base64", "")                                              \
	F(T, STR, sdkVersion, OPT, 0, 0, "Version of the SDK at registration", "\"4.0.0\"")                                     \
	F(T, UUID, applicationId, OPT, 0, 0, "Application that it is registered with", "")                                      \
	F(T, STRS, activatedAuthenticationMethods, OPT, 0, 0, "Methods in use", "[\"DEVICE\",\"DEVICE:PIN\"]")                  \
	F(T, ENUM(recovery_status), recoveryStatus, OPT, 0, 0, "State of its recovery", "\"ACTIVATED\"")                        \
	F(T, ENUM(recovery_method), recoveryMethod, OPT, 0, 0, "What its recovery is based on", "")                             \
	F(T, BOOL, isHardwareKeyProtected, REQ, 0, 0, "Has it a hardware-protected key", "false")
SCHEMA_STRUCT(device_details, DEVICE_DETAILS);
SCHEMA_STRUCT(device_view, DEVICE_VIEW);

#define DEVICE_EVENT_VIEW(F, T)                                                                    \
	F(T, UUID, id, REQ, 0, 0, "Id of the device", DEVICE_ID_EXAMPLE)                           \
	F(T, STR, name, OPT, 0, 0, "Its name", "\"My phone\"")                                     \
	F(T, ENUM(credential_state), state, OPT, 0, 0, "State it came into", "\"LOCKED\"")         \
	F(T, ENUM(operation_type), lastOperationType, OPT, 0, 0, "What it was last used for", "")  \
	F(T, TIME, lastUsed, OPT, 0, 0, "When it was last used", "")                               \
	F(T, TIME, created, OPT, 0, 0, "When it was registered", "")                               \
	F(T, UUID, userId, OPT, 0, 0, "The user it belongs to", USER_ID_EXAMPLE)                   \
	F(T, ENUM(lock_reason), lockReason, OPT, 0, 0, "Why it is locked", "")
SCHEMA_STRUCT(device_event_view, DEVICE_EVENT_VIEW);

#define OPERATION_USER(F, T)                                                                       \
	F(T, STR, externalRef, OPT, 0, 0, "Your own identifier of the user", "\"Empl10300469\"")   \
	F(T, UUID, id, REQ, 0, 0, "Id of the user", USER_ID_EXAMPLE)                               \
	F(T, TIME, created, OPT, 0, 0, "When the user was created", "")                            \
	F(T, TIME, lastUsed, OPT, 0, 0, "When the user was last active", "")                       \
	F(T, ENUM(user_state), state, OPT, 0, 0, "State of the user", "")                          \
	F(T, STR, segment, OPT, 0, 0, "Segment of the user", "")
SCHEMA_STRUCT(operation_user, OPERATION_USER);

#define PROPERTIES_VIEW(F, T)                                                                                                    \
	F(T, STR, activationCode, OPT, 0, 0, "What the user enters in the app", "\"928401\"")                                   \
	F(T, ENUM(auth_level), authLevel, OPT, 0, 0, "How many factors", "\"TWO_FACTOR\"")                                      \
	F(T, ENUM(auth_method), authMethod, OPT, 0, 0, "How it was approved", "")                                               \
	F(T, INT_TEXT, sessionTimeout, OPT, 0, 0, "Lifetime in ms", "\"90000\"")                                                \
	F(T, OBJ(operation_context), preOperationContext, OPT, 0, 0, "What was shown", "")                                      \
	F(T, BOOL, pushSent, OPT, 0, 0, "Was a push handed to the push service", "false")                                       \
	F(T, TIME, sessionExpiryTime, OPT, 0, 0, "When it expires", WHEN_EXAMPLE)                                               \
	F(T, ENUM(registration_mode), registrationMode, OPT, 0, 0, "Mode of the registration", "\"REGISTRATION\"")              \
	F(T, BOOL, sendPush, OPT, 0, 0, "Was a push asked for", "")                                                             \
	F(T, STR, matchNumber, OPT, 0, 0, "The number to show to the user, who types it into the app", "\"42\"")                 \
	F(T, JSON, requestedUserAttributes, OPT, 0, 0, "Attributes that were asked for and exist", "")                          \
	F(T, STRS, activatedAuthenticationMethods, OPT, 0, 0, "Methods that were set up", "")
SCHEMA_STRUCT(properties_view, PROPERTIES_VIEW);

#define OPERATION_KIND(V, E) V(E, REGISTRATION, "") V(E, RE_REGISTRATION, "") V(E, AUTHENTICATION, "") V(E, SIGNATURE, "")
ENUMERATION_TYPE(operation_kind, OPERATION_KIND);

#define RISK_ATTRIBUTE(F, T)                                                                       \
	F(T, STR, name, REQ, 0, 0, "Name of the attribute", "\"is_debuggable\"")                   \
	F(T, TEXT, value, REQ, 0, 0, "Its value, as text", "\"true\"")
SCHEMA_STRUCT(risk_attribute, RISK_ATTRIBUTE);

#define OPERATION_VIEW(F, T)                                                                                                     \
	F(T, UUID, transactionId, REQ, 0, 0, "Id of the transaction", "\"7daa489e-6b35-46ca-83a4-1bba2ea35f68\"")               \
	F(T, STR, accountId, REQ, 0, 0, "The account", "\"a-spge-Abcdefghijk123456789\"")                                       \
	F(T, ENUM(operation_kind), type, OPT, 0, 0, "Kind of operation, once it is completed", "")                              \
	F(T, ENUM(operation_state), state, REQ, 0, 0, "How it stands", "\"PENDING\"")                                           \
	F(T, STR, errorCode, OPT, 0, 0, "Why it failed", "")                                                                    \
	F(T, STR, errorDescription, OPT, 0, 0, "The same in a sentence", "")                                                    \
	F(T, OBJ(properties_view), operationProperties, OPT, 0, 0, "How it is carried out", "")                                 \
	F(T, TIME, created, REQ, 0, 0, "When it was started", WHEN_EXAMPLE)                                                     \
	F(T, TIME, completed, OPT, 0, 0, "When it ended", "")                                                                   \
	F(T, OBJ(device_view), device, OPT, 0, 0, "The device", "")                                                             \
	F(T, OBJ(operation_user), user, OPT, 0, 0, "The user", "")                                                              \
	F(T, TEXT, clientData, OPT, 0, 0, "What the app sent along", "")                                                        \
	F(T, LIST(risk_attribute), riskAttributes, OPT, 0, 64, "What was collected about the phone", "")                         \
	F(T, JSON, attestation, OPT, 0, 0, "Result of the app's attestation", "")                                               \
	F(T, JSON, geofencing, OPT, 0, 0, "Result of the geofencing", "")                                                       \
	F(T, STR, signature, OPT, 0, 0, "The signed consent (JWT)", "")                                                         \
	F(T, STRS, tags, OPT, 0, 0, "Tags of the request", "")
SCHEMA_STRUCT(operation_view, OPERATION_VIEW);

#define RECOVERY_PROPERTIES(F, T)                                                                  \
	F(T, TIME_UTC, sessionExpiryTime, OPT, 0, 0, "When it expires", "")                        \
	F(T, STRS, activatedAuthenticationMethods, OPT, 0, 0, "Methods that were set up", "")
SCHEMA_STRUCT(recovery_properties, RECOVERY_PROPERTIES);

#define RECOVERY_VIEW(F, T)                                                                        \
	F(T, UUID, transactionId, REQ, 0, 0, "Id of the transaction", "")                          \
	F(T, STR, accountId, REQ, 0, 0, "The account", "")                                         \
	F(T, ENUM(operation_state), state, REQ, 0, 0, "How it stands", "\"COMPLETED\"")            \
	F(T, STR, errorCode, OPT, 0, 0, "Why it failed", "")                                       \
	F(T, STR, errorDescription, OPT, 0, 0, "The same in a sentence", "")                       \
	F(T, OBJ(device_view), device, OPT, 0, 0, "The new device", "")                            \
	F(T, OBJ(operation_user), user, OPT, 0, 0, "The user", "")                                 \
	F(T, TIME_UTC, created, REQ, 0, 0, "When it was started", "\"2024-06-25T06:18:23.000UTC\"") \
	F(T, OBJ(recovery_properties), operationProperties, OPT, 0, 0, "How it was carried out", "") \
	F(T, LIST(risk_attribute), riskAttributes, OPT, 0, 64, "What was collected about the phone", "") \
	F(T, JSON, attestation, OPT, 0, 0, "Result of the app's attestation", "")                  \
	F(T, JSON, geofencing, OPT, 0, 0, "Result of the geofencing", "")                          \
	F(T, ENUM(recovery_method), recoveryMethod, OPT, 0, 0, "What it is based on", "")          \
	F(T, ENUM(recovery_status), recoveryStatus, OPT, 0, 0, "What became of the recovery", "")
SCHEMA_STRUCT(recovery_view, RECOVERY_VIEW);

#define RECOVERY_LOCK_VIEW(F, T) F(T, BOOL, recoveryLock, OPT, 0, 0, "May this device not be recovered", "false")
SCHEMA_STRUCT(recovery_lock_view, RECOVERY_LOCK_VIEW);

#define DEVICE_QUERY(F, T)                                                                                                       \
	F(T, UUID, userId, REQ, 0, 0, "The user that the device belongs to", USER_ID_EXAMPLE)                                   \
	F(T, BOOL, detailed, OPT, 0, 0, "Add deviceDetails", "")                                                                \
	F(T, BOOL, generateEvent, OPT, 0, 0, "Send an event about the change", "")
SCHEMA_STRUCT(device_query, DEVICE_QUERY);

#define DEVICE_STATE_WANTED(V, E) V(E, ACTIVE, "") V(E, LOCKED, "")
ENUMERATION_TYPE(device_state_wanted, DEVICE_STATE_WANTED);

#define DEVICE_CHANGE(F, T)                                                                        \
	F(T, STR, name, OPT, 0, 128, "The new name", "\"My New iPhone\"")                          \
	F(T, ENUM(device_state_wanted), state, OPT, 0, 0, "The new state: ACTIVE or LOCKED", "\"LOCKED\"")
SCHEMA_STRUCT(device_change, DEVICE_CHANGE);

#define HASH_DEVICE(F, T)                                                                          \
	F(T, UUID, id, REQ, 0, 0, "Id of the device", "\"bcdb5f29-bbcc-435d-9fd2-1ae4c8a0b9d7\"")  \
	F(T, UUID, userId, REQ, 0, 0, "Its user", USER_ID_EXAMPLE)                                 \
	F(T, ENUM(credential_state), state, REQ, 0, 0, "State", "\"ACTIVE\"")                      \
	F(T, ENUM(lock_reason), lockReason, REQ, 0, 0, "Why it is locked", "\"OPEN\"")             \
	F(T, TIME, created, REQ, 0, 0, "When it was registered", "")                               \
	F(T, TIME, lastUsed, REQ, 0, 0, "When it was last used", "")
SCHEMA_STRUCT(hash_device, HASH_DEVICE);

#define HASH_DEVICES(F, T) F(T, LIST(hash_device), devices, REQ | EMPTY, 0, 0, "Devices of the account, whoever's they are", "")
SCHEMA_STRUCT(hash_devices, HASH_DEVICES);

#define HASH_BLOCK(F, T)                                                                           \
	F(T, BOOL, blocked, REQ, 0, 0, "Are new devices refused on it", "true")                    \
	F(T, TIME, since, OPT, 0, 0, "Since when", "")
SCHEMA_STRUCT(hash_block, HASH_BLOCK);

#define DEVICE_LIST_QUERY(F, T)                                                                    \
	F(T, UUID, userId, REQ, 0, 0, "The user that the device belongs to", USER_ID_EXAMPLE)      \
	PAGE_QUERY(F, T)
SCHEMA_STRUCT(device_list_query, DEVICE_LIST_QUERY);

#define DEVICE_TRANSACTION(F, T)                                                                                                 \
	F(T, UUID, transactionId, REQ, 0, 0, "Id of the transaction", "\"8b53869e-359b-4c0b-be78-e0cce3cf1b17\"")               \
	F(T, STR, ref, REQ, 0, 0, "Where to read more", "")                                                                     \
	F(T, ENUM(operation_type), operationType, REQ, 0, 0, "What was done", "\"AUTHENTICATION\"")                             \
	F(T, ENUM(operation_state), state, REQ, 0, 0, "How it stands", "\"COMPLETED\"")                                         \
	F(T, STR, errorCode, OPT, 0, 0, "Why it failed", "")                                                                    \
	F(T, TIME_SECONDS, created, REQ, 0, 0, "When it was started", "\"2025-09-24T11:00:26.000Z\"")                           \
	F(T, TIME_SECONDS, expires, OPT, 0, 0, "When it expires", "\"2025-09-24T11:05:26.000Z\"")                               \
	F(T, UUID, deviceId, REQ, 0, 0, "The device", DEVICE_ID_EXAMPLE)                                                        \
	F(T, UUID, credentialId, REQ, 0, 0, "The same", DEVICE_ID_EXAMPLE)                                                      \
	F(T, ENUM(credential_type), credentialType, REQ, 0, 0, "Kind of credential", "\"DEVICE\"")
SCHEMA_STRUCT(device_transaction, DEVICE_TRANSACTION);

#define DEVICE_TRANSACTION_PAGE(F, T)                                                              \
	F(T, STR, previous, OPT, 0, 0, "Link to the page before", "")                              \
	F(T, STR, next, OPT, 0, 0, "Link to the next page", "")                                    \
	F(T, INT, limit, REQ, 0, 0, "Items on a page", "10")                                       \
	F(T, LIST(device_transaction), transactions, REQ, 0, 0, "Transactions, newest first", "")
SCHEMA_STRUCT(device_transaction_page, DEVICE_TRANSACTION_PAGE);

#define CONSENT_BUNDLE(F, T)                                                                                                     \
	F(T, INT, v, REQ, 0, 0, "Version of the bundle: 1", "1")                                                                \
	F(T, STR, signature, REQ, 0, 0, "The service's JWT", "")                                                                \
	F(T, JSON, evidence, REQ, 0, 0, "What was shown, and what the device's keys signed", "")                                \
	F(T, JSON, record, REQ, 0, 0, "The audit record of the completion, which names the evidence by its hash", "")          \
	F(T, STRS, proof, REQ, 0, 0, "That the record stands in the log of the checkpoint", "")                                 \
	F(T, STR, checkpoint, REQ, 0, 0, "Checkpoint of the audit log", "")                                                     \
	F(T, STRS, consistency, REQ, 0, 0, "That it follows from the checkpoint in the evidence", "")
SCHEMA_STRUCT(consent_bundle, CONSENT_BUNDLE);

#endif

/* Bodies of the identity store's routes. */
#ifndef USER_USER_SCHEMA_H
#define USER_USER_SCHEMA_H

#include "api/page.h"
#include "user/user.h"

#define ID_EXAMPLE "\"0e99b25c-abde-4553-973b-8d94d49cd87e\""
#define TIME_EXAMPLE "\"2022-08-23T12:28:57.123Z\""
#define REFERENCE_DOC "Your own identifier of the user, unique in the account"
#define SEGMENT_DOC "Groups users and their transactions, for instance by country"

#define USER_NEW(F, T)                                                                                                           \
	F(T, STR, externalRef, OPT, 0, EXTERNAL_REF_POINTS_MAX, REFERENCE_DOC, "\"Empl10300469\"")                               \
	F(T, STR, segment, OPT, 0, SEGMENT_POINTS_MAX, SEGMENT_DOC, "\"SE\"")                                                   \
	F(T, MAP, attributes, OPT, 0, 0, "Attributes, as key-value pairs", "{\"firstname\":\"George\",\"lastname\":\"Harrison\"}")
SCHEMA_STRUCT(user_new, USER_NEW);

#define USER_CHANGE(F, T)                                                                                                        \
	F(T, STR, externalRef, NULLS, 0, EXTERNAL_REF_POINTS_MAX, REFERENCE_DOC ". Null or empty: none", "\"Empl10300469\"")     \
	F(T, STR, segment, NULLS, 0, SEGMENT_POINTS_MAX, SEGMENT_DOC ". Null or empty: none", "\"NO\"")                         \
	F(T, ENUM(user_state), state, OPT, 0, 0, "The new state", "\"ACTIVE\"")                                                 \
	F(T, MAP, attributes, OPT, 0, 0, "Merged into those that are there; a null removes the attribute",                      \
		"{\"lastname\":null,\"age\":\"44\"}")
SCHEMA_STRUCT(user_change, USER_CHANGE);

#define USER_VIEW(F, T)                                                                                                          \
	F(T, STR, externalRef, OPT, 0, 0, REFERENCE_DOC, "\"Empl10300469\"")                                                    \
	F(T, STR, segment, OPT, 0, 0, SEGMENT_DOC, "\"SE\"")                                                                    \
	F(T, UUID, id, REQ, 0, 0, "Id of the user", ID_EXAMPLE)                                                                 \
	F(T, TIME, created, REQ, 0, 0, "When the user was created", TIME_EXAMPLE)                                               \
	F(T, TIME, lastUsed, OPT, 0, 0, "When the user last completed an operation", "")                                        \
	F(T, ENUM(user_state), state, REQ, 0, 0, "State of the user", "\"ACTIVE\"")                                             \
	F(T, JSON, attributes, OPT, 0, 0, "Attributes, as key-value pairs", "{\"firstname\":\"George\",\"lastname\":\"Harrison\"}")
SCHEMA_STRUCT(user_view, USER_VIEW);

#define REFERENCE(F, T) \
	F(T, STR, externalRef, REQ, 1, EXTERNAL_REF_POINTS_MAX, REFERENCE_DOC, "\"Empl10300469\"")
SCHEMA_STRUCT(reference, REFERENCE);

#define RESOLVED(F, T)                                                                            \
	F(T, STR, externalRef, REQ, 0, 0, REFERENCE_DOC, "\"Empl10300469\"")                      \
	F(T, UUID, userId, REQ, 0, 0, "Id of the user", ID_EXAMPLE)                               \
	F(T, STR, segment, OPT, 0, 0, SEGMENT_DOC, "\"SE\"")
SCHEMA_STRUCT(resolved, RESOLVED);

#define VERIFICATION_NEW(F, T)                                                                                                   \
	F(T, UUID, userId, OPT, 0, 0, "If it is there, the same id as in the path", "")                                         \
	F(T, STR, provider, REQ, 1, 100, "Who performed the verification, as named when the process was created",               \
		"\"signicatvideoid\"")                                                                                           \
	F(T, STR, dossierId, REQ, 1, 100, "Id of the dossier", "\"66666666-1617-45a7-991d-785c2ad77111\"")                      \
	F(T, STR, processId, REQ, 1, 100, "Id of the process", "\"88888888-1617-45a7-991d-785c2ad77222\"")                      \
	F(T, STR, orchestrationId, REQ, 1, 100, "Id of the orchestration", "\"77777777-1617-45a7-991d-785c2ad77111\"")
SCHEMA_STRUCT(verification_new, VERIFICATION_NEW);

#define VERIFICATION(F, T)                                                                                                       \
	F(T, UUID, verificationId, REQ, 0, 0, "Id of the verification", "\"b477c7fc-93d0-4e9d-bc58-7444bc33ef12\"")             \
	F(T, UUID, userId, REQ, 0, 0, "Id of the user", ID_EXAMPLE)                                                             \
	F(T, STR, provider, REQ, 0, 0, "Who performed the verification", "\"signicatvideoid\"")                                 \
	F(T, STR, dossierId, REQ, 0, 0, "Id of the dossier", "\"66666666-1617-45a7-991d-785c2ad77111\"")                        \
	F(T, STR, processId, REQ, 0, 0, "Id of the process", "\"88888888-1617-45a7-991d-785c2ad77222\"")                        \
	F(T, TIME, created, REQ, 0, 0, "When the verification was added", TIME_EXAMPLE)                                         \
	F(T, STR, orchestrationId, REQ, 0, 0, "Id of the orchestration", "\"77777777-1617-45a7-991d-785c2ad77111\"")
SCHEMA_STRUCT(verification, VERIFICATION);

/* The query spells the types in lower case. */
#define CREDENTIAL_KIND(V, E)             \
	V(E, device, "MobileID devices")  \
	V(E, passkey, "Passkeys")
ENUMERATION_TYPE(credential_kind, CREDENTIAL_KIND);

#define LIST_QUERY(F, T)                                                                                                         \
	F(T, ENUM(credential_kind), credentialType, REQ, 0, 0, "Which kind of credential: device or passkey", "\"device\"")     \
	PAGE_QUERY(F, T)
SCHEMA_STRUCT(list_query, LIST_QUERY);

#define TRANSACTION_ITEM(F, T)                                                                                                   \
	F(T, UUID, transactionId, REQ, 0, 0, "Id of the transaction", "\"8b53869e-359b-4c0b-be78-e0cce3cf1b17\"")               \
	F(T, STR, ref, REQ, 0, 0, "Where to read more",                                                                         \
		"\"/credentials/devices/authentications/8b53869e-359b-4c0b-be78-e0cce3cf1b17\"")                                 \
	F(T, ENUM(operation_type), operationType, REQ, 0, 0, "What was done", "\"AUTHENTICATION\"")                             \
	F(T, ENUM(operation_state), state, REQ, 0, 0, "How it stands", "\"COMPLETED\"")                                         \
	F(T, STR, errorCode, OPT, 0, 0, "Why it failed", "")                                                                    \
	F(T, TIME_SECONDS, created, REQ, 0, 0, "When it was started", "\"2025-09-24T11:00:26.000Z\"")                           \
	F(T, TIME_SECONDS, expires, OPT, 0, 0, "When it expires", "\"2025-09-24T11:05:26.000Z\"")                               \
	F(T, UUID, credentialId, OPT, 0, 0, "Id of the device or passkey", "\"c5745756-be09-484e-8578-b5d43fcbdef4\"")          \
	F(T, ENUM(credential_type), credentialType, REQ, 0, 0, "Kind of credential", "\"DEVICE\"")
SCHEMA_STRUCT(transaction_item, TRANSACTION_ITEM);

#define TRANSACTION_PAGE(F, T)                                                                     \
	F(T, STR, previous, OPT, 0, 0, "Link to the page before", "")                              \
	F(T, STR, next, OPT, 0, 0, "Link to the next page", "")                                    \
	F(T, INT, limit, REQ, 0, 0, "Items on a page", "10")                                       \
	F(T, LIST(transaction_item), transactions, REQ, 0, 0, "Transactions, newest first", "")
SCHEMA_STRUCT(transaction_page, TRANSACTION_PAGE);

#define CREDENTIAL_ITEM(F, T)                                                                                                    \
	F(T, ENUM(credential_type), type, REQ, 0, 0, "Kind of credential", "\"DEVICE\"")                                        \
	F(T, UUID, id, REQ, 0, 0, "Id of the credential", "\"0f23f8ec-3899-42a2-9f22-b7c8eec8f3e6\"")                           \
	F(T, STR, name, REQ, 0, 0, "Its name", "\"device name\"")                                                               \
	F(T, ENUM(credential_state), state, REQ, 0, 0, "State of the credential", "\"ACTIVE\"")                                 \
	F(T, ENUM(operation_type), lastOperationType, OPT, 0, 0, "What it last did", "\"AUTHENTICATION\"")                      \
	F(T, TIME, lastUsed, OPT, 0, 0, "When it was last used", "\"2025-09-07T13:42:41.141Z\"")                                \
	F(T, STR, ref, REQ, 0, 0, "Where to read more",                                                                         \
		"\"/credentials/devices/0f23f8ec-3899-42a2-9f22-b7c8eec8f3e6?userId=db4b1fc1-57fa-46fd-94c6-58aa2bd59d44\"")
SCHEMA_STRUCT(credential_item, CREDENTIAL_ITEM);

#define CREDENTIAL_PAGE(F, T)                                                              \
	F(T, STR, next, OPT, 0, 0, "Link to the next page", "")                            \
	F(T, STR, previous, OPT, 0, 0, "Link to the page before", "")                      \
	F(T, LIST(credential_item), credentials, REQ, 0, 0, "Credentials, last used first", "")
SCHEMA_STRUCT(credential_page, CREDENTIAL_PAGE);

#define USER_SEARCH(F, T)                                                                          \
	F(T, STR, accountId, OPT, 0, 100, "Only users of this account", "")                        \
	F(T, STR, externalRef, OPT, 0, EXTERNAL_REF_POINTS_MAX, "Only the user with this reference; needs accountId", "") \
	F(T, STR, segment, OPT, 0, SEGMENT_POINTS_MAX, "Only users of this segment", "")           \
	F(T, ENUM(user_state), state, NOCASE, 0, 0, "Only users in this state", "")                \
	PAGE_QUERY(F, T)
SCHEMA_STRUCT(user_search, USER_SEARCH);

#define USER_ADMIN(F, T)                                                                           \
	F(T, UUID, id, REQ, 0, 0, "Id of the user", "")                                            \
	F(T, STR, accountId, REQ, 0, 0, "Account of the user", "")                                 \
	F(T, STR, externalRef, OPT, 0, 0, REFERENCE_DOC, "")                                       \
	F(T, STR, segment, OPT, 0, 0, SEGMENT_DOC, "")                                             \
	F(T, ENUM(user_state), state, REQ, 0, 0, "State of the user", "")                          \
	F(T, TIME, created, REQ, 0, 0, "When the user was created", "")                            \
	F(T, TIME, lastUsed, OPT, 0, 0, "When the user last completed an operation", "")           \
	F(T, JSON, attributes, OPT, 0, 0, "Attributes, as key-value pairs", "")
SCHEMA_STRUCT(user_admin, USER_ADMIN);

#define USER_ADMIN_PAGE(F, T)                                                                      \
	F(T, LIST(user_admin), users, REQ, 0, 0, "Users, newest first", "")                        \
	F(T, UUID, next, OPT, 0, 0, "Offset of the next page", "")
SCHEMA_STRUCT(user_admin_page, USER_ADMIN_PAGE);

#define EXPORT_CREDENTIAL(F, T)                                                                           \
	F(T, UUID, credentialId, REQ, 0, 0, "Id of the credential", "")                                  \
	F(T, ENUM(credential_type), credentialType, REQ, 0, 0, "Kind of credential", "")                 \
	F(T, ENUM(credential_state), state, REQ, 0, 0, "State", "")                                      \
	F(T, STR, name, OPT, 0, 0, "Name", "")                                                           \
	F(T, ENUM(operation_type), lastOperationType, OPT, 0, 0, "What it was last used for", "")        \
	F(T, TIME, created, REQ, 0, 0, "When it was made", "")                                           \
	F(T, TIME, lastUsed, OPT, 0, 0, "When it was last used", "")
SCHEMA_STRUCT(export_credential, EXPORT_CREDENTIAL);

#define EXPORT_TRANSACTION(F, T)                                                                          \
	F(T, UUID, transactionId, REQ, 0, 0, "Id of the transaction", "")                                \
	F(T, ENUM(credential_type), credentialType, REQ, 0, 0, "Kind of credential", "")                 \
	F(T, ENUM(operation_type), operationType, REQ, 0, 0, "Kind of operation", "")                    \
	F(T, ENUM(operation_state), state, REQ, 0, 0, "State", "")                                       \
	F(T, STR, errorCode, OPT, 0, 0, "Why it failed", "")                                             \
	F(T, UUID, credentialId, OPT, 0, 0, "The credential", "")                                        \
	F(T, TIME, created, REQ, 0, 0, "When it was started", "")                                        \
	F(T, TIME, expires, REQ, 0, 0, "When its time was over", "")                                     \
	F(T, TIME, completed, OPT, 0, 0, "When it ended", "")
SCHEMA_STRUCT(export_transaction, EXPORT_TRANSACTION);

#define USER_EXPORT(F, T)                                                                                              \
	F(T, OBJ(user_view), user, REQ, 0, 0, "The user", "")                                                         \
	F(T, LIST(verification), identityVerifications, REQ, 0, 0, "Identity verifications", "")                      \
	F(T, LIST(export_credential), credentials, REQ, 0, 0, "Credentials of every kind", "")                        \
	F(T, LIST(export_transaction), transactions, REQ, 0, 0, "Transactions of every kind", "")                     \
	F(T, JSON, devices, ARRAY, 0, 0, "MobileID: what is known of each device", "")                                  \
	F(T, JSON, deviceOperations, ARRAY, 0, 0, "MobileID: contexts, results and evidence of each operation", "")    \
	F(T, JSON, dossiers, ARRAY, 0, 0, "Identity proofings: dossiers, processes and results; pictures by name", "")  \
	F(T, JSON, flows, ARRAY, 0, 0, "Onboardings and step-ups", "")                                                 \
	F(T, JSON, auditRecords, ARRAY, 0, 0, "Audit records about the user", "")                                       \
	F(T, STR, auditNext, OPT, 0, 0, "There may be more of them from this cursor on: see the audit API", "")
SCHEMA_STRUCT(user_export, USER_EXPORT);

#endif

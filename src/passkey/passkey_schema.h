/* Bodies of the REST side of passkeys, and of what browsers send. */
#ifndef PASSKEY_PASSKEY_SCHEMA_H
#define PASSKEY_PASSKEY_SCHEMA_H

#include "api/page.h"
#include "user/user.h"

#define PASSKEY_ID_EXAMPLE "\"7daa489e-6b35-46ca-83a4-1bba2ea35f68\""
#define PASSKEY_USER_EXAMPLE "\"8710745d-18bd-441d-91f8-44fd040323a9\""
#define PASSKEY_TIME_EXAMPLE "\"2025-06-10T04:12:31.132Z\""

/* api.md 5.4 */
enum {
	CEREMONY_MS_MIN = 30000, CEREMONY_MS_MAX = 600000, CEREMONY_MS_MAX_DISCOURAGED = 180000, CEREMONY_MS_DEFAULT = 30000,
	OPERATION_MS_MIN = 300000,
	DOMAIN_POINTS_MAX = 253, REDIRECT_POINTS_MAX = 2000, PASSKEY_NAME_POINTS_MAX = 128,
};

/* The number stands in the database. */
#define USER_VERIFICATION(V, E)                                                             \
	V(E, required, "The user has to be verified, or the operation fails")               \
	V(E, preferred, "The user is verified where the authenticator can; the default")    \
	V(E, discouraged, "The user is not verified")
ENUMERATION_TYPE(verification_wanted, USER_VERIFICATION);

#define CEREMONY_OPTIONS(F, T)                                                                                                   \
	F(T, INT_ANY, sessionTimeout, OPT, CEREMONY_MS_MIN, CEREMONY_MS_MAX, "How long the browser waits for the user, in ms", "30000") \
	F(T, ENUM(verification_wanted), userVerification, NOCASE, 0, 0, "Is the user verified by PIN or biometrics", "\"preferred\"") \
	F(T, STRS, requestedUserAttributes, OPT, 0, 100, "Names of the user's attributes to answer with", "[\"firstname\"]")

#define PASSKEY_NEW(F, T)                                                                                      \
	F(T, STR, domain, REQ, 1, DOMAIN_POINTS_MAX, "Domain that it will be bound to", "\"acme.com\"")         \
	F(T, STR, name, OPT, 0, PASSKEY_NAME_POINTS_MAX, "Name of the passkey", "\"myPassKeyName\"")
SCHEMA_STRUCT(passkey_new, PASSKEY_NEW);
SCHEMA_STRUCT(ceremony_options, CEREMONY_OPTIONS);

#define PASSKEY_TAGS(F, T) F(T, STRS, tags, OPT, 0, 20, "Copied into the event, so that receivers can filter", "[\"tag1\"]")
#define PASSKEY_REDIRECT(F, T) \
	F(T, STR, rpRedirectUri, OPT, 0, REDIRECT_POINTS_MAX, "Where the user's browser goes at the end, however it went", "\"https://acme.com/done\"")

#define PASSKEY_REGISTRATION_NEW(F, T)                                                          \
	F(T, UUID, userId, REQ, 0, 0, "Whose passkey it will be", PASSKEY_USER_EXAMPLE)         \
	F(T, OBJ(passkey_new), passkey, REQ, 0, 0, "The passkey", "")                           \
	PASSKEY_REDIRECT(F, T)                                                                  \
	F(T, OBJ(ceremony_options), operationProperties, OPT, 0, 0, "How it is carried out", "") \
	PASSKEY_TAGS(F, T)
SCHEMA_STRUCT(passkey_registration_new, PASSKEY_REGISTRATION_NEW);

#define AUTHENTICATION_OPTIONS(F, T)                                                                            \
	F(T, STR, domain, REQ, 1, DOMAIN_POINTS_MAX, "Domain that the passkey is bound to", "\"acme.com\"")      \
	CEREMONY_OPTIONS(F, T)
SCHEMA_STRUCT(authentication_options, AUTHENTICATION_OPTIONS);

#define PASSKEY_AUTHENTICATION_NEW(F, T)                                                              \
	PASSKEY_REDIRECT(F, T)                                                                        \
	F(T, OBJ(authentication_options), operationProperties, REQ, 0, 0, "How it is carried out", "") \
	PASSKEY_TAGS(F, T)
SCHEMA_STRUCT(passkey_authentication_new, PASSKEY_AUTHENTICATION_NEW);

#define PASSKEY_BRIEF(F, T)                                                                          \
	F(T, UUID, id, OPT, 0, 0, "Id of the passkey", PASSKEY_ID_EXAMPLE)                           \
	F(T, STR, name, OPT, 0, 0, "Name of the passkey", "\"myPassKeyName\"")                       \
	F(T, STR, domain, OPT, 0, 0, "Domain that it is bound to", "\"acme.com\"")
SCHEMA_STRUCT(passkey_brief, PASSKEY_BRIEF);

#define PASSKEY_USER(F, T)                                                                           \
	F(T, UUID, id, REQ, 0, 0, "Id of the user", PASSKEY_USER_EXAMPLE)                            \
	F(T, STR, externalRef, OPT, 0, 0, "Your own identifier of the user", "\"Empl10300469\"")
SCHEMA_STRUCT(passkey_user, PASSKEY_USER);

#define CEREMONY_VIEW(F, T)                                                                                                  \
	F(T, INT, sessionTimeout, REQ, 0, 0, "How long the browser waits for the user, in ms", "30000")                     \
	F(T, TIME, sessionExpiryTime, REQ, 0, 0, "When the operation expires", PASSKEY_TIME_EXAMPLE)                        \
	F(T, ENUM(verification_wanted), userVerification, REQ, 0, 0, "Is the user verified", "\"preferred\"")                 \
	F(T, STR, domain, OPT, 0, 0, "Domain, of an authentication", "\"acme.com\"")                                        \
	F(T, JSON, requestedUserAttributes, OPT, 0, 0, "Attributes that were asked for and exist", "{\"firstname\":\"Jane\"}")
SCHEMA_STRUCT(ceremony_view, CEREMONY_VIEW);

#define PASSKEY_OPERATION(F, T)                                                                                              \
	F(T, UUID, transactionId, REQ, 0, 0, "Id of the transaction", "\"e625212d-48c8-4a35-89c5-0e1a7ac348aa\"")           \
	F(T, STR, accountId, REQ, 0, 0, "Id of the account", "\"a-spge-Abcdefghijk123456789\"")                             \
	F(T, ENUM(operation_state), state, REQ, 0, 0, "State of the operation", "\"PENDING\"")                              \
	F(T, STR, errorCode, OPT, 0, 0, "Why it failed", "")                                                                \
	F(T, STR, errorDescription, OPT, 0, 0, "The same in a sentence", "")                                                \
	F(T, TIME, created, REQ, 0, 0, "When it was started", PASSKEY_TIME_EXAMPLE)                                         \
	F(T, TIME, completed, OPT, 0, 0, "When it ended", "")                                                               \
	F(T, OBJ(passkey_brief), passkey, OPT, 0, 0, "The passkey", "")                                                     \
	F(T, OBJ(passkey_user), user, OPT, 0, 0, "The user, once known", "")                                                \
	F(T, OBJ(ceremony_view), operationProperties, REQ, 0, 0, "How it is carried out", "")                               \
	F(T, STR, operationUrl, OPT, 0, 0, "Page that the user's browser has to open, while it is pending", "")             \
	F(T, STRS, tags, OPT, 0, 0, "Tags of the request", "[\"tag1\"]")
SCHEMA_STRUCT(passkey_operation, PASSKEY_OPERATION);

#define PASSKEY_VIEW(F, T)                                                                                                   \
	F(T, UUID, id, REQ, 0, 0, "Id of the passkey", PASSKEY_ID_EXAMPLE)                                                  \
	F(T, STR, keyId, REQ, 0, 0, "Credential id, base64url of its base64url", "\"M3NQdUxFLWJVaENKOVVXQlNjd2g2UQ\"")      \
	F(T, STR, accountId, REQ, 0, 0, "Id of the account", "\"a-spge-Abcdefghijk123456789\"")                             \
	F(T, STR, name, OPT, 0, 0, "Name of the passkey", "\"myPassKeyName\"")                                              \
	F(T, STR, publicKey, REQ, 0, 0, "COSE key, base64", "\"pQECAyYgASFYIA==\"")                                         \
	F(T, STR, domain, REQ, 0, 0, "Domain that it is bound to", "\"acme.com\"")                                          \
	F(T, TIME, created, REQ, 0, 0, "When it was registered", PASSKEY_TIME_EXAMPLE)                                      \
	F(T, TIME, lastUsed, OPT, 0, 0, "When it was last used", PASSKEY_TIME_EXAMPLE)                                      \
	F(T, UUID, aaGuid, REQ, 0, 0, "Kind of authenticator", "\"ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4\"")                  \
	F(T, BOOL, userVerification, REQ, 0, 0, "Was the user verified when it was last used", "true")                      \
	F(T, BOOL, userPresence, REQ, 0, 0, "Was the user present", "true")
SCHEMA_STRUCT(passkey_view, PASSKEY_VIEW);

#define PASSKEY_QUERY(F, T) F(T, UUID, userId, REQ, 0, 0, "Whose passkey it is", PASSKEY_USER_EXAMPLE)
SCHEMA_STRUCT(passkey_query, PASSKEY_QUERY);
#define PASSKEY_LIST_QUERY(F, T) PASSKEY_QUERY(F, T) PAGE_QUERY(F, T)
SCHEMA_STRUCT(passkey_list_query, PASSKEY_LIST_QUERY);

#define PASSKEY_TRANSACTION(F, T)                                                                                            \
	F(T, UUID, transactionId, REQ, 0, 0, "Id of the transaction", "\"5b5402eb-30d6-4b33-a209-bb2709b41262\"")           \
	F(T, STR, ref, REQ, 0, 0, "Where the passkey is", "\"/credentials/passkeys/7daa489e-6b35-46ca-83a4-1bba2ea35f68\"") \
	F(T, ENUM(operation_type), operationType, REQ, 0, 0, "What it was", "\"AUTHENTICATION\"")                           \
	F(T, ENUM(operation_state), state, REQ, 0, 0, "How it went", "\"COMPLETED\"")                                       \
	F(T, TIME, created, REQ, 0, 0, "When it was started", PASSKEY_TIME_EXAMPLE)                                         \
	F(T, STR, errorCode, OPT, 0, 0, "Why it failed", "")                                                                \
	F(T, UUID, passkeyId, REQ, 0, 0, "Id of the passkey", PASSKEY_ID_EXAMPLE)
SCHEMA_STRUCT(passkey_transaction, PASSKEY_TRANSACTION);

#define PASSKEY_TRANSACTION_PAGE(F, T)                                                                       \
	F(T, STR, previous, OPT, 0, 0, "The page before", "")                                                \
	F(T, STR, next, OPT, 0, 0, "The page behind", "")                                                    \
	F(T, LIST(passkey_transaction), transactions, REQ, 0, 0, "Newest first", "")
SCHEMA_STRUCT(passkey_transaction_page, PASSKEY_TRANSACTION_PAGE);

#define EXPORT_QUERY(F, T) F(T, UUID, after, OPT, 0, 0, "Only passkeys behind this one: the last id of the call before", "")
SCHEMA_STRUCT(export_query, EXPORT_QUERY);
#define PASSKEY_IMPORT_RESULT(F, T) F(T, INT, imported, REQ, 0, 0, "How many", "1")
SCHEMA_STRUCT(passkey_import_result, PASSKEY_IMPORT_RESULT);

/* ---- from browsers: PublicKeyCredential.toJSON() (WebAuthn Level 3, 5.1.8) ---- */

#define CREDENTIAL_RESPONSE(F, T)                                                                    \
	F(T, BYTES, clientDataJSON, REQ, 1, 8192, "Client data", "")                                 \
	F(T, BYTES, attestationObject, OPT, 1, 65536, "Of a registration", "")                       \
	F(T, STRS, transports, OPT, 0, 16, "How the authenticator is reached", "")                   \
	F(T, BYTES, authenticatorData, OPT, 1, 4096, "Of an authentication", "")                     \
	F(T, BYTES, signature, OPT, 1, 4096, "Of an authentication", "")                             \
	F(T, BYTES, userHandle, OPT, 1, 64, "Of an authentication", "")
SCHEMA_STRUCT(credential_response, CREDENTIAL_RESPONSE);

#define CREDENTIAL_SENT(F, T)                                                                        \
	F(T, STR, token, OPT, 0, 64, "Of options, when no page of ours is used", "")                 \
	F(T, BYTES, rawId, REQ, 1, 1023, "Credential id", "")                                        \
	F(T, STR, id, REQ, 1, 1400, "The same as text", "")                                          \
	F(T, STR, type, REQ, 1, 32, "public-key", "")                                                \
	F(T, OBJ(credential_response), response, REQ, 0, 0, "What the authenticator made", "")
SCHEMA_STRUCT(credential_sent, CREDENTIAL_SENT);

#define CEREMONY_CALL(F, T)                                                                          \
	F(T, STR, token, OPT, 0, 64, "Of options, when no page of ours is used", "")                 \
	F(T, STR, error, OPT, 0, 64, "Name of what the browser threw", "")
SCHEMA_STRUCT(ceremony_call, CEREMONY_CALL);

#define CEREMONY_OUTCOME(F, T)                                                                       \
	F(T, ENUM(operation_state), state, REQ, 0, 0, "How it went", "")                             \
	F(T, STR, errorCode, OPT, 0, 0, "Why it failed", "")                                         \
	F(T, STR, redirect, OPT, 0, 0, "Where the browser goes now", "")                             \
	F(T, BOOL, unknownCredential, OPT, 0, 0, "The browser may forget this passkey", "")
SCHEMA_STRUCT(ceremony_outcome, CEREMONY_OUTCOME);

/* ---- operators ---- */

#define DOMAIN_SETTINGS(F, T)                                                                                                       \
	F(T, STR, rpId, OPT, 0, DOMAIN_POINTS_MAX, "What passkeys are bound to: the domain, or one that it lies in", "")   \
	F(T, STR, pageUrl, OPT, 0, 300, "Where browsers reach our pages; https://DOMAIN unless told otherwise", "")                   \
	F(T, STR, origins, OPT, 0, 4000, "Further origins that may use its passkeys, of pages and apps, with spaces between them", "") \
	F(T, STR, redirects, OPT, 0, 4000, "Beginnings of further addresses that browsers may be sent to", "")                        \
	F(T, STR, title, OPT, 0, 100, "Name that people see", "\"Acme\"")                                                            \
	F(T, STR, accent, OPT, 0, 7, "Colour of buttons", "\"#1d4ed8\"")                                                              \
	F(T, STR, logo, OPT, 0, 90000, "Picture, as a data: URL", "")                                                                 \
	F(T, STR, appleApps, OPT, 0, 4000, "Apple apps that may use its passkeys: TEAM.BUNDLE", "")                                   \
	F(T, STR, androidApps, OPT, 0, 4000, "Android apps that may use its passkeys: PACKAGE=SHA-256 of the certificate", "")        \
	F(T, BOOL, attestation, OPT, 0, 0, "Ask authenticators of what make they are, and verify what they say", "false")               \
	F(T, BOOL, trustedOnly, OPT, 0, 0, "Only authenticators whose attestation leads to a trusted root", "false")                  \
	F(T, STR, aaguids, OPT, 0, 8000, "Only these kinds of authenticators", "")
SCHEMA_STRUCT(domain_settings, DOMAIN_SETTINGS);

#endif

/* Queries and answers of the audit API. */
#ifndef AUDIT_AUDIT_SCHEMA_H
#define AUDIT_AUDIT_SCHEMA_H

#include "codec/schema.h"

enum { CONDITIONS_MAX = 20, CONDITION_VALUES_MAX = 100, RECORDS_MAX = 1000, EXPORT_RECORDS_MAX = 10000, CURSOR_TEXT_MAX = 19 };

#define AUDIT_OPERATOR(V, E)                                          \
	V(E, eq, "Equal")                                             \
	V(E, ne, "Not equal, or not there")                           \
	V(E, in, "One of `values`")                                   \
	V(E, startsWith, "Begins with it")                            \
	V(E, contains, "Has it somewhere")                            \
	V(E, exists, "Is there; with the value false: is not there")  \
	V(E, gt, "Greater: numbers as numbers, all else as text")     \
	V(E, lt, "Less: numbers as numbers, all else as text")
ENUMERATION_TYPE(audit_operator, AUDIT_OPERATOR);

#define AUDIT_FORMAT(V, E)                                            \
	V(E, jsonl, "A record on each line as JSON, with its proof")  \
	V(E, csv, "A table for people, without proofs")
ENUMERATION_TYPE(audit_format, AUDIT_FORMAT);

#define CURSOR_DOC "Where to begin, as in `next`"
#define LIMIT_DOC "Records at most"

#define AUDIT_PAGE(F, T)                                                                            \
	F(T, STR, cursor, OPT, 1, CURSOR_TEXT_MAX, CURSOR_DOC, "")                                  \
	F(T, INT_ANY, limit, OPT, 1, RECORDS_MAX, LIMIT_DOC "; 1000 unless told otherwise", "1000")
SCHEMA_STRUCT(audit_page, AUDIT_PAGE);

#define AUDIT_CONDITION(F, T)                                                                                              \
	F(T, STR, field, REQ, 1, 128, "A member of the record, or `data.NAME`", "\"eventType\"")                           \
	F(T, ENUM(audit_operator), operator, REQ, 0, 0, "How it is compared", "\"startsWith\"")                            \
	F(T, STR, value, OPT, 0, 1000, "What it is compared with", "\"DEVICE_\"")                                          \
	F(T, STRS, values, OPT, 0, CONDITION_VALUES_MAX, "What it is compared with by `in`", "")
SCHEMA_STRUCT(audit_condition, AUDIT_CONDITION);

#define AUDIT_QUERY(F, T)                                                                                                  \
	F(T, LIST(audit_condition), and, OPT, 0, CONDITIONS_MAX, "All of them have to hold",                            \
		"[{\"field\":\"eventType\",\"operator\":\"startsWith\",\"value\":\"DEVICE_\"}]")                           \
	F(T, TIME, from, OPT, 0, 0, "The oldest time; 30 days before `to` unless told otherwise", "")                      \
	F(T, TIME, to, OPT, 0, 0, "All records are older than this; now unless told otherwise", "")
SCHEMA_STRUCT(audit_query, AUDIT_QUERY);

#define AUDIT_RECORD_VIEW(F, T)                                                                                            \
	F(T, STR, cursor, REQ, 0, 0, "Place in the log, counted from 0", "\"1729\"")                                       \
	F(T, STR, accountId, OPT, 0, 0, "Account", "\"a-spge-Abcdefghijk123456789\"")                                      \
	F(T, STR, organizationId, OPT, 0, 0, "Organisation", "")                                                           \
	F(T, TIME, timestamp, REQ, 0, 0, "When it happened", "\"2026-01-21T22:47:27.123Z\"")                               \
	F(T, STR, serviceName, REQ, 0, 0, "Service", "\"reuseid\"")                                                        \
	F(T, STR, message, REQ, 0, 0, "What happened, in words", "\"User created\"")                                       \
	F(T, BOOL, sandbox, REQ, 0, 0, "Made-up people?", "true")                                                          \
	F(T, UUID, userId, OPT, 0, 0, "Whom it is about", "")                                                              \
	F(T, UUID, messageId, REQ, 0, 0, "Id of the record", "")                                                           \
	F(T, STR, referenceId, OPT, 0, 0, "Transaction or object that it is about", "")                                    \
	F(T, STR, traceId, OPT, 0, 0, "The request's X-TRACE-ID", "")                                                      \
	F(T, STR, eventType, REQ, 0, 0, "What happened", "\"API_USER_CREATED\"")                                           \
	F(T, STR, clientId, OPT, 0, 0, "The API client that did it", "")                                                   \
	F(T, STR, jwtId, OPT, 0, 0, "Id of the access token", "")                                                          \
	F(T, TIME, expiresAt, REQ, 0, 0, "The record is deleted then; its hash stays", "")                                 \
	F(T, JSON, data, OPT, 0, 0, "What else there is to say", "{}")                                                     \
	F(T, MAP, indexedData, OPT, 0, 0, "Texts and numbers of the data, as text", "")                                    \
	F(T, STR, commitment, OPT, 0, 0, "SHA-256 of the salt and what is personal; stays when the user is erased", "")    \
	F(T, STR, ipAddress, OPT, 0, 0, "Address of the caller", "\"192.0.2.1\"")                                          \
	F(T, JSON, personalData, OPT, 0, 0, "Names of what was changed", "")                                               \
	F(T, STR, salt, OPT, 0, 0, "Of the commitment", "")
SCHEMA_STRUCT(audit_record_view, AUDIT_RECORD_VIEW);

#define AUDIT_RECORDS(F, T)                                                                                                \
	F(T, LIST(audit_record_view), data, REQ, 0, 0, "Records, newest first", "")                                        \
	F(T, STR, next, OPT, 0, 0, "Where to go on; while it is there, there may be more, even behind an empty page", "")
SCHEMA_STRUCT(audit_records, AUDIT_RECORDS);

#define AUDIT_METADATA(F, T)                                                                                               \
	F(T, BOOL, extended, REQ, 0, 0, "Can be searched by members of the data too", "true")                              \
	F(T, STRS, targets, REQ, 0, 0, "What can be searched for", "")                                                     \
	F(T, STRS, serviceNames, REQ, 0, 0, "Services that write records", "")                                             \
	F(T, STRS, eventTypes, REQ, 0, 0, "Every type of record", "")                                                      \
	F(T, STRS, operators, REQ, 0, 0, "How members can be compared", "")
SCHEMA_STRUCT(audit_metadata, AUDIT_METADATA);

#define AUDIT_PROPERTIES_OF(F, T)                                                                                          \
	F(T, STR, target, REQ, 1, 64, "What is searched for", "\"audit\"")                                                 \
	F(T, STR, serviceName, REQ, 1, 64, "Service", "\"reuseid\"")                                                       \
	F(T, STR, eventType, OPT, 0, 128, "Type of record", "")
SCHEMA_STRUCT(audit_properties_of, AUDIT_PROPERTIES_OF);

#define AUDIT_PROPERTIES(F, T) F(T, STRS, properties, REQ, 0, 0, "Members that can be searched by", "")
SCHEMA_STRUCT(audit_properties, AUDIT_PROPERTIES);

#define AUDIT_EXPORT(F, T)                                                                                                 \
	F(T, ENUM(audit_format), format, OPT, 0, 0, "jsonl unless told otherwise", "")                                     \
	F(T, STR, cursor, OPT, 1, CURSOR_TEXT_MAX, "Where to begin, as in the header `Link`", "")                          \
	F(T, INT_ANY, limit, OPT, 1, EXPORT_RECORDS_MAX, LIMIT_DOC "; 1000 unless told otherwise", "")                     \
	F(T, INT_ANY, size, OPT, 0, 0, "The checkpoint's size that the proofs lead to; else the log as it is now", "")
SCHEMA_STRUCT(audit_export, AUDIT_EXPORT);

#define AUDIT_CHECKPOINT(F, T)                                                                                             \
	F(T, INT, size, REQ, 0, 0, "Records that it covers", "1730")                                                       \
	F(T, STR, rootHash, REQ, 0, 0, "Root of their tree, base64url", "")                                                \
	F(T, TIME, timestamp, REQ, 0, 0, "When it was signed", "")                                                         \
	F(T, STR, checkpoint, REQ, 0, 0, "The signed checkpoint, a JWT: keep this", "")
SCHEMA_STRUCT(audit_checkpoint, AUDIT_CHECKPOINT);

#define AUDIT_CHECKPOINTS(F, T)                                                                                            \
	F(T, LIST(audit_checkpoint), data, REQ, 0, 0, "Newest first; the first one is of this moment", "")                 \
	F(T, STR, next, OPT, 0, 0, "Where to go on", "")
SCHEMA_STRUCT(audit_checkpoints, AUDIT_CHECKPOINTS);

#define AUDIT_INCLUSION_OF(F, T)                                                                                           \
	F(T, STR, cursor, REQ, 1, CURSOR_TEXT_MAX, "The record", "\"0\"")                                                  \
	F(T, INT_ANY, size, OPT, 0, 0, "The checkpoint's size; else the log as it is now", "")
SCHEMA_STRUCT(audit_inclusion_of, AUDIT_INCLUSION_OF);

#define AUDIT_INCLUSION(F, T)                                                                                              \
	F(T, INT, index, REQ, 0, 0, "Place of the leaf", "1729")                                                           \
	F(T, INT, size, REQ, 0, 0, "Size of the tree", "1730")                                                             \
	F(T, STR, leafHash, REQ, 0, 0, "Hash of the leaf, base64url", "")                                                  \
	F(T, STR, rootHash, REQ, 0, 0, "Root of the tree, base64url", "")                                                  \
	F(T, STRS, proof, REQ, 0, 0, "RFC 9162, 2.1.3, each hash base64url", "")
SCHEMA_STRUCT(audit_inclusion, AUDIT_INCLUSION);

#define AUDIT_CONSISTENCY_OF(F, T)                                                                                         \
	F(T, INT_ANY, first, REQ, 0, 0, "Size of the older checkpoint", "1")                                               \
	F(T, INT_ANY, second, OPT, 0, 0, "Size of the newer one; else the log as it is now", "")
SCHEMA_STRUCT(audit_consistency_of, AUDIT_CONSISTENCY_OF);

#define AUDIT_CONSISTENCY(F, T)                                                                                            \
	F(T, INT, first, REQ, 0, 0, "Size of the older tree", "1")                                                         \
	F(T, INT, second, REQ, 0, 0, "Size of the newer tree", "1730")                                                     \
	F(T, STR, firstRootHash, REQ, 0, 0, "Root of the older tree, base64url", "")                                       \
	F(T, STR, secondRootHash, REQ, 0, 0, "Root of the newer tree, base64url", "")                                      \
	F(T, STRS, proof, REQ, 0, 0, "RFC 9162, 2.1.4, each hash base64url", "")
SCHEMA_STRUCT(audit_consistency, AUDIT_CONSISTENCY);

#endif

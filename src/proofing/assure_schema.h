/* Bodies of the Assure-compatible routes. */
#ifndef PROOFING_ASSURE_SCHEMA_H
#define PROOFING_ASSURE_SCHEMA_H

#include "proofing/internal.h"

#define DOSSIER_ID "\"3d563ac4-9d26-4a6a-b58d-5a29cacfe015\""
#define PROCESS_ID "\"2f54b0a4-1a77-42e2-98d8-369116ef2055\""
#define SECONDS "\"2026-01-21T22:47:27Z\""

#define COMPLETE_NEW(F, T)                                                                                             \
	F(T, ENUM(process_status), status, REQ, 0, 0, "How it ends", "\"accepted\"")                                   \
	F(T, OBJ(final_result), finalResult, OPT, 0, 0, "What is found; what is left out is made up", "")              \
	F(T, OBJ(fail_reason), failReason, OPT, 0, 0, "Why it fails", "")
SCHEMA_STRUCT(complete_new, COMPLETE_NEW);

#define DOSSIER_NEW(F, T) \
	F(T, STR, externalReference, OPT, 0, EXTERNAL_REF_POINTS_MAX, "Your own identifier of the end-user", "\"Empl10300469\"")
SCHEMA_STRUCT(dossier_new, DOSSIER_NEW);

#define PROCESS_SLIM(F, T)                                                                                             \
	F(T, UUID, processId, REQ, 0, 0, "Id of the process", PROCESS_ID)                                              \
	F(T, STR, provider, REQ, 0, 0, "Who carries it out", "\"signicatvideoid\"")                                    \
	F(T, STR, processType, OPT, 0, 0, "Kind of process", "\"substantial\"")                                        \
	F(T, ENUM(process_status), status, REQ, 0, 0, "How it stands", "\"accepted\"")                                 \
	F(T, STR, createdAt, REQ, 0, 0, "When it was created", SECONDS)                                                \
	F(T, STR, updatedAt, REQ, 0, 0, "When it last changed", SECONDS)
SCHEMA_STRUCT(process_slim, PROCESS_SLIM);

#define DOSSIER_VIEW(F, T)                                                                                             \
	F(T, UUID, dossierId, REQ, 0, 0, "Id of the dossier", DOSSIER_ID)                                              \
	F(T, STR, externalReference, OPT, 0, 0, "Your own identifier of the end-user", "\"Empl10300469\"")             \
	F(T, STR, createdAt, REQ, 0, 0, "When it was created", SECONDS)                                                \
	F(T, STR, updatedAt, REQ, 0, 0, "When it last changed", SECONDS)                                               \
	F(T, LIST(process_slim), processes, OPT, 0, 0, "Its processes, oldest first", "")
SCHEMA_STRUCT(dossier_view, DOSSIER_VIEW);

#define PROCESS_NEW(F, T)                                                                                              \
	F(T, STR, provider, REQ, 1, 64, "Who is to carry it out", "\"signicatvideoid\"")                               \
	F(T, STR, processType, OPT, 0, 40, "Kind of process", "\"substantial\"")                                       \
	F(T, STR, documentType, OPT, 0, 40, "Kind of document", "\"passport\"")                                        \
	F(T, STR, documentCountry, OPT, 3, 3, "Country of the document, ISO 3166-1 alpha-3", "\"NOR\"")                \
	F(T, MAP, processParameters, OPT, 0, 50, "For the provider", "")                                               \
	F(T, BOOL, redact, OPT, 0, 0, "Redact pictures; has no effect here", "")                                       \
	F(T, STR, redactionLevel, OPT, 0, 40, "Has no effect here", "")                                                \
	F(T, STR, documentId, OPT, 0, 40, "Number of the type of document", "")                                        \
	F(T, STRS, eventTags, OPT, 0, 20, "Tags of the process", "")
SCHEMA_STRUCT(process_new, PROCESS_NEW);

#define PROCESS_MADE(F, T)                                                                                             \
	F(T, UUID, dossierId, REQ, 0, 0, "Id of the dossier", DOSSIER_ID)                                              \
	F(T, UUID, processId, REQ, 0, 0, "Id of the process", PROCESS_ID)                                              \
	F(T, STR, provider, REQ, 0, 0, "Who carries it out", "\"signicatvideoid\"")                                    \
	F(T, STR, processType, OPT, 0, 0, "Kind of process", "\"substantial\"")                                        \
	F(T, ENUM(process_status), status, REQ, 0, 0, "How it stands", "\"pending\"")                                  \
	F(T, STR, authorization, OPT, 0, 0, "What the provider's SDK has to show", "")                                 \
	F(T, STR, providerApiUrl, OPT, 0, 0, "Where the provider's SDK turns to", "")                                  \
	F(T, STR, createdAt, REQ, 0, 0, "When it was created", SECONDS)                                                \
	F(T, STR, updatedAt, REQ, 0, 0, "When it last changed", SECONDS)
SCHEMA_STRUCT(process_made, PROCESS_MADE);

#define PROCESS_VIEW(F, T)                                                                                             \
	F(T, UUID, dossierId, REQ, 0, 0, "Id of the dossier", DOSSIER_ID)                                              \
	F(T, UUID, processId, REQ, 0, 0, "Id of the process", PROCESS_ID)                                              \
	F(T, STR, provider, REQ, 0, 0, "Who carries it out", "\"signicatvideoid\"")                                    \
	F(T, STR, processType, OPT, 0, 0, "Kind of process", "\"substantial\"")                                        \
	F(T, ENUM(process_status), status, REQ, 0, 0, "How it stands", "\"accepted\"")                                 \
	F(T, OBJ(fail_reason), failReason, OPT, 0, 0, "Why it failed", "")                                             \
	F(T, STRS, depictions, OPT, 0, 0, "Kinds of pictures that are kept", "[\"front\",\"selfie\"]")                 \
	F(T, OBJ(final_result), finalResult, OPT, 0, 0, "What was found, when it was accepted", "")                    \
	F(T, JSON, providerSpecific, OPT, 0, 0, "What the provider said besides", "")                                  \
	F(T, STRS, eventTags, OPT, 0, 0, "Tags of the process", "")                                                    \
	F(T, STR, createdAt, REQ, 0, 0, "When it was created", SECONDS)                                                \
	F(T, STR, updatedAt, REQ, 0, 0, "When it last changed", SECONDS)
SCHEMA_STRUCT(process_view, PROCESS_VIEW);

#define CAPTURE_NEW(F, T)                                                                                              \
	F(T, STR, provider, OPT, 0, 64, "Who is to carry it out", "\"signicatvideoid\"")                               \
	F(T, STR, processType, OPT, 0, 40, "Kind of process", "\"substantial\"")                                       \
	F(T, INTS, allowedIdTypes, OPT, 0, DOC_TYPES_MAX, "Documents to choose from", "[61,62,188]")                   \
	F(T, INT, defaultId, OPT, 1, 1000000, "The one that is offered first", "62")                                   \
	F(T, STR, redirectUrl, OPT, 0, 2000, "Where the end-user goes behind it, an https address", "\"https://example.com/done\"") \
	F(T, STRS, eventTags, OPT, 0, 20, "Tags of the process", "")
SCHEMA_STRUCT(capture_new, CAPTURE_NEW);

#define CAPTURE_MADE(F, T)                                                                                             \
	F(T, STR, url, REQ, 0, 0, "The page for the end-user", "\"https://id.example.com/assure/capture#/artifact=token\"") \
	F(T, UUID, processId, REQ, 0, 0, "Id of the process that it belongs to", PROCESS_ID)
SCHEMA_STRUCT(capture_made, CAPTURE_MADE);

#define FILE_VIEW(F, T)                                                                                                \
	F(T, UUID, fileId, REQ, 0, 0, "Id of the file", "\"30745db7-4403-4403-aa7e-cb35435ee565\"")                    \
	F(T, UUID, processId, OPT, 0, 0, "Id of its process", "")                                                      \
	F(T, STR, kind, REQ, 0, 0, "front, back, selfie, portrait, video or file", "\"front\"")                               \
	F(T, STR, name, OPT, 0, 0, "Its name", "\"passport.jpg\"")                                                     \
	F(T, STR, mediaType, REQ, 0, 0, "Media type", "\"image/jpeg\"")                                                \
	F(T, INT, bytes, REQ, 0, 0, "Size", "48211")                                                                   \
	F(T, STR, createdAt, REQ, 0, 0, "When it was stored", SECONDS)
SCHEMA_STRUCT(file_view, FILE_VIEW);

#define FILE_QUERY(F, T)                                                                                               \
	F(T, STR, name, OPT, 0, 200, "Name of the file", "\"passport.jpg\"")                                           \
	F(T, STR, kind, OPT, 0, 20, "front, back, selfie, portrait or video; front unless told otherwise", "\"front\"")
SCHEMA_STRUCT(file_query, FILE_QUERY);

#define PROCESS_LIST_QUERY(F, T)                                                                                       \
	F(T, TIME, startCreationDate, OPT, 0, 0, "Only those created from this time on; 30 days back at most", "\"2026-01-21T22:47:27Z\"") \
	F(T, TIME, endCreationDate, OPT, 0, 0, "Only those created up to this time", "\"2046-01-21T22:47:27Z\"")       \
	F(T, INT_ANY, limit, OPT, 1, 2000, "How many, 100 unless told otherwise", "100")                               \
	F(T, INT_ANY, offset, OPT, 0, 200000, "How many to leave out in front", "0")
SCHEMA_STRUCT(process_list_query, PROCESS_LIST_QUERY);

#define DOSSIER_LIST_QUERY(F, T)                                                                                       \
	F(T, INT_ANY, limit, OPT, 1, 2000, "How many, 100 unless told otherwise", "100")                               \
	F(T, INT_ANY, offset, OPT, 0, 200000, "How many to leave out in front", "0")
SCHEMA_STRUCT(dossier_list_query, DOSSIER_LIST_QUERY);

/* headless.c, assure.c, assure_process.c, assure_files.c, capture.c */
err simulator_complete_prepare(struct op *op);
err simulator_complete_apply(struct op *op, struct tx *tx);
extern const struct op_errors assure_errors;

#endif

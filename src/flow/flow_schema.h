/* Bodies of the flows. Clients of every age send their own form: what is inside `input` counts as if it stood beside it. */
#ifndef FLOW_FLOW_SCHEMA_H
#define FLOW_FLOW_SCHEMA_H

#include "codec/schema.h"

enum { FLOW_DOC_TYPES_MAX = 400, DOC_TYPE_MAX = 1000000 };

#define FLOW_ID "\"e35ebbf7-9631-4966-9762-ae939c80eda1\""
#define FLOW_USER "\"a1e26081-35b4-4557-a46a-ef50bc91672f\""
#define FLOW_DEVICE "\"f8d74181-9e00-41ba-ba4f-43aa6a3dfea5\""

#define DOCUMENT_FIELDS(F, T)                                                                                          \
	F(T, INT, docType, OPT, 1, DOC_TYPE_MAX, "The only type of document to be used", "")                          \
	F(T, INTS, docTypes, OPT, 0, FLOW_DOC_TYPES_MAX, "The types of documents to choose from", "[138,169,147,245,277]") \
	F(T, INT, defaultId, OPT, 1, DOC_TYPE_MAX, "The one that is offered first", "138")

#define DOCUMENT_OPTIONS(F, T) DOCUMENT_FIELDS(F, T)
SCHEMA_STRUCT(document_options, DOCUMENT_OPTIONS);

#define PROVIDER_DOC "Who carries out the identity proofing; signicatvideoid unless told otherwise"
#define EARLIER "As earlier versions of the API had it"

#define COMMON_FIELDS(F, T)                                                                                            \
	F(T, STR, provider, OPT, 0, 64, PROVIDER_DOC, "\"signicatvideoid\"")                                           \
	F(T, OBJ(document_options), videoidProviderOptions, OPT, 0, 0, "Which documents can be used", "")              \
	F(T, OBJ(document_options), eidProviderOptions, OPT, 0, 0, EARLIER ": videoidProviderOptions", "")

#define ONBOARDING_INPUT(F, T)                                                                                         \
	F(T, JSON, externalRef, SCALAR, 0, 0, "Your own identifier of the new user: text or a number", "")                \
	COMMON_FIELDS(F, T)                                                                                            \
	F(T, INT, docType, OPT, 1, DOC_TYPE_MAX, EARLIER ": videoidProviderOptions.docType", "")                       \
	F(T, INTS, docTypes, OPT, 0, FLOW_DOC_TYPES_MAX, EARLIER ": videoidProviderOptions.docTypes", "")              \
	F(T, INT, defaultId, OPT, 1, DOC_TYPE_MAX, EARLIER ": videoidProviderOptions.defaultId", "")
SCHEMA_STRUCT(onboarding_input, ONBOARDING_INPUT);

#define ONBOARDING_NEW(F, T)                                                                                           \
	F(T, JSON, externalRef, SCALAR, 0, 0, "Your own identifier of the new user: text or a number", "\"Empl10300469\"") \
	COMMON_FIELDS(F, T)                                                                                            \
	F(T, OBJ(onboarding_input), input, OPT, 0, 0, EARLIER ": everything inside one object", "")
SCHEMA_STRUCT(onboarding_new, ONBOARDING_NEW);

#define STEPUP_INPUT(F, T)                                                                                             \
	F(T, UUID, userId, OPT, 0, 0, "The user", "")                                                                  \
	F(T, UUID, deviceId, OPT, 0, 0, "The device of that user", "")                                                 \
	COMMON_FIELDS(F, T)                                                                                            \
	F(T, INT, docType, OPT, 1, DOC_TYPE_MAX, EARLIER ": videoidProviderOptions.docType", "")                       \
	F(T, INTS, docTypes, OPT, 0, FLOW_DOC_TYPES_MAX, EARLIER ": videoidProviderOptions.docTypes", "")              \
	F(T, INT, defaultId, OPT, 1, DOC_TYPE_MAX, EARLIER ": videoidProviderOptions.defaultId", "")
SCHEMA_STRUCT(stepup_input, STEPUP_INPUT);

#define STEPUP_NEW(F, T)                                                                                               \
	F(T, UUID, userId, OPT, 0, 0, "The user who carries it out; required, here or in input", FLOW_USER)            \
	F(T, UUID, deviceId, OPT, 0, 0, "The device of that user; required, here or in input", FLOW_DEVICE)            \
	COMMON_FIELDS(F, T)                                                                                            \
	F(T, OBJ(stepup_input), input, OPT, 0, 0, EARLIER ": everything inside one object", "")
SCHEMA_STRUCT(stepup_new, STEPUP_NEW);

#define USER_DATA(F, T)                                                                                                \
	F(T, STR, firstName, OPT, 0, 0, "First names", "\"JANE\"")                                                     \
	F(T, STR, lastName, OPT, 0, 0, "Last name", "\"SMITH\"")                                                       \
	F(T, STR, dateOfBirth, OPT, 0, 0, "YYYY-MM-DD", "\"1990-01-01\"")                                              \
	F(T, STR, gender, OPT, 0, 0, "F or M", "\"F\"")                                                                \
	F(T, STR, nationality, OPT, 0, 0, "ISO 3166-1 alpha-3", "\"NOR\"")
SCHEMA_STRUCT(user_data, USER_DATA);

#define FLOW_VIEW(F, T)                                                                                                \
	F(T, UUID, transactionId, REQ, 0, 0, "Id of the flow", FLOW_ID)                                                \
	F(T, UUID, userId, REQ, 0, 0, "Id of the user", FLOW_USER)                                                     \
	F(T, STR, activationCode, OPT, 0, 0, "What the new user types into the app; onboarding only", "\"8954685641\"") \
	F(T, UUID, deviceId, OPT, 0, 0, "Id of the device, as soon as it is known", FLOW_DEVICE)                       \
	F(T, UUID, proofingId, OPT, 0, 0, "Id of the identity verification that the user got", "\"30745db7-4403-4403-aa7e-cb35435ee565\"") \
	F(T, UUID, dossierId, OPT, 0, 0, "Id of the dossier", "\"3d563ac4-9d26-4a6a-b58d-5a29cacfe015\"")              \
	F(T, UUID, processId, OPT, 0, 0, "Id of the proofing process", "\"2f54b0a4-1a77-42e2-98d8-369116ef2055\"")     \
	F(T, STR, status, REQ, 0, 0, "Pending, Completed or Failed", "\"Completed\"")                                  \
	F(T, STR, errorCode, OPT, 0, 0, "Why it failed", "")                                                           \
	F(T, STR, errorDescription, OPT, 0, 0, "The same in words", "")                                                \
	F(T, OBJ(user_data), userData, OPT, 0, 0, "What was found out about the user", "")
SCHEMA_STRUCT(flow_view, FLOW_VIEW);

#define FLOW_ANSWER(F, T) F(T, OBJ(flow_view), data, REQ, 0, 0, "The flow", "")
SCHEMA_STRUCT(flow_answer, FLOW_ANSWER);

/* What is kept sealed under the user's key. */
#define FLOW_CONTENT(F, T)                                              \
	F(T, STR, activationCode, OPT, 0, 200, "", "")                  \
	F(T, INTS, docTypes, OPT, 0, FLOW_DOC_TYPES_MAX, "", "")        \
	F(T, INT, defaultId, OPT, 0, 0, "", "")                         \
	F(T, OBJ(user_data), userData, OPT, 0, 0, "", "")
SCHEMA_STRUCT(flow_content, FLOW_CONTENT);

/* What the app is told inside the device channel. */
#define SIGNICAT_OPERATION(F, T)                                        \
	F(T, STR, operation, REQ, 0, 0, "", "")                         \
	F(T, UUID, transactionId, REQ, 0, 0, "", "")                    \
	F(T, STR, provider, REQ, 0, 0, "", "")                          \
	F(T, UUID, dossierId, OPT, 0, 0, "", "")                        \
	F(T, UUID, processId, OPT, 0, 0, "", "")                        \
	F(T, STR, authorization, OPT, 0, 0, "", "")                     \
	F(T, STR, providerApiUrl, OPT, 0, 0, "", "")                    \
	F(T, INT, docType, OPT, 0, 0, "", "")                           \
	F(T, INTS, docTypes, OPT, 0, 0, "", "")                         \
	F(T, INT, defaultId, OPT, 0, 0, "", "")                         \
	F(T, STR, captureUrl, OPT, 0, 0, "", "")
SCHEMA_STRUCT(signicat_operation, SIGNICAT_OPERATION);

#endif

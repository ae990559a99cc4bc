/* What a verification found, in the words of the Assure API. */
#ifndef PROOFING_RESULT_SCHEMA_H
#define PROOFING_RESULT_SCHEMA_H

#include "codec/schema.h"

enum { RESULT_NAME_MAX = 200, RESULT_JSON_MAX = 64 * 1024 };

#define SIMILARITY(V, E)               \
	V(E, veryLow, "Hardly alike")  \
	V(E, low, "A little alike")    \
	V(E, medium, "Alike")          \
	V(E, high, "Very much alike")
ENUMERATION_TYPE(similarity, SIMILARITY);

#define FINAL_RESULT(F, T)                                                                                            \
	F(T, STR, firstName, OPT, 0, RESULT_NAME_MAX, "First names", "\"JANE\"")                                      \
	F(T, STR, lastName, OPT, 0, RESULT_NAME_MAX, "Last name", "\"SMITH\"")                                        \
	F(T, STR, lastNameSecondLine, OPT, 0, RESULT_NAME_MAX, "Second line of the last name", "")                    \
	F(T, STR, dateOfBirth, OPT, 0, 10, "YYYY-MM-DD", "\"1990-01-01\"")                                            \
	F(T, STR, dateOfExpiry, OPT, 0, 10, "When the document expires, YYYY-MM-DD", "\"2034-05-31\"")                \
	F(T, STR, dateOfIssue, OPT, 0, 10, "When the document was issued, YYYY-MM-DD", "\"2024-06-01\"")              \
	F(T, STR, gender, OPT, 0, 1, "M or F", "\"F\"")                                                               \
	F(T, STR, nationality, OPT, 0, 3, "ISO 3166-1 alpha-3", "\"NOR\"")                                            \
	F(T, STR, documentType, OPT, 0, 40, "Kind of document", "\"passport\"")                                       \
	F(T, STR, documentNumber, OPT, 0, 60, "Number of the document", "\"FHC002549\"")                              \
	F(T, STR, issuingCountry, OPT, 0, 3, "ISO 3166-1 alpha-3", "\"NOR\"")                                         \
	F(T, ENUM(similarity), similarityScore, OPT, 0, 0, "How alike face and portrait are", "\"high\"")             \
	F(T, STR, personalIdentificationNumber, OPT, 0, 60, "National number", "\"01019012345\"")                     \
	F(T, BOOL, livenessDetected, OPT, 0, 0, "Was it a living person?", "true")                                    \
	F(T, STR, placeOfBirth, OPT, 0, RESULT_NAME_MAX, "Place of birth", "\"OSLO\"")
SCHEMA_STRUCT(final_result, FINAL_RESULT);

#define FAIL_REASON(F, T)                                                          \
	F(T, STR, type, REQ, 1, 60, "Kind of failure", "\"system_requirements\"")  \
	F(T, STR, message, OPT, 0, 500, "In words", "")
SCHEMA_STRUCT(fail_reason, FAIL_REASON);

/* status: a number of enum process_status. */
#define PROOFING_RESULT(F, T)                                                                      \
	F(T, INT, status, REQ, 1, 7, "", "")                                                       \
	F(T, OBJ(fail_reason), failReason, OPT, 0, 0, "Why it failed", "")                         \
	F(T, OBJ(final_result), finalResult, OPT, 0, 0, "What was found", "")                      \
	F(T, JSON, providerSpecific, OPT, 0, RESULT_JSON_MAX, "What the provider said besides", "")
SCHEMA_STRUCT(proofing_result, PROOFING_RESULT);

#endif

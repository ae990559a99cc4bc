/* How an account has identities proofed: set by the operator, kept sealed. */
#ifndef PROOFING_CONFIG_SCHEMA_H
#define PROOFING_CONFIG_SCHEMA_H

#include "codec/schema.h"

enum { DOC_TYPES_MAX = 400, PROVIDERS_MAX = 20, ENGINE_SETTINGS_MAX = 64 * 1024, PROOFING_SECRETS_MAX = 50 };

/* The number stands in the database: it only grows at the end. */
#define PROOFING_ENGINE(V, E)                                                    \
	V(E, simulator, "Built in; verifies nobody")                             \
	V(E, manual, "The operator looks at what was uploaded, and decides")     \
	V(E, http, "A service that is reached over HTTP, as `settings` say")     \
	V(E, oidc, "An OpenID Connect issuer, as `settings` say")
ENUMERATION_TYPE(proofing_engine, PROOFING_ENGINE);

#define PROOFING_PROVIDER(F, T)                                                                                      \
	F(T, STR, name, REQ, 1, 64, "Name that callers use", "\"signicatvideoid\"")                                  \
	F(T, ENUM(proofing_engine), engine, REQ, 0, 0, "Who carries it out", "\"simulator\"")                        \
	F(T, STR, processType, OPT, 0, 40, "Type of process unless the caller names one", "\"substantial\"")         \
	F(T, JSON, settings, OPT, 0, ENGINE_SETTINGS_MAX, "What the engine needs to know", "")
SCHEMA_STRUCT(proofing_provider, PROOFING_PROVIDER);

#define DOCUMENT_TYPE(F, T)                                                                        \
	F(T, STR, country, REQ, 3, 3, "ISO 3166-1 alpha-3", "\"NOR\"")                             \
	F(T, STR, countryName, OPT, 0, 100, "Name of the country", "\"Norway\"")                   \
	F(T, STR, type, REQ, 1, 40, "Kind of document", "\"passport\"")                            \
	F(T, INT, id, OPT, 1, 1000000, "Number by which callers name it", "138")                   \
	F(T, STR, name, OPT, 0, 100, "In words", "\"Norwegian passport\"")                         \
	F(T, STR, subType, OPT, 0, 40, "Finer kind", "")                                           \
	F(T, STR, icao, OPT, 0, 10, "Size of the machine-readable zone", "\"TD3\"")                \
	F(T, STR, source, OPT, 0, 40, "simulator: the meaning of the number is made up", "")
SCHEMA_STRUCT(document_type, DOCUMENT_TYPE);

#define PROOFING_SECRET(F, T)                                                                      \
	F(T, STR, name, REQ, 1, 64, "Name by which settings refer to it", "\"clientSecret\"")      \
	F(T, TEXT, value, OPT, 0, 8000, "The secret", "")
SCHEMA_STRUCT(proofing_secret, PROOFING_SECRET);

#define PROOFING_CONFIG(F, T)                                                                                                    \
	F(T, LIST(proofing_provider), providers, OPT, 0, PROVIDERS_MAX, "Names and who stands behind them", "")                 \
	F(T, MAP, attributeMapping, OPT, 0, 50, "Attribute of the user by name of the result",                                  \
		"{\"firstName\":\"firstName\"}")                                                                                \
	F(T, BOOL, manualReview, OPT, 0, 0, "The operator decides what is inconclusive", "false")                               \
	F(T, INT, reviewHours, OPT, 1, 720, "How long he may take; 72 unless told otherwise", "72")                             \
	F(T, BOOL, storeEvidence, OPT, 0, 0, "Keep the pictures", "false")                                                      \
	F(T, INT, evidenceRetentionDays, OPT, 1, 3650, "How long pictures are kept; 30 unless told otherwise", "30")            \
	F(T, BOOL, allowSimulatorInProduction, OPT, 0, 0, "Let the simulator verify real people, which it does not", "false")   \
	F(T, LIST(document_type), documentTypes, OPT, 0, DOC_TYPES_MAX, "Documents, in place of the built-in list", "")         \
	F(T, LIST(proofing_secret), secrets, OPT, 0, PROOFING_SECRETS_MAX, "Secrets; their values are never shown", "")
SCHEMA_STRUCT(proofing_config, PROOFING_CONFIG);

#endif

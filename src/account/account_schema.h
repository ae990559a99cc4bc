/* Bodies and answers of the operator's routes. */
#ifndef ACCOUNT_ACCOUNT_SCHEMA_H
#define ACCOUNT_ACCOUNT_SCHEMA_H

#include "api/permission.h"
#include "base/limits.h"
#include "codec/schema.h"

#define ACCOUNT_TYPE(V, E)                            \
	V(E, sandbox, "Made-up people, for tests")     \
	V(E, production, "Real people")
ENUMERATION_TYPE(account_type, ACCOUNT_TYPE);

#define ACCOUNT_NEW(F, T)                                                                                          \
	F(T, STR, name, REQ, 1, ADMIN_NAME_POINTS_MAX, "Name for people", "\"My bank\"")                            \
	F(T, ENUM(account_type), type, REQ, 0, 0, "Kind of data it holds; never changes", "\"sandbox\"")            \
	F(T, BOOL, extendedEvents, OPT, 0, 0, "Send events that the hosted service does not have", "false")
SCHEMA_STRUCT(account_new, ACCOUNT_NEW);

#define ACCOUNT_CHANGE(F, T)                                                                                       \
	F(T, STR, name, OPT, 1, ADMIN_NAME_POINTS_MAX, "Name for people", "\"My bank\"")                            \
	F(T, ENUM(account_type), type, OPT, 0, 0, "Only what it is already", "\"sandbox\"")                         \
	F(T, BOOL, extendedEvents, OPT, 0, 0, "Send events that the hosted service does not have", "false")                  \
	F(T, INT, auditRetentionDays, OPT, 1, AUDIT_RETENTION_DAYS_MAX,                                               \
		"How long its audit records are kept from now on; else the setting audit_retention_days tells", "365")
SCHEMA_STRUCT(account_change, ACCOUNT_CHANGE);

#define ACCOUNT_VIEW(F, T)                                                                                         \
	F(T, STR, id, REQ, 0, 0, "Id of the account", "\"a-spge-Abcdefghijk123456789\"")                            \
	F(T, STR, name, REQ, 0, 0, "Name for people", "\"My bank\"")                                                \
	F(T, ENUM(account_type), type, REQ, 0, 0, "Kind of data it holds", "\"sandbox\"")                           \
	F(T, BOOL, extendedEvents, REQ, 0, 0, "Are events sent that the hosted service does not have?", "false")    \
	F(T, TIME, created, REQ, 0, 0, "When it was made", "\"2025-01-21T22:47:27.123Z\"")                            \
	F(T, INT, auditRetentionDays, OPT, 0, 0, "How long its audit records are kept; absent: as the setting tells", "")
SCHEMA_STRUCT(account_view, ACCOUNT_VIEW);

#define ACCOUNT_LIST(F, T) F(T, LIST(account_view), accounts, REQ, 0, 0, "Oldest first", "")
SCHEMA_STRUCT(account_list, ACCOUNT_LIST);

/* Which account a list is about. */
#define ACCOUNT_FILTER(F, T) F(T, STR, accountId, OPT, 0, 0, "Only those of this account", "")
SCHEMA_STRUCT(account_filter, ACCOUNT_FILTER);

#define SECRET_NEW(F, T) F(T, STR, name, REQ, 1, ADMIN_NAME_POINTS_MAX, "Name for people", "\"Server in Oslo\"")
SCHEMA_STRUCT(secret_new, SECRET_NEW);

#define SECRET_VIEW(F, T)                                                                                          \
	F(T, UUID, id, REQ, 0, 0, "Id of the secret", "")                                                           \
	F(T, STR, name, REQ, 0, 0, "Name for people", "\"Server in Oslo\"")                                         \
	F(T, TIME, created, REQ, 0, 0, "When it was made", "\"2025-01-21T22:47:27.123Z\"")                          \
	F(T, STR, secret, OPT, 0, 0, "The secret itself; shown this once", "")
SCHEMA_STRUCT(secret_view, SECRET_VIEW);

#define CLIENT_NEW(F, T)                                                                                           \
	F(T, STR, accountId, NULLS, 0, 0, "Its account; absent: every account of the organisation", "")             \
	F(T, STR, name, REQ, 1, ADMIN_NAME_POINTS_MAX, "Name for people", "\"Web shop\"")                           \
	F(T, STRS, products, OPT, 0, ADMIN_PRODUCTS_MAX, "Labels of what it may use, or all", "[\"all\"]")          \
	F(T, INT, tokenLifetimeSeconds, OPT, TOKEN_LIFETIME_S_MIN, TOKEN_LIFETIME_S_MAX,                            \
		"How long its access tokens last; 600 unless told otherwise", "600")
SCHEMA_STRUCT(client_new, CLIENT_NEW);

#define CLIENT_CHANGE(F, T)                                                                                        \
	F(T, STR, name, OPT, 1, ADMIN_NAME_POINTS_MAX, "Name for people", "\"Web shop\"")                           \
	F(T, BOOL, enabled, OPT, 0, 0, "false: it gets no tokens, and those it has count no more", "true")          \
	F(T, STRS, products, OPT, 0, ADMIN_PRODUCTS_MAX, "Labels of all that it may use, or all", "[\"ReuseID\"]")  \
	F(T, INT, tokenLifetimeSeconds, OPT, TOKEN_LIFETIME_S_MIN, TOKEN_LIFETIME_S_MAX,                            \
		"How long its access tokens last", "600")
SCHEMA_STRUCT(client_change, CLIENT_CHANGE);

#define CLIENT_VIEW(F, T)                                                                                          \
	F(T, STR, id, REQ, 0, 0, "Id of the client", "\"sandbox-round-apple-123\"")                                 \
	F(T, STR, accountId, OPT, 0, 0, "Its account; absent: every account of the organisation", "")               \
	F(T, STR, name, REQ, 0, 0, "Name for people", "\"Web shop\"")                                               \
	F(T, BOOL, enabled, REQ, 0, 0, "May it get tokens and use them?", "true")                                   \
	F(T, STRS, products, REQ, 0, 0, "Labels of what it may use", "[\"ReuseID\"]")                               \
	F(T, INT, tokenLifetimeSeconds, REQ, 0, 0, "How long its access tokens last", "600")                        \
	F(T, TIME, created, REQ, 0, 0, "When it was made", "\"2025-01-21T22:47:27.123Z\"")                          \
	F(T, LIST(secret_view), secrets, REQ, 0, 0, "Its secrets", "")
SCHEMA_STRUCT(client_view, CLIENT_VIEW);

#define CLIENT_LIST(F, T) F(T, LIST(client_view), clients, REQ, 0, 0, "Oldest first", "")
SCHEMA_STRUCT(client_list, CLIENT_LIST);

#define DOMAIN_NEW(F, T)                                                                                           \
	F(T, STR, accountId, REQ, 0, 0, "Account that the domain is to belong to", "\"a-spge-Abcdefghijk123456789\"") \
	F(T, STR, name, REQ, 0, 0, "Host name, without scheme, port or path", "\"login.example.com\"")
SCHEMA_STRUCT(domain_new, DOMAIN_NEW);

#define DOMAIN_VIEW(F, T)                                                                                          \
	F(T, STR, name, REQ, 0, 0, "Host name", "\"login.example.com\"")                                            \
	F(T, STR, accountId, REQ, 0, 0, "Account it belongs to", "\"a-spge-Abcdefghijk123456789\"")                 \
	F(T, TIME, created, REQ, 0, 0, "When it was added", "\"2025-01-21T22:47:27.123Z\"")
SCHEMA_STRUCT(domain_view, DOMAIN_VIEW);

#define DOMAIN_LIST(F, T) F(T, LIST(domain_view), domains, REQ, 0, 0, "By name", "")
SCHEMA_STRUCT(domain_list, DOMAIN_LIST);

#endif

/* The identity store's part of the API. */
#include "user/internal.h"

#define VERIFICATIONS "Identity verifications"
#define RESOLVE_ALSO "/users/resolve-external-ref /users/resolve-external-reference /users/external-ref/resolve"
#define LIST_ALSO "/users/{userId}/verifications /users/{userId}/identityverifications /users/{userId}/proofings"
#define ITEM_ALSO                                     \
	"/users/{userId}/verifications/{verificationId} " \
	"/users/{userId}/identityverifications/{verificationId} /users/{userId}/proofings/{verificationId}"

static const struct route rows[] = {
	USER_ROUTES
	{ HTTP_POST, "/users/resolve", USER_READ, READS, IN(reference), OUT(resolved),
		OP(.prepare = user_resolve_prepare), "Resolve user by external reference",
		.id = "resolveUser", .tag = USERS_TAG, .also = RESOLVE_ALSO },
	{ HTTP_GET, "/users/{userId}/export", USER_READ, READS, OUT(user_export),
		OP(.prepare = user_export_prepare), "Export everything that is held about a user", .id = "exportUser", .tag = USERS_TAG },
	{ HTTP_GET, "/users/{userId}/transactions", USER_READ, READS, QUERY(list_query), OUT(transaction_page),
		OP(.prepare = user_transactions_prepare), "Get transactions for user", .id = "getUserTransactions", .tag = USERS_TAG },
	{ HTTP_GET, "/users/{userId}/credentials", USER_READ, READS, QUERY(list_query), OUT(credential_page),
		OP(.prepare = user_credentials_prepare), "Get credentials for user", .id = "getUserCredentials", .tag = USERS_TAG },
	{ HTTP_GET, "/users/{userId}/identity-verifications", USER_READ, READS, OUT(verification),
		OP(.prepare = verification_list_prepare), "List identity verifications",
		.id = "listIdentityVerifications", .tag = VERIFICATIONS, .also = LIST_ALSO, .flags = REPLY_LIST },
	{ HTTP_POST, "/users/{userId}/identity-verifications", USER_WRITE, WRITES, IN(verification_new), OUT(verification),
		OP(.prepare = verification_add_prepare, .apply = verification_add_apply), "Add identity verification",
		.id = "addIdentityVerification", .tag = VERIFICATIONS, .also = LIST_ALSO, .flags = CREATES },
	{ HTTP_GET, "/users/{userId}/identity-verifications/{verificationId}", USER_READ, READS, OUT(verification),
		OP(.prepare = verification_get_prepare), "Get identity verification",
		.id = "getIdentityVerification", .tag = VERIFICATIONS, .also = ITEM_ALSO },
	{ HTTP_DELETE, "/users/{userId}/identity-verifications/{verificationId}", USER_DELETE, WRITES,
		OP(.apply = verification_delete_apply), "Delete identity verification",
		.id = "deleteIdentityVerification", .tag = VERIFICATIONS, .also = ITEM_ALSO },
};

static const struct tag tags[] = {
	{ USERS_TAG, "The identity store: users with their attributes, external reference, segment and lock" },
	{ VERIFICATIONS, "Identity verifications that users have been through" },
	{ NULL, NULL },
};

const struct route_table user_routes = {
	.base = "/reuseid/core",
	.title = "ReuseID core API",
	.doc = "Create, manage and authenticate end-users. All bodies are JSON; every answer carries `X-TRACE-ID`.",
	.tags = tags,
	.openapi_path = "/reuseid/core/openapi.json",
	.routes = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};

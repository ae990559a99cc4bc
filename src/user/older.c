/* Users on the paths of the older MobileID API: the same operations (api.md 7). */
#include "user/internal.h"

static const struct route rows[] = {
	USER_ROUTES
	{ HTTP_POST, "/users/resolve", USER_READ, READS, IN(reference), OUT(resolved),
		OP(.prepare = user_resolve_prepare), "Resolve external reference",
		.id = "resolveUser", .tag = USERS_TAG, .also = "/users/resolve-external-reference" },
	{ HTTP_GET, "/users/{userId}/proofings", USER_READ, READS, OUT(verification),
		OP(.prepare = verification_list_prepare), "Get proofings for user", .id = "getProofings", .tag = USERS_TAG,
		.flags = REPLY_LIST },
};

static const struct tag tags[] = {
	{ USERS_TAG, "Users with their attributes, external reference, segment and lock" },
	{ NULL, NULL },
};

const struct route_table older_user_routes = {
	.base = "/mobileid/core",
	.title = "MobileID API",
	.doc = "The older paths of users and devices; new integrations use the ReuseID core API. All bodies are JSON.",
	.tags = tags,
	.openapi_path = "/mobileid/core/openapi.json",
	.routes = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};

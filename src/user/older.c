/* Users on the paths of the older MobileID API: the same operations (api.md 7). */
#include "user/internal.h"

#define USERS "Users"

static const struct route rows[] = {
	{ HTTP_POST, "/users", USER_WRITE, WRITES, IN(user_new), OUT(user_view),
		OP(.prepare = user_create_prepare, .apply = user_create_apply), "Create user",
		.id = "createUser", .tag = USERS, .flags = CREATES },
	{ HTTP_POST, "/users/resolve", USER_READ, READS, IN(reference), OUT(resolved),
		OP(.prepare = user_resolve_prepare), "Resolve external reference",
		.id = "resolveUser", .tag = USERS, .also = "/users/resolve-external-reference" },
	{ HTTP_GET, "/users/{userId}", USER_READ, READS, OUT(user_view),
		OP(.prepare = user_get_prepare), "Get user", .id = "getUser", .tag = USERS },
	{ HTTP_PATCH, "/users/{userId}", USER_WRITE, WRITES, IN(user_change), OUT(user_view),
		OP(.prepare = user_update_prepare, .apply = user_update_apply), "Update user", .id = "updateUser", .tag = USERS },
	{ HTTP_DELETE, "/users/{userId}", USER_DELETE, WRITES,
		OP(.apply = user_delete_apply), "Delete user", .id = "deleteUser", .tag = USERS },
	{ HTTP_GET, "/users/{userId}/proofings", USER_READ, READS, OUT(verification),
		OP(.prepare = verification_list_prepare), "Get proofings for user", .id = "getProofings", .tag = USERS,
		.flags = REPLY_LIST },
};

static const struct tag tags[] = {
	{ USERS, "Users with their attributes, external reference, segment and lock" },
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

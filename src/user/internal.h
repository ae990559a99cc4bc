/* What the files of this folder share. */
#ifndef USER_INTERNAL_H
#define USER_INTERNAL_H

#include "event/fact.h"
#include "user/user_schema.h"

/* What the paths of today and the older ones have alike. */
#define USERS_TAG "Users"
#define USER_ROUTES                                                                                                                  \
	{ HTTP_POST, "/users", USER_WRITE, WRITES, IN(user_new), OUT(user_view),                                                     \
		OP(.prepare = user_create_prepare, .apply = user_create_apply), "Create user",                                       \
		.id = "createUser", .tag = USERS_TAG, .flags = CREATES },                                                                \
	{ HTTP_GET, "/users/{userId}", USER_READ, READS, OUT(user_view),                                                             \
		OP(.prepare = user_get_prepare), "Get user", .id = "getUser", .tag = USERS_TAG },                                        \
	{ HTTP_PATCH, "/users/{userId}", USER_WRITE, WRITES, IN(user_change), OUT(user_view),                                        \
		OP(.prepare = user_update_prepare, .apply = user_update_apply), "Update user", .id = "updateUser", .tag = USERS_TAG },   \
	{ HTTP_DELETE, "/users/{userId}", USER_DELETE, WRITES,                                                                       \
		OP(.apply = user_delete_apply), "Delete user", .id = "deleteUser", .tag = USERS_TAG },

/* load.c */
err user_load_any(struct op *op, struct tx *tx, const struct uuid *id, struct user *ret_user); /* in any account: operator only */
/* E_USER_UNKNOWN unless there is such a user in op's account. */
err user_exists(struct op *op, struct tx *tx, const struct uuid *id);
void user_show(const struct user *user, struct user_view *ret_view);
/* The row's columns in the order of USER_COLUMNS. */
#define USER_COLUMNS "id, account, version, state, segment, created, last_used, wrapped_key, profile"
err user_from_row(struct op *op, const struct rows *r, struct user *ret_user);

/* profile.c */
void profile_new_key(struct op *op, struct user *user);
struct slice profile_seal(struct op *op, const struct user *user);
err profile_open(struct op *op, struct slice box, struct user *user);
/* 32 bytes, or empty when there is no reference. */
struct slice reference_index(struct op *op, struct slice account_id, struct slice reference);

/* attributes.c */
/* Checks keys and values, adds a fault for each that is not allowed. */
err attributes_check(struct op *op, const json_t *attributes);
/*
 * `old` is a JSON object or empty; nulls in `changes` remove. The names of what really changes are written to `changed` (may be
 * NULL). E_INVALID_PARAM when there would be too many.
 */
err attributes_merge(struct op *op, struct slice old, const json_t *changes, struct jw *changed, struct slice *ret_merged);

/* change.c, read.c, lists.c, verification.c, admin.c */
err user_create_prepare(struct op *op);
err user_create_apply(struct op *op, struct tx *tx);
err user_update_prepare(struct op *op);
err user_update_apply(struct op *op, struct tx *tx);
err user_delete_apply(struct op *op, struct tx *tx);
err user_get_prepare(struct op *op);
err user_export_prepare(struct op *op);
err user_resolve_prepare(struct op *op);
err user_transactions_prepare(struct op *op);
err user_credentials_prepare(struct op *op);
err verification_list_prepare(struct op *op);
err verification_get_prepare(struct op *op);
err verification_add_prepare(struct op *op);
err verification_add_apply(struct op *op, struct tx *tx);
err verification_delete_apply(struct op *op, struct tx *tx);

#endif

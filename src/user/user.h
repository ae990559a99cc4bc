/*
 * The identity store: users with attributes, external reference, segment and lock; their identity verifications; and the lists of
 * their credentials and transactions, whatever feature those belong to.
 *
 * The external reference and the attributes are sealed under a key of the user's own, which lies wrapped beside them; deleting the
 * user destroys it. A reference is found by a keyed hash. The numbers of the enumerations stand in the database: they only grow at
 * the end.
 */
#ifndef USER_USER_H
#define USER_USER_H

#include "api/route.h"
#include "crypto/seal.h"
#include "operation/operation.h"

#define USER_STATE(V, E)                                              \
	V(E, ACTIVE, "An active user")                                \
	V(E, LOCKED, "A locked user, who cannot perform any operation")
ENUMERATION_TYPE(user_state, USER_STATE);

#define CREDENTIAL_STATE(V, E)                                       \
	V(E, ACTIVE, "In use")                                       \
	V(E, LOCKED, "Locked: it cannot perform any operation")      \
	V(E, DELETED, "Deleted")
ENUMERATION_TYPE(credential_state, CREDENTIAL_STATE);

/* What is sealed about a user. */
struct profile {
	struct slice reference;  /* external reference; empty: none */
	struct slice attributes; /* compact JSON object; empty: no attributes */
};

/* A user as the database has it, with the sealed part opened. */
struct user {
	struct uuid id;
	int64_t account, version;
	enum user_state state;
	struct slice segment;
	int64_t created, last_used;
	struct data_key key; /* wiped with the request */
	struct slice wrapped_key;
	struct profile profile;
};

/* In op's account, else E_USER_UNKNOWN. The caller wipes user->key. */
err user_load(struct op *op, struct tx *tx, const struct uuid *id, struct user *ret_user);

/* The id of op's account's user with this external reference; E_USER_REF_UNKNOWN. */
err user_find(struct op *op, struct tx *tx, struct slice reference, struct uuid *ret_id);

/* The key alone, of a user in op's account; E_USER_UNKNOWN when there is none (any more). The caller wipes it. */
err user_key(struct op *op, struct tx *tx, const struct uuid *id, struct data_key *ret_key);

/*
 * For features that make users, or learn of them: worked out in prepare, written in apply. A draft's user->key is there for what
 * else is to be sealed; the caller wipes it.
 */
struct user_edit;
/* E_USER_EXISTS from user_draft_insert when the reference is taken. `reference` may be empty. */
err user_draft_new(struct op *op, struct slice reference, struct user_edit **ret_edit, struct user **ret_user);
err user_draft_insert(struct op *op, struct tx *tx, const struct user_edit *edit);
/* Those of the names (slices) that the user has now, as a JSON object in the arena; left as it is when none is asked for. */
err user_attributes_requested(struct op *op, const struct user *user, const struct list *names, struct slice *ret_json);
/* Merges `changes` (key: value) into the attributes of a user that was loaded; E_STALE from the write when it has changed since. */
err user_attributes_edit(struct op *op, const struct user *user, const json_t *changes, struct user_edit **ret_edit);
err user_attributes_write(struct op *op, struct tx *tx, const struct user_edit *edit);

/* An identity verification that a feature has carried out. In apply. */
struct user_verification {
	struct uuid id, user;
	struct slice provider, dossier, process, orchestration;
};
err user_verification_add(struct op *op, struct tx *tx, const struct user_verification *v);

/* The name of a credential is sealed under its user's key; empty text makes an empty box. */
struct slice credential_name_seal(struct op *op, const struct data_key *key, const struct uuid *credential, struct slice name);
err credential_name_open(struct op *op, const struct data_key *key, const struct uuid *credential, struct slice box,
	struct slice *ret_name);

/* Routes below /reuseid/core, and the operator's ones below /admin. */
extern const struct route_table user_routes;
extern const struct route_table older_user_routes; /* base /mobileid/core */
extern const struct route_table user_admin_routes;

#endif

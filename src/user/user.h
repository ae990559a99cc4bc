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

struct data_key;

/* The name of a credential is sealed under its user's key; empty text makes an empty box. */
struct slice credential_name_seal(struct op *op, const struct data_key *key, const struct uuid *credential, struct slice name);
err credential_name_open(struct op *op, const struct data_key *key, const struct uuid *credential, struct slice box, struct slice *ret_name);

/* Routes below /reuseid/core, and the operator's ones below /admin. */
extern const struct route_table user_routes;
extern const struct route_table user_admin_routes;

#endif

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

#define USER_STATE(V, E)                                              \
	V(E, ACTIVE, "An active user")                                \
	V(E, LOCKED, "A locked user, who cannot perform any operation")
ENUMERATION_TYPE(user_state, USER_STATE);

#define CREDENTIAL_TYPE(V, E)         \
	V(E, DEVICE, "A MobileID device") \
	V(E, PASSKEY, "A passkey")
ENUMERATION_TYPE(credential_type, CREDENTIAL_TYPE);

#define CREDENTIAL_STATE(V, E)                                       \
	V(E, ACTIVE, "In use")                                       \
	V(E, LOCKED, "Locked: it cannot perform any operation")      \
	V(E, DELETED, "Deleted")
ENUMERATION_TYPE(credential_state, CREDENTIAL_STATE);

#define OPERATION_TYPE(V, E)                                                  \
	V(E, REGISTRATION, "A registration")                                  \
	V(E, RE_REGISTRATION, "A registration that keeps the device id")      \
	V(E, AUTHENTICATION, "An authentication")                             \
	V(E, SIGNING, "A consent signature")                                  \
	V(E, RECOVERY, "A recovery was used to set up a new device")          \
	V(E, AUTH_AND_ACTIVATE, "A method was added to a device")             \
	V(E, AUTH_AND_DEACTIVATE, "A method was removed from a device")       \
	V(E, ADD_OR_UPDATE_RECOVERY, "A recovery was set up for a device")
ENUMERATION_TYPE(operation_type, OPERATION_TYPE);

#define OPERATION_STATE(V, E)                            \
	V(E, PENDING, "Started, waiting to be completed") \
	V(E, COMPLETED, "Completed")                      \
	V(E, FAILED, "Failed; errorCode tells why")
ENUMERATION_TYPE(operation_state, OPERATION_STATE);

struct data_key;

/* The name of a credential is sealed under its user's key; empty text makes an empty box. */
struct slice credential_name_seal(struct op *op, const struct data_key *key, const struct uuid *credential, struct slice name);
err credential_name_open(struct op *op, const struct data_key *key, const struct uuid *credential, struct slice box, struct slice *ret_name);

/* Routes below /reuseid/core, and the operator's ones below /admin. */
extern const struct route_table user_routes;
extern const struct route_table user_admin_routes;

#endif

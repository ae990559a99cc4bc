/*
 * Operations: what every transaction of a user has in common, whatever kind of credential it concerns. A transaction is PENDING,
 * then COMPLETED or FAILED; both are final. PENDING is left by compare-and-set on its row only, so of all who want to end it
 * exactly one does, and exactly one result event is sent.
 *
 * The numbers of the enumerations stand in the database: they only grow at the end.
 */
#ifndef OPERATION_OPERATION_H
#define OPERATION_OPERATION_H

#include "event/fact.h"

#define CREDENTIAL_TYPE(V, E)         \
	V(E, DEVICE, "A MobileID device") \
	V(E, PASSKEY, "A passkey")
ENUMERATION_TYPE(credential_type, CREDENTIAL_TYPE);

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

enum operation_error {
	OPERATION_OK,
#define OPERATION_ERROR(name, description) OPERATION_##name,
#include "operation/errors.def"
#undef OPERATION_ERROR
	OPERATION_ERROR_COUNT
};

const char *operation_error_name(enum operation_error e);        /* "EXPIRED"; "" for OPERATION_OK */
const char *operation_error_description(enum operation_error e); /* one stable sentence */
enum operation_error operation_error_find(struct slice name);    /* OPERATION_OK when there is none of that name */

struct operation {
	struct uuid id;
	int64_t account;
	struct uuid user;
	enum credential_type type;
	enum operation_type operation;
	enum operation_state state; /* FAILED / EXPIRED already when its time is over, before the sweeper wrote it */
	enum operation_error error;
	struct uuid credential;     /* all zero until known */
	int64_t created, expires, completed;
	bool user_found;            /* for operation_complete: whose it is became known only now */
	bool mobileid;              /* started on the older paths: its events are those of `mobileid` */
	struct slice proof;         /* when it ends: JSON object for the record: what ties evidence to it, or why it failed */
};

/* A row says PENDING until the sweeper comes; whoever shows one asks this first. */
static inline bool operation_is_over(enum operation_state state, int64_t expires, int64_t now)
{
	return state == operation_state_PENDING && expires <= now;
}

/* In apply: a new PENDING one, with its fact. */
err operation_insert(const struct fact_origin *origin, struct tx *tx, const struct operation *operation);
/* E_TRANSACTION_UNKNOWN when it is not in the account. */
err operation_load(struct tx *tx, int64_t account, const struct uuid *id, int64_t now, struct operation *ret_operation);
/* In apply: ends it, with fact and event. E_STALE when it is not pending any more. `credential` all zero: unchanged. */
err operation_complete(const struct fact_origin *origin, struct tx *tx, const struct operation *operation, const struct uuid *credential);
err operation_fail(const struct fact_origin *origin, struct tx *tx, const struct operation *operation, enum operation_error error);

enum operation_key { OPERATIONS_OF_USER, OPERATIONS_OF_CREDENTIAL };
/* In apply: fails everything pending of a user or a credential but `except` (may be NULL); what has expired fails as EXPIRED. */
err operation_fail_all(const struct fact_origin *origin, struct tx *tx, enum operation_key key, const struct uuid *id,
	const struct uuid *except, enum operation_error error);
/* The same for the pending registrations of a user. */
err operation_fail_registrations(const struct fact_origin *origin, struct tx *tx, const struct uuid *user, const struct uuid *except,
	enum operation_error error);
/* In apply: fails what has expired, at most `limit`; tells how many. For a periodic job. */
err operation_expire(const struct fact_origin *origin, struct tx *tx, int64_t limit, int64_t *ret_count);

#endif

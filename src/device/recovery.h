/*
 * Account recovery (6.4): a key that lies locked in the phone's cloud backup proves, with a code or a face, that a new phone is its
 * owner's. A recovery that was used, replaced or given up stays as a row without its secret, so that its id is known.
 */
#ifndef DEVICE_RECOVERY_H
#define DEVICE_RECOVERY_H

#include "device/internal.h"

/* The number stands in the database: it only grows at the end. */
#define RECOVERY_STATUS(V, E)                                       \
	V(E, ACTIVATED, "Set up and ready to be used")              \
	V(E, DEACTIVATED, "Given up")                               \
	V(E, RECOVERED, "Used to recover the device")               \
	V(E, LOCKED, "Locked")
ENUMERATION_TYPE(recovery_status, RECOVERY_STATUS);

struct recovery {
	uint8_t id[RECOVERY_ID_BYTES];
	int64_t version, account, fails, last_ts, created;
	struct uuid user, device, application;
	enum recovery_method method;
	enum recovery_status status;
	bool gone;
	struct slice salt_key;
	uint8_t rk[POINT_BYTES];
	uint8_t share[SHARE_BYTES]; /* of a face recovery: wrapShare */
	struct uuid face;           /* of a face recovery */
};

/* E_NO_ROW. Of a recovery that is not gone the secret is opened, with `owner` loaded. */
err recovery_load(struct op *op, struct tx *tx, const struct application *app, struct slice id, struct recovery *ret_recovery,
	struct user *owner);
/* The one that a device has now; E_NO_ROW. `secret` stays closed. */
err recovery_of_device(struct tx *tx, const struct uuid *device, struct recovery *ret_recovery);
/* The id of the recovery that holds for the phone that speaks, so that it knows whether the backup that it has counts; empty: none. */
err recovery_current(struct call *c, struct slice *ret_id);
struct slice recovery_seal(struct op *op, const struct user *owner, const struct recovery *r);
err recovery_insert(struct tx *tx, const struct recovery *r, struct slice secret);
/* Status, failures, last ts, device; E_STALE. When it is gone its secret goes with it. */
err recovery_save(struct tx *tx, const struct recovery *r);
/* Those of a device are gone, with this status, and with them the faces that nothing refers to any more. */
err recoveries_of_device_go(struct tx *tx, const struct uuid *device, enum recovery_status status);
/* The lock of a device's recovery, by the administrator or by failures; taking it away begins to count anew. */
err recovery_lock_set(struct tx *tx, const struct uuid *device, bool locked);
err recoveries_of_user_erase(struct tx *tx, const struct uuid *user);

int64_t recovery_limit(const struct device_config *config);

/* rec_add.c */
err handle_rec_add_start(struct call *c);
err handle_rec_add_pin(struct call *c);
err handle_rec_add_finish(struct call *c);
err handle_rec_delete(struct call *c);
/* rec.c, rec_finish.c */
err handle_rec_start(struct call *c);
err handle_rec_pin(struct call *c);
err handle_rec_face(struct call *c);
err handle_rec_finish(struct call *c);
/* In a session: the recovery that it is about, with its owner, who is loaded already. */
err session_recovery(struct call *c, struct recovery *ret_recovery);
/* The session is over and the recovery locked (226). */
err recovery_locked(struct call *c, const struct recovery *r);

#endif

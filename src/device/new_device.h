/* What makes a device: the end of a registration, of a re-registration, and of a recovery (6.1, 6.4). All three finish with act_finish. */
#ifndef DEVICE_NEW_DEVICE_H
#define DEVICE_NEW_DEVICE_H

#include "device/approve.h"

/* What is told and kept of one; first in a handler's own struct. */
struct new_device {
	struct error (*save)(struct call *c, struct tx *tx); /* the handler's own part of apply, new_device_save() first */
	const struct device *known;       /* that it is to be again; NULL: one that was not there */
	enum recovery_method recovery;    /* none in a registration */
	struct key_boxes keys;
	struct slice name, details, result, evidence; /* sealed */
};

/* Row 1: each method once, and a proof for each new key but no other. */
enum device_error new_device_form(const struct call *c, const struct act_finish *in);
/* Row 4a: possession of every new key. */
bool new_device_proves(struct call *c, const struct act_finish *in);
/* Row 5c: allowed by the configuration, and two factors where two are asked. */
enum device_error new_device_methods(const struct call *c, const struct act_finish *in, enum auth_level level);
/*
 * Rows 6 to 11: device hash, checks and face, then the device, with its answer. In a registration and a recovery a lock means that it
 * fails with the code, and no device is made. May have to wait for the provider of faces.
 */
err new_device_finish(struct call *c, const struct act_finish *in, struct new_device *new);
/* In apply: the operation is completed and the device there, or the same one again. E_STALE: something changed meanwhile. */
err new_device_save(struct call *c, struct tx *tx, const struct new_device *new);
/* In apply: the device is deleted, with all that is pending for it, and its event. Nothing when it is deleted already. */
err device_retire(struct call *c, struct tx *tx, const struct uuid *device, enum operation_error pending, enum fact_kind kind);

#endif

/* What makes a device: the end of a registration, of a re-registration, and of a recovery (6.1, 6.4). All three finish with act_finish. */
#ifndef DEVICE_NEW_DEVICE_H
#define DEVICE_NEW_DEVICE_H

#include "device/approve.h"

struct new_device {
	struct slice keys, name, details; /* sealed */
};

/* Row 1: each method once, and a proof for each new key but no other. */
enum device_error new_device_form(const struct call *c, const struct act_finish *in);
/* Row 4a: possession of every new key. */
bool new_device_proves(struct call *c, const struct act_finish *in);
/*
 * The face among its methods, once all else is good: taken by the provider, or why not (to be tried again). May have to wait for him.
 */
err new_device_enrol(struct call *c, const struct act_finish *in, enum device_error *ret_fault);
/* Row 5c: allowed by the configuration, and two factors where two are asked. */
enum device_error new_device_methods(const struct call *c, const struct act_finish *in, enum auth_level level);
/* Fills c->device: `known` is the one that it is to be again, or NULL. Then its boxes. */
void new_device_make(struct call *c, const struct act_finish *in, const struct device *known, struct new_device *ret_boxes);
/* In apply: a device that was not there; the same one again (E_STALE when it changed meanwhile). */
err new_device_insert(struct call *c, struct tx *tx, const struct new_device *boxes);
err new_device_replace(struct call *c, struct tx *tx, const struct new_device *boxes);
/* In apply: the device is deleted, with all that is pending for it, and its event. Nothing when it is deleted already. */
err device_retire(struct call *c, struct tx *tx, const struct uuid *device, enum operation_error pending, enum fact_kind kind);

#endif

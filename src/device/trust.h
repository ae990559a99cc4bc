/*
 * What is believed of a phone besides its keys: hardware-protected keys, attestation, the push address, the place (sections 6.6, 6.7
 * and 8). Each is a check of checks.c, a policy object of start answers, and what of it is kept.
 */
#ifndef DEVICE_TRUST_H
#define DEVICE_TRUST_H

#include "attest/hw_key.h"
#include "device/approve.h"

/* Rows 6 to 9. */
err check_hardware_key(struct call *c, const struct brought *b, struct verdict *v);
err check_attestation(struct call *c, const struct brought *b, struct verdict *v);
err check_place(struct call *c, const struct brought *b, struct verdict *v);

/* Policy objects; NULL: nothing is asked. */
struct attest_policy *policy_attest(struct call *c);
struct geo_policy *policy_geo(struct call *c);
struct push_policy *policy_push(struct call *c);
#define FILL_TRUST_POLICIES(c, answer)                     \
	do {                                               \
		(answer)->hw = policy_hw(c);               \
		(answer)->attest = policy_attest(c);       \
		(answer)->geo = policy_geo(c);             \
		(answer)->push = policy_push(c);           \
		(answer)->face = (c)->face_policy;         \
	} while (0)

/* A device without a hardware-protected key where one is required is refused at the start already. */
bool trust_bars_start(struct call *c, enum operation_error *ret_error);
/* In apply: what a finish left to be kept. */
err trust_save(struct call *c, struct tx *tx);
err trust_user_deleted(struct tx *tx, const struct uuid *user);

/* geofence.c: a device's own region; it takes the place of the application's. JSON, sealed. */
struct slice geofence_seal(struct op *op, const struct user *owner, const struct uuid *device, struct slice json);
err geofence_open(struct op *op, const struct user *owner, const struct device *d, struct slice *ret_json);

#endif

/*
 * MobileID: phones bound to users, which then authenticate, authorise and sign.
 *
 * Two faces. The service provider starts operations and reads their results over REST; the phone carries them out over the device
 * channel (rid-device/v1, docs/DEVICE-PROTOCOL.md), one HTTP route behind which the messages of protocol/messages.h are a table.
 */
#ifndef DEVICE_DEVICE_H
#define DEVICE_DEVICE_H

#include "api/route.h"

/* The number stands in the database: it only grows at the end. */
#define LOCK_REASON(V, E)                                                                        \
	V(E, OPEN, "Not locked")                                                                 \
	V(E, DEVICE_OR_PIN_VERIFICATION_FAILED, "The device and the second factor failed, in turn") \
	V(E, LOCKED_BY_ADMIN, "Locked by the administrator")                                     \
	V(E, DEVICE_VERIFICATION_FAILED, "The device could not be verified")                     \
	V(E, PIN_VERIFICATION_FAILED, "The second factor could not be verified")                 \
	V(E, INCORRECT_SALT_KEY_ID, "It sent an incorrect salt key id")                          \
	V(E, HW_KEY_VERIFICATION_FAILED, "Its hardware-protected key could not be verified")     \
	V(E, APPATTEST_VERIFICATION_FAILED, "App Attest failed")                                 \
	V(E, PLAYINTEGRITY_VERIFICATION_FAILED, "Play Integrity failed")
ENUMERATION_TYPE(lock_reason, LOCK_REASON);

/* Of an account's MobileID. The number stands in the database: it only grows at the end. */
#define MOBILEID_STATE(V, E) \
	V(E, ACTIVE, "At work")  \
	V(E, INACTIVE, "Nothing new is started, and the device channel refuses; what there is stays")
ENUMERATION_TYPE(mobileid_state, MOBILEID_STATE);

/* Loads applications and their keys into app->devices. */
err devices_open(struct app *app);
void devices_close(struct app *app);

/* Adds MobileID to an account: an application, its first E2E key and its first salt key. What is there already stays. */
err devices_add_mobileid(struct app *app, int64_t account, const char *name);

/* One more salt key: new credentials use it from now on, and PINs move to it as they are used. E_NOT_ONBOARDED. */
err devices_add_salt_key(struct app *app, int64_t account);

/* What an app has to be configured with. */
struct device_configuration {
	char application_id[UUID_TEXT + 1];
	char public_key[80]; /* base64 of the DER SubjectPublicKeyInfo */
};
/* E_NOT_ONBOARDED when the account has no MobileID. */
err devices_configuration(struct app *app, int64_t account, struct device_configuration *ret_configuration);
#define DEVICE_SERVER_PATH "/encore/encap"

/* For app->event_data: operations and states of devices. */
struct error devices_event_data(struct op *op, const struct event_about *about, struct event_content *ret_content);

/* Periodic: fails what has expired, settles what was left open, forgets what may be forgotten. */
err devices_sweep(struct app *app);
/* Periodic: deletes devices that were not used for as long as their application allows. */
err devices_clean_up(struct app *app);
/* Periodic: providers are told which faces they have to forget. */
err devices_forget_faces(struct app *app);
/* Periodic: erases transactions past the retention, with contexts and evidence. */
err devices_forget(struct app *app);

/*
 * For a feature that has a device act as one of its steps: worked out in prepare, written in apply. What the app is told after success
 * is asked of app->operation_told then, and app->operation_ended hears of the end. The location of the request is not the operation's.
 */
struct user;
struct device_started;
struct device_step {
	struct uuid operation;
	struct slice code; /* activation code of a registration */
	int64_t expires;
};
/* `owner` with its key; it may be a draft that is inserted first. E_NOT_ONBOARDED. */
err device_registration_draft(struct op *op, const struct user *owner, struct device_started **ret_started, struct device_step *ret_step);
/* The device has to be an active one of this user, else E_DEVICE_UNKNOWN or E_DEVICE_NOT_ACTIVE. */
err device_authentication_draft(struct op *op, const struct user *owner, const struct uuid *device, struct slice pre_json,
	struct device_started **ret_started, struct device_step *ret_step);
err device_draft_insert(struct op *op, struct tx *tx, const struct device_started *started);

/* ---- checks without a server: pure ---- */

struct consent_verdict {
	struct slice fault;       /* in words; empty: it is proved */
	struct slice claims;      /* JSON of the service's JWT */
	struct slice attestation; /* what was verified of the app: attestation, assertion, playIntegrity; empty: nothing */
	struct slice keys;        /* of the device, whose signatures were verified: the names of their keys, with commas between them */
};
struct jwks;
struct consent_trust {
	const struct jwks *keys;
	struct slice app_attest_root; /* certificate, DER; empty: Apple's */
};
/* What GET …/signatures/{transactionId}/evidence answers, byte for byte. */
void consent_verify(const struct consent_trust *trust, struct slice bundle, struct arena *a, struct consent_verdict *ret);

extern const struct route_table device_routes;       /* base /reuseid/core */
extern const struct route_table older_device_routes; /* base /mobileid/core */
extern const struct route_table channel_routes;      /* base /encore/encap */
extern const struct route_table mobileid_admin_routes; /* base /mobileid/admin */
extern const struct route_table device_admin_routes; /* base /admin */
extern const struct route_table push_configuration_routes; /* base /mobileid/admin */

#endif

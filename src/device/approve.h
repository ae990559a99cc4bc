/*
 * What a finish is judged by (section 7), whatever it completes: the proofs of device and second factor, and the checks between them.
 *
 * A check is a row of the table in checks.c, in the order of the specification. It looks at what the finish brought, may add to the
 * report, and says what comes of it; it never sees whether the second factor was good, and must not depend on it.
 */
#ifndef DEVICE_APPROVE_H
#define DEVICE_APPROVE_H

#include "device/internal.h"

/* What every finish may bring along besides proofs. */
struct brought {
	enum auth_method m;             /* none in a registration or a recovery */
	struct slice chal, match;
	enum hw_key_client_status hw_status;
	const struct attest_report *attest;
	const struct geo_report *geo;
	json_t *risk;
	struct slice push_token, push_nonce;
	const struct face_scan *face;
	struct list purposes;           /* of the authorisation tokens that the app asks for */
};
#define BROUGHT(in)                                                                                                      \
	.hw_status = (in)->hwKeyClientStatus, .attest = (in)->attest, .geo = (in)->geo, .risk = (in)->riskData,          \
	.push_token = (in)->pushToken, .push_nonce = (in)->pushNonce, .face = (in)->face, .purposes = (in)->tokenPurposes

struct verdict {
	enum { CHECK_PASSED, CHECK_TRY_FAILED, CHECK_FAILED } what;
	/* CHECK_TRY_FAILED: as if the device's own signature were bad: a try that is charged, and heard of like a wrong PIN. */
	/* CHECK_FAILED: the session is over. */
	enum device_error fault;
	enum operation_error error;
	enum lock_reason lock;          /* none: the device stays as it is */
	bool takes_back;                /* rows 9 and 10: a good second factor takes the charge of this try back */
};

struct check {
	struct error (*run)(struct call *c, const struct brought *b, struct verdict *v);
	bool new_devices;               /* also where no device exists yet: registration and recovery */
};

/* The first that does not pass decides; CHECK_PASSED when all do. `device`: is there one already? */
err checks_run(struct call *c, const struct brought *b, bool device, struct verdict *ret_verdict);

/*
 * ses.finish, am.finish. `complete` is called when everything is good. E_* only for what is none of the phone's business; whatever else
 * goes wrong is answered.
 */
typedef struct error (*complete_fn)(struct call *c, const struct brought *b);
err approve(struct call *c, const struct brought *b, complete_fn complete);
/* A ses.finish whose operation another device has completed: 208. */
err approve_late(struct call *c);

/* What a finish told, as answers show it: risk attributes, attestation, geofencing (api.md 4.4). JSON object; kept sealed. */
err report_write(struct call *c, const struct brought *b, struct slice *ret_json);

/* risk.c: the names that a start answer asks for */
struct list risk_asked_for(struct call *c);

#endif

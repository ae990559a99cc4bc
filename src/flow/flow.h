/*
 * Ready-made flows: onboarding (a new user, a device, a proofing) and step-up (an authentication, a proofing).
 *
 * A flow strings together an operation of a device and a proofing process. Its state moves by one table (states.def), in the very
 * transactions in which the operation ends and the process ends, so it ends once and never half.
 */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include "api/route.h"

err flows_open(struct app *app);
/* Periodic: ends what has had its time. */
err flows_sweep(struct app *app);
/* Periodic: erases flows past the retention of transactions. */
err flows_forget(struct app *app);

extern const struct route_table flow_routes; /* base /reuseid */

#endif

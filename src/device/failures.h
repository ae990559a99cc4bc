/* Charge and lock (5.3): pure functions over the counters of a device. */
#ifndef DEVICE_FAILURES_H
#define DEVICE_FAILURES_H

#include "device/device.h"
#include "device/config.h"

struct device;

int64_t failures_limit(const struct device_config *config);
int64_t failures_remaining(const struct device *d, const struct device_config *config);
/* A *.pin with use authorise: one more try of the second factor, open. */
void failures_charge_open(struct device *d);
/* A finish that failed. `device_bad`: the device key, or a hardware key that had to be there. */
void failures_finish(struct device *d, bool device_bad);
/* The try that is open was a good one after all: its charge is taken back. */
void failures_take_back(struct device *d);
void failures_success(struct device *d, enum auth_method m);
/* A session is over: an open try stays charged. */
void failures_settle(struct device *d);
/* At the limit with no try open: locks and tells so. */
bool failures_lock(struct device *d, const struct device_config *config);
enum operation_error lock_operation_error(enum lock_reason reason);

#endif

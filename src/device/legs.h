/*
 * Operations that the service provider started, as devices see them: one that is directed at a device, or a broadcast, of which each
 * active device has a leg of its own (section 9). A lock or a refusal on one device ends its leg, and the last leg the operation.
 */
#ifndef DEVICE_LEGS_H
#define DEVICE_LEGS_H

#include "device/internal.h"

enum { LEGS_MAX = 100 };

/* The one that waits for this device; E_NO_ROW. */
err device_pending(struct tx *tx, int64_t account, const struct uuid *device, int64_t now, struct operation *ret_operation);
/* The user's active devices, newest first; at most LEGS_MAX. */
err devices_active(struct tx *tx, const struct uuid *user, struct uuid *list, size_t *ret_n);
err leg_insert(struct tx *tx, const struct uuid *operation, const struct uuid *device);

/* In apply: what is pending for the device, whoever started it: it was locked, deleted or replaced. `except` may be NULL. */
err device_operations_fail(const struct fact_origin *origin, struct tx *tx, const struct uuid *device, const struct uuid *except,
	enum operation_error error);
/* The same for what the service provider started alone: something else takes its place. */
err device_requests_fail(const struct fact_origin *origin, struct tx *tx, const struct uuid *device, const struct uuid *except,
	enum operation_error error);
/* The operation under way on this device fails: of a broadcast its leg, unless the error is of the kind that ends the whole. */
err device_operation_end(const struct fact_origin *origin, struct tx *tx, const struct operation *operation, const struct uuid *device,
	enum operation_error error);
/* What the device had begun itself is over, because it begins something else. */
err device_own_end(const struct fact_origin *origin, struct tx *tx, const struct uuid *device);

#endif

/* Charge and lock (5.3). What a guesser needs is the evaluation, so that is what is charged. Pure: no clock, no store. */
#include "device/internal.h"

int64_t failures_limit(const struct device_config *config)
{
	return config->amountFailuresAllowed > 1 ? config->amountFailuresAllowed : 1;
}

int64_t failures_remaining(const struct device *d, const struct device_config *config)
{
	int64_t left = failures_limit(config) - d->fail_device - d->fail_second;

	return left > 0 ? left : 0;
}

void failures_charge_open(struct device *d)
{
	d->fail_second++;
	d->try_open = true;
}

void failures_finish(struct device *d, bool device_bad)
{
	/* A finish closes an open try and adds nothing, whatever was wrong; without one it charges what failed. */
	if (d->try_open) {
		d->try_open = false;
		d->device_seen |= device_bad;
	} else if (device_bad) {
		d->fail_device++;
	} else {
		d->fail_second++;
	}
}

void failures_take_back(struct device *d)
{
	if (d->try_open && d->fail_second > 0)
		d->fail_second--;
	d->try_open = false;
}

void failures_success(struct device *d, enum auth_method m)
{
	d->fail_device = 0;
	if (auth_method_is_two_factor(m)) {
		d->fail_second = 0;
		d->device_seen = false;
	}
	d->try_open = false;
}

void failures_settle(struct device *d)
{
	d->try_open = false;
}

/* Which factor was seen to fail tells the reason. */
static enum lock_reason reason_of(const struct device *d)
{
	if (d->fail_second == 0)
		return lock_reason_DEVICE_VERIFICATION_FAILED;
	if (d->fail_device == 0 && !d->device_seen)
		return lock_reason_PIN_VERIFICATION_FAILED;
	return lock_reason_DEVICE_OR_PIN_VERIFICATION_FAILED;
}

bool failures_lock(struct device *d, const struct device_config *config)
{
	if (d->try_open || d->fail_device + d->fail_second < failures_limit(config))
		return false;
	d->state = credential_state_LOCKED;
	d->lock_reason = reason_of(d);
	return true;
}

enum operation_error lock_operation_error(enum lock_reason reason)
{
	switch (reason) {
	case lock_reason_DEVICE_VERIFICATION_FAILED:
		return OPERATION_LOCKED_DEVICE_VERIFICATION_FAILED;
	case lock_reason_PIN_VERIFICATION_FAILED:
		return OPERATION_LOCKED_PIN_VERIFICATION_FAILED;
	case lock_reason_INCORRECT_SALT_KEY_ID:
		return OPERATION_LOCKED_INCORRECT_SALT_KEY_ID;
	case lock_reason_LOCKED_BY_ADMIN:
		return OPERATION_LOCKED_BY_ADMIN;
	case lock_reason_HW_KEY_VERIFICATION_FAILED:
		return OPERATION_LOCKED_HW_KEY_VERIFICATION_FAILED;
	case lock_reason_APPATTEST_VERIFICATION_FAILED:
		return OPERATION_LOCKED_APPATTEST_VERIFICATION_FAILED;
	case lock_reason_PLAYINTEGRITY_VERIFICATION_FAILED:
		return OPERATION_LOCKED_PLAYINTEGRITY_VERIFICATION_FAILED;
	default:
		return OPERATION_LOCKED;
	}
}

/* What a device keeps of itself, and what of it goes when it is deleted: by whatever way that happens. */
#include "device/legs.h"
#include "device/recovery.h"

/* What lets it in and what it hears by goes. Its other keys stay: by them a call of the phone is answered "not registered", not refused. */
SQL(device_wipe, "UPDATE devices SET pin_keys = NULL, pending_salt = NULL, ticket = NULL, old_ticket = NULL, geofence = NULL WHERE id = $1");
SQL(device_push_token_drop, "DELETE FROM push_tokens WHERE device = $1");
SQL(device_attest_key_drop, "DELETE FROM app_attest_keys WHERE device = $1");
SQL(device_tokens_drop, "DELETE FROM authorisation_tokens WHERE device = $1");

err device_app_gone(struct tx *tx, const struct uuid *device)
{
	TRY(sql_run(tx, &device_push_token_drop, ARGS(v_uuid(device)), NULL));
	TRY(sql_run(tx, &device_attest_key_drop, ARGS(v_uuid(device)), NULL));
	TRY(sql_run(tx, &device_tokens_drop, ARGS(v_uuid(device)), NULL));
	return recoveries_of_device_go(tx, device, recovery_status_DEACTIVATED);
}

err device_gone(const struct fact_origin *origin, struct tx *tx, const struct uuid *device, enum operation_error pending)
{
	TRY(session_end_of_device(tx, device, origin->now));
	TRY(device_operations_fail(origin, tx, device, NULL, pending));
	TRY(sql_run(tx, &device_wipe, ARGS(v_uuid(device)), NULL));
	return device_app_gone(tx, device);
}

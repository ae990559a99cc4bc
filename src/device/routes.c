/* The device part of the API. */
#include "device/device_schema.h"
#include "device/rest.h"

#define REGISTRATIONS "MobileID registrations"
#define AUTHENTICATIONS "MobileID authentications"
#define SIGNATURES "MobileID signatures"
#define DEVICES "MobileID devices"
#define RECOVERIES "MobileID recoveries"
#define HASH_TAG "MobileID device hashes"
#define HASHES BASE "/hashes/{deviceHash:text}"
#define BASE "/credentials/devices"
#define GEOFENCING BASE "/{deviceId}/geofencing"
#define LOCK_ALSO BASE "/{deviceId}/recoveryLock " BASE "/{deviceId}/recoverylock"
#define SIGNATURE_ALSO BASE "/signings"
#define SIGNATURE_ITEM_ALSO BASE "/signings/{transactionId}"

static const struct route rows[] = {
	{ HTTP_POST, BASE "/registrations", DEVICE_WRITE, WRITES, IN(registration_new), OUT(operation_view),
		OP(.prepare = registration_start_prepare, .apply = registration_start_apply, .reply = started_reply), "Start registration",
		.id = "startRegistration", .tag = REGISTRATIONS, .flags = CREATES },
	{ HTTP_GET, BASE "/registrations/{transactionId}", DEVICE_READ, READS, OUT(operation_view),
		OP(.prepare = registration_get_prepare), "Get registration", .id = "getRegistration", .tag = REGISTRATIONS },
	{ HTTP_DELETE, BASE "/registrations/{transactionId}", DEVICE_WRITE, WRITES,
		OP(.apply = registration_cancel_apply), "Cancel registration", .id = "cancelRegistration", .tag = REGISTRATIONS },
	{ HTTP_POST, BASE "/authentications", DEVICE_WRITE, WRITES, IN(operation_new), OUT(operation_view),
		OP(.prepare = authentication_start_prepare, .apply = operation_start_apply, .reply = started_reply), "Start authentication",
		.id = "startAuthentication", .tag = AUTHENTICATIONS, .flags = CREATES },
	{ HTTP_GET, BASE "/authentications/{transactionId}", DEVICE_READ, READS, OUT(operation_view),
		OP(.prepare = authentication_get_prepare), "Get authentication", .id = "getAuthentication", .tag = AUTHENTICATIONS },
	{ HTTP_DELETE, BASE "/authentications/{transactionId}", DEVICE_WRITE, WRITES,
		OP(.apply = authentication_cancel_apply), "Cancel authentication", .id = "cancelAuthentication", .tag = AUTHENTICATIONS },
	{ HTTP_POST, BASE "/signatures", DEVICE_WRITE, WRITES, IN(operation_new), OUT(operation_view),
		OP(.prepare = signature_start_prepare, .apply = operation_start_apply, .reply = started_reply), "Start signature",
		.id = "startSignature", .tag = SIGNATURES, .also = SIGNATURE_ALSO, .flags = CREATES },
	{ HTTP_GET, BASE "/signatures/{transactionId}", DEVICE_READ, READS, OUT(operation_view),
		OP(.prepare = signature_get_prepare), "Get signature", .id = "getSignature", .tag = SIGNATURES, .also = SIGNATURE_ITEM_ALSO },
	{ HTTP_GET, BASE "/signatures/{transactionId}/evidence", DEVICE_READ, READS, OUT(consent_bundle),
		OP(.prepare = signature_evidence_prepare), "Get the evidence of a completed signature",
		.id = "getSignatureEvidence", .tag = SIGNATURES, .also = BASE "/signings/{transactionId}/evidence" },
	{ HTTP_DELETE, BASE "/signatures/{transactionId}", DEVICE_WRITE, WRITES,
		OP(.apply = signature_cancel_apply), "Cancel signature", .id = "cancelSignature", .tag = SIGNATURES,
		.also = SIGNATURE_ITEM_ALSO },
	{ HTTP_GET, GEOFENCING, DEVICE_READ, READS, QUERY(geofencing_query), OUT(geofencing),
		OP(.prepare = geofencing_get_prepare), "Get geofencing of a device", .id = "getGeofencing", .tag = DEVICES },
	{ HTTP_PUT, GEOFENCING, DEVICE_WRITE, WRITES, QUERY(geofencing_query), IN(geofencing), OUT(geofencing),
		OP(.prepare = geofencing_put_prepare, .apply = geofencing_put_apply), "Update geofencing of a device",
		.id = "updateGeofencing", .tag = DEVICES },
	{ HTTP_DELETE, GEOFENCING, DEVICE_DELETE, WRITES, QUERY(geofencing_query),
		OP(.prepare = geofencing_delete_prepare, .apply = geofencing_delete_apply), "Delete geofencing of a device",
		.id = "deleteGeofencing", .tag = DEVICES },
	/* Updates may be written as PATCH and POST as well. */
	{ HTTP_PATCH, GEOFENCING, DEVICE_WRITE, WRITES, QUERY(geofencing_query), IN(geofencing), OUT(geofencing),
		OP(.prepare = geofencing_put_prepare, .apply = geofencing_put_apply), "Update geofencing of a device", .flags = HIDDEN },
	{ HTTP_POST, GEOFENCING, DEVICE_WRITE, WRITES, QUERY(geofencing_query), IN(geofencing), OUT(geofencing),
		OP(.prepare = geofencing_put_prepare, .apply = geofencing_put_apply), "Update geofencing of a device", .flags = HIDDEN },
	{ HTTP_GET, BASE "/recoveries/{transactionId}", DEVICE_READ, READS, OUT(recovery_view),
		OP(.prepare = recovery_get_prepare), "Get recovery", .id = "getRecovery", .tag = RECOVERIES },
	{ HTTP_GET, BASE "/{deviceId}/recovery-lock", DEVICE_READ, READS, QUERY(device_query), OUT(recovery_lock_view),
		OP(.prepare = recovery_lock_get_prepare), "Get recovery lock", .id = "getRecoveryLock", .tag = DEVICES, .also = LOCK_ALSO },
	{ HTTP_PUT, BASE "/{deviceId}/recovery-lock", DEVICE_WRITE, WRITES, QUERY(device_query), IN(recovery_lock_view),
		OUT(recovery_lock_view), OP(.prepare = recovery_lock_set_prepare, .apply = recovery_lock_set_apply),
		"Update recovery lock", .id = "updateRecoveryLock", .tag = DEVICES, .also = LOCK_ALSO },
	{ HTTP_POST, BASE "/{deviceId}/recovery-lock", DEVICE_WRITE, WRITES, QUERY(device_query), IN(recovery_lock_view),
		OUT(recovery_lock_view), OP(.prepare = recovery_lock_set_prepare, .apply = recovery_lock_set_apply),
		"Update recovery lock", .also = LOCK_ALSO, .flags = HIDDEN },
	{ HTTP_PATCH, BASE "/{deviceId}/recovery-lock", DEVICE_WRITE, WRITES, QUERY(device_query), IN(recovery_lock_view),
		OUT(recovery_lock_view), OP(.prepare = recovery_lock_set_prepare, .apply = recovery_lock_set_apply),
		"Update recovery lock", .also = LOCK_ALSO, .flags = HIDDEN },
	{ HTTP_GET, HASHES "/devices", DEVICE_READ, READS, OUT(hash_devices), OP(.prepare = hash_devices_prepare),
		"List the devices with a device hash", .id = "listDevicesOfHash", .tag = HASH_TAG },
	{ HTTP_POST, HASHES "/lock", DEVICE_WRITE, WRITES, OP(.prepare = hash_lock_prepare, .apply = hash_lock_apply),
		"Lock all devices with a device hash", .id = "lockDevicesOfHash", .tag = HASH_TAG, .flags = EMPTY_BODY_OK },
	{ HTTP_GET, HASHES "/block", DEVICE_READ, READS, OUT(hash_block), OP(.prepare = hash_block_get_prepare),
		"Is a device hash blocked?", .id = "getDeviceHashBlock", .tag = HASH_TAG },
	{ HTTP_PUT, HASHES "/block", DEVICE_WRITE, WRITES, OUT(hash_block),
		OP(.prepare = hash_block_put_prepare, .apply = hash_block_put_apply), "Block a device hash", .id = "blockDeviceHash",
		.tag = HASH_TAG, .flags = EMPTY_BODY_OK },
	{ HTTP_DELETE, HASHES "/block", DEVICE_WRITE, WRITES,
		OP(.prepare = hash_block_delete_prepare, .apply = hash_block_delete_apply), "Unblock a device hash",
		.id = "unblockDeviceHash", .tag = HASH_TAG },
	{ HTTP_GET, BASE "/{deviceId}", DEVICE_READ, READS, QUERY(device_query), OUT(device_view),
		OP(.prepare = device_get_prepare), "Get device", .id = "getDevice", .tag = DEVICES },
	{ HTTP_PATCH, BASE "/{deviceId}", DEVICE_WRITE, WRITES, QUERY(device_query), IN(device_change), OUT(device_view),
		OP(.prepare = device_update_prepare, .apply = device_update_apply), "Update device", .id = "updateDevice", .tag = DEVICES },
	{ HTTP_DELETE, BASE "/{deviceId}", DEVICE_DELETE, WRITES, QUERY(device_query),
		OP(.prepare = device_delete_prepare, .apply = device_delete_apply), "Delete device", .id = "deleteDevice", .tag = DEVICES },
	{ HTTP_GET, BASE "/{deviceId}/transactions", DEVICE_READ, READS, QUERY(device_list_query), OUT(device_transaction_page),
		OP(.prepare = device_transactions_prepare), "Get device transactions", .id = "getDeviceTransactions", .tag = DEVICES },
};

static const struct tag tags[] = {
	{ REGISTRATIONS, "Bind a phone to a user" },
	{ AUTHENTICATIONS, "Authenticate a user, or let the user authorise something, with a phone" },
	{ SIGNATURES, "Let a user sign a consent with a phone; the result is a signed JWT" },
	{ DEVICES, "Phones that are bound to users" },
	{ HASH_TAG, "Physical devices: who uses one, locked and blocked for all users" },
	{ RECOVERIES, "Phones that took the place of lost ones" },
	{ NULL, NULL },
};

const struct route_table device_routes = {
	.base = "/reuseid/core",
	.title = "MobileID devices",
	.tags = tags,
	.openapi_path = "/reuseid/core/openapi.json",
	.routes = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};

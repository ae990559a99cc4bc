/*
 * Devices on the paths of the older MobileID API: the same operations (api.md 7). Only the sender of the events of what is started here
 * is another one.
 */
#include "device/device_schema.h"
#include "device/rest.h"

#define REGISTRATIONS "Registrations"
#define AUTHENTICATIONS "Authentications"
#define SIGNATURES "Signatures"
#define DEVICES "Devices"

static const struct route rows[] = {
	{ HTTP_POST, "/registrations", DEVICE_WRITE, WRITES, IN(registration_new), OUT(operation_view),
		OP(.prepare = registration_start_prepare, .apply = registration_start_apply, .reply = started_reply), "Start registration",
		.id = "startRegistration", .tag = REGISTRATIONS, .flags = CREATES },
	{ HTTP_GET, "/registrations/{transactionId}", DEVICE_READ, READS, OUT(operation_view),
		OP(.prepare = registration_get_prepare), "Get state of ongoing registration", .id = "getRegistration", .tag = REGISTRATIONS },
	{ HTTP_DELETE, "/registrations/{transactionId}", DEVICE_WRITE, WRITES,
		OP(.apply = registration_cancel_apply), "Cancel registration", .id = "cancelRegistration", .tag = REGISTRATIONS },
	{ HTTP_POST, "/authentications", DEVICE_WRITE, WRITES, IN(operation_new), OUT(operation_view),
		OP(.prepare = authentication_start_prepare, .apply = operation_start_apply, .reply = started_reply), "Start authentication",
		.id = "startAuthentication", .tag = AUTHENTICATIONS, .flags = CREATES },
	{ HTTP_GET, "/authentications/{transactionId}", DEVICE_READ, READS, OUT(operation_view),
		OP(.prepare = authentication_get_prepare), "Get state of ongoing authentication", .id = "getAuthentication",
		.tag = AUTHENTICATIONS },
	{ HTTP_DELETE, "/authentications/{transactionId}", DEVICE_WRITE, WRITES,
		OP(.apply = authentication_cancel_apply), "Cancel authentication", .id = "cancelAuthentication", .tag = AUTHENTICATIONS },
	{ HTTP_POST, "/signatures", DEVICE_WRITE, WRITES, IN(operation_new), OUT(operation_view),
		OP(.prepare = signature_start_prepare, .apply = operation_start_apply, .reply = started_reply), "Start signing",
		.id = "startSignature", .tag = SIGNATURES, .flags = CREATES },
	{ HTTP_GET, "/signatures/{transactionId}", DEVICE_READ, READS, OUT(operation_view),
		OP(.prepare = signature_get_prepare), "Get state of ongoing signing", .id = "getSignature", .tag = SIGNATURES },
	{ HTTP_DELETE, "/signatures/{transactionId}", DEVICE_WRITE, WRITES,
		OP(.apply = signature_cancel_apply), "Cancel signing", .id = "cancelSignature", .tag = SIGNATURES },
	{ HTTP_GET, "/recoveries/{transactionId}", DEVICE_READ, READS, OUT(recovery_view),
		OP(.prepare = recovery_get_prepare), "Get details of account recovery", .id = "getRecovery", .tag = DEVICES },
	{ HTTP_GET, "/devices/{deviceId}", DEVICE_READ, READS, QUERY(device_query), OUT(device_view),
		OP(.prepare = device_get_prepare), "Get device", .id = "getDevice", .tag = DEVICES },
	{ HTTP_PATCH, "/devices/{deviceId}", DEVICE_WRITE, WRITES, QUERY(device_query), IN(device_change), OUT(device_view),
		OP(.prepare = device_update_prepare, .apply = device_update_apply), "Update device", .id = "updateDevice", .tag = DEVICES },
	{ HTTP_DELETE, "/devices/{deviceId}", DEVICE_DELETE, WRITES, QUERY(device_query),
		OP(.prepare = device_delete_prepare, .apply = device_delete_apply), "Delete device", .id = "deleteDevice", .tag = DEVICES },
	{ HTTP_GET, "/devices/{deviceId}/transactions", DEVICE_READ, READS, QUERY(device_list_query), OUT(device_transaction_page),
		OP(.prepare = device_transactions_prepare), "Get device transactions", .id = "getDeviceTransactions", .tag = DEVICES },
};

static const struct tag tags[] = {
	{ REGISTRATIONS, "Bind a phone to a user" },
	{ AUTHENTICATIONS, "Authenticate a user, or let the user authorise something, with a phone" },
	{ SIGNATURES, "Let a user sign a consent with a phone" },
	{ DEVICES, "Phones that are bound to users" },
	{ NULL, NULL },
};

const struct route_table older_device_routes = {
	.base = "/mobileid/core",
	.title = "MobileID API",
	.tags = tags,
	.openapi_path = "/mobileid/core/openapi.json",
	.routes = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};

#include "device/device_schema.h"

ENUMERATION(lock_reason, LOCK_REASON);
ENUMERATION(operation_kind, OPERATION_KIND);
ENUMERATION(device_state_wanted, DEVICE_STATE_WANTED);

SCHEMA(registration_device, REGISTRATION_DEVICE, "The device to be registered");
SCHEMA(operation_device, OPERATION_DEVICE, "The device that carries the operation out");
SCHEMA(registration_options, REGISTRATION_OPTIONS, "How a registration is carried out");
SCHEMA(operation_options, OPERATION_OPTIONS, "How an authentication or signature is carried out");
SCHEMA(registration_new, REGISTRATION_NEW, "A registration to start");
SCHEMA(operation_new, OPERATION_NEW, "An authentication or signature to start");
SCHEMA(device_details, DEVICE_DETAILS, "More about a device");
SCHEMA(device_view, DEVICE_VIEW, "A device");
SCHEMA(device_event_view, DEVICE_EVENT_VIEW, "The state that a device came into");
SCHEMA(operation_user, OPERATION_USER, "The user of an operation");
SCHEMA(properties_view, PROPERTIES_VIEW, "How an operation is carried out");
SCHEMA(risk_attribute, RISK_ATTRIBUTE, "A risk attribute");
SCHEMA(recovery_properties, RECOVERY_PROPERTIES, "How a recovery is carried out");
SCHEMA(recovery_view, RECOVERY_VIEW, "A recovery");
SCHEMA(recovery_lock_view, RECOVERY_LOCK_VIEW, "The lock of a device's recovery");
SCHEMA(operation_view, OPERATION_VIEW, "An operation");
SCHEMA(device_query, DEVICE_QUERY, "Which device, and how");
SCHEMA(device_change, DEVICE_CHANGE, "What to change of a device");
SCHEMA(device_list_query, DEVICE_LIST_QUERY, "Which transactions of a device");
SCHEMA(device_transaction, DEVICE_TRANSACTION, "A transaction of a device");
SCHEMA(device_transaction_page, DEVICE_TRANSACTION_PAGE, "A page of transactions of a device");
SCHEMA(consent_bundle, CONSENT_BUNDLE, "What proves a consent signature; see `reuseid consent verify`");

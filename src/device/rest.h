/* The functions behind the routes of devices, and what they share. */
#ifndef DEVICE_REST_H
#define DEVICE_REST_H

#include "device/internal.h"

/* start.c */
err registration_start_prepare(struct op *op);
err registration_start_apply(struct op *op, struct tx *tx);
err authentication_start_prepare(struct op *op);
err signature_start_prepare(struct op *op);
err operation_start_apply(struct op *op, struct tx *tx);
err started_reply(struct op *op);

/* poll.c */
err registration_get_prepare(struct op *op);
err authentication_get_prepare(struct op *op);
err signature_get_prepare(struct op *op);
err registration_cancel_apply(struct op *op, struct tx *tx);
err authentication_cancel_apply(struct op *op, struct tx *tx);
err signature_cancel_apply(struct op *op, struct tx *tx);

/* What polling answers, of a device's operation of any type; E_NO_ROW when the transaction is none of a device. */
err operation_event_data(struct op *op, const struct uuid *id, struct event_content *ret_content);

/* export.c */
err device_export(struct op *op, const struct user *user, struct jw *w);

/* bundle.c */
err signature_evidence_prepare(struct op *op);

/* manage.c */
/* The device in the path, when it is that user's; else E_USER_UNKNOWN or E_DEVICE_UNKNOWN. The caller wipes owner->key. */
err device_of_user(struct op *op, const struct uuid *user, struct device *ret_device, struct user *owner);
err device_get_prepare(struct op *op);
err device_update_prepare(struct op *op);
err device_update_apply(struct op *op, struct tx *tx);
err device_delete_prepare(struct op *op);
err device_delete_apply(struct op *op, struct tx *tx);

/* geofence_rest.c */
#define GEOFENCING_QUERY(F, T) F(T, UUID, userId, REQ, 0, 0, "The user that the device belongs to", "\"0e99b25c-abde-4553-973b-8d94d49cd87e\"")
SCHEMA_STRUCT(geofencing_query, GEOFENCING_QUERY);
extern const struct schema geofencing_schema;
err geofencing_get_prepare(struct op *op);
err geofencing_put_prepare(struct op *op);
err geofencing_put_apply(struct op *op, struct tx *tx);
err geofencing_delete_prepare(struct op *op);
err geofencing_delete_apply(struct op *op, struct tx *tx);

/* recovery_rest.c */
err recovery_get_prepare(struct op *op);
err recovery_lock_get_prepare(struct op *op);
err recovery_lock_set_prepare(struct op *op);
err recovery_lock_set_apply(struct op *op, struct tx *tx);
err view_recovery(struct op *op, const struct user *owner, const struct device *device, const struct device_operation_row *row,
	struct slice *ret_json);

/* mobileid_admin.c: the account in the path, when the caller may act for it; else E_ACCOUNT_UNKNOWN. Its application: E_NOT_ONBOARDED. */
err mobileid_account(struct op *op, int64_t *ret_account);
/* The same of an account that is named elsewhere. */
err mobileid_account_named(struct op *op, struct slice id, int64_t *ret_account, struct slice *ret_name);
err mobileid_application(struct op *op, const struct application **ret_application);

/* e2e_keys.c */
#define E2E_TAG "E2E keys"
err e2e_list_prepare(struct op *op);
err e2e_get_prepare(struct op *op);
err e2e_add_prepare(struct op *op);
err e2e_add_apply(struct op *op, struct tx *tx);
err e2e_add_reply(struct op *op);
err e2e_retire_prepare(struct op *op);
err e2e_retire_apply(struct op *op, struct tx *tx);

/* mobileid_accounts.c */
err statistics_prepare(struct op *op);
err mobileid_accounts_prepare(struct op *op);
err mobileid_account_add_prepare(struct op *op);
err mobileid_account_add_apply(struct op *op, struct tx *tx);
err mobileid_account_add_reply(struct op *op);
err mobileid_state_prepare(struct op *op);
err mobileid_state_apply(struct op *op, struct tx *tx);

/* hash_rest.c */
err hash_devices_prepare(struct op *op);
err hash_lock_prepare(struct op *op);
err hash_lock_apply(struct op *op, struct tx *tx);
err hash_block_get_prepare(struct op *op);
err hash_block_put_prepare(struct op *op);
err hash_block_put_apply(struct op *op, struct tx *tx);
err hash_block_delete_prepare(struct op *op);
err hash_block_delete_apply(struct op *op, struct tx *tx);
err flagged_hashes_prepare(struct op *op);

/* transactions.c */
err device_transactions_prepare(struct op *op);

/* The methods in a mask, as "DEVICE:PIN". */
struct list methods_with_colon(struct op *op, unsigned methods);

#endif

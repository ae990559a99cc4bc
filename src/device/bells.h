/*
 * Push on the side of devices: where they hear, bells that are made before a transaction and rung behind its commit, and the nonce that
 * proves the push address in the midst of an operation (section 6.7).
 */
#ifndef DEVICE_BELLS_H
#define DEVICE_BELLS_H

#include "device/trust.h"
#include "push/push.h"

/* Services of the applications, in memory (applications.c loads them). */
struct push_of_application {
	struct uuid application;
	struct push_account account;
};

/* NULL: not configured. */
const struct push_account *push_account_find(const struct application_set *set, const struct uuid *application, enum push_service service);

struct slice push_configuration_place(struct arena *a, const struct uuid *application, enum push_service service);

struct bells;

/*
 * In prepare: bells for these devices of one user, as far as they can be reached; NULL when none can. Sets row->push. `in apply`:
 * counted on the devices, and rung once it is durable.
 */
err bells_of_operation(struct op *op, const struct user *owner, const struct uuid *devices, size_t n, struct slice payload,
	struct device_operation_row *row, struct bells **ret_bells);
err bells_ring(struct op *op, struct tx *tx, struct bells *bells);

/* An app tells where it hears now; empty text: nowhere. What is no token changes nothing. Saved by push_token_save(). */
void push_token_take(struct call *c, struct slice token);
err push_token_save(struct call *c, struct tx *tx);
/* E_NO_ROW: it hears nowhere. `updated` names this very token. */
err push_token_load(struct op *op, const struct user *owner, const struct uuid *device, struct push_target *ret_target,
	int64_t *ret_updated);
err push_user_deleted(struct tx *tx, const struct uuid *user);

err check_push_nonce(struct call *c, const struct brought *b, struct verdict *v);

/*
 * At a start, once the session has begun: what cannot end well is refused at once, and its operation with it. `token`: where a phone
 * hears that is not registered yet.
 */
err trust_begin(struct call *c, struct slice token, enum device_error *ret_fault);

err handle_push_update(struct call *c);
err handle_push_ack(struct call *c);

#endif

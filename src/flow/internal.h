/* What the files of this folder share. */
#ifndef FLOW_INTERNAL_H
#define FLOW_INTERNAL_H

#include "account/account.h"
#include "device/device.h"
#include "flow/flow.h"
#include "flow/flow_schema.h"
#include "proofing/proofing.h"
#include "user/user.h"

enum {
	PROOFING_MS = 30 * 60 * 1000,
	FLOW_MS = 60 * 60 * 1000,
};

enum flow_state {
	FLOW_NONE,
#define STATE(name, shown) FLOW_##name,
#include "flow/states.def"
#undef STATE
	FLOW_STATE_COUNT
};

enum flow_event { STARTED, DEVICE_DONE, DEVICE_FAILED, PROOF_ACCEPTED, PROOF_REFUSED, PROOF_DOUBTFUL, GIVEN_UP, BLOCKED, TIME_OVER };

/* The number stands in the database. */
enum flow_kind { FLOW_ONBOARDING = 1, FLOW_STEPUP = 2 };

enum flow_fact { FLOW_FACT_STARTED, FLOW_FACT_COMPLETED, FLOW_FACT_FAILED };

struct flow {
	struct uuid id, user, device, operation, dossier, process, verification;
	int64_t account, version, created, expires, ended;
	enum flow_kind kind;
	enum flow_state state;
	struct slice provider, error;
	struct slice content_box;
};

/* states.c */
/* FLOW_NONE: there is no such move. */
enum flow_state flow_move(enum flow_state from, enum flow_event event);
const char *flow_shown(enum flow_state state);
bool flow_is_over(enum flow_state state);
const char *flow_error_description(struct slice error);

/* rows.c */
err flow_insert(struct tx *tx, const struct flow *f);
/* E_TRANSACTION_UNKNOWN; in the caller's account. */
err flow_load(struct op *op, struct tx *tx, const struct uuid *id, struct flow *ret_flow);
/* The one that waits for this operation; E_NO_ROW. */
err flow_waiting(struct tx *tx, struct arena *a, const struct uuid *operation, struct flow *ret_flow);
/* State, device, times, error, verification, content; E_STALE when it is not the row that was loaded. */
err flow_save(struct tx *tx, const struct flow *f);
struct slice flow_content_seal(struct op *op, const struct user *owner, const struct uuid *flow, const struct flow_content *content);
err flow_content_open(struct op *op, const struct user *owner, const struct flow *f, struct flow_content *ret_content);
/* In apply: moves it to its end, with the fact. */
err flow_end(const struct fact_origin *origin, struct tx *tx, struct flow *f, enum flow_event event, struct slice error);
enum fact_kind flow_fact(enum flow_kind kind, enum flow_fact what);
/* Of a user, oldest first, from the one behind `after`; at most FLOWS_AT_ONCE. */
enum { FLOWS_AT_ONCE = 100 };
err flows_of(struct op *op, struct tx *tx, const struct uuid *user, const struct uuid *after, struct list *ret_flows);
err flow_user_deleted(struct op *op, struct tx *tx, const struct uuid *user);
err flow_account_deleted(struct op *op, struct tx *tx, int64_t account);

/* view.c */
void flow_show(struct op *op, const struct flow *f, const struct flow_content *content, struct flow_answer *ret_answer);
struct error flow_event_data(struct op *op, const struct event_about *about, struct event_content *ret_content);
struct error flow_export(struct op *op, const struct user *user, struct jw *w);
err flow_get_prepare(struct op *op);
err stepup_get_prepare(struct op *op);

/* start.c */
err onboarding_prepare(struct op *op);
err onboarding_apply(struct op *op, struct tx *tx);
err stepup_prepare(struct op *op);
err stepup_apply(struct op *op, struct tx *tx);

/* advance.c */
struct error flow_operation_ended(const struct fact_origin *origin, struct tx *tx, const struct operation *o);
struct error flow_told(struct op *op, const struct uuid *operation, struct slice *ret_json);
extern const struct process_listener flow_listener;

#endif

/*
 * The audit log of an account: search, export, retention, and its proof. The records are the leaves of a Merkle tree (RFC 9162), whose
 * root is signed again and again: a checkpoint. Who keeps checkpoints can prove later that nothing was altered, removed or inserted.
 */
#ifndef AUDIT_AUDIT_H
#define AUDIT_AUDIT_H

#include "api/route.h"
#include "crypto/seal.h"
#include "event/fact.h"
#include "jose/jwks.h"

/* Makes the records part of a user's export. */
void audit_open(struct app *app);

/* Periodic: takes new records into the trees, and signs checkpoints of those that grew. */
err audit_grow(struct app *app);
/* Periodic: deletes records that have had their time, oldest first, and thins out old checkpoints. The hashes stay. */
err audit_forget(struct app *app);

/* In prepare: the newest checkpoint of op's account, a signed JWT; made at once when there is none yet. */
err audit_checkpoint_newest(struct op *op, struct slice *ret_token);

/*
 * In prepare: the proof of a record, as JSON members of the open object: `record` as the API shows it, `proof` that it stands in the log
 * of `checkpoint`, and `consistency` of that log with the one of `earlier`, a checkpoint of ours. E_NO_ROW when there is no such record
 * (any more).
 */
struct audit_record_wanted {
	enum fact_kind kind;
	struct slice reference;
	int64_t at; /* when it was written */
};
err audit_write_proof(struct op *op, const struct audit_record_wanted *wanted, struct slice earlier, struct jw *w);

/* ---- checks without a server: pure ---- */

struct audit_verdict {
	struct slice account;
	int64_t size, records; /* of the checkpoint; in the export */
	struct slice fault;    /* in words; empty: all is as it was written */
	int64_t record;        /* the first one at fault; -1: none, or it cannot be said */
};

/* An export as JSON lines, of everything up to the checkpoint. */
void audit_export_verify(const struct jwks *keys, struct slice export, struct slice checkpoint, struct arena *a, struct audit_verdict *ret);

/* What audit_write_proof() wrote, parsed. `record` is changed. */
struct audit_proof {
	json_t *record, *proof, *consistency;
	struct slice checkpoint, earlier;
};
/* In words; empty: it is proved. */
struct slice audit_proof_fault(const struct jwks *keys, const struct audit_proof *p, struct arena *a);

extern const struct route_table audit_routes; /* base /audit */

#endif

/*
 * Identity proofing: dossiers (one for each end-user), processes (one verification each) and those who carry them out.
 *
 * A provider name such as "signicatvideoid" is a slot that the operator binds to an engine: the built-in simulator, manual review, a
 * service reached over HTTP, or an OIDC issuer. Callers name slots only, so what stands behind one can change.
 *
 * A process ends once. Whoever brings its result (the capture page, a poll, a callback, the operator) works it out in prepare and
 * writes it in apply by compare-and-set; a listener may tie more to that moment, in the same transaction.
 */
#ifndef PROOFING_PROOFING_H
#define PROOFING_PROOFING_H

#include "api/route.h"
#include "crypto/seal.h"
#include "event/fact.h"
#include "proofing/result_schema.h"

/* The number stands in the database: it only grows at the end. The words are those of the Assure API. */
#define PROCESS_STATUS(V, E)                                                            \
	V(E, pending, "Created; the verification has not begun")                        \
	V(E, processing, "The verification is under way, or its result is being decided") \
	V(E, accepted, "The identity is verified")                                      \
	V(E, rejected, "The identity could not be verified")                            \
	V(E, canceled, "Called off by the end-user or the caller")                      \
	V(E, failed, "It could not be carried out; failReason tells why")               \
	V(E, inconclusive, "Neither accepted nor rejected")
ENUMERATION_TYPE(process_status, PROCESS_STATUS);

struct provider;
struct process;

/* What a new process is asked for. */
struct process_wish {
	struct slice provider;         /* as the caller names it */
	struct slice process_type;     /* empty: the provider's own */
	struct list doc_types;         /* of int64_t; empty: all */
	int64_t default_doc_type;      /* 0: none */
	struct slice external_ref, simulate;
	struct uuid user, device, flow; /* all zero: none */
	struct slice redirect_url, document_type, document_country;
	struct list event_tags;
	bool open;                     /* the verification may begin at once */
};

/* What a caller of the feature may know of one. */
struct process_brief {
	struct uuid id, dossier;
	struct slice provider, process_type; /* canonical */
	enum process_status status;
	struct slice authorization, provider_api_url, capture_url;
};

/* Checks a wish against the account: provider, types of documents. Faults are added to op->invalids under these names. */
struct wish_names {
	const char *provider, *doc_types, *default_id;
};
err process_wish_check(struct op *op, struct process_wish *wish, const struct wish_names *names);

/* A dossier with one process; the wish was checked. Worked out in prepare, written in apply. */
struct process_draft;
err process_draft_new(struct op *op, const struct process_wish *wish, struct process_draft **ret_draft, struct process_brief *ret_brief);
err process_draft_insert(struct op *op, struct tx *tx, const struct process_draft *draft);

/* In prepare. E_PROCESS_UNKNOWN. */
err process_brief_load(struct op *op, struct tx *tx, const struct uuid *id, struct process_brief *ret_brief);

/* In apply, no cryptography: the verification may begin, and has to end by `expires`. */
err process_begin(const struct app *app, struct tx *tx, const struct uuid *id, const struct uuid *device, int64_t now, int64_t expires);
/* In apply, no cryptography: ends what has not ended; the provider is told later. */
err process_abandon(struct tx *tx, const struct uuid *id, int64_t now);

/*
 * Whoever builds on processes: decides in prepare what comes of a result, and writes it in apply beside the process itself. E_STALE
 * when something changed meanwhile; E_PROCESS_CLOSED when no result is wanted (any more), which leaves the process as it is.
 */
struct process_listener {
	struct error (*decide)(struct op *op, struct tx *tx, const struct process *process, const struct proofing_result *result,
		void **ret_own);
	struct error (*apply)(struct op *op, struct tx *tx, void *own);
};
void proofing_listen(struct app *app, const struct process_listener *listener);
/* What a listener may ask of a process. */
struct uuid process_id(const struct process *process);
struct uuid process_flow(const struct process *process); /* all zero: none */
bool process_is_reviewed(const struct process *process); /* what is inconclusive waits for the operator */
int64_t process_expires(const struct process *process);

/* Attribute keys by the names of the result, as the account maps them: an object that the caller drops. */
err proofing_attributes(struct op *op, struct tx *tx, const struct final_result *result, json_t **ret_attributes);

err proofing_open(struct app *app);
void proofing_close(struct app *app);
/* Periodic: begins, asks and ends what is due. */
err proofing_work(struct app *app);
/* Periodic: deletes evidence past its retention. */
err proofing_forget(struct app *app);

extern const struct route_table assure_routes;         /* base /assure */
extern const struct route_table simulator_routes;      /* the headless call */
extern const struct route_table callback_routes;       /* what providers tell */
extern const struct route_table capture_routes;        /* the page of the end-user */
extern const struct route_table proofing_admin_routes; /* base /admin */

#endif

/* What the files of this folder share. */
#ifndef PROOFING_INTERNAL_H
#define PROOFING_INTERNAL_H

#include "account/account.h"
#include "base/timestamp.h"
#include "proofing/config_schema.h"
#include "proofing/proofing.h"

enum {
	FILE_BYTES_MAX = 20 * 1024 * 1024,
	HANDLE_RANDOM_BYTES = 32,           /* the capture page is opened by nothing else */
	PROOFING_LIFETIME_MS = 30 * 60 * 1000,
	POLL_MS_DEFAULT = 5000,
	LEASE_MS = 60 * 1000,               /* a call to a provider ends long before */
	SEALED_BYTES_MAX = 1024 * 1024,
	SEALED_DEPTH_MAX = 12,
};

/* Written and read by everybody who has a capture page or a provider to talk to: sealed under the dossier's key. */
#define PROCESS_CONTENT(F, T)                                                       \
	F(T, STR, handle, OPT, 0, 100, "", "")                                      \
	F(T, INTS, docTypes, OPT, 0, DOC_TYPES_MAX, "", "")                         \
	F(T, INT, defaultId, OPT, 0, 0, "", "")                                     \
	F(T, STR, externalRef, OPT, 0, 255, "", "")                                 \
	F(T, UUID, userId, OPT, 0, 0, "", "")                                       \
	F(T, STR, simulate, OPT, 0, 2000, "", "")                                   \
	F(T, STR, redirectUrl, OPT, 0, 2000, "", "")                                \
	F(T, STR, documentType, OPT, 0, 40, "", "")                                 \
	F(T, STR, documentCountry, OPT, 0, 3, "", "")                               \
	F(T, STRS, eventTags, OPT, 0, 20, "", "")                                   \
	F(T, STR, externalId, OPT, 0, 500, "", "")                                  \
	F(T, STR, authorization, OPT, 0, 16 * 1024, "", "")                         \
	F(T, STR, providerApiUrl, OPT, 0, 2000, "", "")                             \
	F(T, STR, captureUrl, OPT, 0, 4000, "", "")                                 \
	F(T, STR, nonce, OPT, 0, 100, "", "")                                       \
	F(T, STR, verifier, OPT, 0, 200, "", "")                                    \
	F(T, STR, parentId, OPT, 0, 500, "", "")                                    \
	F(T, INT, evidence, OPT, 0, 0, "", "")                                      \
	F(T, STR, code, OPT, 0, 2000, "", "")                                       \
	F(T, STR, idToken, OPT, 0, 64 * 1024, "", "")                               \
	F(T, STR, accessToken, OPT, 0, 64 * 1024, "", "")                           \
	F(T, BOOL, issWanted, OPT, 0, 0, "", "")                                    \
	F(T, INT, linkUntil, OPT, 0, 0, "", "")                                     \
	F(T, INT, chosen, OPT, 0, 0, "", "")                                        \
	F(T, INT, steps, OPT, 0, 0, "", "")                                         \
	F(T, OBJ(final_result), persona, OPT, 0, 0, "", "")                         \
	F(T, STR, outcome, OPT, 0, 100, "", "")
SCHEMA_STRUCT(process_content, PROCESS_CONTENT);

struct dossier {
	struct uuid id, user;
	int64_t account, created, updated;
	struct data_key key; /* wiped with the request */
	struct slice wrapped_key;
	struct slice external_ref;
	struct slice user_data; /* JSON object, or empty */
};

struct process {
	struct uuid id, dossier, flow, device;
	int64_t account, version;
	struct slice provider, process_type;
	enum proofing_engine engine;
	enum process_status status;
	bool started; /* at the provider */
	bool begun;   /* results are welcome */
	bool reviewed; /* what is inconclusive waits for the operator; see settle_prepare */
	int64_t created, updated, expires, due, next;
	struct process_content content;
	struct slice result; /* JSON of proofing_result, or empty */
	struct data_key key; /* of its dossier */
};

/* What needs no key. */
struct process_row {
	struct uuid id;
	struct slice provider, process_type;
	enum process_status status;
	int64_t created, updated;
};

struct proofing {
	struct app *app;
	const struct process_listener *listener;
	struct proofing_calls *calls;
	struct key_cache *keys;
	struct store_hook due; /* something is due at once */
};

/* In apply: there is work that need not wait for the next round. */
void proofing_hurry_after_commit(const struct app *app, struct tx *tx);
/* From any thread. */
void proofing_hurry(const struct app *app);

static inline bool status_is_final(enum process_status status)
{
	return status > process_status_processing;
}

struct slice proofing_place(struct op *op, const char *what, const struct uuid *id);

/* config.c */
err proofing_config_load(struct op *op, struct tx *tx, struct proofing_config *ret_config);
struct slice config_seal(struct op *op, const struct proofing_config *config, uint8_t wrapped[static WRAPPED_KEY_BYTES]);
/* NULL: no such provider here. `name` may be an alias; provider->name is canonical. */
const struct proofing_provider *provider_find(const struct op *op, const struct proofing_config *config, struct slice name);
/* Real people are not verified by the simulator, however old the process is. E_PROCESS_NOT_SIMULATED. */
err simulator_refuse_in_production(const struct op *op, const struct proofing_config *config, enum proofing_engine engine);
struct slice provider_canonical(struct slice name);
/* A secret by its name; empty when there is none. */
struct slice config_secret(const struct proofing_config *config, struct slice name);

/* doctypes.c */
struct list doc_types_of(const struct proofing_config *config, struct arena *a); /* of struct document_type */
const struct document_type *doc_type_find(const struct list *types, int64_t id);
/* Those that a process allows, the default first. */
struct list doc_types_allowed(const struct proofing_config *config, const struct process_content *content, struct arena *a);

/* dossier_rows.c */
struct dossier *dossier_draft(struct op *op, const struct uuid *user, struct slice external_ref);
err dossier_insert(struct tx *tx, const struct dossier *d, struct slice box);
struct slice dossier_seal(struct op *op, const struct dossier *d);
err dossier_load(struct op *op, struct tx *tx, const struct uuid *id, struct dossier *ret_dossier); /* E_DOSSIER_UNKNOWN */
err dossier_exists(struct op *op, struct tx *tx, const struct uuid *id);  /* E_DOSSIER_UNKNOWN */
err dossier_key(struct op *op, struct tx *tx, const struct uuid *id, struct data_key *ret_key);
err dossier_save(struct tx *tx, const struct dossier *d, struct slice box);
err dossier_delete(struct op *op, struct tx *tx, const struct uuid *id); /* with processes and evidence */
/* farewell.c: in apply, before the rows are deleted: whoever carried them out outside is to forget them too */
err farewells_of_process(struct op *op, struct tx *tx, const struct uuid *process);
err farewells_of_dossier(struct op *op, struct tx *tx, const struct uuid *dossier);
err farewells_of_free_dossiers(struct op *op, struct tx *tx); /* all of the account that no flow needs */
/* export.c */
struct user;
struct error proofing_export(struct op *op, const struct user *user, struct jw *w);
struct error proofing_account_deleted(struct op *op, struct tx *tx, int64_t account);
err dossiers_user_deleted(struct op *op, struct tx *tx, const struct uuid *user);

/* process_rows.c */
/* E_PROCESS_UNKNOWN; in the caller's account. */
err process_load(struct op *op, struct tx *tx, const struct uuid *id, struct process *ret_process);
/* In any account; op->caller becomes it. E_PROCESS_UNKNOWN. */
err process_load_any(struct op *op, struct tx *tx, const struct uuid *id, struct process *ret_process);
err process_by_handle(struct op *op, struct tx *tx, struct slice handle, struct process *ret_process);
err process_insert(struct op *op, struct tx *tx, const struct process *p, struct slice box, struct slice handle_index);
struct slice content_box(struct op *op, const struct process *p);
/* Can what is about to be sealed be read again? What strangers sent may be longer than its member, or no text. */
bool content_is_sound(struct op *op, const struct process *p);
struct slice result_box(struct op *op, const struct process *p, struct slice json);
struct slice handle_index(struct op *op, struct slice handle);
/* Status, content, times: E_STALE when the row is not the one that was loaded. */
err process_save(struct tx *tx, const struct process *p, struct slice content);
/* `content` empty: it stays. */
err process_save_result(struct tx *tx, const struct process *p, enum process_status status, struct slice result, struct slice content,
	int64_t now);
err result_read(struct op *op, struct slice json, struct proofing_result *ret_result);
err process_delete(struct op *op, struct tx *tx, const struct uuid *id);
/* Oldest first, as struct process_row. */
err processes_of_dossier(struct op *op, struct tx *tx, const struct uuid *dossier, struct list *ret_rows);
struct slice capture_url(const struct op *op, const struct process *p);

/* result.c */
/* The first fault of what was found, in words; NULL: none. */
const char *final_result_fault(const struct final_result *r);
/* May this be the result? What is no good becomes `failed`. */
void result_normalise(struct op *op, struct proofing_result *r);
bool status_may_follow(enum process_status now, enum process_status next, bool reviewed);

/* start.c: in a dossier that was loaded, or a new one of its own. */
err process_draft_in(struct op *op, const struct process_wish *wish, struct dossier *dossier, bool own, struct process_draft **ret_draft,
	struct process_brief *ret_brief);

/* settle.c */
struct settlement;
/*
 * In prepare: what comes of a result. NULL: the process has that result already, there is nothing to do. E_PROCESS_CLOSED when it is
 * not welcome: not begun yet, over, or over with another result.
 */
err settle_prepare(struct op *op, struct process *p, struct proofing_result *r, struct settlement **ret_settlement);
err settle_apply(struct op *op, struct tx *tx, const struct settlement *settlement);

/* files.c */
struct evidence_file {
	struct uuid id, dossier, process;
	struct slice kind, name, media_type; /* name: sealed, as text */
	struct slice bytes;
	int64_t created, expires;
};
/* One of a dossier, opened. E_FILE_UNKNOWN. */
err file_open(struct op *op, const struct uuid *dossier, const struct uuid *id, struct slice *ret_type, struct slice *ret_bytes);
/* How long a file of the account that is made now is kept. */
err file_expiry(struct op *op, struct tx *tx, int64_t *ret_expires);
err file_insert(struct op *op, struct tx *tx, const struct evidence_file *f, struct slice box);
struct slice file_seal(struct op *op, const struct data_key *key, const struct evidence_file *f);
err file_name_open(struct op *op, const struct data_key *key, const struct uuid *id, struct slice text, struct slice *ret_name);

/* What is wrong with the settings of a provider, in words; NULL: nothing. */
const char *engine_fault(struct op *op, const struct proofing_provider *provider, const struct proofing_config *config);

/* simulator.c */
/* What magic words and scripts say: does it end now, and how? `due` is set when it ends later. */
bool simulator_decides(struct op *op, const struct process *p, struct slice script, struct proofing_result *ret_result, int64_t *ret_due);
void simulator_specific(struct op *op, const struct process *p, struct proofing_result *r);
struct final_result *simulator_persona(struct op *op, const struct process *p, const struct proofing_config *config);

#endif

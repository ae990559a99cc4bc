/* What the files of this folder share. The rules are in docs/DEVICE-PROTOCOL.md; sections are quoted where they are followed. */
#ifndef DEVICE_INTERNAL_H
#define DEVICE_INTERNAL_H

#include "account/account.h"
#include "api/rate.h"
#include "crypto/seal.h"
#include "device/config.h"
#include "device/device.h"
#include "device/failures.h"
#include "device/keys.h"
#include "device/session.h"
#include "device/tokens.h"
#include "protocol/envelope.h"
#include "protocol/pin.h"
#include "protocol/plaintext.h"
#include "protocol/recovery.h"
#include "protocol/transcript.h"
#include "user/user.h"

enum {
	PIN_ASKS_MAX = 5,               /* uncharged evaluations in one registration session (5.1) */
	TS_AHEAD_MS_MAX = 10 * 60 * 1000,
	REPEAT_MS = 10 * 60 * 1000,     /* how long a stored answer can be asked for again (4) */
};

/* ---- applications and their keys, in memory (applications.c) ---- */

struct application {
	struct uuid id;
	char id_text[UUID_TEXT + 1];
	int64_t account;
	enum mobileid_state state;
	const struct account_info *info; /* in the arena of the set */
	struct device_config config;
};

struct e2e_key {
	uint8_t id[KEY_ID_BYTES];
	struct uuid application;
	uint8_t public_key[X25519_BYTES];
	struct x25519_key *key;
	int64_t created;
};

struct salt_key {
	struct uuid application;
	char id[40];
	uint8_t secret[SALT_KEY_BYTES];
	int64_t created;
};

/* Never changes once made; older ones are kept until the end, so that a borrower never has to give back. */
struct application_set {
	struct application_set *older;
	struct arena arena;
	struct application *applications;
	struct e2e_key *e2e_keys;   /* newest first */
	struct salt_key *salt_keys; /* newest first */
	struct push_of_application *pushes;
	size_t application_count, e2e_count, salt_count, push_count;
};

struct devices {
	_Atomic(struct application_set *) set;
	struct store_hook hook;
	struct rate *wrong_codes, *wrong_signatures, *recoveries, *scans, *nonces; /* section 10 */
	struct code_guard *codes;
	struct push *push;
	struct arena arena;
	struct slice attest_root; /* certificate that App Attest has to lead to; empty: Apple's */
};

const struct application_set *applications_now(const struct app *app);
const struct application *application_by_id(const struct application_set *set, const struct uuid *id);
const struct application *application_by_text(const struct application_set *set, struct slice id);
const struct application *application_of_account(const struct application_set *set, int64_t account); /* NULL: not onboarded */
const struct e2e_key *e2e_key_find(const struct application_set *set, struct slice key_id);
const struct e2e_key *e2e_key_newest(const struct application_set *set, const struct uuid *application);
const struct salt_key *salt_key_find(const struct application_set *set, const struct uuid *application, struct slice id);
const struct salt_key *salt_key_newest(const struct application_set *set, const struct uuid *application);

struct slice application_secret_place(struct arena *a, const char *what, struct slice id);

/* ---- rows (rows.c) ---- */

struct device {
	struct uuid id, user, application;
	int64_t version, account;
	enum credential_state state;
	struct slice name;
	enum operation_type last_operation;
	int64_t created, last_used;
	unsigned methods;            /* mask of 1 << enum auth_method */
	uint8_t dk[POINT_BYTES], hk[POINT_BYTES], pk_pin[POINT_BYTES];
	uint8_t biometric[auth_method_count][POINT_BYTES]; /* of the biometric ones among `methods` */
	struct uuid face;            /* DEVICE_SERVER_SIDE_FACE among `methods`; all zero: none */
	bool has_hk, has_pin;
	uint8_t cid[PIN_CREDENTIAL_ID_BYTES];
	struct slice salt_key;
	bool has_pending_pin;        /* 5.2: the same PIN under a newer salt key, until its first success */
	uint8_t pending_pin[POINT_BYTES];
	struct slice pending_salt;
	enum lock_reason lock_reason;
	int64_t fail_device, fail_second;
	bool try_open, device_seen;
	int64_t last_attempt, last_ts;
	struct slice ticket, old_ticket; /* SHA-256, or empty */
	bool no_ticket;              /* a start without one is accepted too: none was on record before the newest */
	struct slice details;        /* sealed JSON */
	struct slice geofence;       /* sealed JSON; empty: as the application has it */
	struct slice hash_index;     /* keyed hash of the device hash */
	bool recovery_lock;
	int64_t pushes;              /* since the last success */
	struct slice request_hash, answer; /* the last accepted request outside a session, and its sealed answer */
	int64_t answered;
};

/* What an operation was started with: kept sealed as JSON. */
#define OPERATION_CONTEXT(F, T)                                                                           \
	F(T, STR, title, OPT, 0, 255, "Title, shown above the content", "\"Consent\"")                    \
	F(T, TEXT, content, OPT, 0, 20000, "What is shown", "\"Pay 100 to Acme\"")                        \
	F(T, STR, mimeType, OPT, 0, 255, "Media type of the content", "\"text/plain\"")
SCHEMA_STRUCT(operation_context, OPERATION_CONTEXT);

#define OPERATION_CONTENT(F, T)                                                     \
	F(T, STR, deviceName, OPT, 0, 128, "", "")                                  \
	F(T, STR, activationCode, OPT, 0, 128, "", "")                              \
	F(T, OBJ(operation_context), pre, OPT, 0, 0, "", "")                        \
	F(T, OBJ(operation_context), post, OPT, 0, 0, "", "")                       \
	F(T, STRS, requestedUserAttributes, OPT, 0, 100, "", "")                    \
	F(T, STRS, tags, OPT, 0, 20, "", "")                                        \
	F(T, BOOL, sendPush, OPT, 0, 0, "", "")                                     \
	F(T, BOOL, toldLater, OPT, 0, 0, "Another feature says what the app is told after success", "") \
	F(T, STR, matchNumber, OPT, 0, 8, "", "")                                   \
	F(T, BOOL, broadcast, OPT, 0, 0, "", "")                                    \
	F(T, UUID, deviceId, OPT, 0, 0, "The device that is registered again", "")  \
	F(T, TEXT, clientData, OPT, 0, 4096, "", "")
SCHEMA_STRUCT(operation_content, OPERATION_CONTENT);

struct device_operation_row {
	struct operation base;
	struct uuid application;
	enum auth_level auth_level;
	int64_t timeout_ms;
	struct operation_content content;
	struct slice result;         /* the completed answer, JSON; empty until then */
	struct slice report;         /* of the last finish that failed, JSON; empty: none */
	bool by_device;              /* the phone began it, not the service provider */
	int64_t push;                /* 0: none, 1: handed to the push service, 2: which did not take it */
	struct slice code_index, code_key; /* code_key: SHA-256 of the device key that the code is bound to */
	int64_t code_ts;
};

/* The user and the device were used. */
err owner_touch(struct tx *tx, const struct uuid *id, int64_t now);

/* E_NO_ROW, also for a device of another account. `owner` is loaded with it, unless it is that user already. */
err device_load(struct op *op, struct tx *tx, const struct uuid *id, struct device *ret_device, struct user *owner);
struct key_boxes {
	struct slice keys, pin; /* sealed; `pin`: what tests a PIN, empty when there is none */
};
err device_insert(struct tx *tx, const struct device *d, const struct key_boxes *keys, struct slice name, struct slice details);
/* Was it registered on the older paths? Then what it does by itself is told by `mobileid`. Unknown devices were not. */
err device_is_older(struct tx *tx, const struct uuid *id, bool *ret_older);
/* Counters, tickets, ts, lock and state; E_STALE when the row is not the one that was loaded. */
err device_save(struct tx *tx, const struct device *d);
/* In apply, of a device that is DELETED by now: what is pending fails, and nothing of it stays but what records need. */
err device_gone(const struct fact_origin *origin, struct tx *tx, const struct uuid *device, enum operation_error pending);
/* In apply: the app that there was on it is there no more. Where it heard, what it was attested by, its tokens and its recovery go. */
err device_app_gone(struct tx *tx, const struct uuid *device);
/* Methods and keys; beside device_save(), which compares the version. */
err device_save_keys(struct tx *tx, const struct device *d, const struct key_boxes *keys);
err device_keys_open(struct op *op, const struct user *owner, const struct key_boxes *keys, struct device *d);
struct key_boxes device_keys_seal(struct op *op, const struct user *owner, const struct device *d);
struct slice device_details_seal(struct op *op, const struct user *owner, const struct uuid *device, struct slice json);
err device_details_open(struct op *op, const struct user *owner, const struct device *d, struct slice *ret_json);

err device_operation_load(struct op *op, struct tx *tx, const struct operation *base, const struct user *owner,
	struct device_operation_row *ret_row);
/* What it was started with too, when it is completed. */
err device_operation_load_whole(struct op *op, struct tx *tx, const struct operation *base, const struct user *owner,
	struct device_operation_row *ret_row);
err device_operation_by_code(struct op *op, struct tx *tx, const struct application *app, struct slice code_index,
	struct uuid *ret_id);
err device_operation_insert(struct tx *tx, const struct device_operation_row *row, struct slice content);
/* E_STALE when the code is another key's by now, or a later start's. */
err device_operation_bind_code(struct tx *tx, const struct uuid *id, struct slice code_key, int64_t ts);
/* The content again, now with what the app sent along. */
err device_operation_client_data(struct tx *tx, const struct uuid *id, struct slice content);
/* Keeps the completed answer. */
err device_operation_finish(struct tx *tx, const struct uuid *id, struct slice result);
struct slice content_seal(struct op *op, const struct user *owner, const struct uuid *id, const struct operation_content *content);
struct slice report_seal(struct op *op, const struct user *owner, const struct uuid *id, struct slice json);
err device_operation_report(struct tx *tx, const struct uuid *id, struct slice box);
struct slice result_seal(struct op *op, const struct user *owner, const struct uuid *id, struct slice json);
struct slice code_index(struct op *op, const struct application *app, struct slice code);

/* ---- one call of the device channel (channel.c) ---- */

enum { NEW_TOKENS_MAX = 2 };

struct call {
	struct op *op;
	const struct application_set *set;
	const struct application *application;
	const struct message *message;
	struct envelope envelope;
	struct exchange exchange;
	struct slice plaintext_bytes;
	struct plaintext plaintext;
	uint8_t request_hash[SHA256_BYTES];
	json_t *json;
	void *in;                    /* struct of the message's request schema */
	int64_t step, ts;            /* of the request */
	struct uuid reg;             /* outside sessions: the registration it names */

	bool opened, has_owner, has_device, has_session, has_operation;
	struct user owner;
	struct device device;
	struct session session;
	struct device_operation_row operation;

	/* What comes of it. */
	struct slice answer_json;    /* what the phone hears */
	struct slice answer;         /* sealed */
	bool write;                  /* there is something to write */
	struct error (*save)(struct call *call, struct tx *tx); /* the message's own part of apply */
	enum { SAVE_NOTHING, SAVE_NEW_SESSION, SAVE_SESSION } session_change;
	bool device_changed, advance; /* advance: the answer carries `step` */
	struct key_boxes keys;       /* methods or keys of the device changed */
	struct slice attestation, geofencing; /* JSON objects that checks add to the report; empty: none */
	const char *hw_result;       /* hwKeyServerResult, or NULL */
	struct slice attest_key;     /* sealed: what is to be kept of App Attest */
	struct face_policy *face_policy; /* of a start answer; NULL: none */
	struct slice face_box;       /* sealed: the template of c->device.face, which is new */
	struct slice push_token;     /* sealed: where the phone hears from now on */
	bool push_forget;            /* it hears nowhere any more */
	struct bells *bells;         /* rung behind the commit */
	struct new_token {
		uint8_t hash[SHA256_BYTES];
		const char *purpose;
		int64_t proven;
	} tokens[NEW_TOKENS_MAX];    /* issued by this answer */
	size_t token_count;
	struct slice report, report_box; /* of this finish: JSON; sealed when it failed */
	struct session_boxes boxes;
	struct slice start_evidence; /* of a new session, to be sealed */
	bool operation_begins;       /* the phone began it: `operation` is new, with what operation_box says */
	struct slice operation_box;
	enum operation_error operation_error; /* the operation fails with this */
	bool session_over;
	bool lock_others;            /* the device just got locked: its other operations fail with LOCKED */
	enum fact_kind device_fact;  /* 0 none: a fact about the device besides */
	void *own;                   /* of the message's handler */
};

/* Was this request accepted already, outside a session? Then its answer is there again. */
err device_repeat(struct call *c, bool *ret_repeat);
/* Is it the start of that session once more, whatever has become of it since? `found`: what looking for the session came to. */
err start_repeat(struct call *c, const uint8_t sid[static SESSION_ID_BYTES], struct error found, bool *ret_repeat);
/* Section 10: wrong signatures by a registration's key, for each address. E_TOO_MANY; a wrong one counts. */
err signature_allowed(struct call *c, const struct uuid *registration);
void signature_wrong(struct call *c, const struct uuid *registration);

/* Makes the answer. Each is called once, last. */
err call_ok(struct call *c, void *answer);  /* struct of the message's answer schema; ok, time and step are filled in */
err call_fault(struct call *c, enum device_error code);
/* One that may be tried again as it is, nothing having changed; `remaining` below 0: is not told. */
err call_fault_again(struct call *c, enum device_error code, int64_t remaining);
/* The same text and length whichever factor failed (7): recoverable, with what is left. */
err call_try_again(struct call *c);

/* Handlers of messages: read, decide and compute; the row's save writes. */
err handle_cfg_get(struct call *c);
err handle_ses_wait(struct call *c);
err handle_act_start(struct call *c);
err handle_act_pin(struct call *c);
err handle_act_finish(struct call *c);
err handle_ses_start(struct call *c);
err handle_ses_pin(struct call *c);
err handle_ses_finish(struct call *c);
err handle_ses_cancel(struct call *c);
err handle_reg_deactivate(struct call *c);
err handle_am_start(struct call *c);
err handle_am_pin(struct call *c);
err handle_am_finish(struct call *c);

/* hashes.c: a device hash as it is looked for; and is that piece of hardware blocked? */
struct slice hash_index(struct op *op, struct slice device_hash);
err hash_check(struct call *c, struct slice device_hash, enum device_error *ret_fault);
err hash_of_device(struct op *op, const struct user *owner, const struct device *d, struct slice *ret_hash);
err hash_check_again(struct tx *tx, const struct device *d); /* in apply; E_STALE: it has been blocked meanwhile */

/* act.c: what the messages of a registration share */
bool signed_by_new_key(struct call *c, const struct transcript *t, struct slice dk);
/* The registration that this one takes the place of; NULL: none. */
const struct uuid *previous_of(const struct call *c);
/* The operation fails with what would lock a device, were there one already. */
err fail_registration(struct call *c, enum device_error fault, enum operation_error error);

/* speaker.c */
/* Section 4, outside sessions: identical repeat, dk signature, ts, states. True when the answer was made already. */
bool outside_checks(struct call *c, struct error *ret_error);
/* The head of every *.start by a registration: `enc` is that of its envelope (2), the above, and its SDK is one that is served. */
bool start_checks(struct call *c, struct slice enc, const struct uuid *reg, struct error *ret_error);
/* common.c: what several handlers need */
struct list policies_methods(struct call *c, unsigned usable);
struct pin_form *policy_pin(struct call *c);
struct shown_context *context_of(struct call *c, const struct operation_context *context);
err post_context(struct call *c, struct shown_context **ret_shown);
struct hw_policy *policy_hw(struct call *c);
/* tickets.c (5.4) */
bool ticket_good(const struct call *c, struct slice shown);
err ticket_refuse(struct call *c); /* accepted in the sense of section 4: it is charged, and may lock */
void ticket_keep(struct call *c, struct slice shown); /* after session_begin() */
void ticket_issue(struct call *c, struct slice *ret_ticket);
enum device_error sdk_check(const struct call *c);
/* The `nth` proof of that kind of a new key, over the session's transcript (row 4a). */
bool proves_old(struct call *c, enum signature_kind kind, const uint8_t *key); /* that of a key on record */
bool device_hash_fits(struct call *c, struct slice text);
bool proves_new(struct call *c, enum signature_kind kind, size_t nth, struct slice key);

/* A session begins: sid, K, th after the answer. */
void session_begin(struct call *c, enum message_family family, const struct uuid *device);
/* What is limited in a session counts for this: the registration; before it is one, its operation, or the recovery it comes from. */
struct slice session_counted(const struct call *c);
/* ses.c: in a session, the device with its owner, and rows 3 and 4 of section 7. */
err session_device(struct call *c, enum device_error *ret_fault);
/* *.pin with use authorise: charged and evaluated (5.3). */
struct device_pin_ask {
	struct slice b, skid;
};
err pin_authorise(struct call *c, const struct device_pin_ask *ask);
/* *.pin for a credential that is not active yet: uncharged, at most five in a session (5.1); under the salt key that was announced. */
err pin_new(struct call *c, const struct device_pin_ask *ask, const char *salt_key);
/* ses.c: an accepted start ends the older session first. When that locks the device, it has been answered with 226. */
err start_accepted(struct call *c, bool *ret_locked);
/* What the lock of the device does to the operation that was being tried, if it is still open. */
void device_lock(struct call *c, bool tried);
struct attempts *attempts_of(struct call *c);
/* am.c: an operation that the phone begins itself (6.9) */
void operation_begin_here(struct call *c, enum operation_type type, const struct uuid *credential);
enum device_error am_method_check(const struct call *c, enum auth_method m);
/* approve.c: a finish without a second factor, whose device proved nothing */
err device_try_failed(struct call *c, bool device_bad);
void announce_salt_key(struct call *c);
enum device_error method_check(const struct call *c, enum auth_method m); /* row 5c */
err session_lock(struct call *c, enum device_error fault);
/* channel.c: row 1: the operation fails, the session is over. */
err session_broken(struct call *c, enum device_error fault);

/* E_OK or the fault that a broken message is told. */
enum device_error read_message(struct call *c);

/* view.c: what polling answers */
err view_pending(struct op *op, const struct application *app, const struct user *owner, const struct device *device,
	const struct device_operation_row *row, struct slice *ret_json);
struct completion {
	enum auth_method method;
	struct slice client_data;
	struct slice signature;  /* JWT; empty: none */
	struct slice report;     /* JSON object of report_write() */
	enum recovery_method recovery; /* of a RECOVERY */
};
err view_completed(struct op *op, const struct user *owner, const struct device *device, const struct device_operation_row *row,
	const struct completion *how, struct slice *ret_json);
/* `owner` NULL: the user is erased, and only ids, times, state and code remain. */
err view_failed(struct op *op, const struct user *owner, const struct device *device, const struct device_operation_row *row,
	struct slice *ret_json);
/* The same of a RECOVERY. */
err view_recovered(struct op *op, const struct user *owner, const struct device *device, const struct device_operation_row *row,
	const struct completion *how, struct slice *ret_json);
/* The members of a report that report_write() made. */
struct operation_view;
err view_report(struct op *op, struct slice json, struct operation_view *view);
struct device_view;
void view_device(const struct device *d, struct device_view *ret_view);

/* evidence.c */
struct slice evidence_start(struct call *c, struct slice answer_json);
/* What evidence_start() kept of c->session. */
err evidence_start_open(struct call *c, struct slice *ret_request, struct slice *ret_answer);
/* Of the call that completes the operation. */
err evidence_seal(struct call *c, struct slice *ret_box);
/* Parsed; it lives as long as the request. `pin` is not for others. E_NO_ROW. */
err evidence_open(struct op *op, const struct user *owner, const struct uuid *id, json_t **ret_evidence);
err evidence_insert(struct tx *tx, const struct uuid *id, const struct user *owner, struct slice box);

/* consent.c */
err consent_sign(struct op *op, const struct user *owner, const struct device *device, const struct device_operation_row *row,
	enum auth_method method, int64_t completed, struct slice *ret_jwt);

/* codes.c: activation codes and what guards them (section 10) */
struct code_guard *code_guard_new(void);
void code_guard_free(struct code_guard *g);
struct slice code_make(struct op *op, const struct application *app);
bool code_allowed(struct call *c, struct slice code);
void code_wrong(struct call *c);

#endif

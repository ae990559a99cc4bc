/*
 * Inside the SDK: what a controller is made of, and how its parts hang together.
 *
 * A call is a chain of stages. A stage does what it can at once and then returns the next stage's result, or the step that the app has
 * to perform first; what comes after that step is remembered in the part that asked for it:
 *
 *   chores.c     records stored and erased, keys dropped, one after another        then: c->chores.then
 *   keys.c       a key made by us or by the app                                    then: c->key_then
 *   exchange.c   one message: composed, signed, sealed, sent                       then: answer.c
 *   answer.c     its answer: opened, checked, the transcript moved on              then: c->draft.after or .on_fault
 *   gather.c     place, push and attestation, for a finish                         then: c->gathering.then
 *   pin.c        a PIN or a code, its evaluation by the server, what comes of it   then: c->try_then
 *
 * The calls themselves are in activation.c, session.c, method.c, recovery.c, recovery_add.c, wait.c, push.c, config_call.c and
 * deactivate.c; enrol.c ends those that make a device; controller.c is their life, steps.c what goes in and out.
 */
#ifndef SDK_INTERNAL_H
#define SDK_INTERNAL_H

#include "codec/json.h"
#include "protocol/envelope.h"
#include "protocol/recovery.h"
#include "protocol/plaintext.h"
#include "protocol/transcript.h"
#include "sdk/record.h"
#include "sdk/reuseid_device.h"

struct fault;

typedef const struct rid_step *(*stage)(struct rid_controller *c);
typedef const struct rid_step *(*pin_stage)(struct rid_controller *c, struct slice pin);
typedef void (*compose_stage)(struct rid_controller *c, struct buf *json);
typedef const struct rid_step *(*answer_stage)(struct rid_controller *c, const void *answer); /* the struct of the message's answer */
typedef const struct rid_step *(*fault_stage)(struct rid_controller *c, const struct fault *f);

/* The app's clock and randomness in our form. */
struct world {
	struct env env; /* first: its functions find the rest */
	int64_t (*now_ms)(void *world);
	int64_t (*mono_ms)(void *world);
	void (*random)(void *world, unsigned char *p, size_t n);
	void *world;
};

/* A refusal by the server. */
struct fault {
	int64_t number, remaining; /* remaining: -1 when it is not said */
	bool recoverable;
	struct slice challenge;    /* empty, or CHALLENGE_BYTES */
};

/* ---- one message ---- */

enum { SIGNERS_MAX = 8 };

struct signer {
	enum signature_kind kind;
	int method;              /* rid_method of a biometric key */
	const struct key *key;
};

struct draft {
	enum message_id id;
	const struct record *who; /* whose registration; NULL: nobody's */
	compose_stage compose;   /* may be called again, with another time or server key */
	answer_stage after;
	fault_stage on_fault;    /* NULL: fail_server() */
	struct signer signers[SIGNERS_MAX]; /* kinds ascend */
	size_t signer_count, signed_count;
	uint32_t wait_ms;        /* how long the server may take beyond the usual */

	struct plaintext plaintext;
	struct envelope_sender sender;
	struct exchange exchange;
	uint8_t plaintext_hash[SHA256_BYTES];
	struct slice request;    /* in c->arena; the very bytes, until an answer was processed */
	int64_t ts;
	size_t server_key;       /* 0: the configured one, then the learned ones */
	bool corrected;          /* the clock was, once */
	bool outstanding;        /* sent, or to be sent again, and not answered */
};

/* ---- chores ---- */

enum { CHORES_MAX = 24 };

enum slot { SLOT_MAIN, SLOT_BESIDE, SLOTS };

struct chore {
	enum rid_step_kind kind; /* RID_STORE, RID_ERASE, RID_DROP_KEY, RID_BACK_UP, RID_FORGET_BACKUP */
	enum slot slot;
	int64_t backup;          /* number */
	char handle[KEY_HANDLE_BYTES];
};

struct chores {
	struct chore list[CHORES_MAX];
	size_t n, at;
	bool must; /* a failure ends the call; else it is only remembered in c->warning */
	bool unrecorded; /* what holds could not be stored */
	stage then;
};

/* ---- session ---- */

/* What is on its way to a key: the PIN in use, a new one, a recovery code. */
enum try { TRY_PIN, TRY_NEW, TRY_CODE, TRIES };

struct pin_try {
	struct pin_id id;             /* of a PIN */
	uint8_t input[SHA256_BYTES], blind[P256_SCALAR_BYTES], blinded[P256_POINT_BYTES];
	char salt_key_id[SALT_KEY_ID_BYTES + 1];
	bool blinded_now;             /* not evaluated yet */
	struct key key;               /* of a PIN */
	struct key rotated;           /* of the same PIN, under the newest salt key */
	bool has_secret;
	uint8_t secret[OPRF_OUTPUT_BYTES]; /* of a code: what the recovery key is locked with */
};

/* What a finish tells of the phone besides its keys. Texts lie in the session's arena. */
struct gathered {
	bool has_attest, attested;    /* attested: the server has it, and keeps it for later tries */
	struct attest_report attest;
	bool has_place, asked_push, has_nonce;
	struct geo_report place;
	uint8_t nonce[PUSH_NONCE_BYTES];
};

struct recovery_blob {
	uint8_t id[RECOVERY_ID_BYTES], ds[DEVICE_SECRET_BYTES], wrapped[WRAPPED_BYTES];
	char salt_key_id[SALT_KEY_ID_BYTES + 1];
	int64_t method, number;       /* enum recovery_method; 0: there is none */
};

struct session {
	bool live;
	enum message_family family;
	uint8_t sid[SESSION_ID_BYTES], k[SESSION_KEY_BYTES], challenge[CHALLENGE_BYTES], th1[SHA256_BYTES];
	struct transcript th;
	int64_t step;
	struct arena arena;           /* what `started` points to */
	struct rid_started started;
	bool hardware_wanted, face_offered;
	int allowed;                  /* rid_method bits of the server alone */
	struct attest_policy attest;
	struct geo_policy geo;
	struct push_policy push;
	struct gathered gathered;
	/* of an activation or a recovery */
	struct uuid reg;
	/* of those, and of a PIN change: the new credential */
	uint8_t cid[PIN_CREDENTIAL_ID_BYTES];
	const char *salt_key_id;
	/* of what a registration approves */
	bool pin_is_other;            /* the server's PIN credential is not the one that is stored here */
	const char *new_salt_key_id;  /* NULL: the PIN's salt key is the newest */
	bool next_made;               /* the change's biometric key, in this session */
	/* of a recovery, or one that is set up */
	struct recovery_blob blob;
	struct key rk;
};

/* What a call was given; in c->op. */
struct call {
	enum session_purpose purpose;
	struct slice code, client_data, device_name, push_session_id, push_token, token, backup;
	bool client_only;
	int methods;                  /* a finish */
	int method;                   /* which a change is about */
	bool removes;
	stage key_stored;
	struct pin_credential pin_before;
	bool had_ticket;              /* before the finish */
	uint8_t ticket_before[TICKET_BYTES];
	uint32_t wait_ms;             /* what is left of a rid_wait() */
	int64_t wait_until_ms, asked_ms;
	stage settled;                /* what settle() was asked for */
};

struct rid_controller {
	struct world world;
	/* configuration */
	char slot_names[SLOTS][RID_SLOT_NAME_MAX + 8], backup_names[2][RID_SLOT_NAME_MAX + 16];
	struct arena config;          /* texts */
	struct slice application, device_hash, push_token;
	const char *url;
	enum device_os os;
	enum rid_hardware hardware;
	bool device_key_in_app;
	int app_methods;
	uint32_t timeout_ms;
	uint8_t server_key[X25519_BYTES];
	struct data_key storage_key;
	/* state */
	bool loaded;
	struct record records[SLOTS];
	char registration_id[UUID_TEXT + 1];
	uint64_t generations[SLOTS];
	int64_t clock_offset_ms, last_ts; /* last_ts: of the last message that was sent */
	size_t learned_count;
	uint8_t learned[LEARNED_KEYS_MAX][X25519_BYTES];
	json_t *risk;
	char push_session_id[4 * 64 + 1];
	char match[RID_MATCH_DIGITS_MAX + 1]; /* for the next finish, with the two below */
	struct slice face;                    /* on the heap */
	int token_purposes;
	/* the call under way */
	struct arena op;              /* arguments of the call */
	struct arena arena;           /* of the exchange: until the next one begins */
	json_t *answer;
	struct call call;
	struct draft draft;
	struct chores chores;
	struct pin_try tries[TRIES];
	enum try trying;
	stage try_then;
	struct session session;
	struct recovery_blob backups[2];      /* that were loaded */
	size_t backup_at;
	struct key *making;           /* by the app; for making_method */
	int making_method;
	stage key_then, gather_then;
	pin_stage pin_then;           /* after RID_ASK_PIN */
	struct fault fault;           /* to be told after the chores, like the two answers */
	const struct finish_ok *finish_answer;
	const struct rec_add_finish_ok *added_answer;
	const struct rec_delete_ok *deleted_answer;
	const struct cfg_get_ok *config_answer;
	enum hw_key_client_status hardware_status;
	int warning;
	struct rid_step step, refusal;
};

/* ---- steps.c ---- */

/* Work for the app, or a PIN that it was asked for, is under way. */
bool is_busy(const struct rid_controller *c);
/* The last call is forgotten, with a message of it that got no answer: what that was given is gone. */
void call_begin(struct rid_controller *c);
struct rid_step *step_new(struct rid_controller *c, enum rid_step_kind kind);
const struct rid_step *done(struct rid_controller *c);
const struct rid_step *done_with(struct rid_controller *c, enum rid_operation operation, const struct finish_ok *answer);
/* Into the step's result. */
void tell_tokens(struct rid_controller *c, const struct list *tokens);
void code_forget(struct rid_controller *c); /* the activation code, as soon as nothing needs it */
const struct rid_step *fail_with(struct rid_controller *c, int number, const char *description);
/* The call cannot be made now; whatever is under way goes on. */
const struct rid_step *refuse(struct rid_controller *c, int number, const char *description);
/* What the server said. Ends the session unless it may go on. */
const struct rid_step *fail_server(struct rid_controller *c, const struct fault *f);
const struct rid_step *fail_repeatable(struct rid_controller *c, int number, const char *description);
const struct rid_step *show(struct rid_controller *c);
struct rid_context context_of(const struct shown_context *context, struct arena *a);
struct rid_form form_of(const struct pin_form *form);
const char *text_of(struct slice text, struct arena *a); /* NULL when it is not there */

/* Arguments are looked at in between: a call that is refused leaves alone what waits to be repeated. */
#define CALL_POSSIBLE(c)                                                                             \
	do {                                                                                         \
		if (is_busy(c))                                                                      \
			return refuse(c, DEVICE_OPERATION_IN_PROGRESS, "an operation is under way"); \
		if (!(c)->loaded)                                                                    \
			return refuse(c, DEVICE_WRONG_STATE, "rid_load() comes first");              \
	} while (0)
#define CALL_BEGIN(c)             \
	do {                      \
		CALL_POSSIBLE(c); \
		call_begin(c);    \
	} while (0)

/* ---- chores.c ---- */

void chores_new(struct rid_controller *c, bool must);
void chore_store(struct rid_controller *c, enum slot slot);
void chore_erase(struct rid_controller *c, enum slot slot);
void chore_drop(struct rid_controller *c, const struct key *key); /* nothing when the key is ours */
void chore_drop_all(struct rid_controller *c, const struct record *r); /* every key of the record */
void chore_back_up(struct rid_controller *c, int64_t number);          /* c->call.backup */
void chore_forget_backup(struct rid_controller *c, int64_t number);
const struct rid_step *chores_do(struct rid_controller *c, stage then);
const struct rid_step *chores_answered(struct rid_controller *c, bool worked);
void record_forget(struct rid_controller *c, enum slot slot);
bool is_activated(const struct rid_controller *c);
void record_takes_hold(struct rid_controller *c); /* of the slot's main place, in memory */

/* ---- keys.c ---- */

/* hardware: in secure hardware. method: 0, or the biometric one that unlocks it; such a key is the app's, always. */
const struct rid_step *key_make(struct rid_controller *c, struct key *key, const char *name, bool hardware, int method, stage then);
const struct rid_step *key_made(struct rid_controller *c, struct slice public_key);
const struct rid_step *key_not_made(struct rid_controller *c, enum rid_key_trouble why);
/* E_CRYPTO unless it is raw or DER; s is made low. */
err signature_read(struct slice bytes, uint8_t ret_signature[static P256_SIG_BYTES]);

/* ---- exchange.c, answer.c, fault.c ---- */

/* A new message; then draft_signer() for each signature in ascending kinds, then exchange(). */
void draft_new(struct rid_controller *c, enum message_id id, const struct record *who, compose_stage compose, answer_stage after);
void draft_signer(struct rid_controller *c, enum signature_kind kind, const struct key *key); /* nothing when there is no such key */
void draft_biometric(struct rid_controller *c, enum signature_kind kind, const struct key *key, int method);
void draft_wipe(struct rid_controller *c);
#define DEVICE_PATH "/device/v1"
const struct rid_step *exchange(struct rid_controller *c);
const struct rid_step *exchange_repeat(struct rid_controller *c);
const struct rid_step *exchange_signed(struct rid_controller *c, struct slice signature);
const struct rid_step *exchange_unsigned(struct rid_controller *c, enum rid_key_trouble why);
const struct rid_step *exchange_answered(struct rid_controller *c, int status, struct slice answer);
void answer_forget(struct rid_controller *c);
void json_wipe(json_t *root); /* with its texts, which may be secret */
/* false when it is none */
bool fault_read(json_t *answer, struct arena *a, struct fault *ret_fault);

/* Common members of a request, as designated initialisers. */
#define COMMON(c) .t = slice_text(device_messages[(c)->draft.id].name), .v = 1, .sdk = S(RID_VERSION), .os = (c)->os
#define OUTSIDE_SESSION(c) COMMON(c), .ts = (c)->draft.ts
#define INSIDE_SESSION(c) COMMON(c), .step = (c)->session.step

/* ---- session_state.c ---- */

void session_end(struct rid_controller *c);
/* A start that was answered: what every session has. */
void session_begin(struct rid_controller *c, enum message_family family, enum rid_operation operation, struct slice sid,
	struct slice challenge);

/* The policies that nearly every start answer brings; session_policies() reads them out of any of these answers. */
struct policies {
	const struct list *methods, *risk;
	const struct pin_form *pin;
	const struct hw_policy *hw;
	const struct attest_policy *attest;
	const struct geo_policy *geo;
	const struct push_policy *push;
	const struct face_policy *face;
};
#define POLICIES_OF(ok) { &(ok)->methods, &(ok)->risk, (ok)->pin, (ok)->hw, (ok)->attest, (ok)->geo, (ok)->push, (ok)->face }
void session_policies(struct rid_controller *c, const struct policies *p);
void session_face(struct rid_controller *c, const struct face_policy *face);
int method_bits(const struct list *methods);
enum auth_method method_of_bit(int bit);
/* The place of a biometric method's key in a record; -1 for another method. */
int biometric_index(int bit);
/* What this phone can do: DEVICE, DEVICE_PIN, and what the app said. */
int methods_possible(const struct rid_controller *c);
/* riskData: what the server asked for, or always gets, and the app gave. json_decref() it. */
json_t *risk_asked(const struct rid_controller *c);

/* ---- gather.c ---- */

const struct rid_step *gather(struct rid_controller *c, stage then);
/* Is something missing without which the server will refuse? Then no attempt is to be spent on it. */
bool gathered_too_little(const struct rid_controller *c);
/* The last finish was taken in: what it said need not be said again. */
void gathered_was_sent(struct rid_controller *c);
struct list tokens_wanted(struct rid_controller *c);

/* Members of a finish, as designated initialisers; json_decref() its riskData. */
#define REPORT(c, by_face)                                                                                         \
	.hwKeyClientStatus = (c)->hardware_status, .attest = report_attest(c), .geo = report_place(c),               \
	.riskData = risk_asked(c), .pushToken = (c)->push_token, .pushNonce = report_nonce(c), .face = report_face(c, by_face), \
	.tokenPurposes = tokens_wanted(c)
struct attest_report *report_attest(struct rid_controller *c);
struct geo_report *report_place(struct rid_controller *c);
struct slice report_nonce(struct rid_controller *c);
/* Its hash; the scan itself goes behind the signatures. */
struct face_scan *report_face(struct rid_controller *c, bool wanted);
/* What was said for one session. */
void said_forget(struct rid_controller *c);

/* ---- pin.c ---- */

/* Takes the PIN, of which nothing but its blinded form stays. False: it cannot be one. */
bool try_pin(struct rid_controller *c, enum try which, const struct uuid *reg, const struct pin_credential *credential, struct slice pin);
bool try_code(struct rid_controller *c, const struct recovery_blob *blob, struct slice code);
void try_forget(struct rid_controller *c, enum try which);
void tries_forget(struct rid_controller *c);
/* Asks the server with *_PIN; goes on at once when there is nothing to be evaluated. */
const struct rid_step *try_evaluate(struct rid_controller *c, enum try which, enum message_id message, stage then);
const struct rid_step *ask_pin(struct rid_controller *c, pin_stage then);
/* What was typed is none: the session goes on. */
const struct rid_step *ask_again(struct rid_controller *c, int number, const char *description);

/* ---- session.c ---- */

int methods_usable(const struct rid_controller *c);
/* An authorising method and its key: RID_OK, or why it will not do. */
int approval_wrong(const struct rid_controller *c, int method);
/* hk and the key of the method, as they sign an approval; its PIN key only if it was evaluated. */
void approval_signers(struct rid_controller *c, int method);
/* A finish begins, unless there is no session of that family, or an answer is missing: NULL, or the refusal, which changes nothing. */
const struct rid_step *finish_barred(struct rid_controller *c, enum message_family family);
void ticket_take(struct rid_controller *c, struct slice ticket);
/* After its chores: a ticket that could not be recorded is given up, because the server forgets the one before it when it is shown. */
void ticket_keep_recorded(struct rid_controller *c);
/* Below the limit there is a new challenge, and another try (section 5.3). */
const struct rid_step *try_failed(struct rid_controller *c, const struct fault *f);

/* ---- method.c ---- */

/* A start's answer told which PIN credential and which methods hold: an open change is settled. Adds chores. */
bool next_settle(struct rid_controller *c, struct slice cid, int methods);
/* The change is not made. Adds chores. */
void next_drop(struct rid_controller *c);

/* ---- enrol.c ---- */

/* The device key of a registration that is to be, stored before the start. */
const struct rid_step *enrol_key(struct rid_controller *c, stage then);
const struct rid_step *enrol(struct rid_controller *c, int methods, const char *device_name, struct slice pin);

/* ---- recovery_add.c ---- */

/* The server's word, which recovery holds: a backup that was left open is settled. Adds chores. */
void recovery_settle(struct rid_controller *c, struct slice id);
/* The backup that was written will not hold. Adds chores. */
void recovery_drop(struct rid_controller *c);

/* ---- backup.c ---- */

/* Two names take turns, so that the last backup that was confirmed is never overwritten. */
const char *backup_name(const struct rid_controller *c, int64_t number);
/* In c->op. */
struct slice backup_write(struct rid_controller *c, const struct recovery_blob *blob);
/* E_PARSE, or E_CRYPTO when it is another application's. */
err backup_read(struct rid_controller *c, struct slice bytes, struct recovery_blob *ret_blob);
void recovery_lock(const struct recovery_blob *blob, struct slice secret, const struct key *rk, uint8_t ret_wrapped[static WRAPPED_BYTES]);
/* E_CRYPTO: the secret is a wrong one. */
err recovery_unlock(const struct recovery_blob *blob, struct slice secret, struct key *ret_rk);

/* ---- wait.c ---- */

/* Is the record beside true? Asks the server when nobody knows; then goes on. */
const struct rid_step *settle(struct rid_controller *c, stage then);
/* The record beside becomes the one that holds, in memory; the chores for it are added. */
void promote(struct rid_controller *c);

#endif

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
 *   pin.c        a PIN, its evaluation by the server, the key that comes of it     then: c->try.then
 *
 * The calls themselves are in activation.c, session.c, wait.c, push.c, config_call.c and deactivate.c; controller.c is their life,
 * steps.c what goes in and out.
 */
#ifndef SDK_INTERNAL_H
#define SDK_INTERNAL_H

#include "codec/json.h"
#include "protocol/envelope.h"
#include "protocol/pin.h"
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

enum { SIGNERS_MAX = 4 };

struct signer {
	enum signature_kind kind;
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

enum { CHORES_MAX = 8 };

enum slot { SLOT_MAIN, SLOT_BESIDE, SLOTS };

struct chore {
	enum rid_step_kind kind; /* RID_STORE, RID_ERASE, RID_DROP_KEY */
	enum slot slot;
	char handle[KEY_HANDLE_BYTES];
};

struct chores {
	struct chore list[CHORES_MAX];
	size_t n, at;
	bool must; /* a failure ends the call; else it is only remembered in c->warning */
	stage then;
};

/* ---- session ---- */

/* A PIN on its way to a key. */
struct pin_try {
	struct pin_id id;
	uint8_t input[SHA256_BYTES], blind[P256_SCALAR_BYTES], blinded[P256_POINT_BYTES];
	const char *salt_key_id;
	struct key key;
	stage then;
};

struct session {
	bool live;
	enum message_family family;
	uint8_t sid[SESSION_ID_BYTES], k[SESSION_KEY_BYTES], challenge[CHALLENGE_BYTES];
	struct transcript th;
	int64_t step;
	struct arena arena;           /* what `started` points to */
	struct rid_started started;
	bool hardware_wanted;
	/* of an activation */
	struct uuid reg;
	uint8_t cid[PIN_CREDENTIAL_ID_BYTES];
	const char *salt_key_id;
	/* of an authentication or a signature */
	bool pin_is_other;            /* the server's PIN credential is not the one that is stored here */
};

/* What a call was given; in c->op. */
struct call {
	enum session_purpose purpose;
	struct slice code, client_data, device_name, push_session_id, push_token;
	bool client_only;
	int methods;                  /* a finish */
	uint32_t wait_ms;             /* what is left of a rid_wait() */
	int64_t wait_until_ms, asked_ms;
	stage settled;                /* what settle() was asked for */
};

struct rid_controller {
	struct world world;
	/* configuration */
	char slot_names[SLOTS][RID_SLOT_NAME_MAX + 8];
	struct arena config;          /* texts */
	struct slice application, device_hash, push_token;
	const char *url;
	enum device_os os;
	enum rid_hardware hardware;
	bool device_key_in_app;
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
	/* the call under way */
	struct arena op;              /* arguments of the call */
	struct arena arena;           /* of the exchange: until the next one begins */
	json_t *answer;
	struct call call;
	struct draft draft;
	struct chores chores;
	struct pin_try try;
	struct session session;
	struct key *making;           /* by the app */
	stage key_then;
	pin_stage pin_then;           /* after RID_ASK_PIN */
	struct fault fault;           /* to be told after the chores, like the two answers */
	const struct finish_ok *finish_answer;
	const struct cfg_get_ok *config_answer;
	enum hw_key_client_status hardware_status;
	int warning;
	struct rid_step step, refusal;
};

/* ---- steps.c ---- */

/* Work for the app, or a PIN that it was asked for, is under way. */
bool is_busy(const struct rid_controller *c);
/* The end of the last call is forgotten, unless one is under way: then false. */
bool call_begin(struct rid_controller *c);
struct rid_step *step_new(struct rid_controller *c, enum rid_step_kind kind);
const struct rid_step *done(struct rid_controller *c);
const struct rid_step *done_with(struct rid_controller *c, enum rid_operation operation, const struct shown_context *context);
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

#define CALL_BEGIN(c)                                                                                \
	do {                                                                                         \
		if (!call_begin(c))                                                                  \
			return refuse(c, DEVICE_OPERATION_IN_PROGRESS, "an operation is under way"); \
		if (!(c)->loaded)                                                                    \
			return refuse(c, DEVICE_WRONG_STATE, "rid_load() comes first");              \
	} while (0)

/* ---- chores.c ---- */

void chores_new(struct rid_controller *c, bool must);
void chore_store(struct rid_controller *c, enum slot slot);
void chore_erase(struct rid_controller *c, enum slot slot);
void chore_drop(struct rid_controller *c, const struct key *key); /* nothing when the key is ours */
const struct rid_step *chores_do(struct rid_controller *c, stage then);
const struct rid_step *chores_answered(struct rid_controller *c, bool worked);
void record_forget(struct rid_controller *c, enum slot slot);
bool is_activated(const struct rid_controller *c);
void record_takes_hold(struct rid_controller *c); /* of the slot's main place, in memory */

/* ---- keys.c ---- */

const struct rid_step *key_make(struct rid_controller *c, struct key *key, const char *name, bool hardware, stage then);
const struct rid_step *key_made(struct rid_controller *c, struct slice public_key);
/* E_CRYPTO unless it is raw or DER; s is made low. */
err signature_read(struct slice bytes, uint8_t ret_signature[static P256_SIG_BYTES]);

/* ---- exchange.c, answer.c, fault.c ---- */

/* A new message; then draft_signer() for each signature in ascending kinds, then exchange(). */
void draft_new(struct rid_controller *c, enum message_id id, const struct record *who, compose_stage compose, answer_stage after);
void draft_signer(struct rid_controller *c, enum signature_kind kind, const struct key *key);
void draft_wipe(struct rid_controller *c);
const struct rid_step *exchange(struct rid_controller *c);
const struct rid_step *exchange_repeat(struct rid_controller *c);
const struct rid_step *exchange_signed(struct rid_controller *c, struct slice signature);
const struct rid_step *exchange_unsigned(struct rid_controller *c, enum rid_key_trouble why);
const struct rid_step *exchange_answered(struct rid_controller *c, int status, struct slice answer);
void answer_forget(struct rid_controller *c);
/* false when it is none */
bool fault_read(json_t *answer, struct arena *a, struct fault *ret_fault);

/* Common members of a request, as designated initialisers. */
#define COMMON(c) .t = slice_text(device_messages[(c)->draft.id].name), .v = 1, .sdk = S(RID_VERSION), .os = (c)->os
#define OUTSIDE_SESSION(c) COMMON(c), .ts = (c)->draft.ts
#define INSIDE_SESSION(c) COMMON(c), .step = (c)->session.step

/* ---- session_state.c ---- */

void session_end(struct rid_controller *c);
/* The policies that every start answer brings. */
void session_policies(struct rid_controller *c, const struct list *methods, const struct pin_form *pin, const struct hw_policy *hw,
	const struct list *risk);
int method_bits(const struct list *methods);
/* riskData: what the server asked for, or always gets, and the app gave. json_decref() it. */
json_t *risk_asked(const struct rid_controller *c);

/* ---- pin.c ---- */

/* Takes the PIN; then the server is asked, with ACT_PIN or SES_PIN. */
const struct rid_step *pin_use(struct rid_controller *c, enum message_id message, const struct uuid *reg, const uint8_t *cid,
	const uint8_t *ds, const char *salt_key_id, struct slice pin, stage then);
const struct rid_step *ask_pin(struct rid_controller *c, pin_stage then);

/* ---- wait.c ---- */

/* Is the record beside true? Asks the server when nobody knows; then goes on. */
const struct rid_step *settle(struct rid_controller *c, stage then);
/* The record beside becomes the one that holds, in memory; the chores for it are added. */
void promote(struct rid_controller *c);

#endif

/*
 * A phone that speaks the device channel of a fixture's API in the same process, with the client's half of protocol/. It does what
 * a good phone does unless it is told otherwise; tests that need another message draft and sign it themselves.
 *
 * A phone belongs to one thread at a time; different phones may be used by different threads.
 */
#ifndef TEST_UNIT_DEVICE_PHONE_H
#define TEST_UNIT_DEVICE_PHONE_H

#include <jansson.h>

#include "protocol/envelope.h"
#include "protocol/pin.h"
#include "protocol/plaintext.h"
#include "protocol/recovery.h"
#include "protocol/transcript.h"
#include "tests/unit/device/site.h"

/* Of every phone, unless it is told another. */
#define DEVICE_HASH "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="

/* Ways to be a bad phone; several may be joined. */
enum twist {
	PROPER = 0,
	BAD_DK = 1,           /* 01 or 08 by another key */
	BAD_SECOND = 2,       /* 03 or 06 by another key */
	BAD_CHALLENGE = 4,    /* not the last challenge */
	NO_TICKET = 8,
	WRONG_STEP = 16,
	WRONG_SALT_KEY = 32,
	OLD_SDK = 64,         /* below the least that the server takes */
	EXTRA_SIGNATURE = 128,
	MISSING_SIGNATURE = 256, /* without the second factor's */
	BAD_JSON = 512,
	NOT_A_POINT = 1024,
	WITHOUT_PIN = 2048,   /* act.finish: sets up no PIN */
	BAD_NEW = 4096,       /* am.finish: 06 or 07 by another key */
	NO_HARDWARE = 8192,   /* without 02, though there is such a key */
	BAD_HARDWARE = 16384, /* 02 by another key */
};

struct reply {
	int http;
	bool ok;
	int code;          /* 0: ok, or no answer inside an envelope */
	bool recoverable;
	int64_t remaining, step; /* -1: absent */
	struct slice text; /* the answer's JSON, or the body as it is */
	json_t *json;      /* the phone's own */
};

struct phone {
	struct fixture *f;
	void (*run)(struct api *api, struct http_request *req); /* api_run, unless a test wants it otherwise */
	struct arena arena;
	json_t *kept;      /* answers */
	const char *peer;  /* its address */
	const char *sdk, *os;

	char application[UUID_TEXT + 1];
	uint8_t server_key[X25519_BYTES];

	struct uuid reg;
	uint8_t cid[PIN_CREDENTIAL_ID_BYTES], ds[DEVICE_SECRET_BYTES];
	uint8_t dk[P256_SCALAR_BYTES], dk_public[POINT_BYTES];
	uint8_t stranger[P256_SCALAR_BYTES]; /* a key that is nobody's */
	char salt_key[80];
	const char *ticket; /* base64url; NULL: none */
	int64_t ts;        /* of the last message outside a session */

	uint8_t sid[SESSION_ID_BYTES], k[SESSION_KEY_BYTES];
	const char *challenge; /* base64url */
	struct transcript th;
	int64_t step;
	uint8_t pin_key[P256_SCALAR_BYTES]; /* from the last *.pin */

	/* beyond registration and approval */
	const char *device_hash;
	const char *match;       /* what is typed for number matching; NULL: nothing */
	const char *purposes;    /* JSON list of token purposes; NULL: none */
	const char *risk;        /* JSON object; NULL: none */
	const char *attest;      /* JSON object; NULL: none */
	bool has_hk;             /* with a hardware-protected key; before it is registered */
	uint8_t hk[P256_SCALAR_BYTES];
	const char *scan;        /* of a face, which finishes bring along; NULL: none */
	bool by_face;            /* a recovery is one by face */
	uint8_t biometric[P256_SCALAR_BYTES]; /* one key for whatever biometric method */
	char new_salt_key[80];   /* that the start announced; "": none */
	bool rotate;             /* the next finish with PIN moves it to the new salt key */
	uint8_t rotated_key[P256_SCALAR_BYTES];
	uint8_t new_cid[PIN_CREDENTIAL_ID_BYTES];
	uint8_t recovery[RECOVERY_ID_BYTES], recovery_ds[DEVICE_SECRET_BYTES], rk[P256_SCALAR_BYTES];
	char recovery_salt_key[80];
	uint8_t recovery_y[OPRF_OUTPUT_BYTES];

	struct slice last;  /* the last request, byte for byte */
	struct exchange last_exchange;
};

struct phone *phone_new(struct site *s);
/* The same phone once more, as it is now: its storage, its session. */
struct phone *phone_copy(const struct phone *p);
void phone_free(struct phone *p);

/* ---- whole conversations; what goes wrong fails the test ---- */

/* Starts a registration over REST and carries it out. */
void phone_register(struct phone *p, struct site *s, const char *user, const char *pin);
/* Approves what is pending, with the PIN. */
struct reply phone_approve(struct phone *p, const char *pin);

/* ---- one message each ---- */

struct reply phone_act_start(struct phone *p, const char *code, enum twist twist);
struct reply phone_act_pin(struct phone *p, const char *pin, enum twist twist);
struct reply phone_act_finish(struct phone *p, enum twist twist);
struct reply phone_ses_start(struct phone *p, enum twist twist);
struct reply phone_ses_pin(struct phone *p, const char *pin, enum twist twist);
/* "DEVICE" carries no 03; "DEVICE_PIN" does. */
struct reply phone_ses_finish(struct phone *p, const char *method, enum twist twist);
struct reply phone_ses_cancel(struct phone *p, enum twist twist);
/* "activate" or "deactivate", and the method. */
struct reply phone_am_start(struct phone *p, const char *purpose, const char *method, enum twist twist);
/* "authorise" under the PIN in use, "new" under the new one. */
struct reply phone_am_pin(struct phone *p, const char *use, const char *pin, enum twist twist);
/* `fresh`: the method whose key is made or replaced; NULL: none. */
struct reply phone_am_finish(struct phone *p, const char *method, const char *fresh, enum twist twist);
/* A token of the last finish, by purpose; fails the test when there is none. */
const char *reply_token(const struct reply *r, const char *purpose);
struct reply phone_rec_add_start(struct phone *p, const char *token, enum twist twist);
struct reply phone_rec_add_pin(struct phone *p, const char *code, enum twist twist);
struct reply phone_rec_add_finish(struct phone *p, enum twist twist);
struct reply phone_rec_delete(struct phone *p, const char *token, enum twist twist);
/* The whole of it: a token by an approval, then the recovery with this code. */
void phone_set_up_recovery(struct phone *p, struct site *s, const char *user, const char *pin, const char *code);
/* By a new phone that has the backup of `of`. */
void phone_take_backup(struct phone *p, const struct phone *of);
struct reply phone_rec_start(struct phone *p, enum twist twist);
struct reply phone_rec_face(struct phone *p, enum twist twist);
struct reply phone_rec_pin(struct phone *p, const char *use, const char *code, enum twist twist);
struct reply phone_rec_finish(struct phone *p, enum twist twist);
struct reply phone_ses_wait(struct phone *p, int64_t ms, enum twist twist);
struct reply phone_deactivate(struct phone *p, enum twist twist);
struct reply phone_cfg_get(struct phone *p);
/* The last request again, byte for byte. */
struct reply phone_repeat(struct phone *p);

/* ---- messages of one's own ---- */

struct draft {
	bool inside;
	struct envelope_sender sender; /* outside a session */
	struct slice json;
	struct plaintext plaintext;
	uint8_t signatures[SIGNATURES_MAX][P256_SIG_BYTES];
};

/* `members` is a format: what follows the common members, each with a comma in front. `enc` is added to starts. */
void draft_outside(struct phone *p, struct draft *d, const char *type, const char *members, ...) __attribute__((format(printf, 4, 5)));
/* ,"face":{…} of p->scan, which draft_inside() then attaches; "" without one. */
const char *face_member(struct phone *p);
void draft_inside(struct phone *p, struct draft *d, const char *type, const char *members, ...) __attribute__((format(printf, 4, 5)));
void draft_sign(struct phone *p, struct draft *d, enum signature_kind kind, const uint8_t *private_key);
struct reply draft_send(struct phone *p, struct draft *d);
/* Bytes as they are. */
struct reply phone_post(struct phone *p, struct slice body);

const char *reply_text(const struct reply *r, const char *member);
/* Exactly n bytes, from base64url. */
void reply_bytes(struct phone *p, const struct reply *r, const char *member, uint8_t *out, size_t n);

#define assert_ok_reply(r) assert_code(r, 0)
#define assert_code(r, wanted)                                                                                       \
	do {                                                                                                         \
		struct reply r_ = (r);                                                                               \
		if (r_.http != 200 || r_.code != (wanted) || r_.ok != ((wanted) == 0))                               \
			fail_msg("HTTP %d, %.*s where %d was expected", r_.http, FMT(r_.text), (int)(wanted));       \
	} while (0)

#endif

/*
 * A server to try the SDK on: one application, one phone, the device protocol of this slice, made with the same protocol layer as the
 * real one but simple enough to be read in one go. It keeps the rules that the phone relies on: signatures, order of steps, times,
 * repeats, tickets, charging of PIN tries, the lock. It says what it did, so that tests can tell that nothing was done twice.
 */
#ifndef TEST_UNIT_SDK_STAND_IN_H
#define TEST_UNIT_SDK_STAND_IN_H

#include "protocol/envelope.h"
#include "protocol/recovery.h"
#include "protocol/plaintext.h"
#include "protocol/transcript.h"

enum { REGISTRATIONS_MAX = 8, ANSWER_BYTES_MAX = 8192 };

/* The last accepted request outside, or inside a session, with the answer that it got. */
struct remembered {
	bool set;
	uint8_t hash[SHA256_BYTES];
	char json[ANSWER_BYTES_MAX];
	size_t n;
};

struct registration {
	struct uuid id;
	bool active, locked, by_admin;
	uint8_t dk[POINT_BYTES], hk[POINT_BYTES], pin[POINT_BYTES], cid[PIN_CREDENTIAL_ID_BYTES];
	bool has_hk, has_pin, has_biometric[3];
	uint8_t biometric[3][POINT_BYTES];
	int64_t last_ts;
	uint8_t ticket[TICKET_BYTES], older_ticket[TICKET_BYTES];
	bool has_ticket, takes_older; /* older_ticket; all zero stands for none */
	int fails, tries_open;
	struct remembered last;
};

struct live_session {
	bool live;
	enum message_family family;
	uint8_t sid[SESSION_ID_BYTES], k[SESSION_KEY_BYTES], challenge[CHALLENGE_BYTES], dk[POINT_BYTES], cid[PIN_CREDENTIAL_ID_BYTES];
	struct transcript th;
	int64_t step;
	struct uuid reg, prev;
	uint8_t shown[TICKET_BYTES]; /* all zero: none */
	bool has_key, has_prev, evaluated, new_evaluated, deactivates;
	enum auth_method changed;    /* am */
	uint8_t recovery[RECOVERY_ID_BYTES];
	struct remembered last;
};

/* One is enough for a phone and its successor; the one before it is told apart by its id alone. */
struct stand_in_recovery {
	bool there;
	uint8_t id[RECOVERY_ID_BYTES], rk[POINT_BYTES];
	struct uuid device;
	int fails;
};

struct stand_in {
	const struct env *env;
	struct x25519_key *key;
	uint8_t public_key[X25519_BYTES];
	const char *application;
	uint8_t salt_key[SALT_KEY_BYTES];
	struct registration registrations[REGISTRATIONS_MAX];
	size_t registration_count;
	struct live_session session;
	struct remembered act_start, rec_start;
	int64_t act_ts, rec_ts;
	struct stand_in_recovery recovery;
	bool token_issued;
	uint8_t token[TOKEN_BYTES];
	/* what is set by tests */
	const char *code;            /* NULL: none is pending */
	uint8_t bound_dk[POINT_BYTES];
	bool bound, two_factor, hardware_wanted;
	const struct uuid *re_register;
	int64_t pending;             /* enum device_operation; 0: nothing */
	const char *title, *mime, *content, *after; /* contexts of the operation */
	const char *risk;            /* JSON array; NULL: [] */
	int limit, pin_min, pin_max;
	int64_t clock_ahead_ms;      /* of the phone's */
	int busy;                    /* answer 503 that often */
	const char *announced_key;   /* in e2eKeys */
	const char *extra_policies;  /* members of every start's answer that has policies: "\"geo\":{…}" */
	int match_digits;
	const char *new_salt_key;    /* is announced to PINs under another one */
	const char *lie_about, *lie; /* in every answer the first is replaced by the second: a server that means ill */
	struct {
		int answer;          /* which one, counted from 1; 0: none */
		size_t at, cut;      /* so many bytes of it there, as far as there are, are replaced */
		struct slice with;
	} splice;
	const char *refuse_finish;   /* JSON of err for every finish, or NULL */
	/* what it did */
	int completed, cancelled, evaluations, activations, deactivated, answers, repeats;
	char risk_data[512], device_name[128], client_data[128];
	enum auth_method method;
	enum hw_key_client_status hardware_status;
	char push[65], push_token[256];
	int heard, changes, recoveries, added;
	char report[512];            /* of the last finish: attest, geo, match, pushNonce as JSON */
	char pin_salt[16];           /* skid of the last *.pin */
};

void stand_in_open(struct stand_in *s, const struct env *env);
void stand_in_close(struct stand_in *s);
/* The HTTP status, and the answer in the arena. */
int stand_in_post(struct stand_in *s, struct slice request, struct arena *a, struct slice *ret_answer);
struct registration *stand_in_registration(struct stand_in *s, const struct uuid *id);

#endif

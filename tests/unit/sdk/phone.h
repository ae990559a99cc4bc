/*
 * An app on the SDK's public header alone, against the stand-in server, in a world of its own: clock, randomness, storage, key store
 * and network are all here, and each of them can be told to fail. Everything repeats exactly from one run to the next.
 */
#ifndef TEST_UNIT_SDK_PHONE_H
#define TEST_UNIT_SDK_PHONE_H

#include "sdk/reuseid_device.h"
#include "tests/unit/sdk/stand_in.h"

#define PHONE_START_MS INT64_C(1790000000000)

enum { FILES_MAX = 12, FILE_BYTES_MAX = 8192, APP_KEYS_MAX = 16 };

/* A record in storage, and the number that the key store has for its name. */
struct phone_file {
	char name[128];
	bool there;
	uint8_t bytes[FILE_BYTES_MAX];
	size_t n;
	uint64_t generation;
};

struct app_key {
	char handle[128];
	bool there, hardware;
	int method;
	uint8_t private_key[32], public_key[33];
};

/* What goes wrong, counted from 1; 0: nothing. */
struct mishaps {
	int lose_request, lose_answer; /* the n-th message */
	int flip_request, flip_answer; /* of the n-th message, one bit */
	size_t flip_bit;               /* modulo the length */
	int stray_answer, stray_status; /* to the n-th message, after it was delivered: something on the way says this status */
	int fail_store;                /* the n-th time that something is to be stored or erased */
	int die_at;                    /* the process ends before the n-th step */
	bool cloud_unavailable;
	bool storage_unavailable, key_refused, key_gone, key_broken, no_hardware_keys;
	bool der, high_s;              /* how the app's keys sign */
};

struct phone {
	struct env env; /* first: the stand-in's clock and randomness, the same world */
	int64_t now_ms, mono_ms, clock_error_ms;
	uint64_t seed;
	struct stand_in server;
	char public_key[64], other_key[64];
	struct rid_config config;
	rid_controller *c;
	struct phone_file files[FILES_MAX];
	size_t file_count;
	struct app_key keys[APP_KEYS_MAX];
	struct mishaps mishaps;
	int messages, stores, steps;   /* that were performed */
	bool dead;                     /* died at mishaps.die_at */
	const char *country;          /* NULL: LOCATION_TIMEOUT */
	rid_attestation attestation;
	bool platform_silent;         /* it says nothing at all when there is none */
	const char *push_nonce;
	int located, attested, pushes_awaited;
	unsigned char attest_hash[RID_HASH_BYTES];
	struct arena arena;
	uint8_t last_request[FILE_BYTES_MAX];
	size_t last_request_n;
	uint8_t last_backup[RID_BACKUP_BYTES_MAX]; /* that was to be put into the cloud, even if it was not */
	size_t last_backup_n;
};

struct phone *phone_new(void);
void phone_free(struct phone *p);
/* Closes the controller and opens and loads a new one, as after a restart. The number of rid_load()'s failure, or 0. */
int phone_restart(struct phone *p);
/* Performs steps until it is the person's turn, the call ends, or the process dies (then NULL). */
const rid_step *perform(struct phone *p, const rid_step *step);
/* The same, repeating what got lost. */
const rid_step *perform_patiently(struct phone *p, const rid_step *step);
struct phone_file *phone_file(struct phone *p, const char *name);

/* ---- whole calls ---- */

const rid_step *activate_start(struct phone *p, const char *code);
const rid_step *activate(struct phone *p, int methods, const char *pin); /* start with the server's code, and finish */
const rid_step *authenticate_start(struct phone *p);
const rid_step *approve(struct phone *p, int method, const char *pin);   /* finish of what is started */
const rid_step *change(struct phone *p, int method, const char *pin, int authorising, const char *new_pin); /* start and finish */
/* An authentication comes, and is approved. */
void assert_approves(struct phone *p, int method, const char *pin);
/* The token of a PIN change that leaves PIN 1357 as it is. */
void get_token(struct phone *p, unsigned char ret_token[static RID_TOKEN_BYTES]);
/* The phone is lost, and what lay in it: the cloud stays. */
void lose(struct phone *p);
const rid_step *add_recovery(struct phone *p, const unsigned char *token, const char *code);
const rid_step *recover(struct phone *p, const char *code, const char *pin);
int app_keys(const struct phone *p); /* how many there are */
/* A phone that is registered with PIN 1357, and has an authentication to approve. */
struct phone *phone_registered(void);

void assert_done(const rid_step *step);
void assert_shown(const rid_step *step);
void assert_failed(const rid_step *step, int number);

#endif

/*
 * A store with one of everything that a path, a query or a body may name, in two accounts: built once, and copied for each test that
 * needs it fresh.
 */
#ifndef TEST_API_TOWN_H
#define TEST_API_TOWN_H

#include "tests/unit/common/database.h"
#include "tests/unit/common/world.h"

/* What belongs to an account. */
/* Of a piece of hardware that is nobody's and blocked. */
#define BLOCKED_HASH "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
/* The key of WebAuthn Level 3, section 16.1.1, as COSE has it. */
#define PASSKEY_KEY "pQECAyYgASFYIK_voW-XypstI-uGzLZAmNINuQhWBi6yScM6m2cvJt9hIlggkwpWuHovymYzSwNFir-HlxfBLMaO1zKQry4mZHlrkiA"

struct ids {
	const char *account;
	const char *user, *reference;    /* active, with a reference, a verification, and both devices */
	const char *locked_user;
	const char *verification;
	const char *device, *second_device;
	const char *dossier, *process, *idle_process, *review, *file; /* process: begun; review: waits for the operator */
	const char *third_device, *onboarding, *stepup; /* the step-up under way on the third device */
	const char *signed_consent;     /* a completed signature */
	const char *domain, *redirect, *passkey, *passkey_registration, *passkey_authentication; /* the last two pending */
	const char *registration, *authentication, *signature; /* pending; the signature on the second device */
	const char *recovery, *application, *e2e_key;
	const char *subscription, *subscription_secret; /* one of two */
	const char *event;               /* that the subscription wants */
};

struct town {
	struct arena arena;
	char dir[64];
	struct bootstrap first;          /* the first account is ours */
	struct ids mine, theirs;
	const char *empty_account;       /* without users and without MobileID */
	const char *client, *secret, *domain, *key; /* of the empty account; a retired key */
	struct credentials organisation; /* a client of the whole organisation, with every product */
};

struct town *town_new(void);
void town_free(struct town *town);

struct visit {
	struct world *w;
	struct database *db;
	char dir[64];
};

/* A copy of its own, with every route served; the account's extended events are on. */
struct visit *town_visit(struct town *town);
void town_leave(struct visit *visit);

#endif

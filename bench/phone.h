/* A phone for the load: registers, authenticates and signs over HTTP with the client's half of the protocol. Keys in memory. */
#ifndef BENCH_PHONE_H
#define BENCH_PHONE_H

#include <jansson.h>

#include "protocol/envelope.h"
#include "protocol/pin.h"
#include "protocol/plaintext.h"
#include "protocol/transcript.h"

enum call_kind { CALL_START, CALL_SES_START, CALL_SES_PIN, CALL_SES_FINISH, CALL_GET, CALL_ACT_START, CALL_ACT_PIN,
	CALL_ACT_FINISH, CALL_SES_FINISH_FAILED, CALLS };

/* What is wrong with a try; several may be joined. */
enum phone_fault { FAULT_NONE = 0, FAULT_KEY = 1, FAULT_PIN = 2, FAULT_HARDWARE = 4 /* its signature is missing */ };

/* Where the load goes, and as whom. */
struct target {
	const char *host, *application, *bearer;
	int port;
	uint8_t server_key[X25519_BYTES];
};

struct latencies {
	float *us;
	size_t n, cap;
};

struct phone {
	const struct target *target;
	int socket;
	char user[UUID_TEXT + 1];
	struct uuid reg;
	uint8_t dk[P256_SCALAR_BYTES], dk_public[P256_POINT_BYTES], ds[DEVICE_SECRET_BYTES], cid[PIN_CREDENTIAL_ID_BYTES];
	bool has_hk; /* before it is registered: with a hardware-protected key */
	uint8_t hk[P256_SCALAR_BYTES];
	uint8_t blinded[P256_POINT_BYTES], evaluated[P256_POINT_BYTES], pin_key[P256_SCALAR_BYTES];
	char salt_key[64];
	uint8_t ticket[TICKET_BYTES];
	int64_t last_ts;
	struct latencies calls[CALLS];
	/* the session under way */
	struct transcript t;
	uint8_t k[SESSION_KEY_BYTES], sid[SESSION_ID_BYTES];
	int64_t step;
};

/* Every function ends the program with a message when the server does not answer as it should. */
void phone_connect(struct phone *p, const struct target *target);
void phone_make_user(struct phone *p);
void phone_register(struct phone *p);
/* `kind` is "authentications" or "signatures"; with a PIN, or by the device alone. */
void phone_operate(struct phone *p, const char *kind, bool pin);
/* An authentication with PIN whose first try fails by this. */
void phone_fail(struct phone *p, enum phone_fault fault);

#endif

/* Keys of applications as they are made, and what lies sealed beside a configuration. */
#ifndef DEVICE_KEYS_H
#define DEVICE_KEYS_H

#include "event/fact.h"
#include "protocol/envelope.h"
#include "user/user.h"

/* What is sealed beside a configuration, as JSON. */
err application_secrets_open(const struct app *app, struct arena *a, const struct uuid *id, struct slice wrapped, struct slice box,
	struct slice *ret_json);

struct made_key {
	uint8_t id[KEY_ID_BYTES];
	struct slice wrapped, box, public_key; /* public_key: base64 of its SubjectPublicKeyInfo */
};
void e2e_key_make(struct app *app, struct arena *a, struct made_key *ret_made);
/* On sect233k1, `spki` its public half; E_CRYPTO where OpenSSL has no such curve. */
err e2e_older_key_make(struct app *app, struct arena *a, struct made_key *ret_made, struct slice *ret_spki);

/* onboarding.c: one more salt key, made in prepare and written in apply. E_NOT_ONBOARDED. */
struct new_salt;
err salt_key_new(struct app *app, int64_t account, struct arena *a, struct new_salt **ret_salt);
err salt_key_store(const struct new_salt *salt, struct fact_origin origin, struct tx *tx);

/* NULL when the account has MobileID already. */
struct onboarding;
struct onboarding *onboarding_new(struct app *app, int64_t account, struct slice name, struct arena *a);
err onboarding_store(const struct onboarding *o, struct fact_origin origin, struct tx *tx); /* E_STALE when it got it meanwhile */

/* event.c: what an event keeps of the state that a device came into. Short enough for apply: no arena, no cryptography. */
enum { DEVICE_STATE_DATA_MAX = 96 };
struct slice device_state_data(char out[static DEVICE_STATE_DATA_MAX], enum credential_state state, enum lock_reason reason);

#endif

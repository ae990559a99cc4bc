/* Accounts at push services with keys of their own, and an env with a clock that the test sets. */
#ifndef TEST_UNIT_PUSH_ACCOUNTS_H
#define TEST_UNIT_PUSH_ACCOUNTS_H

#include "push/internal.h"
#include "tests/unit/common/test.h"

extern struct arena arena;
extern int64_t clock_ms;
extern const struct env clock_env;

/* Kept JSON with a fresh key; `extra` is put before the closing brace. */
struct slice fcm_json(const char *extra);
struct slice apns_json(const char *extra);
struct slice web_json(const char *extra);
struct slice pem_of(enum sign_alg alg);

struct push_account account_of(enum push_service service, struct slice json);
/* A member of a JSON text, "" when there is none. */
struct slice text_in(struct slice json, const char *name);
/* Of a token signed by the account's key: header and claims. Fails the test unless the signature verifies. */
void assert_jwt(struct slice token, const struct sign_key *key, struct slice *ret_header, struct slice *ret_claims);

#endif

/* What the files of this folder share. */
#ifndef OAUTH_INTERNAL_H
#define OAUTH_INTERNAL_H

#include <pthread.h>

#include "account/account.h"
#include "api/rate.h"
#include "crypto/sign.h"
#include "oauth/oauth.h"

enum { KID_TEXT_MAX = 64, JTI_TEXT = 32, KEYS_MAX = 64 };

struct service_key {
	char kid[KID_TEXT_MAX];
	struct sign_key *key;
	int64_t created, active_from;
};

/* All published keys, newest first. Never changes once made. */
struct key_set {
	struct key_set *older; /* kept until the end, so that a borrower never has to give back */
	size_t n;
	struct service_key keys[KEYS_MAX];
};

struct token_cache;

struct oauth {
	_Atomic(struct key_set *) keys;
	struct store_hook keys_hook;
	struct token_cache *cache;
	struct rate *failures;
};

/* keys.c */
const struct service_key *key_active(const struct key_set *set, enum sign_alg alg, int64_t now); /* NULL: none of that algorithm */
const struct service_key *key_named(const struct key_set *set, struct slice kid);
err keys_load(struct app *app);
/* A new key, sealed and ready to be stored. */
struct key_row {
	struct val values[7];
};
err key_make(struct app *app, enum sign_alg alg, int64_t active_from, struct arena *a, struct key_row *ret_row);
err key_store(struct tx *tx, const struct key_row *row);
enum sign_alg keys_alg(const struct app *app);

/* claims of a verified token, as the cache keeps them */
struct claims {
	const struct key_set *keys; /* all that were published when it was verified */
	int64_t expires_ms;
	char client_id[CLIENT_ID_BYTES_MAX + 1], account_id[CLIENT_ID_BYTES_MAX + 1], jti[CLIENT_ID_BYTES_MAX + 1];
};

/* cache.c: verified tokens by their SHA-256 */
struct token_cache *token_cache_new(int64_t entries); /* NULL for 0 */
void token_cache_free(struct token_cache *c);
bool token_cache_get(struct token_cache *c, const uint8_t hash[static SHA256_BYTES], struct claims *ret_claims);
void token_cache_put(struct token_cache *c, const uint8_t hash[static SHA256_BYTES], const struct claims *claims);

/* token.c */
err token_prepare(struct op *op);
err token_apply(struct op *op, struct tx *tx);
err token_reply(struct op *op);
extern const struct op_errors oauth_errors;

/* client_auth.c: who asks for a token; fills in the names and the lifetime, or fails as RFC 6749 section 5.2 says */
struct token_client {
	struct slice id, account_id;
	int64_t account;
	int64_t lifetime_s;
	bool sandbox, basic; /* basic: answer failures with 401 */
};
struct token_form {
	struct slice grant_type, scope, client_id, client_secret;
};
err client_authenticate(struct op *op, const struct token_form *form, struct token_client *ret_client);

/* discovery.c */
err discovery_prepare(struct op *op);
err jwks_prepare(struct op *op);

#endif

/*
 * The token service: token endpoint (RFC 6749 client credentials), discovery (RFC 8414, OpenID Connect Discovery), the published
 * keys (RFC 7517), signing keys with rotation, and the check of bearer tokens (RFC 6750, RFC 9068).
 *
 * Signing keys. One key signs: the newest of the configured algorithm whose time has come. A new key is published key_overlap_s
 * before that, so that whoever caches the key set has it in time. Old keys stay published until they are deleted, because consent
 * signatures have no end.
 */
#ifndef OAUTH_OAUTH_H
#define OAUTH_OAUTH_H

#include "api/route.h"

struct sign_key;

/* Loads the keys, makes the first one of the configured algorithm when there is none. */
err oauth_open(struct app *app);
void oauth_close(struct app *app);

/* The key that signs now; lives until oauth_close. */
void oauth_signing_key(const struct app *app, int64_t now, const struct sign_key **ret_key, const char **ret_kid);
/* `iss` of tokens and of signatures. */
struct slice oauth_issuer(const struct app *app, struct arena *a);

/* For api_config.authenticate. */
struct error oauth_authenticate(struct op *op, struct slice token, struct slice wanted_account);

extern const struct route_table oauth_routes;       /* base /auth/open */
extern const struct route_table oauth_admin_routes; /* base /admin: keys */

#endif

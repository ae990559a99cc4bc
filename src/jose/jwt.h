/*
 * Compact JWS (RFC 7515) and what of JWK (RFC 7517) and JWT (RFC 7519) our own tokens need: made and checked straight through
 * OpenSSL, because they are on the hot path. Only ES256 and RS256 exist here; "none" and all others are refused by construction.
 */
#ifndef JOSE_JWT_H
#define JOSE_JWT_H

#include "codec/json.h"
#include "crypto/sign.h"

/* Signs `payload` (JSON text); header {"alg","kid","typ"}. */
err jwt_sign(const struct sign_key *key, const char *kid, const char *typ, struct slice payload, struct arena *a,
	struct slice *ret_token);

struct jws {
	struct slice signed_part; /* header.payload, as received */
	struct slice payload;     /* decoded bytes */
	struct slice signature;   /* decoded bytes */
	struct slice alg, kid, typ; /* of the header; kid and typ empty when absent */
};

/* Takes a compact JWS apart; E_PARSE when it is none, or its header has "crit" or members of the wrong type. Checks no signature. */
err jws_parse(struct slice token, struct arena *a, struct jws *ret_jws);
/* E_SIGNATURE unless the key's own algorithm stands in the header and the signature verifies. */
err jws_check(const struct jws *jws, const struct sign_key *key);

/* The public key as a JWK object with kid, use and alg. */
void jwk_write(struct jw *w, const struct sign_key *key, const char *kid, struct arena *a);

#endif

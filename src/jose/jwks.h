/* A published set of keys (RFC 7517, section 5), as far as our own tokens need it: ES256 and RS256 keys with an id. */
#ifndef JOSE_JWKS_H
#define JOSE_JWKS_H

#include "jose/jwt.h"

struct jwks;

/* Keys of other kinds are left out. E_PARSE when it is no set, or none of its keys can be used. The caller frees it. */
err jwks_read(struct slice json, struct arena *a, struct jwks **ret_keys);
void jwks_free(struct jwks *keys);
/* A token of this type that one of the keys signed; E_SIGNATURE for any other. The payload lies in the arena. */
err jwks_open(const struct jwks *keys, struct slice token, const char *typ, struct arena *a, struct slice *ret_payload);

#endif

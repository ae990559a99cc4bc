/* Compact JWS of others (ID tokens), checked through libjose with keys that they publish. */
#ifndef JOSE_VERIFY_H
#define JOSE_VERIFY_H

#include "codec/json.h"

/*
 * `keys` is a JWK set. Only RS256, PS256 and ES256 count, and only public keys of that kind; the key with the header's kid, or any
 * when it has none. E_PARSE when it is no JWS, E_SIGNATURE when no key verifies it. `ret_payload` is JSON text in the arena.
 */
err jws_verify(struct slice token, const json_t *keys, struct arena *a, struct slice *ret_payload);

#endif

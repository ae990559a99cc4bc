/*
 * Compact JWE (RFC 7516, 7.1) as others send it to us: A256KW around A256GCM and nothing else. libjose decrypts; what its header could
 * make it do besides (other algorithms, compression, work without bound) is refused before.
 */
#ifndef JOSE_DECRYPT_H
#define JOSE_DECRYPT_H

#include "base/arena.h"

enum { JWE_KEY_BYTES = 32 };

/* E_PARSE for what is no such token, E_CRYPTO when the key does not open it. The caller bounds its size. */
err jwe_open(struct slice token, struct slice key, struct arena *a, struct slice *ret_plain);

#endif

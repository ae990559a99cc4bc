/* Keys on sect233k1, of which nothing is asked here but that they exist: older apps of the hosted service want to be given one. */
#ifndef CRYPTO_SECT233K1_H
#define CRYPTO_SECT233K1_H

#include "base/arena.h"

/* A new pair, both in DER: PKCS#8, which the caller wipes, and SubjectPublicKeyInfo. E_CRYPTO when OpenSSL lacks the curve. */
err sect233k1_generate(struct arena *a, struct slice *ret_private, struct slice *ret_public);

#endif

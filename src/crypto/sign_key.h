/* Inside this folder only: what a key of sign.h holds. sign_key.c makes keys, sign.c uses them. */
#ifndef CRYPTO_SIGN_KEY_H
#define CRYPTO_SIGN_KEY_H

#include <openssl/evp.h>

#include "crypto/pool.h"
#include "crypto/sign.h"

/* Of EVP_PKEY_CTX, initialised for the one use; apart from the key, which is constant. */
struct sign_contexts {
	struct pool sign, check;
};

struct sign_key {
	enum sign_alg alg;
	bool is_private;
	EVP_PKEY *pkey;
	struct sign_contexts *contexts;
};

#endif

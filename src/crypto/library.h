/*
 * Inside this folder only: what is taken from OpenSSL once and kept (constants for the life of the process), and the stop for
 * failures that can only mean that memory ran out.
 */
#ifndef CRYPTO_LIBRARY_H
#define CRYPTO_LIBRARY_H

#include <openssl/ec.h>
#include <openssl/evp.h>

#include "base/slice.h"

struct library {
	EVP_CIPHER *aes_128_gcm, *aes_256_gcm;
	EVP_MD *sha256;
	EC_GROUP *p256;
};

/* The first call prepares it; any thread. */
const struct library *library(void);

/* Stops the process with a message unless `ok`: for calls that fail only without memory, or through a bug of ours. */
void library_must(bool ok, const char *what);
/* The same for pointers, passed through. */
void *library_have(void *p, const char *what);

#endif

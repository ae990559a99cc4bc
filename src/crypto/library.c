#include "crypto/library.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static struct library kept;
static pthread_once_t once = PTHREAD_ONCE_INIT;

void library_must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "cryptographic library failed: %s\n", what);
	abort();
}

void *library_have(void *p, const char *what)
{
	library_must(p != NULL, what);
	return p;
}

static void prepare(void)
{
	kept.aes_128_gcm = library_have(EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL), "AES-128-GCM");
	kept.aes_256_gcm = library_have(EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL), "AES-256-GCM");
	kept.sha256 = library_have(EVP_MD_fetch(NULL, "SHA256", NULL), "SHA256");
	kept.p256 = library_have(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1), "P-256");
}

const struct library *library(void)
{
	library_must(pthread_once(&once, prepare) == 0, "pthread_once");
	return &kept;
}

#include "crypto/sect233k1.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

static err take(struct arena *a, uint8_t *der, int n, struct slice *ret)
{
	ENSURE(n > 0, CRYPTO);
	*ret = arena_copy(a, slice_of(der, (size_t)n));
	OPENSSL_cleanse(der, (size_t)n);
	OPENSSL_free(der);
	return OK;
}

static err write_private(struct arena *a, EVP_PKEY *key, struct slice *ret)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	uint8_t *der = NULL;
	int n = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : 0;

	PKCS8_PRIV_KEY_INFO_free(info);
	return take(a, der, n, ret);
}

static err write_public(struct arena *a, EVP_PKEY *key, struct slice *ret)
{
	uint8_t *der = NULL;
	int n = i2d_PUBKEY(key, &der);

	return take(a, der, n, ret);
}

err sect233k1_generate(struct arena *a, struct slice *ret_private, struct slice *ret_public)
{
	EVP_PKEY *key = EVP_EC_gen("sect233k1");
	struct error e;

	ENSURE(key, CRYPTO);
	e = write_private(a, key, ret_private);
	if (!failed(e))
		e = write_public(a, key, ret_public);
	EVP_PKEY_free(key);
	return e;
}

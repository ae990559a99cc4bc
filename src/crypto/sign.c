#include "crypto/sign.h"

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "crypto/hash.h"
#include "crypto/library.h"
#include "crypto/sign_key.h"

enum { HALF_BYTES = ES256_SIG_BYTES / 2, DER_BYTES_MAX = 80 }; /* DER: two integers of up to 33 bytes with their heads */

static void set_rsa(const struct sign_key *k, EVP_PKEY_CTX *c)
{
	if (k->alg != SIGN_RS256)
		return;
	library_must(EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PADDING) > 0, "RSA padding");
	library_must(EVP_PKEY_CTX_set_signature_md(c, library()->sha256) > 0, "RSA digest");
}

static EVP_PKEY_CTX *context_take(const struct sign_key *k, struct pool *pool)
{
	EVP_PKEY_CTX *c = pool_take(pool);

	if (c)
		return c;
	c = library_have(EVP_PKEY_CTX_new_from_pkey(NULL, k->pkey, NULL), "key context");
	library_must((pool == &k->contexts->sign ? EVP_PKEY_sign_init(c) : EVP_PKEY_verify_init(c)) == 1, "key context");
	set_rsa(k, c);
	return c;
}

static void context_put(struct pool *pool, EVP_PKEY_CTX *c)
{
	if (!pool_put(pool, c))
		EVP_PKEY_CTX_free(c);
}

/* RFC 7518, 3.4: r and s as 32 big-endian bytes each. */
static void raw_from_der(const uint8_t *der, size_t n, uint8_t out[static ES256_SIG_BYTES])
{
	ECDSA_SIG *sig = library_have(d2i_ECDSA_SIG(NULL, &der, (long)n), "own signature");

	library_must(BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, HALF_BYTES) == HALF_BYTES, "r");
	library_must(BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + HALF_BYTES, HALF_BYTES) == HALF_BYTES, "s");
	ECDSA_SIG_free(sig);
}

static size_t der_from_raw(const uint8_t raw[static ES256_SIG_BYTES], uint8_t out[static DER_BYTES_MAX])
{
	ECDSA_SIG *sig = library_have(ECDSA_SIG_new(), "signature");
	BIGNUM *r = library_have(BN_bin2bn(raw, HALF_BYTES, NULL), "r");
	BIGNUM *s = library_have(BN_bin2bn(raw + HALF_BYTES, HALF_BYTES, NULL), "s");
	int n;

	library_must(ECDSA_SIG_set0(sig, r, s) == 1, "signature");
	n = i2d_ECDSA_SIG(sig, &out);
	library_must(n > 0 && n <= DER_BYTES_MAX, "signature");
	ECDSA_SIG_free(sig);
	return (size_t)n;
}

err sign_make(const struct sign_key *k, struct slice message, uint8_t *out, size_t *ret_n)
{
	uint8_t digest[SHA256_BYTES], made[SIG_BYTES_MAX];
	size_t n = sizeof(made);
	EVP_PKEY_CTX *c;
	bool good;

	ENSURE(k->is_private, CRYPTO);
	sha256(message, digest);
	c = context_take(k, &k->contexts->sign);
	good = EVP_PKEY_sign(c, made, &n, digest, sizeof(digest)) == 1;
	context_put(&k->contexts->sign, c);
	ENSURE(good, CRYPTO);
	if (k->alg == SIGN_ES256) {
		raw_from_der(made, n, out);
		n = ES256_SIG_BYTES;
	} else {
		memcpy(out, made, n);
	}
	*ret_n = n;
	return OK;
}

err sign_check(const struct sign_key *k, struct slice message, struct slice signature)
{
	uint8_t der[DER_BYTES_MAX];

	if (k->alg != SIGN_ES256)
		return sign_check_der(k, message, signature);
	ENSURE(signature.n == ES256_SIG_BYTES, SIGNATURE);
	return sign_check_der(k, message, slice_of(der, der_from_raw(signature.p, der)));
}

err sign_check_der(const struct sign_key *k, struct slice message, struct slice signature)
{
	uint8_t digest[SHA256_BYTES];
	EVP_PKEY_CTX *c;
	bool good;

	sha256(message, digest);
	c = context_take(k, &k->contexts->check);
	good = EVP_PKEY_verify(c, signature.p, signature.n, digest, sizeof(digest)) == 1;
	context_put(&k->contexts->check, c);
	if (!good)
		ERR_clear_error();
	ENSURE(good, SIGNATURE);
	return OK;
}

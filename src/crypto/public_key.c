#include "crypto/public_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "crypto/hash.h"
#include "crypto/library.h"
#include "crypto/p256.h"

enum {
	P384_BYTES = 48, ED25519_BYTES = 32, ED25519_SIG_BYTES = 64,
	RSA_BYTES_MIN = 256, RSA_BYTES_MAX = 1024, RSA_EXPONENT_BYTES_MAX = 5, RSA_EXPONENT_BITS_MAX = 33,
	MESSAGE_BYTES_MAX = 1024 * 1024,
};

/* ---- from numbers to OpenSSL's object ---- */

static EVP_PKEY *from_params(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *c = library_have(EVP_PKEY_CTX_new_from_name(NULL, type, NULL), "key context");
	EVP_PKEY *pkey = NULL;

	library_must(EVP_PKEY_fromdata_init(c) == 1, "key context");
	if (EVP_PKEY_fromdata(c, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(c);
	return pkey;
}

static EVP_PKEY *ec_key(const struct public_key *k, const char *group, size_t bytes)
{
	uint8_t point[1 + 2 * P384_BYTES] = { 4 };
	OSSL_PARAM params[3];

	if (k->first.n != bytes || k->second.n != bytes)
		return NULL;
	memcpy(point + 1, k->first.p, bytes);
	memcpy(point + 1 + bytes, k->second.p, bytes);
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)group, 0);
	params[1] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * bytes);
	params[2] = OSSL_PARAM_construct_end();
	return from_params("EC", params);
}

static bool modulus_good(struct slice n)
{
	if (n.n < RSA_BYTES_MIN || n.n > RSA_BYTES_MAX || n.p[0] == 0 || !(n.p[n.n - 1] & 1))
		return false;
	return n.n > RSA_BYTES_MIN || n.p[0] >= 0x80;
}

static bool exponent_good(struct slice e)
{
	return e.n > 0 && e.n <= RSA_EXPONENT_BYTES_MAX && e.p[0] != 0 && (e.n < RSA_EXPONENT_BYTES_MAX || e.p[0] == 1) &&
		(e.p[e.n - 1] & 1) && !(e.n == 1 && e.p[0] == 1);
}

static EVP_PKEY *rsa_key(const struct public_key *k)
{
	struct slice n = k->first;
	OSSL_PARAM_BLD *b;
	OSSL_PARAM *params;
	BIGNUM *modulus, *exponent;
	EVP_PKEY *pkey;

	if (!modulus_good(n) || !exponent_good(k->second))
		return NULL;
	b = library_have(OSSL_PARAM_BLD_new(), "parameters");
	modulus = library_have(BN_bin2bn(n.p, (int)n.n, NULL), "BIGNUM");
	exponent = library_have(BN_bin2bn(k->second.p, (int)k->second.n, NULL), "BIGNUM");
	library_must(OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_N, modulus) == 1, "parameters");
	library_must(OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_E, exponent) == 1, "parameters");
	params = library_have(OSSL_PARAM_BLD_to_param(b), "parameters");
	pkey = from_params("RSA", params);
	OSSL_PARAM_free(params);
	BN_free(modulus);
	BN_free(exponent);
	OSSL_PARAM_BLD_free(b);
	return pkey;
}

/* NULL unless it is a key. */
static EVP_PKEY *pkey_of(const struct public_key *k)
{
	EVP_PKEY *pkey = NULL;

	switch (k->alg) {
	case PUBLIC_ES256:
		pkey = ec_key(k, "P-256", P256_SCALAR_BYTES);
		break;
	case PUBLIC_ES384:
		pkey = ec_key(k, "P-384", P384_BYTES);
		break;
	case PUBLIC_EDDSA:
		if (k->first.n == ED25519_BYTES && k->second.n == 0)
			pkey = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, k->first.p, k->first.n);
		break;
	case PUBLIC_RS256:
		pkey = rsa_key(k);
		break;
	}
	ERR_clear_error();
	return pkey;
}

/* OpenSSL makes an EC key only of a point on the curve, and never of infinity; an Ed25519 key of any 32 bytes. */
err public_key_check(const struct public_key *k)
{
	EVP_PKEY *pkey = pkey_of(k);

	EVP_PKEY_free(pkey);
	ENSURE(pkey, CRYPTO);
	return OK;
}

/* ---- verifying ---- */

static struct slice joined(const struct slice *parts, size_t n, struct arena *a)
{
	struct buf b = buf_arena(a, MESSAGE_BYTES_MAX);

	for (size_t i = 0; i < n; i++)
		buf_slice(&b, parts[i]);
	return buf_bytes(&b);
}

static bool verify(EVP_PKEY *pkey, const char *digest, struct slice message, struct slice signature)
{
	EVP_MD_CTX *c = library_have(EVP_MD_CTX_new(), "digest context");
	bool good = EVP_DigestVerifyInit_ex(c, NULL, digest, NULL, NULL, pkey, NULL) == 1 &&
		EVP_DigestVerify(c, signature.p, signature.n, message.p, message.n) == 1;

	EVP_MD_CTX_free(c);
	ERR_clear_error();
	return good;
}

err public_key_verify(const struct public_key *k, const struct slice *parts, size_t n, struct slice signature)
{
	const char *digest = k->alg == PUBLIC_EDDSA ? NULL : k->alg == PUBLIC_ES384 ? "SHA384" : "SHA256";
	struct arena a;
	EVP_PKEY *pkey;
	bool good;

	if (k->alg == PUBLIC_ES256) /* nearly all of them; with objects that are there already */
		return p256_verify_der(k->first, k->second, parts, n, signature);
	pkey = pkey_of(k);
	ENSURE(pkey, CRYPTO);
	arena_init(&a);
	good = verify(pkey, digest, joined(parts, n, &a), signature);
	arena_free(&a);
	EVP_PKEY_free(pkey);
	ENSURE(good, SIGNATURE);
	return OK;
}

/* ---- out of certificates ---- */

static struct slice number(const EVP_PKEY *pkey, const char *name, int bytes, struct arena *a)
{
	BIGNUM *n = NULL;
	uint8_t *out = NULL;
	int size = 0;

	if (EVP_PKEY_get_bn_param(pkey, name, &n) == 1) {
		size = bytes ? bytes : BN_num_bytes(n);
		out = arena_alloc(a, (size_t)size);
		if (BN_bn2binpad(n, out, size) != size)
			size = 0;
	}
	BN_free(n);
	return slice_of(out, (size_t)size);
}

static err read_ec(const EVP_PKEY *pkey, struct arena *a, struct public_key *ret)
{
	char group[32];
	int bytes = 0;
	size_t n;

	ENSURE(EVP_PKEY_get_group_name(pkey, group, sizeof(group), &n) == 1, CRYPTO);
	if (strcmp(group, "prime256v1") == 0) {
		ret->alg = PUBLIC_ES256;
		bytes = P256_SCALAR_BYTES;
	} else if (strcmp(group, "secp384r1") == 0) {
		ret->alg = PUBLIC_ES384;
		bytes = P384_BYTES;
	}
	ENSURE(bytes, CRYPTO);
	ret->first = number(pkey, OSSL_PKEY_PARAM_EC_PUB_X, bytes, a);
	ret->second = number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, bytes, a);
	return OK;
}

static err read_ed25519(const EVP_PKEY *pkey, struct arena *a, struct public_key *ret)
{
	size_t n = ED25519_BYTES;
	uint8_t *out = arena_alloc(a, n);

	ENSURE(EVP_PKEY_get_raw_public_key(pkey, out, &n) == 1 && n == ED25519_BYTES, CRYPTO);
	ret->alg = PUBLIC_EDDSA;
	ret->first = slice_of(out, n);
	return OK;
}

static err read_key(const EVP_PKEY *pkey, struct arena *a, struct public_key *ret)
{
	*ret = (struct public_key){ .alg = PUBLIC_RS256 };
	switch (EVP_PKEY_get_base_id(pkey)) {
	case EVP_PKEY_EC:
		return read_ec(pkey, a, ret);
	case EVP_PKEY_ED25519:
		return read_ed25519(pkey, a, ret);
	case EVP_PKEY_RSA:
		ret->first = number(pkey, OSSL_PKEY_PARAM_RSA_N, 0, a);
		ret->second = number(pkey, OSSL_PKEY_PARAM_RSA_E, 0, a);
		return OK;
	default:
		return FAIL(CRYPTO);
	}
}

err public_key_read(struct slice spki, struct arena *a, struct public_key *ret_key)
{
	const unsigned char *at = spki.p;
	EVP_PKEY *pkey = d2i_PUBKEY(NULL, &at, (long)spki.n);
	struct error e = pkey && at == spki.p + spki.n ? read_key(pkey, a, ret_key) : FAIL(CRYPTO);

	EVP_PKEY_free(pkey);
	ERR_clear_error();
	TRY(e);
	return public_key_check(ret_key);
}

#include "crypto/sign_key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <stdlib.h>

#include "crypto/library.h"

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = SIG_BYTES_MAX * 8, RSA_EXPONENT_BITS_MAX = 33, P256_BYTES = 32 };

static const char *const names[] = { [SIGN_ES256] = "ES256", [SIGN_RS256] = "RS256" };

const char *sign_alg_name(enum sign_alg alg)
{
	return names[alg];
}

err sign_alg_parse(struct slice name, enum sign_alg *ret_alg)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_is(name, names[i])) {
			*ret_alg = (enum sign_alg)i;
			return OK;
		}
	return FAIL(PARSE);
}

static bool is_p256(const EVP_PKEY *pkey)
{
	char group[32];
	size_t n;

	return EVP_PKEY_get_group_name(pkey, group, sizeof(group), &n) == 1 && strcmp(group, "prime256v1") == 0;
}

static err algorithm_of(const EVP_PKEY *pkey, enum sign_alg *ret_alg)
{
	int bits = EVP_PKEY_get_bits(pkey);

	switch (EVP_PKEY_get_base_id(pkey)) {
	case EVP_PKEY_EC:
		ENSURE(is_p256(pkey), CRYPTO);
		*ret_alg = SIGN_ES256;
		return OK;
	case EVP_PKEY_RSA:
		ENSURE(bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX, CRYPTO);
		*ret_alg = SIGN_RS256;
		return OK;
	default:
		return FAIL(CRYPTO);
	}
}

static err check_point(EVP_PKEY *pkey)
{
	EVP_PKEY_CTX *c = library_have(EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL), "key context");
	bool good = EVP_PKEY_public_check_quick(c) == 1; /* on the curve, not infinity */

	EVP_PKEY_CTX_free(c);
	ENSURE(good, CRYPTO);
	return OK;
}

/* OpenSSL's own check of an RSA key looks for small factors, which takes 11 ms and says little. */
static err check_exponent(EVP_PKEY *pkey)
{
	BIGNUM *n = NULL, *e = NULL;
	bool good = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
		EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) == 1 &&
		BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e) && BN_num_bits(e) <= RSA_EXPONENT_BITS_MAX;

	BN_free(n);
	BN_free(e);
	ENSURE(good, CRYPTO);
	return OK;
}

/* The halves of a private key belong together: what one signs, the other verifies. */
static err check_pair(const struct sign_key *k)
{
	uint8_t signature[SIG_BYTES_MAX];
	size_t n;

	if (!k->is_private)
		return OK;
	if (failed(sign_make(k, S("pair"), signature, &n)) || failed(sign_check(k, S("pair"), slice_of(signature, n))))
		return FAIL(CRYPTO);
	return OK;
}

static struct sign_key *key_new(EVP_PKEY *pkey, enum sign_alg alg, bool is_private)
{
	struct sign_key *k = xalloc(sizeof(*k));

	*k = (struct sign_key){ alg, is_private, pkey, xalloc(sizeof(struct sign_contexts)) };
	pool_init(&k->contexts->sign);
	pool_init(&k->contexts->check);
	return k;
}

/* Takes pkey over, whatever comes of it; NULL is a key that did not parse. */
static err adopt(EVP_PKEY *pkey, bool is_private, struct sign_key **ret_key)
{
	struct error e = FAIL(CRYPTO);
	enum sign_alg alg = SIGN_ES256;
	struct sign_key *k;

	if (pkey)
		e = algorithm_of(pkey, &alg);
	if (!failed(e))
		e = alg == SIGN_ES256 ? check_point(pkey) : check_exponent(pkey);
	k = key_new(pkey, alg, is_private);
	if (!failed(e))
		e = check_pair(k);
	if (failed(e)) {
		ERR_clear_error();
		sign_key_free(k);
		return e;
	}
	*ret_key = k;
	return OK;
}

err sign_key_generate(enum sign_alg alg, struct sign_key **ret_key)
{
	EVP_PKEY *pkey = alg == SIGN_ES256 ? EVP_EC_gen("P-256") : EVP_RSA_gen(RSA_BITS);

	return adopt(library_have(pkey, "key generation"), true, ret_key);
}

err sign_key_from_private(struct slice der, struct sign_key **ret_key)
{
	const unsigned char *at = der.p;
	PKCS8_PRIV_KEY_INFO *info;
	EVP_PKEY *pkey = NULL;

	ENSURE(der.n > 0 && der.n <= INT32_MAX, CRYPTO);
	info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.n);
	if (info && at == der.p + der.n)
		pkey = EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info);
	return adopt(pkey, true, ret_key);
}

err sign_key_from_public(struct slice der, struct sign_key **ret_key)
{
	const unsigned char *at = der.p;
	EVP_PKEY *pkey;

	ENSURE(der.n > 0 && der.n <= INT32_MAX, CRYPTO);
	pkey = d2i_PUBKEY(NULL, &at, (long)der.n);
	if (pkey && at != der.p + der.n) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	return adopt(pkey, false, ret_key);
}

static OSSL_PARAM *point_params(OSSL_PARAM_BLD *b, struct slice x, struct slice y, uint8_t point[static 1 + 2 * P256_BYTES])
{
	if (x.n != P256_BYTES || y.n != P256_BYTES)
		return NULL;
	point[0] = POINT_CONVERSION_UNCOMPRESSED;
	memcpy(point + 1, x.p, P256_BYTES);
	memcpy(point + 1 + P256_BYTES, y.p, P256_BYTES);
	OSSL_PARAM_BLD_push_utf8_string(b, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
	OSSL_PARAM_BLD_push_octet_string(b, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * P256_BYTES);
	return OSSL_PARAM_BLD_to_param(b);
}

static OSSL_PARAM *rsa_params(OSSL_PARAM_BLD *b, const BIGNUM *n, const BIGNUM *e)
{
	OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_E, e);
	return OSSL_PARAM_BLD_to_param(b);
}

static EVP_PKEY *public_from(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *c = library_have(EVP_PKEY_CTX_new_from_name(NULL, type, NULL), "key context");
	EVP_PKEY *pkey = NULL;

	if (params && EVP_PKEY_fromdata_init(c) == 1 && EVP_PKEY_fromdata(c, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(c);
	return pkey;
}

err sign_key_from_numbers(enum sign_alg alg, struct slice first, struct slice second, struct sign_key **ret_key)
{
	OSSL_PARAM_BLD *b = library_have(OSSL_PARAM_BLD_new(), "key parameters");
	BIGNUM *n = NULL, *e = NULL;
	uint8_t point[1 + 2 * P256_BYTES];
	OSSL_PARAM *params;
	EVP_PKEY *pkey = NULL;

	if (first.n <= SIG_BYTES_MAX && second.n <= SIG_BYTES_MAX) {
		n = library_have(BN_bin2bn(first.p, (int)first.n, NULL), "number");
		e = library_have(BN_bin2bn(second.p, (int)second.n, NULL), "number");
		params = alg == SIGN_ES256 ? point_params(b, first, second, point) : rsa_params(b, n, e);
		pkey = public_from(alg == SIGN_ES256 ? "EC" : "RSA", params);
		OSSL_PARAM_free(params);
	}
	OSSL_PARAM_BLD_free(b);
	BN_free(n);
	BN_free(e);
	return adopt(pkey, false, ret_key);
}

struct slice sign_key_private(const struct sign_key *k, struct arena *a)
{
	PKCS8_PRIV_KEY_INFO *info;
	unsigned char *out, *at;
	int n;

	library_must(k->is_private, "no private key here");
	info = library_have(EVP_PKEY2PKCS8(k->pkey), "PKCS#8");
	n = i2d_PKCS8_PRIV_KEY_INFO(info, NULL);
	library_must(n > 0, "PKCS#8");
	out = at = arena_alloc(a, (size_t)n);
	library_must(i2d_PKCS8_PRIV_KEY_INFO(info, &at) == n, "PKCS#8");
	PKCS8_PRIV_KEY_INFO_free(info);
	return slice_of(out, (size_t)n);
}

struct slice sign_key_public(const struct sign_key *k, struct arena *a)
{
	int n = i2d_PUBKEY(k->pkey, NULL);
	unsigned char *out, *at;

	library_must(n > 0, "SubjectPublicKeyInfo");
	out = at = arena_alloc(a, (size_t)n);
	library_must(i2d_PUBKEY(k->pkey, &at) == n, "SubjectPublicKeyInfo");
	return slice_of(out, (size_t)n);
}

static void empty(struct pool *pool)
{
	EVP_PKEY_CTX *c;

	while ((c = pool_take(pool)))
		EVP_PKEY_CTX_free(c);
}

void sign_key_free(struct sign_key *k)
{
	if (!k)
		return;
	empty(&k->contexts->sign);
	empty(&k->contexts->check);
	EVP_PKEY_free(k->pkey);
	free(k->contexts);
	free(k);
}

enum sign_alg sign_key_alg(const struct sign_key *k)
{
	return k->alg;
}

/* n 0: as many bytes as the number has. */
static struct slice number(const struct sign_key *k, const char *name, size_t n, struct arena *a)
{
	BIGNUM *value = NULL;
	uint8_t *out;

	library_must(EVP_PKEY_get_bn_param(k->pkey, name, &value) == 1, name);
	n = n ? n : (size_t)BN_num_bytes(value);
	out = arena_alloc(a, n);
	library_must(BN_bn2binpad(value, out, (int)n) == (int)n, name);
	BN_free(value);
	return slice_of(out, n);
}

void sign_key_numbers(const struct sign_key *k, struct arena *a, struct slice *ret_first, struct slice *ret_second)
{
	bool ec = k->alg == SIGN_ES256;

	*ret_first = number(k, ec ? OSSL_PKEY_PARAM_EC_PUB_X : OSSL_PKEY_PARAM_RSA_N, ec ? P256_BYTES : 0, a);
	*ret_second = number(k, ec ? OSSL_PKEY_PARAM_EC_PUB_Y : OSSL_PKEY_PARAM_RSA_E, ec ? P256_BYTES : 0, a);
}

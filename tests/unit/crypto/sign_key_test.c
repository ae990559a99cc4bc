#include "tests/unit/common/test.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "crypto/sign.h"
#include "tests/unit/common/vectors.h"

static struct arena a;
static struct sign_key *es256;

static int setup(void **state)
{
	(void)state;
	assert_ok(sign_key_generate(SIGN_ES256, &es256));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sign_key_free(es256);
	arena_free(&a);
	return 0;
}

/* Both take pkey over. */
static struct slice spki_of(EVP_PKEY *pkey)
{
	unsigned char *der = NULL;
	struct slice copy;
	int n;

	assert_non_null(pkey);
	n = i2d_PUBKEY(pkey, &der);
	assert_true(n > 0);
	copy = arena_copy(&a, slice_of(der, (size_t)n));
	OPENSSL_free(der);
	EVP_PKEY_free(pkey);
	return copy;
}

static struct slice pkcs8_of(EVP_PKEY *pkey)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
	unsigned char *der = NULL;
	struct slice copy;
	int n = i2d_PKCS8_PRIV_KEY_INFO(info, &der);

	assert_true(n > 0);
	copy = arena_copy(&a, slice_of(der, (size_t)n));
	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(info);
	EVP_PKEY_free(pkey);
	return copy;
}

static EVP_PKEY *rsa_public(const char *n_hex, const char *e_hex)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *n = NULL, *e = NULL;
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM *params;

	BN_hex2bn(&n, n_hex);
	BN_hex2bn(&e, e_hex);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e);
	params = OSSL_PARAM_BLD_to_param(build);
	assert_int_equal(EVP_PKEY_fromdata_init(c), 1);
	assert_int_equal(EVP_PKEY_fromdata(c, &pkey, EVP_PKEY_PUBLIC_KEY, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(c);
	BN_free(n);
	BN_free(e);
	return pkey;
}

static char *digits(size_t n, char last)
{
	char *text = arena_alloc(&a, n + 1);

	memset(text, 'f', n);
	text[n - 1] = last;
	return text;
}

static void refused_public(struct slice der)
{
	struct sign_key *key;

	assert_err(sign_key_from_public(der, &key), CRYPTO);
}

static void refused_private(struct slice der)
{
	struct sign_key *key;

	assert_err(sign_key_from_private(der, &key), CRYPTO);
}

static void names_come_back(void **state)
{
	enum sign_alg alg;

	(void)state;
	assert_string_equal(sign_alg_name(SIGN_ES256), "ES256");
	assert_string_equal(sign_alg_name(SIGN_RS256), "RS256");
	assert_ok(sign_alg_parse(S("ES256"), &alg));
	assert_int_equal(alg, SIGN_ES256);
	assert_ok(sign_alg_parse(S("RS256"), &alg));
	assert_int_equal(alg, SIGN_RS256);
	assert_err(sign_alg_parse(S("none"), &alg), PARSE);
	assert_err(sign_alg_parse(S("HS256"), &alg), PARSE);
	assert_err(sign_alg_parse(S("es256"), &alg), PARSE);
	assert_err(sign_alg_parse(S(""), &alg), PARSE);
}

static void comes_back(enum sign_alg alg)
{
	struct sign_key *made, *private_key, *public_key;
	uint8_t out[SIG_BYTES_MAX];
	size_t n;

	assert_ok(sign_key_generate(alg, &made));
	assert_ok(sign_key_from_private(sign_key_private(made, &a), &private_key));
	assert_ok(sign_key_from_public(sign_key_public(made, &a), &public_key));
	assert_int_equal(sign_key_alg(private_key), alg);
	assert_int_equal(sign_key_alg(public_key), alg);
	assert_ok(sign_make(private_key, S("m"), out, &n));
	assert_ok(sign_check(public_key, S("m"), slice_of(out, n)));
	assert_slice_equal(sign_key_public(public_key, &a), sign_key_public(made, &a));
	sign_key_free(made);
	sign_key_free(private_key);
	sign_key_free(public_key);
}

static void ec_keys_come_back(void **state)
{
	(void)state;
	comes_back(SIGN_ES256);
}

static void rsa_keys_come_back(void **state)
{
	(void)state;
	comes_back(SIGN_RS256);
}

/* The SubjectPublicKeyInfo of a P-256 key ends with 04, x, y. */
static void ec_numbers_are_the_point(void **state)
{
	struct slice spki = sign_key_public(es256, &a), x, y;

	(void)state;
	sign_key_numbers(es256, &a, &x, &y);
	assert_slice_equal(x, slice_of(spki.p + spki.n - 64, 32));
	assert_slice_equal(y, slice_of(spki.p + spki.n - 32, 32));
}

static void rsa_numbers_have_no_leading_zero(void **state)
{
	struct sign_key *key;
	struct slice n, e;

	(void)state;
	assert_ok(sign_key_from_public(spki_of(rsa_public(digits(512, 'd'), "010001")), &key));
	sign_key_numbers(key, &a, &n, &e);
	assert_slice_equal(n, unhex(&a, digits(512, 'd')));
	assert_slice_equal(e, S("\x01\x00\x01"));
	sign_key_free(key);
}

static void other_curves_are_refused(void **state)
{
	static const char *const curves[] = { "P-384", "P-521", "P-224", "secp256k1" };

	(void)state;
	for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
		refused_public(spki_of(EVP_EC_gen(curves[i])));
		refused_private(pkcs8_of(EVP_EC_gen(curves[i])));
	}
}

static void other_kinds_are_refused(void **state)
{
	static const char *const kinds[] = { "ED25519", "X25519", "ED448" };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		refused_public(spki_of(EVP_PKEY_Q_keygen(NULL, NULL, kinds[i])));
		refused_private(pkcs8_of(EVP_PKEY_Q_keygen(NULL, NULL, kinds[i])));
	}
}

static void rsa_sizes_have_bounds(void **state)
{
	struct sign_key *key;

	(void)state;
	refused_private(pkcs8_of(EVP_RSA_gen(1024)));
	refused_public(spki_of(rsa_public(digits(256, 'd'), "010001")));
	refused_public(spki_of(rsa_public(digits(510, 'd'), "010001")));
	refused_public(spki_of(rsa_public(digits(2050, 'd'), "010001")));
	assert_ok(sign_key_from_public(spki_of(rsa_public(digits(512, 'd'), "03")), &key));
	sign_key_free(key);
	assert_ok(sign_key_from_public(spki_of(rsa_public(digits(2048, 'd'), "03")), &key));
	sign_key_free(key);
}

static void bad_rsa_numbers_are_refused(void **state)
{
	(void)state;
	refused_public(spki_of(rsa_public(digits(512, 'e'), "010001")));
	refused_public(spki_of(rsa_public(digits(512, 'd'), "01")));
	refused_public(spki_of(rsa_public(digits(512, 'd'), "02")));
	refused_public(spki_of(rsa_public(digits(512, 'd'), "0400000001")));
}

static void damaged_der_is_refused(void **state)
{
	struct slice spki = sign_key_public(es256, &a), pkcs8 = sign_key_private(es256, &a);

	(void)state;
	for (size_t n = 0; n < spki.n; n++)
		refused_public(slice_of(spki.p, n));
	for (size_t n = 0; n < pkcs8.n; n++)
		refused_private(slice_of(pkcs8.p, n));
}

static void trailing_bytes_are_refused(void **state)
{
	struct slice spki = sign_key_public(es256, &a), pkcs8 = sign_key_private(es256, &a);

	(void)state;
	refused_public(slice_of(arena_copy(&a, spki).p, spki.n + 1)); /* a copy is followed by a zero byte */
	refused_private(slice_of(arena_copy(&a, pkcs8).p, pkcs8.n + 1));
}

static void kinds_of_der_are_not_mixed_up(void **state)
{
	(void)state;
	refused_public(sign_key_private(es256, &a));
	refused_private(sign_key_public(es256, &a));
}

static void a_point_off_the_curve_is_refused(void **state)
{
	struct slice spki = sign_key_public(es256, &a);
	uint8_t altered[128];

	(void)state;
	memcpy(altered, spki.p, spki.n);
	altered[spki.n - 1] ^= 1;
	refused_public(slice_of(altered, spki.n));
}

static void the_point_at_infinity_is_refused(void **state)
{
	(void)state;
	refused_public(unhex(&a, "3019301306072a8648ce3d020106082a8648ce3d03010703020000"));
}

/* A private key that carries the public point of another. */
static void halves_that_do_not_match_are_refused(void **state)
{
	struct slice pkcs8 = sign_key_private(es256, &a), other;
	struct sign_key *key;
	uint8_t mixed[256];

	(void)state;
	assert_ok(sign_key_generate(SIGN_ES256, &key));
	other = sign_key_private(key, &a);
	assert_int_equal(pkcs8.n, other.n);
	memcpy(mixed, pkcs8.p, pkcs8.n);
	memcpy(mixed + pkcs8.n - 64, other.p + other.n - 64, 64);
	refused_private(slice_of(mixed, pkcs8.n));
	sign_key_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_come_back),
		cmocka_unit_test(ec_keys_come_back),
		cmocka_unit_test(rsa_keys_come_back),
		cmocka_unit_test(ec_numbers_are_the_point),
		cmocka_unit_test(rsa_numbers_have_no_leading_zero),
		cmocka_unit_test(other_curves_are_refused),
		cmocka_unit_test(other_kinds_are_refused),
		cmocka_unit_test(rsa_sizes_have_bounds),
		cmocka_unit_test(bad_rsa_numbers_are_refused),
		cmocka_unit_test(damaged_der_is_refused),
		cmocka_unit_test(trailing_bytes_are_refused),
		cmocka_unit_test(kinds_of_der_are_not_mixed_up),
		cmocka_unit_test(a_point_off_the_curve_is_refused),
		cmocka_unit_test(the_point_at_infinity_is_refused),
		cmocka_unit_test(halves_that_do_not_match_are_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

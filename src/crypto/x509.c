#include "crypto/x509.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include "crypto/library.h"

enum { SECURITY_LEVEL = 2 }; /* OpenSSL's name for 112 bits: RSA from 2048, curves from 224, digests from SHA-224 */

/* A name of ours for OpenSSL's object, so that its headers stay inside. */
static X509 *inner(const struct certificate *c)
{
	return (X509 *)(uintptr_t)c;
}

static err parse(struct slice der, X509 **ret_certificate)
{
	const unsigned char *at = der.p;
	X509 *c;

	ENSURE(der.n > 0, PARSE);
	ENSURE(der.n <= X509_CERTIFICATE_BYTES_MAX, LIMIT);
	c = d2i_X509(NULL, &at, (long)der.n);
	if (c && at == der.p + der.n) {
		*ret_certificate = c;
		return OK;
	}
	X509_free(c);
	ERR_clear_error();
	return FAIL(PARSE);
}

/* The first failure ends it; what was parsed until then lies in the stack, the caller's to free. */
static err parse_all(const struct slice *chain, size_t n, STACK_OF(X509) *ret_parsed)
{
	ENSURE(n > 0 && n <= X509_CHAIN_MAX, LIMIT);
	for (size_t i = 0; i < n; i++) {
		X509 *c;

		TRY(parse(chain[i], &c));
		library_must(sk_X509_push(ret_parsed, c) > 0, "X509 stack");
	}
	return OK;
}

static err verify(X509 *leaf, STACK_OF(X509) *others, X509 *root, int64_t at_ms)
{
	X509_STORE_CTX *c = library_have(X509_STORE_CTX_new(), "X509_STORE_CTX");
	X509_STORE *store = library_have(X509_STORE_new(), "X509_STORE");
	X509_VERIFY_PARAM *param;
	bool good;

	library_must(X509_STORE_add_cert(store, root) == 1, "X509_STORE");
	library_must(X509_STORE_CTX_init(c, store, leaf, others) == 1, "X509_STORE_CTX");
	param = X509_STORE_CTX_get0_param(c);
	X509_VERIFY_PARAM_set_time(param, (time_t)(at_ms / 1000));
	X509_VERIFY_PARAM_set_depth(param, X509_CHAIN_MAX);
	X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
	good = X509_verify_cert(c) == 1;
	X509_STORE_CTX_free(c);
	X509_STORE_free(store);
	if (!good)
		ERR_clear_error();
	ENSURE(good, SIGNATURE);
	return OK;
}

static err parse_and_verify(const struct slice *chain, size_t n, X509 *root, int64_t at_ms, struct certificate **ret_leaf)
{
	STACK_OF(X509) *all = library_have(sk_X509_new_null(), "X509 stack");
	struct error e = parse_all(chain, n, all);

	if (!failed(e))
		e = verify(sk_X509_value(all, 0), all, root, at_ms);
	if (!failed(e))
		*ret_leaf = (struct certificate *)sk_X509_shift(all);
	sk_X509_pop_free(all, X509_free);
	return e;
}

err certificate_read(struct slice der, struct certificate **ret_certificate)
{
	X509 *c;

	TRY(parse(der, &c));
	*ret_certificate = (struct certificate *)c;
	return OK;
}

err x509_verify(const struct slice *chain, size_t n, struct slice root, int64_t at_ms, struct certificate **ret_leaf)
{
	struct error e;
	X509 *trusted;

	TRY(parse(root, &trusted));
	e = parse_and_verify(chain, n, trusted, at_ms, ret_leaf);
	X509_free(trusted);
	return e;
}

void certificate_free(struct certificate *c)
{
	X509_free(inner(c));
}

err certificate_extension_opt(const struct certificate *c, const char *oid, struct slice *ret_value, bool *ret_there)
{
	ASN1_OBJECT *object = library_have(OBJ_txt2obj(oid, 1), "object identifier");

	*ret_there = X509_get_ext_by_OBJ(inner(c), object, -1) >= 0;
	ASN1_OBJECT_free(object);
	return *ret_there ? certificate_extension(c, oid, ret_value) : OK;
}

err certificate_extension(const struct certificate *c, const char *oid, struct slice *ret_value)
{
	ASN1_OBJECT *object = library_have(OBJ_txt2obj(oid, 1), "object identifier");
	int at = X509_get_ext_by_OBJ(inner(c), object, -1);
	bool single = at >= 0 && X509_get_ext_by_OBJ(inner(c), object, at) < 0;
	const ASN1_OCTET_STRING *value;

	ASN1_OBJECT_free(object);
	ENSURE(single, CRYPTO);
	value = X509_EXTENSION_get_data(X509_get_ext(inner(c), at));
	*ret_value = slice_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
	return OK;
}

struct slice certificate_public(const struct certificate *c, struct arena *a)
{
	X509_PUBKEY *key = X509_get_X509_PUBKEY(inner(c));
	int n = i2d_X509_PUBKEY(key, NULL);
	unsigned char *out, *at;

	library_must(n > 0, "SubjectPublicKeyInfo");
	out = at = arena_alloc(a, (size_t)n);
	library_must(i2d_X509_PUBKEY(key, &at) == n, "SubjectPublicKeyInfo");
	return slice_of(out, (size_t)n);
}

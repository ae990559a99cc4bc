#include "tests/unit/device/iphone.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "codec/encode.h"

/* ---- certificates ---- */


static X509_NAME *name_of(const char *text)
{
	X509_NAME *name = X509_NAME_new();

	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)text, -1, -1, 0);
	return name;
}

static struct iphone_certificate certificate(const char *subject, const char *issuer, EVP_PKEY *key, bool ca)
{
	struct iphone_certificate m = { key, X509_new() };
	X509_NAME *own = name_of(subject), *other = name_of(issuer);
	X509_EXTENSION *e = X509V3_EXT_conf(NULL, NULL, "basicConstraints", ca ? "critical,CA:TRUE" : "critical,CA:FALSE");

	X509_set_version(m.cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(m.cert), 1);
	X509_set_subject_name(m.cert, own);
	X509_set_issuer_name(m.cert, other);
	ASN1_TIME_set_string(X509_getm_notBefore(m.cert), "20000101000000Z");
	ASN1_TIME_set_string(X509_getm_notAfter(m.cert), "20491231000000Z");
	X509_set_pubkey(m.cert, key);
	X509_add_ext(m.cert, e, -1);
	X509_EXTENSION_free(e);
	X509_NAME_free(own);
	X509_NAME_free(other);
	return m;
}

static struct slice der_of(struct arena *a, X509 *cert)
{
	int n = i2d_X509(cert, NULL);
	unsigned char *out = arena_alloc(a, (size_t)n), *at = out;

	assert_int_equal(i2d_X509(cert, &at), n);
	return slice_of(out, (size_t)n);
}

static void free_made(struct iphone_certificate *m)
{
	X509_free(m->cert);
	EVP_PKEY_free(m->key);
}

/* ---- the phone ---- */

struct iphone iphone_new(struct scene *c)
{
	struct site *s = c->s;
	struct iphone i = { .c = c, .a = &s->f->arena };
	uint8_t point[65];
	size_t n;

	site_configure(s, "{\"attestationIosAppAttestMode\":\"REQUIRED\",\"attestationIosAppAttestAppId\":\"" IPHONE_APP_ID "\"}");
	i.root = certificate("root", "root", EVP_EC_gen("P-256"), true);
	i.middle = certificate("middle", "root", EVP_EC_gen("P-256"), true);
	i.key = EVP_EC_gen("P-256");
	assert_true(X509_sign(i.root.cert, i.root.key, EVP_sha256()) > 0);
	assert_true(X509_sign(i.middle.cert, i.root.key, EVP_sha256()) > 0);
	s->f->app.devices->attest_root = der_of(i.a, i.root.cert);
	assert_int_equal(EVP_PKEY_get_octet_string_param(i.key, "pub", point, sizeof(point), &n), 1);
	sha256(slice_of(point, n), i.key_id);
	return i;
}

void iphone_free(struct iphone *i)
{
	EVP_PKEY_free(i->key);
	free_made(&i->root);
	free_made(&i->middle);
}

/* Section 6.6: right behind the start. */
void iphone_binding(const struct iphone *i, uint8_t out[static SHA256_BYTES])
{
	const struct phone *p = i->c->p;
	uint8_t hk[POINT_BYTES] = { 0 };

	if (p->has_hk)
		must(p256_public(p->hk, hk));
	sha256_parts(PARTS(S("rid-device/v1 attest\0"), slice_of(p->th.th, SHA256_BYTES), slice_of(p->dk_public, POINT_BYTES),
			     slice_of(hk, POINT_BYTES)),
		out);
}

static void head(struct buf *b, int major, size_t n)
{
	if (n < 24) {
		buf_byte(b, (uint8_t)(major << 5 | (int)n));
	} else if (n < 256) {
		buf_byte(b, (uint8_t)(major << 5 | 24));
		buf_byte(b, (uint8_t)n);
	} else {
		buf_byte(b, (uint8_t)(major << 5 | 25));
		buf_u16(b, (uint16_t)n);
	}
}

static void cbor_put(struct buf *b, int major, struct slice s)
{
	head(b, major, s.n);
	buf_slice(b, s);
}

static struct slice auth_data(struct iphone *i, uint32_t counter, bool attested)
{
	struct buf b = buf_arena(i->a, 256);
	uint8_t hash[SHA256_BYTES];

	sha256(S(IPHONE_APP_ID), hash);
	buf_add(&b, hash, sizeof(hash));
	buf_byte(&b, 0x40);
	buf_u32(&b, counter);
	if (attested) {
		buf_slice(&b, S("appattest\0\0\0\0\0\0\0"));
		buf_u16(&b, SHA256_BYTES);
		buf_add(&b, i->key_id, SHA256_BYTES);
	}
	return buf_bytes(&b);
}

static struct slice leaf_of(struct iphone *i, struct slice data, const uint8_t *client_data_hash)
{
	struct iphone_certificate leaf = certificate("leaf", "middle", i->key, false);
	uint8_t value[38] = { 0x30, 0x24, 0xa1, 0x22, 0x04, 0x20 };
	ASN1_OBJECT *oid = OBJ_txt2obj("1.2.840.113635.100.8.2", 1);
	ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
	X509_EXTENSION *e;
	struct slice der;

	sha256_parts(PARTS(data, slice_of(client_data_hash, SHA256_BYTES)), value + 6);
	ASN1_OCTET_STRING_set(octets, value, sizeof(value));
	e = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, octets);
	X509_add_ext(leaf.cert, e, -1);
	assert_true(X509_sign(leaf.cert, i->middle.key, EVP_sha256()) > 0);
	der = der_of(i->a, leaf.cert);
	X509_EXTENSION_free(e);
	ASN1_OCTET_STRING_free(octets);
	ASN1_OBJECT_free(oid);
	X509_free(leaf.cert);
	return der;
}

struct slice iphone_attestation(struct iphone *i, const uint8_t *client_data_hash)
{
	struct buf b = buf_arena(i->a, 8192);
	struct slice data = auth_data(i, 0, true);

	head(&b, 5, 3);
	cbor_put(&b, 3, S("fmt"));
	cbor_put(&b, 3, S("apple-appattest"));
	cbor_put(&b, 3, S("attStmt"));
	head(&b, 5, 2);
	cbor_put(&b, 3, S("x5c"));
	head(&b, 4, 2);
	cbor_put(&b, 2, leaf_of(i, data, client_data_hash));
	cbor_put(&b, 2, der_of(i->a, i->middle.cert));
	cbor_put(&b, 3, S("receipt"));
	cbor_put(&b, 2, S("r"));
	cbor_put(&b, 3, S("authData"));
	cbor_put(&b, 2, data);
	return buf_bytes(&b);
}

struct slice iphone_assertion(struct iphone *i, const uint8_t *client_data_hash, uint32_t counter)
{
	struct buf b = buf_arena(i->a, 1024);
	struct slice data = auth_data(i, counter, false);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t nonce[SHA256_BYTES], signature[80];
	size_t n = sizeof(signature);

	sha256_parts(PARTS(data, slice_of(client_data_hash, SHA256_BYTES)), nonce);
	assert_int_equal(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, i->key), 1);
	assert_int_equal(EVP_DigestSign(c, signature, &n, nonce, sizeof(nonce)), 1);
	EVP_MD_CTX_free(c);
	head(&b, 5, 2);
	cbor_put(&b, 3, S("signature"));
	cbor_put(&b, 2, slice_of(signature, n));
	cbor_put(&b, 3, S("authenticatorData"));
	cbor_put(&b, 2, data);
	return buf_bytes(&b);
}

const char *iphone_report(struct iphone *i, const char *kind, struct slice object)
{
	return (const char *)arena_printf(i->a, "{\"kind\":\"%s\",\"keyId\":\"%.*s\",\"object\":\"%.*s\"}", kind,
		FMT(b64(i->a, slice_of(i->key_id, sizeof(i->key_id)))), FMT(b64url(i->a, object))).p;
}

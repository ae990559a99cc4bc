#include "tests/unit/webauthn/crafted.h"

#include <openssl/core_names.h>
#include <openssl/x509v3.h>

#include "codec/encode.h"
#include "crypto/hash.h"

enum { COSE_BYTES_MAX = 128, HALF = 32, AAGUID_BYTES = 16 };

struct making {
	struct arena *a;
	enum spoil spoil;
	const char *format;
	EVP_PKEY *credential, *signer; /* signer: of the certificate */
	struct slice x, y, auth_data, client_data;
	uint8_t hash[SHA256_BYTES];
	X509 *cert;
};

static bool is(const struct making *m, const char *format)
{
	return strcmp(m->format, format) == 0;
}

/* ---- CBOR and DER, as they are written ---- */

static void put_head(struct buf *b, unsigned major, size_t n)
{
	if (n < 24) {
		buf_byte(b, (uint8_t)(major << 5 | n));
	} else {
		buf_byte(b, (uint8_t)(major << 5 | 25));
		buf_u16(b, (uint16_t)n);
	}
}

static void put_text(struct buf *b, const char *text)
{
	put_head(b, 3, strlen(text));
	buf_text(b, text);
}

static void put_bytes(struct buf *b, struct slice bytes)
{
	put_head(b, 2, bytes.n);
	buf_slice(b, bytes);
}

static struct slice joined(struct arena *a, const struct slice *parts, size_t n)
{
	struct buf b = buf_arena(a, 16 * 1024);

	for (size_t i = 0; i < n; i++)
		buf_slice(&b, parts[i]);
	return buf_bytes(&b);
}

/* `tag` as its bytes. */
static struct slice der(struct arena *a, struct slice tag, struct slice content)
{
	struct buf b = buf_arena(a, 16 * 1024);

	buf_slice(&b, tag);
	if (content.n >= 128)
		buf_byte(&b, 0x81);
	buf_byte(&b, (uint8_t)content.n);
	buf_slice(&b, content);
	return buf_bytes(&b);
}

/* ---- the credential ---- */

static struct slice coordinate(struct arena *a, EVP_PKEY *key, const char *name)
{
	uint8_t *out = arena_alloc(a, HALF);
	BIGNUM *n = NULL;

	assert_int_equal(EVP_PKEY_get_bn_param(key, name, &n), 1);
	assert_int_equal(BN_bn2binpad(n, out, HALF), HALF);
	BN_free(n);
	return slice_of(out, HALF);
}

static struct slice cose_key(struct making *m)
{
	struct buf b = buf_arena(m->a, COSE_BYTES_MAX);

	buf_slice(&b, S("\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"));
	buf_slice(&b, m->x);
	buf_slice(&b, S("\x22\x58\x20"));
	buf_slice(&b, m->y);
	return buf_bytes(&b);
}

static const uint8_t aaguid[AAGUID_BYTES] = { 10, 11, 12, 13 };

static void make_data(struct making *m)
{
	static const uint8_t none[AAGUID_BYTES];
	bool without = is(m, "fido-u2f") && m->spoil != U2F_AAGUID;
	struct buf b = buf_arena(m->a, 1024);
	uint8_t hash[SHA256_BYTES];

	sha256(CRAFTED_RP_ID, hash);
	buf_add(&b, hash, sizeof(hash));
	buf_slice(&b, S("\x45\x00\x00\x00\x07"));
	buf_add(&b, without ? none : aaguid, AAGUID_BYTES);
	buf_slice(&b, S("\x00\x04name"));
	buf_slice(&b, cose_key(m));
	m->auth_data = buf_bytes(&b);
	m->client_data = arena_printf(m->a, "{\"type\":\"webauthn.create\",\"challenge\":\"%.*s\",\"origin\":\"%.*s\",\"crossOrigin\":false}",
		FMT(b64url(m->a, CRAFTED_CHALLENGE)), FMT(CRAFTED_ORIGIN));
	sha256(m->client_data, m->hash);
}

/* ---- the certificate ---- */

static void add_name(X509_NAME *name, const char *field, const char *text)
{
	assert_int_equal(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)text, -1, -1, 0), 1);
}

static void name_it(const struct making *m, X509_NAME *name)
{
	if (is(m, "tpm") && m->spoil != TPM_SUBJECT)
		return;
	if (m->spoil != NO_COUNTRY)
		add_name(name, "C", "NO");
	if (m->spoil == TWO_COUNTRIES)
		add_name(name, "C", "SE");
	if (m->spoil != NO_ORGANISATION)
		add_name(name, "O", "Makers of keys");
	add_name(name, "OU", m->spoil == OTHER_UNIT ? "Attestation" : "Authenticator Attestation");
	if (m->spoil == TWO_UNITS)
		add_name(name, "OU", "Authenticator Attestation");
	if (m->spoil != NO_NAME)
		add_name(name, "CN", "Batch 1");
}

static void extend(X509 *cert, const char *oid, struct slice value)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *bytes = ASN1_OCTET_STRING_new();
	X509_EXTENSION *e;

	ASN1_OCTET_STRING_set(bytes, value.p, (int)value.n);
	e = X509_EXTENSION_create_by_OBJ(NULL, object, 0, bytes);
	assert_int_equal(X509_add_ext(cert, e, -1), 1);
	X509_EXTENSION_free(e);
	ASN1_OCTET_STRING_free(bytes);
	ASN1_OBJECT_free(object);
}

static void extend_by_text(X509 *cert, const char *name, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf(NULL, NULL, name, value);

	assert_non_null(e);
	assert_int_equal(X509_add_ext(cert, e, -1), 1);
	X509_EXTENSION_free(e);
}

static void add_tpm_name(X509_NAME *name, const char *oid, const char *text)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);

	assert_int_equal(X509_NAME_add_entry_by_OBJ(name, object, V_ASN1_UTF8STRING, (const unsigned char *)text, -1, -1, 0), 1);
	ASN1_OBJECT_free(object);
}

static void extend_tpm(const struct making *m)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	GENERAL_NAME *one = GENERAL_NAME_new();
	X509_NAME *name = X509_NAME_new();

	add_tpm_name(name, "2.23.133.2.1", m->spoil == TPM_VENDOR ? "id:46414B45" : "id:494E5443");
	if (m->spoil != TPM_NO_MODEL)
		add_tpm_name(name, "2.23.133.2.2", "Model");
	if (m->spoil != TPM_NO_VERSION)
		add_tpm_name(name, "2.23.133.2.3", "id:0002");
	GENERAL_NAME_set0_value(one, GEN_DIRNAME, name);
	sk_GENERAL_NAME_push(names, one);
	assert_int_equal(X509_add1_ext_i2d(m->cert, NID_subject_alt_name, names, 1, 0), 1);
	GENERAL_NAMES_free(names);
	if (m->spoil != TPM_NO_USE)
		extend_by_text(m->cert, "extendedKeyUsage", "2.23.133.8.3");
}

/* Purpose, origin and "all applications" where each of them stands, unless spoiled. */
static struct slice authorizations(struct making *m, bool hardware)
{
	struct slice purposes = m->spoil == ANDROID_DECRYPTS ? S("\x02\x01\x01") : m->spoil == ANDROID_TWO_PURPOSES ? S("\x02\x01\x02\x02\x01\x03") : S("\x02\x01\x02");
	bool all = m->spoil == (hardware ? ANDROID_ALL_HARDWARE : ANDROID_ALL_SOFTWARE);
	struct slice parts[3];
	size_t n = 0;

	if (hardware && m->spoil != ANDROID_NO_PURPOSE)
		parts[n++] = der(m->a, S("\xa1"), der(m->a, S("\x31"), purposes));
	if (all)
		parts[n++] = S("\xbf\x84\x58\x02\x05\x00");
	if (hardware && m->spoil != ANDROID_NO_ORIGIN)
		parts[n++] = m->spoil == ANDROID_IMPORTED ? S("\xbf\x85\x3e\x03\x02\x01\x02") : S("\xbf\x85\x3e\x03\x02\x01\x00");
	return der(m->a, S("\x30"), joined(m->a, parts, n));
}

static void extend_android(struct making *m)
{
	struct slice challenge = m->spoil == ANDROID_CHALLENGE ? S("another") : slice_of(m->hash, sizeof(m->hash));
	struct slice parts[] = { S("\x02\x01\x04\x0a\x01\x01\x02\x01\x04\x0a\x01\x01"), der(m->a, S("\x04"), challenge), S("\x04\x00"),
		authorizations(m, false), authorizations(m, true) };

	if (m->spoil != ANDROID_NO_DESCRIPTION)
		extend(m->cert, "1.3.6.1.4.1.11129.2.1.17", der(m->a, S("\x30"), joined(m->a, parts, COUNT(parts))));
}

static void extend_apple(struct making *m)
{
	struct slice tag = m->spoil == APPLE_NONCE_TAG ? S("\xa2") : S("\xa1");
	uint8_t nonce[SHA256_BYTES];

	sha256_parts(PARTS(m->auth_data, slice_of(m->hash, sizeof(m->hash))), nonce);
	nonce[0] ^= m->spoil == APPLE_NONCE;
	if (m->spoil != APPLE_NO_NONCE)
		extend(m->cert, "1.2.840.113635.100.8.2",
			der(m->a, S("\x30"), der(m->a, tag, der(m->a, S("\x04"), slice_of(nonce, sizeof(nonce))))));
}

static void extend_all(struct making *m)
{
	uint8_t id[AAGUID_BYTES];

	memcpy(id, aaguid, sizeof(id));
	id[0] ^= m->spoil == OTHER_AAGUID;
	extend_by_text(m->cert, "basicConstraints", m->spoil == IS_CA ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (is(m, "packed") || is(m, "tpm"))
		extend(m->cert, "1.3.6.1.4.1.45724.1.1.4", der(m->a, m->spoil == AAGUID_NO_OCTETS ? S("\x0c") : S("\x04"), slice_of(id, sizeof(id))));
	if (is(m, "tpm"))
		extend_tpm(m);
	if (is(m, "android-key"))
		extend_android(m);
	if (is(m, "apple"))
		extend_apple(m);
}

static struct slice make_certificate(struct making *m)
{
	unsigned char *bytes = NULL;
	struct slice copy;
	int n;

	m->cert = X509_new();
	X509_set_version(m->cert, m->spoil == VERSION_1 ? X509_VERSION_1 : X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(m->cert), 1);
	name_it(m, X509_get_subject_name(m->cert));
	X509_gmtime_adj(X509_getm_notBefore(m->cert), -1000);
	X509_gmtime_adj(X509_getm_notAfter(m->cert), 1000);
	X509_set_pubkey(m->cert, m->signer);
	if (m->spoil != VERSION_1)
		extend_all(m);
	assert_true(X509_sign(m->cert, m->signer, EVP_sha256()) > 0);
	n = i2d_X509(m->cert, &bytes);
	copy = arena_copy(m->a, slice_of(bytes, (size_t)n));
	OPENSSL_free(bytes);
	return copy;
}

/* ---- the statement ---- */

static struct slice sign(struct making *m, struct slice message)
{
	EVP_PKEY *other = m->spoil == OTHER_SIGNER ? EVP_EC_gen("P-256") : NULL;
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t *out = arena_alloc(m->a, 256);
	size_t n = 256;

	if (m->spoil == OTHER_DATA)
		message = joined(m->a, PARTS(message, S("!")));
	assert_int_equal(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, other ? other : m->signer), 1);
	assert_int_equal(EVP_DigestSign(c, out, &n, message.p, message.n), 1);
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(other);
	return slice_of(out, m->spoil == EMPTY_SIGNATURE ? 0 : n);
}

static void put_chain(struct making *m, struct buf *b, struct slice leaf)
{
	size_t n = m->spoil == EMPTY_CHAIN ? 0 : m->spoil == TWO_CERTIFICATES ? 2 : m->spoil == NINE_CERTIFICATES ? 9 : 1;

	put_text(b, "x5c");
	put_head(b, 4, n);
	for (size_t i = 0; i < n; i++) {
		if (m->spoil == CHAIN_NO_BYTES)
			put_text(b, "certificate");
		else
			put_bytes(b, m->spoil == CHAIN_NO_CERTIFICATE ? S("certificate") : leaf);
	}
}

static struct slice public_area(struct making *m)
{
	struct buf b = buf_arena(m->a, 256);
	struct slice x = m->x;

	if (m->spoil == TPM_OTHER_KEY)
		x = m->y;
	buf_slice(&b, m->spoil == TPM_NAME_ALG ? S("\x00\x23\x00\x04") : S("\x00\x23\x00\x0b"));
	buf_slice(&b, S("\x00\x06\x04\x72\x00\x00"));
	buf_slice(&b, m->spoil == TPM_CIPHER ? S("\x00\x06") : S("\x00\x10"));
	buf_slice(&b, S("\x00\x10"));
	buf_slice(&b, m->spoil == TPM_CURVE ? S("\x00\x04\x00\x10") : S("\x00\x03\x00\x10"));
	buf_slice(&b, S("\x00\x20"));
	buf_slice(&b, x);
	buf_slice(&b, S("\x00\x20"));
	buf_slice(&b, m->y);
	if (m->spoil == TPM_LONG_AREA)
		buf_byte(&b, 0);
	return buf_bytes(&b);
}

static struct slice cert_info(struct making *m, struct slice area)
{
	struct buf b = buf_arena(m->a, 512);
	uint8_t extra[SHA256_BYTES], name[SHA256_BYTES];

	sha256_parts(PARTS(m->auth_data, slice_of(m->hash, sizeof(m->hash))), extra);
	sha256(area, name);
	extra[0] ^= m->spoil == TPM_EXTRA;
	name[0] ^= m->spoil == TPM_NAME;
	buf_slice(&b, S("\xff\x54\x43\x47\x80\x17\x00\x00\x00\x20"));
	buf_add(&b, extra, sizeof(extra));
	memset(buf_take(&b, 17 + 8), 0, 17 + 8);
	buf_slice(&b, S("\x00\x22\x00\x0b"));
	buf_add(&b, name, sizeof(name));
	buf_slice(&b, S("\x00\x00"));
	if (m->spoil == TPM_LONG_INFO)
		buf_byte(&b, 0);
	return buf_bytes(&b);
}

static struct slice signed_message(struct making *m, struct slice info)
{
	struct slice hash = slice_of(m->hash, sizeof(m->hash));

	if (is(m, "tpm"))
		return info;
	if (is(m, "fido-u2f"))
		return joined(m->a, PARTS(S("\0"), slice_of(m->auth_data.p, SHA256_BYTES), hash, S("name"), S("\x04"), m->x, m->y));
	return joined(m->a, PARTS(m->auth_data, hash));
}

static void put_statement(struct making *m, struct buf *b, struct slice leaf)
{
	struct slice area = public_area(m), info = cert_info(m, area);
	bool tpm = is(m, "tpm"), u2f = is(m, "fido-u2f"), apple = is(m, "apple");

	put_head(b, 5, tpm ? 6 : apple ? 1 : u2f ? 2 : 3);
	put_chain(m, b, leaf);
	if (apple)
		return;
	put_text(b, "sig");
	put_bytes(b, sign(m, signed_message(m, info)));
	if (!u2f) {
		put_text(b, "alg");
		buf_byte(b, 0x26);
	}
	if (tpm) {
		put_text(b, "ver");
		put_text(b, "2.0");
		put_text(b, "certInfo");
		put_bytes(b, info);
		put_text(b, "pubArea");
		put_bytes(b, area);
	}
}

/* Android's and Apple's certificates are those of the credential itself. */
static void make_keys(struct making *m)
{
	bool own = (is(m, "android-key") && m->spoil != ANDROID_OTHER_KEY) || (is(m, "apple") && m->spoil != APPLE_OTHER_KEY);

	m->credential = EVP_EC_gen("P-256");
	m->signer = EVP_EC_gen(m->spoil == P384_LEAF ? "P-384" : "P-256");
	if (own) {
		EVP_PKEY_free(m->signer);
		m->signer = m->credential;
		EVP_PKEY_up_ref(m->signer);
	}
	m->x = coordinate(m->a, m->credential, OSSL_PKEY_PARAM_EC_PUB_X);
	m->y = coordinate(m->a, m->credential, OSSL_PKEY_PARAM_EC_PUB_Y);
}

void crafted_make(struct crafted *c, const char *format, enum spoil spoil)
{
	struct making m = { .a = &c->arena, .spoil = spoil, .format = format };
	struct buf b;

	arena_init(&c->arena);
	make_keys(&m);
	make_data(&m);
	c->leaf = make_certificate(&m);
	b = buf_arena(m.a, 64 * 1024);
	put_head(&b, 5, 3);
	put_text(&b, "fmt");
	put_text(&b, format);
	put_text(&b, "attStmt");
	put_statement(&m, &b, c->leaf);
	put_text(&b, "authData");
	put_bytes(&b, m.auth_data);
	c->sent = (struct webauthn_attested){ S("name"), m.client_data, buf_bytes(&b) };
	X509_free(m.cert);
	EVP_PKEY_free(m.credential);
	EVP_PKEY_free(m.signer);
}

void crafted_free(struct crafted *c)
{
	arena_free(&c->arena);
}

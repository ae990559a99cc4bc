/* The blob of the FIDO Metadata Service: whose it is, whether it still counts, and whom it warns of. */
#include "tests/unit/common/test.h"

#include <openssl/x509v3.h>

#include "codec/encode.h"
#include "webauthn/internal.h"

enum { DAY_S = 86400, RAW_BYTES = 64 };

static const time_t now_s = 1750000000;
#define NOW_MS (INT64_C(1750000000) * 1000)
#define AAGUID "0a0b0c0d-0000-4000-8000-000000000001"

static struct arena a;
static EVP_PKEY *root_key, *leaf_key_, *rsa_key;
static struct slice root, other_root, leaf, old_leaf, rsa_leaf, foreign_leaf;

static struct slice certificate(const char *subject, EVP_PKEY *key, const char *issuer, EVP_PKEY *signer, bool ca, int days)
{
	X509 *cert = X509_new();
	X509_EXTENSION *e = X509V3_EXT_conf(NULL, NULL, "basicConstraints", ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	unsigned char *der = NULL;
	struct slice copy;
	int n;

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), days);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC, (const unsigned char *)subject, -1, -1, 0);
	X509_NAME_add_entry_by_txt(X509_get_issuer_name(cert), "CN", MBSTRING_ASC, (const unsigned char *)issuer, -1, -1, 0);
	ASN1_TIME_set(X509_getm_notBefore(cert), now_s - 100 * DAY_S);
	ASN1_TIME_set(X509_getm_notAfter(cert), now_s + days * DAY_S);
	X509_set_pubkey(cert, key);
	X509_add_ext(cert, e, -1);
	X509_EXTENSION_free(e);
	assert_true(X509_sign(cert, signer, EVP_sha256()) > 0);
	n = i2d_X509(cert, &der);
	copy = arena_copy(&a, slice_of(der, (size_t)n));
	OPENSSL_free(der);
	X509_free(cert);
	return copy;
}

static int setup(void **state)
{
	EVP_PKEY *other = EVP_EC_gen("P-256");

	(void)state;
	root_key = EVP_EC_gen("P-256");
	leaf_key_ = EVP_EC_gen("P-256");
	rsa_key = EVP_RSA_gen(2048);
	root = certificate("Root", root_key, "Root", root_key, true, 1000);
	other_root = certificate("Root", other, "Root", other, true, 1000);
	leaf = certificate("Leaf", leaf_key_, "Root", root_key, false, 10);
	old_leaf = certificate("Leaf", leaf_key_, "Root", root_key, false, -1);
	rsa_leaf = certificate("Leaf", rsa_key, "Root", root_key, false, 10);
	foreign_leaf = certificate("Leaf", leaf_key_, "Root", other, false, 10);
	EVP_PKEY_free(other);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(root_key);
	EVP_PKEY_free(leaf_key_);
	EVP_PKEY_free(rsa_key);
	arena_free(&a);
	return 0;
}

/* DER to r and s (RFC 7518, 3.4). */
static struct slice raw_of(struct slice der)
{
	const unsigned char *at = der.p;
	ECDSA_SIG *numbers = d2i_ECDSA_SIG(NULL, &at, (long)der.n);
	uint8_t *out = arena_alloc(&a, RAW_BYTES);

	BN_bn2binpad(ECDSA_SIG_get0_r(numbers), out, RAW_BYTES / 2);
	BN_bn2binpad(ECDSA_SIG_get0_s(numbers), out + RAW_BYTES / 2, RAW_BYTES / 2);
	ECDSA_SIG_free(numbers);
	return slice_of(out, RAW_BYTES);
}

static struct slice signature(EVP_PKEY *key, struct slice text)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t *out = arena_alloc(&a, 512);
	size_t n = 512;

	assert_int_equal(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, key), 1);
	assert_int_equal(EVP_DigestSign(c, out, &n, text.p, text.n), 1);
	EVP_MD_CTX_free(c);
	return key == rsa_key ? slice_of(out, n) : raw_of(slice_of(out, n));
}

static struct slice blob_with(const char *alg, struct slice cert, EVP_PKEY *key, struct slice payload)
{
	struct slice header = arena_printf(&a, "{\"alg\":\"%s\",\"typ\":\"JWT\",\"x5c\":[\"%.*s\"]}", alg, FMT(b64(&a, cert)));
	struct slice text = arena_printf(&a, "%.*s.%.*s", FMT(b64url(&a, header)), FMT(b64url(&a, payload)));

	return arena_printf(&a, "%.*s.%.*s", FMT(text), FMT(b64url(&a, signature(key, text))));
}

static struct slice entries(const char *reports)
{
	return arena_printf(&a, "{\"no\":1,\"nextUpdate\":\"2030-01-01\",\"entries\":[{\"aaguid\":\"" AAGUID "\",\"statusReports\":[%s],"
		"\"metadataStatement\":{\"attestationRootCertificates\":[\"%.*s\"]}},{\"aaid\":\"1234#5678\"}]}", reports, FMT(b64(&a, root)));
}

static struct error read_at(struct slice blob, struct slice trusted, int64_t now)
{
	struct metadata *m;
	struct error e = metadata_read(blob, trusted, now, &m);

	if (!failed(e))
		metadata_free(m);
	return e;
}

static void signed_with_either_algorithm(void **state)
{
	(void)state;
	assert_ok(read_at(blob_with("ES256", leaf, leaf_key_, entries("")), root, NOW_MS));
	assert_ok(read_at(blob_with("RS256", rsa_leaf, rsa_key, entries("")), root, NOW_MS));
}

static void what_is_found_in_it(void **state)
{
	const struct metadata_entry *entry;
	struct uuid id;
	struct metadata *m;

	(void)state;
	assert_ok(metadata_read(blob_with("ES256", leaf, leaf_key_, entries("{\"status\":\"FIDO_CERTIFIED_L1\"}")), root, NOW_MS, &m));
	assert_int_equal(metadata_count(m), 1); /* U2F's and UAF's have no AAGUID */
	assert_ok(uuid_parse(S(AAGUID), &id));
	entry = metadata_find(m, &id);
	assert_non_null(entry);
	assert_false(entry->revoked);
	assert_int_equal(entry->root_count, 1);
	assert_slice_equal(entry->roots[0], root);
	id.b[15]++;
	assert_null(metadata_find(m, &id));
	metadata_free(m);
}

/* One bad report counts, whatever was reported before or since. */
static void whom_it_warns_of(void **state)
{
	static const struct { const char *status; bool revoked; } rows[] = {
		{ "REVOKED", true }, { "USER_VERIFICATION_BYPASS", true }, { "ATTESTATION_KEY_COMPROMISE", true }, { "USER_KEY_REMOTE_COMPROMISE", true },
		{ "USER_KEY_PHYSICAL_COMPROMISE", true }, { "UPDATE_AVAILABLE", false }, { "NOT_FIDO_CERTIFIED", false }, { "FIDO_CERTIFIED_L2", false },
	};
	struct uuid id;

	(void)state;
	assert_ok(uuid_parse(S(AAGUID), &id));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice reports = arena_printf(&a, "{\"status\":\"FIDO_CERTIFIED\"},{\"status\":\"%s\"},{\"status\":\"FIDO_CERTIFIED\"}", rows[i].status);
		struct metadata *m;

		assert_ok(metadata_read(blob_with("ES256", leaf, leaf_key_, entries(arena_cstr(&a, reports))), root, NOW_MS, &m));
		assert_int_equal(metadata_find(m, &id)->revoked, rows[i].revoked);
		metadata_free(m);
	}
}

static void whose_it_is_not(void **state)
{
	struct slice good = blob_with("ES256", leaf, leaf_key_, entries(""));

	(void)state;
	assert_err(read_at(good, other_root, NOW_MS), SIGNATURE);
	assert_err(read_at(blob_with("ES256", foreign_leaf, leaf_key_, entries("")), root, NOW_MS), SIGNATURE);
	assert_err(read_at(blob_with("ES256", old_leaf, leaf_key_, entries("")), root, NOW_MS), SIGNATURE);
	assert_err(read_at(good, root, NOW_MS + INT64_C(11) * DAY_S * 1000), SIGNATURE);
	assert_err(read_at(good, root, NOW_MS - INT64_C(101) * DAY_S * 1000), SIGNATURE);
	assert_err(read_at(blob_with("ES256", leaf, root_key, entries("")), root, NOW_MS), SIGNATURE);
	assert_err(read_at(blob_with("RS256", leaf, leaf_key_, entries("")), root, NOW_MS), SIGNATURE);
	assert_err(read_at(blob_with("none", leaf, leaf_key_, entries("")), root, NOW_MS), SIGNATURE);
	assert_err(read_at(blob_with("HS256", leaf, leaf_key_, entries("")), root, NOW_MS), SIGNATURE);
}

static void no_altered_byte(void **state)
{
	struct slice good = blob_with("ES256", leaf, leaf_key_, entries(""));
	uint8_t *bytes = (uint8_t *)(uintptr_t)arena_copy(&a, good).p;

	(void)state;
	for (size_t i = 0; i < good.n; i++) {
		/* The last digit of a text has bits that stand for nothing; they have to be zero. */
		bytes[i] ^= 1;
		if (!failed(read_at(slice_of(bytes, good.n), root, NOW_MS)))
			fail_msg("byte %zu of %zu", i, good.n);
		bytes[i] ^= 1;
	}
	for (size_t n = 0; n < good.n; n += 7)
		assert_true(failed(read_at(slice_of(good.p, n), root, NOW_MS)));
}

static void signed_but_no_metadata(void **state)
{
	static const char *const payloads[] = { "", "[]", "{}", "{\"entries\":{}}", "{\"entries\":[{\"aaguid\":\"x\"}]}",
		"{\"entries\":[{\"aaguid\":\"" AAGUID "\",\"metadataStatement\":{\"attestationRootCertificates\":[1]}}]}",
		"{\"entries\":[],\"entries\":[]}" };

	(void)state;
	for (size_t i = 0; i < COUNT(payloads); i++)
		if (!failed(read_at(blob_with("ES256", leaf, leaf_key_, slice_text(payloads[i])), root, NOW_MS)))
			fail_msg("%s", payloads[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signed_with_either_algorithm),
		cmocka_unit_test(what_is_found_in_it),
		cmocka_unit_test(whom_it_warns_of),
		cmocka_unit_test(whose_it_is_not),
		cmocka_unit_test(no_altered_byte),
		cmocka_unit_test(signed_but_no_metadata),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

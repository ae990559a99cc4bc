#include "tests/unit/common/test.h"

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/timestamp.h"
#include "codec/encode.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "crypto/x509.h"
#include "tests/unit/common/vectors.h"

#define NONCE_OID "1.2.840.113635.100.8.2"

static struct arena a;

static struct slice unb64(const char *text)
{
	struct slice bytes;

	assert_ok(b64_read(&a, slice_text(text), &bytes));
	return bytes;
}

/* A chain of our own, made afresh for each test; the middle and the leaf are signed by the test, once it has extended them. */
struct made {
	EVP_PKEY *key;
	X509 *cert;
};

static struct made root, other_root, middle, leaf;
static struct slice root_der, other_root_der;

enum { DAY_S = 86400 };
static const time_t now_s = 1700000000;
#define NOW_MS (1700000000 * INT64_C(1000))

static X509_NAME *name_of(const char *text)
{
	X509_NAME *name = X509_NAME_new();

	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)text, -1, -1, 0);
	return name;
}

static void extend(X509 *cert, const char *name, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf(NULL, NULL, name, value);

	assert_non_null(e);
	X509_add_ext(cert, e, -1);
	X509_EXTENSION_free(e);
}

static struct made certificate(const char *subject, const char *issuer, time_t from, time_t to)
{
	static long serial;
	struct made m = { EVP_EC_gen("P-256"), X509_new() };
	X509_NAME *subject_name = name_of(subject), *issuer_name = name_of(issuer);

	X509_set_version(m.cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(m.cert), ++serial);
	X509_set_subject_name(m.cert, subject_name);
	X509_set_issuer_name(m.cert, issuer_name);
	ASN1_TIME_set(X509_getm_notBefore(m.cert), from);
	ASN1_TIME_set(X509_getm_notAfter(m.cert), to);
	X509_set_pubkey(m.cert, m.key);
	X509_NAME_free(subject_name);
	X509_NAME_free(issuer_name);
	return m;
}

static struct slice der_of(X509 *cert)
{
	unsigned char *der = NULL;
	int n = i2d_X509(cert, &der);
	struct slice copy = arena_copy(&a, slice_of(der, (size_t)n));

	assert_true(n > 0);
	OPENSSL_free(der);
	return copy;
}

static struct slice signed_by(struct made *subject, const struct made *issuer)
{
	assert_true(X509_sign(subject->cert, issuer->key, EVP_sha256()) > 0);
	return der_of(subject->cert);
}

static void made_free(struct made *m)
{
	EVP_PKEY_free(m->key);
	X509_free(m->cert);
}

static int setup(void **state)
{
	(void)state;
	root = certificate("Root", "Root", now_s - 100 * DAY_S, now_s + 100 * DAY_S);
	extend(root.cert, "basicConstraints", "critical,CA:TRUE");
	root_der = signed_by(&root, &root);
	other_root = certificate("Root", "Root", now_s - 100 * DAY_S, now_s + 100 * DAY_S);
	extend(other_root.cert, "basicConstraints", "critical,CA:TRUE");
	other_root_der = signed_by(&other_root, &other_root);
	middle = certificate("Middle", "Root", now_s - 10 * DAY_S, now_s + 10 * DAY_S);
	leaf = certificate("Leaf", "Middle", now_s - DAY_S, now_s + DAY_S);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	made_free(&root);
	made_free(&other_root);
	made_free(&middle);
	made_free(&leaf);
	arena_free(&a);
	return 0;
}

static struct error verify(struct slice one, struct slice two, struct slice trusted, int64_t at_ms)
{
	const struct slice chain[] = { one, two };
	struct certificate *c = NULL;
	struct error e = x509_verify(chain, two.n ? 2 : 1, trusted, at_ms, &c);

	certificate_free(c);
	return e;
}

static struct slice good_middle(void)
{
	extend(middle.cert, "basicConstraints", "critical,CA:TRUE,pathlen:0");
	return signed_by(&middle, &root);
}

static const struct slice nothing = { NULL, 0 };

static void a_chain_leads_to_its_root(void **state)
{
	struct slice issuer = good_middle(), subject = signed_by(&leaf, &middle);

	(void)state;
	assert_ok(verify(subject, issuer, root_der, NOW_MS));
}

static void the_root_may_be_in_the_chain(void **state)
{
	const struct slice issuer = good_middle(), subject = signed_by(&leaf, &middle), chain[] = { subject, issuer, root_der };
	struct certificate *c;

	(void)state;
	assert_ok(x509_verify(chain, 3, root_der, NOW_MS, &c));
	certificate_free(c);
}

static void another_root_of_the_same_name_is_refused(void **state)
{
	const struct slice issuer = good_middle(), subject = signed_by(&leaf, &middle), chain[] = { subject, issuer, root_der };
	struct certificate *c;

	(void)state;
	assert_err(verify(subject, issuer, other_root_der, NOW_MS), SIGNATURE);
	assert_err(x509_verify(chain, 3, other_root_der, NOW_MS, &c), SIGNATURE);
}

static void a_missing_issuer_is_refused(void **state)
{
	(void)state;
	good_middle();
	assert_err(verify(signed_by(&leaf, &middle), nothing, root_der, NOW_MS), SIGNATURE);
}

static void the_given_time_counts(void **state)
{
	struct slice issuer = good_middle(), subject = signed_by(&leaf, &middle);

	(void)state;
	assert_ok(verify(subject, issuer, root_der, NOW_MS + (DAY_S - 1) * INT64_C(1000)));
	assert_err(verify(subject, issuer, root_der, NOW_MS + (DAY_S + 1) * INT64_C(1000)), SIGNATURE);
	assert_ok(verify(subject, issuer, root_der, NOW_MS - (DAY_S - 1) * INT64_C(1000)));
	assert_err(verify(subject, issuer, root_der, NOW_MS - (DAY_S + 1) * INT64_C(1000)), SIGNATURE);
}

/* The leaf is good for longer than its issuer. */
static void an_expired_issuer_is_refused(void **state)
{
	struct slice issuer = good_middle();

	(void)state;
	ASN1_TIME_set(X509_getm_notAfter(leaf.cert), now_s + 50 * DAY_S);
	assert_err(verify(signed_by(&leaf, &middle), issuer, root_der, NOW_MS + 20 * DAY_S * INT64_C(1000)), SIGNATURE);
}

static void an_altered_leaf_is_refused(void **state)
{
	struct slice issuer = good_middle(), subject = signed_by(&leaf, &middle);

	(void)state;
	((uint8_t *)(uintptr_t)subject.p)[subject.n - 1] ^= 1;
	assert_err(verify(subject, issuer, root_der, NOW_MS), SIGNATURE);
}

static void an_issuer_that_is_no_ca_is_refused(void **state)
{
	struct slice issuer;

	(void)state;
	extend(middle.cert, "basicConstraints", "critical,CA:FALSE");
	issuer = signed_by(&middle, &root);
	assert_err(verify(signed_by(&leaf, &middle), issuer, root_der, NOW_MS), SIGNATURE);
}

static void an_issuer_without_constraints_is_refused(void **state)
{
	struct slice issuer = signed_by(&middle, &root);

	(void)state;
	assert_err(verify(signed_by(&leaf, &middle), issuer, root_der, NOW_MS), SIGNATURE);
}

/* The middle may issue leaves only, and here it issued a CA that issued the leaf. */
static void a_path_that_is_too_long_is_refused(void **state)
{
	struct made second = certificate("Second", "Middle", now_s - DAY_S, now_s + DAY_S);
	struct made last = certificate("Last", "Second", now_s - DAY_S, now_s + DAY_S);
	struct slice chain[3] = { nothing, nothing, good_middle() };
	struct certificate *c;

	(void)state;
	extend(second.cert, "basicConstraints", "critical,CA:TRUE");
	chain[1] = signed_by(&second, &middle);
	chain[0] = signed_by(&last, &second);
	assert_err(x509_verify(chain, 3, root_der, NOW_MS, &c), SIGNATURE);
	made_free(&second);
	made_free(&last);
}

static void an_unknown_critical_extension_is_refused(void **state)
{
	struct slice issuer = good_middle();

	(void)state;
	extend(leaf.cert, "1.2.3.4.5", "critical,DER:0500");
	assert_err(verify(signed_by(&leaf, &middle), issuer, root_der, NOW_MS), SIGNATURE);
}

static void a_weak_digest_is_refused(void **state)
{
	struct slice issuer = good_middle();

	(void)state;
	assert_true(X509_sign(leaf.cert, middle.key, EVP_sha1()) > 0);
	assert_err(verify(der_of(leaf.cert), issuer, root_der, NOW_MS), SIGNATURE);
}

static void a_self_signed_leaf_is_refused(void **state)
{
	struct made alone = certificate("Leaf", "Leaf", now_s - DAY_S, now_s + DAY_S);

	(void)state;
	assert_err(verify(signed_by(&alone, &alone), nothing, root_der, NOW_MS), SIGNATURE);
	made_free(&alone);
}

static void what_is_no_certificate_is_refused(void **state)
{
	struct slice issuer = good_middle(), subject = signed_by(&leaf, &middle);

	(void)state;
	for (size_t n = 0; n < subject.n; n += 7)
		assert_err(verify(slice_of(subject.p, n), issuer, root_der, NOW_MS), PARSE);
	assert_err(verify(slice_of(subject.p, subject.n + 1), issuer, root_der, NOW_MS), PARSE); /* copies end with a zero byte */
	assert_err(verify(subject, slice_of(issuer.p, issuer.n - 1), root_der, NOW_MS), PARSE);
	assert_err(verify(subject, issuer, slice_of(root_der.p, root_der.n - 1), NOW_MS), PARSE);
}

static void sizes_have_bounds(void **state)
{
	struct slice large = slice_of(arena_alloc(&a, X509_CERTIFICATE_BYTES_MAX + 1), X509_CERTIFICATE_BYTES_MAX + 1);
	struct slice many[X509_CHAIN_MAX + 1];
	struct certificate *c;

	(void)state;
	for (size_t i = 0; i <= X509_CHAIN_MAX; i++)
		many[i] = root_der;
	assert_err(x509_verify(many, X509_CHAIN_MAX + 1, root_der, NOW_MS, &c), LIMIT);
	assert_err(x509_verify(many, 0, root_der, NOW_MS, &c), LIMIT);
	assert_err(verify(large, nothing, root_der, NOW_MS), LIMIT);
}

static void extensions_are_found_by_their_oid(void **state)
{
	const struct slice issuer = good_middle();
	struct slice chain[2] = { nothing, issuer }, value;
	struct certificate *c;

	(void)state;
	extend(leaf.cert, "1.2.3.4.5", "DER:0403616263");
	extend(leaf.cert, "1.2.3.4.6", "DER:0500");
	extend(leaf.cert, "1.2.3.4.6", "DER:0500");
	chain[0] = signed_by(&leaf, &middle);
	assert_ok(x509_verify(chain, 2, root_der, NOW_MS, &c));
	assert_ok(certificate_extension(c, "1.2.3.4.5", &value));
	assert_slice_equal(value, S("\x04\x03" "abc"));
	assert_err(certificate_extension(c, "1.2.3.4.6", &value), CRYPTO);
	assert_err(certificate_extension(c, "1.2.3.4.7", &value), CRYPTO);
	certificate_free(c);
}

/* The attestation's nonce stands in an extension, and the key's name is the SHA-256 of its point. */
static void check_attestation(struct slice trusted, json_t *v)
{
	json_t *x5c = vector_member(v, "x5c");
	const struct slice chain[] = { unb64(json_string_value(json_array_get(x5c, 0))), unb64(json_string_value(json_array_get(x5c, 1))) };
	struct slice value, spki;
	uint8_t digest[SHA256_BYTES];
	struct certificate *c;
	int64_t at_ms;

	assert_ok(time_parse(slice_text(vector_text(v, "time")), &at_ms));
	assert_ok(x509_verify(chain, 2, trusted, at_ms, &c));
	assert_ok(certificate_extension(c, NONCE_OID, &value));
	assert_slice_equal(slice_of(value.p + 6, value.n - 6), unb64(vector_text(v, "nonce")));
	spki = certificate_public(c, &a);
	sha256(slice_of(spki.p + spki.n - 65, 65), digest);
	assert_slice_equal(slice_of(digest, sizeof(digest)), unb64(vector_text(v, "keyId")));
	certificate_free(c);
	assert_err(x509_verify(chain, 2, trusted, at_ms + 10 * DAY_S * INT64_C(1000), &c), SIGNATURE);
	assert_err(x509_verify(chain, 2, root_der, at_ms, &c), SIGNATURE);
}

static void attestations_of_apple(void **state)
{
	json_t *file = vectors_load("app-attest-chains.json"), *v;
	struct slice trusted = unb64(vector_text(file, "root"));
	size_t i;

	(void)state;
	json_array_foreach(vector_member(file, "chains"), i, v)
		check_attestation(trusted, v);
	assert_int_equal(i, 3);
	json_decref(file);
}

static void the_public_key_verifies(void **state)
{
	const struct slice issuer = good_middle(), chain[] = { signed_by(&leaf, &middle), issuer };
	struct certificate *c;
	struct sign_key *key;

	(void)state;
	assert_ok(x509_verify(chain, 2, root_der, NOW_MS, &c));
	assert_ok(sign_key_from_public(certificate_public(c, &a), &key));
	assert_int_equal(sign_key_alg(key), SIGN_ES256);
	sign_key_free(key);
	certificate_free(c);
}

#define with_chain(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_chain(a_chain_leads_to_its_root),
		with_chain(the_root_may_be_in_the_chain),
		with_chain(another_root_of_the_same_name_is_refused),
		with_chain(a_missing_issuer_is_refused),
		with_chain(the_given_time_counts),
		with_chain(an_expired_issuer_is_refused),
		with_chain(an_altered_leaf_is_refused),
		with_chain(an_issuer_that_is_no_ca_is_refused),
		with_chain(an_issuer_without_constraints_is_refused),
		with_chain(a_path_that_is_too_long_is_refused),
		with_chain(an_unknown_critical_extension_is_refused),
		with_chain(a_weak_digest_is_refused),
		with_chain(a_self_signed_leaf_is_refused),
		with_chain(what_is_no_certificate_is_refused),
		with_chain(sizes_have_bounds),
		with_chain(extensions_are_found_by_their_oid),
		with_chain(attestations_of_apple),
		with_chain(the_public_key_verifies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

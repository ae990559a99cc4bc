/* What a certificate says of itself, of certificates that say it twice, wrongly or not at all. */
#include "tests/unit/common/test.h"

#include <openssl/x509v3.h>

#include "crypto/x509.h"

static struct arena a;
static EVP_PKEY *key;

static int setup(void **state)
{
	(void)state;
	key = EVP_EC_gen("P-256");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	EVP_PKEY_free(key);
	arena_free(&a);
	return 0;
}

static X509 *plain(void)
{
	X509 *cert = X509_new();

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	ASN1_TIME_set(X509_getm_notBefore(cert), 1700000000);
	ASN1_TIME_set(X509_getm_notAfter(cert), 1800000000);
	X509_set_pubkey(cert, key);
	return cert;
}

static void say(X509 *cert, const char *field, const char *text)
{
	X509_NAME *subject = X509_get_subject_name(cert);

	assert_int_equal(X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8, (const unsigned char *)text, -1, -1, 0), 1);
}

static void extend(X509 *cert, const char *name, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf(NULL, NULL, name, value);

	assert_non_null(e);
	X509_add_ext(cert, e, -1);
	X509_EXTENSION_free(e);
}

/* Signed, written and read; the X509 is gone. */
static struct certificate *read_back(X509 *cert)
{
	unsigned char *der = NULL;
	struct certificate *c;
	int n;

	assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
	n = i2d_X509(cert, &der);
	assert_ok(certificate_read(slice_of(der, (size_t)n), &c));
	OPENSSL_free(der);
	X509_free(cert);
	return c;
}

static struct certificate_facts facts_of(X509 *cert)
{
	struct certificate *c = read_back(cert);
	struct certificate_facts facts = certificate_facts(c, &a);

	certificate_free(c);
	return facts;
}

static void all_that_is_asked(void **state)
{
	X509 *cert = plain();
	struct certificate_facts facts;

	(void)state;
	say(cert, "C", "NO");
	say(cert, "O", "Nøkler og låser");
	say(cert, "OU", "Unit");
	say(cert, "CN", "Name");
	extend(cert, "basicConstraints", "critical,CA:FALSE");
	facts = facts_of(cert);
	assert_int_equal(facts.version, 3);
	assert_false(facts.is_ca);
	assert_false(facts.subject_empty);
	assert_slice_equal(facts.country, S("NO"));
	assert_slice_equal(facts.organisation, S("Nøkler og låser"));
	assert_slice_equal(facts.unit, S("Unit"));
	assert_slice_equal(facts.name, S("Name"));
	assert_int_equal(facts.from_ms, INT64_C(1700000000000));
	assert_int_equal(facts.until_ms, INT64_C(1800000000000));
}

static void nothing_said(void **state)
{
	struct certificate *c = read_back(plain());
	struct certificate_facts facts = certificate_facts(c, &a);

	(void)state;
	assert_true(facts.subject_empty);
	assert_int_equal(facts.country.n + facts.organisation.n + facts.unit.n + facts.name.n, 0);
	assert_false(facts.is_ca);
	assert_false(certificate_for_use(c, "2.23.133.8.3"));
	assert_int_equal(certificate_alternative(c, "2.23.133.2.1", &a).n, 0);
	certificate_free(c);
}

/* Two answers are none: nobody is to choose the one that he likes. */
static void said_twice(void **state)
{
	static const char *const said[][2] = { { "C", "NO" }, { "C", "SE" }, { "CN", "Name" }, { "CN", "Name" }, { "OU", "Unit" } };
	X509 *cert = plain();
	struct certificate_facts facts;

	(void)state;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		say(cert, said[i][0], said[i][1]);
	facts = facts_of(cert);
	assert_int_equal(facts.country.n, 0);
	assert_int_equal(facts.name.n, 0);
	assert_slice_equal(facts.unit, S("Unit"));
}

static void authorities_and_versions(void **state)
{
	X509 *authority = plain(), *old = plain(), *signer = plain();

	(void)state;
	extend(authority, "basicConstraints", "critical,CA:TRUE");
	assert_true(facts_of(authority).is_ca);
	/* Without basic constraints, but allowed to sign certificates: taken for one. */
	extend(signer, "keyUsage", "keyCertSign");
	assert_true(facts_of(signer).is_ca);
	X509_set_version(old, X509_VERSION_1);
	assert_int_equal(facts_of(old).version, 1);
}

static void uses(void **state)
{
	X509 *cert = plain();
	struct certificate *c;

	(void)state;
	extend(cert, "extendedKeyUsage", "clientAuth,2.23.133.8.3");
	c = read_back(cert);
	assert_true(certificate_for_use(c, "2.23.133.8.3"));
	assert_true(certificate_for_use(c, "1.3.6.1.5.5.7.3.2"));
	assert_false(certificate_for_use(c, "1.3.6.1.5.5.7.3.1"));
	assert_false(certificate_for_use(c, "2.23.133.8"));
	certificate_free(c);
}

static void add_directory(GENERAL_NAMES *names, const char *const *texts, size_t n)
{
	GENERAL_NAME *one = GENERAL_NAME_new();
	X509_NAME *name = X509_NAME_new();
	ASN1_OBJECT *object = OBJ_txt2obj("2.23.133.2.1", 1);

	for (size_t i = 0; i < n; i++)
		X509_NAME_add_entry_by_OBJ(name, object, V_ASN1_UTF8STRING, (const unsigned char *)texts[i], -1, -1, 0);
	GENERAL_NAME_set0_value(one, GEN_DIRNAME, name);
	sk_GENERAL_NAME_push(names, one);
	ASN1_OBJECT_free(object);
}

static struct slice alternative(const char *const *texts, size_t n)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	X509 *cert = plain();
	struct certificate *c;
	struct slice found;

	add_directory(names, texts, n);
	X509_add1_ext_i2d(cert, NID_subject_alt_name, names, 1, 0);
	GENERAL_NAMES_free(names);
	c = read_back(cert);
	found = certificate_alternative(c, "2.23.133.2.1", &a);
	assert_int_equal(certificate_alternative(c, "2.23.133.2.2", &a).n, 0);
	certificate_free(c);
	return found;
}

static void alternative_names(void **state)
{
	static const char *const texts[] = { "id:494E5443", "id:46414B45" };
	X509 *cert = plain();
	struct certificate *c;

	(void)state;
	assert_slice_equal(alternative(texts, 1), S("id:494E5443"));
	assert_int_equal(alternative(texts, 2).n, 0);
	extend(cert, "subjectAltName", "DNS:example.org");
	c = read_back(cert);
	assert_int_equal(certificate_alternative(c, "2.23.133.2.1", &a).n, 0);
	certificate_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_is_asked),
		cmocka_unit_test(nothing_said),
		cmocka_unit_test(said_twice),
		cmocka_unit_test(authorities_and_versions),
		cmocka_unit_test(uses),
		cmocka_unit_test(alternative_names),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

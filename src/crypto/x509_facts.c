/* What a certificate says of itself. */
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "crypto/library.h"
#include "crypto/x509.h"

static X509 *inner(const struct certificate *c)
{
	return (X509 *)(uintptr_t)c;
}

/* Of an attribute that is there just once. */
static struct slice entry(const X509_NAME *name, const ASN1_OBJECT *object, struct arena *a)
{
	int at = X509_NAME_get_index_by_OBJ(name, object, -1);
	unsigned char *utf8 = NULL;
	struct slice text = S("");
	int n;

	if (at < 0 || X509_NAME_get_index_by_OBJ(name, object, at) >= 0)
		return text;
	n = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	if (n > 0)
		text = arena_copy(a, slice_of(utf8, (size_t)n));
	OPENSSL_free(utf8);
	return text;
}

static struct slice subject(const struct certificate *c, int nid, struct arena *a)
{
	return entry(X509_get_subject_name(inner(c)), OBJ_nid2obj(nid), a);
}

static int64_t ms_of(const ASN1_TIME *time)
{
	struct tm tm;

	return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) * 1000 : 0;
}

struct certificate_facts certificate_facts(const struct certificate *c, struct arena *a)
{
	struct certificate_facts facts = {
		.version = (int)X509_get_version(inner(c)) + 1,
		.is_ca = X509_check_ca(inner(c)) != 0,
		.subject_empty = X509_NAME_entry_count(X509_get_subject_name(inner(c))) == 0,
		.country = subject(c, NID_countryName, a),
		.organisation = subject(c, NID_organizationName, a),
		.unit = subject(c, NID_organizationalUnitName, a),
		.name = subject(c, NID_commonName, a),
		.from_ms = ms_of(X509_get0_notBefore(inner(c))),
		.until_ms = ms_of(X509_get0_notAfter(inner(c))),
	};

	ERR_clear_error();
	return facts;
}

bool certificate_for_use(const struct certificate *c, const char *oid)
{
	ASN1_OBJECT *object = library_have(OBJ_txt2obj(oid, 1), "object identifier");
	EXTENDED_KEY_USAGE *uses = X509_get_ext_d2i(inner(c), NID_ext_key_usage, NULL, NULL);
	bool found = false;

	for (int i = 0; i < sk_ASN1_OBJECT_num(uses); i++)
		found |= OBJ_cmp(sk_ASN1_OBJECT_value(uses, i), object) == 0;
	sk_ASN1_OBJECT_pop_free(uses, ASN1_OBJECT_free);
	ASN1_OBJECT_free(object);
	ERR_clear_error();
	return found;
}

struct slice certificate_alternative(const struct certificate *c, const char *oid, struct arena *a)
{
	ASN1_OBJECT *object = library_have(OBJ_txt2obj(oid, 1), "object identifier");
	GENERAL_NAMES *names = X509_get_ext_d2i(inner(c), NID_subject_alt_name, NULL, NULL);
	struct slice text = S("");

	for (int i = 0; i < sk_GENERAL_NAME_num(names) && text.n == 0; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type == GEN_DIRNAME)
			text = entry(name->d.directoryName, object, a);
	}
	GENERAL_NAMES_free(names);
	ASN1_OBJECT_free(object);
	ERR_clear_error();
	return text;
}

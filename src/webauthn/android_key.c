/*
 * 8.4: a key of Android's Keystore. Its certificate holds a KeyDescription:
 *   SEQUENCE { version, security level, version, security level, OCTET STRING challenge, OCTET STRING id,
 *              software enforced, hardware enforced }
 * The last two are lists of tagged values.
 */
#include "webauthn/internal.h"

#define OID_KEY_DESCRIPTION "1.3.6.1.4.1.11129.2.1.17"

enum { TAG_PURPOSE = 1, TAG_ALL_APPLICATIONS = 600, TAG_ORIGIN = 702, PURPOSE_SIGN = 2, ORIGIN_GENERATED = 0 };

struct authorizations {
	bool all_applications, has_purpose, has_origin;
	bool only_sign, generated;
};

struct key_description {
	struct slice challenge;
	struct authorizations software, hardware;
};

static bool is_number(struct slice content, uint8_t wanted)
{
	return content.n == 1 && content.p[0] == wanted;
}

/* A set of integers that is nothing but the purpose to sign. */
static err read_purpose(struct slice content, struct authorizations *ret)
{
	struct reader r = { content };
	struct slice set, number;

	TRY(der_expect(&r, DER_SET, &set));
	TRY(read_end(&r));
	ret->has_purpose = true;
	r.rest = set;
	TRY(der_expect(&r, DER_INTEGER, &number));
	ret->only_sign = is_number(number, PURPOSE_SIGN) && r.rest.n == 0;
	return OK;
}

static err read_origin(struct slice content, struct authorizations *ret)
{
	struct reader r = { content };
	struct slice number;

	ret->has_origin = true;
	TRY(der_expect(&r, DER_INTEGER, &number));
	ret->generated = is_number(number, ORIGIN_GENERATED);
	return read_end(&r);
}

static err read_list(struct slice content, struct authorizations *ret)
{
	struct reader r = { content };

	while (r.rest.n) {
		struct der d;

		TRY(der_next(&r, &d));
		ENSURE(d.class == DER_CONTEXT, PARSE);
		ret->all_applications |= d.tag == TAG_ALL_APPLICATIONS;
		if (d.tag == TAG_PURPOSE)
			TRY(read_purpose(d.content, ret));
		if (d.tag == TAG_ORIGIN)
			TRY(read_origin(d.content, ret));
	}
	return OK;
}

static err read_description(struct slice value, struct key_description *ret)
{
	struct reader r = { value };
	struct slice all, skipped, software, hardware;

	TRY(der_expect(&r, DER_SEQUENCE, &all));
	TRY(read_end(&r));
	r.rest = all;
	TRY(der_expect(&r, DER_INTEGER, &skipped));
	TRY(der_expect(&r, DER_ENUMERATED, &skipped));
	TRY(der_expect(&r, DER_INTEGER, &skipped));
	TRY(der_expect(&r, DER_ENUMERATED, &skipped));
	TRY(der_expect(&r, DER_OCTETS, &ret->challenge));
	TRY(der_expect(&r, DER_OCTETS, &skipped));
	TRY(der_expect(&r, DER_SEQUENCE, &software));
	TRY(der_expect(&r, DER_SEQUENCE, &hardware));
	TRY(read_list(software, &ret->software));
	return read_list(hardware, &ret->hardware);
}

/* 8.4: bound to one app (the browser), made in the Keystore, for signing. What either list says counts. */
static err check_authorizations(struct attestation *at, const struct key_description *d)
{
	const struct authorizations *s = &d->software, *h = &d->hardware;

	DEMAND(at->c, !s->all_applications && !h->all_applications, ATTESTATION_ANDROID);
	if (at->policy->lenient.android_lists)
		return OK;
	DEMAND(at->c, s->has_purpose || h->has_purpose, ATTESTATION_ANDROID);
	DEMAND(at->c, (!s->has_purpose || s->only_sign) && (!h->has_purpose || h->only_sign), ATTESTATION_ANDROID);
	DEMAND(at->c, s->has_origin || h->has_origin, ATTESTATION_ANDROID);
	DEMAND(at->c, (!s->has_origin || s->generated) && (!h->has_origin || h->generated), ATTESTATION_ANDROID);
	return OK;
}

err android_key_check(struct attestation *at)
{
	struct slice hash = slice_of(at->client_data_hash, SHA256_BYTES), signature, value;
	struct key_description description = { 0 };
	struct public_key leaf;
	int64_t alg;

	TRY(statement_signature(at, &alg, &signature));
	TRY(statement_chain(at));
	TRY(leaf_signed(at, alg, PARTS(at->data.all, hash), signature));
	TRY(leaf_key(at, &leaf));
	DEMAND(at->c, public_key_equal(&leaf, &at->key), ATTESTATION_KEY);
	DEMAND_OK(at->c, certificate_extension(at->leaf, OID_KEY_DESCRIPTION, &value), ATTESTATION_CERTIFICATE);
	DEMAND_OK(at->c, read_description(value, &description), ATTESTATION_CERTIFICATE);
	DEMAND(at->c, slice_eq(description.challenge, hash), ATTESTATION_CHALLENGE);
	return check_authorizations(at, &description);
}

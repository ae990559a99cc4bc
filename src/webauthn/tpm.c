/*
 * 8.3: keys made in a TPM 2.0. It signs a statement (certInfo, TPMS_ATTEST) that it holds a key with this public part (pubArea,
 * TPMT_PUBLIC). Structures: TPM 2.0 Library, part 2, sections 10.12.8 and 12.2.4.
 */
#include "webauthn/internal.h"

enum {
	TPM_GENERATED_VALUE = 0xff544347, TPM_ST_ATTEST_CERTIFY = 0x8017, TPM_CLOCK_BYTES = 17, TPM_FIRMWARE_BYTES = 8,
	TPM_ALG_RSA = 0x0001, TPM_ALG_SHA256 = 0x000b, TPM_ALG_NULL = 0x0010, TPM_ALG_ECC = 0x0023,
	TPM_ECC_NIST_P256 = 0x0003, TPM_ECC_NIST_P384 = 0x0004,
};

#define OID_AIK_CERTIFICATE "2.23.133.8.3"
#define OID_MANUFACTURER "2.23.133.2.1"
#define OID_MODEL "2.23.133.2.2"
#define OID_VERSION "2.23.133.2.3"

/* TCG TPM Vendor ID Registry, version 1.07. */
static const char *const vendors[] = {
	"id:414D4400", "id:414E5400", "id:41544D4C", "id:4252434D", "id:4353434F", "id:464C5953", "id:474F4F47", "id:48495349", "id:48504500",
	"id:48504900", "id:49424D00", "id:49465800", "id:494E5443", "id:4C454E00", "id:4D534654", "id:4E534720", "id:4E534D20", "id:4E544300",
	"id:4E545A00", "id:51434F4D", "id:524F4343", "id:53454345", "id:5345414C", "id:534D534E", "id:534D5343", "id:534E5300", "id:53544D20",
	"id:54584E00", "id:57454300",
};

static err read_2b(struct reader *r, struct slice *ret)
{
	uint16_t n;

	TRY(read_u16(r, &n));
	return read_bytes(r, n, ret);
}

/* ---- pubArea ---- */

struct public_area {
	uint16_t type, name_alg, curve;
	uint32_t exponent;
	struct slice first, second;
};

/* No symmetric cipher (it signs), and a scheme that may bring its hash along. */
static err read_schemes(struct reader *r)
{
	uint16_t symmetric, scheme, hash;

	TRY(read_u16(r, &symmetric));
	ENSURE(symmetric == TPM_ALG_NULL, PARSE);
	TRY(read_u16(r, &scheme));
	return scheme == TPM_ALG_NULL ? OK : read_u16(r, &hash);
}

static err read_rsa(struct reader *r, struct public_area *p)
{
	uint16_t bits;

	TRY(read_u16(r, &bits));
	TRY(read_u32(r, &p->exponent));
	return read_2b(r, &p->first);
}

static err read_ecc(struct reader *r, struct public_area *p)
{
	uint16_t kdf;

	TRY(read_u16(r, &p->curve));
	TRY(read_u16(r, &kdf));
	ENSURE(kdf == TPM_ALG_NULL, PARSE);
	TRY(read_2b(r, &p->first));
	return read_2b(r, &p->second);
}

static err read_public_area(struct slice bytes, struct public_area *p)
{
	struct reader r = { bytes };
	struct slice policy;
	uint32_t attributes;

	*p = (struct public_area){ 0 };
	TRY(read_u16(&r, &p->type));
	TRY(read_u16(&r, &p->name_alg));
	TRY(read_u32(&r, &attributes));
	TRY(read_2b(&r, &policy));
	TRY(read_schemes(&r));
	ENSURE(p->type == TPM_ALG_RSA || p->type == TPM_ALG_ECC, PARSE);
	TRY(p->type == TPM_ALG_RSA ? read_rsa(&r, p) : read_ecc(&r, p));
	return read_end(&r);
}

static bool number_is(struct slice big_endian, uint32_t wanted)
{
	uint64_t number = 0;

	for (size_t i = 0; i < big_endian.n && i < 5; i++)
		number = number << 8 | big_endian.p[i];
	return big_endian.n <= 5 && number == wanted;
}

/* TPMs leave the zeros out that stand in front. */
static bool same_number(struct slice fixed, struct slice number)
{
	while (fixed.n > number.n && fixed.p[0] == 0)
		fixed = slice_of(fixed.p + 1, fixed.n - 1);
	return slice_eq(fixed, number);
}

/* An exponent of 0 stands for 65537 (part 2, 12.2.3.5). */
static bool same_key(const struct public_area *p, const struct public_key *key)
{
	uint32_t exponent = p->exponent ? p->exponent : 65537;

	if (p->type == TPM_ALG_RSA)
		return key->alg == PUBLIC_RS256 && slice_eq(p->first, key->first) && number_is(key->second, exponent);
	return key->alg == (p->curve == TPM_ECC_NIST_P256 ? PUBLIC_ES256 : PUBLIC_ES384) &&
		(p->curve == TPM_ECC_NIST_P256 || p->curve == TPM_ECC_NIST_P384) && same_number(key->first, p->first) &&
		same_number(key->second, p->second);
}

/* ---- certInfo ---- */

struct attest {
	uint32_t magic;
	uint16_t type;
	struct slice extra, name;
};

static err read_attest(struct slice bytes, struct attest *ret)
{
	struct reader r = { bytes };
	struct slice skipped;

	TRY(read_u32(&r, &ret->magic));
	TRY(read_u16(&r, &ret->type));
	TRY(read_2b(&r, &skipped)); /* qualifiedSigner */
	TRY(read_2b(&r, &ret->extra));
	TRY(read_bytes(&r, TPM_CLOCK_BYTES + TPM_FIRMWARE_BYTES, &skipped));
	TRY(read_2b(&r, &ret->name));
	TRY(read_2b(&r, &skipped)); /* qualifiedName */
	return read_end(&r);
}

/* The name of a key: the algorithm of a digest, and the digest of its public area (part 1, section 16). */
static bool name_is(struct slice name, struct slice public_area)
{
	uint8_t digest[SHA256_BYTES];
	struct reader r = { name };
	uint16_t alg;

	sha256(public_area, digest);
	return !failed(read_u16(&r, &alg)) && alg == TPM_ALG_SHA256 && slice_eq(r.rest, slice_of(digest, sizeof(digest)));
}

static err check_statement(struct attestation *at, struct slice cert_info, struct slice public_area)
{
	uint8_t signed_hash[SHA256_BYTES];
	struct public_area area;
	struct attest attest;

	DEMAND_OK(at->c, read_public_area(public_area, &area), STATEMENT);
	DEMAND(at->c, same_key(&area, &at->key), ATTESTATION_KEY);
	DEMAND_OK(at->c, read_attest(cert_info, &attest), STATEMENT);
	DEMAND(at->c, attest.magic == TPM_GENERATED_VALUE && attest.type == TPM_ST_ATTEST_CERTIFY, ATTESTATION_TPM);
	sha256_parts(PARTS(at->data.all, slice_of(at->client_data_hash, SHA256_BYTES)), signed_hash);
	DEMAND(at->c, slice_eq(attest.extra, slice_of(signed_hash, sizeof(signed_hash))), ATTESTATION_CHALLENGE);
	DEMAND(at->c, area.name_alg == TPM_ALG_SHA256 && name_is(attest.name, public_area), ATTESTATION_TPM);
	return OK;
}

/* ---- certificate ---- */

static bool vendor_known(const struct attestation *at)
{
	struct slice vendor = certificate_alternative(at->leaf, OID_MANUFACTURER, at->c->a);

	if (at->policy->lenient.tpm_vendor)
		return vendor.n > 0;
	for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++)
		if (slice_ieq(vendor, slice_text(vendors[i])))
			return true;
	return false;
}

/* 8.3.1 */
static err check_certificate(struct attestation *at)
{
	struct certificate_facts facts = certificate_facts(at->leaf, at->c->a);

	DEMAND(at->c, facts.version == 3 && !facts.is_ca && facts.subject_empty, ATTESTATION_CERTIFICATE);
	DEMAND(at->c, vendor_known(at), ATTESTATION_CERTIFICATE);
	DEMAND(at->c, certificate_alternative(at->leaf, OID_MODEL, at->c->a).n, ATTESTATION_CERTIFICATE);
	DEMAND(at->c, certificate_alternative(at->leaf, OID_VERSION, at->c->a).n, ATTESTATION_CERTIFICATE);
	DEMAND(at->c, certificate_for_use(at->leaf, OID_AIK_CERTIFICATE), ATTESTATION_CERTIFICATE);
	return leaf_aaguid(at);
}

/* The algorithm's digest is that of extraData too: SHA-256, for both that a TPM signs with here. */
err tpm_check(struct attestation *at)
{
	struct slice version, signature, cert_info, public_area;
	int64_t alg;

	DEMAND_OK(at->c, cbor_text(cbor_find_text(at->statement, "ver"), &version), STATEMENT);
	DEMAND(at->c, slice_is(version, "2.0"), STATEMENT);
	TRY(statement_signature(at, &alg, &signature));
	DEMAND_OK(at->c, cbor_bytes(cbor_find_text(at->statement, "certInfo"), &cert_info), STATEMENT);
	DEMAND_OK(at->c, cbor_bytes(cbor_find_text(at->statement, "pubArea"), &public_area), STATEMENT);
	DEMAND(at->c, alg == PUBLIC_RS256 || alg == PUBLIC_ES256, STATEMENT);
	TRY(statement_chain(at));
	TRY(check_statement(at, cert_info, public_area));
	TRY(leaf_signed(at, alg, PARTS(cert_info), signature));
	return check_certificate(at);
}

/* 8.8: Apple's anonymous attestation. */
#include "webauthn/internal.h"

#define OID_NONCE "1.2.840.113635.100.8.2"

/* SEQUENCE { [1] { OCTET STRING nonce } } */
static err read_nonce(struct slice value, struct slice *ret_nonce)
{
	struct reader r = { value };
	struct der tagged;

	TRY(der_expect(&r, DER_SEQUENCE, &value));
	TRY(read_end(&r));
	r.rest = value;
	TRY(der_next(&r, &tagged));
	ENSURE(tagged.class == DER_CONTEXT && tagged.constructed && tagged.tag == 1, PARSE);
	TRY(read_end(&r));
	r.rest = tagged.content;
	TRY(der_expect(&r, DER_OCTETS, ret_nonce));
	return read_end(&r);
}

err apple_check(struct attestation *at)
{
	struct public_key leaf;
	uint8_t nonce[SHA256_BYTES];
	struct slice value, found;

	TRY(statement_chain(at));
	sha256_parts(PARTS(at->data.all, slice_of(at->client_data_hash, SHA256_BYTES)), nonce);
	DEMAND_OK(at->c, certificate_extension(at->leaf, OID_NONCE, &value), ATTESTATION_CERTIFICATE);
	DEMAND_OK(at->c, read_nonce(value, &found), ATTESTATION_CERTIFICATE);
	DEMAND(at->c, slice_eq(found, slice_of(nonce, sizeof(nonce))), ATTESTATION_CHALLENGE);
	TRY(leaf_key(at, &leaf));
	DEMAND(at->c, public_key_equal(&leaf, &at->key), ATTESTATION_KEY);
	return OK;
}

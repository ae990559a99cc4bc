/* 8.2: the format that most security keys have. */
#include "webauthn/internal.h"

/* 8.2.1: what its certificate has to be like. */
static err check_certificate(struct attestation *at)
{
	struct certificate_facts facts = certificate_facts(at->leaf, at->c->a);

	DEMAND(at->c, facts.version == 3 && !facts.is_ca, ATTESTATION_CERTIFICATE);
	DEMAND(at->c, facts.country.n == 2 && facts.organisation.n && facts.name.n, ATTESTATION_CERTIFICATE);
	DEMAND(at->c, slice_is(facts.unit, "Authenticator Attestation"), ATTESTATION_CERTIFICATE);
	return leaf_aaguid(at);
}

err packed_check(struct attestation *at)
{
	struct slice hash = slice_of(at->client_data_hash, SHA256_BYTES), signature;
	int64_t alg;

	TRY(statement_signature(at, &alg, &signature));
	if (cbor_find_text(at->statement, "x5c")) {
		TRY(statement_chain(at));
		TRY(leaf_signed(at, alg, PARTS(at->data.all, hash), signature));
		return check_certificate(at);
	}
	/* Self attestation: the credential's own signature. */
	at->self = true;
	DEMAND(at->c, !cbor_find_text(at->statement, "ecdaaKeyId"), STATEMENT);
	DEMAND(at->c, alg == (int64_t)at->key.alg, ATTESTATION_KEY);
	DEMAND_OK(at->c, public_key_verify(&at->key, PARTS(at->data.all, hash), signature), ATTESTATION_SIGNATURE);
	return OK;
}

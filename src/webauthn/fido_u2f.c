/* 8.6: security keys that know nothing newer than U2F. */
#include "webauthn/internal.h"

err fido_u2f_check(struct attestation *at)
{
	struct public_key leaf;
	struct slice signature;

	/* U2F knows no AAGUID; the conformance tool wants zeros. */
	DEMAND(at->c, uuid_is_nil(&at->data.aaguid) || at->policy->lenient.u2f_aaguid, ATTESTATION_AAGUID);
	DEMAND_OK(at->c, cbor_bytes(cbor_find_text(at->statement, "sig"), &signature), STATEMENT);
	TRY(statement_chain(at));
	DEMAND(at->c, at->chain_n == 1, STATEMENT);
	TRY(leaf_key(at, &leaf));
	DEMAND(at->c, leaf.alg == PUBLIC_ES256, ATTESTATION_CERTIFICATE);
	DEMAND(at->c, at->key.alg == PUBLIC_ES256, ATTESTATION_KEY);
	DEMAND_OK(at->c,
		public_key_verify(&leaf,
			PARTS(S("\0"), at->data.rp_id_hash, slice_of(at->client_data_hash, SHA256_BYTES), at->data.id, S("\x04"), at->key.first,
				at->key.second),
			signature),
		ATTESTATION_SIGNATURE);
	return OK;
}

/* Which format, is it right in itself, and does it lead to a root that is trusted (7.1 steps 21 to 24). */
#include "webauthn/internal.h"

#define OID_AAGUID "1.3.6.1.4.1.45724.1.1.4" /* id-fido-gen-ce-aaguid */

/* 8.7: an empty statement. */
static err none_check(struct attestation *at)
{
	DEMAND(at->c, at->statement->n == 0, STATEMENT);
	return OK;
}

struct format_row {
	const char *name;
	struct error (*check)(struct attestation *at);
};

static const struct format_row formats[WEBAUTHN_FORMATS] = {
	[FORMAT_NONE] = { "none", none_check },
	[FORMAT_PACKED] = { "packed", packed_check },
	[FORMAT_FIDO_U2F] = { "fido-u2f", fido_u2f_check },
	[FORMAT_TPM] = { "tpm", tpm_check },
	[FORMAT_ANDROID_KEY] = { "android-key", android_key_check },
	[FORMAT_APPLE] = { "apple", apple_check },
};

/* ---- what the statements share ---- */

err statement_signature(struct attestation *at, int64_t *ret_alg, struct slice *ret_signature)
{
	DEMAND_OK(at->c, cbor_int(cbor_find_text(at->statement, "alg"), ret_alg), STATEMENT);
	DEMAND_OK(at->c, cbor_bytes(cbor_find_text(at->statement, "sig"), ret_signature), STATEMENT);
	DEMAND(at->c, ret_signature->n > 0, STATEMENT);
	return OK;
}

err statement_chain(struct attestation *at)
{
	const struct cbor *x5c = cbor_find_text(at->statement, "x5c");

	DEMAND(at->c, x5c && x5c->kind == CBOR_ARRAY && x5c->n > 0 && x5c->n <= WEBAUTHN_CHAIN_MAX, STATEMENT);
	for (size_t i = 0; i < x5c->n; i++) {
		DEMAND_OK(at->c, cbor_bytes(&x5c->items[i], &at->chain[i]), STATEMENT);
		DEMAND(at->c, at->chain[i].n > 0, STATEMENT);
	}
	at->chain_n = x5c->n;
	DEMAND_OK(at->c, certificate_read(at->chain[0], &at->leaf), ATTESTATION_CERTIFICATE);
	return OK;
}

err leaf_key(struct attestation *at, struct public_key *ret_key)
{
	DEMAND_OK(at->c, public_key_read(certificate_public(at->leaf, at->c->a), at->c->a, ret_key), ATTESTATION_CERTIFICATE);
	return OK;
}

err leaf_signed(struct attestation *at, int64_t alg, const struct slice *parts, size_t n, struct slice signature)
{
	struct public_key key;

	TRY(leaf_key(at, &key));
	DEMAND(at->c, (int64_t)key.alg == alg, ATTESTATION_SIGNATURE);
	DEMAND_OK(at->c, public_key_verify(&key, parts, n, signature), ATTESTATION_SIGNATURE);
	return OK;
}

err leaf_aaguid(struct attestation *at)
{
	struct slice value;
	struct reader r;
	bool there;

	DEMAND_OK(at->c, certificate_extension_opt(at->leaf, OID_AAGUID, &value, &there), ATTESTATION_CERTIFICATE);
	if (!there)
		return OK;
	r.rest = value;
	DEMAND_OK(at->c, der_expect(&r, DER_OCTETS, &value), ATTESTATION_CERTIFICATE);
	DEMAND(at->c, slice_eq(value, uuid_bytes(&at->data.aaguid)), ATTESTATION_AAGUID);
	return OK;
}

/* ---- trust ---- */

static bool leads_to(const struct attestation *at, struct slice root)
{
	struct certificate *leaf;

	/* A leaf that is itself on the list. */
	if (at->chain_n == 1 && slice_eq(at->chain[0], root))
		return true;
	if (failed(x509_verify(at->chain, at->chain_n, root, at->policy->now, &leaf)))
		return false;
	certificate_free(leaf);
	return true;
}

static bool leads_to_any(const struct attestation *at, const struct slice *roots, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (leads_to(at, roots[i]))
			return true;
	return false;
}

static bool is_trusted(const struct attestation *at, const struct metadata_entry *entry)
{
	if (at->chain_n == 0)
		return false; /* none and self attestation prove nothing of the kind */
	return leads_to_any(at, at->policy->roots, at->policy->root_count) || (entry && leads_to_any(at, entry->roots, entry->root_count));
}

static bool is_allowed(const struct attestation *at)
{
	const struct webauthn_policy *policy = at->policy;

	for (size_t i = 0; i < policy->aaguid_count; i++)
		if (uuid_eq(&policy->aaguids[i], &at->data.aaguid))
			return true;
	return policy->aaguid_count == 0;
}

static err check_trust(struct attestation *at, bool *ret_trusted)
{
	const struct webauthn_policy *policy = at->policy;
	const struct metadata_entry *entry = policy->metadata ? metadata_find(policy->metadata, &at->data.aaguid) : NULL;

	DEMAND(at->c, is_allowed(at), AUTHENTICATOR);
	DEMAND(at->c, !entry || !entry->revoked, AUTHENTICATOR);
	*ret_trusted = is_trusted(at, entry);
	DEMAND(at->c, *ret_trusted || (policy->root_count == 0 && !policy->trusted_only), TRUST);
	return OK;
}

err attestation_check(struct attestation *at, struct slice format, bool *ret_trusted)
{
	for (int i = 0; i < WEBAUTHN_FORMATS; i++) {
		if (!slice_is(format, formats[i].name))
			continue;
		at->format = (enum webauthn_format)i;
		TRY(formats[i].check(at));
		return check_trust(at, ret_trusted);
	}
	DEMAND(at->c, false, FORMAT);
	return OK;
}

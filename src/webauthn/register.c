/* 7.1: verifying a registration. Step 26, that the credential is nobody's yet, is whoever's who keeps them. */
#include "webauthn/internal.h"

struct object {
	struct cbor root;
	const struct cbor *statement;
	struct slice format, data;
};

/* 6.5.4, 7.1 step 13: exactly three members. */
static err read_object(struct checking *c, struct slice bytes, struct object *ret)
{
	DEMAND(c, bytes.n <= WEBAUTHN_ATTESTATION_BYTES_MAX, ATTESTATION_OBJECT);
	DEMAND_OK(c, cbor_read(bytes, c->a, &ret->root), ATTESTATION_OBJECT);
	DEMAND(c, ret->root.kind == CBOR_MAP && ret->root.n == 3, ATTESTATION_OBJECT);
	ret->statement = cbor_find_text(&ret->root, "attStmt");
	DEMAND(c, ret->statement && ret->statement->kind == CBOR_MAP, ATTESTATION_OBJECT);
	DEMAND_OK(c, cbor_text(cbor_find_text(&ret->root, "fmt"), &ret->format), ATTESTATION_OBJECT);
	DEMAND_OK(c, cbor_bytes(cbor_find_text(&ret->root, "authData"), &ret->data), ATTESTATION_OBJECT);
	return OK;
}

static err read_credential(struct checking *c, struct attestation *at, struct slice named)
{
	DEMAND(c, at->data.has_credential, AUTHENTICATOR_DATA);
	DEMAND(c, named.n == 0 || slice_eq(named, at->data.id), CREDENTIAL_ID);
	TRY(key_read(c, at->data.cose_key, &at->key)); /* step 20 */
	DEMAND_OK(c, public_key_check(&at->key), KEY);
	return OK;
}

static err check(struct checking *c, struct attestation *at, const struct webauthn_attested *sent, struct webauthn_credential *ret)
{
	struct object object;
	bool trusted;

	TRY(client_data_check(c, sent->client_data, "webauthn.create"));
	sha256(sent->client_data, at->client_data_hash); /* step 12 */
	TRY(read_object(c, sent->object, &object));
	TRY(authenticator_data_read(c, object.data, &at->data));
	TRY(authenticator_data_check(c, &at->data));
	TRY(read_credential(c, at, sent->id));
	at->statement = object.statement;
	TRY(attestation_check(at, object.format, &trusted));
	*ret = (struct webauthn_credential){
		.id = at->data.id,
		.cose_key = at->data.cose_key,
		.key = at->key,
		.aaguid = at->data.aaguid,
		.sign_count = at->data.sign_count,
		.user_verified = at->data.user_verified,
		.backup_eligible = at->data.backup_eligible,
		.backed_up = at->data.backed_up,
		.format = at->format,
		.trusted = trusted,
	};
	return OK;
}

err webauthn_register(const struct webauthn_ceremony *ceremony, const struct webauthn_policy *policy, const struct webauthn_attested *sent,
	struct arena *a, struct webauthn_credential *ret_credential, enum webauthn_fault *ret_fault)
{
	struct checking c = { ceremony, a, WEBAUTHN_OK };
	struct attestation at = { .c = &c, .policy = policy };
	struct error e = check(&c, &at, sent, ret_credential);

	if (at.leaf)
		certificate_free(at.leaf);
	*ret_fault = c.fault;
	return e;
}

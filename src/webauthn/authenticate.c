/* 7.2: verifying an authentication assertion. Steps 1 to 5 and 7 are whoever's who found the credential. */
#include "webauthn/internal.h"

/* Step 6: the credential is discoverable, so the authenticator says whose it is. */
static err check_user(struct checking *c, const struct webauthn_known *known, struct slice handle)
{
	DEMAND(c, handle.n > 0 && slice_eq(handle, known->user_handle), USER_HANDLE);
	return OK;
}

/* Step 22: a counter that stands still counts as a copy, unless there is none. */
static err check_count(struct checking *c, int64_t stored, int64_t sent)
{
	DEMAND(c, (stored == 0 && sent == 0) || sent > stored, SIGN_COUNT);
	return OK;
}

static err check_signature(struct checking *c, const struct webauthn_known *known, const struct webauthn_assertion *sent)
{
	struct public_key key;
	uint8_t hash[SHA256_BYTES];

	TRY(key_read(c, known->cose_key, &key));
	sha256(sent->client_data, hash); /* step 20 */
	DEMAND_OK(c, public_key_verify(&key, PARTS(sent->authenticator_data, slice_of(hash, sizeof(hash))), sent->signature), SIGNATURE);
	return OK;
}

static err check(struct checking *c, const struct webauthn_known *known, const struct webauthn_assertion *sent,
	struct webauthn_proof *proof)
{
	struct authenticator_data data;

	TRY(check_user(c, known, sent->user_handle));
	TRY(client_data_check(c, sent->client_data, "webauthn.get"));
	TRY(authenticator_data_read(c, sent->authenticator_data, &data));
	TRY(authenticator_data_check(c, &data));
	DEMAND(c, !data.has_credential, AUTHENTICATOR_DATA); /* 6.1: only in registrations */
	DEMAND(c, data.backup_eligible == known->backup_eligible, BACKUP); /* step 19 */
	TRY(check_signature(c, known, sent));
	TRY(check_count(c, known->sign_count, data.sign_count));
	*proof = (struct webauthn_proof){ data.sign_count, data.user_verified, data.backed_up };
	return OK;
}

err webauthn_authenticate(const struct webauthn_ceremony *ceremony, const struct webauthn_known *known,
	const struct webauthn_assertion *sent, struct arena *a, struct webauthn_proof *ret_proof, enum webauthn_fault *ret_fault)
{
	struct checking c = { ceremony, a, WEBAUTHN_OK };
	struct error e = check(&c, known, sent, ret_proof);

	*ret_fault = c.fault;
	return e;
}

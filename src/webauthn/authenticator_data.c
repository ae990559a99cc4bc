/* What the authenticator says (6.1). */
#include "webauthn/internal.h"

enum { UP = 1, UV = 4, BE = 8, BS = 16, AT = 64, ED = 128 };

/* 6.5.1: attested credential data. */
static err read_credential(struct checking *c, struct reader *r, struct authenticator_data *data)
{
	struct slice aaguid, before;
	struct cbor key;
	uint16_t n;

	DEMAND_OK(c, read_bytes(r, UUID_BYTES, &aaguid), AUTHENTICATOR_DATA);
	memcpy(data->aaguid.b, aaguid.p, UUID_BYTES);
	DEMAND_OK(c, read_u16(r, &n), AUTHENTICATOR_DATA);
	DEMAND(c, n > 0 && n <= WEBAUTHN_CREDENTIAL_ID_BYTES_MAX, CREDENTIAL_ID);
	DEMAND_OK(c, read_bytes(r, n, &data->id), AUTHENTICATOR_DATA);
	before = r->rest;
	DEMAND_OK(c, cbor_read_front(r, c->a, &key), AUTHENTICATOR_DATA);
	data->cose_key = slice_of(before.p, before.n - r->rest.n);
	return OK;
}

static err read_extensions(struct checking *c, struct reader *r)
{
	struct cbor extensions;

	DEMAND_OK(c, cbor_read_front(r, c->a, &extensions), AUTHENTICATOR_DATA);
	DEMAND(c, extensions.kind == CBOR_MAP, AUTHENTICATOR_DATA);
	return OK;
}

err authenticator_data_read(struct checking *c, struct slice bytes, struct authenticator_data *data)
{
	struct reader r = { bytes };
	uint32_t count;
	uint8_t flags;

	*data = (struct authenticator_data){ .all = bytes };
	DEMAND_OK(c, read_bytes(&r, SHA256_BYTES, &data->rp_id_hash), AUTHENTICATOR_DATA);
	DEMAND_OK(c, read_u8(&r, &flags), AUTHENTICATOR_DATA);
	DEMAND_OK(c, read_u32(&r, &count), AUTHENTICATOR_DATA);
	data->sign_count = count;
	data->user_present = flags & UP;
	data->user_verified = flags & UV;
	data->backup_eligible = flags & BE;
	data->backed_up = flags & BS;
	data->has_credential = flags & AT;
	if (data->has_credential)
		TRY(read_credential(c, &r, data));
	if (flags & ED)
		TRY(read_extensions(c, &r));
	DEMAND_OK(c, read_end(&r), AUTHENTICATOR_DATA);
	return OK;
}

err authenticator_data_check(struct checking *c, const struct authenticator_data *data)
{
	uint8_t hash[SHA256_BYTES];

	sha256(c->ceremony->rp_id, hash);
	DEMAND(c, slice_eq(data->rp_id_hash, slice_of(hash, sizeof(hash))), RP_ID);
	DEMAND(c, data->user_present, USER_PRESENCE);
	DEMAND(c, data->user_verified || !c->ceremony->user_verification, USER_VERIFICATION);
	DEMAND(c, data->backup_eligible || !data->backed_up, BACKUP);
	return OK;
}

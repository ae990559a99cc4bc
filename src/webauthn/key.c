/* COSE keys (RFC 9052, section 7; RFC 9053, section 7; RFC 8230) of the algorithms that are offered. */
#include "webauthn/internal.h"

const enum public_alg webauthn_algorithms[] = { PUBLIC_ES256, PUBLIC_ES384, PUBLIC_EDDSA, PUBLIC_RS256 };
const size_t webauthn_algorithm_count = sizeof(webauthn_algorithms) / sizeof(webauthn_algorithms[0]);

enum { KTY = 1, ALG = 3, CRV = -1, EC_X = -2, EC_Y = -3, OKP_X = -2, RSA_N = -1, RSA_E = -2 };
enum { KTY_OKP = 1, KTY_EC2 = 2, KTY_RSA = 3, CRV_P256 = 1, CRV_P384 = 2, CRV_ED25519 = 6, NO_CURVE = 0 };

/* 5.8.5: for each algorithm one kind of key, one curve, and points uncompressed. */
struct key_row {
	enum public_alg alg;
	int64_t kty, crv, first, second; /* labels; 0: none */
};

static const struct key_row rows[] = {
	{ PUBLIC_ES256, KTY_EC2, CRV_P256, EC_X, EC_Y },
	{ PUBLIC_ES384, KTY_EC2, CRV_P384, EC_X, EC_Y },
	{ PUBLIC_EDDSA, KTY_OKP, CRV_ED25519, OKP_X, 0 },
	{ PUBLIC_RS256, KTY_RSA, NO_CURVE, RSA_N, RSA_E },
};

static const struct key_row *row_of(int64_t alg)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((int64_t)rows[i].alg == alg)
			return &rows[i];
	return NULL;
}

static bool number_is(const struct cbor *map, int64_t label, int64_t wanted)
{
	int64_t number;

	return !failed(cbor_int(cbor_find_int(map, label), &number)) && number == wanted;
}

err key_from_cbor(struct checking *c, const struct cbor *map, struct public_key *ret_key)
{
	const struct key_row *row;
	int64_t alg;

	DEMAND(c, map->kind == CBOR_MAP, KEY);
	DEMAND_OK(c, cbor_int(cbor_find_int(map, ALG), &alg), KEY);
	row = row_of(alg);
	DEMAND(c, row, ALGORITHM);
	DEMAND(c, number_is(map, KTY, row->kty), KEY);
	DEMAND(c, row->crv == NO_CURVE || number_is(map, CRV, row->crv), KEY);
	*ret_key = (struct public_key){ .alg = row->alg };
	DEMAND_OK(c, cbor_bytes(cbor_find_int(map, row->first), &ret_key->first), KEY);
	if (row->second)
		DEMAND_OK(c, cbor_bytes(cbor_find_int(map, row->second), &ret_key->second), KEY);
	return OK;
}

err key_read(struct checking *c, struct slice cose, struct public_key *ret_key)
{
	struct cbor map;

	DEMAND_OK(c, cbor_read(cose, c->a, &map), KEY);
	return key_from_cbor(c, &map, ret_key);
}

err webauthn_key_read(struct slice cose, struct arena *a, struct public_key *ret_key, enum webauthn_fault *ret_fault)
{
	struct checking c = { .a = a };
	struct error e = key_read(&c, cose, ret_key);

	if (!failed(e) && failed(public_key_check(ret_key))) {
		c.fault = WEBAUTHN_KEY;
		e = FAIL(SIGNATURE);
	}
	*ret_fault = c.fault;
	return e;
}

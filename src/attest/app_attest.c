#include "attest/app_attest.h"

#include "codec/cbor.h"
#include "codec/encode.h"
#include "crypto/sign.h"
#include "crypto/x509.h"

#define NONCE_EXTENSION "1.2.840.113635.100.8.2"

enum { AAGUID_BYTES = 16, CHAIN_LENGTH = 2 };

/* SHA-256 of it: 1cb9823ba28ba6ad2d33a006941de2ae4f513ef1d4e831b9f7e0fa7b6242c932; valid until 2045-03-15. */
static const char apple_root[] =
	"MIICITCCAaegAwIBAgIQC/O+DvHN0uD7jG5yH2IXmDAKBggqhkjOPQQDAzBSMSYwJAYDVQQDDB1BcHBsZSBBcHAgQXR0ZXN0YXRpb24gUm9vdCBDQTETMBEG"
	"A1UECgwKQXBwbGUgSW5jLjETMBEGA1UECAwKQ2FsaWZvcm5pYTAeFw0yMDAzMTgxODMyNTNaFw00NTAzMTUwMDAwMDBaMFIxJjAkBgNVBAMMHUFwcGxlIEFw"
	"cCBBdHRlc3RhdGlvbiBSb290IENBMRMwEQYDVQQKDApBcHBsZSBJbmMuMRMwEQYDVQQIDApDYWxpZm9ybmlhMHYwEAYHKoZIzj0CAQYFK4EEACIDYgAERTHh"
	"mLW07ATaFQIEVwTtT4dyctdhNbJhFs/Ii2FdCgAHGbpphY3+d8qjuDngIN3WVhQUBHAoMeQ/cLiP1sOUtgjqK9auYen1mMEvRq9Sk3Jm5X8U62H+xTD3FE9T"
	"gS41o0IwQDAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBSskRBTM72+aEH/pwyp5frq5eWKoTAOBgNVHQ8BAf8EBAMCAQYwCgYIKoZIzj0EAwMDaAAwZQIw"
	"QgFGnByvsiVbpTKwSga0kP0e8EeDS4+sQmTvb7vn53O5+FRXgeLhpJ06ysC5PrOyAjEAp5U4xDgEgllF7En3VcE3iexZZtKeYnpqtijVoyFraWVIyd/dganm"
	"rduC1bmTBGwD";

struct slice app_attest_apple_root(struct arena *a)
{
	struct slice der = S("");

	IGNORE(b64_read(a, slice_text(apple_root), &der)); /* a constant; a test reads it */
	return der;
}

/* ---- authenticator data: WebAuthn's, but Apple sets the flag of attested data also where there is none ---- */

struct authenticator_data {
	struct slice app_hash, aaguid, credential_id;
	uint32_t counter;
};

static err read_front(struct reader *r, struct authenticator_data *ret_data)
{
	uint8_t flags;

	TRY(read_bytes(r, SHA256_BYTES, &ret_data->app_hash));
	TRY(read_u8(r, &flags));
	return read_u32(r, &ret_data->counter);
}

static err read_attested(struct slice bytes, struct authenticator_data *ret_data)
{
	struct reader r = { bytes };
	uint16_t n;

	TRY(read_front(&r, ret_data));
	TRY(read_bytes(&r, AAGUID_BYTES, &ret_data->aaguid));
	TRY(read_u16(&r, &n));
	return read_bytes(&r, n, &ret_data->credential_id);
}

/* What may follow one day is signed like the rest, and says nothing here. */
static err read_asserted(struct slice bytes, struct authenticator_data *ret_data)
{
	struct reader r = { bytes };

	return read_front(&r, ret_data);
}

static bool is_hash_of(struct slice hash, struct slice bytes)
{
	uint8_t wanted[SHA256_BYTES];

	sha256(bytes, wanted);
	return slice_eq(hash, slice_of(wanted, sizeof(wanted)));
}

/* ---- attestation ---- */

struct attestation {
	struct slice chain[CHAIN_LENGTH], bytes;
	struct authenticator_data data;
};

static err read_chain(const struct cbor *x5c, struct slice *ret_chain)
{
	ENSURE(x5c && x5c->kind == CBOR_ARRAY && x5c->n == CHAIN_LENGTH, PARSE);
	for (size_t i = 0; i < CHAIN_LENGTH; i++)
		TRY(cbor_bytes(&x5c->items[i], &ret_chain[i]));
	return OK;
}

static err read_attestation(struct slice object, struct arena *a, struct attestation *ret_attestation)
{
	struct slice format;
	struct cbor root;

	ENSURE(object.n <= APP_ATTEST_OBJECT_BYTES_MAX, LIMIT);
	TRY(cbor_read(object, a, &root));
	TRY(cbor_text(cbor_find_text(&root, "fmt"), &format));
	ENSURE(slice_is(format, "apple-appattest"), PARSE);
	TRY(read_chain(cbor_find_text(cbor_find_text(&root, "attStmt"), "x5c"), ret_attestation->chain));
	TRY(cbor_bytes(cbor_find_text(&root, "authData"), &ret_attestation->bytes));
	return read_attested(ret_attestation->bytes, &ret_attestation->data);
}

/* The one value of the extension: SEQUENCE { [1] { OCTET STRING } } of 32 bytes. */
static err check_nonce(const struct certificate *leaf, struct slice auth_data, const uint8_t *client_data_hash)
{
	static const uint8_t front[] = { 0x30, 0x24, 0xa1, 0x22, 0x04, 0x20 };
	uint8_t wanted[sizeof(front) + SHA256_BYTES];
	struct slice value;

	memcpy(wanted, front, sizeof(front));
	sha256_parts(PARTS(auth_data, slice_of(client_data_hash, SHA256_BYTES)), wanted + sizeof(front));
	ENSURE(!failed(certificate_extension(leaf, NONCE_EXTENSION, &value)), SIGNATURE);
	ENSURE(slice_eq(value, slice_of(wanted, sizeof(wanted))), SIGNATURE);
	return OK;
}

/* The id is the hash of the key as an uncompressed point. */
static err check_key_id(struct slice public_key, struct slice key_id, struct arena *a)
{
	uint8_t hash[SHA256_BYTES];
	struct sign_key *key;
	struct slice x, y;

	ENSURE(!failed(sign_key_from_public(public_key, &key)), SIGNATURE);
	sign_key_numbers(key, a, &x, &y);
	sha256_parts(PARTS(S("\x04"), x, y), hash);
	sign_key_free(key);
	ENSURE(slice_eq(key_id, slice_of(hash, sizeof(hash))), SIGNATURE);
	return OK;
}

static err check_data(const struct app_attest_policy *policy, const struct authenticator_data *data, struct slice key_id)
{
	struct slice aaguid = policy->place == APP_ATTEST_PRODUCTION ? S("appattest\0\0\0\0\0\0\0") : S("appattestdevelop");

	ENSURE(is_hash_of(data->app_hash, policy->app_id), SIGNATURE);
	ENSURE(data->counter == 0, SIGNATURE);
	ENSURE(slice_eq(data->aaguid, aaguid), SIGNATURE);
	ENSURE(slice_eq(data->credential_id, key_id), SIGNATURE);
	return OK;
}

static err check_leaf(const struct certificate *leaf, const struct attestation *attestation, struct slice key_id,
	const uint8_t *client_data_hash, struct arena *a, struct slice *ret_public)
{
	TRY(check_nonce(leaf, attestation->bytes, client_data_hash));
	*ret_public = certificate_public(leaf, a);
	return check_key_id(*ret_public, key_id, a);
}

err app_attest_attestation(const struct app_attest_policy *policy, struct slice key_id, struct slice object,
	const uint8_t client_data_hash[static SHA256_BYTES], int64_t at_ms, struct arena *a, struct slice *ret_public)
{
	struct attestation attestation;
	struct certificate *leaf;
	struct error e;

	TRY(read_attestation(object, a, &attestation));
	TRY(x509_verify(attestation.chain, CHAIN_LENGTH, policy->root, at_ms, &leaf));
	e = check_leaf(leaf, &attestation, key_id, client_data_hash, a, ret_public);
	certificate_free(leaf);
	return failed(e) ? e : check_data(policy, &attestation.data, key_id);
}

/* ---- assertion ---- */

/* ECDSA over the hash of both, which is a message of its own: it is hashed once more. */
static err check_signature(struct slice public_key, struct slice auth_data, const uint8_t *client_data_hash, struct slice signature)
{
	uint8_t nonce[SHA256_BYTES];
	struct sign_key *key;
	struct error e;

	sha256_parts(PARTS(auth_data, slice_of(client_data_hash, SHA256_BYTES)), nonce);
	TRY(sign_key_from_public(public_key, &key));
	e = sign_check_der(key, slice_of(nonce, sizeof(nonce)), signature);
	sign_key_free(key);
	return e;
}

err app_attest_assertion(const struct app_attest_policy *policy, struct slice public_key, uint32_t stored_counter, struct slice object,
	const uint8_t client_data_hash[static SHA256_BYTES], struct arena *a, uint32_t *ret_counter)
{
	struct slice signature, bytes;
	struct authenticator_data data;
	struct cbor root;

	ENSURE(object.n <= APP_ATTEST_OBJECT_BYTES_MAX, LIMIT);
	TRY(cbor_read(object, a, &root));
	TRY(cbor_bytes(cbor_find_text(&root, "signature"), &signature));
	TRY(cbor_bytes(cbor_find_text(&root, "authenticatorData"), &bytes));
	TRY(read_asserted(bytes, &data));
	TRY(check_signature(public_key, bytes, client_data_hash, signature));
	ENSURE(is_hash_of(data.app_hash, policy->app_id), SIGNATURE);
	ENSURE(data.counter > stored_counter, SIGNATURE);
	*ret_counter = data.counter;
	return OK;
}

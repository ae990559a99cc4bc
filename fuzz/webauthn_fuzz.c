/*
 * What a browser sends at the end of a ceremony: nothing that is refused is half done, nothing that is accepted was not signed. The first
 * byte chooses: an attestation object, an authenticator's data with its signature, or a COSE key.
 */
#include <stdlib.h>

#include "webauthn/webauthn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct slice origin = { (const uint8_t *)"https://example.org", 19 };

#define CLIENT_DATA(type) S("{\"type\":\"" type "\",\"challenge\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"origin\":\"https://example.org\"}")

static void demand(bool ok)
{
	if (!ok)
		abort();
}

static struct webauthn_ceremony ceremony(void)
{
	static const uint8_t challenge[16];

	return (struct webauthn_ceremony){ .challenge = slice_of(challenge, sizeof(challenge)), .rp_id = S("example.org"), .origins = &origin,
		.origin_count = 1 };
}

static void try_registration(struct slice object, struct arena *a)
{
	struct webauthn_ceremony c = ceremony();
	struct webauthn_policy policy = { .now = INT64_C(1767225600000) };
	struct webauthn_attested sent = { S(""), CLIENT_DATA("webauthn.create"), object };
	struct webauthn_credential credential;
	enum webauthn_fault fault;
	struct error e = webauthn_register(&c, &policy, &sent, a, &credential, &fault);

	demand(failed(e) == (fault != WEBAUTHN_OK));
	demand(failed(e) || (credential.id.n > 0 && credential.id.n <= WEBAUTHN_CREDENTIAL_ID_BYTES_MAX && !credential.trusted));
}

/* The key is the base point of the curve; a signature under it is not found by chance. */
static void try_authentication(struct slice data, struct arena *a)
{
	struct slice key = S("\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20\x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40\xf2\x77\x03\x7d\x81"
			     "\x2d\xeb\x33\xa0\xf4\xa1\x39\x45\xd8\x98\xc2\x96\x22\x58\x20\x4f\xe3\x42\xe2\xfe\x1a\x7f\x9b\x8e\xe7\xeb\x4a\x7c\x0f"
			     "\x9e\x16\x2b\xce\x33\x57\x6b\x31\x5e\xce\xcb\xb6\x40\x68\x37\xbf\x51\xf5");
	struct webauthn_ceremony c = ceremony();
	struct webauthn_known known = { key, S("user"), 0, false };
	size_t cut = data.n < 37 ? data.n : 37;
	struct webauthn_assertion sent = { CLIENT_DATA("webauthn.get"), slice_of(data.p, cut), slice_of(data.p + cut, data.n - cut), S("user") };
	struct webauthn_proof proof;
	enum webauthn_fault fault;

	demand(failed(webauthn_authenticate(&c, &known, &sent, a, &proof, &fault)) && fault != WEBAUTHN_OK);
}

static void try_key(struct slice cose, struct arena *a)
{
	enum webauthn_fault fault;
	struct public_key key;
	struct error e = webauthn_key_read(cose, a, &key, &fault);

	demand(failed(e) || !failed(public_key_check(&key)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a;

	if (n == 0)
		return 0;
	arena_init(&a);
	if (data[0] % 3 == 0)
		try_registration(slice_of(data + 1, n - 1), &a);
	else if (data[0] % 3 == 1)
		try_authentication(slice_of(data + 1, n - 1), &a);
	else
		try_key(slice_of(data + 1, n - 1), &a);
	arena_free(&a);
	return 0;
}

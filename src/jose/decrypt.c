#include "jose/decrypt.h"

#pragma push_macro("err")
#undef err /* the library has parameters of that name */
#include <jose/jose.h>
#pragma pop_macro("err")

#include "codec/encode.h"
#include "codec/json.h"

enum { PARTS_OF_JWE = 5, HEADER_DEPTH_MAX = 2 };

static bool is_text(const json_t *object, const char *name, const char *wanted)
{
	const json_t *value = json_object_get(object, name);

	return json_is_string(value) && slice_is(json_text(value), wanted);
}

/* One pair of algorithms and nothing that changes what the rest means: the library would follow the header. */
static err check_header(struct slice part, struct arena *a)
{
	struct slice text, why;
	json_t *header;
	bool good;

	TRY(b64url_read(a, part, &text));
	TRY(json_read(text, JSON_UNIQUE, HEADER_DEPTH_MAX, a, &header, &why));
	good = json_is_object(header) && is_text(header, "alg", "A256KW") && is_text(header, "enc", "A256GCM") &&
	       !json_object_get(header, "zip") && !json_object_get(header, "crit");
	json_decref(header);
	ENSURE(good, PARSE);
	return OK;
}

static err split(struct slice token, struct slice part[static PARTS_OF_JWE])
{
	struct slice rest = token;

	for (int i = 0; i < PARTS_OF_JWE - 1; i++)
		part[i] = slice_cut(&rest, '.');
	part[PARTS_OF_JWE - 1] = rest;
	ENSURE(slice_find(rest, '.') == rest.n, PARSE);
	for (int i = 0; i < PARTS_OF_JWE; i++)
		ENSURE(part[i].n > 0, PARSE);
	return OK;
}

static json_t *jwe_of(const struct slice part[static PARTS_OF_JWE])
{
	return json_pack("{s:s%, s:s%, s:s%, s:s%, s:s%}", "protected", part[0].p, part[0].n, "encrypted_key", part[1].p, part[1].n,
		"iv", part[2].p, part[2].n, "ciphertext", part[3].p, part[3].n, "tag", part[4].p, part[4].n);
}

static json_t *key_of(struct slice key, struct arena *a)
{
	struct slice k = b64url(a, key);

	return json_pack("{s:s, s:s, s:s%}", "kty", "oct", "alg", "A256KW", "k", k.p, k.n);
}

static err decrypt(const struct slice part[static PARTS_OF_JWE], struct slice key, struct arena *a, struct slice *ret_plain)
{
	json_t *jwe = jwe_of(part), *jwk = key_of(key, a);
	size_t n = 0;
	char *plain = jwe && jwk ? jose_jwe_dec(NULL, jwe, NULL, jwk, &n) : NULL;

	json_decref(jwe);
	json_decref(jwk);
	ENSURE(plain, CRYPTO);
	*ret_plain = arena_copy(a, slice_of(plain, n));
	free(plain);
	return OK;
}

err jwe_open(struct slice token, struct slice key, struct arena *a, struct slice *ret_plain)
{
	struct slice part[PARTS_OF_JWE];

	ENSURE(key.n == JWE_KEY_BYTES, CRYPTO);
	TRY(split(token, part));
	TRY(check_header(part[0], a));
	return decrypt(part, key, a, ret_plain);
}

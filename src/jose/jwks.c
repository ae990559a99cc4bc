#include "jose/jwks.h"

#include <stdlib.h>

#include "codec/encode.h"

enum { JWKS_KEYS_MAX = 256, JWKS_DEPTH_MAX = 8, KID_BYTES_MAX = 256 };

struct jwks {
	size_t n;
	struct {
		char kid[KID_BYTES_MAX];
		struct sign_key *key;
	} list[JWKS_KEYS_MAX];
};

static err number(const json_t *jwk, const char *name, struct arena *a, struct slice *ret_bytes)
{
	const json_t *text = json_object_get(jwk, name);

	ENSURE(json_is_string(text), PARSE);
	return b64url_read(a, json_text(text), ret_bytes);
}

static err read_key(const json_t *jwk, struct arena *a, struct sign_key **ret_key)
{
	const json_t *kty = json_object_get(jwk, "kty");
	bool ec = json_is_string(kty) && slice_is(json_text(kty), "EC");
	struct slice first, second;

	ENSURE(ec || (json_is_string(kty) && slice_is(json_text(kty), "RSA")), PARSE);
	TRY(number(jwk, ec ? "x" : "n", a, &first));
	TRY(number(jwk, ec ? "y" : "e", a, &second));
	return sign_key_from_numbers(ec ? SIGN_ES256 : SIGN_RS256, first, second, ret_key);
}

static void add_key(struct jwks *keys, const json_t *jwk, struct arena *a)
{
	const char *kid = json_string_value(json_object_get(jwk, "kid"));

	if (!kid || strlen(kid) >= KID_BYTES_MAX || keys->n == JWKS_KEYS_MAX)
		return;
	if (failed(read_key(jwk, a, &keys->list[keys->n].key)))
		return;
	memcpy(keys->list[keys->n++].kid, kid, strlen(kid) + 1);
}

err jwks_read(struct slice json, struct arena *a, struct jwks **ret_keys)
{
	struct jwks *keys;
	json_t *set, *jwk;
	struct slice why;
	size_t i;

	TRY(json_read(json, JSON_UNIQUE, JWKS_DEPTH_MAX, a, &set, &why));
	keys = xalloc(sizeof(*keys));
	json_array_foreach(json_object_get(set, "keys"), i, jwk)
		add_key(keys, jwk, a);
	json_decref(set);
	if (keys->n == 0) {
		jwks_free(keys);
		return FAIL(PARSE);
	}
	*ret_keys = keys;
	return OK;
}

void jwks_free(struct jwks *keys)
{
	for (size_t i = 0; keys && i < keys->n; i++)
		sign_key_free(keys->list[i].key);
	free(keys);
}

err jwks_open(const struct jwks *keys, struct slice token, const char *typ, struct arena *a, struct slice *ret_payload)
{
	struct jws jws;

	ENSURE(!failed(jws_parse(token, a, &jws)) && slice_is(jws.typ, typ), SIGNATURE);
	*ret_payload = jws.payload;
	for (size_t i = 0; i < keys->n; i++)
		if (slice_is(jws.kid, keys->list[i].kid))
			return jws_check(&jws, keys->list[i].key);
	return FAIL(SIGNATURE);
}

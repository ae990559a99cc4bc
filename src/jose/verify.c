#include "jose/verify.h"

#pragma push_macro("err")
#undef err /* the library has parameters of that name */
#include <jose/jose.h>
#pragma pop_macro("err")

#include "codec/encode.h"

enum { PARTS = 3, DEPTH_MAX = 4 };

static const struct {
	const char *alg, *kty;
} algorithms[] = { { "RS256", "RSA" }, { "PS256", "RSA" }, { "ES256", "EC" } };

static struct slice member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_string(value) ? json_text(value) : S("");
}

static const char *kty_of(struct slice alg)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (slice_is(alg, algorithms[i].alg))
			return algorithms[i].kty;
	return NULL;
}

static err split(struct slice token, struct slice part[static PARTS])
{
	struct slice rest = token;

	for (int i = 0; i < PARTS - 1; i++)
		part[i] = slice_cut(&rest, '.');
	part[PARTS - 1] = rest;
	ENSURE(slice_find(rest, '.') == rest.n, PARSE);
	for (int i = 0; i < PARTS; i++)
		ENSURE(part[i].n > 0, PARSE);
	return OK;
}

static bool may_be(const json_t *key, const char *kty, struct slice alg, struct slice kid)
{
	struct slice use = member(key, "use"), its = member(key, "alg");

	return slice_is(member(key, "kty"), kty) && (!use.n || slice_is(use, "sig")) && (!its.n || slice_eq(its, alg)) &&
	       (!kid.n || slice_eq(member(key, "kid"), kid));
}

static bool verifies(const json_t *jws, const json_t *key)
{
	jose_cfg_t *cfg = jose_cfg();
	bool good = false;

	if (cfg) {
		jose_cfg_set_err_func(cfg, NULL, NULL); /* a refusal is an answer, not news for stderr */
		good = jose_jws_ver(cfg, jws, NULL, key, false);
		jose_cfg_decref(cfg);
	}
	return good;
}

static bool any_verifies(const json_t *jws, const json_t *keys, const json_t *header)
{
	struct slice alg = member(header, "alg"), kid = member(header, "kid");
	const char *kty = kty_of(alg);
	bool good = false;
	json_t *key;
	size_t i;

	json_array_foreach(json_object_get(keys, "keys"), i, key)
		good |= !good && kty && may_be(key, kty, alg, kid) && verifies(jws, key);
	return good;
}

err jws_verify(struct slice token, const json_t *keys, struct arena *a, struct slice *ret_payload)
{
	struct slice part[PARTS], text, why;
	json_t *header, *jws;
	bool good;

	TRY(split(token, part));
	TRY(b64url_read(a, part[0], &text));
	TRY(json_read(text, JSON_UNIQUE, DEPTH_MAX, a, &header, &why));
	TRY(b64url_read(a, part[1], ret_payload));
	jws = json_pack("{s:s%, s:s%, s:s%}", "protected", part[0].p, part[0].n, "payload", part[1].p, part[1].n, "signature", part[2].p,
		part[2].n);
	good = json_is_object(header) && !json_object_get(header, "crit") && any_verifies(jws, keys, header);
	json_decref(jws);
	json_decref(header);
	ENSURE(good, SIGNATURE);
	return OK;
}

#include "jose/jwt.h"

#include "codec/encode.h"

enum { JWT_BYTES_MAX = 256 * 1024, HEADER_DEPTH_MAX = 4 };

static void write_header(struct buf *b, const struct sign_key *key, const char *kid, const char *typ)
{
	struct jw w = jw_new(b);

	jw_open(&w, '{');
	jw_pair(&w, "alg", sign_alg_name(sign_key_alg(key)));
	jw_pair(&w, "kid", kid);
	jw_pair(&w, "typ", typ);
	jw_close(&w, '}');
}

err jwt_sign(const struct sign_key *key, const char *kid, const char *typ, struct slice payload, struct arena *a,
	struct slice *ret_token)
{
	struct buf header = buf_arena(a, 1024), token = buf_arena(a, JWT_BYTES_MAX);
	uint8_t signature[SIG_BYTES_MAX];
	size_t n;

	write_header(&header, key, kid, typ);
	b64url_write(&token, buf_bytes(&header));
	buf_byte(&token, '.');
	b64url_write(&token, payload);
	TRY(buf_ok(&token));
	TRY(sign_make(key, buf_bytes(&token), signature, &n));
	buf_byte(&token, '.');
	b64url_write(&token, slice_of(signature, n));
	TRY(buf_ok(&token));
	*ret_token = buf_bytes(&token);
	return OK;
}

/* A string member of the header; absent is empty. */
static err header_text(const json_t *header, const char *name, struct arena *a, struct slice *ret_text)
{
	const json_t *value = json_object_get(header, name);

	ENSURE(!value || json_is_string(value), PARSE);
	*ret_text = value ? arena_copy(a, json_text(value)) : S("");
	return OK;
}

static err read_header(const json_t *header, struct arena *a, struct jws *jws)
{
	ENSURE(json_is_object(header) && !json_object_get(header, "crit"), PARSE);
	TRY(header_text(header, "alg", a, &jws->alg));
	TRY(header_text(header, "kid", a, &jws->kid));
	return header_text(header, "typ", a, &jws->typ);
}

err jws_parse(struct slice token, struct arena *a, struct jws *ret_jws)
{
	struct slice rest = token, header_text64 = slice_cut(&rest, '.'), payload64 = slice_cut(&rest, '.'), header, why;
	json_t *parsed;
	struct error e;

	ENSURE(header_text64.n && payload64.n && rest.n && slice_find(rest, '.') == rest.n, PARSE);
	TRY(b64url_read(a, header_text64, &header));
	TRY(b64url_read(a, payload64, &ret_jws->payload));
	TRY(b64url_read(a, rest, &ret_jws->signature));
	ret_jws->signed_part = slice_of(token.p, header_text64.n + 1 + payload64.n);
	TRY(json_read(header, JSON_UNIQUE, HEADER_DEPTH_MAX, a, &parsed, &why));
	e = read_header(parsed, a, ret_jws);
	json_decref(parsed);
	return e;
}

err jws_check(const struct jws *jws, const struct sign_key *key)
{
	ENSURE(slice_is(jws->alg, sign_alg_name(sign_key_alg(key))), SIGNATURE);
	return sign_check(key, jws->signed_part, jws->signature);
}

void jwk_write(struct jw *w, const struct sign_key *key, const char *kid, struct arena *a)
{
	bool ec = sign_key_alg(key) == SIGN_ES256;
	struct slice first, second;

	sign_key_numbers(key, a, &first, &second);
	jw_open(w, '{');
	jw_pair(w, "kty", ec ? "EC" : "RSA");
	jw_pair(w, "use", "sig");
	jw_pair(w, "kid", kid);
	jw_pair(w, "alg", sign_alg_name(sign_key_alg(key)));
	if (ec)
		jw_pair(w, "crv", "P-256");
	jw_pair_text(w, ec ? "x" : "n", b64url(a, first));
	jw_pair_text(w, ec ? "y" : "e", b64url(a, second));
	jw_close(w, '}');
}

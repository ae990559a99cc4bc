#include "tests/unit/push/accounts.h"

#include "codec/encode.h"
#include "jose/jwt.h"

struct arena arena;
int64_t clock_ms = INT64_C(1800000000000);

static int64_t now(const struct env *env)
{
	(void)env;
	return clock_ms;
}

static void random_bytes(const struct env *env, void *p, size_t n)
{
	(void)env;
	env_random(&env_system, p, n);
}

const struct env clock_env = { now, now, random_bytes };

struct slice pem_of(enum sign_alg alg)
{
	struct sign_key *key;
	struct slice pem;

	assert_ok(sign_key_generate(alg, &key));
	pem = b64(&arena, sign_key_private(key, &arena));
	pem = arena_printf(&arena, "-----BEGIN PRIVATE KEY-----\\n%.*s\\n-----END PRIVATE KEY-----\\n", FMT(pem));
	sign_key_free(key);
	return pem;
}

struct slice fcm_json(const char *extra)
{
	struct slice pem = pem_of(SIGN_RS256);

	return arena_printf(&arena,
		"{\"type\":\"service_account\",\"project_id\":\"app-1\",\"client_email\":\"p@app-1.example\",\"private_key_id\":\"k1\","
		"\"private_key\":\"%.*s\"%s}",
		FMT(pem), extra);
}

struct slice apns_json(const char *extra)
{
	struct slice pem = pem_of(SIGN_ES256);

	return arena_printf(&arena, "{\"teamId\":\"TEAM123456\",\"keyId\":\"KEY1234567\",\"topic\":\"com.example.app\",\"privateKey\":\"%.*s\"%s}",
		FMT(pem), extra);
}

struct slice web_json(const char *extra)
{
	struct slice pem = pem_of(SIGN_ES256);

	return arena_printf(&arena, "{\"subject\":\"mailto:push@example.com\",\"privateKey\":\"%.*s\"%s}", FMT(pem), extra);
}

struct push_account account_of(enum push_service service, struct slice json)
{
	struct push_account account;
	const char *why;

	if (failed(push_account_read(service, json, &arena, &account, &why)))
		fail_msg("%s: %.*s", why, FMT(json));
	return account;
}

struct slice text_in(struct slice json, const char *name)
{
	struct slice why, text = S("");
	json_t *object;

	assert_ok(json_read(json, JSON_UNIQUE, 6, &arena, &object, &why));
	if (json_is_string(json_object_get(object, name)))
		text = arena_copy(&arena, json_text(json_object_get(object, name)));
	if (json_is_integer(json_object_get(object, name)))
		text = arena_printf(&arena, "%lld", (long long)json_integer_value(json_object_get(object, name)));
	json_decref(object);
	return text;
}

void assert_jwt(struct slice token, const struct sign_key *key, struct slice *ret_header, struct slice *ret_claims)
{
	struct slice rest = token, head = slice_cut(&rest, '.');
	struct jws jws;

	assert_ok(jws_parse(token, &arena, &jws));
	assert_ok(jws_check(&jws, key));
	assert_ok(b64url_read(&arena, head, ret_header));
	*ret_claims = jws.payload;
}

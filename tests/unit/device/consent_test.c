/* The signed consent: its header, its claims, its signature. */
#include "codec/encode.h"
#include "jose/jwt.h"
#include "oauth/oauth.h"
#include "tests/unit/device/scene.h"

#define CONTEXT "\"preOperationContext\":{\"title\":\"Consent\",\"content\":\"Line one\\nline \\\"two\\\" \\u00e9\",\"mimeType\":\"text/plain\"}"

/* A signature that was approved; answers what polling tells. */
static struct answer approved(struct scene *c, const char *more)
{
	struct answer started;

	if (!c->device)
		scene_registered(c);
	started = start_signature(c->s, c->user, c->device, more);
	assert_status(started, 200);
	c->operation = text_of(started, "transactionId");
	assert_ok_reply(phone_approve(c->p, PIN));
	return ask(c->s->w, HTTP_GET, TEXT(c->s->w, BASE_PATH "/signatures/%s", c->operation), NULL);
}

static struct jws token_of(struct scene *c, struct answer polled)
{
	struct jws jws;

	must(jws_parse(slice_text(text_of(polled, "signature")), &c->s->f->arena, &jws));
	return jws;
}

static json_t *claims_of(struct scene *c, struct answer polled)
{
	struct jws jws = token_of(c, polled);
	json_t *claims = json_loadb((const char *)jws.payload.p, jws.payload.n, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(claims);
	json_array_append_new(c->p->kept, claims);
	return claims;
}

static const char *claim(const json_t *claims, const char *name)
{
	const json_t *value = json_object_get(claims, name);

	if (!json_is_string(value))
		fail_msg("no claim %s", name);
	return json_string_value(value);
}

static void header_names_the_key(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s);
	struct jws jws = token_of(c, approved(c, ""));
	struct answer keys = ask(s->w, HTTP_GET, "/auth/open/.well-known/openid-configuration/jwks", NULL);

	assert_slice_equal(jws.alg, S("ES256"));
	assert_slice_equal(jws.typ, S("JWT"));
	assert_string_equal(text_of(keys, "keys.0.kid"), arena_cstr(&s->f->arena, jws.kid));
	scene_free(c);
}

static void signature_is_that_of_the_published_key(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s);
	struct jws jws = token_of(c, approved(c, "")), other = token_of(c, approved(c, ""));
	const struct sign_key *key;
	const char *kid;

	oauth_signing_key(&s->f->app, env_now_ms(s->f->app.env), &key, &kid);
	must(jws_check(&jws, key));
	jws.signature = other.signature;
	assert_err(jws_check(&jws, key), SIGNATURE);
	scene_free(c);
}

static void claims(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s);
	int64_t now = env_now_ms(s->f->app.env);
	struct answer polled;
	json_t *all;

	assert_status(ask(s->w, HTTP_PATCH, TEXT(s->w, "/reuseid/core/users/%s", c->user), "{\"externalRef\":\"Empl 7\"}"), 200);
	scene_registered(c);
	assert_status(scene_patch(c, "{\"name\":\"My phone\"}"), 200);
	polled = approved(c, ",\"operationProperties\":{" CONTEXT "}");
	all = claims_of(c, polled);
	assert_string_equal(claim(all, "iss"), "http://localhost:8080");
	assert_string_equal(claim(all, "sub"), c->user);
	assert_string_equal(claim(all, "aud"), s->w->first.account_id);
	assert_string_equal(claim(all, "accountId"), s->w->first.account_id);
	assert_string_equal(claim(all, "jti"), c->operation);
	assert_string_equal(claim(all, "transactionId"), c->operation);
	assert_string_equal(claim(all, "type"), "SIGNATURE");
	assert_string_equal(claim(all, "state"), "COMPLETED");
	assert_string_equal(claim(all, "authLevel"), "TWO_FACTOR");
	assert_string_equal(claim(all, "authMethod"), "DEVICE_PIN");
	assert_string_equal(claim(all, "created"), text_of(polled, "created"));
	assert_string_equal(claim(all, "completed"), text_of(polled, "completed"));
	assert_int_equal(json_integer_value(json_object_get(all, "iat")), now / 1000);
	assert_string_equal(claim(json_object_get(all, "user"), "id"), c->user);
	assert_string_equal(claim(json_object_get(all, "user"), "externalRef"), "Empl 7");
	assert_string_equal(claim(json_object_get(all, "device"), "id"), c->device);
	assert_string_equal(claim(json_object_get(all, "device"), "name"), "My phone");
	assert_string_equal(claim(json_object_get(all, "preOperationContext"), "title"), "Consent");
	assert_string_equal(claim(json_object_get(all, "preOperationContext"), "content"), "Line one\nline \"two\" \xc3\xa9");
	assert_string_equal(claim(json_object_get(all, "preOperationContext"), "mimeType"), "text/plain");
	scene_free(c);
}

static void meant_for_keeping_and_without_secrets(void **state)
{
	struct scene *c = scene_new(*state);
	struct answer polled = approved(c, ",\"operationProperties\":{" CONTEXT ",\"postOperationContext\":{\"title\":\"Secret\"}}");
	json_t *all = claims_of(c, polled);
	static const char *const absent[] = { "exp", "nbf", "postOperationContext", "activationCode", "tags", "clientData" };

	for (size_t i = 0; i < COUNT(absent); i++)
		assert_null(json_object_get(all, absent[i]));
	scene_free(c);
}

static void one_factor_is_said_to_be_one(void **state)
{
	struct scene *c = scene_new(*state);
	struct answer started;
	json_t *all;

	scene_registered(c);
	started = start_signature(c->s, c->user, c->device, ",\"operationProperties\":{\"authLevel\":\"ONE_FACTOR\"}");
	c->operation = text_of(started, "transactionId");
	assert_ok_reply(phone_ses_start(c->p, PROPER));
	assert_ok_reply(phone_ses_finish(c->p, "DEVICE", PROPER));
	all = claims_of(c, ask(c->s->w, HTTP_GET, TEXT(c->s->w, BASE_PATH "/signatures/%s", c->operation), NULL));
	assert_string_equal(claim(all, "authLevel"), "ONE_FACTOR");
	assert_string_equal(claim(all, "authMethod"), "DEVICE");
	scene_free(c);
}

static void what_is_not_there_is_left_out(void **state)
{
	struct scene *c = scene_new(*state);
	json_t *all = claims_of(c, approved(c, ""));

	assert_null(json_object_get(all, "preOperationContext"));
	assert_null(json_object_get(json_object_get(all, "user"), "externalRef"));
	scene_free(c);
}

static void same_token_at_each_poll(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s);
	const char *first = text_of(approved(c, ""), "signature");

	site_advance(s, 1000);
	assert_string_equal(text_of(ask(s->w, HTTP_GET, TEXT(s->w, BASE_PATH "/signatures/%s", c->operation), NULL), "signature"), first);
	scene_free(c);
}

static void authentications_have_none(void **state)
{
	struct scene *c = scene_new(*state);

	scene_authentication(c, "");
	assert_ok_reply(phone_approve(c->p, PIN));
	assert_null(member(poll_authentication(c->s, c->operation), "signature"));
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(header_names_the_key),
		SITE_TEST(signature_is_that_of_the_published_key),
		SITE_TEST(claims),
		SITE_TEST(meant_for_keeping_and_without_secrets),
		SITE_TEST(one_factor_is_said_to_be_one),
		SITE_TEST(what_is_not_there_is_left_out),
		SITE_TEST(same_token_at_each_poll),
		SITE_TEST(authentications_have_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

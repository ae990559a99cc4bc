/* Metadata and the published keys. */
#include "tokens.h"

static struct answer metadata(struct world *w)
{
	struct answer answer = fixture_request(w->f, &(struct from){ 0 }, HTTP_GET, "/auth/open/.well-known/openid-configuration", NULL);

	assert_status(answer, 200);
	return answer;
}

static struct answer published(struct world *w)
{
	struct answer answer = fixture_request(w->f, &(struct from){ 0 }, HTTP_GET, "/auth/open/.well-known/openid-configuration/jwks", NULL);

	assert_status(answer, 200);
	return answer;
}

static void assert_words(struct answer answer, const char *name, const char *want)
{
	char *got = json_dumps(member(answer, name), JSON_COMPACT);

	assert_string_equal(got, want);
	free(got);
}

static void addresses_come_from_the_public_url(void **state)
{
	struct answer answer = metadata(*state);

	assert_string_equal(text_of(answer, "issuer"), "http://localhost:8080/auth/open");
	assert_string_equal(text_of(answer, "token_endpoint"), "http://localhost:8080/auth/open/connect/token");
	assert_string_equal(text_of(answer, "jwks_uri"), "http://localhost:8080/auth/open/.well-known/openid-configuration/jwks");
}

static void addresses_never_come_from_the_request(void **state)
{
	struct world *w = *state;
	struct http_header headers[] = { { S("Host"), S("evil.example") }, { S("X-Forwarded-Host"), S("evil.example") } };
	struct from from = { .headers = headers, .header_count = COUNT(headers) };
	struct answer answer = fixture_request(w->f, &from, HTTP_GET, "/auth/open/.well-known/openid-configuration", NULL);

	assert_null(memmem(answer.text.p, answer.text.n, "evil", 4));
}

static int setup_issuer(void **state)
{
	return setup_with(state, &(struct fixture_options){ .settings = { "token_issuer=https://issuer.example" } });
}

static void issuer_by_setting(void **state)
{
	assert_string_equal(text_of(metadata(*state), "issuer"), "https://issuer.example");
}

static void what_is_supported(void **state)
{
	struct answer answer = metadata(*state);

	assert_words(answer, "scopes_supported", "[\"signicat-api\"]");
	assert_words(answer, "grant_types_supported", "[\"client_credentials\"]");
	assert_words(answer, "token_endpoint_auth_methods_supported", "[\"client_secret_basic\",\"client_secret_post\"]");
	assert_words(answer, "id_token_signing_alg_values_supported", "[\"ES256\"]");
}

static void key_has_these_members_only(void **state)
{
	struct answer answer = published(*state);

	assert_int_equal(json_array_size(member(answer, "keys")), 1);
	assert_int_equal(json_object_size(member(answer, "keys.0")), 7);
	assert_string_equal(text_of(answer, "keys.0.kty"), "EC");
	assert_string_equal(text_of(answer, "keys.0.crv"), "P-256");
	assert_string_equal(text_of(answer, "keys.0.alg"), "ES256");
	assert_string_equal(text_of(answer, "keys.0.use"), "sig");
	assert_int_equal(strlen(text_of(answer, "keys.0.x")), 43);
	assert_int_equal(strlen(text_of(answer, "keys.0.y")), 43);
}

static int setup_rsa(void **state)
{
	return setup_with(state, &(struct fixture_options){ .settings = { "signing_alg=RS256" } });
}

static void rsa_key_has_these_members_only(void **state)
{
	struct answer answer = published(*state);

	assert_int_equal(json_object_size(member(answer, "keys.0")), 6);
	assert_string_equal(text_of(answer, "keys.0.kty"), "RSA");
	assert_string_equal(text_of(answer, "keys.0.alg"), "RS256");
	assert_string_equal(text_of(answer, "keys.0.e"), "AQAB");
	assert_int_equal(strlen(text_of(answer, "keys.0.n")), 512);
}

static void keys_may_be_kept_for_less_than_the_overlap(void **state)
{
	struct answer answer = published(*state);

	assert_string_equal(answer_header(&answer, "Cache-Control"), "public, max-age=300");
}

static void every_key_is_published_newest_first(void **state)
{
	struct world *w = *state;
	const char *fresh;

	fixture_advance(w->f, 1);
	fresh = text_of(post(w->f, "/admin/keys/rotate", "{}"), "keyId");
	assert_int_equal(json_array_size(member(published(w), "keys")), 2);
	assert_string_equal(text_of(published(w), "keys.0.kid"), fresh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(addresses_come_from_the_public_url),
		TEST(addresses_never_come_from_the_request),
		TEST_WITH(issuer_by_setting, setup_issuer),
		TEST(what_is_supported),
		TEST(key_has_these_members_only),
		TEST_WITH(rsa_key_has_these_members_only, setup_rsa),
		TEST(keys_may_be_kept_for_less_than_the_overlap),
		TEST(every_key_is_published_newest_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

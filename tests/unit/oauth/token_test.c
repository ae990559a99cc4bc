/* What the token endpoint answers (RFC 6749, sections 4.4 and 5), and what its tokens say. */
#include "tokens.h"

static struct answer granted(struct world *w)
{
	struct answer answer = token_request(w, basic_first(w), GRANT "&scope=signicat-api");

	assert_status(answer, 200);
	return answer;
}

/* With the first client's credentials and this form. */
static struct answer with_form(struct world *w, const char *form)
{
	return token_request(w, basic_first(w), form);
}

static json_t *claims_of(struct world *w, struct answer answer)
{
	return token_part(w, text_of(answer, "access_token"), 1);
}

static void assert_claim(json_t *claims, const char *name, const char *want)
{
	assert_string_equal(json_string_value(json_object_get(claims, name)), want);
}

/* ---- the answer ---- */

static void answer_has_these_members(void **state)
{
	struct world *w = *state;
	struct answer answer = granted(w);

	assert_int_equal(json_object_size(answer.body), 4);
	assert_int_equal(json_integer_value(member(answer, "expires_in")), 600);
	assert_string_equal(text_of(answer, "token_type"), "Bearer");
	assert_string_equal(text_of(answer, "scope"), "signicat-api");
}

static void answer_is_not_to_be_stored(void **state)
{
	struct answer answer = granted(*state);

	assert_string_equal(answer_header(&answer, "Cache-Control"), "no-store");
	assert_string_equal(answer_header(&answer, "Pragma"), "no-cache");
}

static void token_lets_in(void **state)
{
	assert_let_in(*state, text_of(granted(*state), "access_token"));
}

/* ---- the token ---- */

static void header_of_the_token(void **state)
{
	struct world *w = *state;
	json_t *header = token_part(w, text_of(granted(w), "access_token"), 0);
	const char *kid = json_string_value(json_object_get(header, "kid"));

	assert_claim(header, "alg", "ES256");
	assert_claim(header, "typ", "at+jwt");
	assert_int_equal(strlen(kid), strlen("signing-key-") + 32);
	assert_int_equal(strspn(kid + strlen("signing-key-"), "0123456789abcdef"), 32);
	json_decref(header);
}

static void claims_of_a_sandbox_client(void **state)
{
	struct world *w = *state;
	json_t *claims = claims_of(w, granted(w));
	int64_t now_s = FIXTURE_START_MS / 1000;

	assert_int_equal(json_object_size(claims), 10);
	assert_claim(claims, "iss", "http://localhost:8080/auth/open");
	assert_claim(claims, "aud", "http://localhost:8080");
	assert_claim(claims, "client_id", w->first.client_id);
	assert_claim(claims, "account_id", w->first.account_id);
	assert_true(json_is_true(json_object_get(claims, "sandbox")));
	assert_int_equal(json_integer_value(json_object_get(claims, "iat")), now_s);
	assert_int_equal(json_integer_value(json_object_get(claims, "nbf")), now_s);
	assert_int_equal(json_integer_value(json_object_get(claims, "exp")), now_s + 600);
	json_decref(claims);
}

static void scope_is_an_array(void **state)
{
	struct world *w = *state;
	json_t *claims = claims_of(w, granted(w)), *scope = json_object_get(claims, "scope");

	assert_true(json_is_array(scope));
	assert_int_equal(json_array_size(scope), 1);
	assert_string_equal(json_string_value(json_array_get(scope, 0)), "signicat-api");
	json_decref(claims);
}

static void jti_is_32_upper_case_hex_digits(void **state)
{
	struct world *w = *state;
	json_t *claims = claims_of(w, granted(w));
	const char *jti = json_string_value(json_object_get(claims, "jti"));

	assert_int_equal(strlen(jti), 32);
	assert_int_equal(strspn(jti, "0123456789ABCDEF"), 32);
	json_decref(claims);
}

static void each_token_has_an_id_of_its_own(void **state)
{
	struct world *w = *state;
	json_t *one = claims_of(w, granted(w)), *two = claims_of(w, granted(w));

	assert_string_not_equal(json_string_value(json_object_get(one, "jti")), json_string_value(json_object_get(two, "jti")));
	json_decref(one);
	json_decref(two);
}

static void production_token_says_nothing_of_a_sandbox(void **state)
{
	struct world *w = *state;
	struct credentials client = world_client(w, world_account(w, "production"), "[\"all\"]");
	json_t *claims = token_part(w, world_token(w, client), 1);

	assert_null(json_object_get(claims, "sandbox"));
	json_decref(claims);
}

static void client_of_the_organisation_has_no_account_claim(void **state)
{
	struct world *w = *state;
	json_t *claims = token_part(w, world_token(w, world_client(w, NULL, "[\"all\"]")), 1);

	assert_null(json_object_get(claims, "account_id"));
	json_decref(claims);
}

static int setup_names(void **state)
{
	return setup_with(state, &(struct fixture_options){
		.settings = { "token_issuer=https://issuer.example", "token_audience=https://audience.example" } });
}

static void issuer_and_audience_by_setting(void **state)
{
	struct world *w = *state;
	struct answer answer = granted(w);
	json_t *claims = claims_of(w, answer);

	assert_claim(claims, "iss", "https://issuer.example");
	assert_claim(claims, "aud", "https://audience.example");
	assert_let_in(w, text_of(answer, "access_token"));
	json_decref(claims);
}

static int setup_rsa(void **state)
{
	return setup_with(state, &(struct fixture_options){ .settings = { "signing_alg=RS256" } });
}

static void rs256_by_setting(void **state)
{
	struct world *w = *state;
	struct answer answer = granted(w);
	json_t *header = token_part(w, text_of(answer, "access_token"), 0);

	assert_claim(header, "alg", "RS256");
	assert_let_in(w, text_of(answer, "access_token"));
	json_decref(header);
}

/* ---- lifetime ---- */

static void assert_lifetime(struct world *w, int64_t seconds)
{
	struct answer answer;
	json_t *claims;

	assert_status(patch(w->f, TEXT(w, "/admin/clients/%s", w->first.client_id), "{\"tokenLifetimeSeconds\":%lld}", (long long)seconds),
		200);
	answer = granted(w);
	claims = claims_of(w, answer);
	assert_int_equal(json_integer_value(member(answer, "expires_in")), seconds);
	assert_int_equal(json_integer_value(json_object_get(claims, "exp")) - json_integer_value(json_object_get(claims, "iat")), seconds);
	json_decref(claims);
}

static void shortest_lifetime(void **state)
{
	assert_lifetime(*state, 1);
}

static void longest_lifetime(void **state)
{
	assert_lifetime(*state, 3600);
}

/* ---- the form ---- */

static void scope_may_be_left_out(void **state)
{
	assert_status(with_form(*state, GRANT), 200);
}

static void empty_scope_is_none(void **state)
{
	assert_status(with_form(*state, GRANT "&scope="), 200);
}

static void spaces_around_the_scope(void **state)
{
	assert_status(with_form(*state, GRANT "&scope=+signicat-api+"), 200);
}

static void unknown_parameters_are_ignored(void **state)
{
	assert_status(with_form(*state, GRANT "&audience=x&audience=y&&=&resource"), 200);
}

static void other_scopes_are_refused(void **state)
{
	static const char *const scopes[] = { "openid", "signicat-api+openid", "SIGNICAT-API", "signicat-ap", "signicat-api2" };

	for (size_t i = 0; i < COUNT(scopes); i++)
		assert_oauth_error(with_form(*state, TEXT((struct world *)*state, GRANT "&scope=%s", scopes[i])), 400, "invalid_scope");
}

static void grant_is_needed(void **state)
{
	struct answer answer = with_form(*state, "scope=signicat-api");

	assert_oauth_error(answer, 400, "invalid_request");
	assert_string_equal(text_of(answer, "error_description"), "grant_type is missing");
}

static void other_grants_are_refused(void **state)
{
	static const char *const grants[] = { "password", "implicit", "Client_Credentials", "client_credentials+", "x" };

	for (size_t i = 0; i < COUNT(grants); i++)
		assert_oauth_error(with_form(*state, TEXT((struct world *)*state, "grant_type=%s", grants[i])), 400, "unsupported_grant_type");
}

static void wrong_client_is_told_before_a_wrong_grant(void **state)
{
	assert_oauth_error(token_request(*state, NULL, "grant_type=password&client_id=x&client_secret=y"), 400, "invalid_client");
}

static void repeated_parameters_are_refused(void **state)
{
	static const char *const forms[] = {
		GRANT "&" GRANT, GRANT "&scope=signicat-api&scope=signicat-api", GRANT "&scope=&scope=signicat-api",
		GRANT "&client_id=a&client_id=a", GRANT "&client_secret=a&client_secret=a", GRANT "&scope&scope",
		GRANT "&sc%6Fpe=signicat-api&scope=signicat-api",
	};

	for (size_t i = 0; i < COUNT(forms); i++)
		assert_oauth_error(with_form(*state, forms[i]), 400, "invalid_request");
}

static void malformed_forms_are_refused(void **state)
{
	static const char *const forms[] = { GRANT "&x=%", GRANT "&x=%4", GRANT "&x=%zz", GRANT "&x=%00", GRANT "&x=%ff" };

	for (size_t i = 0; i < COUNT(forms); i++)
		assert_oauth_error(with_form(*state, forms[i]), 400, "invalid_request");
}

static void empty_body_is_refused(void **state)
{
	struct world *w = *state;
	struct http_header headers[] = { { S("Authorization"), slice_text(basic_first(w)) }, { S("Content-Type"), S(FORM_TYPE) } };
	struct from from = { .headers = headers, .header_count = 2 };

	assert_oauth_error(fixture_request(w->f, &from, HTTP_POST, "/auth/open/connect/token", ""), 400, "invalid_request");
}

static void json_is_refused(void **state)
{
	struct world *w = *state;
	struct answer answer = fixture_request(w->f, &(struct from){ 0 }, HTTP_POST, "/auth/open/connect/token", "{}");

	assert_oauth_error(answer, 415, "invalid_request");
}

static void credentials_in_the_query_do_not_count(void **state)
{
	struct world *w = *state;
	const char *target = TEXT(w, "/auth/open/connect/token?client_id=%s&client_secret=%s", w->first.client_id, w->first.secret);

	assert_oauth_error(fixture_request(w->f, &(struct from){ .type = FORM_TYPE }, HTTP_POST, target, GRANT), 400, "invalid_client");
}

static void errors_tell_nothing_else(void **state)
{
	struct answer answer = with_form(*state, GRANT "&scope=x");

	assert_int_equal(json_object_size(answer.body), 2);
	assert_string_equal(text_of(answer, "error_description"), "The only scope is signicat-api");
}

/* ---- records and metrics ---- */

SQL(issued_count, "SELECT count(*) FROM audit WHERE type = 'API_TOKEN_ISSUED'");
SQL(issued_whole, "SELECT count(*) FROM audit WHERE type = 'API_TOKEN_ISSUED' AND account > 0 AND client_id IS NOT NULL AND"
	" token_id = reference AND length(token_id) = 32 AND address = '192.0.2.1'");

static void tokens_are_not_recorded(void **state)
{
	struct world *w = *state;

	granted(w);
	assert_int_equal(fixture_number(w->f, &issued_count), 0);
}

static int setup_audit(void **state)
{
	return setup_with(state, &(struct fixture_options){ .settings = { "audit_token_issued=1" } });
}

static void tokens_are_recorded_by_setting(void **state)
{
	struct world *w = *state;
	int64_t before = fixture_number(w->f, &issued_count);

	granted(w);
	assert_int_equal(fixture_number(w->f, &issued_count), before + 1);
}

static void record_names_client_account_token_and_address(void **state)
{
	struct world *w = *state;
	int64_t before = fixture_number(w->f, &issued_whole);

	granted(w);
	assert_int_equal(fixture_number(w->f, &issued_whole), before + 1);
}

static void tokens_are_counted(void **state)
{
	struct world *w = *state;
	int64_t before = metric_get(&w->f->metrics, METRIC_tokens_issued_total);

	granted(w);
	assert_int_equal(metric_get(&w->f->metrics, METRIC_tokens_issued_total), before + 1);
}

static void refusals_are_counted(void **state)
{
	struct world *w = *state;

	with_form(w, GRANT "&scope=x");
	assert_int_equal(metric_get(&w->f->metrics, METRIC_tokens_refused_total), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answer_has_these_members),
		TEST(answer_is_not_to_be_stored),
		TEST(token_lets_in),
		TEST(header_of_the_token),
		TEST(claims_of_a_sandbox_client),
		TEST(scope_is_an_array),
		TEST(jti_is_32_upper_case_hex_digits),
		TEST(each_token_has_an_id_of_its_own),
		TEST(production_token_says_nothing_of_a_sandbox),
		TEST(client_of_the_organisation_has_no_account_claim),
		TEST_WITH(issuer_and_audience_by_setting, setup_names),
		TEST_WITH(rs256_by_setting, setup_rsa),
		TEST(shortest_lifetime),
		TEST(longest_lifetime),
		TEST(scope_may_be_left_out),
		TEST(empty_scope_is_none),
		TEST(spaces_around_the_scope),
		TEST(unknown_parameters_are_ignored),
		TEST(other_scopes_are_refused),
		TEST(grant_is_needed),
		TEST(other_grants_are_refused),
		TEST(wrong_client_is_told_before_a_wrong_grant),
		TEST(repeated_parameters_are_refused),
		TEST(malformed_forms_are_refused),
		TEST(empty_body_is_refused),
		TEST(json_is_refused),
		TEST(credentials_in_the_query_do_not_count),
		TEST(errors_tell_nothing_else),
		TEST(tokens_are_not_recorded),
		TEST_WITH(tokens_are_recorded_by_setting, setup_audit),
		TEST_WITH(record_names_client_account_token_and_address, setup_audit),
		TEST(tokens_are_counted),
		TEST(refusals_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

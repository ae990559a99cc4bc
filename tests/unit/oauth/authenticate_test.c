/* Which tokens open a route, and for whom. */
#include "tokens.h"

/* ---- the header ---- */

static struct answer with_header(struct world *w, const char *value)
{
	struct http_header header = { S("Authorization"), slice_text(value) };

	return fixture_request(w->f, &(struct from){ .headers = &header, .header_count = 1 }, HTTP_POST, RESOLVE, "{\"externalRef\":\"nobody\"}");
}

static void scheme_in_any_case(void **state)
{
	struct world *w = *state;

	assert_problem(with_header(w, TEXT(w, "bEARER %s", w->token)), 404, "user_entity_does_not_exist");
}

static void spaces_around_the_token(void **state)
{
	struct world *w = *state;

	assert_problem(with_header(w, TEXT(w, "Bearer   %s  ", w->token)), 404, "user_entity_does_not_exist");
}

static void no_header(void **state)
{
	struct world *w = *state;
	struct answer answer = ask_with(w, NULL);

	assert_problem(answer, 401, "invalid_token");
	assert_string_equal(answer_header(&answer, "WWW-Authenticate"), "Bearer");
}

static void malformed_headers(void **state)
{
	struct world *w = *state;
	const char *const headers[] = {
		"", "Bearer", "Bearer ", "Bearer  ", TEXT(w, "Bearer%s", w->token), TEXT(w, "Basic %s", w->token), w->token,
		TEXT(w, "Bearer %s %s", w->token, w->token), TEXT(w, "Bearer %s,", w->token), TEXT(w, "Bearer \"%s\"", w->token),
	};

	for (size_t i = 0; i < COUNT(headers); i++)
		assert_problem(with_header(w, headers[i]), 401, "invalid_token");
}

static void two_headers(void **state)
{
	struct world *w = *state;
	struct http_header header = { S("authorization"), slice_text(TEXT(w, "Bearer %s", w->token)) };
	struct from from = { .token = w->token, .headers = &header, .header_count = 1 };

	assert_problem(fixture_request(w->f, &from, HTTP_POST, RESOLVE, "{\"externalRef\":\"nobody\"}"), 401, "invalid_token");
}

static void token_in_the_query_does_not_count(void **state)
{
	struct world *w = *state;
	const char *target = TEXT(w, RESOLVE "?access_token=%s", w->token);

	assert_problem(fixture_request(w->f, &(struct from){ 0 }, HTTP_POST, target, "{}"), 401, "invalid_token");
}

static void token_longer_than_any_of_ours(void **state)
{
	struct world *w = *state;

	assert_not_let_in(w, TEXT(w, "%s%0*d", w->token, TOKEN_BYTES_MAX, 0));
}

/* ---- time ---- */

static void token_until_its_last_second(void **state)
{
	struct world *w = *state;

	fixture_advance(w->f, 600 * 1000 - 1);
	assert_let_in(w, w->token);
}

static void expired_token(void **state)
{
	struct world *w = *state;

	fixture_advance(w->f, 600 * 1000);
	assert_not_let_in(w, w->token);
}

static void expired_token_that_was_let_in_before(void **state)
{
	struct world *w = *state;

	assert_let_in(w, w->token);
	fixture_advance(w->f, 600 * 1000);
	assert_not_let_in(w, w->token);
}

static void token_of_the_future(void **state)
{
	struct world *w = *state;

	fixture_advance(w->f, -60 * 1000);
	assert_not_let_in(w, w->token);
}

static void fresh_token_after_the_clock_went_back(void **state)
{
	struct world *w = *state;

	fixture_advance(w->f, -30 * 86400000LL);
	assert_let_in(w, world_token(w, world_first_client(w)));
}

static void a_second_of_difference_between_clocks_is_forgiven(void **state)
{
	struct world *w = *state;

	fixture_advance(w->f, -1000);
	assert_let_in(w, w->token);
}

/* ---- claims ---- */

static void claims_as_they_are(void **state)
{
	assert_let_in(*state, token_signed(*state, "at+jwt", claims_with(*state, NULL, NULL)));
}

static void type_in_any_case(void **state)
{
	assert_let_in(*state, token_signed(*state, "AT+JWT", claims_with(*state, NULL, NULL)));
}

static void other_types(void **state)
{
	static const char *const types[] = { "JWT", "", "id_token", "at+jwt " };

	for (size_t i = 0; i < COUNT(types); i++)
		assert_not_let_in(*state, token_signed(*state, types[i], claims_with(*state, NULL, NULL)));
}

struct wrong_claim {
	const char *name, *value;
};

static void wrong_claims(void **state)
{
	static const struct wrong_claim wrong[] = {
		{ "iss", NULL }, { "iss", "\"http://localhost:8080/auth/open/\"" }, { "iss", "null" }, { "iss", "[]" },
		{ "aud", NULL }, { "aud", "\"http://localhost\"" }, { "aud", "[\"http://localhost:8080\"]" }, { "aud", "\"\"" },
		{ "exp", NULL }, { "exp", "1" }, { "exp", "\"9999999999\"" }, { "exp", "9999999999.0" }, { "exp", "-1" },
		{ "nbf", NULL }, { "nbf", "9999999999" }, { "nbf", "\"1\"" }, { "nbf", "1.0" },
		{ "client_id", NULL }, { "client_id", "\"\"" }, { "client_id", "1" }, { "client_id", "\"sandbox-no-body-000\"" },
		{ "client_id", "\"x\\u0000y\"" }, { "account_id", NULL }, { "account_id", "\"a-spge-other\"" }, { "account_id", "7" },
		{ "jti", "5" }, { "jti", "\"0123456789012345678901234567890123456789012345678901234567890123456789\"" },
	};

	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct answer answer = ask_with(*state, token_signed(*state, "at+jwt", claims_with(*state, wrong[i].name, wrong[i].value)));

		if (answer.status != 401)
			fail_msg("let in with %s: %s", wrong[i].name, wrong[i].value ? wrong[i].value : "none");
	}
}

static void payloads_that_are_no_claims(void **state)
{
	static const char *const payloads[] = { "", "[]", "null", "{", "{}", "\"x\"", "{\"iss\":1,\"iss\":2}" };

	for (size_t i = 0; i < COUNT(payloads); i++)
		assert_not_let_in(*state, token_signed(*state, "at+jwt", payloads[i]));
}

/* ---- the client as it is now ---- */

static void revoked_permission_counts_at_once(void **state)
{
	struct world *w = *state;

	assert_let_in(w, w->token);
	patch(w->f, TEXT(w, "/admin/clients/%s", w->first.client_id), "{\"products\":[\"Audit API\"]}");
	assert_problem(ask_with(w, w->token), 403, "missing_permission");
}

static void granted_permission_counts_at_once(void **state)
{
	struct world *w = *state;
	struct credentials client = world_client(w, w->first.account_id, "[\"Audit API\"]");
	const char *token = world_token(w, client);

	assert_problem(ask_with(w, token), 403, "missing_permission");
	patch(w->f, TEXT(w, "/admin/clients/%s", client.id), "{\"products\":[\"ReuseID Passkey API\"]}");
	assert_let_in(w, token);
}

static void disabled_client_is_shut_out_at_once(void **state)
{
	struct world *w = *state;

	assert_let_in(w, w->token);
	patch(w->f, TEXT(w, "/admin/clients/%s", w->first.client_id), "{\"enabled\":false}");
	assert_not_let_in(w, w->token);
}

static void deleted_client_is_shut_out_at_once(void **state)
{
	struct world *w = *state;

	assert_let_in(w, w->token);
	del(w->f, "/admin/clients/%s", w->first.client_id);
	assert_not_let_in(w, w->token);
}

static void client_of_a_deleted_account_is_shut_out_at_once(void **state)
{
	struct world *w = *state;

	assert_let_in(w, w->token);
	assert_status(del(w->f, "/admin/accounts/%s", w->first.account_id), 204);
	assert_not_let_in(w, w->token);
}

static void each_product_opens_its_routes_only(void **state)
{
	struct world *w = *state;

	for (int product = 0; product < PRODUCT_COUNT; product++) {
		struct credentials client = world_client(w, w->first.account_id, TEXT(w, "[\"%s\"]", product_label((enum product)product)));
		bool reads = products_permissions(BIT(product)) & BIT(USER_READ);
		struct answer answer = ask_with(w, world_token(w, client));

		assert_status(answer, reads ? 404 : 403);
	}
}

/* ---- keys ---- */

static void token_of_a_deleted_key_is_shut_out_at_once(void **state)
{
	struct world *w = *state;
	const char *kid = text_of(get(w->f, "/admin/keys"), "keys.0.keyId");

	assert_let_in(w, w->token);
	fixture_advance(w->f, 1);
	assert_status(post(w->f, "/admin/keys/rotate", "{\"immediately\":true}"), 200);
	assert_let_in(w, w->token);
	assert_status(del(w->f, "/admin/keys/%s", kid), 204);
	assert_not_let_in(w, w->token);
}

static void token_of_a_foreign_key_under_our_name(void **state)
{
	struct world *w = *state;
	const char *kid = text_of(get(w->f, "/admin/keys"), "keys.0.keyId");
	struct sign_key *foreign;
	struct slice token;

	must(sign_key_generate(SIGN_ES256, &foreign));
	must(jwt_sign(foreign, kid, "at+jwt", slice_text(claims_with(w, NULL, NULL)), &w->f->arena, &token));
	assert_not_let_in(w, arena_cstr(&w->f->arena, token));
	sign_key_free(foreign);
}

/* ---- the account asked for ---- */

static struct answer about(struct world *w, const char *token, const char *query)
{
	return fixture_request(w->f, &(struct from){ .token = token }, HTTP_POST, TEXT(w, RESOLVE "?%s", query), "{\"externalRef\":\"nobody\"}");
}

static void own_account(void **state)
{
	struct world *w = *state;

	assert_problem(about(w, w->token, TEXT(w, "signicat-accountId=%s", w->first.account_id)), 404, "user_entity_does_not_exist");
}

static void name_of_the_parameter_in_any_case(void **state)
{
	struct world *w = *state;
	const char *other = world_account(w, "sandbox");

	assert_problem(about(w, w->token, TEXT(w, "SIGNICAT-ACCOUNTID=%s", other)), 403, "missing_permission");
	assert_problem(about(w, w->token, TEXT(w, "signicat%%2Daccountid=%s", other)), 403, "missing_permission");
}

static void account_of_somebody_else(void **state)
{
	struct world *w = *state;
	const char *other = world_account(w, "sandbox");
	struct answer answer = about(w, w->token, TEXT(w, "signicat-accountId=%s", other));

	assert_problem(answer, 403, "missing_permission");
	assert_string_equal(text_of(answer, "detail"), TEXT(w, "The subject with ID '%s' does not have the required permission"
		" 'reuseid:user:read' on the target resource '%s'", w->first.client_id, other));
}

static void unknown_account_answers_as_one_of_somebody_else(void **state)
{
	struct world *w = *state;

	assert_problem(about(w, w->token, "signicat-accountId=a-spge-none"), 403, "missing_permission");
}

static void client_of_the_organisation_has_to_name_an_account(void **state)
{
	struct world *w = *state;
	struct answer answer = ask_with(w, world_token(w, world_client(w, NULL, "[\"all\"]")));

	assert_problem(answer, 400, "invalid_request");
	assert_string_equal(text_of(answer, "detail"), "signicat-accountId parameter is missing");
}

static void client_of_the_organisation_acts_on_the_account_it_names(void **state)
{
	struct world *w = *state;
	const char *token = world_token(w, world_client(w, NULL, "[\"all\"]")), *other = world_account(w, "production");
	struct answer answer = about(w, token, TEXT(w, "signicat-accountId=%s", other));

	assert_problem(answer, 404, "user_entity_does_not_exist");
	assert_non_null(strstr(text_of(answer, "detail"), other));
}

static void client_of_the_organisation_cannot_name_what_is_not_there(void **state)
{
	struct world *w = *state;
	const char *token = world_token(w, world_client(w, NULL, "[\"all\"]"));

	assert_problem(about(w, token, "signicat-accountId=a-spge-none"), 403, "missing_permission");
}

static void parameters_of_the_organisation_are_let_pass(void **state)
{
	struct world *w = *state;
	struct http_header header = { S("Signicat-OrganizationId"), S("o-p-any") };
	struct from from = { .token = w->token, .headers = &header, .header_count = 1 };
	const char *target = RESOLVE "?signicat-organizationId=o-p-any";

	assert_problem(fixture_request(w->f, &from, HTTP_POST, target, "{\"externalRef\":\"nobody\"}"), 404, "user_entity_does_not_exist");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(scheme_in_any_case),
		TEST(spaces_around_the_token),
		TEST(no_header),
		TEST(malformed_headers),
		TEST(two_headers),
		TEST(token_in_the_query_does_not_count),
		TEST(token_longer_than_any_of_ours),
		TEST(token_until_its_last_second),
		TEST(expired_token),
		TEST(expired_token_that_was_let_in_before),
		TEST(token_of_the_future),
		TEST(fresh_token_after_the_clock_went_back),
		TEST(a_second_of_difference_between_clocks_is_forgiven),
		TEST(claims_as_they_are),
		TEST(type_in_any_case),
		TEST(other_types),
		TEST(wrong_claims),
		TEST(payloads_that_are_no_claims),
		TEST(revoked_permission_counts_at_once),
		TEST(granted_permission_counts_at_once),
		TEST(disabled_client_is_shut_out_at_once),
		TEST(deleted_client_is_shut_out_at_once),
		TEST(client_of_a_deleted_account_is_shut_out_at_once),
		TEST(each_product_opens_its_routes_only),
		TEST(token_of_a_deleted_key_is_shut_out_at_once),
		TEST(token_of_a_foreign_key_under_our_name),
		TEST(own_account),
		TEST(name_of_the_parameter_in_any_case),
		TEST(account_of_somebody_else),
		TEST(unknown_account_answers_as_one_of_somebody_else),
		TEST(client_of_the_organisation_has_to_name_an_account),
		TEST(client_of_the_organisation_acts_on_the_account_it_names),
		TEST(client_of_the_organisation_cannot_name_what_is_not_there),
		TEST(parameters_of_the_organisation_are_let_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

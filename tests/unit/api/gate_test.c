#include "tests/unit/common/fixture.h"

static struct error answer_ok(struct op *op)
{
	op_answer(op, 200, NULL, S("{}"));
	return OK;
}

static const struct route rows[] = {
	{ HTTP_GET, "/forgotten", .op = { .prepare = answer_ok } },
	{ HTTP_GET, "/public", PUBLIC, NO_RATE, OP(.prepare = answer_ok) },
	{ HTTP_GET, "/local", LOCAL_ONLY, NO_RATE, OP(.prepare = answer_ok) },
	{ HTTP_GET, "/users", USER_READ, READS, OP(.prepare = answer_ok) },
	{ HTTP_GET, "/keys", USER_READ, READS, OP(.prepare = answer_ok), .flags = NO_ACCOUNT },
};
static const struct route_table table = { .base = "", .title = "Test", .routes = rows, .n = sizeof(rows) / sizeof(rows[0]) };
static const struct route_table *const tables[] = { &table };

/* The token says who it is: "reader", "stranger" with no permission, "organisation" with no account. */
static struct error authenticate(struct op *op, struct slice token, struct slice wanted)
{
	(void)wanted;
	op->caller.client_id = S("client");
	op->caller.account_id = S("a-spge-x");
	op->caller.account = slice_is(token, "organisation") ? 0 : 1;
	op->caller.permissions = slice_is(token, "stranger") ? 0 : BIT(USER_READ);
	return slice_is(token, "bad") ? FAIL(TOKEN_INVALID) : OK;
}

static int setup(void **state)
{
	static const struct fixture_options options = { .settings = { "rate_reads=2" } };
	struct fixture *f = fixture_new(&options);

	fixture_serve(f, tables, COUNT(tables), authenticate);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture_free(*state);
	return 0;
}

static struct answer ask(void **state, const char *token, const char *target)
{
	const struct from from = { .token = token };

	return fixture_request(*state, &from, HTTP_GET, target, NULL);
}

static void a_route_that_names_no_permission_answers_nobody(void **state)
{
	assert_problem(ask(state, NULL, "/forgotten"), 404, "not_found");
	assert_problem(ask(state, "reader", "/forgotten"), 404, "not_found");
	assert_problem(get(*state, "/forgotten"), 404, "not_found");
}

static void a_public_route_wants_no_token(void **state)
{
	assert_status(ask(state, NULL, "/public"), 200);
	assert_status(ask(state, "bad", "/public"), 200);
}

static void the_operators_routes_answer_on_his_socket_only(void **state)
{
	assert_status(get(*state, "/local"), 200);
	assert_problem(ask(state, "reader", "/local"), 404, "not_found");
}

static void a_permission_wants_a_token_even_on_the_operators_socket(void **state)
{
	assert_problem(ask(state, NULL, "/users"), 401, "invalid_token");
	assert_problem(ask(state, "bad", "/users"), 401, "invalid_token");
	assert_problem(get(*state, "/users"), 401, "invalid_token");
}

static void two_tokens_are_none(void **state)
{
	const struct http_header second = { S("Authorization"), S("Bearer reader") };
	const struct from from = { .token = "reader", .headers = &second, .header_count = 1 };

	assert_problem(fixture_request(*state, &from, HTTP_GET, "/users", NULL), 401, "invalid_token");
}

static void a_missing_permission_is_named(void **state)
{
	struct answer answer = ask(state, "stranger", "/users");

	assert_problem(answer, 403, "missing_permission");
	assert_non_null(strstr(text_of(answer, "detail"), "reuseid:user:read"));
}

static void a_client_of_the_organisation_names_an_account_where_one_is_needed(void **state)
{
	assert_problem(ask(state, "organisation", "/users"), 400, "invalid_request");
	assert_status(ask(state, "organisation", "/keys"), 200);
}

static void the_rate_is_limited_by_client(void **state)
{
	assert_status(ask(state, "reader", "/users"), 200);
	assert_status(ask(state, "reader", "/users"), 200);
	assert_problem(ask(state, "reader", "/users"), 429, "too_many_requests");
	fixture_advance(*state, 500);
	assert_status(ask(state, "reader", "/users"), 200);
}

#define GATE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		GATE(a_route_that_names_no_permission_answers_nobody),
		GATE(a_public_route_wants_no_token),
		GATE(the_operators_routes_answer_on_his_socket_only),
		GATE(a_permission_wants_a_token_even_on_the_operators_socket),
		GATE(two_tokens_are_none),
		GATE(a_missing_permission_is_named),
		GATE(a_client_of_the_organisation_names_an_account_where_one_is_needed),
		GATE(the_rate_is_limited_by_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Error objects: the literals that clients depend on, word by word, and how their places are filled in. */
#include "things.h"

/* ---- the list ---- */

struct literal {
	enum err_code error;
	int status;
	const char *code, *title, *detail;
};

/* Those that the published references show. */
static const struct literal literals[] = {
	{ E_PARAM_MISSING, 400, "invalid_request", "Invalid_request", "{what} parameter is missing" },
	{ E_INVALID_PARAM, 400, "invalid_request_parameter", "Invalid request parameter",
		"Your request body parameters have failed validation." },
	{ E_TOKEN_INVALID, 401, "invalid_token", "Invalid authentication token.",
		"The authentication token provided is invalid. This may be because it is missing or malformed, because of an incorrect "
		"signature or expiration, or because of insufficient permissions." },
	{ E_PERMISSION, 403, "missing_permission",
		"You do not have the required permission to perform this operation on the target resource",
		"The subject with ID '{client}' does not have the required permission '{permission}' on the target resource '{account}'" },
	{ E_USER_UNKNOWN, 404, "user_entity_does_not_exist", "User entity does not exist",
		"Failed fetching user with user ID : {userId} and account ID : {account}." },
	{ E_TRANSACTION_UNKNOWN, 404, "transaction_id_does_not_exist", "Transaction ID does not exist",
		"There is no request with the specified transaction ID" },
	/* Really 404, not 400. */
	{ E_USER_NOT_LOCKED, 404, "invalid_operation", "Invalid operation", "User entity must be in LOCKED state in order to be deleted." },
};

static void literals_are_those_of_the_references(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(literals); i++) {
		const struct err_info *info = err_info(literals[i].error);

		assert_int_equal(info->http, literals[i].status);
		assert_string_equal(info->code, literals[i].code);
		assert_string_equal(info->title, literals[i].title);
		assert_string_equal(info->detail, literals[i].detail);
	}
}

struct code {
	enum err_code error;
	int status;
	const char *code;
};

/* Codes that no reference shows in full. */
static const struct code codes[] = {
	{ E_INVALID_REQUEST, 400, "invalid_request" }, { E_INVALID_JSON, 400, "invalid_request" },
	{ E_BODY_NOT_OBJECT, 400, "invalid_request" }, { E_OFFSET_UNKNOWN, 400, "invalid_request" },
	{ E_USER_EXISTS, 409, "user_entity_already_exists" }, { E_USER_LOCKED, 400, "invalid_operation" },
	{ E_USER_REF_UNKNOWN, 404, "user_entity_does_not_exist" },
	{ E_VERIFICATION_UNKNOWN, 404, "identity_verification_does_not_exist" },
	{ E_STALE, 409, "concurrent_request" }, { E_NOT_ONBOARDED, 403, "account_not_onboarded" }, { E_NOT_FOUND, 404, "not_found" },
	{ E_METHOD, 405, "method_not_allowed" }, { E_TOO_LARGE, 413, "payload_too_large" },
	{ E_MEDIA_TYPE, 415, "unsupported_media_type" }, { E_TOO_MANY, 429, "too_many_requests" }, { E_INTERNAL, 500, "internal_error" },
	{ E_UNAVAILABLE, 503, "service_unavailable" }, { E_STORAGE_FULL, 503, "service_unavailable" },
};

static void codes_and_statuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++) {
		assert_int_equal(err_info(codes[i].error)->http, codes[i].status);
		assert_string_equal(err_info(codes[i].error)->code, codes[i].code);
	}
}

/* What went wrong inside is nobody's business. */
static void failures_inside_tell_nothing(void **state)
{
	static const enum err_code inside[] = { E_NO_ROW, E_TAKEN, E_STORAGE, E_CRYPTO, E_SIGNATURE, E_IO, E_CONFIG, E_WRONG_KEY };

	(void)state;
	for (size_t i = 0; i < COUNT(inside); i++) {
		assert_int_equal(err_info(inside[i])->http, 500);
		assert_string_equal(err_info(inside[i])->code, "internal_error");
		assert_string_equal(err_info(inside[i])->detail, err_info(E_INTERNAL)->detail);
	}
}

/* ---- the object ---- */

/* Fails with the error whose number is in the path. */
static struct error fail_as_asked(struct op *op)
{
	uint64_t code = 0;

	IGNORE(slice_u64(op->path[0], &code)); /* a test's own number */
	op->what = S("\"what\" <\n>");
	return (struct error){ (enum err_code)code };
}

static struct error fail_inside_words(struct op *op)
{
	return op_fail(op, INVALID_REQUEST, "%s of %d", "words", 3);
}

static struct error fail_on_parameters(struct op *op)
{
	IGNORE(op_invalid(op, "one", "is wrong")); /* both are told */
	return op_invalid(op, "two", "is wrong too");
}

static struct error fail_quietly(struct op *op)
{
	IGNORE(op_invalid(op, "one", "is wrong")); /* and then something else went wrong */
	return FAIL(USER_EXISTS);
}

static void write_own(struct op *op, struct error e)
{
	op_answer(op, 418, "text/plain", slice_text(err_info(e.code)->name));
}

static const struct op_errors own_errors = { write_own };

static const struct route rows[] = {
	{ HTTP_GET, "/fail/{code:text}", USER_DELETE, NO_RATE, OP(.prepare = fail_as_asked) },
	{ HTTP_GET, "/users/{code:text}/of/{userId}", USER_READ, NO_RATE, OP(.prepare = fail_as_asked) },
	{ HTTP_GET, "/words", PUBLIC, NO_RATE, OP(.prepare = fail_inside_words) },
	{ HTTP_GET, "/parameters", PUBLIC, NO_RATE, OP(.prepare = fail_on_parameters) },
	{ HTTP_GET, "/quiet", PUBLIC, NO_RATE, OP(.prepare = fail_quietly) },
	{ HTTP_GET, "/own/{code:text}", PUBLIC, NO_RATE, OP(.prepare = fail_as_asked), .errors = &own_errors },
};
static const struct route other_rows[] = { { HTTP_GET, "/other/{code:text}", PUBLIC, NO_RATE, OP(.prepare = fail_as_asked) } };

static const struct route_table table = { .base = "", .openapi_path = "/things/openapi.json", .routes = rows, .n = COUNT(rows) };
static const struct route_table other = { .base = "", .routes = other_rows, .n = COUNT(other_rows) };

static int setup(void **state)
{
	static const struct route_table *const tables[] = { &table, &other };
	struct fixture *f = fixture_new(NULL);

	fixture_serve(f, tables, COUNT(tables), let_everybody_in);
	*state = f;
	return 0;
}

static struct answer ask(void **state, const char *target)
{
	return fixture_request(*state, &(struct from){ .token = "token" }, HTTP_GET, target, NULL);
}

static struct answer failing(void **state, const char *path, enum err_code error, const char *rest)
{
	struct fixture *f = *state;

	return ask(state, (const char *)arena_printf(&f->arena, "%s/%d%s", path, error, rest).p);
}

static void members_of_the_object(void **state)
{
	struct answer answer = failing(state, "/fail", E_USER_EXISTS, "");

	assert_status(answer, 409);
	assert_int_equal(json_object_size(answer.body), 6);
	assert_string_equal(text_of(answer, "type"), "http://localhost:8080/things/openapi.json");
	assert_string_equal(text_of(answer, "title"), "User entity already exists");
	assert_string_equal(text_of(answer, "code"), "user_entity_already_exists");
	assert_int_equal(json_integer_value(member(answer, "status")), 409);
	assert_int_equal(strlen(text_of(answer, "traceId")), 32);
	assert_string_equal(text_of(answer, "detail"), "A user with this external reference already exists in the account.");
}

static void trace_is_that_of_the_request(void **state)
{
	struct http_header header = { S("traceparent"), S("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01") };
	struct answer answer = fixture_request(*state, &(struct from){ .headers = &header, .header_count = 1 }, HTTP_GET, "/nothing", NULL);

	assert_string_equal(text_of(answer, "traceId"), "4bf92f3577b34da6a3ce929d0e0e4736");
}

static void every_error_of_the_list_makes_an_object(void **state)
{
	for (int code = E_OK + 1; code < E_COUNT; code++) {
		struct answer answer = failing(state, "/fail", (enum err_code)code, "");

		assert_problem(answer, err_info((enum err_code)code)->http, err_info((enum err_code)code)->code);
		assert_null(strchr(text_of(answer, "detail"), '{'));
	}
}

static void place_of_the_word(void **state)
{
	assert_string_equal(text_of(ask(state, "/words"), "detail"), "words of 3");
	assert_string_equal(text_of(failing(state, "/fail", E_PARAM_MISSING, ""), "detail"), "\"what\" <\n> parameter is missing");
}

static void places_of_client_permission_and_account(void **state)
{
	assert_string_equal(text_of(failing(state, "/fail", E_PERMISSION, ""), "detail"), "The subject with ID 'the-client' does not have "
		"the required permission 'reuseid:user:delete' on the target resource 'a-spge-mine'");
}

static void place_of_a_path_parameter(void **state)
{
	assert_string_equal(text_of(failing(state, "/users", E_USER_UNKNOWN, "/of/0E99B25C-abde-4553-973b-8d94d49cd87e"), "detail"),
		"Failed fetching user with user ID : 0E99B25C-abde-4553-973b-8d94d49cd87e and account ID : a-spge-mine.");
}

static void type_of_a_table_without_a_document_is_that_of_the_first(void **state)
{
	assert_string_equal(text_of(failing(state, "/other", E_INTERNAL, ""), "type"), "http://localhost:8080/things/openapi.json");
	assert_string_equal(text_of(ask(state, "/nothing"), "type"), "http://localhost:8080/things/openapi.json");
}

/* ---- parameters ---- */

static void each_parameter_is_told(void **state)
{
	struct answer answer = ask(state, "/parameters");

	assert_status(answer, 400);
	assert_int_equal(json_array_size(member(answer, "invalidParams")), 2);
	assert_string_equal(text_of(answer, "invalidParams.0.name"), "one");
	assert_string_equal(text_of(answer, "invalidParams.0.reason"), "one is wrong");
	assert_string_equal(text_of(answer, "invalidParams.1.reason"), "two is wrong too");
}

static void parameters_belong_to_their_error_only(void **state)
{
	assert_null(member(ask(state, "/quiet"), "invalidParams"));
}

/* ---- headers ---- */

static void headers_of_errors(void **state)
{
	struct answer token = failing(state, "/fail", E_TOKEN_INVALID, ""), many = failing(state, "/fail", E_TOO_MANY, "");
	struct answer full = failing(state, "/fail", E_STORAGE_FULL, ""), plain = failing(state, "/fail", E_USER_EXISTS, "");

	assert_string_equal(answer_header(&token, "WWW-Authenticate"), "Bearer");
	assert_string_equal(answer_header(&many, "Retry-After"), "1");
	assert_string_equal(answer_header(&full, "Retry-After"), "1");
	assert_int_equal(plain.header_count, 0);
}

static void route_may_have_errors_of_its_own_shape(void **state)
{
	struct answer answer = failing(state, "/own", E_USER_EXISTS, "");

	assert_status(answer, 418);
	assert_slice_equal(answer.text, S("USER_EXISTS"));
}

/* ---- refused before there is an operation ---- */

static struct http_request refused(struct fixture *f, struct api *api, enum err_code code, struct slice what)
{
	struct http_handler handler = api_handler(api);
	struct http_request req = { .method = HTTP_GET };

	(void)f;
	arena_init(&req.arena);
	strcpy(req.trace, "4bf92f3577b34da6a3ce929d0e0e4736");
	handler.refuse(handler.ctx, &req, code, what);
	return req;
}

static void refusal_looks_like_every_problem(void **state)
{
	struct fixture *f = *state;
	struct http_request req = refused(f, f->api, E_AMBIGUOUS, S("two lengths"));

	assert_int_equal(req.reply.status, 400);
	assert_slice_equal(req.reply.body, S("{\"type\":\"http://localhost:8080/things/openapi.json\",\"title\":\"Invalid_request\","
		"\"code\":\"invalid_request\",\"status\":400,\"traceId\":\"4bf92f3577b34da6a3ce929d0e0e4736\","
		"\"detail\":\"The request is ambiguous: two lengths\"}"));
	arena_free(&req.arena);
}

static void refusal_says_when_to_try_again(void **state)
{
	struct fixture *f = *state;
	struct http_request req = refused(f, f->api, E_UNAVAILABLE, S(""));

	assert_int_equal(req.reply.header_count, 1);
	assert_slice_equal(req.reply.headers[0].name, S("Retry-After"));
	arena_free(&req.arena);
}

static void type_where_no_table_has_a_document(void **state)
{
	static const struct route_table *const tables[] = { &other };
	struct fixture *f = *state;
	struct api *api = api_new(&(struct api_config){ .app = &f->app, .tables = tables, .table_count = COUNT(tables) });
	struct http_request req = refused(f, api, E_TOO_LARGE, S("1"));

	assert_non_null(memmem(req.reply.body.p, req.reply.body.n, "\"type\":\"about:blank\"", 20));
	arena_free(&req.arena);
	api_free(api);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, things_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(literals_are_those_of_the_references),
		cmocka_unit_test(codes_and_statuses),
		cmocka_unit_test(failures_inside_tell_nothing),
		TEST(members_of_the_object),
		TEST(trace_is_that_of_the_request),
		TEST(every_error_of_the_list_makes_an_object),
		TEST(place_of_the_word),
		TEST(places_of_client_permission_and_account),
		TEST(place_of_a_path_parameter),
		TEST(type_of_a_table_without_a_document_is_that_of_the_first),
		TEST(each_parameter_is_told),
		TEST(parameters_belong_to_their_error_only),
		TEST(headers_of_errors),
		TEST(route_may_have_errors_of_its_own_shape),
		TEST(refusal_looks_like_every_problem),
		TEST(refusal_says_when_to_try_again),
		TEST(type_where_no_table_has_a_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

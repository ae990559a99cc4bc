/* Who asks for a token: RFC 6749, section 2.3.1, and the failures of section 5.2. */
#include "tokens.h"

/* ---- what works ---- */

static void header_works(void **state)
{
	struct world *w = *state;

	assert_status(token_request(w, basic_first(w), GRANT), 200);
}

static void form_fields_work(void **state)
{
	struct world *w = *state;

	assert_status(token_request(w, NULL, form_of(w, w->first.client_id, w->first.secret, "")), 200);
}

static void header_with_the_same_id_in_the_form_works(void **state)
{
	struct world *w = *state;

	assert_status(token_request(w, basic_first(w), TEXT(w, GRANT "&client_id=%s", w->first.client_id)), 200);
}

static void scheme_is_read_in_any_case(void **state)
{
	struct world *w = *state;
	char *header = arena_cstr(&w->f->arena, slice_text(basic_first(w)));

	memcpy(header, "bASIC", 5);
	assert_status(token_request(w, header, GRANT), 200);
}

static void header_is_form_encoded_inside(void **state)
{
	struct world *w = *state;
	char *rest = arena_cstr(&w->f->arena, slice_text(w->first.client_id + strlen("sandbox-")));

	assert_status(token_request(w, basic(w, TEXT(w, "sandbox%%2D%s", rest), w->first.secret), GRANT), 200);
}

static void form_fields_are_decoded(void **state)
{
	struct world *w = *state;

	assert_status(token_request(w, NULL, form_of(w, TEXT(w, "sandbox%%2d%s", w->first.client_id + strlen("sandbox-")),
		w->first.secret, "")), 200);
}

static void each_of_two_secrets_works(void **state)
{
	struct world *w = *state;
	struct answer added = post(w->f, TEXT(w, "/admin/clients/%s/secrets", w->first.client_id), "{\"name\":\"Second\"}");

	assert_status(token_request(w, basic_first(w), GRANT), 200);
	assert_status(token_request(w, basic(w, w->first.client_id, text_of(added, "secret")), GRANT), 200);
}

static void deleting_one_secret_leaves_the_other(void **state)
{
	struct world *w = *state;
	struct answer added, client;

	fixture_advance(w->f, 1); /* those of one millisecond come in no order */
	added = post(w->f, TEXT(w, "/admin/clients/%s/secrets", w->first.client_id), "{\"name\":\"Second\"}");
	client = get(w->f, "/admin/clients/%s", w->first.client_id);
	assert_status(del(w->f, "/admin/clients/%s/secrets/%s", w->first.client_id, text_of(client, "secrets.0.id")), 204);
	assert_oauth_error(token_request(w, basic_first(w), GRANT), 401, "invalid_client");
	assert_status(token_request(w, basic(w, w->first.client_id, text_of(added, "secret")), GRANT), 200);
}

/* ---- more than one way at once ---- */

static void another_id_in_the_form_is_refused(void **state)
{
	struct world *w = *state;

	assert_oauth_error(token_request(w, basic_first(w), GRANT "&client_id=another"), 400, "invalid_request");
}

static void secret_in_header_and_form_is_refused(void **state)
{
	struct world *w = *state;

	assert_oauth_error(token_request(w, basic_first(w), form_of(w, w->first.client_id, w->first.secret, "")), 400, "invalid_request");
}

static void two_headers_are_refused(void **state)
{
	struct world *w = *state;
	struct http_header header = { S("Authorization"), slice_text(basic_first(w)) };
	struct http_header both[] = { header, header };
	struct from from = { .type = FORM_TYPE, .headers = both, .header_count = 2 };

	assert_oauth_error(fixture_request(w->f, &from, HTTP_POST, "/auth/open/connect/token", GRANT), 400, "invalid_request");
}

/* ---- failures ---- */

static void wrong_secret_in_the_header(void **state)
{
	struct world *w = *state;
	struct answer answer = token_request(w, basic(w, w->first.client_id, "wrong"), GRANT);

	assert_oauth_error(answer, 401, "invalid_client");
	assert_string_equal(answer_header(&answer, "WWW-Authenticate"), "Basic realm=\"token\"");
}

static void wrong_secret_in_the_form(void **state)
{
	struct world *w = *state;
	struct answer answer = token_request(w, NULL, form_of(w, w->first.client_id, "wrong", ""));

	assert_oauth_error(answer, 400, "invalid_client");
	assert_string_equal(answer_header(&answer, "WWW-Authenticate"), "");
}

static int setup_401(void **state)
{
	return setup_with(state, &(struct fixture_options){ .settings = { "invalid_client_status=401" } });
}

static void wrong_secret_in_the_form_by_setting(void **state)
{
	struct world *w = *state;
	struct answer answer = token_request(w, NULL, form_of(w, w->first.client_id, "wrong", ""));

	assert_oauth_error(answer, 401, "invalid_client");
	assert_string_equal(answer_header(&answer, "WWW-Authenticate"), "Basic realm=\"token\"");
}

static void unknown_client_looks_like_a_wrong_secret(void **state)
{
	struct world *w = *state;
	struct answer unknown = token_request(w, NULL, form_of(w, "sandbox-no-body-000", "wrong", ""));

	assert_oauth_error(unknown, 400, "invalid_client");
	assert_slice_equal(unknown.text, token_request(w, NULL, form_of(w, w->first.client_id, "wrong", "")).text);
}

static void nobody_at_all(void **state)
{
	assert_oauth_error(token_request(*state, NULL, GRANT), 400, "invalid_client");
}

static void id_without_a_secret(void **state)
{
	struct world *w = *state;

	assert_oauth_error(token_request(w, NULL, TEXT(w, GRANT "&client_id=%s", w->first.client_id)), 400, "invalid_client");
}

static void secret_of_another_client(void **state)
{
	struct world *w = *state;
	struct credentials other = world_client(w, w->first.account_id, "[\"all\"]");

	assert_oauth_error(token_request(w, basic(w, w->first.client_id, other.secret), GRANT), 401, "invalid_client");
}

static void disabled_client(void **state)
{
	struct world *w = *state;

	patch(w->f, TEXT(w, "/admin/clients/%s", w->first.client_id), "{\"enabled\":false}");
	assert_oauth_error(token_request(w, basic_first(w), GRANT), 401, "invalid_client");
}

static void deleted_client(void **state)
{
	struct world *w = *state;

	del(w->f, "/admin/clients/%s", w->first.client_id);
	assert_oauth_error(token_request(w, basic_first(w), GRANT), 401, "invalid_client");
}

static void malformed_headers(void **state)
{
	static const char *const headers[] = {
		"Basic", "Basic ", "Basic !!!!", "Basic bm9jb2xvbg==", "Basic Og==", "Basic OnNlY3JldA==", "Basic aWQ6", "Basic JTo=",
		"Bearer abc", "Digest username=x", "Basicaaaa",
	};

	for (size_t i = 0; i < COUNT(headers); i++) {
		struct answer answer = token_request(*state, headers[i], GRANT);

		assert_oauth_error(answer, 401, "invalid_client");
	}
}

/* ---- records ---- */

SQL(denied_count, "SELECT count(*) FROM audit WHERE type = 'API_TOKEN_DENIED'");
SQL(denied_of_client, "SELECT count(*) FROM audit WHERE type = 'API_TOKEN_DENIED' AND client_id IS NOT NULL AND account > 0");
SQL(denied_three_times, "SELECT count(*) FROM audit WHERE type = 'API_TOKEN_DENIED' AND data LIKE '%\"count\":3%'");

static void failures_make_one_record_with_a_count(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 3; i++)
		token_request(w, NULL, form_of(w, w->first.client_id, "wrong", ""));
	assert_int_equal(fixture_number(w->f, &denied_count), 0);
	must(denials_flush(w->f->app.denials, &w->f->app));
	assert_int_equal(fixture_number(w->f, &denied_count), 1);
	assert_int_equal(fixture_number(w->f, &denied_three_times), 1);
}

static void record_names_client_and_account(void **state)
{
	struct world *w = *state;

	token_request(w, NULL, form_of(w, w->first.client_id, "wrong", ""));
	must(denials_flush(w->f->app.denials, &w->f->app));
	assert_int_equal(fixture_number(w->f, &denied_of_client), 1);
}

static void unknown_clients_share_a_record(void **state)
{
	struct world *w = *state;

	token_request(w, NULL, form_of(w, "one", "wrong", ""));
	token_request(w, NULL, form_of(w, "two", "wrong", ""));
	token_request(w, NULL, form_of(w, "three", "wrong", ""));
	must(denials_flush(w->f->app.denials, &w->f->app));
	assert_int_equal(fixture_number(w->f, &denied_count), 1);
	assert_int_equal(fixture_number(w->f, &denied_three_times), 1);
}

static void malformed_header_is_recorded(void **state)
{
	struct world *w = *state;

	token_request(w, "Basic !!!!", GRANT);
	must(denials_flush(w->f->app.denials, &w->f->app));
	assert_int_equal(fixture_number(w->f, &denied_count), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(header_works),
		TEST(form_fields_work),
		TEST(header_with_the_same_id_in_the_form_works),
		TEST(scheme_is_read_in_any_case),
		TEST(header_is_form_encoded_inside),
		TEST(form_fields_are_decoded),
		TEST(each_of_two_secrets_works),
		TEST(deleting_one_secret_leaves_the_other),
		TEST(another_id_in_the_form_is_refused),
		TEST(secret_in_header_and_form_is_refused),
		TEST(two_headers_are_refused),
		TEST(wrong_secret_in_the_header),
		TEST(wrong_secret_in_the_form),
		TEST_WITH(wrong_secret_in_the_form_by_setting, setup_401),
		TEST(unknown_client_looks_like_a_wrong_secret),
		TEST(nobody_at_all),
		TEST(id_without_a_secret),
		TEST(secret_of_another_client),
		TEST(disabled_client),
		TEST(deleted_client),
		TEST(malformed_headers),
		TEST(failures_make_one_record_with_a_count),
		TEST(record_names_client_and_account),
		TEST(unknown_clients_share_a_record),
		TEST(malformed_header_is_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

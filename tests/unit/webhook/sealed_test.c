/* What of a subscription is secret lies nowhere in the clear, and a box moved elsewhere does not open. */
#include "tests/unit/webhook/hooked.h"

#define URL "https://a.example.com/"
#define WORD "Bearer-of-a-secret-word"

static void nothing_in_the_clear(void **state)
{
	struct hooked *h = *state;
	struct answer answer = ask(h->w, HTTP_POST, "/events-management/subscriptions",
		"{\"name\":\"n\",\"url\":\"https://a.example.com/path-of-a-secret\",\"events\":[\"*\"],\"headers\":{\"Authorization\":\"" WORD "\"}}");
	const char *secret;

	assert_status(answer, 200);
	secret = text_of(answer, "secrets.0.secret");
	assert_int_equal(strlen(secret), 48);
	happen(h);
	settle(h);
	assert_string_equal(outbound_fake_header(h->fake, 0, "Authorization"), WORD);
	fixture_reopen(h->w->f);
	assert_false(directory_holds(h->w->f->dir, slice_text(secret)));
	assert_false(directory_holds(h->w->f->dir, S(WORD)));
	assert_false(directory_holds(h->w->f->dir, S("path-of-a-secret")));
}

static void boxes_of_one_do_not_open_in_another(void **state)
{
	struct hooked *h = *state;
	const char *one = subscribe(h, "a", ",\"headers\":{\"X-Key\":\"" WORD "\"}"), *two = subscribe(h, "b", "");

	(void)one;
	database_run(h->db, "UPDATE subscriptions SET target = (SELECT target FROM subscriptions WHERE name = 'a') WHERE name = 'b'");
	assert_status(ask(h->w, HTTP_GET, TEXT(h->w, "/events-management/subscriptions/%s", two), NULL), 500);
	database_run(h->db, "UPDATE subscriptions SET wrapped_key = (SELECT wrapped_key FROM subscriptions WHERE name = 'a') WHERE name = 'b'");
	assert_status(ask(h->w, HTTP_GET, TEXT(h->w, "/events-management/subscriptions/%s", two), NULL), 500);
	/* The other one is served all the same. */
	h->fake->status = 200;
	happen(h);
	start_again(h);
	h->fake->status = 200;
	answer_all(h, 200);
	assert_int_equal(calls_to(h, "a"), 1);
	assert_int_equal(calls_to(h, "b"), 0);
}

static void secrets_are_shown_once(void **state)
{
	struct hooked *h = *state;
	const char *id = subscribe(h, "a", "");
	struct answer added, read;

	fixture_advance(h->w->f, 1);
	added = ask(h->w, HTTP_POST, TEXT(h->w, "/events-management/subscriptions/%s/secrets", id), NULL);
	read = ask(h->w, HTTP_GET, TEXT(h->w, "/events-management/subscriptions/%s", id), NULL);
	assert_status(added, 200);
	assert_non_null(member(added, "secret"));
	assert_int_equal(json_array_size(member(read, "secrets")), 2);
	assert_null(member(read, "secrets.0.secret"));
	assert_null(member(read, "secrets.1.secret"));
	assert_string_equal(text_of(read, "secrets.0.id"), text_of(added, "id"));
}

static void so_many_secrets_and_no_more(void **state)
{
	struct hooked *h = *state;
	const char *path = TEXT(h->w, "/events-management/subscriptions/%s/secrets", subscribe(h, "a", ""));

	for (int i = 1; i < 5; i++)
		assert_status(ask(h->w, HTTP_POST, path, NULL), 200);
	assert_problem(ask(h->w, HTTP_POST, path, NULL), 409, "too_many_secrets");
}

static void so_many_subscriptions_and_no_more(void **state)
{
	struct hooked *h = *state;

	for (int i = 0; i < 100; i++)
		subscribe(h, "a", "");
	assert_problem(ask(h->w, HTTP_POST, "/events-management/subscriptions",
			       "{\"name\":\"n\",\"url\":\"" URL "\",\"events\":[\"*\"]}"), 409, "too_many_subscriptions");
}

#define T(name) cmocka_unit_test_setup_teardown(name, hooked_new, hooked_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_in_the_clear), T(boxes_of_one_do_not_open_in_another), T(secrets_are_shown_once), T(so_many_secrets_and_no_more),
		T(so_many_subscriptions_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

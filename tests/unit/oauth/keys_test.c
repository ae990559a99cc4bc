/* The signing keys: which one signs, what is published, how they lie in the store. */
#include "tokens.h"

enum { HOUR_MS = 3600 * 1000 };

static const char *kid_now(struct world *w)
{
	const struct sign_key *key;
	const char *kid;

	oauth_signing_key(&w->f->app, env_now_ms(w->f->app.env), &key, &kid);
	return kid;
}

static struct answer rotated(struct world *w, const char *body)
{
	struct answer answer = post(w->f, "/admin/keys/rotate", "%s", body);

	assert_status(answer, 200);
	return answer;
}

static bool is_published(struct world *w, const char *kid)
{
	struct answer answer = get(w->f, "/auth/open/.well-known/openid-configuration/jwks");
	json_t *key;
	size_t i;

	json_array_foreach(member(answer, "keys"), i, key)
		if (strcmp(json_string_value(json_object_get(key, "kid")), kid) == 0)
			return true;
	return false;
}

SQL(key_count, "SELECT count(*) FROM signing_keys");

/* ---- which one ---- */

static void first_key_is_made_at_the_first_start(void **state)
{
	struct world *w = *state;

	assert_int_equal(fixture_number(w->f, &key_count), 1);
	assert_true(is_published(w, kid_now(w)));
}

static void key_is_the_same_after_a_restart(void **state)
{
	struct world *w = *state;
	const char *kid = TEXT(w, "%s", kid_now(w));

	oauth_close(&w->f->app);
	must(oauth_open(&w->f->app));
	assert_string_equal(kid_now(w), kid);
	assert_int_equal(fixture_number(w->f, &key_count), 1);
	assert_let_in(w, w->token);
}

static void new_key_is_published_before_it_signs(void **state)
{
	struct world *w = *state;
	const char *old = TEXT(w, "%s", kid_now(w)), *fresh = text_of(rotated(w, "{}"), "keyId");

	assert_true(is_published(w, fresh));
	assert_string_equal(kid_now(w), old);
	fixture_advance(w->f, HOUR_MS - 1);
	assert_string_equal(kid_now(w), old);
}

static void new_key_signs_after_the_overlap(void **state)
{
	struct world *w = *state;
	const char *fresh = text_of(rotated(w, "{}"), "keyId");

	fixture_advance(w->f, HOUR_MS);
	assert_string_equal(kid_now(w), fresh);
}

static int setup_overlap(void **state)
{
	return setup_with(state, &(struct fixture_options){ .settings = { "key_overlap_s=10" } });
}

static void overlap_by_setting(void **state)
{
	struct world *w = *state;
	const char *fresh = text_of(rotated(w, "{}"), "keyId");

	fixture_advance(w->f, 9999);
	assert_string_not_equal(kid_now(w), fresh);
	fixture_advance(w->f, 1);
	assert_string_equal(kid_now(w), fresh);
}

static void old_key_stays_published_and_its_tokens_count(void **state)
{
	struct world *w = *state;
	const char *old = TEXT(w, "%s", kid_now(w));

	fixture_advance(w->f, 1);
	rotated(w, "{\"immediately\":true}");
	assert_string_not_equal(kid_now(w), old);
	assert_true(is_published(w, old));
	assert_let_in(w, w->token);
}

static void tokens_are_signed_by_the_new_key(void **state)
{
	struct world *w = *state;
	const char *fresh;
	json_t *header;

	fixture_advance(w->f, 1);
	fresh = text_of(rotated(w, "{\"immediately\":true}"), "keyId");
	header = token_part(w, world_token(w, world_first_client(w)), 0);
	assert_string_equal(json_string_value(json_object_get(header, "kid")), fresh);
	json_decref(header);
}

static void key_to_come_takes_over_from_one_that_was_made_later(void **state)
{
	struct world *w = *state;
	const char *planned = text_of(rotated(w, "{}"), "keyId"), *at_once;

	fixture_advance(w->f, 1000);
	at_once = text_of(rotated(w, "{\"immediately\":true}"), "keyId");
	assert_string_equal(kid_now(w), at_once);
	fixture_advance(w->f, HOUR_MS);
	assert_string_equal(kid_now(w), planned);
}

static void clock_that_went_back_leaves_the_earliest_key(void **state)
{
	struct world *w = *state;
	const char *first = TEXT(w, "%s", kid_now(w));

	rotated(w, "{}");
	fixture_advance(w->f, -10LL * HOUR_MS);
	assert_string_equal(kid_now(w), first);
}

/* ---- the algorithm by setting ---- */

static void reopen_with(struct world *w, const char *alg)
{
	struct slice why;

	oauth_close(&w->f->app);
	must(settings_set(&w->f->settings, setting_find(S("signing_alg")), slice_text(alg), &w->f->arena, &why));
	must(oauth_open(&w->f->app));
}

static void another_algorithm_gets_a_key_of_its_own(void **state)
{
	struct world *w = *state;
	const char *old = TEXT(w, "%s", kid_now(w));

	reopen_with(w, "RS256");
	assert_int_equal(fixture_number(w->f, &key_count), 2);
	assert_string_not_equal(kid_now(w), old);
}

static void tokens_of_the_other_algorithm_still_count(void **state)
{
	struct world *w = *state;

	reopen_with(w, "RS256");
	assert_let_in(w, w->token);
}

static void going_back_takes_the_old_key_again(void **state)
{
	struct world *w = *state;
	const char *old = TEXT(w, "%s", kid_now(w));

	reopen_with(w, "RS256");
	reopen_with(w, "ES256");
	assert_string_equal(kid_now(w), old);
}

/* ---- at rest ---- */

static struct slice private_key(struct world *w)
{
	const struct sign_key *key;
	const char *kid;

	oauth_signing_key(&w->f->app, env_now_ms(w->f->app.env), &key, &kid);
	return sign_key_private(key, &w->f->arena);
}

static void private_key_is_sealed(void **state)
{
	struct world *w = *state;
	struct slice der = private_key(w);

	/* The private number itself: 32 bytes behind the fixed front of an EC key's PKCS#8. */
	assert_false(directory_holds(w->f->dir, slice_of(der.p + 36, 32)));
}

static void public_key_lies_open(void **state)
{
	struct world *w = *state;
	const struct sign_key *key;
	const char *kid;
	struct slice x, y;

	/* So that the test above is known to look at the right place. */
	oauth_signing_key(&w->f->app, env_now_ms(w->f->app.env), &key, &kid);
	sign_key_numbers(key, &w->f->arena, &x, &y);
	assert_true(directory_holds(w->f->dir, x));
}

static void assert_opens_not(struct world *w, const char *damage)
{
	struct database *d = database_open(w->f->dir);

	database_run(d, damage);
	database_close(d);
	oauth_close(&w->f->app);
	assert_true(failed(oauth_open(&w->f->app)));
}

static void altered_key_does_not_open(void **state)
{
	assert_opens_not(*state, "UPDATE signing_keys SET private_key = substr(private_key, 1, length(private_key) - 1) || x'00'");
}

static void key_under_another_name_does_not_open(void **state)
{
	assert_opens_not(*state, "UPDATE signing_keys SET kid = 'signing-key-0'");
}

static void name_that_is_too_long_does_not_open(void **state)
{
	assert_opens_not(*state, "UPDATE signing_keys SET kid = printf('%100d', 1)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_key_is_made_at_the_first_start),
		TEST(key_is_the_same_after_a_restart),
		TEST(new_key_is_published_before_it_signs),
		TEST(new_key_signs_after_the_overlap),
		TEST_WITH(overlap_by_setting, setup_overlap),
		TEST(old_key_stays_published_and_its_tokens_count),
		TEST(tokens_are_signed_by_the_new_key),
		TEST(key_to_come_takes_over_from_one_that_was_made_later),
		TEST(clock_that_went_back_leaves_the_earliest_key),
		TEST(another_algorithm_gets_a_key_of_its_own),
		TEST(tokens_of_the_other_algorithm_still_count),
		TEST(going_back_takes_the_old_key_again),
		TEST(private_key_is_sealed),
		TEST(public_key_lies_open),
		TEST(altered_key_does_not_open),
		TEST(key_under_another_name_does_not_open),
		TEST(name_that_is_too_long_does_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

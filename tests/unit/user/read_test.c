/* Get a user; resolve an external reference. */
#include "users.h"

/* ---- get ---- */

static void id_in_upper_case(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{}");
	char *upper = arena_cstr(&u->w->f->arena, slice_text(id));

	for (char *at = upper; *at; at++)
		*at = (char)(*at >= 'a' && *at <= 'f' ? *at - 32 : *at);
	assert_slice_equal(user_get(u, upper).text, user_get(u, id).text);
}

static void unknown_user(void **state)
{
	struct users *u = *state;
	struct answer answer = user_get(u, NOBODY);

	assert_problem(answer, 404, "user_entity_does_not_exist");
	assert_string_equal(text_of(answer, "title"), "User entity does not exist");
	assert_string_equal(text_of(answer, "detail"),
		TEXTU(u, "Failed fetching user with user ID : " NOBODY " and account ID : %s.", u->w->first.account_id));
}

static void user_of_another_account_is_unknown(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{}");

	u->w->token = world_token(u->w, world_client(u->w, world_account(u->w, "sandbox"), "[\"all\"]"));
	assert_problem(user_get(u, id), 404, "user_entity_does_not_exist");
}

static void time_of_the_last_use_is_shown(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{}");

	assert_null(member(user_get(u, id), "lastUsed"));
	database_run(u->db, "UPDATE users SET last_used = 1767225600123");
	assert_string_equal(text_of(user_get(u, id), "lastUsed"), "2026-01-01T00:00:00.123Z");
}

static void damaged_profile_is_an_internal_error(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{\"externalRef\":\"r\"}");

	database_run(u->db, "UPDATE users SET profile = substr(profile, 1, length(profile) - 1) || x'00'");
	assert_problem(user_get(u, id), 500, "internal_error");
}

static void profile_of_another_user_does_not_open(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{\"externalRef\":\"one\"}");

	made(u, "{\"externalRef\":\"two\"}");
	database_run(u->db, "UPDATE users SET (profile, wrapped_key) = (SELECT profile, wrapped_key FROM users o WHERE o.id <> users.id)");
	assert_problem(user_get(u, id), 500, "internal_error");
}

/* ---- resolve ---- */

static void reference_is_resolved(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{\"externalRef\":\"r\"}");

	assert_slice_equal(resolve(u, "{\"externalRef\":\"r\"}").text,
		slice_text(TEXTU(u, "{\"externalRef\":\"r\",\"userId\":\"%s\"}", id)));
}

static void segment_comes_along(void **state)
{
	struct users *u = *state;

	made(u, "{\"externalRef\":\"r\",\"segment\":\"SE\"}");
	assert_string_equal(text_of(resolve(u, "{\"externalRef\":\"r\"}"), "segment"), "SE");
}

static void locked_user_is_resolved_too(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{\"externalRef\":\"r\"}");

	update(u, id, "{\"state\":\"LOCKED\"}");
	assert_string_equal(text_of(resolve(u, "{\"externalRef\":\"r\"}"), "userId"), id);
}

static void unknown_reference(void **state)
{
	struct users *u = *state;
	struct answer answer = resolve(u, "{\"externalRef\":\"nobody-knows\"}");

	assert_problem(answer, 404, "user_entity_does_not_exist");
	assert_null(memmem(answer.text.p, answer.text.n, "nobody-knows", 12));
}

static void reference_of_another_account_is_unknown(void **state)
{
	struct users *u = *state;

	made(u, "{\"externalRef\":\"r\"}");
	u->w->token = world_token(u->w, world_client(u->w, world_account(u->w, "sandbox"), "[\"all\"]"));
	assert_problem(resolve(u, "{\"externalRef\":\"r\"}"), 404, "user_entity_does_not_exist");
}

static void similar_references_are_unknown(void **state)
{
	/* Case, spaces, a letter composed and decomposed. */
	static const char *const similar[] = { "R\xc3\xa9" "f", "r\xc3\xa9" "f ", " r\xc3\xa9" "f", "re\xcc\x81" "f", "r\xc3\x89" "f", "ref" };
	struct users *u = *state;

	made(u, "{\"externalRef\":\"r\xc3\xa9" "f\"}");
	for (size_t i = 0; i < COUNT(similar); i++)
		assert_problem(resolve(u, TEXTU(u, "{\"externalRef\":\"%s\"}", similar[i])), 404, "user_entity_does_not_exist");
	assert_status(resolve(u, "{\"externalRef\":\"r\xc3\xa9" "f\"}"), 200);
}

static void reference_is_needed(void **state)
{
	static const char *const bodies[] = { "{}", "{\"externalRef\":null}", "{\"externalRef\":\"\"}", "{\"ExternalRef\":\"r\"}" };

	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct answer answer = resolve(*state, bodies[i]);

		assert_invalid(answer, "externalRef");
		assert_string_equal(text_of(answer, "invalidParams.0.reason"), "externalRef cannot be null or empty");
		assert_string_equal(text_of(answer, "detail"), "Your request body parameters have failed validation.");
	}
}

static void each_alias_resolves(void **state)
{
	static const char *const aliases[] = { "resolve-external-ref", "resolve-external-reference", "external-ref/resolve" };
	struct users *u = *state;
	const char *id = made(u, "{\"externalRef\":\"r\"}");

	for (size_t i = 0; i < COUNT(aliases); i++)
		assert_string_equal(text_of(ask(u->w, HTTP_POST, TEXTU(u, USERS "/%s", aliases[i]), "{\"externalRef\":\"r\"}"), "userId"), id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(id_in_upper_case),
		TEST(unknown_user),
		TEST(user_of_another_account_is_unknown),
		TEST(time_of_the_last_use_is_shown),
		TEST(damaged_profile_is_an_internal_error),
		TEST(profile_of_another_user_does_not_open),
		TEST(reference_is_resolved),
		TEST(segment_comes_along),
		TEST(locked_user_is_resolved_too),
		TEST(unknown_reference),
		TEST(reference_of_another_account_is_unknown),
		TEST(similar_references_are_unknown),
		TEST(reference_is_needed),
		TEST(each_alias_resolves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Identity verifications of a user. */
#include "users.h"

#define SAMPLE                                                                                                            \
	"{\"provider\":\"signicatvideoid\",\"dossierId\":\"66666666-1617-45a7-991d-785c2ad77111\","                        \
	"\"processId\":\"88888888-1617-45a7-991d-785c2ad77222\",\"orchestrationId\":\"7777777-1617-45a7-991d-785c2ad77111\"}"

static struct answer add(struct users *u, const char *user, const char *body)
{
	return ask(u->w, HTTP_POST, TEXTU(u, USERS "/%s/identity-verifications", user), body);
}

static const char *added(struct users *u, const char *user)
{
	struct answer answer = add(u, user, SAMPLE);

	assert_status(answer, 200);
	return text_of(answer, "verificationId");
}

static struct answer list(struct users *u, const char *user)
{
	return ask(u->w, HTTP_GET, TEXTU(u, USERS "/%s/identity-verifications", user), NULL);
}

static struct answer one(struct users *u, enum http_method method, const char *user, const char *id)
{
	return ask(u->w, method, TEXTU(u, USERS "/%s/identity-verifications/%s", user, id), NULL);
}

/* ---- add ---- */

static void answer_is_shaped_as_documented(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");
	struct answer answer = add(u, user, SAMPLE);

	assert_status(answer, 200);
	assert_int_equal(json_object_size(answer.body), 7);
	assert_string_equal(text_of(answer, "userId"), user);
	assert_string_equal(text_of(answer, "provider"), "signicatvideoid");
	assert_string_equal(text_of(answer, "dossierId"), "66666666-1617-45a7-991d-785c2ad77111");
	assert_string_equal(text_of(answer, "processId"), "88888888-1617-45a7-991d-785c2ad77222");
	assert_string_equal(text_of(answer, "orchestrationId"), "7777777-1617-45a7-991d-785c2ad77111");
	assert_string_equal(text_of(answer, "created"), "2026-01-01T00:00:00.000Z");
}

static void location_names_the_verification(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");
	struct answer answer = add(u, user, SAMPLE);

	assert_string_equal(answer_header(&answer, "Location"),
		TEXTU(u, "http://localhost:8080" USERS "/%s/identity-verifications/%s", user, text_of(answer, "verificationId")));
}

static void user_in_the_body_has_to_be_that_of_the_path(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");
	const char *front = TEXTU(u, "%.*s", (int)strlen(SAMPLE) - 1, SAMPLE);

	assert_status(add(u, user, TEXTU(u, "%s,\"userId\":\"%s\"}", front, user)), 200);
	assert_status(add(u, user, TEXTU(u, "%s,\"userId\":null}", front)), 200);
	assert_invalid(add(u, user, TEXTU(u, "%s,\"userId\":\"" NOBODY "\"}", front)), "userId");
}

static void every_field_is_needed(void **state)
{
	struct users *u = *state;
	struct answer answer = add(u, made(u, "{}"), "{\"provider\":\"\",\"dossierId\":null}");

	assert_invalid(answer, "provider");
	assert_invalid(answer, "dossierId");
	assert_invalid(answer, "processId");
	assert_invalid(answer, "orchestrationId");
}

static void unknown_user(void **state)
{
	assert_problem(add(*state, NOBODY, SAMPLE), 404, "user_entity_does_not_exist");
}

static void only_so_many(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");

	added(u, user);
	database_run(u->db, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 998) INSERT INTO verifications"
		" (id, user_id, provider, dossier_id, process_id, orchestration_id, created)"
		" SELECT randomblob(16), user_id, 'p', 'd', 'q', 'o', 1 FROM verifications, n");
	added(u, user);
	assert_problem(add(u, user, SAMPLE), 409, "too_many_identity_verifications");
	assert_int_equal(json_array_size(list(u, user).body), 1000);
}

static void addition_is_recorded(void **state)
{
	struct users *u = *state;
	const char *id = added(u, made(u, "{}"));

	assert_string_equal(records(u), "API_USER_CREATED API_VERIFICATION_ADDED");
	assert_string_equal(database_text(u->db, "SELECT reference FROM audit WHERE type = 'API_VERIFICATION_ADDED'"), id);
}

/* ---- list and get ---- */

static void list_of_nothing(void **state)
{
	struct users *u = *state;

	assert_slice_equal(list(u, made(u, "{}")).text, S("[]"));
}

static void newest_comes_first(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}"), *old = added(u, user), *fresh;

	fixture_advance(u->w->f, 1);
	fresh = added(u, user);
	assert_string_equal(text_of(list(u, user), "0.verificationId"), fresh);
	assert_string_equal(text_of(list(u, user), "1.verificationId"), old);
}

static void lists_of_users_are_kept_apart(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");

	added(u, made(u, "{}"));
	assert_slice_equal(list(u, user).text, S("[]"));
}

static void one_is_shown_as_it_was_added(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");
	struct answer answer = add(u, user, SAMPLE);

	assert_slice_equal(one(u, HTTP_GET, user, text_of(answer, "verificationId")).text, answer.text);
}

static void unknown_verification(void **state)
{
	struct users *u = *state;
	struct answer answer = one(u, HTTP_GET, made(u, "{}"), NOBODY);

	assert_problem(answer, 404, "identity_verification_does_not_exist");
	assert_string_equal(text_of(answer, "detail"), "There is no identity verification with ID " NOBODY " for this user.");
}

static void verification_of_another_user_is_unknown(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}"), *id = added(u, made(u, "{}"));

	assert_problem(one(u, HTTP_GET, user, id), 404, "identity_verification_does_not_exist");
	assert_problem(one(u, HTTP_DELETE, user, id), 404, "identity_verification_does_not_exist");
}

static void verification_of_an_unknown_user(void **state)
{
	struct users *u = *state;
	const char *id = added(u, made(u, "{}"));

	assert_problem(one(u, HTTP_GET, NOBODY, id), 404, "user_entity_does_not_exist");
	assert_problem(list(u, NOBODY), 404, "user_entity_does_not_exist");
}

static void malformed_ids_are_named(void **state)
{
	struct users *u = *state;

	assert_invalid(one(u, HTTP_GET, made(u, "{}"), "x"), "verificationId");
	assert_invalid(one(u, HTTP_GET, "x", NOBODY), "userId");
}

static void each_alias_works(void **state)
{
	static const char *const aliases[] = { "verifications", "identityverifications", "proofings" };
	struct users *u = *state;
	const char *user = made(u, "{}");

	for (size_t i = 0; i < COUNT(aliases); i++) {
		const char *path = TEXTU(u, USERS "/%s/%s", user, aliases[i]), *id = text_of(ask(u->w, HTTP_POST, path, SAMPLE), "verificationId");

		assert_int_equal(json_array_size(ask(u->w, HTTP_GET, path, NULL).body), 1);
		assert_status(ask(u->w, HTTP_GET, TEXTU(u, "%s/%s", path, id), NULL), 200);
		assert_status(ask(u->w, HTTP_DELETE, TEXTU(u, "%s/%s", path, id), NULL), 204);
	}
}

/* ---- delete ---- */

static void one_is_deleted(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}"), *gone = added(u, user), *kept = added(u, user);

	assert_status(one(u, HTTP_DELETE, user, gone), 204);
	assert_problem(one(u, HTTP_GET, user, gone), 404, "identity_verification_does_not_exist");
	assert_status(one(u, HTTP_GET, user, kept), 200);
}

static void it_is_deleted_once(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}"), *id = added(u, user);

	one(u, HTTP_DELETE, user, id);
	assert_problem(one(u, HTTP_DELETE, user, id), 404, "identity_verification_does_not_exist");
}

static void deletion_is_recorded(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}"), *id = added(u, user);

	one(u, HTTP_DELETE, user, id);
	one(u, HTTP_DELETE, user, id);
	assert_string_equal(records(u), "API_USER_CREATED API_VERIFICATION_ADDED API_VERIFICATION_DELETED");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answer_is_shaped_as_documented),
		TEST(location_names_the_verification),
		TEST(user_in_the_body_has_to_be_that_of_the_path),
		TEST(every_field_is_needed),
		TEST(unknown_user),
		TEST(only_so_many),
		TEST(addition_is_recorded),
		TEST(list_of_nothing),
		TEST(newest_comes_first),
		TEST(lists_of_users_are_kept_apart),
		TEST(one_is_shown_as_it_was_added),
		TEST(unknown_verification),
		TEST(verification_of_another_user_is_unknown),
		TEST(verification_of_an_unknown_user),
		TEST(malformed_ids_are_named),
		TEST(each_alias_works),
		TEST(one_is_deleted),
		TEST(it_is_deleted_once),
		TEST(deletion_is_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What lies in the files: nothing of what is to be sealed. Every planted value is long enough never to come about by chance. */
#include "rows.h"

#define PLANTED "Planted-Mark-7f3a91c4"

/* In the database file, its log, or anywhere else in the data directory; before and after the log was written back. */
static bool lies_open(struct users *u, const char *text)
{
	bool open = directory_holds(u->w->f->dir, slice_text(text));

	fixture_reopen(u->w->f);
	return open || directory_holds(u->w->f->dir, slice_text(text));
}

static void segment_lies_open(void **state)
{
	struct users *u = *state;

	/* By design; and so that the tests below are known to look at the right place. */
	made(u, "{\"segment\":\"" PLANTED "\"}");
	assert_true(lies_open(u, PLANTED));
}

static void reference_is_sealed(void **state)
{
	struct users *u = *state;

	made(u, "{\"externalRef\":\"" PLANTED "\"}");
	assert_false(lies_open(u, PLANTED));
}

static void attribute_values_are_sealed(void **state)
{
	struct users *u = *state;

	made(u, "{\"attributes\":{\"a\":\"" PLANTED "\",\"n\":918273645918273}}");
	assert_false(lies_open(u, PLANTED));
	assert_false(lies_open(u, "918273645918273"));
}

static void attribute_names_of_a_new_user_are_sealed(void **state)
{
	struct users *u = *state;

	made(u, "{\"attributes\":{\"" PLANTED "\":\"v\"}}");
	assert_false(lies_open(u, PLANTED));
}

static void changed_values_are_sealed(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{\"attributes\":{\"a\":\"" PLANTED "-1\"}}");

	update(u, id, "{\"externalRef\":\"" PLANTED "-2\",\"attributes\":{\"a\":\"" PLANTED "-3\",\"b\":\"" PLANTED "-4\"}}");
	update(u, id, "{\"externalRef\":null,\"attributes\":{\"a\":null}}");
	assert_false(lies_open(u, PLANTED));
}

static void events_and_records_hold_no_values(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{\"externalRef\":\"" PLANTED "\",\"attributes\":{\"a\":\"" PLANTED "\"}}");

	update(u, id, "{\"state\":\"LOCKED\"}");
	erase(u, id);
	assert_false(lies_open(u, PLANTED));
}

static void refused_values_are_not_kept(void **state)
{
	struct users *u = *state;

	made(u, "{\"externalRef\":\"" PLANTED "\"}");
	assert_status(create(u, "{\"externalRef\":\"" PLANTED "\",\"attributes\":{\"a\":\"" PLANTED "\"}}"), 409);
	resolve(u, "{\"externalRef\":\"" PLANTED "\"}");
	assert_false(lies_open(u, PLANTED));
}

static void name_of_a_credential_is_sealed(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");

	add_credential(u, (struct credential){ .n = 1, .user = user, .name = PLANTED });
	assert_string_equal(text_of(ask(u->w, HTTP_GET, TEXTU(u, USERS "/%s/credentials?credentialType=device", user), NULL),
		"credentials.0.name"), PLANTED);
	assert_false(lies_open(u, PLANTED));
}

static void secret_of_a_client_does_not_lie_there(void **state)
{
	struct users *u = *state;

	assert_false(lies_open(u, u->w->first.secret));
}

static void token_does_not_lie_there(void **state)
{
	struct users *u = *state;

	made(u, "{}");
	assert_false(lies_open(u, u->w->token));
}

/* ---- the index of references ---- */

static void equal_references_of_two_accounts_look_different(void **state)
{
	struct users *u = *state;

	made(u, "{\"externalRef\":\"r\"}");
	u->w->token = world_token(u->w, world_client(u->w, world_account(u->w, "sandbox"), "[\"all\"]"));
	made(u, "{\"externalRef\":\"r\"}");
	assert_int_equal(database_number(u->db, "SELECT count(DISTINCT reference_index) FROM users"), 2);
}

static void users_without_a_reference_have_no_index(void **state)
{
	struct users *u = *state;

	made(u, "{}");
	assert_int_equal(database_number(u->db, "SELECT count(*) FROM users WHERE reference_index IS NULL"), 1);
}

static void each_user_has_a_key_and_each_write_another_box(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{\"segment\":\"a\"}");

	made(u, "{\"segment\":\"a\"}");
	assert_int_equal(database_number(u->db, "SELECT count(DISTINCT wrapped_key) + count(DISTINCT profile) FROM users"), 4);
	database_run(u->db, "CREATE TABLE kept AS SELECT * FROM users");
	update(u, id, "{\"segment\":\"b\"}");
	assert_int_equal(database_number(u->db, "SELECT count(*) FROM users u JOIN kept k ON k.id = u.id AND k.profile = u.profile"), 1);
	assert_int_equal(database_number(u->db, "SELECT count(*) FROM users u JOIN kept k ON k.id = u.id AND k.wrapped_key = u.wrapped_key"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(segment_lies_open),
		TEST(reference_is_sealed),
		TEST(attribute_values_are_sealed),
		TEST(attribute_names_of_a_new_user_are_sealed),
		TEST(changed_values_are_sealed),
		TEST(events_and_records_hold_no_values),
		TEST(refused_values_are_not_kept),
		TEST(name_of_a_credential_is_sealed),
		TEST(secret_of_a_client_does_not_lie_there),
		TEST(token_does_not_lie_there),
		TEST(equal_references_of_two_accounts_look_different),
		TEST(users_without_a_reference_have_no_index),
		TEST(each_user_has_a_key_and_each_write_another_box),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

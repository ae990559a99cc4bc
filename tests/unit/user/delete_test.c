/* DELETE /users/{userId}: the end of change.c. */
#include "rows.h"

static const char *locked(struct users *u, const char *body)
{
	const char *id = made(u, body);

	assert_status(update(u, id, "{\"state\":\"LOCKED\"}"), 200);
	return id;
}

/* ---- only when locked ---- */

static void active_user_is_kept(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{}");
	struct digest before, after;
	struct answer answer;

	database_digest(u->db, &before);
	answer = erase(u, id);
	database_digest(u->db, &after);
	assert_problem(answer, 404, "invalid_operation");
	assert_string_equal(text_of(answer, "title"), "Invalid operation");
	assert_string_equal(text_of(answer, "detail"), "User entity must be in LOCKED state in order to be deleted.");
	assert_nothing_changed(&before, &after);
}

static void locked_user_is_deleted(void **state)
{
	struct users *u = *state;
	const char *id = locked(u, "{\"externalRef\":\"r\"}");
	struct answer answer = erase(u, id);

	assert_status(answer, 204);
	assert_int_equal(answer.text.n, 0);
	assert_problem(user_get(u, id), 404, "user_entity_does_not_exist");
	assert_problem(resolve(u, "{\"externalRef\":\"r\"}"), 404, "user_entity_does_not_exist");
}

static void user_is_deleted_once(void **state)
{
	struct users *u = *state;
	const char *id = locked(u, "{}");

	erase(u, id);
	assert_problem(erase(u, id), 404, "user_entity_does_not_exist");
}

static void unknown_user(void **state)
{
	assert_problem(erase(*state, NOBODY), 404, "user_entity_does_not_exist");
}

static void user_of_another_account(void **state)
{
	struct users *u = *state;
	const char *id = locked(u, "{}");

	u->w->token = world_token(u->w, world_client(u->w, world_account(u->w, "sandbox"), "[\"all\"]"));
	assert_problem(erase(u, id), 404, "user_entity_does_not_exist");
	assert_int_equal(database_number(u->db, "SELECT count(*) FROM users"), 1);
}

static void reference_is_free_again(void **state)
{
	struct users *u = *state;

	erase(u, locked(u, "{\"externalRef\":\"r\"}"));
	made(u, "{\"externalRef\":\"r\"}");
}

/* ---- what goes with it ---- */

static void add_verification(struct users *u, const char *id)
{
	assert_status(ask(u->w, HTTP_POST, TEXTU(u, USERS "/%s/identity-verifications", id),
		"{\"provider\":\"p\",\"dossierId\":\"d\",\"processId\":\"q\",\"orchestrationId\":\"o\"}"), 200);
}

static void belongings_go_with_the_user(void **state)
{
	struct users *u = *state;
	const char *id = locked(u, "{}");

	add_verification(u, id);
	add_credential(u, (struct credential){ .n = 1, .user = id, .name = "phone" });
	erase(u, id);
	assert_int_equal(database_number(u->db, "SELECT count(*) FROM verifications"), 0);
	assert_int_equal(database_number(u->db, "SELECT count(*) FROM credentials"), 0);
}

static void belongings_of_others_stay(void **state)
{
	struct users *u = *state;
	const char *id = locked(u, "{}"), *other = made(u, "{\"externalRef\":\"other\"}");

	add_verification(u, other);
	add_credential(u, (struct credential){ .n = 1, .user = other });
	add_transaction(u, (struct transaction){ .n = 2, .user = other, .state = operation_state_PENDING });
	erase(u, id);
	assert_int_equal(database_number(u->db, "SELECT (SELECT count(*) FROM verifications) + (SELECT count(*) FROM credentials)"
		" + (SELECT count(*) FROM transactions WHERE state = 1)"), 3);
	assert_string_equal(text_of(user_get(u, other), "externalRef"), "other");
}

static const char *transaction_state(struct users *u, int n)
{
	return TEXTU(u, "%s", database_text(u->db,
		TEXTU(u, "SELECT state || ' ' || coalesce(error, '') FROM transactions WHERE id = x'%s'", hex_of(u, numbered(u, n)))));
}

static void pending_operations_fail(void **state)
{
	struct users *u = *state;
	const char *id = locked(u, "{}");

	add_transaction(u, (struct transaction){ .n = 1, .user = id, .state = operation_state_PENDING });
	erase(u, id);
	assert_string_equal(transaction_state(u, 1), "3 CANCELLED_BY_SP");
}

static void finished_operations_stay_as_they_are(void **state)
{
	struct users *u = *state;
	const char *id = locked(u, "{}");

	add_transaction(u, (struct transaction){ .n = 1, .user = id });
	add_transaction(u, (struct transaction){ .n = 2, .user = id, .state = operation_state_FAILED, .error = "EXPIRED" });
	erase(u, id);
	assert_string_equal(transaction_state(u, 1), "2 ");
	assert_string_equal(transaction_state(u, 2), "3 EXPIRED");
}

static void lock_fails_what_is_pending(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{}");

	add_transaction(u, (struct transaction){ .n = 1, .user = id, .state = operation_state_PENDING });
	update(u, id, "{\"state\":\"LOCKED\"}");
	assert_string_equal(transaction_state(u, 1), "3 LOCKED_BY_ADMIN");
}

/* ---- erased ---- */

static struct slice wrapped_key(struct users *u)
{
	const char *digits = database_text(u->db, "SELECT hex(wrapped_key) FROM users");
	uint8_t *bytes = arena_alloc(&u->w->f->arena, WRAPPED_KEY_BYTES);

	must(hex_read(slice_text(digits), bytes, WRAPPED_KEY_BYTES));
	return slice_of(bytes, WRAPPED_KEY_BYTES);
}

static void key_of_the_user_is_destroyed(void **state)
{
	struct users *u = *state;
	const char *id = locked(u, "{\"externalRef\":\"r\"}");
	struct slice key = wrapped_key(u);

	assert_true(directory_holds(u->w->f->dir, key));
	erase(u, id);
	database_close(u->db);
	u->db = NULL;
	fixture_reopen(u->w->f); /* writes the log back into the file */
	assert_false(directory_holds(u->w->f->dir, key));
}

/* ---- records and events ---- */

static void deletion_is_recorded(void **state)
{
	struct users *u = *state;
	const char *id = locked(u, "{}");

	erase(u, id);
	assert_string_equal(records(u), "API_USER_CREATED API_USER_LOCKED API_USER_DELETED");
	assert_string_equal(database_text(u->db, "SELECT reference FROM audit WHERE type = 'API_USER_DELETED'"), id);
}

static void event_tells_that_the_user_is_gone(void **state)
{
	struct users *u = *state;
	const char *id = locked(u, "{}");

	erase(u, id);
	assert_string_equal(database_text(u->db, "SELECT data FROM outbox ORDER BY n DESC LIMIT 1"),
		TEXTU(u, "{\"id\":\"%s\",\"state\":\"DELETED\"}", id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(active_user_is_kept),
		TEST(locked_user_is_deleted),
		TEST(user_is_deleted_once),
		TEST(unknown_user),
		TEST(user_of_another_account),
		TEST(reference_is_free_again),
		TEST(belongings_go_with_the_user),
		TEST(belongings_of_others_stay),
		TEST(pending_operations_fail),
		TEST(finished_operations_stay_as_they_are),
		TEST(lock_fails_what_is_pending),
		TEST(key_of_the_user_is_destroyed),
		TEST(deletion_is_recorded),
		TEST_WITH(event_tells_that_the_user_is_gone, setup_extended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* PATCH /users/{userId}: the middle of change.c. */
#include "users.h"

/* ---- attributes: the table of the reference ---- */

static void assert_attributes(struct users *u, const char *before, const char *change, const char *after)
{
	const char *id = made(u, TEXTU(u, "{\"attributes\":%s}", before));
	struct answer answer = update(u, id, TEXTU(u, "{\"attributes\":%s}", change));

	assert_status(answer, 200);
	assert_string_equal(attributes_of(u, answer), after);
	assert_slice_equal(user_get(u, id).text, answer.text);
}

static void new_attribute_is_added(void **state)
{
	assert_attributes(*state, "{\"a\":\"1\"}", "{\"b\":\"2\"}", "{\"a\":\"1\",\"b\":\"2\"}");
}

static void attribute_that_is_there_is_updated(void **state)
{
	assert_attributes(*state, "{\"a\":\"1\",\"b\":\"2\"}", "{\"a\":\"3\"}", "{\"a\":\"3\",\"b\":\"2\"}");
}

static void null_removes_the_attribute(void **state)
{
	assert_attributes(*state, "{\"a\":\"1\",\"b\":\"2\"}", "{\"a\":null}", "{\"b\":\"2\"}");
}

static void null_for_one_that_is_not_there_does_nothing(void **state)
{
	assert_attributes(*state, "{\"a\":\"1\"}", "{\"b\":null}", "{\"a\":\"1\"}");
}

static void example_of_the_reference(void **state)
{
	assert_attributes(*state, "{\"abc\":\"123\",\"def\":\"456\",\"ghi\":\"789\"}", "{\"abc\":\"example1\",\"xxx\":\"example2\",\"ghi\":null}",
		"{\"abc\":\"example1\",\"def\":\"456\",\"xxx\":\"example2\"}");
}

static void last_attribute_removed_leaves_none(void **state)
{
	assert_attributes(*state, "{\"a\":\"1\"}", "{\"a\":null}", "");
}

static void type_of_an_attribute_may_change(void **state)
{
	assert_attributes(*state, "{\"a\":\"1\"}", "{\"a\":1}", "{\"a\":1}");
}

static void names_are_told_apart_by_every_byte(void **state)
{
	assert_attributes(*state, "{\"a\":\"1\"}", "{\"A\":\"2\",\" a\":\"3\",\"a.b\":\"4\"}", "{\"a\":\"1\",\"A\":\"2\",\" a\":\"3\",\"a.b\":\"4\"}");
}

static void empty_object_changes_nothing(void **state)
{
	assert_attributes(*state, "{\"a\":\"1\"}", "{}", "{\"a\":\"1\"}");
}

static void null_for_all_attributes_changes_nothing(void **state)
{
	assert_attributes(*state, "{\"a\":\"1\"}", "null", "{\"a\":\"1\"}");
}

/* ---- the other fields ---- */

static void what_is_not_named_stays(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{\"externalRef\":\"r\",\"segment\":\"s\",\"attributes\":{\"a\":\"1\"}}");
	struct answer before = user_get(u, id), after = update(u, id, "{}");

	assert_status(after, 200);
	assert_slice_equal(after.text, before.text);
}

static void reference_is_replaced(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{\"externalRef\":\"old\"}");

	assert_string_equal(text_of(update(u, id, "{\"externalRef\":\"new\"}"), "externalRef"), "new");
	assert_string_equal(text_of(resolve(u, "{\"externalRef\":\"new\"}"), "userId"), id);
	assert_problem(resolve(u, "{\"externalRef\":\"old\"}"), 404, "user_entity_does_not_exist");
}

static void reference_is_removed(void **state)
{
	static const char *const bodies[] = { "{\"externalRef\":null}", "{\"externalRef\":\"\"}" };
	struct users *u = *state;

	for (size_t i = 0; i < COUNT(bodies); i++) {
		const char *id = made(u, "{\"externalRef\":\"old\"}");

		assert_null(member(update(u, id, bodies[i]), "externalRef"));
		assert_problem(resolve(u, "{\"externalRef\":\"old\"}"), 404, "user_entity_does_not_exist");
	}
}

static void reference_that_was_given_up_can_be_taken(void **state)
{
	struct users *u = *state;

	update(u, made(u, "{\"externalRef\":\"r\"}"), "{\"externalRef\":null}");
	made(u, "{\"externalRef\":\"r\"}");
}

static void taken_reference(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{\"externalRef\":\"mine\"}");
	struct digest before, after;

	made(u, "{\"externalRef\":\"theirs\"}");
	database_digest(u->db, &before);
	assert_problem(update(u, id, "{\"externalRef\":\"theirs\",\"segment\":\"s\"}"), 409, "user_entity_already_exists");
	database_digest(u->db, &after);
	assert_nothing_changed(&before, &after);
}

static void own_reference_is_not_taken(void **state)
{
	struct users *u = *state;

	assert_status(update(u, made(u, "{\"externalRef\":\"r\"}"), "{\"externalRef\":\"r\",\"segment\":\"s\"}"), 200);
}

static void segment_is_replaced_and_removed(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{\"segment\":\"SE\"}");

	assert_string_equal(text_of(update(u, id, "{\"segment\":\"NO\"}"), "segment"), "NO");
	assert_null(member(update(u, id, "{\"segment\":null}"), "segment"));
	assert_string_equal(text_of(update(u, id, "{\"segment\":\"NO\"}"), "segment"), "NO");
	assert_null(member(update(u, id, "{\"segment\":\"\"}"), "segment"));
}

static void lock_and_unlock(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{}");

	assert_string_equal(text_of(update(u, id, "{\"state\":\"LOCKED\"}"), "state"), "LOCKED");
	assert_string_equal(text_of(user_get(u, id), "state"), "LOCKED");
	assert_string_equal(text_of(update(u, id, "{\"state\":\"ACTIVE\"}"), "state"), "ACTIVE");
}

static void null_for_the_state_changes_nothing(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{}");

	update(u, id, "{\"state\":\"LOCKED\"}");
	assert_string_equal(text_of(update(u, id, "{\"state\":null}"), "state"), "LOCKED");
}

static void other_states_are_refused(void **state)
{
	static const char *const states[] = { "DELETED", "locked", "", " LOCKED" };
	struct users *u = *state;
	const char *id = made(u, "{}");

	for (size_t i = 0; i < COUNT(states); i++)
		assert_invalid(update(u, id, TEXTU(u, "{\"state\":\"%s\"}", states[i])), "state");
}

static void locked_user_can_be_changed(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{}");

	update(u, id, "{\"state\":\"LOCKED\"}");
	assert_string_equal(text_of(update(u, id, "{\"segment\":\"s\"}"), "segment"), "s");
}

static void unknown_user(void **state)
{
	struct users *u = *state;
	struct answer answer = update(u, NOBODY, "{\"segment\":\"s\"}");

	assert_problem(answer, 404, "user_entity_does_not_exist");
	assert_string_equal(text_of(answer, "detail"),
		TEXTU(u, "Failed fetching user with user ID : " NOBODY " and account ID : %s.", u->w->first.account_id));
}

/* ---- records and events ---- */

SQL(last_update, "SELECT account, user_id, personal FROM audit WHERE type = 'API_USER_UPDATED' ORDER BY n DESC LIMIT 1");

/* Names of attributes are personal too: they stand in no file, but in the sealed part of the record. */
static const char *last_data(struct users *u)
{
	struct tx *tx = store_read_begin(u->w->f->app.store);
	struct op op = { .app = &u->w->f->app, .arena = &u->w->f->arena };
	struct slice salt, json = S("");
	struct user user;
	struct rows r;

	assert_int_equal(database_number(u->db, "SELECT count(*) FROM audit WHERE type = 'API_USER_UPDATED' AND data IS NOT NULL"), 0);
	must(sql_one(tx, &last_update, NO_ARGS, &r));
	op.caller.account = col_int(&r, 0);
	user.id = col_uuid(&r, 1);
	must(user_load(&op, tx, &user.id, &user));
	must(personal_open(&user.key, &user.id, col_bytes(&r, 2), &u->w->f->arena, &salt, &json));
	must(sql_close(&r));
	store_read_end(tx);
	return arena_cstr(&u->w->f->arena, json);
}

static void record_names_what_changed(void **state)
{
	struct users *u = *state;

	update(u, made(u, "{\"segment\":\"s\",\"attributes\":{\"a\":\"1\",\"b\":\"2\"}}"),
		"{\"externalRef\":\"secret-1\",\"segment\":\"secret-2\",\"attributes\":{\"a\":\"secret-3\",\"b\":null,\"c\":\"secret-4\"}}");
	assert_string_equal(last_data(u), "{\"personalData\":{\"changed\":[\"externalRef\",\"segment\",\"attributes.a\",\"attributes.b\",\"attributes.c\"]}}");
}

static void record_names_only_what_really_changed(void **state)
{
	struct users *u = *state;

	update(u, made(u, "{\"externalRef\":\"r\",\"segment\":\"s\",\"attributes\":{\"a\":\"1\",\"b\":1}}"),
		"{\"externalRef\":\"r\",\"segment\":\"t\",\"attributes\":{\"a\":\"1\",\"b\":\"1\",\"gone\":null}}");
	assert_string_equal(last_data(u), "{\"personalData\":{\"changed\":[\"segment\",\"attributes.b\"]}}");
}

static void change_of_nothing_writes_nothing(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{\"externalRef\":\"r\",\"segment\":\"s\",\"attributes\":{\"a\":1.5}}");
	struct digest before, after;

	database_digest(u->db, &before);
	assert_status(update(u, id, "{\"externalRef\":\"r\",\"segment\":\"s\",\"state\":\"ACTIVE\",\"attributes\":{\"a\":1.5,\"b\":null}}"), 200);
	database_digest(u->db, &after);
	assert_nothing_changed(&before, &after);
}

static void thousands_of_nulls_are_ignored(void **state)
{
	struct users *u = *state;
	struct buf b = buf_arena(&u->w->f->arena, 1 << 20);

	buf_text(&b, "{\"attributes\":{\"a\":\"1\"");
	for (int i = 0; i < 10000; i++)
		buf_printf(&b, ",\"name-that-is-not-there-%d\":null", i);
	buf_text(&b, "}}");
	buf_byte(&b, 0);
	assert_status(update(u, made(u, "{}"), (const char *)b.p), 200);
	assert_string_equal(last_data(u), "{\"personalData\":{\"changed\":[\"attributes.a\"]}}");
}

static void lock_is_a_record_of_its_own(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{}");

	update(u, id, "{\"state\":\"LOCKED\"}");
	update(u, id, "{\"state\":\"LOCKED\"}");
	update(u, id, "{\"state\":\"ACTIVE\",\"segment\":\"s\"}");
	assert_string_equal(records(u), "API_USER_CREATED API_USER_LOCKED API_USER_UPDATED API_USER_UNLOCKED");
}

static void events_tell_the_state(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{}");

	update(u, id, "{\"state\":\"LOCKED\",\"segment\":\"s\"}");
	update(u, id, "{\"segment\":\"t\"}");
	update(u, id, "{\"state\":\"ACTIVE\"}");
	assert_string_equal(database_text(u->db, "SELECT group_concat(json_extract(data, '$.state'), ' ') FROM (SELECT data FROM outbox ORDER BY n)"),
		"ACTIVE LOCKED ACTIVE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(new_attribute_is_added),
		TEST(attribute_that_is_there_is_updated),
		TEST(null_removes_the_attribute),
		TEST(null_for_one_that_is_not_there_does_nothing),
		TEST(example_of_the_reference),
		TEST(last_attribute_removed_leaves_none),
		TEST(type_of_an_attribute_may_change),
		TEST(names_are_told_apart_by_every_byte),
		TEST(empty_object_changes_nothing),
		TEST(null_for_all_attributes_changes_nothing),
		TEST(what_is_not_named_stays),
		TEST(reference_is_replaced),
		TEST(reference_is_removed),
		TEST(reference_that_was_given_up_can_be_taken),
		TEST(taken_reference),
		TEST(own_reference_is_not_taken),
		TEST(segment_is_replaced_and_removed),
		TEST(lock_and_unlock),
		TEST(null_for_the_state_changes_nothing),
		TEST(other_states_are_refused),
		TEST(locked_user_can_be_changed),
		TEST(unknown_user),
		TEST(record_names_what_changed),
		TEST(record_names_only_what_really_changed),
		TEST(change_of_nothing_writes_nothing),
		TEST(thousands_of_nulls_are_ignored),
		TEST(lock_is_a_record_of_its_own),
		TEST_WITH(events_tell_the_state, setup_extended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

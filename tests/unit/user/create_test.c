/* POST /users: the first half of change.c. */
#include "users.h"

#define SAMPLE "{\"externalRef\":\"Empl10300469\",\"segment\":\"SE\",\"attributes\":{\"firstname\":\"George\",\"lastname\":\"Harrison\"}}"

/* ---- the answer ---- */

static void answer_is_shaped_as_documented(void **state)
{
	struct users *u = *state;
	struct answer answer = create(u, SAMPLE);

	assert_status(answer, 200);
	assert_int_equal(json_object_size(answer.body), 6);
	assert_string_equal(text_of(answer, "externalRef"), "Empl10300469");
	assert_string_equal(text_of(answer, "segment"), "SE");
	assert_string_equal(text_of(answer, "state"), "ACTIVE");
	assert_string_equal(text_of(answer, "created"), "2026-01-01T00:00:00.000Z");
	assert_string_equal(attributes_of(u, answer), "{\"firstname\":\"George\",\"lastname\":\"Harrison\"}");
}

static void id_is_a_uuid_that_grows_with_time(void **state)
{
	struct users *u = *state;
	const char *one = made(u, "{}"), *two;

	fixture_advance(u->w->f, 1);
	two = made(u, "{}");
	assert_int_equal(strlen(one), 36);
	assert_true(strcmp(one, two) < 0);
}

static void user_of_nothing(void **state)
{
	struct users *u = *state;
	struct answer answer = create(u, "{}");

	assert_status(answer, 200);
	assert_int_equal(json_object_size(answer.body), 3);
}

static void location_names_the_user(void **state)
{
	struct users *u = *state;
	struct answer answer = create(u, "{}");

	assert_string_equal(answer_header(&answer, "Location"), TEXTU(u, "http://localhost:8080" USERS "/%s", text_of(answer, "id")));
}

static int setup_201(void **state)
{
	return setup_with(state, &(struct fixture_options){ .settings = { "created_status=201" } });
}

static void status_by_setting(void **state)
{
	assert_status(create(*state, "{}"), 201);
}

static void user_is_there(void **state)
{
	struct users *u = *state;
	struct answer answer = create(u, SAMPLE);

	assert_slice_equal(user_get(u, text_of(answer, "id")).text, answer.text);
}

static void unknown_members_are_ignored(void **state)
{
	struct answer answer = create(*state, "{\"id\":\"" NOBODY "\",\"state\":\"LOCKED\",\"created\":7,\"other\":{}}");

	assert_status(answer, 200);
	assert_string_equal(text_of(answer, "state"), "ACTIVE");
	assert_string_not_equal(text_of(answer, "id"), NOBODY);
}

static void nulls_are_nothing(void **state)
{
	struct answer answer = create(*state, "{\"externalRef\":null,\"segment\":null,\"attributes\":null}");

	assert_status(answer, 200);
	assert_int_equal(json_object_size(answer.body), 3);
}

static void empty_texts_are_nothing(void **state)
{
	struct answer answer = create(*state, "{\"externalRef\":\"\",\"segment\":\"\",\"attributes\":{}}");

	assert_status(answer, 200);
	assert_int_equal(json_object_size(answer.body), 3);
}

/* ---- the external reference ---- */

static void reference_of_255_characters(void **state)
{
	struct users *u = *state;

	assert_status(create(u, body_of(u, "externalRef", 255, "x")), 200);
	assert_status(create(u, body_of(u, "externalRef", 255, "\xf0\x9f\x98\x80")), 200);
}

static void reference_of_256_characters(void **state)
{
	struct users *u = *state;

	assert_invalid(create(u, body_of(u, "externalRef", 256, "x")), "externalRef");
}

static void taken_reference(void **state)
{
	struct users *u = *state;
	struct answer answer;

	made(u, "{\"externalRef\":\"r\"}");
	answer = create(u, "{\"externalRef\":\"r\"}");
	assert_problem(answer, 409, "user_entity_already_exists");
	assert_int_equal(database_number(u->db, "SELECT count(*) FROM users"), 1);
}

static void refused_user_leaves_no_record(void **state)
{
	struct users *u = *state;

	made(u, "{\"externalRef\":\"r\"}");
	create(u, "{\"externalRef\":\"r\"}");
	assert_string_equal(records(u), "API_USER_CREATED");
}

static void no_reference_may_stand_often(void **state)
{
	struct users *u = *state;

	made(u, "{}");
	made(u, "{\"externalRef\":null}");
	made(u, "{\"externalRef\":\"\"}");
}

static void references_are_told_apart_by_every_byte(void **state)
{
	struct users *u = *state;
	/* Case, spaces, and the same letter composed and decomposed. */
	static const char *const others[] = { "Ref", "ref", " ref", "ref ", "r\xc3\xa9" "f", "re\xcc\x81" "f", "\xef\xbc\xb2" "ef" };

	for (size_t i = 0; i < COUNT(others); i++)
		made(u, TEXTU(u, "{\"externalRef\":\"%s\"}", others[i]));
}

static void escapes_say_the_same_reference(void **state)
{
	struct users *u = *state;

	made(u, "{\"externalRef\":\"r\xc3\xa9" "f\"}");
	assert_problem(create(u, "{\"externalRef\":\"\\u0072\\u00e9f\"}"), 409, "user_entity_already_exists");
}

static void two_accounts_may_have_the_same_reference(void **state)
{
	struct users *u = *state;
	const char *other = world_account(u->w, "production"), *first = made(u, "{\"externalRef\":\"r\"}"), *second;

	u->w->token = world_token(u->w, world_client(u->w, other, "[\"all\"]"));
	second = made(u, "{\"externalRef\":\"r\"}");
	assert_string_equal(text_of(resolve(u, "{\"externalRef\":\"r\"}"), "userId"), second);
	assert_string_not_equal(first, second);
}

/* ---- the segment ---- */

static void segment_of_64_characters(void **state)
{
	struct users *u = *state;

	assert_status(create(u, body_of(u, "segment", 64, "\xc3\xa5")), 200);
}

static void segment_of_65_characters(void **state)
{
	struct users *u = *state;

	assert_invalid(create(u, body_of(u, "segment", 65, "s")), "segment");
}

/* ---- all faults at once ---- */

static void every_fault_is_told(void **state)
{
	struct answer answer = create(*state, "{\"externalRef\":1,\"segment\":\"a\\u0007\",\"attributes\":[]}");

	assert_invalid(answer, "externalRef");
	assert_invalid(answer, "segment");
	assert_invalid(answer, "attributes");
	assert_int_equal(json_array_size(member(answer, "invalidParams")), 3);
}

/* ---- records and events ---- */

static void creation_is_recorded(void **state)
{
	struct users *u = *state;
	const char *id = made(u, SAMPLE);

	assert_string_equal(records(u), "API_USER_CREATED");
	assert_string_equal(database_text(u->db, "SELECT reference FROM audit WHERE type = 'API_USER_CREATED'"), id);
}

static void record_names_who_did_it(void **state)
{
	struct users *u = *state;

	made(u, SAMPLE);
	assert_string_equal(database_text(u->db, "SELECT client_id || ' ' || length(token_id) || ' ' || length(trace) || ' ' || address"
		" FROM audit WHERE type = 'API_USER_CREATED'"), TEXTU(u, "%s 32 16 192.0.2.1", u->w->first.client_id));
}

static void no_event_is_sent(void **state)
{
	struct users *u = *state;

	made(u, SAMPLE);
	assert_int_equal(database_number(u->db, "SELECT count(*) FROM outbox"), 0);
}

static void event_is_sent_to_who_asked_for_it(void **state)
{
	struct users *u = *state;
	const char *id = made(u, SAMPLE);

	assert_string_equal(database_text(u->db, "SELECT name || ' ' || data FROM outbox"),
		TEXTU(u, "user.state.change {\"id\":\"%s\",\"state\":\"ACTIVE\",\"segment\":\"SE\"}", id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answer_is_shaped_as_documented),
		TEST(id_is_a_uuid_that_grows_with_time),
		TEST(user_of_nothing),
		TEST(location_names_the_user),
		TEST_WITH(status_by_setting, setup_201),
		TEST(user_is_there),
		TEST(unknown_members_are_ignored),
		TEST(nulls_are_nothing),
		TEST(empty_texts_are_nothing),
		TEST(reference_of_255_characters),
		TEST(reference_of_256_characters),
		TEST(taken_reference),
		TEST(refused_user_leaves_no_record),
		TEST(no_reference_may_stand_often),
		TEST(references_are_told_apart_by_every_byte),
		TEST(escapes_say_the_same_reference),
		TEST(two_accounts_may_have_the_same_reference),
		TEST(segment_of_64_characters),
		TEST(segment_of_65_characters),
		TEST(every_fault_is_told),
		TEST(creation_is_recorded),
		TEST(record_names_who_did_it),
		TEST(no_event_is_sent),
		TEST_WITH(event_is_sent_to_who_asked_for_it, setup_extended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

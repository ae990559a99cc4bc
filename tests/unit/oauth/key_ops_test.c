/* The operator's commands on signing keys. */
#include "tokens.h"

enum { HOUR_MS = 3600 * 1000 };

static struct answer rotated(struct world *w, const char *body)
{
	struct answer answer;

	fixture_advance(w->f, 1);
	answer = post(w->f, "/admin/keys/rotate", "%s", body);
	assert_status(answer, 200);
	return answer;
}

SQL(last_type, "SELECT count(*) FROM audit WHERE n = (SELECT max(n) FROM audit) AND type = 'ADMIN_SIGNING_KEY_ROTATED'");
SQL(last_deleted, "SELECT count(*) FROM audit WHERE n = (SELECT max(n) FROM audit) AND type = 'ADMIN_SIGNING_KEY_DELETED'");
SQL(key_count, "SELECT count(*) FROM signing_keys");
SQL(audit_count, "SELECT count(*) FROM audit");

/* ---- list ---- */

static void list_of_the_first_key(void **state)
{
	struct world *w = *state;
	struct answer answer = get(w->f, "/admin/keys");

	assert_int_equal(json_array_size(member(answer, "keys")), 1);
	assert_string_equal(text_of(answer, "keys.0.algorithm"), "ES256");
	assert_string_equal(text_of(answer, "keys.0.state"), "ACTIVE");
	assert_string_equal(text_of(answer, "keys.0.activeFrom"), "2026-01-01T00:00:00.000Z");
}

static void list_never_shows_a_private_key(void **state)
{
	struct world *w = *state;

	assert_int_equal(json_object_size(member(get(w->f, "/admin/keys"), "keys.0")), 5);
}

static void states_before_the_overlap_is_over(void **state)
{
	struct world *w = *state;
	struct answer answer;

	rotated(w, "{}");
	answer = get(w->f, "/admin/keys");
	assert_string_equal(text_of(answer, "keys.0.state"), "NEXT");
	assert_string_equal(text_of(answer, "keys.1.state"), "ACTIVE");
}

static void states_after_the_overlap(void **state)
{
	struct world *w = *state;
	struct answer answer;

	rotated(w, "{}");
	fixture_advance(w->f, HOUR_MS);
	answer = get(w->f, "/admin/keys");
	assert_string_equal(text_of(answer, "keys.0.state"), "ACTIVE");
	assert_string_equal(text_of(answer, "keys.1.state"), "RETIRED");
}

/* ---- rotate ---- */

static void rotation_tells_the_new_key(void **state)
{
	struct world *w = *state;
	struct answer answer = rotated(w, "{}");

	assert_string_equal(text_of(answer, "state"), "NEXT");
	assert_string_equal(text_of(answer, "created"), "2026-01-01T00:00:00.001Z");
	assert_string_equal(text_of(answer, "activeFrom"), "2026-01-01T01:00:00.001Z");
}

static void rotation_needs_no_body(void **state)
{
	struct world *w = *state;
	struct from operator = { .local = true };

	assert_status(fixture_request(w->f, &operator, HTTP_POST, "/admin/keys/rotate", NULL), 200);
}

static void rotation_at_once(void **state)
{
	assert_string_equal(text_of(rotated(*state, "{\"immediately\":true}"), "state"), "ACTIVE");
}

static void rotation_is_recorded(void **state)
{
	struct world *w = *state;

	rotated(w, "{}");
	assert_int_equal(fixture_number(w->f, &last_type), 1);
}

static void only_so_many_keys(void **state)
{
	struct world *w = *state;
	int64_t records;

	for (int i = 1; i < KEYS_MAX; i++)
		rotated(w, "{}");
	records = fixture_number(w->f, &audit_count);
	assert_problem(post(w->f, "/admin/keys/rotate", "{}"), 409, "too_many_keys");
	assert_int_equal(fixture_number(w->f, &key_count), KEYS_MAX);
	assert_int_equal(fixture_number(w->f, &audit_count), records);
}

/* ---- delete ---- */

static void retired_key_can_be_deleted(void **state)
{
	struct world *w = *state;
	const char *old = text_of(get(w->f, "/admin/keys"), "keys.0.keyId");

	rotated(w, "{\"immediately\":true}");
	assert_status(del(w->f, "/admin/keys/%s", old), 204);
	assert_int_equal(json_array_size(member(get(w->f, "/admin/keys"), "keys")), 1);
}

static void deletion_is_recorded(void **state)
{
	struct world *w = *state;

	assert_status(del(w->f, "/admin/keys/%s", text_of(rotated(w, "{}"), "keyId")), 204);
	assert_int_equal(fixture_number(w->f, &last_deleted), 1);
}

static void key_that_signs_is_kept(void **state)
{
	struct world *w = *state;

	assert_problem(del(w->f, "/admin/keys/%s", text_of(get(w->f, "/admin/keys"), "keys.0.keyId")), 409, "key_in_use");
	assert_int_equal(fixture_number(w->f, &key_count), 1);
}

static void unknown_key(void **state)
{
	struct world *w = *state;

	assert_problem(del(w->f, "/admin/keys/signing-key-0"), 404, "key_does_not_exist");
}

static void key_is_deleted_once(void **state)
{
	struct world *w = *state;
	const char *fresh = text_of(rotated(w, "{}"), "keyId");

	del(w->f, "/admin/keys/%s", fresh);
	assert_problem(del(w->f, "/admin/keys/%s", fresh), 404, "key_does_not_exist");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(list_of_the_first_key),
		TEST(list_never_shows_a_private_key),
		TEST(states_before_the_overlap_is_over),
		TEST(states_after_the_overlap),
		TEST(rotation_tells_the_new_key),
		TEST(rotation_needs_no_body),
		TEST(rotation_at_once),
		TEST(rotation_is_recorded),
		TEST(only_so_many_keys),
		TEST(retired_key_can_be_deleted),
		TEST(deletion_is_recorded),
		TEST(key_that_signs_is_kept),
		TEST(unknown_key),
		TEST(key_is_deleted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

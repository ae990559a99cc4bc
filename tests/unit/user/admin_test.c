/* Users as the operator sees them. */
#include "users.h"

static struct answer search(struct users *u, const char *query)
{
	struct answer answer = get(u->w->f, "/admin/users%s", query);

	assert_status(answer, 200);
	return answer;
}

/* The segments of what was found, in their order: the tests mark users by them. */
static const char *found(struct users *u, struct answer answer)
{
	struct buf b = buf_arena(&u->w->f->arena, 4096);
	json_t *item;
	size_t i;

	json_array_foreach(member(answer, "users"), i, item)
		buf_printf(&b, "%s%s", i ? " " : "", json_string_value(json_object_get(item, "segment")));
	buf_byte(&b, 0);
	return (const char *)b.p;
}

static void marked(struct users *u, const char *segment, const char *reference)
{
	fixture_advance(u->w->f, 1);
	made(u, TEXTU(u, "{\"segment\":\"%s\",\"externalRef\":\"%s\"}", segment, reference));
}

/* Two users of the first account, one of another, whose id is answered. */
static const char *three_users(struct users *u)
{
	const char *token = u->w->token, *other = world_account(u->w, "production");

	marked(u, "one", "r1");
	marked(u, "two", "r2");
	u->w->token = world_token(u->w, world_client(u->w, other, "[\"all\"]"));
	marked(u, "three", "r1");
	u->w->token = token;
	return other;
}

static void users_of_every_account_newest_first(void **state)
{
	struct users *u = *state;

	three_users(u);
	assert_string_equal(found(u, search(u, "")), "three two one");
}

static void user_is_shown_with_its_account(void **state)
{
	struct users *u = *state;
	const char *id = made(u, "{\"externalRef\":\"r\",\"attributes\":{\"a\":1}}");
	struct answer answer = get(u->w->f, "/admin/users/%s", id);

	assert_status(answer, 200);
	assert_string_equal(text_of(answer, "accountId"), u->w->first.account_id);
	assert_string_equal(text_of(answer, "externalRef"), "r");
	assert_string_equal(attributes_of(u, answer), "{\"a\":1}");
	assert_int_equal(json_object_size(answer.body), 6);
}

static void unknown_user(void **state)
{
	struct users *u = *state;

	assert_problem(get(u->w->f, "/admin/users/" NOBODY), 404, "user_entity_does_not_exist");
}

static void by_account(void **state)
{
	struct users *u = *state;
	const char *other = three_users(u);

	assert_string_equal(found(u, search(u, TEXTU(u, "?accountId=%s", other))), "three");
	assert_string_equal(found(u, search(u, TEXTU(u, "?accountId=%s", u->w->first.account_id))), "two one");
}

static void unknown_account(void **state)
{
	struct users *u = *state;

	assert_problem(get(u->w->f, "/admin/users?accountId=a-spge-none"), 404, "account_does_not_exist");
}

static void by_reference(void **state)
{
	struct users *u = *state;
	const char *other = three_users(u);

	assert_string_equal(found(u, search(u, TEXTU(u, "?accountId=%s&externalRef=r1", other))), "three");
	assert_string_equal(found(u, search(u, TEXTU(u, "?accountId=%s&externalRef=r1", u->w->first.account_id))), "one");
	assert_string_equal(found(u, search(u, TEXTU(u, "?accountId=%s&externalRef=r2", other))), "");
}

static void reference_needs_an_account(void **state)
{
	struct users *u = *state;

	assert_invalid(get(u->w->f, "/admin/users?externalRef=r"), "externalRef");
}

static void by_segment(void **state)
{
	struct users *u = *state;

	three_users(u);
	assert_string_equal(found(u, search(u, "?segment=two")), "two");
	assert_string_equal(found(u, search(u, "?segment=tw")), "");
	assert_string_equal(found(u, search(u, "?segment=%25")), "");
}

static void by_state(void **state)
{
	struct users *u = *state;

	three_users(u);
	update(u, text_of(resolve(u, "{\"externalRef\":\"r2\"}"), "userId"), "{\"state\":\"LOCKED\"}");
	assert_string_equal(found(u, search(u, "?state=LOCKED")), "two");
	assert_string_equal(found(u, search(u, "?state=active")), "three one");
	assert_invalid(get(u->w->f, "/admin/users?state=deleted"), "state");
}

static void all_at_once(void **state)
{
	struct users *u = *state;
	const char *account = u->w->first.account_id;

	three_users(u);
	assert_string_equal(found(u, search(u, TEXTU(u, "?accountId=%s&externalRef=r1&segment=one&state=ACTIVE", account))), "one");
	assert_string_equal(found(u, search(u, TEXTU(u, "?accountId=%s&externalRef=r1&segment=two&state=ACTIVE", account))), "");
}

static void pages_by_the_offset_of_the_next(void **state)
{
	struct users *u = *state;
	struct answer first, second;

	three_users(u);
	first = search(u, "?limit=2");
	assert_string_equal(found(u, first), "three two");
	second = search(u, TEXTU(u, "?limit=2&offset=%s", text_of(first, "next")));
	assert_string_equal(found(u, second), "one");
	assert_null(member(second, "next"));
}

static void limits_that_are_refused(void **state)
{
	struct users *u = *state;

	assert_invalid(get(u->w->f, "/admin/users?limit=0"), "limit");
	assert_invalid(get(u->w->f, "/admin/users?limit=101"), "limit");
}

static void looking_changes_nothing(void **state)
{
	struct users *u = *state;
	struct digest before, after;

	three_users(u);
	database_digest(u->db, &before);
	search(u, "");
	database_digest(u->db, &after);
	assert_nothing_changed(&before, &after);
}

static void nothing_is_there_for_others(void **state)
{
	struct users *u = *state;

	assert_problem(ask(u->w, HTTP_GET, "/admin/users", NULL), 404, "not_found");
	assert_problem(ask(u->w, HTTP_GET, TEXTU(u, "/admin/users/%s", made(u, "{}")), NULL), 404, "not_found");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(users_of_every_account_newest_first),
		TEST(user_is_shown_with_its_account),
		TEST(unknown_user),
		TEST(by_account),
		TEST(unknown_account),
		TEST(by_reference),
		TEST(reference_needs_an_account),
		TEST(by_segment),
		TEST(by_state),
		TEST(all_at_once),
		TEST(pages_by_the_offset_of_the_next),
		TEST(limits_that_are_refused),
		TEST(looking_changes_nothing),
		TEST(nothing_is_there_for_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

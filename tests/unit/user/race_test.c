/* Requests on one user at the same moment, each on a thread of its own, over a real store. */
#include <pthread.h>

#include "http/trace.h"
#include "users.h"

enum { THREADS = 4, ROUNDS = 25 };

struct runner {
	pthread_t thread;
	struct users *u;
	int number;
	const char *user;
	int statuses[600]; /* how often each was answered */
	bool torn;
};

/* The fixture's own requests share an arena, so these bring one of their own. `ret_body` may be NULL and lives in `a`. */
static int ask_alone(struct runner *r, struct arena *a, enum http_method method, struct slice path, struct slice body,
	struct slice *ret_body)
{
	struct http_header headers[] = {
		{ S("Authorization"), arena_printf(a, "Bearer %s", r->u->w->token) }, { S("Content-Type"), S("application/json") } };
	struct http_request req = { .method = (int)method, .path = path, .body = body, .peer = S("192.0.2.1"), .headers = headers,
		.header_count = COUNT(headers) };

	arena_init(&req.arena);
	trace_begin(&req, r->u->w->f->app.env);
	api_run(r->u->w->f->api, &req);
	if (ret_body)
		*ret_body = arena_copy(a, req.reply.body);
	arena_free(&req.arena);
	r->statuses[req.reply.status]++;
	return req.reply.status;
}

static void patch_alone(struct runner *r, struct arena *a, struct slice body)
{
	ask_alone(r, a, HTTP_PATCH, arena_printf(a, USERS "/%s", r->user), body, NULL);
}

static void race_of(int threads, struct users *u, const char *user, struct runner *runners, void *(*run)(void *runner))
{
	for (int i = 0; i < THREADS; i++)
		runners[i] = (struct runner){ .u = u, .number = i, .user = user };
	for (int i = 0; i < threads; i++)
		assert_int_equal(pthread_create(&runners[i].thread, NULL, run, &runners[i]), 0);
	for (int i = 0; i < threads; i++)
		pthread_join(runners[i].thread, NULL);
}

static void race(struct users *u, const char *user, struct runner *runners, void *(*run)(void *runner))
{
	race_of(THREADS, u, user, runners, run);
}

static int answered(const struct runner *runners, int status)
{
	int n = 0;

	for (int i = 0; i < THREADS; i++)
		n += runners[i].statuses[status];
	return n;
}

/* ---- changes ---- */

static void *add_attributes(void *arg)
{
	struct runner *r = arg;
	struct arena a;

	arena_init(&a);
	for (int i = 0; i < ROUNDS; i++)
		patch_alone(r, &a, arena_printf(&a, "{\"attributes\":{\"thread-%d-%d\":%d}}", r->number, i, i));
	arena_free(&a);
	return NULL;
}

static void two_changes_at_a_time_both_land(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");
	struct runner runners[THREADS];

	race_of(2, u, user, runners, add_attributes);
	assert_int_equal(answered(runners, 200), 2 * ROUNDS);
	assert_int_equal(json_object_size(member(user_get(u, user), "attributes")), 2 * ROUNDS);
}

/* Who loses too often hears 409; nobody writes over what another one had written. */
static void changes_that_were_answered_land(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");
	struct runner runners[THREADS];

	race(u, user, runners, add_attributes);
	assert_int_equal(answered(runners, 200) + answered(runners, 409), THREADS * ROUNDS);
	assert_int_equal(json_object_size(member(user_get(u, user), "attributes")), answered(runners, 200));
}

static void each_change_has_one_record(void **state)
{
	struct users *u = *state;
	struct runner runners[THREADS];

	race(u, made(u, "{}"), runners, add_attributes);
	assert_int_equal(database_number(u->db, "SELECT count(*) FROM audit WHERE type = 'API_USER_UPDATED'"), answered(runners, 200));
	assert_int_equal(database_number(u->db, "SELECT version FROM users"), 1 + answered(runners, 200));
}

static void *lock_and_unlock(void *arg)
{
	struct runner *r = arg;
	struct arena a;

	arena_init(&a);
	for (int i = 0; i < ROUNDS; i++) {
		patch_alone(r, &a, S("{\"state\":\"LOCKED\"}"));
		patch_alone(r, &a, S("{\"state\":\"ACTIVE\"}"));
	}
	arena_free(&a);
	return NULL;
}

/* Whoever comes second finds the work done: a record tells of a change that happened, and they alternate. */
static void locks_and_unlocks_alternate(void **state)
{
	struct users *u = *state;
	struct runner runners[THREADS];

	race(u, made(u, "{}"), runners, lock_and_unlock);
	assert_int_equal(answered(runners, 200) + answered(runners, 409), 2 * THREADS * ROUNDS);
	assert_int_equal(database_number(u->db, "SELECT count(*) FROM (SELECT type, lag(type) OVER (ORDER BY n) AS before FROM audit"
		" WHERE type IN ('API_USER_LOCKED', 'API_USER_UNLOCKED')) WHERE type = before"), 0);
}

/* ---- one reference, many who want it ---- */

static void *create_the_same(void *arg)
{
	struct runner *r = arg;
	struct arena a;

	arena_init(&a);
	for (int i = 0; i < ROUNDS; i++)
		ask_alone(r, &a, HTTP_POST, S(USERS), arena_printf(&a, "{\"externalRef\":\"r-%d\"}", i), NULL);
	arena_free(&a);
	return NULL;
}

static void one_of_all_gets_the_reference(void **state)
{
	struct users *u = *state;
	struct runner runners[THREADS];

	race(u, NULL, runners, create_the_same);
	assert_int_equal(answered(runners, 200), ROUNDS);
	assert_int_equal(answered(runners, 409), (THREADS - 1) * ROUNDS);
	assert_int_equal(database_number(u->db, "SELECT count(*) FROM users"), ROUNDS);
}

/* ---- deleted once ---- */

static void *delete_or_change(void *arg)
{
	struct runner *r = arg;
	struct arena a;

	arena_init(&a);
	if (r->number % 2)
		ask_alone(r, &a, HTTP_DELETE, arena_printf(&a, USERS "/%s", r->user), S(""), NULL);
	else
		patch_alone(r, &a, arena_printf(&a, "{\"segment\":\"s-%d\"}", r->number));
	arena_free(&a);
	return NULL;
}

static void user_is_deleted_once_and_changed_before_only(void **state)
{
	struct users *u = *state;

	for (int i = 0; i < ROUNDS; i++) {
		const char *user = made(u, "{}");
		struct runner runners[THREADS];

		update(u, user, "{\"state\":\"LOCKED\"}");
		race(u, user, runners, delete_or_change);
		assert_int_equal(answered(runners, 204), 1);
		assert_int_equal(answered(runners, 204) + answered(runners, 200) + answered(runners, 404), THREADS);
		assert_problem(user_get(u, user), 404, "user_entity_does_not_exist");
	}
	assert_int_equal(database_number(u->db, "SELECT count(*) FROM audit WHERE type = 'API_USER_DELETED'"), ROUNDS);
}

/* ---- readers ---- */

static void write_pairs(struct runner *r, struct arena *a)
{
	for (int i = 0; i < ROUNDS; i++)
		patch_alone(r, a, arena_printf(a, "{\"segment\":\"v%d\",\"attributes\":{\"a\":\"v%d\",\"b\":\"v%d\"}}", i, i, i));
}

static const char *text_member(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/* What was written together is seen together. */
static void read_pairs(struct runner *r, struct arena *a)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct slice body;
		json_t *user, *attributes;

		ask_alone(r, a, HTTP_GET, arena_printf(a, USERS "/%s", r->user), S(""), &body);
		user = json_loadb((const char *)body.p, body.n, 0, NULL);
		attributes = json_object_get(user, "attributes");
		r->torn |= strcmp(text_member(attributes, "a"), text_member(attributes, "b")) != 0 ||
			   strcmp(text_member(attributes, "a"), text_member(user, "segment")) != 0;
		json_decref(user);
	}
}

static void *read_or_write(void *arg)
{
	struct runner *r = arg;
	struct arena a;

	arena_init(&a);
	if (r->number == 0)
		write_pairs(r, &a);
	else
		read_pairs(r, &a);
	arena_free(&a);
	return NULL;
}

static void readers_see_whole_changes(void **state)
{
	struct users *u = *state;
	struct runner runners[THREADS];

	race(u, made(u, "{}"), runners, read_or_write);
	for (int i = 0; i < THREADS; i++)
		assert_false(runners[i].torn);
	assert_int_equal(answered(runners, 200), THREADS * ROUNDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_changes_at_a_time_both_land),
		TEST(changes_that_were_answered_land),
		TEST(each_change_has_one_record),
		TEST(locks_and_unlocks_alternate),
		TEST(one_of_all_gets_the_reference),
		TEST(user_is_deleted_once_and_changed_before_only),
		TEST(readers_see_whole_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

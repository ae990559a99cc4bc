/* What the periodic job does when something is over, and that it leaves everything else alone. */
#include "tests/unit/device/scene.h"

enum { LIFE_MS = 300000, TEN_MINUTES = 600000 };

static void sweep(struct scene *c)
{
	must(devices_sweep(&c->s->f->app));
}

static void nothing_over_is_no_work(void **state)
{
	struct scene *c = scene_new(*state);
	struct digest before, after;
	int64_t jobs;

	scene_registered(c);
	sweep(c); /* the code of the registration */
	scene_evaluated(c);
	database_digest(c->s->db, &before);
	jobs = store_counts(c->s->f->app.store).jobs;
	sweep(c);
	database_digest(c->s->db, &after);
	assert_nothing_changed(&before, &after);
	assert_int_equal(store_counts(c->s->f->app.store).jobs, jobs);
	assert_ok_reply(phone_ses_finish(c->p, "DEVICE_PIN", PROPER));
	scene_free(c);
}

static void expiry_is_told_once(void **state)
{
	struct scene *c = scene_new(*state);
	int64_t before;

	scene_authentication(c, "");
	before = events(c->s);
	site_advance(c->s, LIFE_MS);
	sweep(c);
	sweep(c);
	assert_int_equal(events(c->s) - before, 1);
	assert_int_equal(facts_of(c->s, "DEVICE_AUTHENTICATION_FAILED"), 1);
	scene_free(c);
}

static void more_than_fit_into_one_transaction(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s);

	database_run(s->db, "WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < 1203) INSERT INTO transactions"
		" SELECT randomblob(16), (SELECT n FROM accounts), (SELECT id FROM users), 1, 3, 1, NULL, NULL, 1, 2, 0, 0 FROM k");
	sweep(c);
	assert_int_equal(number(s, "SELECT count(*) FROM transactions WHERE state = 1"), 0);
	assert_int_equal(number(s, "SELECT count(*) FROM audit WHERE type = 'DEVICE_AUTHENTICATION_FAILED'"), 1203);
	scene_free(c);
}

/* ---- sessions ---- */

static void session_ends_with_its_operation(void **state)
{
	struct scene *c = scene_new(*state);

	scene_started(c);
	assert_status(ask(c->s->w, HTTP_PATCH, TEXT(c->s->w, "/reuseid/core/users/%s", c->user), "{\"state\":\"LOCKED\"}"), 200);
	assert_int_equal(number(c->s, "SELECT count(*) FROM device_sessions WHERE ended = 0"), 1);
	sweep(c);
	assert_int_equal(number(c->s, "SELECT count(*) FROM device_sessions WHERE ended = 0"), 0);
	scene_free(c);
}

static void session_of_a_pending_operation_lives_on(void **state)
{
	struct scene *c = scene_new(*state);

	scene_evaluated(c);
	site_advance(c->s, LIFE_MS - 1);
	sweep(c);
	assert_ok_reply(phone_ses_finish(c->p, "DEVICE_PIN", PROPER));
	scene_free(c);
}

static void registration_sessions_end_too(void **state)
{
	struct scene *c = scene_new(*state);

	scene_act_evaluated(c);
	site_advance(c->s, LIFE_MS);
	sweep(c);
	assert_int_equal(number(c->s, "SELECT count(*) FROM device_sessions WHERE ended = 0"), 0);
	site_advance(c->s, TEN_MINUTES + 1);
	sweep(c);
	assert_int_equal(number(c->s, "SELECT count(*) FROM device_sessions"), 0);
	scene_free(c);
}

/* ---- open tries ---- */

static void third_try(struct scene *c)
{
	scene_started(c);
	for (int i = 0; i < 3; i++)
		assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
}

static void open_try_in_a_live_session_is_left_open(void **state)
{
	struct scene *c = scene_new(*state);

	third_try(c);
	sweep(c);
	assert_string_equal(scene_device(c), "ACTIVE OPEN");
	assert_ok_reply(phone_ses_finish(c->p, "DEVICE_PIN", PROPER));
	scene_free(c);
}

static void open_try_of_a_broken_session_locks(void **state)
{
	struct scene *c = scene_new(*state);

	third_try(c);
	assert_code(phone_ses_finish(c->p, "DEVICE_PIN", BAD_JSON), 243);
	sweep(c);
	assert_string_equal(scene_device(c), "LOCKED PIN_VERIFICATION_FAILED");
	assert_string_equal(scene_outcome(c), "CALLBACK_PROCESSING_ERROR");
	assert_int_equal(facts_of(c->s, "DEVICE_LOCKED"), 1);
	scene_free(c);
}

static void lock_takes_the_next_operation_along(void **state)
{
	struct scene *c = scene_new(*state);

	third_try(c);
	scene_authentication(c, ""); /* takes the place of the one that was tried */
	sweep(c);
	assert_string_equal(scene_device(c), "LOCKED PIN_VERIFICATION_FAILED");
	assert_string_equal(scene_outcome(c), "LOCKED");
	scene_free(c);
}

static void open_try_of_a_locked_device_is_left(void **state)
{
	struct scene *c = scene_new(*state);

	third_try(c);
	assert_status(scene_patch(c, "{\"state\":\"LOCKED\"}"), 200);
	sweep(c);
	assert_string_equal(scene_device(c), "LOCKED LOCKED_BY_ADMIN");
	assert_int_equal(facts_of(c->s, "DEVICE_LOCKED"), 0);
	scene_free(c);
}

/* ---- codes ---- */

static void codes_are_free_again(void **state)
{
	struct scene *c = scene_new(*state);

	c->operation = text_of(start_registration(c->s, c->user, ""), "transactionId");
	sweep(c);
	assert_int_equal(number(c->s, "SELECT count(*) FROM device_operations WHERE code_index IS NOT NULL"), 1);
	assert_status(ask(c->s->w, HTTP_DELETE, TEXT(c->s->w, BASE_PATH "/registrations/%s", c->operation), NULL), 204);
	sweep(c);
	assert_int_equal(number(c->s, "SELECT count(*) FROM device_operations WHERE code_index IS NOT NULL"), 0);
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(nothing_over_is_no_work),
		SITE_TEST(expiry_is_told_once),
		SITE_TEST(more_than_fit_into_one_transaction),
		SITE_TEST(session_ends_with_its_operation),
		SITE_TEST(session_of_a_pending_operation_lives_on),
		SITE_TEST(registration_sessions_end_too),
		SITE_TEST(open_try_in_a_live_session_is_left_open),
		SITE_TEST(open_try_of_a_broken_session_locks),
		SITE_TEST(lock_takes_the_next_operation_along),
		SITE_TEST(open_try_of_a_locked_device_is_left),
		SITE_TEST(codes_are_free_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

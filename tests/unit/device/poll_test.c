/* Polling and cancelling operations over REST (api.md 4.5). */
#include "tests/unit/device/scene.h"

static const char *const kinds[] = { "registrations", "authentications", "signatures" };

static struct answer on(struct scene *c, enum http_method method, const char *kind, const char *id)
{
	return ask(c->s->w, method, TEXT(c->s->w, BASE_PATH "/%s/%s", kind, id), NULL);
}

/* One pending operation of each kind; ids in the order of `kinds`. */
static void one_of_each(struct scene *c, struct scene *second, const char *ids[3])
{
	second->user = c->user;
	scene_registered(c);
	scene_registered(second);
	ids[0] = text_of(start_registration(c->s, c->user, ""), "transactionId");
	ids[1] = text_of(start_authentication(c->s, c->user, c->device, ""), "transactionId");
	ids[2] = text_of(start_signature(c->s, c->user, second->device, ""), "transactionId");
}

static void each_answers_under_its_own_kind_alone(void **state)
{
	struct scene *c = scene_new(*state), *second = scene_new(*state);
	const char *ids[3];

	one_of_each(c, second, ids);
	for (size_t k = 0; k < COUNT(kinds); k++)
		for (size_t i = 0; i < COUNT(ids); i++) {
			if (i == k) {
				assert_status(on(c, HTTP_GET, kinds[k], ids[i]), 200);
				continue;
			}
			assert_problem(on(c, HTTP_GET, kinds[k], ids[i]), 404, "transaction_id_does_not_exist");
			assert_problem(on(c, HTTP_DELETE, kinds[k], ids[i]), 404, "transaction_id_does_not_exist");
		}
	for (size_t k = 0; k < COUNT(kinds); k++)
		assert_string_equal(text_of(on(c, HTTP_GET, kinds[k], ids[k]), "state"), "PENDING");
	scene_free(second);
	scene_free(c);
}

static void cancelled_once(void **state)
{
	struct scene *c = scene_new(*state), *second = scene_new(*state);
	const char *ids[3];

	one_of_each(c, second, ids);
	for (size_t k = 0; k < COUNT(kinds); k++) {
		struct answer answer = on(c, HTTP_DELETE, kinds[k], ids[k]);

		assert_status(answer, 204);
		assert_int_equal(answer.text.n, 0);
		assert_string_equal(text_of(on(c, HTTP_GET, kinds[k], ids[k]), "errorCode"), "CANCELLED_BY_SP");
		assert_problem(on(c, HTTP_DELETE, kinds[k], ids[k]), 400, "invalid_operation");
	}
	assert_int_equal(number(c->s, "SELECT count(*) FROM audit WHERE type LIKE '%%_CANCELLED'"), 3);
	scene_free(second);
	scene_free(c);
}

static void finished_ones_cannot_be_cancelled(void **state)
{
	struct scene *c = scene_new(*state);
	struct digest before, after;

	scene_authentication(c, "");
	assert_ok_reply(phone_approve(c->p, PIN));
	database_digest(c->s->db, &before);
	assert_problem(on(c, HTTP_DELETE, "authentications", c->operation), 400, "invalid_operation");
	database_digest(c->s->db, &after);
	assert_nothing_changed(&before, &after);
	scene_authentication(c, "");
	site_advance(c->s, 300000); /* expired, and not swept yet */
	assert_problem(on(c, HTTP_DELETE, "authentications", c->operation), 400, "invalid_operation");
	assert_string_equal(scene_outcome(c), "EXPIRED");
	scene_free(c);
}

static void signings_are_signatures(void **state)
{
	struct scene *c = scene_new(*state);
	const char *id;

	scene_registered(c);
	id = text_of(start_signature(c->s, c->user, c->device, ""), "transactionId");
	assert_status(on(c, HTTP_GET, "signings", id), 200);
	assert_status(on(c, HTTP_DELETE, "signings", id), 204);
	scene_free(c);
}

#define NOBODY "00000000-0000-4000-8000-000000000000"

static void unknown_and_malformed_ids(void **state)
{
	struct scene *c = scene_new(*state);

	for (size_t k = 0; k < COUNT(kinds); k++) {
		assert_problem(on(c, HTTP_GET, kinds[k], NOBODY), 404, "transaction_id_does_not_exist");
		assert_problem(on(c, HTTP_DELETE, kinds[k], NOBODY), 404, "transaction_id_does_not_exist");
		assert_invalid(on(c, HTTP_GET, kinds[k], "x"), "transactionId");
	}
	scene_free(c);
}

static void other_accounts_see_nothing(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s);
	const char *own = s->w->token, *account = world_account(s->w, "sandbox");

	scene_authentication(c, "");
	s->w->token = world_token(s->w, world_client(s->w, account, "[\"ReuseID MobileID Device API\"]"));
	assert_problem(on(c, HTTP_GET, "authentications", c->operation), 404, "transaction_id_does_not_exist");
	assert_problem(on(c, HTTP_DELETE, "authentications", c->operation), 404, "transaction_id_does_not_exist");
	s->w->token = own;
	assert_string_equal(scene_outcome(c), "PENDING");
	scene_free(c);
}

/* The phone hears of it at its next message, and what it had evaluated stays charged. */
static void cancelled_under_the_phone(void **state)
{
	struct scene *c = scene_new(*state);

	scene_evaluated(c);
	assert_status(on(c, HTTP_DELETE, "authentications", c->operation), 204);
	assert_code(phone_ses_finish(c->p, "DEVICE_PIN", PROPER), 208);
	must(devices_sweep(&c->s->f->app));
	assert_int_equal(number(c->s, "SELECT count(*) FROM device_sessions WHERE ended = 0"), 0);
	assert_int_equal(number(c->s, "SELECT fail_second FROM devices"), 1);
	assert_int_equal(number(c->s, "SELECT try_open FROM devices"), 0);
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(each_answers_under_its_own_kind_alone),
		SITE_TEST(cancelled_once),
		SITE_TEST(finished_ones_cannot_be_cancelled),
		SITE_TEST(signings_are_signatures),
		SITE_TEST(unknown_and_malformed_ids),
		SITE_TEST(other_accounts_see_nothing),
		SITE_TEST(cancelled_under_the_phone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

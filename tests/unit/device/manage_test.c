/* Reading, changing and deleting devices over REST (api.md 4.6). */
#include "tests/unit/device/scene.h"

#define NOBODY "00000000-0000-4000-8000-000000000000"

static struct answer on_device(struct scene *c, enum http_method method, const char *query, const char *body)
{
	return ask(c->s->w, method, TEXT(c->s->w, BASE_PATH "/%s?%s", c->device, query), body);
}

static const char *own_user(struct scene *c)
{
	return TEXT(c->s->w, "userId=%s", c->user);
}

/* ---- reading ---- */

static void device_without_details(void **state)
{
	struct scene *c = scene_new(*state);
	struct answer answer;

	scene_registered(c);
	answer = on_device(c, HTTP_GET, own_user(c), NULL);
	assert_status(answer, 200);
	assert_int_equal(json_object_size(answer.body), 6);
	assert_string_equal(text_of(answer, "id"), c->device);
	assert_string_equal(text_of(answer, "name"), "From the phone");
	assert_string_equal(text_of(answer, "state"), "ACTIVE");
	assert_string_equal(text_of(answer, "lastOperationType"), "REGISTRATION");
	assert_string_equal(text_of(answer, "lastUsed"), "2026-01-01T00:00:00.000Z");
	assert_string_equal(text_of(answer, "created"), "2026-01-01T00:00:00.000Z");
	scene_free(c);
}

static void details_on_wish(void **state)
{
	static const struct {
		const char *value;
		bool detailed;
	} rows[] = { { "true", true }, { "false", false }, { "1", false }, { "", false }, { "yes", false } };
	struct scene *c = scene_new(*state);
	struct answer answer;

	scene_registered(c);
	for (size_t i = 0; i < COUNT(rows); i++) {
		answer = on_device(c, HTTP_GET, TEXT(c->s->w, "%s&detailed=%s", own_user(c), rows[i].value), NULL);
		if ((member(answer, "deviceDetails") != NULL) != rows[i].detailed)
			fail_msg("detailed=%s: %.*s", rows[i].value, FMT(answer.text));
	}
	answer = on_device(c, HTTP_GET, TEXT(c->s->w, "%s&detailed=true", own_user(c)), NULL);
	assert_string_equal(text_of(answer, "deviceDetails.lockReason"), "OPEN");
	assert_string_equal(text_of(answer, "deviceDetails.model"), "Nexus S");
	assert_string_equal(text_of(answer, "deviceDetails.sdkVersion"), "4.0.0");
	assert_string_equal(text_of(answer, "deviceDetails.applicationId"), c->s->configuration.application_id);
	assert_string_equal(text_of(answer, "deviceDetails.activatedAuthenticationMethods.0"), "DEVICE");
	assert_string_equal(text_of(answer, "deviceDetails.activatedAuthenticationMethods.1"), "DEVICE:PIN");
	assert_true(json_is_false(member(answer, "deviceDetails.isHardwareKeyProtected")));
	assert_null(member(answer, "deviceDetails.manufacturer"));
	scene_free(c);
}

/* ---- whose ---- */

static void every_call_needs_the_right_user(void **state)
{
	static const struct {
		enum http_method method;
		const char *body;
	} calls[] = { { HTTP_GET, NULL }, { HTTP_PATCH, "{\"name\":\"x\"}" }, { HTTP_DELETE, NULL } };
	struct site *s = *state;
	struct scene *c = scene_new(s), *other = scene_new(s);
	struct digest before, after;

	scene_registered(c);
	database_digest(s->db, &before);
	for (size_t i = 0; i < COUNT(calls); i++) {
		struct answer missing = on_device(c, calls[i].method, "detailed=true", calls[i].body);

		assert_problem(missing, 400, "invalid_request");
		assert_string_equal(text_of(missing, "detail"), "userId parameter is missing");
		assert_problem(on_device(c, calls[i].method, TEXT(s->w, "userId=%s", NOBODY), calls[i].body), 404, "user_entity_does_not_exist");
		assert_problem(on_device(c, calls[i].method, TEXT(s->w, "userId=%s", other->user), calls[i].body), 404,
			"device_entity_does_not_exist");
		assert_problem(ask(s->w, calls[i].method, TEXT(s->w, BASE_PATH "/" NOBODY "?%s", own_user(c)), calls[i].body), 404,
			"device_entity_does_not_exist");
		assert_invalid(on_device(c, calls[i].method, "userId=x", calls[i].body), "userId");
	}
	database_digest(s->db, &after);
	assert_nothing_changed(&before, &after);
	scene_free(other);
	scene_free(c);
}

static void other_accounts_see_nothing(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s);
	const char *account = world_account(s->w, "sandbox");

	scene_registered(c);
	s->w->token = world_token(s->w, world_client(s->w, account, "[\"ReuseID MobileID Device API\"]"));
	assert_problem(on_device(c, HTTP_GET, own_user(c), NULL), 404, "user_entity_does_not_exist");
	assert_problem(on_device(c, HTTP_PATCH, own_user(c), "{\"state\":\"LOCKED\"}"), 404, "user_entity_does_not_exist");
	assert_problem(on_device(c, HTTP_DELETE, own_user(c), NULL), 404, "user_entity_does_not_exist");
	scene_free(c);
}

/* ---- changing ---- */

static void renamed(void **state)
{
	struct scene *c = scene_new(*state);
	struct answer answer;

	scene_registered(c);
	answer = scene_patch(c, "{\"name\":\"My New iPhone\",\"lockReason\":\"PIN_VERIFICATION_FAILED\",\"unknown\":1}");
	assert_status(answer, 200);
	assert_string_equal(text_of(answer, "name"), "My New iPhone");
	assert_string_equal(text_of(on_device(c, HTTP_GET, own_user(c), NULL), "name"), "My New iPhone");
	assert_string_equal(scene_device(c), "ACTIVE OPEN");
	assert_string_equal(text_of(scene_patch(c, "{\"name\":\"\"}"), "name"), "");
	scene_free(c);
}

static void what_cannot_be_set(void **state)
{
	static const struct {
		const char *body, *fault;
	} rows[] = {
		{ "{\"state\":\"DELETED\"}", "state" }, { "{\"state\":\"active\"}", "state" }, { "{\"state\":1}", "state" },
		{ "{\"name\":1}", "name" }, { "{\"name\":\"a\\tb\"}", "name" }, { "{\"name\":[]}", "name" },
	};
	struct scene *c = scene_new(*state);

	scene_registered(c);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_invalid(scene_patch(c, rows[i].body), rows[i].fault);
	scene_free(c);
}

static void nothing_to_change_writes_nothing(void **state)
{
	static const char *const bodies[] = { "{}", "{\"name\":\"From the phone\"}", "{\"name\":null,\"state\":null}", "{\"lockReason\":\"OPEN\"}" };
	struct scene *c = scene_new(*state);
	struct digest before, after;

	scene_registered(c);
	database_digest(c->s->db, &before);
	for (size_t i = 0; i < COUNT(bodies); i++)
		assert_status(scene_patch(c, bodies[i]), 200);
	database_digest(c->s->db, &after);
	assert_nothing_changed(&before, &after);
	scene_free(c);
}

static void lock_ends_what_is_pending(void **state)
{
	struct scene *c = scene_new(*state);

	scene_started(c);
	assert_string_equal(text_of(scene_patch(c, "{\"state\":\"LOCKED\"}"), "state"), "LOCKED");
	assert_string_equal(scene_device(c), "LOCKED LOCKED_BY_ADMIN");
	assert_string_equal(scene_outcome(c), "LOCKED_BY_ADMIN");
	assert_int_equal(number(c->s, "SELECT count(*) FROM device_sessions WHERE ended = 0"), 0);
	assert_int_equal(facts_of(c->s, "API_DEVICE_LOCKED"), 1);
	scene_free(c);
}

static int64_t state_events(struct site *s)
{
	return number(s, "SELECT count(*) FROM outbox WHERE name = 'device.state.change'");
}

static void event_on_wish(void **state)
{
	struct scene *c = scene_new(*state);

	scene_registered(c);
	assert_status(scene_patch(c, "{\"state\":\"LOCKED\"}"), 200);
	assert_int_equal(state_events(c->s), 0);
	assert_status(on_device(c, HTTP_PATCH, TEXT(c->s->w, "%s&generateEvent=true", own_user(c)), "{\"state\":\"ACTIVE\"}"), 200);
	assert_int_equal(state_events(c->s), 1);
	assert_status(on_device(c, HTTP_PATCH, TEXT(c->s->w, "%s&generateEvent=true", own_user(c)), "{\"name\":\"No state\"}"), 200);
	assert_int_equal(state_events(c->s), 1);
	scene_free(c);
}

static void unlock_clears_the_counters(void **state)
{
	struct scene *c = scene_new(*state);

	scene_started(c);
	assert_code(phone_ses_finish(c->p, "DEVICE", BAD_DK), 214);
	assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
	assert_code(phone_ses_finish(c->p, "DEVICE_PIN", BAD_DK), 214);
	assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
	assert_status(scene_patch(c, "{\"state\":\"ACTIVE\"}"), 200);
	assert_int_equal(number(c->s, "SELECT fail_device + fail_second + try_open + device_seen FROM devices"), 0);
	scene_free(c);
}

/* ---- deleting ---- */

static void deleted_device_stays_visible_and_dead(void **state)
{
	struct scene *c = scene_new(*state);
	struct digest before, after;

	scene_started(c);
	assert_status(on_device(c, HTTP_DELETE, own_user(c), NULL), 204);
	assert_string_equal(scene_device(c), "DELETED OPEN");
	assert_string_equal(scene_outcome(c), "CANCELLED_BY_SP");
	assert_problem(scene_patch(c, "{\"state\":\"ACTIVE\"}"), 400, "invalid_operation");
	assert_problem(scene_patch(c, "{\"name\":\"x\"}"), 400, "invalid_operation");
	assert_int_equal(state_events(c->s), 0);
	database_digest(c->s->db, &before);
	assert_status(on_device(c, HTTP_DELETE, own_user(c), NULL), 204);
	database_digest(c->s->db, &after);
	assert_nothing_changed(&before, &after);
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(device_without_details),
		SITE_TEST(details_on_wish),
		SITE_TEST(every_call_needs_the_right_user),
		SITE_TEST(other_accounts_see_nothing),
		SITE_TEST(renamed),
		SITE_TEST(what_cannot_be_set),
		SITE_TEST(nothing_to_change_writes_nothing),
		SITE_TEST(lock_ends_what_is_pending),
		SITE_TEST(event_on_wish),
		SITE_TEST(unlock_clears_the_counters),
		SITE_TEST(deleted_device_stays_visible_and_dead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

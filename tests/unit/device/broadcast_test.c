/* Operations for every device, number matching, registrations of the same device again, geofencing over REST. */
#include "tests/unit/device/scene.h"

#define BROADCAST ",\"operationProperties\":{\"broadcast\":true}"

struct two {
	struct scene *a, *b; /* of one user */
};

static struct two two_phones(void **state)
{
	struct two t = { scene_new(*state), scene_new(*state) };

	t.b->user = t.a->user;
	scene_registered(t.a);
	site_advance(t.a->s, 1);
	scene_registered(t.b);
	return t;
}

static void free_two(struct two *t)
{
	scene_free(t->a);
	scene_free(t->b);
}

static const char *start_for_all(struct two *t, const char *more)
{
	struct answer started = ask(t->a->s->w, HTTP_POST, BASE_PATH "/authentications", TEXT(t->a->s->w, "{\"userId\":\"%s\"%s}", t->a->user, more));

	assert_status(started, 200);
	assert_null(member(started, "device"));
	return t->a->operation = t->b->operation = text_of(started, "transactionId");
}

static void first_to_approve_wins(void **state)
{
	struct two t = two_phones(state);

	start_for_all(&t, BROADCAST);
	assert_ok_reply(phone_ses_start(t.b->p, PROPER));
	assert_ok_reply(phone_approve(t.a->p, PIN));
	assert_string_equal(scene_outcome(t.a), "COMPLETED");
	assert_string_equal(text_of(poll_authentication(t.a->s, t.a->operation), "device.id"), t.a->device);
	assert_code(phone_ses_pin(t.b->p, PIN, PROPER), 208);
	assert_code(phone_ses_start(t.b->p, PROPER), 208);
	assert_int_equal(number(t.a->s, "SELECT count(*) FROM outbox WHERE name = 'device.authentication.completed'"), 1);
	free_two(&t);
}

static void lock_ends_a_leg_and_the_last_leg_the_operation(void **state)
{
	struct two t = two_phones(state);

	start_for_all(&t, BROADCAST);
	assert_status(scene_patch(t.a, "{\"state\":\"LOCKED\"}"), 200);
	assert_string_equal(scene_outcome(t.a), "PENDING");
	assert_status(scene_patch(t.b, "{\"state\":\"LOCKED\"}"), 200);
	assert_string_equal(scene_outcome(t.b), "LOCKED_BY_ADMIN");
	free_two(&t);
}

static void wrong_pins_on_one_phone_leave_the_other(void **state)
{
	struct two t = two_phones(state);

	start_for_all(&t, BROADCAST);
	assert_ok_reply(phone_ses_start(t.a->p, PROPER));
	for (int i = 0; i < 3; i++) {
		assert_ok_reply(phone_ses_pin(t.a->p, WRONG_PIN, PROPER));
		assert_code(phone_ses_finish(t.a->p, "DEVICE_PIN", PROPER), i < 2 ? 214 : 226);
	}
	assert_string_equal(scene_outcome(t.a), "PENDING");
	assert_ok_reply(phone_approve(t.b->p, PIN));
	free_two(&t);
}

static void refusal_ends_the_whole(void **state)
{
	struct two t = two_phones(state);

	start_for_all(&t, BROADCAST);
	assert_ok_reply(phone_ses_start(t.a->p, PROPER));
	assert_ok_reply(phone_ses_cancel(t.a->p, PROPER));
	assert_string_equal(scene_outcome(t.b), "CANCELLED_BY_DEVICE");
	assert_code(phone_ses_start(t.b->p, PROPER), 208);
	free_two(&t);
}

static void directed_ones_take_legs_away(void **state)
{
	struct two t = two_phones(state);
	const char *id = start_for_all(&t, BROADCAST);

	assert_ok_reply(phone_ses_start(t.a->p, PROPER));
	scene_authentication(t.a, "");
	assert_code(phone_ses_pin(t.a->p, PIN, PROPER), 208);
	assert_string_equal(text_of(poll_authentication(t.a->s, id), "state"), "PENDING");
	scene_authentication(t.b, "");
	assert_string_equal(text_of(poll_authentication(t.a->s, id), "errorCode"), "CANCELLED_BY_SP");
	assert_ok_reply(phone_approve(t.a->p, PIN));
	free_two(&t);
}

static void broadcast_ends_older_ones(void **state)
{
	struct two t = two_phones(state);
	const char *id;

	scene_authentication(t.a, "");
	id = t.a->operation;
	start_for_all(&t, BROADCAST);
	assert_string_equal(text_of(poll_authentication(t.a->s, id), "errorCode"), "CANCELLED_BY_SP");
	assert_string_equal(scene_outcome(t.a), "PENDING");
	free_two(&t);
}

static void what_is_no_broadcast(void **state)
{
	struct scene *c = scene_new(*state);

	assert_problem(ask(c->s->w, HTTP_POST, BASE_PATH "/authentications", TEXT(c->s->w, "{\"userId\":\"%s\"" BROADCAST "}", c->user)), 400, "invalid_operation");
	scene_registered(c);
	assert_invalid(start_authentication(c->s, c->user, c->device, BROADCAST), "device.id");
	assert_invalid(ask(c->s->w, HTTP_POST, BASE_PATH "/authentications", TEXT(c->s->w, "{\"userId\":\"%s\"}", c->user)), "device.id");
	scene_free(c);
}

/* ---- number matching ---- */

#define MATCHING ",\"operationProperties\":{\"numberMatching\":true}"

static void number_has_to_be_typed(void **state)
{
	struct scene *c = scene_new(*state);
	struct answer started;

	scene_registered(c);
	started = start_authentication(c->s, c->user, c->device, MATCHING);
	c->operation = text_of(started, "transactionId");
	c->p->match = text_of(started, "operationProperties.matchNumber");
	assert_int_equal(strlen(c->p->match), 2);
	assert_string_equal(text_of(poll_authentication(c->s, c->operation), "operationProperties.matchNumber"), c->p->match);
	assert_ok_reply(phone_approve(c->p, PIN));
	assert_null(member(poll_authentication(c->s, c->operation), "operationProperties.matchNumber"));
	scene_free(c);
}

static void wrong_number_ends_it_and_counts_nothing(void **state)
{
	struct scene *c = scene_new(*state);
	struct reply r;

	scene_registered(c);
	for (int i = 0; i < 4; i++) {
		scene_authentication(c, MATCHING);
		c->p->match = i % 2 ? NULL : "xx";
		r = phone_approve(c->p, PIN);
		assert_code(r, 214);
		assert_false(r.recoverable);
		assert_string_equal(scene_outcome(c), "CANCELLED_BY_DEVICE");
	}
	assert_int_equal(number(c->s, "SELECT fail_device + fail_second FROM devices"), 0);
	scene_free(c);
}

/* Whoever guesses PINs learns nothing from a wrong number, and pays for the guess. */
static void wrong_number_with_a_wrong_pin_is_charged(void **state)
{
	struct scene *c = scene_new(*state);

	scene_registered(c);
	scene_authentication(c, MATCHING);
	c->p->match = "xx";
	assert_code(phone_approve(c->p, WRONG_PIN), 214);
	assert_string_equal(scene_outcome(c), "CANCELLED_BY_DEVICE");
	assert_int_equal(number(c->s, "SELECT fail_second FROM devices"), 1);
	scene_free(c);
}

static void account_decides_about_numbers(void **state)
{
	struct scene *c = scene_new(*state);

	scene_registered(c);
	site_configure(c->s, "{\"numberMatchingMode\":\"OFF\"}");
	assert_null(member(start_authentication(c->s, c->user, c->device, MATCHING), "operationProperties.matchNumber"));
	site_configure(c->s, "{\"numberMatchingMode\":\"REQUIRED\",\"numberMatchingDigits\":3}");
	assert_int_equal(strlen(text_of(start_authentication(c->s, c->user, c->device, ""), "operationProperties.matchNumber")), 3);
	scene_free(c);
}

/* ---- the same device again ---- */

static const char *again_body(struct scene *c, const char *device)
{
	return TEXT(c->s->w, ",\"device\":{\"id\":\"%s\"},\"operationProperties\":{\"registrationMode\":\"RE_REGISTRATION\"}", device);
}

static const char *again(struct scene *c, const char *device)
{
	struct answer started = start_registration(c->s, c->user, again_body(c, device));

	assert_status(started, 200);
	assert_string_equal(text_of(started, "operationProperties.registrationMode"), "RE_REGISTRATION");
	c->operation = text_of(started, "transactionId");
	return text_of(started, "operationProperties.activationCode");
}

static void device_keeps_its_id(void **state)
{
	struct scene *c = scene_new(*state);
	struct phone *p;
	struct reply r;
	const char *code;

	scene_failed_once(c);
	p = phone_new(c->s);
	code = again(c, c->device);
	r = phone_act_start(p, code, PROPER);
	assert_ok_reply(r);
	assert_string_equal(reply_text(&r, "mode"), "RE_REGISTRATION");
	assert_string_equal(reply_text(&r, "reg"), c->device);
	assert_ok_reply(phone_act_pin(p, "8642", PROPER));
	assert_ok_reply(phone_act_finish(p, PROPER));
	assert_string_equal(text_of(poll_registration(c->s, c->operation), "type"), "RE_REGISTRATION");
	assert_int_equal(number(c->s, "SELECT count(*) FROM devices"), 1);
	assert_int_equal(number(c->s, "SELECT fail_device + fail_second FROM devices"), 0);
	assert_status(start_authentication(c->s, c->user, c->device, ""), 200);
	assert_code(phone_ses_start(c->p, PROPER), 214);
	assert_ok_reply(phone_approve(p, "8642"));
	phone_free(p);
	scene_free(c);
}

static void another_piece_of_hardware(void **state)
{
	struct scene *c = scene_new(*state);
	struct phone *p;

	scene_registered(c);
	p = phone_new(c->s);
	p->device_hash = "A4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=";
	assert_code(phone_act_start(p, again(c, c->device), PROPER), 250);
	assert_string_equal(scene_outcome(c), "PENDING");
	phone_free(p);
	scene_free(c);
}

static void which_device_can_be_registered_again(void **state)
{
	struct scene *c = scene_new(*state), *other = scene_new(*state);
	struct phone *p = phone_new(c->s);
	const char *code;

	scene_registered(c);
	scene_registered(other);
	assert_invalid(start_registration(c->s, c->user, ",\"operationProperties\":{\"registrationMode\":\"RE_REGISTRATION\"}"), "device.id");
	assert_problem(start_registration(c->s, c->user, again_body(c, other->device)), 404, "device_entity_does_not_exist");
	code = again(c, c->device);
	assert_status(scene_patch(c, "{\"state\":\"LOCKED\"}"), 200);
	assert_code(phone_act_start(p, code, PROPER), 224);
	assert_problem(start_registration(c->s, c->user, again_body(c, c->device)), 400, "invalid_operation");
	phone_free(p);
	scene_free(other);
	scene_free(c);
}

/* ---- where a device may be used ---- */

static struct answer fence(struct scene *c, enum http_method method, const char *body)
{
	return ask(c->s->w, method, TEXT(c->s->w, BASE_PATH "/%s/geofencing?userId=%s", c->device, c->user), body);
}

static void geofencing_of_a_device(void **state)
{
	struct scene *c = scene_new(*state);

	scene_registered(c);
	assert_problem(fence(c, HTTP_GET, NULL), 404, "geofencing_configuration_does_not_exist");
	assert_status(fence(c, HTTP_PUT, "{\"mode\":\"OPTIONAL\",\"allowedContinents\":\"EU\",\"allowedCountries\":\"CT\",\"deniedCountries\":\"RU, BY\"}"), 200);
	assert_string_equal(text_of(fence(c, HTTP_GET, NULL), "deniedCountries"), "RU, BY");
	assert_string_equal(text_of(fence(c, HTTP_PATCH, "{\"mode\":\"off\"}"), "mode"), "DISABLED");
	assert_string_equal(text_of(fence(c, HTTP_GET, NULL), "deniedCountries"), "");
	assert_invalid(fence(c, HTTP_POST, "{\"mode\":\"OPTIONAL\",\"allowedCountries\":\"NO, SWE\"}"), "allowedCountries");
	assert_invalid(fence(c, HTTP_POST, "{\"mode\":\"SOMETIMES\"}"), "mode");
	assert_status(fence(c, HTTP_DELETE, NULL), 204);
	assert_problem(fence(c, HTTP_GET, NULL), 404, "geofencing_configuration_does_not_exist");
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(first_to_approve_wins),
		SITE_TEST(lock_ends_a_leg_and_the_last_leg_the_operation),
		SITE_TEST(wrong_pins_on_one_phone_leave_the_other),
		SITE_TEST(refusal_ends_the_whole),
		SITE_TEST(directed_ones_take_legs_away),
		SITE_TEST(broadcast_ends_older_ones),
		SITE_TEST(what_is_no_broadcast),
		SITE_TEST(number_has_to_be_typed),
		SITE_TEST(wrong_number_ends_it_and_counts_nothing),
		SITE_TEST(wrong_number_with_a_wrong_pin_is_charged),
		SITE_TEST(account_decides_about_numbers),
		SITE_TEST(device_keeps_its_id),
		SITE_TEST(another_piece_of_hardware),
		SITE_TEST(which_device_can_be_registered_again),
		SITE_TEST(geofencing_of_a_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Methods: added, replaced and removed by the phone; PINs that move to a newer salt key (5.2, 6.3). */
#include "tests/unit/device/scene.h"

#define FACE "DEVICE_IOS_FACE_ID"

static const char *methods_of(struct scene *c)
{
	struct answer got = ask(c->s->w, HTTP_GET, TEXT(c->s->w, BASE_PATH "/%s?userId=%s&detailed=true", c->device, c->user), NULL);
	char *text = json_dumps(member(got, "deviceDetails.activatedAuthenticationMethods"), JSON_COMPACT);
	const char *kept = TEXT(c->s->w, "%s", text);

	free(text);
	return kept;
}

static struct scene *registered(void **state)
{
	struct scene *c = scene_new(*state);

	scene_registered(c);
	site_advance(c->s, 1);
	return c;
}

static void add_biometric(struct scene *c)
{
	assert_ok_reply(phone_am_start(c->p, "activate", FACE, PROPER));
	assert_ok_reply(phone_am_pin(c->p, "authorise", PIN, PROPER));
	assert_ok_reply(phone_am_finish(c->p, "DEVICE_PIN", FACE, PROPER));
}

static void biometric_key_is_added_and_approves(void **state)
{
	struct scene *c = registered(state);

	add_biometric(c);
	assert_string_equal(newest_outcome(c->s), "COMPLETED");
	assert_string_equal(methods_of(c), "[\"DEVICE\",\"DEVICE:PIN\",\"DEVICE:IOS_FACE_ID\"]");
	assert_int_equal(number(c->s, "SELECT count(*) FROM transactions WHERE operation = 6 AND state = 2"), 1);
	scene_authentication(c, "");
	assert_ok_reply(phone_ses_start(c->p, PROPER));
	assert_ok_reply(phone_ses_finish(c->p, FACE, PROPER));
	assert_string_equal(text_of(poll_authentication(c->s, c->operation), "operationProperties.authMethod"), FACE);
	scene_free(c);
}

static void wrong_biometric_key_is_heard_of_like_a_wrong_pin(void **state)
{
	struct scene *c = registered(state);
	struct reply r;

	add_biometric(c);
	scene_authentication(c, "");
	assert_ok_reply(phone_ses_start(c->p, PROPER));
	r = phone_ses_finish(c->p, FACE, BAD_SECOND);
	assert_code(r, 214);
	assert_true(r.recoverable);
	assert_int_equal(r.remaining, 2);
	assert_code(phone_ses_finish(c->p, FACE, BAD_SECOND), 214);
	assert_code(phone_ses_finish(c->p, FACE, BAD_SECOND), 226);
	assert_string_equal(scene_device(c), "LOCKED PIN_VERIFICATION_FAILED");
	assert_string_equal(scene_outcome(c), "LOCKED_PIN_VERIFICATION_FAILED");
	scene_free(c);
}

static void pin_is_changed(void **state)
{
	struct scene *c = registered(state);

	assert_ok_reply(phone_am_start(c->p, "activate", "DEVICE_PIN", PROPER));
	assert_ok_reply(phone_am_pin(c->p, "authorise", PIN, PROPER));
	assert_ok_reply(phone_am_pin(c->p, "new", "975310", PROPER));
	assert_ok_reply(phone_am_finish(c->p, "DEVICE_PIN", "DEVICE_PIN", PROPER));
	scene_authentication(c, "");
	assert_ok_reply(phone_ses_start(c->p, PROPER));
	assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
	assert_code(phone_ses_finish(c->p, "DEVICE_PIN", PROPER), 214);
	assert_ok_reply(phone_ses_pin(c->p, "975310", PROPER));
	assert_ok_reply(phone_ses_finish(c->p, "DEVICE_PIN", PROPER));
	scene_free(c);
}

static void new_pins_are_no_free_guesses(void **state)
{
	struct scene *c = registered(state);

	assert_ok_reply(phone_am_start(c->p, "activate", "DEVICE_PIN", PROPER));
	for (int i = 0; i < 5; i++)
		assert_ok_reply(phone_am_pin(c->p, "new", "1111", PROPER));
	assert_code(phone_am_pin(c->p, "new", "1111", PROPER), 208);
	assert_int_equal(number(c->s, "SELECT fail_second FROM devices"), 0);
	assert_ok_reply(phone_am_pin(c->p, "authorise", "9999", PROPER));
	assert_int_equal(number(c->s, "SELECT fail_second FROM devices"), 1);
	assert_code(phone_am_finish(c->p, "DEVICE_PIN", "DEVICE_PIN", PROPER), 214);
	scene_free(c);
}

static void new_pin_is_no_start_without_being_asked_for(void **state)
{
	struct scene *c = registered(state);

	assert_ok_reply(phone_am_start(c->p, "activate", FACE, PROPER));
	snprintf(c->p->new_salt_key, sizeof(c->p->new_salt_key), "%s", c->p->salt_key);
	assert_code(phone_am_pin(c->p, "new", "1111", PROPER), 208);
	scene_free(c);
}

static void who_may_authorise(void **state)
{
	struct scene *c = registered(state);

	add_biometric(c);
	assert_ok_reply(phone_am_start(c->p, "activate", "DEVICE_STRONG_TOUCH_ID", PROPER));
	assert_code(phone_am_finish(c->p, "DEVICE", "DEVICE_STRONG_TOUCH_ID", PROPER), 231);
	assert_code(phone_am_finish(c->p, FACE, "DEVICE_STRONG_TOUCH_ID", PROPER), 231);
	assert_code(phone_am_finish(c->p, "DEVICE_ANDROID_BIOMETRIC_PROMPT", "DEVICE_STRONG_TOUCH_ID", PROPER), 230);
	site_configure(c->s, "{\"allowedAuthMethodsForAuthAndActivate\":\"DEVICE, DEVICE:IOS_FACE_ID\"}");
	assert_code(phone_am_finish(c->p, "DEVICE", "DEVICE_STRONG_TOUCH_ID", PROPER), 232);
	assert_ok_reply(phone_am_finish(c->p, FACE, "DEVICE_STRONG_TOUCH_ID", PROPER));
	scene_free(c);
}

static void what_cannot_be_added_or_removed(void **state)
{
	struct scene *c = registered(state);

	assert_code(phone_am_start(c->p, "activate", "DEVICE", PROPER), 231);
	assert_code(phone_am_start(c->p, "activate", "DEVICE_SERVER_SIDE_FACE", PROPER), 231);
	assert_code(phone_am_start(c->p, "deactivate", "DEVICE", PROPER), 231);
	assert_code(phone_am_start(c->p, "deactivate", "DEVICE_PIN", PROPER), 231);
	assert_code(phone_am_start(c->p, "deactivate", FACE, PROPER), 230);
	assert_int_equal(number(c->s, "SELECT count(*) FROM transactions"), 1);
	scene_free(c);
}

static void method_is_removed_and_pending_operations_end(void **state)
{
	struct scene *c = registered(state);

	add_biometric(c);
	scene_authentication(c, "");
	assert_ok_reply(phone_am_start(c->p, "deactivate", "DEVICE_PIN", PROPER));
	assert_string_equal(scene_outcome(c), "CANCELLED_AUTH_METHOD_DEACTIVATED");
	assert_code(phone_am_finish(c->p, FACE, NULL, PROPER), 231);
	assert_ok_reply(phone_am_finish(c->p, "DEVICE", NULL, PROPER));
	assert_string_equal(methods_of(c), "[\"DEVICE\",\"DEVICE:IOS_FACE_ID\"]");
	scene_authentication(c, "");
	assert_ok_reply(phone_ses_start(c->p, PROPER));
	assert_code(phone_ses_pin(c->p, PIN, PROPER), 230);
	assert_ok_reply(phone_ses_finish(c->p, FACE, PROPER));
	scene_free(c);
}

static void proof_of_a_new_key_is_wrong(void **state)
{
	struct scene *c = registered(state);

	assert_ok_reply(phone_am_start(c->p, "activate", FACE, PROPER));
	assert_ok_reply(phone_am_pin(c->p, "authorise", PIN, PROPER));
	assert_code(phone_am_finish(c->p, "DEVICE_PIN", FACE, BAD_NEW), 245);
	assert_string_equal(newest_outcome(c->s), "CALLBACK_PROCESSING_ERROR");
	assert_string_equal(methods_of(c), "[\"DEVICE\",\"DEVICE:PIN\"]");
	scene_free(c);
}

static void cancelled_or_superseded(void **state)
{
	struct scene *c = registered(state);

	assert_ok_reply(phone_am_start(c->p, "activate", FACE, PROPER));
	assert_ok_reply(phone_ses_cancel(c->p, PROPER));
	assert_string_equal(newest_outcome(c->s), "CANCELLED_BY_DEVICE");
	site_advance(c->s, 1);
	assert_ok_reply(phone_am_start(c->p, "activate", FACE, PROPER));
	site_advance(c->s, 1);
	scene_authentication(c, "");
	assert_ok_reply(phone_ses_start(c->p, PROPER));
	assert_int_equal(number(c->s, "SELECT count(*) FROM transactions WHERE operation = 6 AND error = 'CANCELLED_BY_DEVICE'"), 2);
	assert_string_equal(scene_outcome(c), "PENDING");
	scene_free(c);
}

static void one_begun_by_the_phone_cannot_be_cancelled_over_rest(void **state)
{
	struct scene *c = registered(state);
	const char *id;

	site_configure(c->s, "{\"clientOnlyAuthenticationAllowed\":true}");
	assert_ok_reply(phone_am_start(c->p, "activate", FACE, PROPER));
	id = database_text(c->s->db, "SELECT lower(substr(hex(id),1,8)||'-'||substr(hex(id),9,4)||'-'||substr(hex(id),13,4)||'-'||"
				     "substr(hex(id),17,4)||'-'||substr(hex(id),21)) FROM transactions WHERE operation = 6");
	assert_problem(ask(c->s->w, HTTP_DELETE, TEXT(c->s->w, BASE_PATH "/authentications/%s", id), NULL), 404, "transaction_id_does_not_exist");
	scene_free(c);
}

static void lock_ends_what_the_phone_began(void **state)
{
	struct scene *c = registered(state);

	site_configure(c->s, "{\"amountFailuresAllowed\":1}");
	assert_ok_reply(phone_am_start(c->p, "activate", FACE, PROPER));
	assert_ok_reply(phone_am_pin(c->p, "authorise", WRONG_PIN, PROPER));
	assert_code(phone_am_finish(c->p, "DEVICE_PIN", FACE, PROPER), 226);
	assert_string_equal(newest_outcome(c->s), "LOCKED_PIN_VERIFICATION_FAILED");
	scene_free(c);
}

/* ---- salt keys ---- */

static void another_salt_key(struct scene *c)
{
	must(devices_add_salt_key(&c->s->f->app, c->s->account));
	site_advance(c->s, 1);
}

static void approve_moving(struct scene *c, bool moves)
{
	scene_authentication(c, "");
	assert_ok_reply(phone_ses_start(c->p, PROPER));
	assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
	c->p->rotate = moves;
	assert_ok_reply(phone_ses_finish(c->p, "DEVICE_PIN", PROPER));
	c->p->rotate = false;
}

static void pin_moves_to_the_newest_salt_key(void **state)
{
	struct scene *c = registered(state);
	char older[80];

	memcpy(older, c->p->salt_key, sizeof(older));
	another_salt_key(c);
	approve_moving(c, true);
	assert_true(c->p->new_salt_key[0] && strcmp(c->p->new_salt_key, older) != 0);
	/* The answer may have been lost: both hold until the new one is used. */
	approve_moving(c, false);
	memcpy(c->p->salt_key, c->p->new_salt_key, sizeof(older));
	approve_moving(c, false);
	assert_int_equal(c->p->new_salt_key[0], 0x73);
	scene_authentication(c, "");
	assert_ok_reply(phone_ses_start(c->p, PROPER));
	assert_int_equal(c->p->new_salt_key[0], 0);
	memcpy(c->p->salt_key, older, sizeof(older));
	assert_code(phone_ses_pin(c->p, PIN, PROPER), 214);
	assert_string_equal(scene_device(c), "LOCKED INCORRECT_SALT_KEY_ID");
	scene_free(c);
}

static void move_without_an_announcement(void **state)
{
	struct scene *c = registered(state);

	scene_evaluated(c);
	memcpy(c->p->rotated_key, c->p->pin_key, sizeof(c->p->rotated_key));
	c->p->rotate = true;
	assert_code(phone_ses_finish(c->p, "DEVICE_PIN", PROPER), 243);
	assert_string_equal(scene_outcome(c), "CALLBACK_PROCESSING_ERROR");
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(biometric_key_is_added_and_approves),
		SITE_TEST(wrong_biometric_key_is_heard_of_like_a_wrong_pin),
		SITE_TEST(pin_is_changed),
		SITE_TEST(new_pins_are_no_free_guesses),
		SITE_TEST(new_pin_is_no_start_without_being_asked_for),
		SITE_TEST(who_may_authorise),
		SITE_TEST(what_cannot_be_added_or_removed),
		SITE_TEST(method_is_removed_and_pending_operations_end),
		SITE_TEST(proof_of_a_new_key_is_wrong),
		SITE_TEST(cancelled_or_superseded),
		SITE_TEST(one_begun_by_the_phone_cannot_be_cancelled_over_rest),
		SITE_TEST(lock_ends_what_the_phone_began),
		SITE_TEST(pin_moves_to_the_newest_salt_key),
		SITE_TEST(move_without_an_announcement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

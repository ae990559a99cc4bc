/* Registration over the device channel (6.1). */
#include "codec/encode.h"
#include "tests/unit/device/scene.h"

#define HASH "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="

/* A scene whose registration waits for its code. */
static struct scene *waiting(struct site *s, const char *more)
{
	struct scene *c = scene_new(s);
	struct answer started = start_registration(s, c->user, more);

	assert_status(started, 200);
	c->operation = text_of(started, "transactionId");
	c->code = text_of(started, "operationProperties.activationCode");
	return c;
}

static const char *base64(struct phone *p, const uint8_t *bytes, size_t n)
{
	return arena_cstr(&p->arena, b64url(&p->arena, slice_of(bytes, n)));
}

/* act.start that names the registration which stands in this slot of the app. */
static struct reply start_with_prev(struct scene *c, const char *code, const struct uuid *prev, const uint8_t *prev_key)
{
	struct phone *p = c->p;
	struct draft d;

	draft_outside(p, &d, "act.start", ",\"code\":\"%s\",\"deviceHash\":\"" HASH "\",\"dk\":\"%s\",\"prev\":\"%.*s\"", code,
		base64(p, p->dk_public, POINT_BYTES), FMT(uuid_text(&p->arena, prev)));
	draft_sign(p, &d, SIG_NEW_DEVICE, p->dk);
	if (prev_key)
		draft_sign(p, &d, SIG_DEVICE, prev_key);
	return draft_send(p, &d);
}

static void adopt(struct scene *c, const struct reply *r)
{
	must(uuid_parse(slice_text(reply_text(r, "reg")), &c->p->reg));
	reply_bytes(c->p, r, "cid", c->p->cid, sizeof(c->p->cid));
	snprintf(c->p->salt_key, sizeof(c->p->salt_key), "%s", reply_text(r, "saltKeyId"));
}

/* ---- what a registration makes ---- */

static void registered_device(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s);
	struct answer device, operation;

	scene_registered(c);
	device = ask(s->w, HTTP_GET, TEXT(s->w, BASE_PATH "/%s?userId=%s&detailed=true", c->device, c->user), NULL);
	assert_string_equal(text_of(device, "state"), "ACTIVE");
	assert_string_equal(text_of(device, "name"), "From the phone");
	assert_string_equal(text_of(device, "lastOperationType"), "REGISTRATION");
	assert_string_equal(text_of(device, "deviceDetails.lockReason"), "OPEN");
	assert_string_equal(text_of(device, "deviceDetails.model"), "Nexus S");
	assert_string_equal(text_of(device, "deviceDetails.deviceHash"), HASH);
	assert_string_equal(text_of(device, "deviceDetails.sdkVersion"), "4.0.0");
	assert_string_equal(text_of(device, "deviceDetails.activatedAuthenticationMethods.1"), "DEVICE:PIN");
	operation = poll_registration(s, c->operation);
	assert_string_equal(text_of(operation, "device.id"), c->device);
	scene_free(c);
}

static void name_of_the_request_wins(void **state)
{
	struct site *s = *state;
	struct scene *c = waiting(s, ",\"device\":{\"name\":\"From the provider\"}");

	assert_ok_reply(phone_act_start(c->p, c->code, PROPER));
	assert_ok_reply(phone_act_pin(c->p, PIN, PROPER));
	assert_ok_reply(phone_act_finish(c->p, PROPER));
	assert_string_equal(text_of(poll_registration(s, c->operation), "device.name"), "From the provider");
	scene_free(c);
}

static void completed_once(void **state)
{
	struct scene *c = scene_new(*state);

	scene_registered(c);
	assert_int_equal(facts_of(c->s, "DEVICE_REGISTRATION_COMPLETED"), 1);
	assert_int_equal(events(c->s), 1);
	scene_free(c);
}

static void pin_of_the_registration_is_the_one_that_counts(void **state)
{
	struct scene *c = scene_new(*state);

	scene_act_started(c);
	assert_ok_reply(phone_act_pin(c->p, "1111", PROPER));
	assert_ok_reply(phone_act_pin(c->p, PIN, PROPER)); /* typed again, differently */
	assert_ok_reply(phone_act_finish(c->p, PROPER));
	scene_authentication(c, "");
	assert_ok_reply(phone_approve(c->p, PIN));
	scene_free(c);
}

/* act.finish without a PIN, its risk data as given. */
static struct reply finish_telling(struct scene *c, const char *risk)
{
	struct answer started = start_registration(c->s, c->user, ",\"operationProperties\":{\"authLevel\":\"ONE_FACTOR\"}");
	struct draft d;

	c->operation = text_of(started, "transactionId");
	assert_ok_reply(phone_act_start(c->p, text_of(started, "operationProperties.activationCode"), PROPER));
	c->device = TEXT(c->s->w, "%.*s", FMT(uuid_text(&c->p->arena, &c->p->reg)));
	draft_inside(c->p, &d, "act.finish", ",\"methods\":[{\"m\":\"DEVICE\"}],\"riskData\":%s", risk);
	draft_sign(c->p, &d, SIG_NEW_DEVICE, c->p->dk);
	return draft_send(c->p, &d);
}

/* {"a0":"xxx…","a1":…} */
static const char *risk_of(struct scene *c, int values, size_t bytes)
{
	struct buf b = buf_arena(&c->s->f->arena, 256 * 1024);

	for (int i = 0; i < values; i++) {
		buf_printf(&b, "%s\"a%d\":\"", i ? "," : "{", i);
		for (size_t k = 0; k < bytes; k++)
			buf_byte(&b, 'x');
		buf_byte(&b, '"');
	}
	buf_text(&b, "}");
	buf_byte(&b, 0);
	return (const char *)buf_bytes(&b).p;
}

static void risk_data_has_limits(void **state)
{
	struct scene *c = scene_new(*state);

	assert_code(finish_telling(c, risk_of(c, 7, 4096)), 0);
	assert_code(finish_telling(c, risk_of(c, 1, 4097)), 245);
	assert_string_equal(scene_outcome(c), "CALLBACK_PROCESSING_ERROR");
	assert_code(finish_telling(c, risk_of(c, 8, 4096)), 245); /* with the names more than 32 KiB */
	assert_code(finish_telling(c, "{\"a\":1}"), 245);
	assert_code(finish_telling(c, "{\"a\":{}}"), 245);
	assert_code(finish_telling(c, risk_of(c, 65, 1)), 245);
	scene_free(c);
}

/* Whatever characters a phone sends, its details can be read again. */
static void longest_details_can_be_read_again(void **state)
{
	static const char *const names[] = { "operatingSystemFingerprint", "operatingSystemVersion", "operatingSystemType",
		"deviceManufacturer", "deviceModel" };
	struct scene *c = scene_new(*state);
	struct buf b = buf_arena(&c->s->f->arena, 256 * 1024);
	struct answer device;

	for (size_t i = 0; i < COUNT(names); i++) {
		buf_printf(&b, "%s\"%s\":\"", i ? "," : "{", names[i]);
		for (int k = 0; k < 4096; k++)
			buf_text(&b, "\\u0001");
		buf_byte(&b, '"');
	}
	buf_text(&b, "}");
	buf_byte(&b, 0);
	assert_code(finish_telling(c, (const char *)b.p), 0);
	device = ask(c->s->w, HTTP_GET, TEXT(c->s->w, BASE_PATH "/%s?userId=%s&detailed=true", c->device, c->user), NULL);
	assert_status(device, 200);
	assert_int_equal(strlen(text_of(device, "deviceDetails.model")), 4096);
	scene_free(c);
}

/* ---- the code ---- */

static void code_belongs_to_the_first_key(void **state)
{
	struct site *s = *state;
	struct scene *c = waiting(s, ""), *thief = scene_new(s);

	assert_ok_reply(phone_act_start(c->p, c->code, PROPER));
	assert_code(phone_act_start(thief->p, c->code, PROPER), 200);
	/* And nothing was taken from the first one. */
	assert_ok_reply(phone_act_pin(c->p, PIN, PROPER));
	assert_ok_reply(phone_act_finish(c->p, PROPER));
	scene_free(thief);
	scene_free(c);
}

static void start_without_the_key_binds_nothing(void **state)
{
	struct scene *c = waiting(*state, "");

	assert_code(phone_act_start(c->p, c->code, BAD_DK), 214);
	assert_int_equal(number(c->s, "SELECT count(*) FROM device_operations WHERE code_key IS NOT NULL"), 0);
	scene_free(c);
}

static void code_works_while_its_registration_is_pending(void **state)
{
	struct site *s = *state;
	struct scene *c = waiting(s, "");

	assert_status(ask(s->w, HTTP_DELETE, TEXT(s->w, BASE_PATH "/registrations/%s", c->operation), NULL), 204);
	assert_code(phone_act_start(c->p, c->code, PROPER), 200);
	scene_free(c);
	c = waiting(s, ",\"operationProperties\":{\"sessionTimeout\":1000}");
	site_advance(s, 1000);
	assert_code(phone_act_start(c->p, c->code, PROPER), 200);
	scene_free(c);
}

static void code_of_another_application_is_none(void **state)
{
	struct site *s = *state;
	struct scene *c = waiting(s, "");
	struct device_configuration other;
	int64_t account = world_account_number(s->w, world_account(s->w, "sandbox"));
	struct slice der;

	must(devices_add_mobileid(&s->f->app, account, "Other"));
	must(devices_configuration(&s->f->app, account, &other));
	memcpy(c->p->application, other.application_id, sizeof(other.application_id));
	must(b64_read(&c->p->arena, slice_text(other.public_key), &der));
	must(x25519_spki_read(der, c->p->server_key));
	assert_code(phone_act_start(c->p, c->code, PROPER), 200);
	scene_free(c);
}

static void later_start_ends_the_earlier_session(void **state)
{
	struct scene *c = waiting(*state, "");

	assert_ok_reply(phone_act_start(c->p, c->code, PROPER));
	assert_ok_reply(phone_act_start(c->p, c->code, PROPER));
	assert_int_equal(number(c->s, "SELECT count(*) FROM device_sessions WHERE ended = 0"), 1);
	assert_ok_reply(phone_act_pin(c->p, PIN, PROPER));
	assert_ok_reply(phone_act_finish(c->p, PROPER));
	scene_free(c);
}

static void times_of_starts_go_up(void **state)
{
	struct scene *c = waiting(*state, "");

	assert_ok_reply(phone_act_start(c->p, c->code, PROPER));
	c->p->ts = env_now_ms(c->s->f->app.env) + 10 * 60 * 1000 - 1;
	assert_ok_reply(phone_act_start(c->p, c->code, PROPER)); /* exactly ten minutes ahead */
	assert_code(phone_act_start(c->p, c->code, PROPER), 249);
	c->p->ts = 0;
	assert_code(phone_act_start(c->p, c->code, PROPER), 249); /* now is behind the last one */
	scene_free(c);
}

static void new_registration_takes_the_code_away(void **state)
{
	struct site *s = *state;
	struct scene *c = waiting(s, "");

	assert_ok_reply(phone_act_start(c->p, c->code, PROPER));
	assert_status(start_registration(s, c->user, ""), 200);
	assert_code(phone_act_pin(c->p, PIN, PROPER), 208);
	assert_string_equal(scene_outcome(c), "CANCELLED_NEW_ACTIVATION");
	scene_free(c);
}

static void locked_user_registers_nothing(void **state)
{
	struct site *s = *state;
	struct scene *c = waiting(s, "");

	assert_ok_reply(phone_act_start(c->p, c->code, PROPER));
	assert_status(ask(s->w, HTTP_PATCH, TEXT(s->w, "/reuseid/core/users/%s", c->user), "{\"state\":\"LOCKED\"}"), 200);
	assert_code(phone_act_pin(c->p, PIN, PROPER), 208);
	assert_string_equal(scene_outcome(c), "LOCKED_BY_ADMIN");
	assert_int_equal(number(s, "SELECT count(*) FROM devices"), 0);
	scene_free(c);
}

static void blocked_and_old_versions_leave_it_pending(void **state)
{
	struct site *s = *state;
	struct scene *c;

	site_configure(s, "{\"encapApiBlacklistAndroid\":\"4.0.0\"}");
	c = waiting(s, "");
	assert_code(phone_act_start(c->p, c->code, PROPER), 241);
	assert_code(phone_act_start(c->p, c->code, OLD_SDK), 238);
	c->p->sdk = "4.0.1";
	assert_ok_reply(phone_act_start(c->p, c->code, PROPER));
	scene_free(c);
}

/* ---- the registration before ---- */

static void proven_previous_registration_is_replaced_at_the_end(void **state)
{
	struct site *s = *state;
	struct scene *old = scene_new(s), *c = waiting(s, "");
	struct reply r;

	scene_authentication(old, "");
	r = start_with_prev(c, c->code, &old->p->reg, old->p->dk);
	assert_code(r, 0);
	assert_string_equal(scene_outcome(old), "CANCELLED_NEW_ACTIVATION");
	assert_string_equal(scene_device(old), "ACTIVE OPEN");
	adopt(c, &r);
	assert_ok_reply(phone_act_pin(c->p, PIN, PROPER));
	assert_ok_reply(phone_act_finish(c->p, PROPER));
	assert_string_equal(scene_device(old), "DELETED OPEN");
	/* The record is about the other user, whose device it was. */
	assert_int_equal(number(s, "SELECT count(*) FROM audit WHERE type = 'DEVICE_REPLACED' AND reference = '%s' AND"
		" user_id = (SELECT user_id FROM devices WHERE id = x'%.*s')", old->device,
		FMT(hex(&s->f->arena, uuid_bytes(&old->p->reg)))), 1);
	scene_free(c);
	scene_free(old);
}

static void signatures_of_a_previous_registration_are_no_free_guesses(void **state)
{
	struct scene *old = scene_new(*state), *c = scene_new(*state);

	scene_registered(old);
	c->code = text_of(start_registration(c->s, c->user, ""), "operationProperties.activationCode");
	for (int i = 0; i < 10; i++)
		assert_code(start_with_prev(c, c->code, &old->p->reg, c->p->stranger), 214);
	assert_int_equal(start_with_prev(c, c->code, &old->p->reg, old->p->dk).http, 429);
	c->p->peer = "192.0.2.77";
	assert_ok_reply(start_with_prev(c, c->code, &old->p->reg, old->p->dk));
	scene_free(c);
	scene_free(old);
}

static void known_previous_registration_without_its_key(void **state)
{
	struct site *s = *state;
	struct scene *old = scene_new(s), *c = waiting(s, "");
	struct digest before, after;

	scene_authentication(old, "");
	database_digest(s->db, &before);
	assert_code(start_with_prev(c, c->code, &old->p->reg, c->p->stranger), 214);
	assert_code(start_with_prev(c, c->code, &old->p->reg, NULL), 214);
	database_digest(s->db, &after);
	assert_nothing_changed(&before, &after);
	scene_free(c);
	scene_free(old);
}

static void unknown_and_deleted_previous_ones_are_ignored(void **state)
{
	static const struct uuid unknown = { { 9 } };
	struct site *s = *state;
	struct scene *old = scene_new(s), *c = waiting(s, "");

	assert_code(start_with_prev(c, c->code, &unknown, c->p->stranger), 0);
	scene_registered(old);
	assert_ok_reply(phone_deactivate(old->p, PROPER));
	assert_code(start_with_prev(c, c->code, &old->p->reg, NULL), 0);
	scene_free(c);
	scene_free(old);
}

static void locked_previous_one_is_no_obstacle(void **state)
{
	struct site *s = *state;
	struct scene *old = scene_new(s), *c = waiting(s, "");
	struct reply r;

	scene_registered(old);
	assert_status(scene_patch(old, "{\"state\":\"LOCKED\"}"), 200);
	r = start_with_prev(c, c->code, &old->p->reg, old->p->dk);
	assert_code(r, 0);
	adopt(c, &r);
	assert_ok_reply(phone_act_pin(c->p, PIN, PROPER));
	assert_ok_reply(phone_act_finish(c->p, PROPER));
	assert_string_equal(scene_device(old), "DELETED LOCKED_BY_ADMIN");
	scene_free(c);
	scene_free(old);
}

/* ---- limits ---- */

static void wrong_codes_close_the_address(void **state)
{
	struct site *s = *state;
	struct scene *c = waiting(s, ""), *neighbour = waiting(s, "");

	for (int i = 0; i < 10; i++)
		assert_code(phone_act_start(c->p, "no code", PROPER), 200);
	assert_int_equal(phone_act_start(c->p, c->code, PROPER).http, 429);
	neighbour->p->peer = "192.0.2.8";
	assert_ok_reply(phone_act_start(neighbour->p, neighbour->code, PROPER));
	site_advance(s, 6000);
	assert_ok_reply(phone_act_start(c->p, c->code, PROPER));
	scene_free(neighbour);
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(registered_device),
		SITE_TEST(name_of_the_request_wins),
		SITE_TEST(completed_once),
		SITE_TEST(pin_of_the_registration_is_the_one_that_counts),
		SITE_TEST(risk_data_has_limits),
		SITE_TEST(longest_details_can_be_read_again),
		SITE_TEST(code_belongs_to_the_first_key),
		SITE_TEST(start_without_the_key_binds_nothing),
		SITE_TEST(code_works_while_its_registration_is_pending),
		SITE_TEST(code_of_another_application_is_none),
		SITE_TEST(later_start_ends_the_earlier_session),
		SITE_TEST(times_of_starts_go_up),
		SITE_TEST(new_registration_takes_the_code_away),
		SITE_TEST(locked_user_registers_nothing),
		SITE_TEST(blocked_and_old_versions_leave_it_pending),
		SITE_TEST(proven_previous_registration_is_replaced_at_the_end),
		SITE_TEST(signatures_of_a_previous_registration_are_no_free_guesses),
		SITE_TEST(known_previous_registration_without_its_key),
		SITE_TEST(unknown_and_deleted_previous_ones_are_ignored),
		SITE_TEST(locked_previous_one_is_no_obstacle),
		SITE_TEST(wrong_codes_close_the_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

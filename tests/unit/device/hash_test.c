/* Device hashes over REST (api.md 4.8): who uses a piece of hardware, locking and blocking it for all users. */
#include <stdio.h>

#include "tests/unit/device/scene.h"

#define HASH "n4bQgYhMfWWaL%%2BqgxVrQFaO%%2FTxsrC4Is0V1sFbDwCgg%%3D"
#define HASH_URL "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"
#define HASHES BASE_PATH "/hashes/"

static struct answer hash(struct scene *c, enum http_method method, const char *what)
{
	return ask(c->s->w, method, TEXT(c->s->w, HASHES HASH "%s", what), method == HTTP_POST || method == HTTP_PUT ? "{}" : NULL);
}

static void devices_of_all_users_are_listed(void **state)
{
	struct scene *c = scene_new(*state), *other = scene_new(*state);
	struct answer list;

	scene_registered(c);
	scene_registered(other);
	list = hash(c, HTTP_GET, "/devices");
	assert_status(list, 200);
	assert_int_equal(json_array_size(member(list, "devices")), 2);
	assert_string_equal(text_of(list, "devices.0.lockReason"), "OPEN");
	/* The same in base64url. */
	assert_int_equal(json_array_size(member(ask(c->s->w, HTTP_GET, HASHES HASH_URL "/devices", NULL), "devices")), 2);
	assert_int_equal(json_array_size(member(ask(c->s->w, HTTP_GET,
		HASHES "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/devices", NULL), "devices")), 0);
	assert_problem(ask(c->s->w, HTTP_GET, HASHES "abc/devices", NULL), 404, "not_found");
	assert_problem(ask(c->s->w, HTTP_GET, HASHES "not*base64/devices", NULL), 404, "not_found");
	scene_free(other);
	scene_free(c);
}

static void all_are_locked_at_once(void **state)
{
	struct scene *c = scene_new(*state), *other = scene_new(*state);

	scene_registered(other);
	scene_started(c);
	assert_status(hash(c, HTTP_POST, "/lock"), 204);
	assert_string_equal(scene_device(c), "LOCKED LOCKED_BY_ADMIN");
	assert_string_equal(scene_device(other), "LOCKED LOCKED_BY_ADMIN");
	assert_string_equal(scene_outcome(c), "LOCKED_BY_ADMIN");
	assert_code(phone_ses_finish(c->p, "DEVICE", PROPER), 208);
	scene_free(other);
	scene_free(c);
}

static void blocked_hardware_is_no_device_any_more(void **state)
{
	struct scene *c = scene_new(*state), *late = scene_new(*state);

	scene_registered(c);
	scene_act_evaluated(late); /* began before the block, ends behind it */
	assert_false(json_is_true(member(hash(c, HTTP_GET, "/block"), "blocked")));
	assert_status(hash(c, HTTP_PUT, "/block"), 200);
	assert_true(json_is_true(member(hash(c, HTTP_GET, "/block"), "blocked")));
	assert_string_equal(scene_device(c), "LOCKED LOCKED_BY_ADMIN");
	assert_code(phone_act_finish(late->p, PROPER), 224);
	assert_int_equal(number(c->s, "SELECT count(*) FROM devices"), 1);
	late->p->reg = (struct uuid){ { 0 } };
	late->code = text_of(start_registration(c->s, late->user, ""), "operationProperties.activationCode");
	assert_code(phone_act_start(late->p, late->code, PROPER), 224);
	assert_status(hash(c, HTTP_PUT, "/block"), 200);
	assert_status(hash(c, HTTP_DELETE, "/block"), 204);
	assert_status(hash(c, HTTP_DELETE, "/block"), 204);
	site_advance(c->s, 1);
	assert_ok_reply(phone_act_start(late->p, late->code, PROPER));
	assert_int_equal(facts_of(c->s, "API_DEVICE_HASH_BLOCKED"), 2);
	assert_int_equal(facts_of(c->s, "API_DEVICE_HASH_UNBLOCKED"), 1);
	assert_int_equal(number(c->s, "SELECT count(*) FROM audit WHERE instr(reference, 'n4bQgYhM') > 0"), 0);
	scene_free(late);
	scene_free(c);
}

static void flagged_ones_are_told_to_the_administrator(void **state)
{
	struct scene *c[3];
	struct answer list;
	const char *path;

	for (int i = 0; i < 3; i++) {
		c[i] = scene_new(*state);
		scene_registered(c[i]);
		path = TEXT(c[i]->s->w, "/mobileid/admin/accounts/%s/statistics/device-hashes", c[i]->s->w->first.account_id);
		list = ask(c[i]->s->w, HTTP_GET, path, NULL);
		assert_status(list, 200);
		assert_int_equal(json_array_size(member(list, "deviceHashes")), i == 2);
	}
	assert_string_equal(text_of(list, "deviceHashes.0.deviceHash"), DEVICE_HASH);
	assert_int_equal(json_integer_value(member(list, "deviceHashes.0.users")), 3);
	for (int i = 0; i < 3; i++)
		scene_free(c[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(devices_of_all_users_are_listed),
		SITE_TEST(all_are_locked_at_once),
		SITE_TEST(blocked_hardware_is_no_device_any_more),
		SITE_TEST(flagged_ones_are_told_to_the_administrator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

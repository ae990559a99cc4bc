/* Account recovery with a code (6.4), and its lock. */
#include "tests/unit/device/scene.h"

#define CODE "271828"
#define WRONG_CODE "314159"

static struct scene *with_recovery(void **state, const char *config)
{
	struct scene *c = scene_new(*state);

	site_configure(c->s, config);
	scene_registered(c);
	phone_set_up_recovery(c->p, c->s, c->user, PIN, CODE);
	site_advance(c->s, 1);
	return c;
}

#define ENABLED "{\"recoveryEnabled\":true}"

static const char *detail(struct scene *c, const char *name)
{
	struct answer got = ask(c->s->w, HTTP_GET, TEXT(c->s->w, BASE_PATH "/%s?userId=%s&detailed=true", c->device, c->user), NULL);

	return text_of(got, TEXT(c->s->w, "deviceDetails.%s", name));
}

static struct phone *new_phone(struct scene *c)
{
	struct phone *p = phone_new(c->s);

	phone_take_backup(p, c->p);
	return p;
}

static void recover(struct phone *p)
{
	assert_ok_reply(phone_rec_start(p, PROPER));
	assert_ok_reply(phone_rec_pin(p, "recovery", CODE, PROPER));
	assert_ok_reply(phone_rec_pin(p, "new", "1357", PROPER));
	assert_ok_reply(phone_rec_finish(p, PROPER));
}

static const char *recovery_ref(struct scene *c, const char *device)
{
	struct answer list = ask(c->s->w, HTTP_GET, TEXT(c->s->w, BASE_PATH "/%s/transactions?userId=%s&limit=1", device, c->user), NULL);

	assert_string_equal(text_of(list, "transactions.0.operationType"), "RECOVERY");
	return TEXT(c->s->w, "/reuseid/core%s", text_of(list, "transactions.0.ref"));
}

static void lost_phone_is_replaced(void **state)
{
	struct scene *c = with_recovery(state, ENABLED);
	struct phone *p = new_phone(c);
	const char *device;
	struct answer got;

	assert_string_equal(detail(c, "recoveryStatus"), "ACTIVATED");
	assert_string_equal(detail(c, "recoveryMethod"), "CLOUD_BACKUP_RECOVERY_CODE");
	site_advance(c->s, 1);
	recover(p);
	assert_string_equal(scene_device(c), "DELETED OPEN");
	device = TEXT(c->s->w, "%.*s", FMT(uuid_text(&p->arena, &p->reg)));
	got = ask(c->s->w, HTTP_GET, recovery_ref(c, device), NULL);
	assert_status(got, 200);
	assert_string_equal(text_of(got, "state"), "COMPLETED");
	assert_string_equal(text_of(got, "recoveryMethod"), "CLOUD_BACKUP_RECOVERY_CODE");
	assert_string_equal(text_of(got, "recoveryStatus"), "RECOVERED");
	assert_string_equal(text_of(got, "device.id"), device);
	assert_string_equal(text_of(got, "device.lastOperationType"), "REGISTRATION");
	assert_string_equal(text_of(got, "user.id"), c->user);
	assert_string_equal(text_of(got, "operationProperties.activatedAuthenticationMethods.1"), "DEVICE:PIN");
	assert_non_null(strstr(text_of(got, "created"), ".000UTC"));
	assert_int_equal(number(c->s, "SELECT count(*) FROM outbox WHERE name = 'device.account-recovery.completed'"), 1);
	assert_int_equal(number(c->s, "SELECT count(*) FROM outbox WHERE name = 'device.account-recovery.state.change'"), 1);
	assert_status(start_authentication(c->s, c->user, device, ""), 200);
	assert_ok_reply(phone_approve(p, "1357"));
	phone_free(p);
	scene_free(c);
}

static void old_phone_may_stay(void **state)
{
	struct scene *c = with_recovery(state, "{\"recoveryEnabled\":true,\"recoveryDeletesOldDevice\":false}");
	struct phone *p = new_phone(c);

	recover(p);
	assert_string_equal(scene_device(c), "ACTIVE OPEN");
	phone_free(p);
	scene_free(c);
}

static void used_code_is_gone(void **state)
{
	struct scene *c = with_recovery(state, ENABLED);
	struct phone *p = new_phone(c), *again = new_phone(c);

	recover(p);
	site_advance(c->s, 1);
	assert_code(phone_rec_start(again, PROPER), 202);
	assert_string_equal(newest_outcome(c->s), "FAILED_RECOVERY_DOES_NOT_EXIST");
	assert_int_equal(number(c->s, "SELECT count(*) FROM recoveries WHERE secret IS NOT NULL"), 0);
	again->recovery[0] ^= 1;
	assert_code(phone_rec_start(again, PROPER), 202);
	assert_int_equal(number(c->s, "SELECT count(*) FROM transactions WHERE operation = 5"), 2);
	phone_free(again);
	phone_free(p);
	scene_free(c);
}

static void wrong_code_and_the_lock(void **state)
{
	struct scene *c = with_recovery(state, ENABLED);
	struct phone *p = new_phone(c);

	assert_ok_reply(phone_rec_start(p, PROPER));
	for (int i = 0; i < 3; i++)
		assert_ok_reply(phone_rec_pin(p, "recovery", WRONG_CODE, PROPER));
	assert_code(phone_rec_pin(p, "recovery", CODE, PROPER), 226);
	assert_string_equal(newest_outcome(c->s), "LOCKED_PERFORM_RECOVERY_FAILED");
	assert_string_equal(detail(c, "recoveryStatus"), "LOCKED");
	assert_string_equal(scene_device(c), "ACTIVE OPEN");
	assert_code(phone_rec_start(p, PROPER), 226);
	phone_free(p);
	scene_free(c);
}

static void last_try(struct phone *p)
{
	assert_ok_reply(phone_rec_start(p, PROPER));
	for (int i = 0; i < 3; i++)
		assert_ok_reply(phone_rec_pin(p, "recovery", WRONG_CODE, PROPER));
}

static void time_that_runs_out_after_the_last_try_locks(void **state)
{
	struct scene *c = with_recovery(state, ENABLED);
	struct phone *p = new_phone(c);

	last_try(p);
	must(devices_sweep(&c->s->f->app));
	assert_string_equal(detail(c, "recoveryStatus"), "ACTIVATED");
	site_advance(c->s, 10 * 60 * 1000);
	must(devices_sweep(&c->s->f->app));
	assert_string_equal(newest_outcome(c->s), "EXPIRED");
	assert_string_equal(detail(c, "recoveryStatus"), "LOCKED");
	phone_free(p);
	scene_free(c);
}

static void another_start_after_the_last_try_locks(void **state)
{
	struct scene *c = with_recovery(state, ENABLED);
	struct phone *p = new_phone(c);

	last_try(p);
	site_advance(c->s, 1);
	assert_code(phone_rec_start(p, PROPER), 226);
	assert_int_equal(number(c->s, "SELECT count(*) FROM transactions WHERE error = 'LOCKED_PERFORM_RECOVERY_FAILED'"), 2);
	assert_string_equal(detail(c, "recoveryStatus"), "LOCKED");
	phone_free(p);
	scene_free(c);
}

static void bad_recovery_key_below_the_limit_and_at_it(void **state)
{
	struct scene *c = with_recovery(state, ENABLED);
	struct phone *p = new_phone(c);

	for (int i = 0; i < 3; i++) {
		site_advance(c->s, 1);
		assert_ok_reply(phone_rec_start(p, PROPER));
		assert_ok_reply(phone_rec_pin(p, "recovery", CODE, PROPER));
		assert_ok_reply(phone_rec_pin(p, "new", "1357", PROPER));
		assert_code(phone_rec_finish(p, BAD_SECOND), i < 2 ? 246 : 226);
		assert_string_equal(newest_outcome(c->s), i < 2 ? "CALLBACK_PROCESSING_ERROR" : "LOCKED_PERFORM_RECOVERY_FAILED");
	}
	assert_string_equal(detail(c, "recoveryStatus"), "LOCKED");
	phone_free(p);
	scene_free(c);
}

static void key_alone_is_not_enough(void **state)
{
	struct scene *c = with_recovery(state, ENABLED);
	struct phone *p = new_phone(c);

	assert_ok_reply(phone_rec_start(p, PROPER));
	assert_ok_reply(phone_rec_pin(p, "new", "1357", PROPER));
	assert_code(phone_rec_finish(p, PROPER), 208);
	phone_free(p);
	scene_free(c);
}

static struct answer lock(struct scene *c, const char *body)
{
	return ask(c->s->w, body ? HTTP_PUT : HTTP_GET, TEXT(c->s->w, BASE_PATH "/%s/recovery-lock?userId=%s", c->device, c->user), body);
}

static void recovery_lock(void **state)
{
	struct scene *c = with_recovery(state, ENABLED);
	struct phone *p = new_phone(c);

	assert_false(json_is_true(member(lock(c, NULL), "recoveryLock")));
	assert_true(json_is_true(member(lock(c, "{\"recoveryLock\":true}"), "recoveryLock")));
	assert_true(json_is_true(member(lock(c, NULL), "recoveryLock")));
	site_advance(c->s, 1);
	assert_code(phone_rec_start(p, PROPER), 226);
	assert_string_equal(newest_outcome(c->s), "LOCKED_PERFORM_RECOVERY_FAILED");
	assert_false(json_is_true(member(lock(c, "{}"), "recoveryLock")));
	assert_string_equal(detail(c, "recoveryStatus"), "ACTIVATED");
	recover(p);
	phone_free(p);
	scene_free(c);
}

/* The backup was stolen, and the thief has begun already. */
static void recovery_lock_stops_one_that_has_begun(void **state)
{
	for (int evaluated = 0; evaluated < 2; evaluated++) {
		struct scene *c = with_recovery(state, ENABLED);
		struct phone *p = new_phone(c);

		assert_ok_reply(phone_rec_start(p, PROPER));
		if (evaluated) {
			assert_ok_reply(phone_rec_pin(p, "recovery", CODE, PROPER));
			assert_ok_reply(phone_rec_pin(p, "new", "1357", PROPER));
		}
		assert_true(json_is_true(member(lock(c, "{\"recoveryLock\":true}"), "recoveryLock")));
		assert_code(evaluated ? phone_rec_finish(p, PROPER) : phone_rec_pin(p, "recovery", CODE, PROPER), 226);
		assert_string_equal(newest_outcome(c->s), "LOCKED_PERFORM_RECOVERY_FAILED");
		assert_string_equal(scene_device(c), "ACTIVE OPEN");
		assert_string_equal(detail(c, "recoveryStatus"), "LOCKED");
		phone_free(p);
		scene_free(c);
	}
}

static void pending_operations_of_the_old_phone_end(void **state)
{
	struct scene *c = with_recovery(state, ENABLED);
	struct phone *p = new_phone(c);

	scene_authentication(c, "");
	assert_ok_reply(phone_rec_start(p, PROPER));
	assert_string_equal(scene_outcome(c), "CANCELLED_PERFORM_RECOVERY_STARTED");
	phone_free(p);
	scene_free(c);
}

static void phone_locked_by_the_administrator(void **state)
{
	struct scene *c = with_recovery(state, ENABLED);
	struct phone *p = new_phone(c);

	assert_status(scene_patch(c, "{\"state\":\"LOCKED\"}"), 200);
	site_advance(c->s, 1);
	assert_code(phone_rec_start(p, PROPER), 224);
	assert_string_equal(newest_outcome(c->s), "LOCKED_BY_ADMIN");
	phone_free(p);
	scene_free(c);
}

static void phone_locked_by_wrong_pins_can_be_recovered(void **state)
{
	struct scene *c = with_recovery(state, "{\"recoveryEnabled\":true,\"amountFailuresAllowed\":1}");
	struct phone *p = new_phone(c);

	scene_started(c);
	assert_ok_reply(phone_ses_pin(c->p, WRONG_PIN, PROPER));
	assert_code(phone_ses_finish(c->p, "DEVICE_PIN", PROPER), 226);
	assert_string_equal(scene_device(c), "LOCKED PIN_VERIFICATION_FAILED");
	recover(p);
	phone_free(p);
	scene_free(c);
}

static void tokens(void **state)
{
	struct scene *c = scene_new(*state);
	struct reply approved;
	const char *token;

	site_configure(c->s, ENABLED);
	c->p->purposes = "[\"addOrUpdateRecovery\",\"deleteRecovery\",\"somethingElse\"]";
	scene_registered(c);
	scene_authentication(c, "");
	approved = phone_approve(c->p, PIN);
	assert_ok_reply(approved);
	assert_int_equal(json_array_size(json_object_get(approved.json, "tokens")), 2);
	token = reply_token(&approved, "addOrUpdateRecovery");
	assert_code(phone_rec_add_start(c->p, reply_token(&approved, "deleteRecovery"), PROPER), 233);
	assert_string_equal(newest_outcome(c->s), "AUTHORIZATION_TOKEN_VERIFICATION_FAILED");
	assert_ok_reply(phone_rec_add_start(c->p, token, PROPER));
	assert_ok_reply(phone_rec_add_pin(c->p, CODE, PROPER));
	approved = phone_rec_add_finish(c->p, PROPER);
	assert_ok_reply(approved);
	assert_code(phone_rec_add_start(c->p, token, PROPER), 233);
	token = reply_token(&approved, "deleteRecovery");
	assert_code(phone_rec_delete(c->p, token, BAD_DK), 214);
	assert_ok_reply(phone_rec_delete(c->p, token, PROPER));
	assert_string_equal(detail(c, "recoveryStatus"), "DEACTIVATED");
	assert_code(phone_rec_delete(c->p, token, PROPER), 233);
	scene_free(c);
}

static void tokens_get_old_with_the_approval(void **state)
{
	struct scene *c = scene_new(*state);
	struct reply approved;

	site_configure(c->s, ENABLED);
	scene_registered(c);
	c->p->purposes = "[\"addOrUpdateRecovery\"]";
	scene_authentication(c, "");
	approved = phone_approve(c->p, PIN);
	assert_ok_reply(approved);
	site_advance(c->s, 10 * 60 * 1000);
	assert_code(phone_rec_add_start(c->p, reply_token(&approved, "addOrUpdateRecovery"), PROPER), 233);
	must(devices_sweep(&c->s->f->app));
	assert_int_equal(number(c->s, "SELECT count(*) FROM authorisation_tokens"), 0);
	scene_free(c);
}

static void no_tokens_for_one_factor_or_without_recovery(void **state)
{
	struct scene *c = scene_new(*state);
	struct reply r;

	c->p->purposes = "[\"addOrUpdateRecovery\"]";
	scene_registered(c);
	scene_authentication(c, ",\"operationProperties\":{\"authLevel\":\"ONE_FACTOR\"}");
	assert_ok_reply(phone_ses_start(c->p, PROPER));
	r = phone_ses_finish(c->p, "DEVICE", PROPER);
	assert_ok_reply(r);
	assert_int_equal(json_array_size(json_object_get(r.json, "tokens")), 0);
	assert_int_equal(number(c->s, "SELECT count(*) FROM authorisation_tokens"), 0);
	scene_free(c);
}

static void set_up_anew_replaces_the_older(void **state)
{
	struct scene *c = with_recovery(state, ENABLED);
	struct phone *older = new_phone(c), *newer;

	phone_set_up_recovery(c->p, c->s, c->user, PIN, CODE);
	newer = new_phone(c);
	assert_code(phone_rec_start(older, PROPER), 202);
	recover(newer);
	phone_free(newer);
	phone_free(older);
	scene_free(c);
}

static void starts_are_limited(void **state)
{
	struct scene *c = with_recovery(state, ENABLED);
	struct phone *p = new_phone(c);

	for (int i = 0; i < 5; i++)
		assert_ok_reply(phone_rec_start(p, PROPER));
	assert_int_equal(phone_rec_start(p, PROPER).http, 429);
	phone_free(p);
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(lost_phone_is_replaced),
		SITE_TEST(old_phone_may_stay),
		SITE_TEST(used_code_is_gone),
		SITE_TEST(wrong_code_and_the_lock),
		SITE_TEST(time_that_runs_out_after_the_last_try_locks),
		SITE_TEST(another_start_after_the_last_try_locks),
		SITE_TEST(bad_recovery_key_below_the_limit_and_at_it),
		SITE_TEST(key_alone_is_not_enough),
		SITE_TEST(recovery_lock),
		SITE_TEST(recovery_lock_stops_one_that_has_begun),
		SITE_TEST(pending_operations_of_the_old_phone_end),
		SITE_TEST(phone_locked_by_the_administrator),
		SITE_TEST(phone_locked_by_wrong_pins_can_be_recovered),
		SITE_TEST(tokens),
		SITE_TEST(tokens_get_old_with_the_approval),
		SITE_TEST(no_tokens_for_one_factor_or_without_recovery),
		SITE_TEST(set_up_anew_replaces_the_older),
		SITE_TEST(starts_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A recovery set up, changed, given up and used. */
#include "tests/unit/common/test.h"

#include <stdio.h>

#include "tests/unit/sdk/phone.h"

#define CODE "190837"

static unsigned char token[RID_TOKEN_BYTES];

static int setup(void **state)
{
	struct phone *p = *state = phone_registered();

	get_token(p, token);
	assert_done(add_recovery(p, token, CODE));
	return 0;
}

static int teardown(void **state)
{
	phone_free(*state);
	return 0;
}

static void a_lost_phone(void **state)
{
	struct phone *p = *state;
	const rid_step *s;

	assert_true(rid_is_recovery_activated(p->c));
	assert_int_equal(rid_activated_recovery_methods(p->c), RID_RECOVERY_CODE);
	lose(p);
	s = recover(p, CODE, "2468");
	assert_done(s);
	assert_int_equal(s->result.operation, RID_OPERATION_RECOVERY);
	assert_int_equal(p->server.recoveries, 1);
	assert_false(rid_is_recovery_activated(p->c));
	assert_false(phone_file(p, "default.backup.1")->there);
	assert_approves(p, RID_METHOD_DEVICE_PIN, "2468");
}

static void wrong_codes(void **state)
{
	struct phone *p = *state;
	char code[] = CODE, pin[] = "2468", wrong[] = "111119", again[] = "2468";
	const rid_step *s;

	lose(p);
	s = recover(p, "111119", "2468");
	assert_failed(s, RID_ERROR_CLIENT_AUTHENTICATION_FAILED);
	assert_true(s->failure.recoverable);
	assert_failed(perform(p, rid_finish_recovery(p->c, wrong, 6, RID_METHOD_DEVICE_PIN, NULL, again, 4)),
		RID_ERROR_CLIENT_AUTHENTICATION_FAILED);
	assert_int_equal(p->server.recovery.fails, 2);
	assert_done(perform(p, rid_finish_recovery(p->c, code, 6, RID_METHOD_DEVICE_PIN, NULL, pin, 4)));
}

static void wrong_codes_up_to_the_lock(void **state)
{
	struct phone *p = *state;

	lose(p);
	for (int i = 0; i < 3; i++)
		assert_failed(recover(p, "111119", "2468"), RID_ERROR_CLIENT_AUTHENTICATION_FAILED);
	assert_failed(recover(p, CODE, "2468"), RID_ERROR_LOCKED);
}

static void nothing_in_the_cloud(void **state)
{
	struct phone *p = *state;

	lose(p);
	phone_file(p, "default.backup.1")->there = false;
	assert_failed(recover(p, CODE, "2468"), RID_ERROR_NOT_REGISTERED);
	p->mishaps.cloud_unavailable = true;
	assert_failed(recover(p, CODE, "2468"), RID_ERROR_STORAGE_UNAVAILABLE);
}

/* Each bit of the blob, altered: recovers nothing, and nothing breaks. */
static void an_altered_backup(void **state)
{
	struct phone *p = *state;
	struct phone_file *f = phone_file(p, "default.backup.1");
	size_t n = f->n;

	lose(p);
	for (size_t i = 0; i < n; i += 3) {
		const rid_step *s;

		f->bytes[i] ^= 1;
		p->server.recovery.fails = 0;
		s = recover(p, CODE, "2468");
		if (s->kind == RID_DONE) /* the server's address, or the number: neither is what recovers */
			break;
		assert_int_equal(s->kind, RID_FAILED);
		f->bytes[i] ^= 1;
	}
	for (size_t cut = 0; cut < n; cut += 7) {
		f->n = cut;
		if (!rid_is_activated_locally(p->c))
			assert_failed(recover(p, CODE, "2468"), RID_ERROR_NOT_REGISTERED);
	}
}

/* Whoever has the cloud may write any number into it. */
static void numbers_of_a_backup(void **state)
{
	static const char *const numbers[] = { "2147483646", "2147483647", "9223372036854775807", "-1", "1.5", "\"1\"" };
	struct phone *p = *state;
	struct phone_file *f = phone_file(p, "default.backup.1");
	char text[FILE_BYTES_MAX], *at;
	size_t n = f->n;

	memcpy(text, f->bytes, n);
	text[n] = 0;
	at = strstr(text, "\"number\":1,");
	assert_non_null(at);
	lose(p);
	for (size_t i = COUNT(numbers); i-- > 0;) { /* the first ones are numbers */
		int written = snprintf((char *)f->bytes, sizeof(f->bytes), "%.*s\"number\":%s,%s", (int)(at - text), text, numbers[i],
			at + strlen("\"number\":1,"));

		f->n = (size_t)written;
		if (i > 2)
			assert_failed(recover(p, CODE, "2468"), RID_ERROR_NOT_REGISTERED);
	}
	assert_done(recover(p, CODE, "1357"));
	get_token(p, token);
	assert_done(add_recovery(p, token, CODE));
	lose(p);
	assert_done(recover(p, CODE, "2468"));
}

static void a_backup_that_cannot_be_forgotten(void **state)
{
	struct phone *p = *state;
	const rid_step *s;

	get_token(p, token);
	s = perform(p, rid_delete_recovery(p->c, token));
	assert_done(s);
	get_token(p, token);
	assert_done(add_recovery(p, token, CODE));
	assert_shown(perform(p, rid_start_add_or_update(p->c, RID_METHOD_DEVICE_PIN)));
	assert_done(perform(p, rid_cancel_session(p->c)));
	p->mishaps.cloud_unavailable = true;
	s = perform(p, rid_deactivate(p->c, 0));
	assert_done(s);
	assert_int_equal(s->result.warning, 0);
	assert_false(rid_is_activated_locally(p->c));
}

static void a_registration_is_in_the_way(void **state)
{
	struct phone *p = *state;

	assert_failed(recover(p, CODE, "2468"), RID_ERROR_WRONG_STATE);
}

static void a_changed_code(void **state)
{
	struct phone *p = *state;

	get_token(p, token);
	assert_done(add_recovery(p, token, "735190"));
	assert_false(phone_file(p, "default.backup.1")->there); /* the one before is forgotten */
	lose(p);
	assert_failed(recover(p, CODE, "2468"), RID_ERROR_CLIENT_AUTHENTICATION_FAILED);
	assert_done(recover(p, "735190", "2468"));
}

static void tokens_are_needed(void **state)
{
	struct phone *p = *state;

	assert_failed(add_recovery(p, NULL, CODE), RID_ERROR_AUTHENTICATION_REQUIRED);
	assert_failed(add_recovery(p, token, CODE), RID_ERROR_AUTHENTICATION_REQUIRED); /* used up */
	assert_failed(rid_delete_recovery(p->c, NULL), RID_ERROR_AUTHENTICATION_REQUIRED);
	assert_failed(perform(p, rid_delete_recovery(p->c, token)), RID_ERROR_AUTHENTICATION_REQUIRED);
	assert_true(rid_is_recovery_activated(p->c));
}

static void it_is_given_up(void **state)
{
	struct phone *p = *state;

	get_token(p, token);
	assert_done(perform(p, rid_delete_recovery(p->c, token)));
	assert_false(rid_is_recovery_activated(p->c));
	assert_false(phone_file(p, "default.backup.1")->there);
	get_token(p, token);
	assert_failed(perform(p, rid_delete_recovery(p->c, token)), RID_ERROR_NOT_REGISTERED);
}

static void codes_of_the_wrong_form(void **state)
{
	struct phone *p = *state;
	char zeros[6] = "", code[] = "abcdef";

	get_token(p, token);
	assert_failed(add_recovery(p, token, "12"), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_failed(rid_finish_add_or_update_recovery(p->c, code, 6), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_memory_equal(code, zeros, 6);
	assert_failed(rid_finish_add_or_update_recovery(p->c, NULL, 0), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_done(perform(p, rid_cancel_session(p->c)));
	assert_int_equal(p->server.cancelled, 1);
}

static void the_cloud_does_not_take_it(void **state)
{
	struct phone *p = *state;

	get_token(p, token);
	p->mishaps.cloud_unavailable = true;
	assert_failed(add_recovery(p, token, "735190"), RID_ERROR_STORAGE);
	assert_int_equal(p->server.added, 1); /* the server was not told: the one before holds */
	p->mishaps.cloud_unavailable = false;
	lose(p);
	assert_done(recover(p, CODE, "2468"));
}

static void deactivating_forgets_the_backup(void **state)
{
	struct phone *p = *state;

	assert_done(perform(p, rid_deactivate(p->c, 0)));
	assert_false(phone_file(p, "default.backup.1")->there);
}

static void from_this_phone_alone(void **state)
{
	struct phone *p = *state;

	assert_done(perform(p, rid_deactivate(p->c, 1)));
	assert_true(phone_file(p, "default.backup.1")->there);
	assert_done(recover(p, CODE, "2468"));
}

/* The lock's nonce is always the same (6.4), so the same code of the same recovery never locks two keys. */
static void a_second_try_locks_the_same_key(void **state)
{
	struct phone *p = *state;
	uint8_t first[RID_BACKUP_BYTES_MAX];
	char code[] = "246813", again[] = "246813";
	const rid_step *s;
	size_t n;

	get_token(p, token);
	assert_shown(perform(p, rid_start_add_or_update_recovery(p->c, RID_RECOVERY_CODE, token)));
	p->mishaps.fail_store = p->stores + 2; /* the record, then the backup */
	s = perform(p, rid_finish_add_or_update_recovery(p->c, code, 6));
	assert_failed(s, RID_ERROR_STORAGE);
	assert_true(s->failure.recoverable);
	n = p->last_backup_n;
	memcpy(first, p->last_backup, n);
	assert_done(perform(p, rid_finish_add_or_update_recovery(p->c, again, 6)));
	assert_int_equal(p->last_backup_n, n);
	assert_memory_equal(p->last_backup, first, n);
	lose(p);
	assert_done(recover(p, "246813", "2468"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_lost_phone, setup, teardown),
		cmocka_unit_test_setup_teardown(wrong_codes, setup, teardown),
		cmocka_unit_test_setup_teardown(wrong_codes_up_to_the_lock, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_in_the_cloud, setup, teardown),
		cmocka_unit_test_setup_teardown(an_altered_backup, setup, teardown),
		cmocka_unit_test_setup_teardown(numbers_of_a_backup, setup, teardown),
		cmocka_unit_test_setup_teardown(a_backup_that_cannot_be_forgotten, setup, teardown),
		cmocka_unit_test_setup_teardown(a_registration_is_in_the_way, setup, teardown),
		cmocka_unit_test_setup_teardown(a_changed_code, setup, teardown),
		cmocka_unit_test_setup_teardown(tokens_are_needed, setup, teardown),
		cmocka_unit_test_setup_teardown(it_is_given_up, setup, teardown),
		cmocka_unit_test_setup_teardown(codes_of_the_wrong_form, setup, teardown),
		cmocka_unit_test_setup_teardown(the_cloud_does_not_take_it, setup, teardown),
		cmocka_unit_test_setup_teardown(deactivating_forgets_the_backup, setup, teardown),
		cmocka_unit_test_setup_teardown(from_this_phone_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(a_second_try_locks_the_same_key, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

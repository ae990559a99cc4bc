/* Storage that is old, altered, full or not there (section 5.5). */
#include "tests/unit/common/test.h"

#include "tests/unit/sdk/phone.h"

static int setup(void **state)
{
	*state = phone_registered();
	return 0;
}

static int teardown(void **state)
{
	phone_free(*state);
	return 0;
}

static void an_older_record_is_recognised(void **state)
{
	struct phone *p = *state;
	struct phone_file old = *phone_file(p, "default"), *file = phone_file(p, "default");

	assert_shown(authenticate_start(p));
	assert_done(approve(p, RID_METHOD_DEVICE, NULL));
	memcpy(file->bytes, old.bytes, old.n);
	file->n = old.n;
	assert_int_equal(phone_restart(p), RID_ERROR_DOWNGRADE_DETECTED);
	assert_false(rid_is_activated_locally(p->c));
	assert_failed(rid_start_authentication(p->c, NULL), RID_ERROR_WRONG_STATE);
}

/* Died between the record and the number: the record is newer than the number says. */
static void a_newer_record_is_fine(void **state)
{
	struct phone *p = *state;

	phone_file(p, "default")->generation--;
	assert_int_equal(phone_restart(p), 0);
	assert_true(rid_is_activated_locally(p->c));
}

static void every_byte_of_a_record_counts(void **state)
{
	struct phone *p = *state;
	struct phone_file *file = phone_file(p, "default");

	for (size_t i = 0; i < file->n; i++) {
		file->bytes[i] ^= 1;
		assert_int_equal(phone_restart(p), RID_ERROR_REGISTRATION_DATA_INVALIDATED);
		file->bytes[i] ^= 1;
	}
	assert_int_equal(phone_restart(p), 0);
}

static void truncated_records(void **state)
{
	struct phone *p = *state;
	struct phone_file *file = phone_file(p, "default");
	size_t n = file->n;

	for (file->n = 0; file->n < n; file->n += 7)
		assert_int_equal(phone_restart(p), RID_ERROR_REGISTRATION_DATA_INVALIDATED);
}

static void another_key(void **state)
{
	static const unsigned char other[RID_STORAGE_KEY_BYTES] = "another key";
	struct phone *p = *state;

	p->config.storage_key = other;
	assert_int_equal(phone_restart(p), RID_ERROR_REGISTRATION_DATA_INVALIDATED);
}

static void a_record_of_another_slot(void **state)
{
	struct phone *p = *state;
	struct phone_file *file = phone_file(p, "default"), *other = phone_file(p, "work");
	int error;

	other->there = true;
	other->n = file->n;
	memcpy(other->bytes, file->bytes, file->n);
	rid_close(p->c);
	p->c = rid_open(&p->config, "work", &error);
	assert_failed(perform(p, rid_load(p->c)), RID_ERROR_REGISTRATION_DATA_INVALIDATED);
}

static void a_record_of_another_application(void **state)
{
	struct phone *p = *state;

	p->config.application_id = "00000000-0000-4000-8000-000000000001";
	assert_int_equal(phone_restart(p), RID_ERROR_REGISTRATION_DATA_INVALIDATED);
}

static void storage_that_cannot_be_read_now(void **state)
{
	struct phone *p = *state;

	p->mishaps.storage_unavailable = true;
	assert_int_equal(phone_restart(p), RID_ERROR_STORAGE_UNAVAILABLE);
	p->mishaps.storage_unavailable = false;
	assert_done(perform(p, rid_load(p->c)));
	assert_true(rid_is_activated_locally(p->c));
}

static void what_is_broken_can_be_removed(void **state)
{
	struct phone *p = *state;

	phone_file(p, "default")->bytes[20] ^= 1;
	assert_int_equal(phone_restart(p), RID_ERROR_REGISTRATION_DATA_INVALIDATED);
	assert_done(perform(p, rid_deactivate(p->c, 1)));
	assert_done(perform(p, rid_load(p->c)));
	p->server.code = "777777";
	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "2468"));
}

static void slots_are_independent(void **state)
{
	struct phone *p = *state;
	int error;

	rid_close(p->c);
	p->c = rid_open(&p->config, "work", &error);
	assert_done(perform(p, rid_load(p->c)));
	assert_false(rid_is_activated_locally(p->c));
	p->server.code = "777777";
	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "2468"));
	assert_int_equal(phone_restart(p), 0);
	assert_true(rid_is_activated_locally(p->c));
	assert_true(p->server.registrations[0].active);
	assert_true(p->server.registrations[1].active);
}

static void no_room_before_the_approval_of_keys(void **state)
{
	(void)state;
	for (int n = 1; n <= 2; n++) {
		struct phone *p = phone_new();

		p->mishaps.fail_store = n;
		assert_failed(activate(p, RID_METHOD_DEVICE_PIN, "1357"), RID_ERROR_STORAGE);
		assert_int_equal(p->server.activations, 0);
		assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
		phone_free(p);
	}
}

/* The server has the registration, the phone could not move it to its place: the unconfirmed record is still there. */
static void no_room_after_it(void **state)
{
	struct phone *p = phone_new();
	const rid_step *s;

	(void)state;
	p->mishaps.fail_store = 3;
	s = activate(p, RID_METHOD_DEVICE_PIN, "1357");
	assert_done(s);
	assert_int_equal(s->result.warning, RID_ERROR_STORAGE);
	assert_int_equal(phone_restart(p), 0);
	assert_true(rid_is_unconfirmed(p->c));
	assert_false(rid_is_activated_locally(p->c));
	assert_done(perform(p, rid_is_activated(p->c)));
	assert_true(rid_is_activated_locally(p->c));
	assert_false(rid_is_unconfirmed(p->c));
	phone_free(p);
}

/* The record beside could not be erased; what happened since is not undone by it. */
static void what_was_left_beside(void **state)
{
	struct phone *p = phone_new();

	(void)state;
	p->mishaps.fail_store = p->stores + 4;
	assert_int_equal(activate(p, RID_METHOD_DEVICE_PIN, "1357")->result.warning, RID_ERROR_STORAGE);
	assert_true(phone_file(p, "default")->there && phone_file(p, "default.new")->there);
	assert_done(change(p, RID_METHOD_DEVICE_PIN, "1357", RID_METHOD_DEVICE_PIN, "2468"));
	p->mishaps.fail_store = p->stores + 1;
	assert_int_equal(phone_restart(p), 0);
	assert_true(phone_file(p, "default.new")->there);
	assert_false(rid_is_unconfirmed(p->c));
	assert_int_equal(phone_restart(p), 0);
	assert_false(phone_file(p, "default.new")->there);
	p->server.pending = device_operation_AUTHENTICATION;
	assert_shown(authenticate_start(p));
	assert_done(approve(p, RID_METHOD_DEVICE_PIN, "2468"));
	phone_free(p);
}

static void no_room_for_the_ticket(void **state)
{
	struct phone *p = *state;
	const rid_step *s;

	p->mishaps.fail_store = 1;
	assert_shown(authenticate_start(p));
	s = approve(p, RID_METHOD_DEVICE, NULL);
	assert_done(s);
	assert_int_equal(s->result.warning, RID_ERROR_STORAGE);
	assert_int_equal(phone_restart(p), 0);
	p->server.pending = device_operation_AUTHENTICATION;
	assert_shown(authenticate_start(p));
	assert_int_equal(approve(p, RID_METHOD_DEVICE, NULL)->result.warning, RID_OK);
}

/* What was not recorded is not shown: the phone never runs ahead of its storage by more than the server allows (5.4). */
static void no_room_for_several_tickets(void **state)
{
	struct phone *p = *state;

	for (int i = 1; i <= 3; i++) {
		p->mishaps.fail_store = p->stores + 1;
		assert_approves(p, RID_METHOD_DEVICE, NULL);
		assert_int_equal(p->stores, p->mishaps.fail_store);
	}
	assert_int_equal(phone_restart(p), 0);
	assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
	assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
}

/* The very first one neither. */
static void no_room_for_the_registration(void **state)
{
	struct phone *p = phone_new();

	(void)state;
	p->mishaps.fail_store = 3;
	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	for (int i = 1; i <= 3; i++) {
		p->mishaps.fail_store = p->stores + 1;
		assert_approves(p, RID_METHOD_DEVICE, NULL);
	}
	assert_int_equal(phone_restart(p), 0);
	assert_approves(p, RID_METHOD_DEVICE_PIN, "1357");
	phone_free(p);
}

static void nothing_readable_is_stored(void **state)
{
	struct phone *p = *state;
	const struct phone_file *file = phone_file(p, "default");
	struct slice whole = slice_of(file->bytes, file->n), ticket = slice_of(p->server.registrations[0].ticket, 8);

	for (size_t i = 0; i + 8 <= whole.n; i++)
		assert_memory_not_equal(whole.p + i, ticket.p, ticket.n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_older_record_is_recognised, setup, teardown),
		cmocka_unit_test_setup_teardown(a_newer_record_is_fine, setup, teardown),
		cmocka_unit_test_setup_teardown(every_byte_of_a_record_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(truncated_records, setup, teardown),
		cmocka_unit_test_setup_teardown(another_key, setup, teardown),
		cmocka_unit_test_setup_teardown(a_record_of_another_slot, setup, teardown),
		cmocka_unit_test_setup_teardown(a_record_of_another_application, setup, teardown),
		cmocka_unit_test_setup_teardown(storage_that_cannot_be_read_now, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_broken_can_be_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(slots_are_independent, setup, teardown),
		cmocka_unit_test_setup_teardown(no_room_before_the_approval_of_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(no_room_after_it, setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_left_beside, setup, teardown),
		cmocka_unit_test_setup_teardown(no_room_for_the_ticket, setup, teardown),
		cmocka_unit_test_setup_teardown(no_room_for_several_tickets, setup, teardown),
		cmocka_unit_test(no_room_for_the_registration),
		cmocka_unit_test_setup_teardown(nothing_readable_is_stored, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

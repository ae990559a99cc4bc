/*
 * Charge and lock (5.3), as sequences of what can happen to a device:
 *   P  *.pin that evaluates          d  finish, the device bad        s  finish, only the second factor bad
 *   D  success with DEVICE           S  success with a second factor  x  the session settles without a finish
 */
#include "tests/unit/common/test.h"

#include "device/internal.h"

struct row {
	const char *events;
	int64_t limit;
	int fail_device, fail_second;
	bool open, seen;
	enum lock_reason locked; /* OPEN: not locked */
};

static void play(struct device *d, const struct device_config *config, char event)
{
	switch (event) {
	case 'P':
		failures_settle(d);
		if (!failures_lock(d, config))
			failures_charge_open(d);
		return;
	case 'd':
	case 's':
		failures_finish(d, event == 'd');
		break;
	case 'D':
	case 'S':
		failures_success(d, event == 'D' ? auth_method_DEVICE : auth_method_DEVICE_PIN);
		break;
	default:
		failures_settle(d);
	}
	failures_lock(d, config);
}

#define PIN lock_reason_PIN_VERIFICATION_FAILED
#define DEV lock_reason_DEVICE_VERIFICATION_FAILED
#define BOTH lock_reason_DEVICE_OR_PIN_VERIFICATION_FAILED
#define NO lock_reason_OPEN

static const struct row rows[] = {
	/* events        limit  device second open  seen  locked */
	{ "",            3,     0,     0,     false, false, NO },
	/* an evaluation is charged; the finish of it is not */
	{ "P",           3,     0,     1,     true,  false, NO },
	{ "Ps",          3,     0,     1,     false, false, NO },
	{ "Pd",          3,     0,     1,     false, true,  NO },
	{ "PP",          3,     0,     2,     true,  false, NO },
	{ "Px",          3,     0,     1,     false, false, NO },
	/* a finish without an open try charges one */
	{ "d",           3,     1,     0,     false, false, NO },
	{ "s",           3,     0,     1,     false, false, NO },
	{ "Pss",         3,     0,     2,     false, false, NO },
	{ "Psd",         3,     1,     1,     false, false, NO },
	/* no lock while a try is open; at the limit with none, there is */
	{ "PsPsP",       3,     0,     3,     true,  false, NO },
	{ "PsPsPs",      3,     0,     3,     false, false, PIN },
	{ "PsPsPx",      3,     0,     3,     false, false, PIN },
	{ "PsPsPP",      3,     0,     3,     false, false, PIN },
	{ "PPP",         3,     0,     3,     true,  false, NO },
	{ "PPPP",        3,     0,     3,     false, false, PIN },
	{ "PsPsPS",      3,     0,     0,     false, false, NO },
	/* reasons */
	{ "ddd",         3,     3,     0,     false, false, DEV },
	{ "PsPsPd",      3,     0,     3,     false, true,  BOTH },
	{ "PdPsPs",      3,     0,     3,     false, true,  BOTH },
	{ "dPsPs",       3,     1,     2,     false, false, BOTH },
	{ "ddPs",        3,     2,     1,     false, false, BOTH },
	{ "sss",         3,     0,     3,     false, false, PIN },
	/* a second factor clears everything; possession alone only its own */
	{ "PdPsS",       3,     0,     0,     false, false, NO },
	{ "ddS",         3,     0,     0,     false, false, NO },
	{ "ddD",         3,     0,     0,     false, false, NO },
	{ "PsPsD",       3,     0,     2,     false, false, NO },
	{ "PdPsD",       3,     0,     2,     false, true,  NO },
	{ "dPsD",        3,     0,     1,     false, false, NO },
	{ "PsDPsDPs",    3,     0,     3,     false, false, PIN },
	/* possession alone closes an open try and leaves it charged, even if that locks */
	{ "PD",          3,     0,     1,     false, false, NO },
	{ "PsPsPD",      3,     0,     3,     false, false, PIN },
	/* the least limit is one, whatever is configured */
	{ "P",           1,     0,     1,     true,  false, NO },
	{ "Ps",          1,     0,     1,     false, false, PIN },
	{ "PS",          1,     0,     0,     false, false, NO },
	{ "d",           1,     1,     0,     false, false, DEV },
	{ "d",           0,     1,     0,     false, false, DEV },
	{ "P",           0,     0,     1,     true,  false, NO },
	{ "s",           -5,    0,     1,     false, false, PIN },
	{ "PsPs",        128,   0,     2,     false, false, NO },
};

static void sequences(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		struct device_config config = { .amountFailuresAllowed = row->limit };
		struct device d = { .state = credential_state_ACTIVE, .lock_reason = lock_reason_OPEN };
		bool locked = row->locked != lock_reason_OPEN;

		for (const char *event = row->events; *event; event++)
			play(&d, &config, *event);
		if (d.fail_device != row->fail_device || d.fail_second != row->fail_second || d.try_open != row->open ||
			d.device_seen != row->seen || d.lock_reason != row->locked || (d.state == credential_state_LOCKED) != locked)
			fail_msg("row %zu (%s, %lld): device %lld, second %lld, open %d, seen %d, %s", i, row->events, (long long)row->limit,
				(long long)d.fail_device, (long long)d.fail_second, d.try_open, d.device_seen,
				enum_text(&lock_reason_enum, (int)d.lock_reason));
	}
}

static void what_is_left_counts_both_and_is_never_negative(void **state)
{
	const struct device_config config = { .amountFailuresAllowed = 3 };

	(void)state;
	assert_int_equal(failures_remaining(&(struct device){ 0 }, &config), 3);
	assert_int_equal(failures_remaining(&(struct device){ .fail_device = 1, .fail_second = 1 }, &config), 1);
	assert_int_equal(failures_remaining(&(struct device){ .fail_device = 2, .fail_second = 2 }, &config), 0);
	assert_int_equal(failures_remaining(&(struct device){ 0 }, &(struct device_config){ .amountFailuresAllowed = 0 }), 1);
}

static void lock_below_the_limit_changes_nothing(void **state)
{
	const struct device_config config = { .amountFailuresAllowed = 3 };
	struct device d = { .state = credential_state_ACTIVE, .lock_reason = lock_reason_OPEN, .fail_second = 2 };

	(void)state;
	assert_false(failures_lock(&d, &config));
	assert_int_equal(d.state, credential_state_ACTIVE);
	assert_int_equal(d.lock_reason, lock_reason_OPEN);
}

static void codes_of_operations(void **state)
{
	static const struct {
		enum lock_reason reason;
		const char *code;
	} codes[] = {
		{ lock_reason_PIN_VERIFICATION_FAILED, "LOCKED_PIN_VERIFICATION_FAILED" },
		{ lock_reason_DEVICE_VERIFICATION_FAILED, "LOCKED_DEVICE_VERIFICATION_FAILED" },
		{ lock_reason_DEVICE_OR_PIN_VERIFICATION_FAILED, "LOCKED" },
		{ lock_reason_INCORRECT_SALT_KEY_ID, "LOCKED_INCORRECT_SALT_KEY_ID" },
		{ lock_reason_LOCKED_BY_ADMIN, "LOCKED_BY_ADMIN" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(codes); i++)
		assert_string_equal(operation_error_name(lock_operation_error(codes[i].reason)), codes[i].code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequences),
		cmocka_unit_test(what_is_left_counts_both_and_is_never_negative),
		cmocka_unit_test(lock_below_the_limit_changes_nothing),
		cmocka_unit_test(codes_of_operations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

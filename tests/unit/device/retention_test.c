/* Transactions past the retention are erased with contexts and evidence; what is younger or pending stays. */
#include "device/device.h"

#include <stdlib.h>

#include "tests/unit/common/database.h"
#include "tests/unit/common/fixture.h"

#define DAY_MS INT64_C(86400000)

struct keeping {
	struct fixture *f;
	struct database *db;
};

static int setup(void **state)
{
	struct keeping *k = xalloc(sizeof(*k));

	k->f = fixture_new(NULL);
	k->db = database_open(k->f->dir);
	*state = k;
	return 0;
}

static int teardown(void **state)
{
	struct keeping *k = *state;

	database_close(k->db);
	fixture_free(k->f);
	free(k);
	return 0;
}

/* A transaction of now with content and evidence; state 1 is PENDING, 2 COMPLETED; type 1 a device's, 2 a passkey's. */
static void add(struct keeping *k, int state, int type)
{
	struct uuid id = uuid_v7(k->f->app.env, env_now_ms(k->f->app.env));
	char sql[1024], hex_id[2 * UUID_BYTES + 1];

	for (size_t i = 0; i < UUID_BYTES; i++)
		snprintf(hex_id + 2 * i, 3, "%02x", id.b[i]);
	snprintf(sql, sizeof(sql),
		"INSERT INTO transactions (id, account, user_id, type, operation, state, created, expires, completed)"
		" VALUES (x'%s', 1, x'00', %d, 3, %d, 0, 0, 0);"
		"INSERT INTO device_operations (id, application, auth_level, timeout_ms, content, code_ts) VALUES (x'%s', x'00', 2, 0, x'00', 0);"
		"INSERT INTO evidence VALUES (x'%s', 1, x'00', x'00');"
		"INSERT INTO operation_legs VALUES (x'%s', x'00', NULL)",
		hex_id, type, state, hex_id, hex_id, hex_id);
	database_run(k->db, sql);
}

static void assert_left(struct keeping *k, int64_t n)
{
	assert_int_equal(database_number(k->db, "SELECT count(*) FROM transactions"), n);
	assert_int_equal(database_number(k->db, "SELECT count(*) FROM device_operations"), n);
	assert_int_equal(database_number(k->db, "SELECT count(*) FROM evidence"), n);
	assert_int_equal(database_number(k->db, "SELECT count(*) FROM operation_legs"), n);
}

static void they_stay_for_sixty_days(void **state)
{
	struct keeping *k = *state;

	add(k, 2, 1);
	fixture_advance(k->f, 60 * DAY_MS);
	must(devices_forget(&k->f->app));
	assert_left(k, 1);
}

static void they_go_afterwards(void **state)
{
	struct keeping *k = *state;

	add(k, 2, 1);
	fixture_advance(k->f, 60 * DAY_MS + 1);
	must(devices_forget(&k->f->app));
	assert_left(k, 0);
}

static void the_setting_tells_how_long(void **state)
{
	struct keeping *k = *state;

	k->f->settings.transaction_retention_days = 1;
	add(k, 2, 1);
	fixture_advance(k->f, DAY_MS + 1);
	must(devices_forget(&k->f->app));
	assert_left(k, 0);
}

static void younger_ones_stay(void **state)
{
	struct keeping *k = *state;

	add(k, 2, 1);
	fixture_advance(k->f, 30 * DAY_MS);
	add(k, 2, 1);
	fixture_advance(k->f, 31 * DAY_MS);
	must(devices_forget(&k->f->app));
	assert_left(k, 1);
}

static void more_than_one_transaction_erases(void **state)
{
	struct keeping *k = *state;

	for (int i = 0; i < 450; i++)
		add(k, 2, 1);
	fixture_advance(k->f, 61 * DAY_MS);
	must(devices_forget(&k->f->app));
	assert_left(k, 0);
}

static void passkeys_are_not_touched(void **state)
{
	struct keeping *k = *state;

	add(k, 2, 2);
	fixture_advance(k->f, 61 * DAY_MS);
	must(devices_forget(&k->f->app));
	assert_left(k, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(they_stay_for_sixty_days, setup, teardown),
		cmocka_unit_test_setup_teardown(they_go_afterwards, setup, teardown),
		cmocka_unit_test_setup_teardown(the_setting_tells_how_long, setup, teardown),
		cmocka_unit_test_setup_teardown(younger_ones_stay, setup, teardown),
		cmocka_unit_test_setup_teardown(more_than_one_transaction_erases, setup, teardown),
		cmocka_unit_test_setup_teardown(passkeys_are_not_touched, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

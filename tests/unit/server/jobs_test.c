/* What is done again and again, on a thread of its own and with the real clock. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "device/device.h"
#include "passkey/passkey.h"
#include "event/denials.h"
#include "proofing/proofing.h"
#include "server/boot.h"
#include "tests/unit/common/database.h"
#include "tests/unit/common/world.h"
#include "user/user.h"

struct working {
	struct world *w;
	struct database *db;
};

static int setup(void **state)
{
	static const struct route_table *const tables[] = { &user_routes };
	static const struct fixture_options options = { .system_env = true };
	struct working *k = xalloc(sizeof(*k));

	k->w = world_new(&options, tables, COUNT(tables));
	must(devices_open(&k->w->f->app));
	must(proofing_open(&k->w->f->app));
	must(passkeys_open(&k->w->f->app));
	k->db = database_open(k->w->f->dir);
	*state = k;
	return 0;
}

static int teardown(void **state)
{
	struct working *k = *state;

	database_close(k->db);
	passkeys_close(&k->w->f->app);
	proofing_close(&k->w->f->app);
	devices_close(&k->w->f->app);
	world_free(k->w);
	free(k);
	return 0;
}

static void note(struct working *k)
{
	denials_note(k->w->f->app.denials, FACT_TOKEN_DENIED, 0, S(""), S("192.0.2.1"), "wrong");
}

#define DENIED "SELECT count(*) FROM audit WHERE type = 'API_TOKEN_DENIED'"

static struct jobs *jobs_running(struct working *k)
{
	struct jobs *jobs = jobs_new(&k->w->f->app);

	jobs_start(jobs);
	return jobs;
}

static void jobs_over(struct jobs *jobs)
{
	jobs_stop(jobs);
	jobs_free(jobs);
}

static void stop_loses_no_refusal(void **state)
{
	struct working *k = *state;
	struct jobs *jobs = jobs_running(k);

	note(k);
	jobs_over(jobs);
	assert_int_equal(database_number(k->db, DENIED), 1);
}

/* Within the minute there is one record, however often it happened. */
static void refusals_wait_for_their_minute(void **state)
{
	struct working *k = *state;
	struct jobs *jobs = jobs_running(k);

	note(k);
	usleep(300 * 1000);
	assert_int_equal(database_number(k->db, DENIED), 0);
	note(k);
	jobs_over(jobs);
	assert_int_equal(database_number(k->db, DENIED), 1);
}

/* A job of once a minute runs when it is asked to; whoever asks before the start, or behind the end, is not in the way. */
static void hurried_job_does_not_wait_for_its_time(void **state)
{
	struct working *k = *state;
	struct app *app = &k->w->f->app;
	struct jobs *jobs = jobs_new(app);

	app->hurry(jobs, "denials");
	note(k);
	jobs_start(jobs);
	for (int i = 0; i < 200 && database_number(k->db, DENIED) == 0; i++)
		usleep(50 * 1000);
	assert_int_equal(database_number(k->db, DENIED), 1);
	note(k);
	app->hurry(jobs, "denials");
	for (int i = 0; i < 200 && database_number(k->db, DENIED) == 1; i++)
		usleep(50 * 1000);
	assert_int_equal(database_number(k->db, DENIED), 2);
	jobs_stop(jobs);
	app->hurry(jobs, "denials");
	jobs_free(jobs);
	assert_null(app->hurry);
}

static int64_t mono_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void stop_does_not_wait_for_the_next_job(void **state)
{
	struct working *k = *state;
	struct jobs *jobs = jobs_running(k);
	int64_t before = mono_ms();

	jobs_over(jobs);
	assert_true(mono_ms() - before < 5000);
}

#define PENDING_THAT_EXPIRED                                                                                               \
	"INSERT INTO transactions (id, account, user_id, type, operation, state, error, credential_id, created, expires, completed)" \
	" SELECT randomblob(16), account, id, 1, 3, 1, NULL, NULL, 1, 2, 0 FROM users"

static void expired_operations_fail_by_themselves(void **state)
{
	struct working *k = *state;
	struct jobs *jobs;

	assert_status(ask(k->w, HTTP_POST, "/reuseid/core/users", "{}"), 200);
	jobs = jobs_running(k);
	database_run(k->db, PENDING_THAT_EXPIRED);
	for (int i = 0; i < 100 && database_number(k->db, "SELECT count(*) FROM transactions WHERE error = 'EXPIRED'") == 0; i++)
		usleep(100 * 1000);
	assert_int_equal(database_number(k->db, "SELECT count(*) FROM transactions WHERE error = 'EXPIRED'"), 1);
	jobs_over(jobs);
}

/* One that fails does not keep the others from running, nor itself from trying again. */
static void job_that_fails_stops_nothing(void **state)
{
	struct working *k = *state;
	struct jobs *jobs = jobs_running(k);

	note(k);
	database_run(k->db, "ALTER TABLE audit RENAME TO away");
	jobs_over(jobs);
	database_run(k->db, "ALTER TABLE away RENAME TO audit");
	jobs = jobs_running(k);
	jobs_over(jobs);
	assert_int_equal(database_number(k->db, DENIED), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stop_loses_no_refusal),
		TEST(refusals_wait_for_their_minute),
		TEST(hurried_job_does_not_wait_for_its_time),
		TEST(stop_does_not_wait_for_the_next_job),
		TEST(expired_operations_fail_by_themselves),
		TEST(job_that_fails_stops_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Parking, and many connections at once. */
#include "tests/unit/http/fixture.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENTS = 300, ROUNDS = 20 };

static struct client c;
static struct answer a;

static void hear_ok(struct client *from)
{
	assert_true(hear(from, &a));
	assert_int_equal(a.status, 200);
}

static void parked_request_waits_for_its_resume(void **state)
{
	struct site *site = *state;

	dial(site, &c);
	say(&c, GET("/hold"));
	site_await_held(site, 1);
	assert_int_equal(site->finished, 0);
	site_release(site);
	hear_ok(&c);
	await(&site->finished, 1);
	assert_int_equal(site->sent, 1);
	hang_up(&c);
}

static void resume_may_come_before_handle_returns(void **state)
{
	dial(*state, &c);
	for (int i = 0; i < 200; i++) {
		say(&c, GET("/early"));
		hear_ok(&c);
	}
	hang_up(&c);
}

static void resumed_request_may_park_again(void **state)
{
	dial(*state, &c);
	for (int i = 0; i < 200; i++) {
		say(&c, GET("/twice"));
		hear_ok(&c);
	}
	hang_up(&c);
}

static void pipelined_requests_are_parked_one_by_one(void **state)
{
	dial(*state, &c);
	say(&c, GET("/park") GET("/hold") GET("/park"));
	hear_ok(&c);
	site_await_held(*state, 1);
	site_release(*state);
	hear_ok(&c);
	hear_ok(&c);
	hang_up(&c);
}

static void client_may_leave_while_parked(void **state)
{
	struct site *site = *state;

	for (int i = 0; i < 20; i++) {
		dial(site, &c);
		say(&c, GET("/hold"));
		site_await_held(site, 1);
		hang_up(&c);
		site_release(site);
		await(&site->finished, i + 1);
	}
	await_connections(site, 0);
}

/* Request and reset in one breath: the library parks the request and closes its connection in the same step. */
static void client_may_reset_while_parked(void **state)
{
	const struct linger at_once = { .l_onoff = 1 };
	struct site *site = *state;

	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 50; i++) {
			dial(site, &c);
			assert_int_equal(setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
			say(&c, GET("/hold"));
			if (i % 4 == 0)
				usleep(50);
			hang_up(&c);
		}
		site_release(site);
	}
	while (site->finished < site->begun)
		site_release(site);
	await_connections(site, 0);
}

/* Each round, all connections send before any answer is read: batches of events and resumes of every size. */
static void run_rounds(const struct site *site, const char *request)
{
	struct client *clients = xalloc(CLIENTS * sizeof(*clients));

	for (size_t i = 0; i < CLIENTS; i++)
		dial(site, &clients[i]);
	for (size_t round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < CLIENTS; i++)
			assert_true(say_bytes(&clients[i], slice_text(request)));
		for (size_t i = 0; i < CLIENTS; i++)
			hear_ok(&clients[i]);
	}
	for (size_t i = 0; i < CLIENTS; i++)
		hang_up(&clients[i]);
	free(clients);
}

static void start_with_threads(void **state, int threads)
{
	struct site *site = *state;

	site->config.threads = threads;
	site_start(site);
}

static void many_clients_on_one_thread_are_all_answered(void **state)
{
	start_with_threads(state, 1);
	run_rounds(*state, GET("/about"));
}

static void many_clients_on_several_threads_are_all_answered(void **state)
{
	start_with_threads(state, 4);
	run_rounds(*state, GET("/about"));
}

static void many_parked_on_one_thread_are_all_answered(void **state)
{
	start_with_threads(state, 1);
	run_rounds(*state, GET("/park"));
}

static void many_parked_on_several_threads_are_all_answered(void **state)
{
	start_with_threads(state, 4);
	run_rounds(*state, GET("/park"));
}

static void long_waits_do_not_hold_up_others(void **state)
{
	struct site *site = *state;
	struct client *waiting = xalloc(CLIENTS * sizeof(*waiting));

	start_with_threads(state, 2);
	for (size_t i = 0; i < CLIENTS; i++) {
		dial(site, &waiting[i]);
		say(&waiting[i], GET("/hold"));
	}
	site_await_held(site, CLIENTS);
	run_rounds(site, GET("/park"));
	site_release(site);
	for (size_t i = 0; i < CLIENTS; i++) {
		hear_ok(&waiting[i]);
		hang_up(&waiting[i]);
	}
	free(waiting);
}

int main(void)
{
#define ON_SITE(test) cmocka_unit_test_setup_teardown(test, site_started, site_free)
#define ON_NEW_SITE(test) cmocka_unit_test_setup_teardown(test, site_new, site_free)
	const struct CMUnitTest tests[] = {
		ON_SITE(parked_request_waits_for_its_resume),
		ON_SITE(resume_may_come_before_handle_returns),
		ON_SITE(resumed_request_may_park_again),
		ON_SITE(pipelined_requests_are_parked_one_by_one),
		ON_SITE(client_may_leave_while_parked),
		ON_SITE(client_may_reset_while_parked),
		ON_NEW_SITE(many_clients_on_one_thread_are_all_answered),
		ON_NEW_SITE(many_clients_on_several_threads_are_all_answered),
		ON_NEW_SITE(many_parked_on_one_thread_are_all_answered),
		ON_NEW_SITE(many_parked_on_several_threads_are_all_answered),
		ON_NEW_SITE(long_waits_do_not_hold_up_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

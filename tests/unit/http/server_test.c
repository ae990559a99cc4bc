/* Start, limits, proxies, the admin socket, drain and stop. */
#include "tests/unit/http/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct client c, other;
static struct answer a;

static const struct http_handler no_handler;

static void hear_ok(struct client *from)
{
	assert_true(hear(from, &a));
	assert_int_equal(a.status, 200);
}

static bool tells(const char *text)
{
	return memmem(a.body.p, a.body.n, text, strlen(text)) != NULL;
}

static void bad_configuration_is_refused(void **state)
{
	struct site *site = *state;
	struct http_config bad_address = site->config, bad_proxy = site->config, bad_path = site->config;
	struct http_server *server;

	bad_address.listen = "localhost";
	bad_proxy.trusted_proxies = "127.0.0.1, proxy.example";
	bad_path.unix_path = "";
	assert_err(http_start(&bad_address, &no_handler, &server), CONFIG);
	assert_err(http_start(&bad_proxy, &no_handler, &server), CONFIG);
	assert_err(http_start(&bad_path, &no_handler, &server), CONFIG);
}

static void port_of_another_server_is_an_error(void **state)
{
	struct site *site = *state;
	struct http_config same;
	struct http_server *server;

	site_start(site);
	same = site->config;
	same.port = http_port(site->server);
	assert_err(http_start(&same, &no_handler, &server), IO);
}

static void start_and_stop_without_a_request(void **state)
{
	for (int i = 0; i < 10; i++) {
		site_started(state);
		site_free(state);
	}
}

static void stop_ends_connections_in_every_state(void **state)
{
	struct site *site = *state;
	struct client part;

	site_start(site);
	dial(site, &c);
	say(&c, GET("/about"));
	hear_ok(&c);
	dial(site, &other);
	dial(site, &part);
	say(&part, "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
	await(&site->begun, 2);
	await_connections(site, 3);
	site_stop(site);
	await_close(&c);
	await_close(&other);
	await_close(&part);
	hang_up(&c);
	hang_up(&other);
	hang_up(&part);
}

static void *stop(void *arg)
{
	site_stop(arg);
	return NULL;
}

static void stop_waits_for_what_is_parked(void **state)
{
	struct site *site = *state;
	pthread_t stopper;

	site_start(site);
	dial(site, &c);
	say(&c, GET("/hold"));
	site_await_held(site, 1);
	dial(site, &other);
	assert_int_equal(pthread_create(&stopper, NULL, stop, site), 0);
	say(&other, GET("/hold"));
	do
		site_release(site);
	while (pthread_tryjoin_np(stopper, NULL) != 0);
	assert_int_equal(site->begun, site->finished);
	hang_up(&c);
	hang_up(&other);
}

static void stop_right_behind_a_resume(void **state)
{
	for (int i = 0; i < 30; i++) {
		struct site *site;

		site_started(state);
		site = *state;
		dial(site, &c);
		say(&c, GET("/hold"));
		site_await_held(site, 1);
		site_release(site);
		site_free(state);
		hang_up(&c);
	}
}

static void connections_over_the_limit_are_closed(void **state)
{
	struct site *site = *state;
	struct client all[3];

	site->config.connections_max = 3;
	site_start(site);
	for (size_t i = 0; i < 3; i++) {
		dial(site, &all[i]);
		await_connections(site, i + 1);
	}
	for (int i = 0; i < 30; i++) {
		dial(site, &c);
		await_close(&c);
		hang_up(&c);
	}
	say(&all[0], GET("/about"));
	hear_ok(&all[0]);
	hang_up(&all[1]);
	await_connections(site, 2);
	dial(site, &c);
	say(&c, GET("/about"));
	hear_ok(&c);
	hang_up(&c);
	hang_up(&all[0]);
	hang_up(&all[2]);
}

static void ipv6_socket_takes_both_families(void **state)
{
	struct site *site = *state;

	site->config.listen = "::";
	site_start(site);
	dial(site, &c);
	say(&c, GET("/about"));
	hear_ok(&c);
	assert_true(tells(" peer=127.0.0.1 "));
	hang_up(&c);
}

#define FORWARDED "GET /about HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n\r\n"

static void trusted_proxy_is_believed(void **state)
{
	struct site *site = *state;

	site->config.trusted_proxies = "10.0.0.0/8, 127.0.0.0/8";
	site_start(site);
	dial(site, &c);
	say(&c, FORWARDED);
	hear_ok(&c);
	assert_true(tells(" peer=192.0.2.1 local=0 tls=1 "));
	hang_up(&c);
}

static void others_are_not(void **state)
{
	struct site *site = *state;

	site->config.trusted_proxies = "10.0.0.0/8";
	site_start(site);
	dial(site, &c);
	say(&c, FORWARDED);
	hear_ok(&c);
	assert_true(tells(" peer=127.0.0.1 local=0 tls=0 "));
	hang_up(&c);
}

static char dir[32], path[64];

static int site_on_path(void **state)
{
	struct site *site;

	site_new(state);
	site = *state;
	strcpy(dir, "/tmp/http-test-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/admin", dir);
	site->config.unix_path = path;
	return 0;
}

static int site_off_path(void **state)
{
	site_free(state);
	assert_int_equal(rmdir(dir), 0);
	return 0;
}

static void admin_socket_says_local(void **state)
{
	struct site *site = *state;

	site->config.trusted_proxies = "0.0.0.0/0, ::/0";
	site_start(site);
	dial_path(path, &c);
	say(&c, FORWARDED);
	hear_ok(&c);
	assert_true(tells(" peer=local local=1 tls=0 "));
	hang_up(&c);
}

/* --- drain --- */

static void *drain(void *arg)
{
	struct site *site = arg;

	http_drain(site->server, 60000);
	return NULL;
}

/* Returns when nobody listens any more. */
static pthread_t begin_drain(struct site *site)
{
	pthread_t drainer;

	assert_int_equal(pthread_create(&drainer, NULL, drain, site), 0);
	while (try_dial(site, &other)) {
		hang_up(&other);
		usleep(1000);
	}
	return drainer;
}

static void end_drain(struct site *site, pthread_t drainer)
{
	pthread_join(drainer, NULL);
	assert_int_equal(http_open_connections(site->server), 0);
	await_close(&c);
	hang_up(&c);
}

static void drain_waits_for_what_is_parked(void **state)
{
	struct site *site = *state;
	pthread_t drainer;

	site_start(site);
	dial(site, &c);
	say(&c, GET("/hold"));
	site_await_held(site, 1);
	drainer = begin_drain(site);
	site_release(site);
	hear_ok(&c);
	assert_slice_equal(answer_header(&a, "Connection"), S("close"));
	end_drain(site, drainer);
}

static void drain_waits_for_what_is_being_received(void **state)
{
	struct site *site = *state;
	pthread_t drainer;

	site_start(site);
	dial(site, &c);
	say(&c, "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n");
	await(&site->begun, 1);
	drainer = begin_drain(site);
	say(&c, "abc");
	hear_ok(&c);
	assert_slice_equal(a.body, S("abc"));
	assert_slice_equal(answer_header(&a, "Connection"), S("close"));
	end_drain(site, drainer);
}

static void drain_closes_idle_connections(void **state)
{
	struct site *site = *state;

	site_start(site);
	dial(site, &c);
	say(&c, GET("/about"));
	hear_ok(&c);
	end_drain(site, begin_drain(site));
}

static void drain_closes_connections_that_never_said_anything(void **state)
{
	struct site *site = *state;

	site_start(site);
	dial(site, &c);
	await_connections(site, 1);
	end_drain(site, begin_drain(site));
}

static void drain_gives_up_when_the_time_is_over(void **state)
{
	struct site *site = *state;

	site_start(site);
	dial(site, &c);
	say(&c, GET("/hold"));
	site_await_held(site, 1);
	http_drain(site->server, 20);
	assert_int_equal(http_open_connections(site->server), 1);
	assert_false(try_dial(site, &other));
	site_release(site);
	hear_ok(&c);
	await_close(&c);
	hang_up(&c);
}

static void drained_server_leaves_its_path_to_the_next(void **state)
{
	struct site *site = *state;
	struct http_server *next;

	site_start(site);
	http_drain(site->server, 1000);
	assert_ok(http_start(&site->config, &no_handler, &next));
	site_stop(site);
	assert_int_equal(access(site->config.unix_path, F_OK), 0);
	http_stop(next);
	assert_int_equal(access(site->config.unix_path, F_OK), -1);
}

int main(void)
{
#define ON_NEW_SITE(test) cmocka_unit_test_setup_teardown(test, site_new, site_free)
#define ON_ADMIN_SOCKET(test) cmocka_unit_test_setup_teardown(test, site_on_path, site_off_path)
	const struct CMUnitTest tests[] = {
		ON_NEW_SITE(bad_configuration_is_refused),
		ON_NEW_SITE(port_of_another_server_is_an_error),
		cmocka_unit_test(start_and_stop_without_a_request),
		ON_NEW_SITE(stop_ends_connections_in_every_state),
		ON_NEW_SITE(stop_waits_for_what_is_parked),
		cmocka_unit_test(stop_right_behind_a_resume),
		ON_NEW_SITE(connections_over_the_limit_are_closed),
		ON_NEW_SITE(ipv6_socket_takes_both_families),
		ON_NEW_SITE(trusted_proxy_is_believed),
		ON_NEW_SITE(others_are_not),
		ON_ADMIN_SOCKET(admin_socket_says_local),
		ON_NEW_SITE(drain_waits_for_what_is_parked),
		ON_NEW_SITE(drain_waits_for_what_is_being_received),
		ON_NEW_SITE(drain_closes_idle_connections),
		ON_NEW_SITE(drain_closes_connections_that_never_said_anything),
		ON_NEW_SITE(drain_gives_up_when_the_time_is_over),
		ON_ADMIN_SOCKET(drained_server_leaves_its_path_to_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

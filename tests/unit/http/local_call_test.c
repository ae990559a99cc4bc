#include "tests/unit/http/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "http/local_call.h"

struct call {
	char dir[64], socket[128];
	void *site;
	struct arena arena;
	struct local_answer answer;
	const char *why;
};

/* The site listens on a socket in a directory of its own. */
static int setup(void **state)
{
	struct call *c = xalloc(sizeof(*c));
	struct site *site;

	snprintf(c->dir, sizeof(c->dir), "/tmp/local-call-XXXXXX");
	assert_non_null(mkdtemp(c->dir));
	snprintf(c->socket, sizeof(c->socket), "%s/admin.sock", c->dir);
	site_new(&c->site);
	site = c->site;
	site->config.unix_path = c->socket;
	*state = c;
	return 0;
}

static int teardown(void **state)
{
	struct call *c = *state;

	site_free(&c->site);
	arena_free(&c->arena);
	unlink(c->socket);
	rmdir(c->dir);
	free(c);
	return 0;
}

static struct error call(struct call *c, enum http_method method, const char *target, struct slice body)
{
	return http_local_call(c->socket, method, target, body, &c->arena, &c->answer, &c->why);
}

static void assert_tells(const struct call *c, const char *part)
{
	if (!memmem(c->answer.body.p, c->answer.body.n, part, strlen(part)))
		fail_msg("no %s in: %.*s", part, FMT(c->answer.body));
}

static void method_path_and_query_arrive(void **state)
{
	struct call *c = *state;

	site_start(c->site);
	assert_ok(call(c, HTTP_DELETE, "/about/../x%2F?a=1&b=%20", S("")));
	assert_int_equal(c->answer.status, 200);
	assert_tells(c, "method=4 path=/about/../x%2F query=a=1&b=%20 ");
}

static void caller_is_local(void **state)
{
	struct call *c = *state;

	site_start(c->site);
	assert_ok(call(c, HTTP_GET, "/about", S("")));
	assert_tells(c, "local=1");
}

static void body_arrives(void **state)
{
	struct call *c = *state;

	site_start(c->site);
	assert_ok(call(c, HTTP_PATCH, "/body", S("{\"a\":1}")));
	assert_slice_equal(c->answer.body, S("{\"a\":1}"));
}

static void other_status_is_an_answer_too(void **state)
{
	struct call *c = *state;

	site_start(c->site);
	assert_ok(call(c, HTTP_POST, "/no", S("{}")));
	assert_int_equal(c->answer.status, 401);
}

static void large_answer(void **state)
{
	struct call *c = *state;

	site_start(c->site);
	assert_ok(call(c, HTTP_GET, "/large", S("")));
	assert_int_equal(c->answer.body.n, LARGE_BYTES);
}

static void nobody_there(void **state)
{
	assert_err(call(*state, HTTP_GET, "/about", S("")), UNAVAILABLE);
}

static int listener(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* What a killed server leaves. */
static void socket_without_a_listener(void **state)
{
	struct call *c = *state;

	close(listener(c->socket));
	assert_err(call(c, HTTP_GET, "/about", S("")), UNAVAILABLE);
}

static void path_too_long_for_a_socket(void **state)
{
	struct call *c = *state;

	memset(c->socket, 'x', sizeof(c->socket) - 1);
	assert_err(call(c, HTTP_GET, "/about", S("")), UNAVAILABLE);
	c->socket[0] = 0;
}

static void *hang_up_at_once(void *arg)
{
	char request[4096];
	int fd = accept(*(int *)arg, NULL, NULL);

	assert_true(recv(fd, request, sizeof(request), 0) > 0);
	close(fd);
	return NULL;
}

/* Then nobody knows whether it was carried out: that is not the same as nobody there. */
static void call_that_breaks_off(void **state)
{
	struct call *c = *state;
	int fd = listener(c->socket);
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, hang_up_at_once, &fd), 0);
	assert_err(call(c, HTTP_POST, "/about", S("{}")), IO);
	assert_true(*c->why);
	pthread_join(thread, NULL);
	close(fd);
}

static void proxy_of_the_environment_is_not_asked(void **state)
{
	struct call *c = *state;

	setenv("http_proxy", "http://127.0.0.1:9", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:9", 1);
	site_start(c->site);
	assert_ok(call(c, HTTP_GET, "/about", S("")));
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
}

#define WITH_SOCKET(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SOCKET(method_path_and_query_arrive),
		WITH_SOCKET(caller_is_local),
		WITH_SOCKET(body_arrives),
		WITH_SOCKET(other_status_is_an_answer_too),
		WITH_SOCKET(large_answer),
		WITH_SOCKET(nobody_there),
		WITH_SOCKET(socket_without_a_listener),
		WITH_SOCKET(path_too_long_for_a_socket),
		WITH_SOCKET(call_that_breaks_off),
		WITH_SOCKET(proxy_of_the_environment_is_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* After each answer: the access log, and refusals for the audit log. */
#include <stdlib.h>
#include <unistd.h>

#include "event/denials.h"
#include "server/boot.h"
#include "tests/unit/common/database.h"
#include "tests/unit/common/fixture.h"

static const struct route route = { HTTP_GET, "/users/{userId}", USER_READ, READS };
static const struct route_table table = { .base = "/reuseid/core", .routes = &route, .n = 1 };

struct answered {
	struct fixture *f;
	struct database *db;
	struct http_request req;
	struct op op;
	int log[2]; /* a pipe */
	char text[8192];
};

static int setup_with(void **state, const struct fixture_options *options)
{
	struct answered *a = xalloc(sizeof(*a));

	a->f = fixture_new(options);
	a->f->app.denials = denials_new();
	a->db = database_open(a->f->dir);
	assert_int_equal(pipe(a->log), 0);
	close(a->f->log.fd);
	a->f->log.fd = a->log[1];
	a->req = (struct http_request){ .method = HTTP_GET, .path = S("/reuseid/core/users/a-secret"), .query = S("more=secret"),
		.peer = S("192.0.2.1"), .trace = "4bf92f3577b34da6a3ce929d0e0e4736", .reply = { .status = 200 } };
	a->op = (struct op){ .app = &a->f->app, .route = &route, .table = &table, .http = &a->req,
		.caller = { .account = 7, .client_id = S("the-client") } };
	*state = a;
	return 0;
}

static int setup(void **state)
{
	return setup_with(state, NULL);
}

static int setup_logging(void **state)
{
	return setup_with(state, &(struct fixture_options){ .settings = { "log_requests=1" } });
}

static int teardown(void **state)
{
	struct answered *a = *state;

	close(a->log[0]);
	database_close(a->db);
	denials_free(a->f->app.denials);
	fixture_free(a->f);
	free(a);
	return 0;
}

/* What was logged about it. */
static const char *logged(struct answered *a, const struct op *op)
{
	ssize_t n;

	request_answered(&a->f->app, &a->req, op);
	assert_int_equal(write(a->log[1], "!", 1), 1);
	n = read(a->log[0], a->text, sizeof(a->text) - 1);
	assert_true(n > 0);
	a->text[n - 1] = 0;
	return a->text;
}

static void assert_logged(struct answered *a, const char *what)
{
	if (!strstr(logged(a, &a->op), what))
		fail_msg("no %s in: %s", what, a->text);
}

static int64_t denials_written(struct answered *a)
{
	must(denials_flush(a->f->app.denials, &a->f->app));
	return database_number(a->db, "SELECT count(*) FROM audit WHERE type = 'API_PERMISSION_DENIED'");
}

/* ---- the log ---- */

static void good_answers_are_not_logged(void **state)
{
	struct answered *a = *state;

	assert_string_equal(logged(a, &a->op), "");
	a->req.reply.status = 404;
	assert_string_equal(logged(a, &a->op), "");
}

static void our_own_failures_always_are(void **state)
{
	struct answered *a = *state;

	a->req.reply.status = 500;
	assert_logged(a, "status=500");
}

static void everything_is_by_setting(void **state)
{
	struct answered *a = *state;

	assert_logged(a, "request");
	assert_logged(a, "method=GET");
	assert_logged(a, "route=/reuseid/core/users/{userId}");
	assert_logged(a, "status=200");
	assert_logged(a, "peer=192.0.2.1");
	assert_logged(a, "client=the-client");
	assert_logged(a, "trace=4bf92f3577b34da6a3ce929d0e0e4736");
}

static void path_and_query_never_are(void **state)
{
	assert_null(strstr(logged(*state, &((struct answered *)*state)->op), "secret"));
}

static void request_that_no_route_saw(void **state)
{
	struct answered *a = *state;

	a->req.method = HTTP_OTHER;
	assert_non_null(strstr(logged(a, NULL), "route=-"));
	assert_null(strstr(a->text, "secret"));
}

/* ---- refusals ---- */

static void missing_permission_is_recorded(void **state)
{
	struct answered *a = *state;

	a->op.result = FAIL(PERMISSION);
	request_answered(&a->f->app, &a->req, &a->op);
	request_answered(&a->f->app, &a->req, &a->op);
	assert_int_equal(denials_written(a), 1);
	assert_string_equal(database_text(a->db, "SELECT account || ' ' || client_id || ' ' || address || ' ' || data FROM audit"),
		"7 the-client 192.0.2.1 {\"reason\":\"reuseid:user:read\",\"count\":2}");
}

static void other_errors_are_not(void **state)
{
	struct answered *a = *state;

	a->op.result = FAIL(TOKEN_INVALID);
	request_answered(&a->f->app, &a->req, &a->op);
	a->op.result = FAIL(USER_UNKNOWN);
	request_answered(&a->f->app, &a->req, &a->op);
	request_answered(&a->f->app, &a->req, NULL);
	assert_int_equal(denials_written(a), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define LOGGING(name) cmocka_unit_test_setup_teardown(name, setup_logging, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(good_answers_are_not_logged),
		TEST(our_own_failures_always_are),
		LOGGING(everything_is_by_setting),
		LOGGING(path_and_query_never_are),
		LOGGING(request_that_no_route_saw),
		TEST(missing_permission_is_recorded),
		TEST(other_errors_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A connection that the library closes while its request is parked. It does so rarely; here it is called as the library would. */
#include "tests/unit/common/test.h"

#include <stdlib.h>

#include "http/connection.h"

struct stage {
	struct http_server server;
	struct connection *connection;
	int finished;
};

static void finished(void *ctx, struct http_request *req, bool sent)
{
	struct stage *stage = ctx;

	assert_false(sent);
	assert_slice_equal(req->body, S("still there"));
	stage->finished++;
}

static int set_up(void **state)
{
	struct stage *stage = xalloc(sizeof(*stage));

	stage->server.handler = (struct http_handler){ .ctx = stage, .finished = finished };
	assert_ok(slow_start(&env_system, (struct slow_times){ 60000, 60000 }, &stage->server.slow));
	stage->connection = xalloc(sizeof(*stage->connection));
	stage->connection->server = &stage->server;
	slow_add(stage->server.slow, &stage->connection->slow, -1);
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;

	slow_stop(stage->server.slow);
	free(stage);
	return 0;
}

static struct http_exchange *parked(struct stage *stage)
{
	struct http_exchange *x = &stage->connection->exchange;

	*x = (struct http_exchange){ .connection = stage->connection, .phase = PHASE_PARKED, .reached = true };
	x->req.body = arena_copy(&x->req.arena, S("still there"));
	stage->server.in_hand = 1;
	return x;
}

static void lose(struct stage *stage, struct http_exchange *x)
{
	void *context = x;

	request_end(&stage->server, NULL, &context, MHD_REQUEST_TERMINATED_WITH_ERROR);
}

static void forget(struct stage *stage)
{
	void *context = stage->connection;

	connection_notice(NULL, NULL, &context, MHD_CONNECTION_NOTIFY_CLOSED);
}

static void lost_request_ends_when_it_is_resumed(void **state)
{
	struct stage *stage = *state;
	struct http_exchange *x = parked(stage);

	lose(stage, x);
	forget(stage);
	assert_int_equal(stage->finished, 0);
	assert_int_equal(stage->server.in_hand, 1);
	assert_slice_equal(x->req.body, S("still there"));
	request_go_on(x);
	assert_int_equal(stage->finished, 1);
	assert_int_equal(stage->server.in_hand, 0);
}

static void resume_may_come_before_the_connection_is_forgotten(void **state)
{
	struct stage *stage = *state;
	struct http_exchange *x = parked(stage);

	lose(stage, x);
	request_go_on(x);
	assert_int_equal(stage->finished, 1);
	forget(stage);
	assert_int_equal(stage->server.in_hand, 0);
}

int main(void)
{
#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		ON_STAGE(lost_request_ends_when_it_is_resumed),
		ON_STAGE(resume_may_come_before_the_connection_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

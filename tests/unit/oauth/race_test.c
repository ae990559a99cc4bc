/* Tokens that are asked for and used while keys are rotated and clients changed, each on a thread of its own. */
#include <pthread.h>
#include <stdio.h>

#include "tokens.h"

enum { ROUNDS = 40, ASKERS = 3 };

struct runner {
	pthread_t thread;
	struct world *w;
	int let_in, shut_out, other;
};

/* The fixture's own requests share an arena, so these bring one of their own. */
static int ask_alone(struct runner *r, enum http_method method, const char *path, struct slice body, bool local, const char *token)
{
	struct http_request req = { .method = (int)method, .path = slice_text(path), .body = body, .local = local, .peer = S("192.0.2.1") };
	struct http_header headers[2] = { { S("Content-Type"), S("application/json") } };
	int status;

	arena_init(&req.arena);
	req.headers = headers;
	req.header_count = 1;
	if (token)
		headers[req.header_count++] =
			(struct http_header){ S("Authorization"), arena_printf(&req.arena, "Bearer %s", token) };
	api_run(r->w->f->api, &req);
	status = req.reply.status;
	arena_free(&req.arena);
	return status;
}

static void *use_token(void *arg)
{
	struct runner *r = arg;

	for (int i = 0; i < ROUNDS * 4; i++) {
		int status = ask_alone(r, HTTP_POST, RESOLVE, S("{\"externalRef\":\"nobody\"}"), false, r->w->token);

		r->let_in += status == 404;
		r->shut_out += status == 401;
		r->other += status != 404 && status != 401;
	}
	return NULL;
}

static void *rotate(void *arg)
{
	struct runner *r = arg;

	for (int i = 0; i < ROUNDS; i++) {
		fixture_advance(r->w->f, 1);
		r->other += ask_alone(r, HTTP_POST, "/admin/keys/rotate", S("{\"immediately\":true}"), true, NULL) != 200;
	}
	return NULL;
}

static void *switch_off_and_on(void *arg)
{
	struct runner *r = arg;
	char path[200];

	snprintf(path, sizeof(path), "/admin/clients/%s", r->w->first.client_id);
	for (int i = 0; i < ROUNDS; i++) {
		r->other += ask_alone(r, HTTP_PATCH, path, S("{\"enabled\":false}"), true, NULL) != 200;
		r->other += ask_alone(r, HTTP_PATCH, path, S("{\"enabled\":true}"), true, NULL) != 200;
	}
	return NULL;
}

static void race(struct world *w, struct runner *runners, void *(*changer)(void *runner))
{
	for (int i = 0; i <= ASKERS; i++) {
		runners[i] = (struct runner){ .w = w };
		assert_int_equal(pthread_create(&runners[i].thread, NULL, i < ASKERS ? use_token : changer, &runners[i]), 0);
	}
	for (int i = 0; i <= ASKERS; i++)
		pthread_join(runners[i].thread, NULL);
}

static void tokens_stay_good_while_keys_are_rotated(void **state)
{
	struct runner runners[ASKERS + 1];

	race(*state, runners, rotate);
	for (int i = 0; i < ASKERS; i++)
		assert_int_equal(runners[i].let_in, ROUNDS * 4);
	assert_int_equal(runners[ASKERS].other, 0);
}

static void client_is_in_or_out_and_nothing_else(void **state)
{
	struct runner runners[ASKERS + 1];

	race(*state, runners, switch_off_and_on);
	for (int i = 0; i <= ASKERS; i++)
		assert_int_equal(runners[i].other, 0);
	assert_let_in(*state, ((struct world *)*state)->token);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tokens_stay_good_while_keys_are_rotated),
		TEST(client_is_in_or_out_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

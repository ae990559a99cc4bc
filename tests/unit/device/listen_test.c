/* ses.wait (6): told at once when something is pending, woken when something comes, ended by a newer message. */
#include <stdio.h>
#include <unistd.h>

#include "tests/unit/common/parked.h"
#include "tests/unit/device/racing.h"

static int setup_real_time(void **state)
{
	*state = site_new(&(struct fixture_options){ .system_env = true });
	return 0;
}

#define REAL_TIME_TEST(test) cmocka_unit_test_setup_teardown(test, setup_real_time, free_site)

static size_t pending(const struct reply *r)
{
	assert_true(r->ok);
	return json_array_size(json_object_get(r->json, "pending"));
}

/* ---- without waiting ---- */

static void nothing_pending(void **state)
{
	struct scene *c = scene_new(*state);
	struct reply r;

	scene_registered(c);
	r = phone_ses_wait(c->p, 0, PROPER);
	assert_int_equal(pending(&r), 0);
	r = phone_ses_wait(c->p, 55000, PROPER); /* nobody waits here: its time is over at once */
	assert_int_equal(pending(&r), 0);
	scene_free(c);
}

static void pending_operation_is_named_without_content(void **state)
{
	struct scene *c = scene_new(*state);
	const json_t *item;
	struct reply r;

	scene_authentication(c, ",\"operationProperties\":{\"preOperationContext\":{\"title\":\"Secret\"}}");
	r = phone_ses_wait(c->p, 55000, PROPER);
	assert_int_equal(pending(&r), 1);
	item = json_array_get(json_object_get(r.json, "pending"), 0);
	assert_int_equal(json_object_size(item), 3);
	assert_string_equal(json_string_value(json_object_get(item, "op")), "AUTHENTICATION");
	assert_string_equal(json_string_value(json_object_get(item, "pushSessionId")), c->operation);
	assert_int_equal(json_integer_value(json_object_get(item, "expires")), env_now_ms(c->s->f->app.env) + 300000);
	scene_free(c);
}

static void what_has_ended_is_not_told(void **state)
{
	struct scene *c = scene_new(*state);
	struct reply r;

	scene_authentication(c, "");
	site_advance(c->s, 300000);
	r = phone_ses_wait(c->p, 0, PROPER);
	assert_int_equal(pending(&r), 0);
	scene_free(c);
}

static void wrong_signature_learns_nothing(void **state)
{
	struct scene *c = scene_new(*state);

	scene_authentication(c, "");
	assert_code(phone_ses_wait(c->p, 0, BAD_DK), 214);
	scene_free(c);
}

/* ---- waiting ---- */

struct listener {
	struct phone *p;
	int64_t ms;
	pthread_t thread;
	struct reply reply;
};

static void run_parked(struct api *api, struct http_request *req)
{
	parked_run(api_handler(api), req);
}

static void *listen_thread(void *arg)
{
	struct listener *l = arg;

	l->reply = phone_ses_wait(l->p, l->ms, PROPER);
	return NULL;
}

static void listen_start(struct listener *l, struct scene *c, int64_t ms)
{
	*l = (struct listener){ .p = phone_copy(c->p), .ms = ms };
	l->p->run = run_parked;
	c->p->ts = env_now_ms(c->s->f->app.env); /* what comes next from this phone is newer */
	assert_int_equal(pthread_create(&l->thread, NULL, listen_thread, l), 0);
	usleep(100 * 1000);
}

/* How many it was told of. */
static size_t listen_end(struct listener *l)
{
	size_t n;

	pthread_join(l->thread, NULL);
	n = pending(&l->reply);
	phone_free(l->p);
	return n;
}

static void new_operation_wakes(void **state)
{
	struct scene *c = scene_new(*state);
	struct listener l;

	scene_registered(c);
	listen_start(&l, c, 55000);
	scene_authentication(c, "");
	assert_int_equal(listen_end(&l), 1);
	scene_free(c);
}

static void operation_of_another_device_does_not(void **state)
{
	struct scene *c = scene_new(*state), *other = scene_new(*state);
	struct listener l;

	scene_registered(c);
	listen_start(&l, c, 400);
	scene_authentication(other, "");
	assert_int_equal(listen_end(&l), 0);
	scene_free(other);
	scene_free(c);
}

static void time_ends_it_with_an_empty_list(void **state)
{
	struct scene *c = scene_new(*state);
	int64_t before, asked;
	struct listener l;

	scene_registered(c);
	before = env_now_ms(c->s->f->app.env);
	listen_start(&l, c, 300);
	pthread_join(l.thread, NULL);
	assert_int_equal(pending(&l.reply), 0);
	/* `time` is that of the answer: the phone sets its clock by it. */
	asked = json_integer_value(json_object_get(l.reply.json, "time"));
	assert_true(asked >= before + 300);
	phone_free(l.p);
	scene_free(c);
}

static void newer_wait_ends_it_with_an_empty_list(void **state)
{
	struct scene *c = scene_new(*state);
	struct listener older, newer;

	scene_registered(c);
	listen_start(&older, c, 55000);
	listen_start(&newer, c, 300);
	assert_int_equal(listen_end(&older), 0);
	assert_int_equal(listen_end(&newer), 0);
	scene_free(c);
}

/* The newer message was accepted, and has moved the registration's last time: the older one is no late message for that. */
static void newer_start_ends_it_with_an_empty_list(void **state)
{
	struct scene *c = scene_new(*state), *other;
	struct listener l;

	scene_registered(c);
	listen_start(&l, c, 55000);
	assert_code(phone_ses_start(c->p, NO_TICKET), 208);
	assert_int_equal(listen_end(&l), 0);
	other = scene_new(*state);
	scene_registered(other);
	listen_start(&l, other, 55000);
	assert_ok_reply(phone_deactivate(other->p, PROPER));
	assert_int_equal(listen_end(&l), 0);
	scene_free(other);
	scene_free(c);
}

static void refused_newer_message_does_not_end_it(void **state)
{
	struct scene *c = scene_new(*state);
	struct listener l;

	scene_registered(c);
	listen_start(&l, c, 55000);
	assert_code(phone_ses_start(c->p, BAD_DK), 214);
	usleep(100 * 1000);
	scene_authentication(c, "");
	assert_int_equal(listen_end(&l), 1);
	scene_free(c);
}

static void waits_write_nothing_and_hold_nothing(void **state)
{
	struct scene *c = scene_new(*state);
	struct digest before, after;
	struct listener l;

	scene_registered(c);
	database_digest(c->s->db, &before);
	listen_start(&l, c, 200);
	listen_end(&l);
	database_digest(c->s->db, &after);
	assert_nothing_changed(&before, &after);
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(nothing_pending),
		SITE_TEST(pending_operation_is_named_without_content),
		SITE_TEST(what_has_ended_is_not_told),
		SITE_TEST(wrong_signature_learns_nothing),
		REAL_TIME_TEST(new_operation_wakes),
		REAL_TIME_TEST(operation_of_another_device_does_not),
		REAL_TIME_TEST(time_ends_it_with_an_empty_list),
		REAL_TIME_TEST(newer_wait_ends_it_with_an_empty_list),
		REAL_TIME_TEST(newer_start_ends_it_with_an_empty_list),
		REAL_TIME_TEST(refused_newer_message_does_not_end_it),
		REAL_TIME_TEST(waits_write_nothing_and_hold_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Long polls: no change is missed, whenever it comes; each wait ends once, for one reason. */
#include <stdio.h>
#include <unistd.h>

#include "api/api.h"
#include "tests/unit/api/waits.h"

/* ---- a change ---- */

static void change_while_waiting_wakes(void **state)
{
	struct waiter w;

	waiter_start(&w, *state, "/wait/" TOPIC "/0/20000");
	usleep(SOON_MS * 1000);
	raise_topic(*state);
	assert_told(waiter_end(&w), "\"number\":1,\"end\":\"woken\"");
}

static void change_between_looking_and_waiting_is_not_missed(void **state)
{
	struct place *p = *state;

	/* Behind op_watch() and in front of the reading: it may answer at once. */
	p->between = raise_topic;
	assert_told(ask(p, HTTP_GET, "/wait/" TOPIC "/0/20000"), "\"number\":1");
	/* A change that does not suffice wakes all the same, and the truth is read again. */
	p->between = raise_topic;
	assert_told(ask(p, HTTP_GET, "/wait/" TOPIC "/9/20000"), "\"number\":2,\"end\":\"woken\"");
}

static void change_of_another_topic_wakes_nobody(void **state)
{
	struct place *p = *state;

	p->between = raise_other;
	assert_told(ask(p, HTTP_GET, "/wait/" TOPIC "/0/30"), "\"number\":0,\"end\":\"timed out\"");
}

static void neighbour_among_the_waiting_sleeps_on(void **state)
{
	struct waiter w;

	waiter_start(&w, *state, "/wait/" NEIGHBOUR "/0/150");
	usleep(SOON_MS * 1000);
	raise_topic(*state);
	assert_told(waiter_end(&w), "timed out");
}

static void change_that_fails_wakes_nobody(void **state)
{
	struct waiter w;

	waiter_start(&w, *state, "/wait/" TOPIC "/0/150");
	usleep(SOON_MS * 1000);
	assert_int_equal(ask(*state, HTTP_POST, "/break/" TOPIC).status, 503);
	assert_told(waiter_end(&w), "\"number\":0,\"end\":\"timed out\"");
}

static void all_who_wait_are_woken(void **state)
{
	struct waiter w[WAITERS];

	for (int i = 0; i < WAITERS; i++)
		waiter_start(&w[i], *state, "/wait/" TOPIC "/0/20000");
	usleep(SOON_MS * 1000);
	raise_topic(*state);
	for (int i = 0; i < WAITERS; i++)
		assert_told(waiter_end(&w[i]), "\"number\":1");
}

/* ---- time ---- */

static void time_ends_a_wait(void **state)
{
	struct place *p = *state;
	int64_t before = env_mono_ms(p->f->app.env), took;

	assert_told(ask(p, HTTP_GET, "/wait/" TOPIC "/0/50"), "timed out");
	took = env_mono_ms(p->f->app.env) - before;
	assert_in_range(took, 50, 5000);
}

static void no_time_is_no_wait(void **state)
{
	assert_told(ask(*state, HTTP_GET, "/wait/" TOPIC "/0/0"), "timed out");
}

/* The timer sleeps towards the first: a later one that ends sooner must move it. */
static void sooner_end_of_a_later_wait(void **state)
{
	struct place *p = *state;
	struct waiter w;
	int64_t before;

	waiter_start(&w, p, "/wait/" TOPIC "/0/20000");
	usleep(SOON_MS * 1000);
	before = env_mono_ms(p->f->app.env);
	assert_told(ask(p, HTTP_GET, "/wait/" OTHER "/0/50"), "timed out");
	assert_in_range(env_mono_ms(p->f->app.env) - before, 50, 5000);
	raise_topic(p);
	assert_told(waiter_end(&w), "woken");
}

static void answer_has_the_time_of_the_answer(void **state)
{
	struct place *p = *state;
	int64_t before = env_now_ms(p->f->app.env), now = 0;
	struct told told = ask(p, HTTP_GET, "/wait/" TOPIC "/0/60");

	must(slice_i64(slice_of(strstr(told.body, "now\":") + 5, 13), &now));
	assert_true(now >= before + 50);
}

/* ---- being replaced ---- */

static void whoever_waits_can_be_replaced(void **state)
{
	struct waiter w;

	waiter_start(&w, *state, "/wait/" TOPIC "/0/20000");
	usleep(SOON_MS * 1000);
	end_topic(*state);
	assert_told(waiter_end(&w), "replaced");
}

static void so_can_whoever_is_about_to_wait(void **state)
{
	struct place *p = *state;

	p->between = end_topic;
	assert_told(ask(p, HTTP_GET, "/wait/" TOPIC "/0/20000"), "replaced");
}

static void replacing_does_not_end_ones_own_wait(void **state)
{
	assert_told(ask(*state, HTTP_POST, "/end-and-wait/" TOPIC), "timed out");
}

static void of_several_in_turn_the_last_one_waits(void **state)
{
	struct waiter w[WAITERS];

	for (int i = 0; i < WAITERS; i++)
		waiter_start(&w[i], *state, "/end-and-wait/" TOPIC);
	for (int i = 0; i < WAITERS - 1; i++)
		waiter_end(&w[i]);
	assert_told(waiter_end(&w[WAITERS - 1]), "timed out");
}

/* ---- the end ---- */

static void end_of_all_waits_is_at_once_and_for_good(void **state)
{
	struct place *p = *state;
	struct waiter w;

	waiter_start(&w, p, "/wait/" TOPIC "/0/20000");
	usleep(SOON_MS * 1000);
	api_end_waits(p->f->api);
	assert_told(waiter_end(&w), "timed out");
	assert_told(ask(p, HTTP_GET, "/wait/" TOPIC "/0/20000"), "timed out");
}

static void without_a_server_nobody_waits(void **state)
{
	struct place *p = *state;
	int64_t before = env_mono_ms(p->f->app.env);

	assert_status(fixture_request(p->f, &(struct from){ .local = false }, HTTP_GET, "/wait/" TOPIC "/0/20000", NULL), 200);
	assert_true(env_mono_ms(p->f->app.env) - before < LONG_MS / 2);
}

/* ---- under fire: whoever waits for the next number always gets it ---- */

struct chase {
	struct place *p;
	int rounds;
	bool lost;
	pthread_t thread;
};

static void *chase(void *arg)
{
	struct chase *c = arg;
	char path[96];

	for (int i = 0; i < c->rounds && !c->lost; i++) {
		struct told told;

		snprintf(path, sizeof(path), "/wait/" TOPIC "/%d/%d", i, LONG_MS);
		told = ask(c->p, HTTP_GET, path);
		c->lost = told.status != 200 || strstr(told.body, "timed out");
		/* A wake-up may come for a number already seen. */
		if (strtol(strstr(told.body, "number\":") + 8, NULL, 10) <= i)
			i--;
	}
	return NULL;
}

static void nobody_misses_a_change(void **state)
{
	struct place *p = *state;
	int rounds = getenv("LONG") ? 2000 : 100;
	struct chase chases[WAITERS];

	for (int i = 0; i < WAITERS; i++) {
		chases[i] = (struct chase){ .p = p, .rounds = rounds };
		assert_int_equal(pthread_create(&chases[i].thread, NULL, chase, &chases[i]), 0);
	}
	for (int i = 0; i < rounds; i++) {
		raise_topic(p);
		raise_other(p);
		usleep((unsigned)(i * 37 % 400));
	}
	for (int i = 0; i < WAITERS; i++) {
		pthread_join(chases[i].thread, NULL);
		assert_false(chases[i].lost);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WAIT_TEST(change_while_waiting_wakes), WAIT_TEST(change_between_looking_and_waiting_is_not_missed),
		WAIT_TEST(change_of_another_topic_wakes_nobody), WAIT_TEST(neighbour_among_the_waiting_sleeps_on),
		WAIT_TEST(change_that_fails_wakes_nobody), WAIT_TEST(all_who_wait_are_woken), WAIT_TEST(time_ends_a_wait),
		WAIT_TEST(no_time_is_no_wait), WAIT_TEST(sooner_end_of_a_later_wait),
		WAIT_TEST(answer_has_the_time_of_the_answer), WAIT_TEST(whoever_waits_can_be_replaced),
		WAIT_TEST(so_can_whoever_is_about_to_wait), WAIT_TEST(replacing_does_not_end_ones_own_wait),
		WAIT_TEST(of_several_in_turn_the_last_one_waits), WAIT_TEST(end_of_all_waits_is_at_once_and_for_good),
		WAIT_TEST(without_a_server_nobody_waits), WAIT_TEST(nobody_misses_a_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The process ends in the middle: what was taken and stored is not sent again, everything else is. */
#include "tests/unit/webhook/hooked.h"

#include <unistd.h>

#include "webhook/webhook_schema.h"

static void what_was_under_way_is_sent_again(void **state)
{
	struct hooked *h = *state;

	subscribe(h, "a", "");
	for (int i = 0; i < 10; i++)
		happen(h);
	settle(h);
	for (size_t i = 0; i < 4; i++)
		outbound_fake_answer(h->fake, i, 200, "");
	settle(h);
	start_again(h);
	assert_int_equal(h->fake->count, 6);
	answer_all(h, 200);
	assert_int_equal(deliveries(h, delivery_status_DELIVERED), 10);
	start_again(h);
	assert_int_equal(h->fake->count, 0);
}

/* Taken, but the process ended before it was written down: twice is better than never. */
static void what_was_not_stored_is_sent_again(void **state)
{
	struct hooked *h = *state;

	subscribe(h, "a", "");
	happen(h);
	settle(h);
	outbound_fake_answer(h->fake, 0, 200, "");
	start_again(h);
	assert_int_equal(h->fake->count, 1);
}

static void events_of_the_time_between(void **state)
{
	struct hooked *h = *state;

	subscribe(h, "a", "");
	webhooks_close(&h->w->f->app);
	for (int i = 0; i < 300; i++) /* more than one turn takes */
		happen(h);
	must(webhooks_open(&h->w->f->app));
	h->fake->status = 200;
	settle(h);
	assert_int_equal(h->fake->count, 300);
	assert_int_equal(deliveries(h, delivery_status_DELIVERED), 300);
}

static void failures_go_on_where_they_were(void **state)
{
	struct hooked *h = *state;

	subscribe(h, "a", "");
	happen(h);
	h->fake->status = 500;
	settle(h);
	advance(h, 12 * SECOND);
	start_again(h);
	assert_int_equal(h->fake->count, 0);
	assert_int_equal(database_number(h->db, "SELECT attempts FROM deliveries"), 2);
	h->fake->status = 200;
	advance(h, 36 * SECOND);
	assert_int_equal(h->fake->count, 1);
}

/* The thread and the fake in one: it takes everything and comes to an end. */
static void thread_delivers_and_stops(void **state)
{
	struct hooked *h = *state;

	subscribe(h, "a", "");
	h->fake->status = 200;
	must(webhooks_start(&h->w->f->app));
	for (int i = 0; i < 20; i++)
		happen(h);
	for (int i = 0; i < 20000 && deliveries(h, delivery_status_DELIVERED) < 20; i++)
		usleep(1000);
	webhooks_stop(&h->w->f->app);
	assert_int_equal(deliveries(h, delivery_status_DELIVERED), 20);
	assert_int_equal(h->fake->count, 20);
}

#define T(name) cmocka_unit_test_setup_teardown(name, hooked_new, hooked_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_was_under_way_is_sent_again), T(what_was_not_stored_is_sent_again), T(events_of_the_time_between),
		T(failures_go_on_where_they_were), T(thread_delivers_and_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

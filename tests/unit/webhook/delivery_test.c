/* Until it is taken or its time is over: receivers that fail, are gone, hang, die and come back. The clock is ours. */
#include "tests/unit/webhook/hooked.h"

#include <stdio.h>

#include "event/fact.h"
#include "webhook/webhook_schema.h"

enum { PENDING = delivery_status_PENDING, DELIVERED = delivery_status_DELIVERED, EXPIRED = delivery_status_EXPIRED };

#define LOG "/events-management/events"

static void once_and_not_again(void **state)
{
	struct hooked *h = *state;
	static const int good[] = { 200, 201, 202, 204, 226, 299 };

	subscribe(h, "a", "");
	for (size_t i = 0; i < COUNT(good); i++) {
		h->fake->status = good[i];
		happen(h);
		settle(h);
		assert_int_equal(h->fake->count, i + 1);
	}
	advance(h, 48 * HOUR);
	assert_int_equal(h->fake->count, COUNT(good));
	assert_int_equal(deliveries(h, DELIVERED), COUNT(good));
}

static void everything_else_is_a_failure(void **state)
{
	struct hooked *h = *state;
	static const int bad[] = { 300, 301, 302, 307, 308, 400, 401, 404, 429, 500, 503, 599 };
	size_t calls;

	subscribe(h, "a", "");
	for (size_t i = 0; i < COUNT(bad); i++) {
		h->fake->status = bad[i];
		happen(h);
		settle(h);
		assert_int_equal(deliveries(h, DELIVERED), i);
		h->fake->status = 200;
		calls = h->fake->count;
		advance(h, 12 * SECOND);
		assert_int_equal(h->fake->count, calls + 1);
		assert_int_equal(deliveries(h, DELIVERED), i + 1);
	}
}

/* Nothing before four fifths of the delay, one attempt by six fifths. */
static void follows_the_schedule(void **state)
{
	struct hooked *h = *state;
	static const int64_t delays[] = { 10 * SECOND, 30 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, HOUR, HOUR };

	subscribe(h, "a", "");
	happen(h);
	h->fake->status = 500;
	settle(h);
	assert_int_equal(h->fake->count, 1);
	for (size_t i = 0; i < COUNT(delays); i++) {
		int64_t due = database_number(h->db, "SELECT due FROM deliveries"), now = atomic_load(&h->w->f->env.now_ms);

		assert_in_range(due - now, delays[i] * 8 / 10, delays[i] * 12 / 10);
		advance(h, due - now - 1);
		assert_int_equal(h->fake->count, i + 1);
		advance(h, 1);
		assert_int_equal(h->fake->count, i + 2);
	}
}

/* The body is the same at each attempt; what proves its time is not. */
static void attempts_say_the_same(void **state)
{
	static const char *const proofs[] = { "X-Signicat-Timestamp", "X-Signicat-Signature" };
	struct hooked *h = *state;

	subscribe(h, "a", "");
	happen(h);
	h->fake->status = 500;
	settle(h);
	advance(h, 12 * SECOND);
	assert_int_equal(h->fake->count, 2);
	assert_slice_equal(h->fake->calls[0].body, h->fake->calls[1].body);
	for (size_t i = 0; i < COUNT(proofs); i++)
		assert_string_not_equal(outbound_fake_header(h->fake, 0, proofs[i]), outbound_fake_header(h->fake, 1, proofs[i]));
}

static size_t taken(struct hooked *h, size_t from)
{
	return h->fake->count - from;
}

static void dead_for_an_hour(void **state)
{
	struct hooked *h = *state;
	size_t events = 0, dead;

	subscribe(h, "a", "");
	h->fake->status = 503;
	for (int minute = 0; minute < 60; minute++) {
		if (minute % 2 == 0) {
			happen(h);
			events++;
		}
		advance(h, MINUTE);
	}
	assert_int_equal(deliveries(h, DELIVERED), 0);
	dead = h->fake->count;
	h->fake->status = 200;
	for (int minute = 0; minute < 75; minute++)
		advance(h, MINUTE);
	assert_int_equal(deliveries(h, DELIVERED), events);
	assert_int_equal(taken(h, dead), events);
	advance(h, 48 * HOUR);
	assert_int_equal(taken(h, dead), events);
	assert_int_equal(deliveries(h, EXPIRED), 0);
}

static void never_taken_is_listed_as_expired(void **state)
{
	struct hooked *h = *state;
	struct answer answer;
	size_t calls;

	subscribe(h, "a", ",\"timeToLiveSeconds\":600");
	h->fake->status = 500;
	for (int i = 0; i < 3; i++)
		happen(h);
	for (int minute = 0; minute < 11; minute++)
		advance(h, MINUTE);
	calls = h->fake->count;
	assert_int_equal(deliveries(h, EXPIRED), 3);
	assert_int_equal(deliveries(h, PENDING), 0);
	assert_int_equal(facts(h, "SYSTEM_EVENT_DELIVERY_FAILED"), 1);
	advance(h, 24 * HOUR);
	assert_int_equal(h->fake->count, calls);
	answer = ask(h->w, HTTP_GET, LOG "?status=EXPIRED", NULL);
	assert_int_equal(json_array_size(member(answer, "events")), 3);
	assert_string_equal(text_of(answer, "events.0.deliveries.0.status"), "EXPIRED");
	assert_int_equal(json_integer_value(member(answer, "events.0.deliveries.0.httpStatus")), 500);

	h->fake->status = 200;
	assert_status(ask(h->w, HTTP_POST, TEXT(h->w, LOG "/%s/resend", text_of(answer, "events.1.id")), NULL), 204);
	settle(h);
	advance(h, HOUR);
	assert_int_equal(h->fake->count, calls + 1);
	assert_int_equal(deliveries(h, DELIVERED), 1);
	assert_int_equal(facts(h, "API_EVENT_RESENT"), 1);
}

static void reasons_are_told(void **state)
{
	struct hooked *h = *state;
	static const enum outbound_reason reasons[] = {
		OUTBOUND_ADDRESS_REFUSED, OUTBOUND_TIMED_OUT, OUTBOUND_TLS_FAILED, OUTBOUND_BROKEN };
	struct answer answer;

	subscribe(h, "a", "");
	happen(h);
	settle(h);
	for (size_t i = 0; i < COUNT(reasons); i++) {
		outbound_fake_fail(h->fake, i, reasons[i]);
		settle(h);
		answer = ask(h->w, HTTP_GET, LOG, NULL);
		assert_string_equal(text_of(answer, "events.0.deliveries.0.reason"), outbound_word(reasons[i]));
		assert_null(member(answer, "events.0.deliveries.0.httpStatus"));
		assert_non_null(member(answer, "events.0.deliveries.0.nextAttempt"));
		advance(h, 10 * MINUTE);
	}
}

static void gone_disables_the_subscription(void **state)
{
	struct hooked *h = *state;
	const char *id = subscribe(h, "gone", "");
	struct answer answer;

	subscribe(h, "other", "");
	happen(h);
	settle(h);
	for (size_t i = 0; i < 2; i++)
		outbound_fake_answer(h->fake, i, slice_is(h->fake->calls[i].url, "https://gone.example.com/") ? 410 : 200, "");
	settle(h);
	answer = ask(h->w, HTTP_GET, TEXT(h->w, "/events-management/subscriptions/%s", id), NULL);
	assert_true(json_is_false(member(answer, "enabled")));
	assert_string_equal(text_of(answer, "disabledReason"), "gone");
	assert_int_equal(facts(h, "SYSTEM_SUBSCRIPTION_DISABLED"), 1);

	h->fake->status = 200;
	happen(h);
	advance(h, 2 * HOUR);
	assert_int_equal(calls_to(h, "gone"), 1);
	assert_int_equal(calls_to(h, "other"), 2);

	/* When it is enabled again, it gets what it had not taken; what happened meanwhile was not for it. */
	assert_status(ask(h->w, HTTP_PUT, TEXT(h->w, "/events-management/subscriptions/%s", id),
			      "{\"name\":\"gone\",\"url\":\"https://gone.example.com/\",\"events\":[\"*\"]}"), 200);
	settle(h);
	assert_int_equal(calls_to(h, "gone"), 2);
}

static void hanging_receiver_holds_up_nobody(void **state)
{
	struct hooked *h = *state;

	subscribe(h, "slow", "");
	for (int i = 0; i < 100; i++)
		happen(h);
	settle(h);
	assert_in_range(calls_to(h, "slow"), 1, 64);
	subscribe(h, "quick", "");
	h->fake->status = 200;
	for (int i = 0; i < 50; i++)
		happen(h);
	settle(h);
	assert_int_equal(calls_to(h, "quick"), 50);
	assert_in_range(calls_to(h, "slow"), 1, 64);
}

/* One that fails gets one at a time, so that it costs nobody anything; when it is well again, it gets the rest at once. */
static void trouble_narrows_the_lane(void **state)
{
	struct hooked *h = *state;
	size_t calls;

	subscribe(h, "a", "");
	for (int i = 0; i < 60; i++)
		happen(h);
	settle(h);
	assert_int_equal(h->fake->count, 32);
	for (size_t i = 0; i < 32; i++)
		outbound_fake_answer(h->fake, i, 500, "");
	settle(h);
	assert_int_equal(h->fake->count, 33);
	outbound_fake_answer(h->fake, 32, 500, "");
	settle(h);
	assert_int_equal(h->fake->count, 34);
	outbound_fake_answer(h->fake, 33, 200, "");
	settle(h);
	calls = h->fake->count;
	assert_in_range(calls, 50, 66);
	h->fake->status = 200;
	answer_all(h, 200);
	for (int minute = 0; minute < 5; minute++)
		advance(h, MINUTE);
	assert_int_equal(deliveries(h, DELIVERED), 60);
}

/* The receiver has it, whatever the clock says meanwhile. */
static void taken_after_its_time_counts(void **state)
{
	struct hooked *h = *state;

	subscribe(h, "a", ",\"timeToLiveSeconds\":30");
	happen(h);
	settle(h);
	advance(h, 40 * SECOND);
	assert_int_equal(deliveries(h, EXPIRED), 1);
	answer_all(h, 200);
	assert_int_equal(deliveries(h, DELIVERED), 1);
}

static void resent_while_it_is_under_way(void **state)
{
	struct hooked *h = *state;
	const char *id;

	subscribe(h, "a", "");
	happen(h);
	settle(h);
	id = text_of(ask(h->w, HTTP_GET, LOG, NULL), "events.0.id");
	assert_status(ask(h->w, HTTP_POST, TEXT(h->w, LOG "/%s/resend", id), NULL), 204);
	settle(h);
	assert_int_equal(h->fake->count, 1);
	answer_all(h, 200);
	assert_int_equal(h->fake->count, 2);
	answer_all(h, 200);
	advance(h, HOUR);
	assert_int_equal(h->fake->count, 2);
	assert_int_equal(deliveries(h, DELIVERED), 1);
}

static void deleted_subscription_gets_nothing_more(void **state)
{
	struct hooked *h = *state;
	const char *id = subscribe(h, "a", "");

	happen(h);
	happen(h);
	settle(h);
	assert_status(ask(h->w, HTTP_DELETE, TEXT(h->w, "/events-management/subscriptions/%s", id), NULL), 204);
	answer_all(h, 500);
	advance(h, 2 * HOUR);
	assert_int_equal(h->fake->count, 2);
	assert_int_equal(database_number(h->db, "SELECT count(*) FROM deliveries"), 0);
	assert_int_equal(database_number(h->db, "SELECT count(*) FROM subscription_secrets"), 0);
}

static struct error unreadable(struct op *op, const struct event_about *about, struct event_content *ret_content)
{
	(void)op;
	(void)about;
	(void)ret_content;
	return FAIL(CRYPTO);
}

/* One whose rows were altered must not keep the others from being sent. */
static void unreadable_event_says_what_it_is_about(void **state)
{
	struct hooked *h = *state;

	subscribe(h, "a", ",\"tagFilter\":{\"any\":[]}");
	h->w->f->app.event_data[0] = unreadable;
	h->fake->status = 200;
	happen(h);
	settle(h);
	h->w->f->app.event_data[0] = NULL;
	happen(h);
	settle(h);
	assert_int_equal(h->fake->count, 2);
	assert_non_null(strstr(arena_cstr(&h->fake->arena, h->fake->calls[0].body), "\"eventData\":{\"id\":"));
}

/* What a receiver took while nothing could be written is not sent again when it can. */
static void results_wait_for_a_store_that_fails(void **state)
{
	struct hooked *h = *state;
	int64_t idle;

	subscribe(h, "a", "");
	happen(h);
	happen(h);
	settle(h);
	outbound_fake_answer(h->fake, 0, 200, "");
	outbound_fake_answer(h->fake, 1, 500, "");
	database_run(h->db, "ALTER TABLE deliveries RENAME TO away");
	for (int i = 0; i < 3; i++)
		assert_true(failed(webhooks_turn(&h->w->f->app, &idle)));
	assert_int_equal(h->fake->count, 2);
	database_run(h->db, "ALTER TABLE away RENAME TO deliveries");
	settle(h);
	assert_int_equal(deliveries(h, DELIVERED), 1);
	h->fake->status = 200;
	advance(h, 12 * SECOND);
	assert_int_equal(h->fake->count, 3);
	assert_int_equal(deliveries(h, DELIVERED), 2);
}

/* Nobody writes while there is nothing to write. */
static void idle_turns_are_no_work(void **state)
{
	struct hooked *h = *state;
	int64_t jobs;

	subscribe(h, "a", "");
	h->fake->status = 200;
	happen(h);
	settle(h);
	jobs = store_counts(h->w->f->app.store).jobs;
	for (int i = 0; i < 10; i++) {
		fixture_advance(h->w->f, 10 * SECOND);
		settle(h);
	}
	assert_int_equal(store_counts(h->w->f->app.store).jobs, jobs);
}

static void what_was_before_the_subscription_is_not_for_it(void **state)
{
	struct hooked *h = *state;

	happen(h);
	fixture_advance(h->w->f, 1);
	subscribe(h, "a", "");
	happen(h);
	settle(h);
	assert_int_equal(h->fake->count, 1);
}

static void account_takes_its_subscriptions_along(void **state)
{
	struct hooked *h = *state;
	const char *usual = h->w->token, *id = world_account(h->w, "sandbox");

	subscribe(h, "mine", "");
	h->w->token = world_token(h->w, world_client(h->w, id, "[\"Events Management API\"]"));
	subscribe(h, "theirs", "");
	h->w->token = usual;
	assert_int_equal(database_number(h->db, "SELECT count(*) FROM subscriptions"), 2);
	assert_status(del(h->w->f, "/admin/accounts/%s", id), 204);
	assert_int_equal(database_number(h->db, "SELECT count(*) FROM subscriptions"), 1);
	assert_int_equal(database_number(h->db, "SELECT count(*) FROM subscription_secrets"), 1);
	h->fake->status = 200;
	happen(h);
	settle(h);
	assert_int_equal(calls_to(h, "mine"), 1);
}

static void old_deliveries_are_forgotten(void **state)
{
	struct hooked *h = *state;

	subscribe(h, "a", "");
	h->fake->status = 200;
	for (int i = 0; i < 5; i++)
		happen(h);
	settle(h);
	must(webhooks_forget(&h->w->f->app));
	assert_int_equal(deliveries(h, DELIVERED), 5);
	database_run(h->db, "DELETE FROM outbox WHERE n < (SELECT max(n) FROM outbox)");
	must(webhooks_forget(&h->w->f->app));
	assert_int_equal(deliveries(h, DELIVERED), 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, hooked_new, hooked_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(once_and_not_again), T(everything_else_is_a_failure), T(follows_the_schedule), T(attempts_say_the_same),
		T(dead_for_an_hour), T(never_taken_is_listed_as_expired), T(reasons_are_told), T(gone_disables_the_subscription),
		T(hanging_receiver_holds_up_nobody), T(trouble_narrows_the_lane), T(taken_after_its_time_counts),
		T(resent_while_it_is_under_way), T(deleted_subscription_gets_nothing_more), T(old_deliveries_are_forgotten),
		T(unreadable_event_says_what_it_is_about), T(idle_turns_are_no_work),
		T(results_wait_for_a_store_that_fails), T(what_was_before_the_subscription_is_not_for_it),
		T(account_takes_its_subscriptions_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The list of events and the list of facts agree. */
#include "event/event_type.h"
#include "event/fact.h"
#include "tests/unit/common/test.h"

static bool is_listed(const char *sender, const char *name)
{
	for (size_t i = 0; i < event_type_count; i++)
		if (strcmp(event_types[i].sender, sender) == 0 && strcmp(event_types[i].name, name) == 0)
			return true;
	return false;
}

static void every_fact_sends_a_listed_event(void **state)
{
	(void)state;
	for (int kind = FACT_NONE + 1; kind < FACT_COUNT; kind++) {
		const char *name = fact_info((enum fact_kind)kind)->event;

		if (*name && !is_listed("reuseid", name))
			fail_msg("%s is not in events.def", name);
	}
}

static void every_listed_event_is_sent(void **state)
{
	(void)state;
	for (size_t i = 0; i < event_type_count; i++) {
		bool sent = strcmp(event_types[i].sender, "reuseid") != 0;

		for (int kind = FACT_NONE + 1; kind < FACT_COUNT && !sent; kind++)
			sent = strcmp(fact_info((enum fact_kind)kind)->event, event_types[i].name) == 0;
		if (!sent)
			fail_msg("nothing sends %s", event_types[i].name);
	}
}

static void names_of_the_older_paths(void **state)
{
	(void)state;
	assert_string_equal(event_name_of_mobileid("device.authentication.completed"), "authentication.completed");
	assert_string_equal(event_name_of_mobileid("device.state.change"), "device.state.change");
	assert_null(event_name_of_mobileid("user.state.change"));
	assert_null(event_name_of_mobileid("no.such.event"));
	assert_true(is_listed("mobileid", "signature.completed"));
}

static void samples_are_objects(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < event_type_count; i++) {
		struct slice why;
		json_t *sample;

		assert_ok(json_read(slice_text(event_types[i].sample), JSON_UNIQUE, 8, &a, &sample, &why));
		assert_true(json_is_object(sample));
		json_decref(sample);
	}
	arena_free(&a);
}

/* What the hosted service is known to send, or would by the pattern of its names: each is sent here too, or the list says why not. */
static void every_known_event_has_its_row(void **state)
{
	static const char *const known[][2] = {
		{ "reuseid", "passkey.authentication.completed" }, { "reuseid", "passkey.registration.completed" },
		{ "reuseid", "passkey.state.change" }, { "reuseid", "device.account-recovery.state.change" },
		{ "reuseid", "device.account-recovery.completed" }, { "reuseid", "device.registration.completed" },
		{ "reuseid", "device.authentication.completed" }, { "reuseid", "device.signature.completed" },
		{ "reuseid", "device.state.change" }, { "reuseid", "user.state.change" }, { "reuseid", "onboarding.completed" },
		{ "reuseid", "stepup.completed" }, { "mobileid", "device.state.change" }, { "mobileid", "account-recovery.completed" },
		{ "mobileid", "account-recovery.state.change" }, { "mobileid", "registration.completed" },
		{ "mobileid", "authentication.completed" }, { "mobileid", "signature.completed" },
		{ "passkeys", "authentication.completed" }, { "passkeys", "registration.completed" }, { "passkeys", "passkey.delete" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		bool excused = false;

		for (size_t k = 0; k < event_not_sent_count && !excused; k++)
			excused = strcmp(events_not_sent[k].sender, known[i][0]) == 0 && strcmp(events_not_sent[k].name, known[i][1]) == 0;
		if (is_listed(known[i][0], known[i][1]) == excused)
			fail_msg("%s:%s is neither sent nor excused, or both", known[i][0], known[i][1]);
	}
	for (size_t k = 0; k < event_not_sent_count; k++)
		assert_true(strlen(events_not_sent[k].why) > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fact_sends_a_listed_event),
		cmocka_unit_test(every_listed_event_is_sent),
		cmocka_unit_test(names_of_the_older_paths),
		cmocka_unit_test(samples_are_objects),
		cmocka_unit_test(every_known_event_has_its_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

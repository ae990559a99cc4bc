#include "tests/unit/common/test.h"

#include "flow/internal.h"

/* Every pair of state and event; what is not named here is no move. */
static void every_pair_of_state_and_event(void **state)
{
	static const enum flow_state moves[FLOW_STATE_COUNT][TIME_OVER + 1] = {
		[FLOW_CREATED] = { [STARTED] = FLOW_WAIT_DEVICE },
		[FLOW_WAIT_DEVICE] = { [DEVICE_DONE] = FLOW_PROOFING, [DEVICE_FAILED] = FLOW_FAILED, [GIVEN_UP] = FLOW_CANCELLED,
			[TIME_OVER] = FLOW_EXPIRED },
		[FLOW_PROOFING] = { [PROOF_ACCEPTED] = FLOW_COMPLETED, [PROOF_REFUSED] = FLOW_FAILED, [PROOF_DOUBTFUL] = FLOW_REVIEW,
			[GIVEN_UP] = FLOW_CANCELLED, [BLOCKED] = FLOW_FAILED, [TIME_OVER] = FLOW_EXPIRED },
		[FLOW_REVIEW] = { [PROOF_ACCEPTED] = FLOW_COMPLETED, [PROOF_REFUSED] = FLOW_FAILED, [GIVEN_UP] = FLOW_CANCELLED,
			[BLOCKED] = FLOW_FAILED, [TIME_OVER] = FLOW_EXPIRED },
	};

	(void)state;
	for (enum flow_state s = FLOW_NONE; s < FLOW_STATE_COUNT; s++)
		for (enum flow_event e = STARTED; e <= TIME_OVER; e++)
			assert_int_equal(flow_move(s, e), moves[s][e]);
}

/* Whatever is over stays over, whatever comes. */
static void no_event_moves_what_is_over(void **state)
{
	(void)state;
	for (enum flow_state s = FLOW_COMPLETED; s < FLOW_STATE_COUNT; s++)
		for (enum flow_event e = STARTED; e <= TIME_OVER; e++)
			assert_int_equal(flow_move(s, e), FLOW_NONE);
}

/* A result counts only behind the device, and only behind it is there a completed flow. */
static void nothing_is_accepted_before_the_device_is_done(void **state)
{
	(void)state;
	for (enum flow_state s = FLOW_NONE; s < FLOW_STATE_COUNT; s++) {
		bool waits = s == FLOW_PROOFING || s == FLOW_REVIEW;

		assert_int_equal(flow_move(s, PROOF_ACCEPTED), waits ? FLOW_COMPLETED : FLOW_NONE);
		assert_int_equal(flow_move(s, PROOF_REFUSED), waits ? FLOW_FAILED : FLOW_NONE);
		assert_int_equal(flow_move(s, DEVICE_DONE), s == FLOW_WAIT_DEVICE ? FLOW_PROOFING : FLOW_NONE);
	}
}

/* Every flow under way can run out of time and be given up. */
static void every_flow_can_end(void **state)
{
	(void)state;
	for (enum flow_state s = FLOW_WAIT_DEVICE; s < FLOW_COMPLETED; s++) {
		assert_int_equal(flow_move(s, TIME_OVER), FLOW_EXPIRED);
		assert_int_equal(flow_move(s, GIVEN_UP), FLOW_CANCELLED);
	}
}

static void three_words_are_seen_outside(void **state)
{
	(void)state;
	for (enum flow_state s = FLOW_CREATED; s < FLOW_STATE_COUNT; s++) {
		const char *wanted = s < FLOW_COMPLETED ? "Pending" : s == FLOW_COMPLETED ? "Completed" : "Failed";

		assert_string_equal(flow_shown(s), wanted);
		assert_int_equal(flow_is_over(s), s >= FLOW_COMPLETED);
	}
}

static void errors_have_a_sentence(void **state)
{
	(void)state;
	assert_string_equal(flow_error_description(S("REJECTED")), "The identity could not be verified.");
	assert_string_equal(flow_error_description(S("LOCKED_PIN_VERIFICATION_FAILED")),
		operation_error_description(OPERATION_LOCKED_PIN_VERIFICATION_FAILED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_of_state_and_event),
		cmocka_unit_test(no_event_moves_what_is_over),
		cmocka_unit_test(nothing_is_accepted_before_the_device_is_done),
		cmocka_unit_test(every_flow_can_end),
		cmocka_unit_test(three_words_are_seen_outside),
		cmocka_unit_test(errors_have_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

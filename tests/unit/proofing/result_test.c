/* What may become of a process, and which results are good enough to be believed. */
#include "tests/unit/common/test.h"

#include "tests/unit/proofing/bench.h"

static const enum process_status all[] = {
	process_status_pending, process_status_processing, process_status_accepted, process_status_rejected, process_status_canceled,
	process_status_failed, process_status_inconclusive,
};

/* Every pair, reviewed and not: a line for each status it may leave. */
static void every_pair_of_statuses(void **state)
{
	/*                               pending processing accepted rejected canceled failed inconclusive */
	static const char *const may[2][7] = {
		{ ".xxxxxx", "..xxxxx", ".......", ".......", ".......", ".......", "......." },
		{ ".xxxxxx", "..xxxxx", ".......", ".......", ".......", ".......", "..xx..." },
	};

	(void)state;
	for (int reviewed = 0; reviewed < 2; reviewed++)
		for (size_t from = 0; from < COUNT(all); from++)
			for (size_t to = 0; to < COUNT(all); to++)
				assert_int_equal(status_may_follow(all[from], all[to], reviewed), may[reviewed][from][to] == 'x');
}

static void faults(void **state)
{
	static const struct {
		struct final_result r;
		bool good;
	} cases[] = {
		{ { .firstName = S("A") }, true },
		{ { .lastName = S("B"), .dateOfBirth = S("2000-02-29"), .gender = S("F"), .nationality = S("NOR") }, true },
		{ { .lastName = S("B"), .dateOfBirth = S("1900-02-29") }, false },
		{ { .lastName = S("B"), .dateOfBirth = S("2000-13-01") }, false },
		{ { .lastName = S("B"), .dateOfBirth = S("2000-00-10") }, false },
		{ { .lastName = S("B"), .dateOfBirth = S("2000-01-00") }, false },
		{ { .lastName = S("B"), .dateOfBirth = S("2000-1-1") }, false },
		{ { .lastName = S("B"), .dateOfBirth = S("2000-01-0x") }, false },
		{ { .lastName = S("B"), .dateOfExpiry = S("2000/01/01") }, false },
		{ { .lastName = S("B"), .dateOfIssue = S("01.01.2000") }, false },
		{ { .lastName = S("B"), .gender = S("X") }, false },
		{ { .lastName = S("B"), .gender = S("f") }, false },
		{ { .lastName = S("B"), .nationality = S("nor") }, false },
		{ { .lastName = S("B"), .nationality = S("NO") }, false },
		{ { .lastName = S("B"), .issuingCountry = S("N0R") }, false },
		{ { .gender = S("F") }, false },
		{ { .firstName = S("") }, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(final_result_fault(&cases[i].r) == NULL, cases[i].good);
}

static void bad_result_becomes_a_failure(void **state)
{
	struct final_result person = { .firstName = S("A"), .dateOfBirth = S("2000-02-30") };
	struct fail_reason reason = { .type = S("x") };
	struct proofing_bench b;
	struct proofing_result r;

	(void)state;
	bench_open(&b);
	r = (struct proofing_result){ .status = process_status_accepted, .finalResult = &person };
	result_normalise(&b.op, &r);
	assert_int_equal(r.status, process_status_failed);
	assert_null(r.finalResult);
	assert_slice_equal(r.failReason->type, S("invalid_result"));
	r = (struct proofing_result){ .status = process_status_accepted };
	result_normalise(&b.op, &r);
	assert_int_equal(r.status, process_status_failed);
	r = (struct proofing_result){ .status = process_status_rejected, .finalResult = &person, .failReason = &reason };
	result_normalise(&b.op, &r);
	assert_null(r.finalResult); /* who was rejected is nobody */
	assert_null(r.failReason);
	r = (struct proofing_result){ .status = process_status_failed };
	result_normalise(&b.op, &r);
	assert_slice_equal(r.failReason->type, S("unknown"));
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_of_statuses),
		cmocka_unit_test(faults),
		cmocka_unit_test(bad_result_becomes_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

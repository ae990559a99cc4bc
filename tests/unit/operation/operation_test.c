#include "tests/unit/operation/operations.h"

/* ---- ends ---- */

static void is_pending_once_inserted(void **state)
{
	struct operation o = inserted(*state, authentication(*state, 9)), l = loaded(*state, o.id);

	assert_int_equal(l.state, operation_state_PENDING);
	assert_int_equal(l.operation, o.operation);
	assert_int_equal(l.created, o.created);
	assert_int_equal(l.expires, o.expires);
	assert_int_equal(l.completed, 0);
	assert_true(uuid_eq(&l.credential, &o.credential));
	assert_told(*state, 0, 0);
}

static void start_is_recorded_without_an_event(void **state)
{
	struct place *p = *state;

	inserted(p, authentication(p, 9));
	assert_string_equal(database_text(p->db, "SELECT type FROM audit"), "API_DEVICE_AUTHENTICATION_STARTED");
	assert_told(p, 0, 0);
}

static void completed_is_one_fact_and_one_event(void **state)
{
	struct operation o = inserted(*state, authentication(*state, 9));

	must(in_transaction(&(struct step){ .p = *state, .fn = do_complete, .operation = &o }));
	assert_outcome(*state, o.id, operation_state_COMPLETED, OPERATION_OK);
	assert_told(*state, 1, 1);
}

static void completion_can_name_the_credential(void **state)
{
	struct operation o = authentication(*state, 9), l;

	o.operation = operation_type_REGISTRATION;
	o.credential = (struct uuid){ { 0 } };
	inserted(*state, o);
	must(in_transaction(&(struct step){ .p = *state, .fn = do_complete, .operation = &o, .id = id_of(77) }));
	l = loaded(*state, o.id);
	assert_true(uuid_eq(&l.credential, &(struct uuid){ { [0] = 1, [15] = 77 } }));
}

static void completion_without_a_credential_keeps_it(void **state)
{
	struct operation o = inserted(*state, authentication(*state, 9)), l;

	must(in_transaction(&(struct step){ .p = *state, .fn = do_complete, .operation = &o }));
	l = loaded(*state, o.id);
	assert_true(uuid_eq(&l.credential, &o.credential));
}

static void failure_is_one_fact_and_one_event(void **state)
{
	struct operation o = inserted(*state, authentication(*state, 9));

	must(in_transaction(&(struct step){ .p = *state, .fn = do_fail, .operation = &o, .error = OPERATION_GEOFENCING_FAILED }));
	assert_outcome(*state, o.id, operation_state_FAILED, OPERATION_GEOFENCING_FAILED);
	assert_told(*state, 1, 1);
}

static void cancellation_by_the_provider_is_a_fact_of_its_own(void **state)
{
	struct place *p = *state;
	struct operation o = inserted(p, authentication(p, 9));

	must(in_transaction(&(struct step){ .p = p, .fn = do_fail, .operation = &o, .error = OPERATION_CANCELLED_BY_SP }));
	assert_string_equal(database_text(p->db, "SELECT type FROM audit ORDER BY n DESC"), "API_DEVICE_AUTHENTICATION_CANCELLED");
	assert_told(p, 1, 1);
}

/* Whatever there is, its beginning and its end are recorded as what they are. */
static void every_operation_has_facts_of_its_own(void **state)
{
	struct place *p = *state;

	for (int type = 1; type < operation_type_count; type++) {
		struct operation o = authentication(p, (uint8_t)(20 + type));

		o.operation = (enum operation_type)type;
		inserted(p, o);
		must(in_transaction(&(struct step){ .p = p, .fn = do_complete, .operation = &o }));
		assert_int_equal(database_number(p->db, "SELECT count(*) FROM audit WHERE type LIKE 'API_USER%'"), 0);
	}
	assert_string_equal(database_text(p->db, "SELECT group_concat(type, ' ') FROM (SELECT type FROM audit WHERE type LIKE '%COMPLETED' ORDER BY n)"),
		"DEVICE_REGISTRATION_COMPLETED DEVICE_REGISTRATION_COMPLETED DEVICE_AUTHENTICATION_COMPLETED DEVICE_SIGNATURE_COMPLETED"
		" DEVICE_RECOVERY_COMPLETED DEVICE_METHOD_ACTIVATION_COMPLETED DEVICE_METHOD_DEACTIVATION_COMPLETED"
		" DEVICE_RECOVERY_SETUP_COMPLETED");
}

static void what_has_no_facts_cannot_begin(void **state)
{
	struct place *p = *state;
	struct operation o = authentication(p, 9);

	o.type = credential_type_PASSKEY;
	o.operation = operation_type_SIGNING;
	assert_err(in_transaction(&(struct step){ .p = p, .fn = do_insert, .operation = &o }), INTERNAL);
	assert_int_equal(database_number(p->db, "SELECT count(*) FROM transactions"), 0);
	assert_told(p, 0, 0);
}

static void proof_rides_in_the_record_of_the_completion(void **state)
{
	struct place *p = *state;
	struct operation o = inserted(p, authentication(p, 9));

	o.proof = S("{\"evidence\":\"x\"}");
	must(in_transaction(&(struct step){ .p = p, .fn = do_complete, .operation = &o }));
	assert_string_equal(database_text(p->db, "SELECT data FROM audit ORDER BY n DESC"), "{\"evidence\":\"x\"}");
}

static void fact_names_the_code_and_nothing_else(void **state)
{
	struct place *p = *state;
	struct operation o = inserted(p, authentication(p, 9));

	must(in_transaction(&(struct step){ .p = p, .fn = do_fail, .operation = &o, .error = OPERATION_LOCKED }));
	assert_string_equal(database_text(p->db, "SELECT data FROM audit ORDER BY n DESC"), "{\"errorCode\":\"LOCKED\"}");
}

/* Each way to end it, after each way to have ended it. */
static void final_is_final(void **state)
{
	struct place *p = *state;
	struct error (*const ends[])(struct step *step, struct tx *tx) = { do_complete, do_fail };

	for (uint8_t first = 0; first < COUNT(ends); first++)
		for (uint8_t second = 0; second < COUNT(ends); second++) {
			struct operation o = inserted(p, authentication(p, (uint8_t)(10 + 2 * first + second)));
			struct digest before, after;

			must(in_transaction(&(struct step){ .p = p, .fn = ends[first], .operation = &o, .error = OPERATION_LOCKED }));
			database_digest(p->db, &before);
			assert_err(in_transaction(&(struct step){ .p = p, .fn = ends[second], .operation = &o,
				.error = OPERATION_EXPIRED }),
				STALE);
			database_digest(p->db, &after);
			assert_nothing_changed(&before, &after);
		}
}

static void unknown_cannot_be_ended(void **state)
{
	struct operation o = authentication(*state, 9);

	assert_err(in_transaction(&(struct step){ .p = *state, .fn = do_complete, .operation = &o }), STALE);
	assert_told(*state, 0, 0);
}

/* ---- reading ---- */

static void other_accounts_answer_as_for_an_unknown_one(void **state)
{
	struct operation o = inserted(*state, authentication(*state, 9)), l;

	assert_err(loaded_as(*state, ACCOUNT + 1, o.id, &l), TRANSACTION_UNKNOWN);
	assert_err(loaded_as(*state, ACCOUNT, id_of(8), &l), TRANSACTION_UNKNOWN);
}

static void is_pending_in_its_last_millisecond(void **state)
{
	struct place *p = *state;
	struct operation o = inserted(p, authentication(p, 9));

	fixture_advance(p->f, LIFE_MS - 1);
	assert_outcome(p, o.id, operation_state_PENDING, OPERATION_OK);
}

static void is_seen_as_expired_before_the_sweeper_comes(void **state)
{
	struct place *p = *state;
	struct operation o = inserted(p, authentication(p, 9)), l;

	fixture_advance(p->f, LIFE_MS);
	assert_outcome(p, o.id, operation_state_FAILED, OPERATION_EXPIRED);
	l = loaded(p, o.id);
	assert_int_equal(l.completed, o.expires);
	assert_told(p, 0, 0);
}

/* ---- words ---- */

static void every_error_has_its_name_and_its_sentence(void **state)
{
	(void)state;
	for (int i = 1; i < OPERATION_ERROR_COUNT; i++) {
		enum operation_error e = (enum operation_error)i;

		assert_true(strlen(operation_error_name(e)) > 0);
		assert_true(strlen(operation_error_description(e)) > 0);
		assert_int_equal(operation_error_find(slice_text(operation_error_name(e))), e);
	}
}

static void no_error_has_no_words(void **state)
{
	(void)state;
	assert_string_equal(operation_error_name(OPERATION_OK), "");
	assert_string_equal(operation_error_name(OPERATION_ERROR_COUNT), "");
	assert_string_equal(operation_error_description(OPERATION_ERROR_COUNT), "");
	assert_int_equal(operation_error_find(S("NO_SUCH_CODE")), OPERATION_OK);
	assert_int_equal(operation_error_find(S("")), OPERATION_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(is_pending_once_inserted),
		PLACE_TEST(start_is_recorded_without_an_event),
		PLACE_TEST(completed_is_one_fact_and_one_event),
		PLACE_TEST(completion_can_name_the_credential),
		PLACE_TEST(completion_without_a_credential_keeps_it),
		PLACE_TEST(failure_is_one_fact_and_one_event),
		PLACE_TEST(cancellation_by_the_provider_is_a_fact_of_its_own),
		PLACE_TEST(fact_names_the_code_and_nothing_else),
		PLACE_TEST(every_operation_has_facts_of_its_own),
		PLACE_TEST(what_has_no_facts_cannot_begin),
		PLACE_TEST(proof_rides_in_the_record_of_the_completion),
		PLACE_TEST(final_is_final),
		PLACE_TEST(unknown_cannot_be_ended),
		PLACE_TEST(other_accounts_answer_as_for_an_unknown_one),
		PLACE_TEST(is_pending_in_its_last_millisecond),
		PLACE_TEST(is_seen_as_expired_before_the_sweeper_comes),
		cmocka_unit_test(every_error_has_its_name_and_its_sentence),
		cmocka_unit_test(no_error_has_no_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

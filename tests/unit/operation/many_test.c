/* Ending many operations at once: all of a user or a credential, the registrations of a user, whatever has expired. */
#include "tests/unit/operation/operations.h"

static struct operation of(struct place *p, uint8_t n, uint8_t user, uint8_t device, enum operation_type type)
{
	struct operation o = authentication(p, n);

	o.user = id_of(user);
	o.credential = device ? id_of(device) : (struct uuid){ { 0 } };
	o.operation = type;
	return inserted(p, o);
}

static void pair(struct place *p)
{
	of(p, 10, USER, DEVICE, operation_type_AUTHENTICATION);
	of(p, 11, USER, 0, operation_type_REGISTRATION);
	of(p, 12, USER, 3, operation_type_SIGNING);
	of(p, 13, 50, 51, operation_type_AUTHENTICATION);
}

static void fails_everything_of_a_user(void **state)
{
	struct place *p = *state;

	pair(p);
	must(in_transaction(&(struct step){ .p = p, .fn = do_fail_all, .key = OPERATIONS_OF_USER, .id = id_of(USER),
		.error = OPERATION_LOCKED_BY_ADMIN }));
	for (uint8_t n = 10; n <= 12; n++)
		assert_outcome(p, id_of(n), operation_state_FAILED, OPERATION_LOCKED_BY_ADMIN);
	assert_outcome(p, id_of(13), operation_state_PENDING, OPERATION_OK);
	assert_told(p, 3, 3);
}

static void fails_everything_of_a_credential(void **state)
{
	struct place *p = *state;

	pair(p);
	must(in_transaction(&(struct step){ .p = p, .fn = do_fail_all, .key = OPERATIONS_OF_CREDENTIAL, .id = id_of(DEVICE),
		.error = OPERATION_LOCKED }));
	assert_outcome(p, id_of(10), operation_state_FAILED, OPERATION_LOCKED);
	assert_outcome(p, id_of(11), operation_state_PENDING, OPERATION_OK);
	assert_outcome(p, id_of(12), operation_state_PENDING, OPERATION_OK);
	assert_told(p, 1, 1);
}

static void spares_the_one_that_is_excepted(void **state)
{
	struct place *p = *state;
	struct uuid spared = id_of(12);

	pair(p);
	must(in_transaction(&(struct step){ .p = p, .fn = do_fail_all, .key = OPERATIONS_OF_USER, .id = id_of(USER), .except = &spared,
		.error = OPERATION_LOCKED }));
	assert_outcome(p, spared, operation_state_PENDING, OPERATION_OK);
	assert_told(p, 2, 2);
}

/* More than are read at once, and a spared one among them. */
static void however_many_there_are(void **state)
{
	struct place *p = *state;
	struct uuid spared;

	of(p, 10, USER, DEVICE, operation_type_AUTHENTICATION);
	database_run(p->db, "WITH RECURSIVE more(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM more WHERE i < 2100)"
		" INSERT INTO transactions (id, account, user_id, type, operation, state, credential_id, created, expires, completed)"
		" SELECT randomblob(16), account, user_id, type, operation, state, credential_id, created, expires, completed"
		" FROM transactions, more");
	spared = id_of(10);
	must(in_transaction(&(struct step){ .p = p, .fn = do_fail_all, .key = OPERATIONS_OF_CREDENTIAL, .id = id_of(DEVICE),
		.except = &spared, .error = OPERATION_LOCKED }));
	assert_int_equal(database_number(p->db, "SELECT count(*) FROM transactions WHERE state = 1"), 1);
	assert_outcome(p, spared, operation_state_PENDING, OPERATION_OK);
	assert_told(p, 2100, 2100);
}

static void fails_registrations_alone(void **state)
{
	struct place *p = *state;

	pair(p);
	of(p, 14, USER, DEVICE, operation_type_RE_REGISTRATION);
	must(in_transaction(&(struct step){ .p = p, .fn = do_fail_registrations, .id = id_of(USER),
		.error = OPERATION_CANCELLED_NEW_ACTIVATION }));
	assert_outcome(p, id_of(10), operation_state_PENDING, OPERATION_OK);
	assert_outcome(p, id_of(11), operation_state_FAILED, OPERATION_CANCELLED_NEW_ACTIVATION);
	assert_outcome(p, id_of(12), operation_state_PENDING, OPERATION_OK);
	assert_outcome(p, id_of(14), operation_state_FAILED, OPERATION_CANCELLED_NEW_ACTIVATION);
	assert_told(p, 2, 2);
}

static void leaves_alone_what_has_ended(void **state)
{
	struct place *p = *state;
	struct operation o = of(p, 10, USER, DEVICE, operation_type_AUTHENTICATION);

	must(in_transaction(&(struct step){ .p = p, .fn = do_complete, .operation = &o }));
	must(in_transaction(&(struct step){ .p = p, .fn = do_fail_all, .key = OPERATIONS_OF_USER, .id = id_of(USER),
		.error = OPERATION_LOCKED }));
	assert_outcome(p, o.id, operation_state_COMPLETED, OPERATION_OK);
	assert_told(p, 1, 1);
}

/* Somebody may have been told EXPIRED already. */
static void what_had_expired_fails_as_expired(void **state)
{
	struct place *p = *state;
	struct operation o = of(p, 10, USER, DEVICE, operation_type_AUTHENTICATION), l;

	fixture_advance(p->f, LIFE_MS + 5);
	must(in_transaction(&(struct step){ .p = p, .fn = do_fail_all, .key = OPERATIONS_OF_CREDENTIAL, .id = id_of(DEVICE),
		.error = OPERATION_CANCELLED_BY_SP }));
	assert_outcome(p, o.id, operation_state_FAILED, OPERATION_EXPIRED);
	l = loaded(p, o.id);
	assert_int_equal(l.completed, o.expires);
	assert_told(p, 1, 1);
}

/* ---- the sweeper's part ---- */

static struct error do_expire(struct step *step, struct tx *tx)
{
	return operation_expire(&step->origin, tx, step->limit, &step->count);
}

static int64_t expire(struct place *p, int64_t limit)
{
	struct step step = { .p = p, .fn = do_expire, .limit = limit };

	must(in_transaction(&step));
	return step.count;
}

static void expires_what_is_over_and_nothing_else(void **state)
{
	struct place *p = *state;

	of(p, 10, USER, DEVICE, operation_type_AUTHENTICATION);
	fixture_advance(p->f, LIFE_MS);
	of(p, 11, USER, 3, operation_type_AUTHENTICATION);
	assert_int_equal(expire(p, 500), 1);
	assert_outcome(p, id_of(10), operation_state_FAILED, OPERATION_EXPIRED);
	assert_outcome(p, id_of(11), operation_state_PENDING, OPERATION_OK);
	assert_told(p, 1, 1);
}

static void expires_no_more_than_the_limit(void **state)
{
	struct place *p = *state;

	for (uint8_t n = 10; n < 15; n++)
		of(p, n, USER, n, operation_type_AUTHENTICATION);
	fixture_advance(p->f, LIFE_MS);
	assert_int_equal(expire(p, 2), 2);
	assert_told(p, 2, 2);
	assert_int_equal(expire(p, 500), 3);
	assert_int_equal(expire(p, 500), 0);
	assert_told(p, 5, 5);
}

static void expired_says_the_same_before_and_after_the_sweeper(void **state)
{
	struct place *p = *state;
	struct operation before, after;

	of(p, 10, USER, DEVICE, operation_type_AUTHENTICATION);
	fixture_advance(p->f, LIFE_MS + 900);
	before = loaded(p, id_of(10));
	expire(p, 500);
	after = loaded(p, id_of(10));
	assert_int_equal(before.completed, after.completed);
	assert_int_equal(before.error, after.error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACE_TEST(fails_everything_of_a_user),
		PLACE_TEST(fails_everything_of_a_credential),
		PLACE_TEST(spares_the_one_that_is_excepted),
		PLACE_TEST(however_many_there_are),
		PLACE_TEST(fails_registrations_alone),
		PLACE_TEST(leaves_alone_what_has_ended),
		PLACE_TEST(what_had_expired_fails_as_expired),
		PLACE_TEST(expires_what_is_over_and_nothing_else),
		PLACE_TEST(expires_no_more_than_the_limit),
		PLACE_TEST(expired_says_the_same_before_and_after_the_sweeper),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

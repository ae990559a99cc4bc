#include "tests/unit/store/fixture.h"

#include "store/sqlite.h"

/* A connection to an empty database in memory. */
struct bench {
	struct log log;
	struct tx tx;
};

static int setup(void **state)
{
	struct bench *b = xalloc(sizeof(*b));

	b->log = (struct log){ .env = &env_system, .fd = open("/dev/null", O_WRONLY | O_CLOEXEC) };
	assert_ok(tx_open(&b->tx, &b->log, ":memory:", TX_WRITE));
	assert_ok(make_things(NULL, &b->tx));
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	tx_close(&b->tx);
	close(b->log.fd);
	free(b);
	return 0;
}

/* ---- parameters ---- */

SQL(three, "SELECT $1, $2, $3");
SQL(out_of_order, "SELECT $3, $1, $2");
SQL(repeated, "SELECT $2, $1, $2, $2");
SQL(two_digits, "SELECT $10, $1, $2, $3, $4, $5, $6, $7, $8, $9");
SQL(no_dollar, "SELECT ?");
SQL(named, "SELECT $name");
SQL(zero, "SELECT $0");
SQL(far, "SELECT $65");
SQL(two_statements, "SELECT 1; SELECT 2");
SQL(nothing, "  ");
SQL(nonsense, "SELEKT 1");
SQL(unknown_table, "SELECT * FROM nowhere");

static void arguments_go_to_their_numbers_in_any_order(void **state)
{
	struct bench *b = *state;
	struct rows r;

	assert_ok(sql_one(&b->tx, &out_of_order, ARGS(v_int(1), v_int(2), v_int(3)), &r));
	assert_int_equal(col_int(&r, 0), 3);
	assert_int_equal(col_int(&r, 1), 1);
	assert_int_equal(col_int(&r, 2), 2);
	assert_ok(sql_close(&r));
}

static void argument_may_be_used_more_than_once(void **state)
{
	struct bench *b = *state;
	struct rows r;

	assert_ok(sql_one(&b->tx, &repeated, ARGS(v_int(1), v_int(2)), &r));
	assert_int_equal(col_int(&r, 0), 2);
	assert_int_equal(col_int(&r, 1), 1);
	assert_int_equal(col_int(&r, 2), 2);
	assert_int_equal(col_int(&r, 3), 2);
	assert_ok(sql_close(&r));
}

static void ten_is_not_one_and_nought(void **state)
{
	struct bench *b = *state;
	struct rows r;

	assert_ok(sql_one(&b->tx, &two_digits, ARGS(v_int(1), v_int(2), v_int(3), v_int(4), v_int(5), v_int(6), v_int(7), v_int(8),
		v_int(9), v_int(10)), &r));
	assert_int_equal(col_int(&r, 0), 10);
	assert_int_equal(col_int(&r, 1), 1);
	assert_int_equal(col_int(&r, 9), 9);
	assert_ok(sql_close(&r));
}

static void arguments_of_an_earlier_use_do_not_stay(void **state)
{
	struct bench *b = *state;
	struct rows r;

	assert_ok(sql_one(&b->tx, &three, ARGS(v_int(1), v_int(2), v_int(3)), &r));
	assert_ok(sql_close(&r));
	assert_ok(sql_one(&b->tx, &three, ARGS(v_null(), v_int(5), v_null()), &r));
	assert_true(col_is_null(&r, 0));
	assert_int_equal(col_int(&r, 1), 5);
	assert_true(col_is_null(&r, 2));
	assert_ok(sql_close(&r));
}

static void wrong_number_of_arguments_is_refused(void **state)
{
	struct bench *b = *state;
	struct rows r;

	assert_err(sql_run(&b->tx, &three, ARGS(v_int(1), v_int(2)), NULL), INTERNAL);
	assert_err(sql_run(&b->tx, &three, ARGS(v_int(1), v_int(2), v_int(3), v_int(4)), NULL), INTERNAL);
	assert_err(sql_open(&b->tx, &three, NO_ARGS, &r), INTERNAL);
	assert_false(rows_next(&r));
	assert_err(sql_close(&r), INTERNAL);
}

static void other_parameters_are_refused(void **state)
{
	struct bench *b = *state;

	assert_err(sql_run(&b->tx, &no_dollar, ARGS(v_int(1)), NULL), INTERNAL);
	assert_err(sql_run(&b->tx, &named, ARGS(v_int(1)), NULL), INTERNAL);
	assert_err(sql_run(&b->tx, &zero, ARGS(v_int(1)), NULL), INTERNAL);
	assert_err(sql_run(&b->tx, &far, ARGS(v_int(1)), NULL), INTERNAL);
}

static void anything_but_one_statement_is_refused(void **state)
{
	struct bench *b = *state;

	assert_err(sql_run(&b->tx, &two_statements, NO_ARGS, NULL), INTERNAL);
	assert_err(sql_run(&b->tx, &nothing, NO_ARGS, NULL), INTERNAL);
}

static void what_the_engine_does_not_understand_is_an_error(void **state)
{
	struct bench *b = *state;

	assert_err(sql_prepares(&b->tx, &nonsense), STORAGE);
	assert_err(sql_prepares(&b->tx, &unknown_table), STORAGE);
	assert_ok(sql_prepares(&b->tx, &three));
}

/* ---- values ---- */

static struct slice text_of(struct bench *b, struct val v, bool *ret_null)
{
	struct rows r;
	static uint8_t copy[64];
	struct slice s;

	assert_ok(sql_one(&b->tx, &repeated, ARGS(v_null(), v), &r));
	s = v.type == VAL_TEXT ? col_text(&r, 0) : col_bytes(&r, 0);
	*ret_null = col_is_null(&r, 0);
	assert_true(s.n <= sizeof(copy));
	if (s.n)
		memcpy(copy, s.p, s.n);
	assert_ok(sql_close(&r));
	return slice_of(copy, s.n);
}

static int64_t int_of(struct bench *b, int64_t i)
{
	struct rows r;
	int64_t got;

	assert_ok(sql_one(&b->tx, &repeated, ARGS(v_null(), v_int(i)), &r));
	got = col_int(&r, 0);
	assert_ok(sql_close(&r));
	return got;
}

static void integers_have_64_bits(void **state)
{
	struct bench *b = *state;

	assert_true(int_of(b, INT64_MIN) == INT64_MIN);
	assert_true(int_of(b, INT64_MAX) == INT64_MAX);
	assert_true(int_of(b, 0) == 0);
}

static void texts_and_bytes_come_back_as_they_were(void **state)
{
	struct bench *b = *state;
	bool is_null;

	assert_slice_equal(text_of(b, v_text(S("größe")), &is_null), S("größe"));
	assert_slice_equal(text_of(b, v_text(S("a\0b")), &is_null), S("a\0b"));
	assert_slice_equal(text_of(b, v_bytes(S("\0\xff\x80")), &is_null), S("\0\xff\x80"));
}

static void empty_is_not_null(void **state)
{
	struct bench *b = *state;
	bool is_null;

	assert_int_equal(text_of(b, v_text((struct slice){ NULL, 0 }), &is_null).n, 0);
	assert_false(is_null);
	assert_int_equal(text_of(b, v_bytes((struct slice){ NULL, 0 }), &is_null).n, 0);
	assert_false(is_null);
}

static void empty_optional_value_is_null(void **state)
{
	struct bench *b = *state;
	bool is_null;

	assert_int_equal(text_of(b, v_text_opt(S("")), &is_null).n, 0);
	assert_true(is_null);
	assert_int_equal(text_of(b, v_bytes_opt(S("")), &is_null).n, 0);
	assert_true(is_null);
	text_of(b, v_text_opt(S("x")), &is_null);
	assert_false(is_null);
}

static void null_column_is_nought_and_empty(void **state)
{
	struct bench *b = *state;
	struct rows r;
	struct uuid none = { 0 }, got;

	assert_ok(sql_one(&b->tx, &repeated, ARGS(v_null(), v_null()), &r));
	got = col_uuid(&r, 0);
	assert_true(col_is_null(&r, 0));
	assert_int_equal(col_int(&r, 0), 0);
	assert_int_equal(col_text(&r, 0).n, 0);
	assert_int_equal(col_bytes(&r, 0).n, 0);
	assert_true(uuid_eq(&got, &none));
	assert_ok(sql_close(&r));
}

static void uuids_come_back_and_nothing_else_is_one(void **state)
{
	struct bench *b = *state;
	struct uuid id = uuid_v4(&env_system), none = { 0 }, got;
	struct rows r;

	assert_ok(sql_one(&b->tx, &three, ARGS(v_uuid(&id), v_bytes(S("fifteen bytes..")), v_int(7)), &r));
	got = col_uuid(&r, 0);
	assert_true(uuid_eq(&got, &id));
	got = col_uuid(&r, 1);
	assert_true(uuid_eq(&got, &none));
	got = col_uuid(&r, 2);
	assert_true(uuid_eq(&got, &none));
	assert_ok(sql_close(&r));
}

/* ---- running ---- */

SQL(thing_rename, "UPDATE thing SET name = $2 WHERE id >= $1");
SQL(thing_upsert, "INSERT INTO thing (id, name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING");
SQL(thing_returning, "INSERT INTO thing (id, name) VALUES ($1, $2) RETURNING id, name");
SQL(thing_ids, "SELECT id FROM thing ORDER BY id");
SQL(thing_strict_table, "CREATE TABLE strict_thing (id bigint NOT NULL, age bigint CHECK (age > 0))");
SQL(thing_strict_add, "INSERT INTO strict_thing (id, age) VALUES ($1, $2)");

static void changes_are_counted(void **state)
{
	struct bench *b = *state;
	int64_t changes = -1;

	for (int i = 0; i < 5; i++)
		assert_ok(add_thing(&b->tx, i));
	assert_ok(sql_run(&b->tx, &thing_rename, ARGS(v_int(3), v_null()), &changes));
	assert_int_equal(changes, 2);
	assert_ok(sql_run(&b->tx, &thing_rename, ARGS(v_int(9), v_null()), &changes));
	assert_int_equal(changes, 0);
	assert_ok(sql_run(&b->tx, &thing_upsert, ARGS(v_int(3), v_null()), &changes));
	assert_int_equal(changes, 0);
	assert_ok(sql_run(&b->tx, &thing_upsert, ARGS(v_int(30), v_null()), &changes));
	assert_int_equal(changes, 1);
	assert_ok(sql_run(&b->tx, &thing_ids, NO_ARGS, &changes));
	assert_int_equal(changes, 0);
}

static void rows_come_one_after_another(void **state)
{
	struct bench *b = *state;
	struct rows r;
	int64_t n = 0;

	for (int i = 0; i < 10; i++)
		assert_ok(add_thing(&b->tx, i));
	assert_ok(sql_open(&b->tx, &thing_ids, NO_ARGS, &r));
	while (rows_next(&r))
		assert_int_equal(col_int(&r, 0), n++);
	assert_int_equal(n, 10);
	assert_false(rows_next(&r)); /* and does not begin again */
	assert_ok(sql_close(&r));
}

static void statement_may_be_closed_half_way_and_used_again(void **state)
{
	struct bench *b = *state;
	struct rows r;

	for (int i = 0; i < 10; i++)
		assert_ok(add_thing(&b->tx, i));
	for (int i = 0; i < 3; i++) {
		assert_ok(sql_open(&b->tx, &thing_ids, NO_ARGS, &r));
		assert_true(rows_next(&r));
		assert_int_equal(col_int(&r, 0), 0);
		assert_ok(sql_close(&r));
	}
}

static void statement_that_is_being_read_cannot_be_opened_again(void **state)
{
	struct bench *b = *state;
	struct rows r, second;

	assert_ok(add_thing(&b->tx, 1));
	assert_ok(add_thing(&b->tx, 2));
	assert_ok(sql_open(&b->tx, &thing_ids, NO_ARGS, &r));
	assert_true(rows_next(&r));
	assert_err(sql_open(&b->tx, &thing_ids, NO_ARGS, &second), INTERNAL);
	assert_true(rows_next(&r));
	assert_ok(sql_close(&r));
}

static void no_row_is_told(void **state)
{
	struct bench *b = *state;
	struct rows r;

	assert_err(sql_one(&b->tx, &thing_ids, NO_ARGS, &r), NO_ROW);
	assert_err(sql_one(&b->tx, &thing_ids, NO_ARGS, &r), NO_ROW); /* it was closed */
}

static void returning_gives_the_row_that_was_written(void **state)
{
	struct bench *b = *state;
	struct rows r;

	assert_ok(sql_one(&b->tx, &thing_returning, ARGS(v_int(4), v_text(S("four"))), &r));
	assert_int_equal(col_int(&r, 0), 4);
	assert_slice_equal(col_text(&r, 1), S("four"));
	assert_ok(sql_close(&r));
	assert_int_equal(count_in(&b->tx), 1);
}

static void taken_primary_key_and_taken_unique_column_are_told(void **state)
{
	struct bench *b = *state;
	struct rows r;

	assert_ok(sql_run(&b->tx, &thing_add, ARGS(v_int(1), v_text(S("one"))), NULL));
	assert_err(sql_run(&b->tx, &thing_add, ARGS(v_int(1), v_text(S("two"))), NULL), TAKEN);
	assert_err(sql_run(&b->tx, &thing_add, ARGS(v_int(2), v_text(S("one"))), NULL), TAKEN);
	assert_err(sql_one(&b->tx, &thing_returning, ARGS(v_int(1), v_null()), &r), TAKEN);
	assert_ok(sql_run(&b->tx, &thing_add, ARGS(v_int(2), v_text(S("two"))), NULL));
}

static void other_broken_rules_are_not_taken(void **state)
{
	struct bench *b = *state;

	assert_ok(sql_run(&b->tx, &thing_strict_table, NO_ARGS, NULL));
	assert_err(sql_run(&b->tx, &thing_strict_add, ARGS(v_null(), v_int(1)), NULL), STORAGE);
	assert_err(sql_run(&b->tx, &thing_strict_add, ARGS(v_int(1), v_int(-1)), NULL), STORAGE);
}

/* ---- statements kept ---- */

static void statement_is_prepared_once(void **state)
{
	struct bench *b = *state;
	struct statement *first, *second;
	size_t used = b->tx.slots_used;

	assert_ok(statement_of(&b->tx, &three, &first));
	assert_ok(statement_of(&b->tx, &three, &second));
	assert_ptr_equal(first, second);
	assert_int_equal(b->tx.slots_used, used + 1);
}

static void statements_are_told_apart_by_their_declaration(void **state)
{
	enum { MANY = 500 };
	struct bench *b = *state;
	struct sql *many = xalloc(MANY * sizeof(*many));
	char (*texts)[32] = xalloc(MANY * sizeof(*texts));
	struct rows r;

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < MANY; i++) {
			snprintf(texts[i], sizeof(texts[i]), "SELECT %d", i);
			many[i] = (struct sql){ "many", texts[i] };
			assert_ok(sql_one(&b->tx, &many[i], NO_ARGS, &r));
			assert_int_equal(col_int(&r, 0), i);
			assert_ok(sql_close(&r));
		}
	}
	assert_true(b->tx.slots_used >= MANY && b->tx.slots_used < 2 * MANY);
	assert_true(b->tx.slots_count >= 2 * b->tx.slots_used - 2);
	statements_free(&b->tx);
	free(texts);
	free(many);
}

static void statement_that_does_not_prepare_is_not_kept(void **state)
{
	struct bench *b = *state;
	size_t used = b->tx.slots_used;

	assert_err(sql_run(&b->tx, &nonsense, NO_ARGS, NULL), STORAGE);
	assert_int_equal(b->tx.slots_used, used);
}

struct search {
	const struct sql *wanted;
	int found;
};

static void look(void *ctx, const struct sql *sql)
{
	struct search *search = ctx;

	search->found += sql == search->wanted;
}

static void every_declaration_is_listed_once(void **state)
{
	const struct sql *some[] = { &three, &nonsense, &thing_add, &thing_strict_add };

	(void)state;
	for (size_t i = 0; i < COUNT(some); i++) {
		struct search search = { some[i], 0 };

		sql_each_declared(look, &search);
		assert_int_equal(search.found, 1);
	}
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(arguments_go_to_their_numbers_in_any_order), TEST(argument_may_be_used_more_than_once),
		TEST(ten_is_not_one_and_nought), TEST(arguments_of_an_earlier_use_do_not_stay),
		TEST(wrong_number_of_arguments_is_refused), TEST(other_parameters_are_refused),
		TEST(anything_but_one_statement_is_refused), TEST(what_the_engine_does_not_understand_is_an_error),
		TEST(integers_have_64_bits), TEST(texts_and_bytes_come_back_as_they_were), TEST(empty_is_not_null),
		TEST(empty_optional_value_is_null), TEST(null_column_is_nought_and_empty),
		TEST(uuids_come_back_and_nothing_else_is_one), TEST(changes_are_counted), TEST(rows_come_one_after_another),
		TEST(statement_may_be_closed_half_way_and_used_again), TEST(statement_that_is_being_read_cannot_be_opened_again),
		TEST(no_row_is_told), TEST(returning_gives_the_row_that_was_written),
		TEST(taken_primary_key_and_taken_unique_column_are_told), TEST(other_broken_rules_are_not_taken),
		TEST(statement_is_prepared_once), TEST(statements_are_told_apart_by_their_declaration),
		TEST(statement_that_does_not_prepare_is_not_kept), TEST(every_declaration_is_listed_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "account/internal.h"
#include "tests/unit/common/test.h"

static void account_ids(void **state)
{
	char id[ACCOUNT_ID_BYTES_MAX + 1];

	(void)state;
	account_id_make(&env_system, true, id);
	assert_memory_equal(id, "a-spge-", 7);
	assert_int_equal(strlen(id), 27);
	account_id_make(&env_system, false, id);
	assert_memory_equal(id, "a-ppge-", 7);
}

static void organisation_ids(void **state)
{
	char id[ACCOUNT_ID_BYTES_MAX + 1];

	(void)state;
	organisation_id_make(&env_system, id);
	assert_memory_equal(id, "o-p-", 4);
	assert_int_equal(strlen(id), 24);
}

static bool is_word(struct slice word)
{
	for (size_t i = 0; i < word.n; i++)
		if (word.p[i] < 'a' || word.p[i] > 'z')
			return false;
	return word.n > 0;
}

/* Often enough to see most of the words. */
static void client_ids(void **state)
{
	(void)state;
	for (int i = 0; i < 5000; i++) {
		char id[CLIENT_ID_BYTES_MAX + 1];
		struct slice rest;
		uint64_t number;

		client_id_make(&env_system, "sandbox", id);
		rest = slice_text(id);
		assert_slice_equal(slice_cut(&rest, '-'), S("sandbox"));
		assert_true(is_word(slice_cut(&rest, '-')));
		assert_true(is_word(slice_cut(&rest, '-')));
		assert_int_equal(rest.n, 3);
		assert_ok(slice_u64(rest, &number));
		assert_in_range(number, 100, 999);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(account_ids),
		cmocka_unit_test(organisation_ids),
		cmocka_unit_test(client_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

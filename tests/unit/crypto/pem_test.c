#include "tests/unit/common/test.h"

#include "crypto/pem.h"

#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"

static struct arena a;

static void certificates_in_their_order(void **state)
{
	struct slice list[2];
	size_t n;

	(void)state;
	assert_ok(pem_certificates(&a, S("of us\n" BEGIN "\nAQ\r\nID\n" END "\nand of them\n" BEGIN "\nBAU=\n" END), list, 2, &n));
	assert_int_equal(n, 2);
	assert_true(slice_eq(list[0], S("\1\2\3")) && slice_eq(list[1], S("\4\5")));
	assert_ok(pem_certificates(&a, S("nothing"), list, 2, &n));
	assert_int_equal(n, 0);
	arena_free(&a);
}

static void what_is_none(void **state)
{
	struct slice list[1];
	size_t n;

	(void)state;
	assert_err(pem_certificates(&a, S(BEGIN "\nAQID\n"), list, 1, &n), CONFIG);
	assert_err(pem_certificates(&a, S(BEGIN "\nAQID\n" END BEGIN "\nAQID\n" END), list, 1, &n), CONFIG);
	assert_true(failed(pem_certificates(&a, S(BEGIN "\nA_ID\n" END), list, 1, &n)));
	arena_free(&a);
}

static void file_that_is_not_there(void **state)
{
	struct slice bytes;

	(void)state;
	assert_err(file_read(&a, "/nowhere/at/all.pem", &bytes), IO);
	assert_ok(file_read(&a, "/dev/null", &bytes));
	assert_int_equal(bytes.n, 0);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_in_their_order),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(file_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

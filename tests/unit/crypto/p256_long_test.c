/* The long form of points: both ways, against points that OpenSSL makes, and what is no point. */
#include "tests/unit/common/test.h"

#include <openssl/ec.h>
#include <openssl/evp.h>

#include "crypto/p256.h"

static void make(uint8_t ret_long[static P256_LONG_BYTES])
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	size_t n = 0;

	assert_int_equal(EVP_PKEY_get_octet_string_param(key, "pub", ret_long, P256_LONG_BYTES, &n), 1);
	assert_int_equal(n, P256_LONG_BYTES);
	EVP_PKEY_free(key);
}

static void there_and_back(void **state)
{
	uint8_t bytes[P256_LONG_BYTES], point[P256_POINT_BYTES], again[P256_LONG_BYTES];

	(void)state;
	for (int i = 0; i < 32; i++) {
		make(bytes);
		assert_ok(p256_from_long(slice_of(bytes, sizeof(bytes)), point));
		assert_ok(p256_check(slice_of(point, sizeof(point))));
		assert_int_equal(point[0], 2 + (bytes[64] & 1));
		assert_ok(p256_to_long(slice_of(point, sizeof(point)), again));
		assert_memory_equal(again, bytes, sizeof(bytes));
	}
}

static void what_is_no_point(void **state)
{
	uint8_t bytes[P256_LONG_BYTES + 1] = { 0 }, point[P256_POINT_BYTES], again[P256_LONG_BYTES];

	(void)state;
	make(bytes);
	assert_err(p256_from_long(slice_of(bytes, 64), point), CRYPTO);
	assert_err(p256_from_long(slice_of(bytes, 66), point), CRYPTO);
	assert_err(p256_from_long(S(""), point), CRYPTO);
	for (size_t i = 0; i < P256_LONG_BYTES; i++) {
		bytes[i] ^= 1;
		assert_err(p256_from_long(slice_of(bytes, P256_LONG_BYTES), point), CRYPTO);
		bytes[i] ^= 1;
	}
	memset(point, 0xff, sizeof(point));
	point[0] = 2;
	assert_err(p256_to_long(slice_of(point, sizeof(point)), again), CRYPTO);
	assert_err(p256_to_long(slice_of(point, 1), again), CRYPTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(what_is_no_point),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/common/test.h"

#include "crypto/hash.h"
#include "crypto/seal.h"
#include "tests/unit/common/vectors.h"

static struct arena a;
static struct keyring *keys, *other_keys;
static struct data_key key;
static uint8_t wrapped[WRAPPED_KEY_BYTES];

static int setup(void **state)
{
	uint8_t master[MASTER_KEY_BYTES] = { 1 };

	(void)state;
	keys = keyring_new(master);
	master[31] = 1;
	other_keys = keyring_new(master);
	data_key_new(keys, &env_system, S("place"), &key, wrapped);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	keyring_free(keys);
	keyring_free(other_keys);
	arena_free(&a);
	return 0;
}

static struct slice wrapped_key(void)
{
	return slice_of(wrapped, sizeof(wrapped));
}

static void key_id_is_16_digits_and_stable(void **state)
{
	uint8_t master[MASTER_KEY_BYTES] = { 1 };
	struct keyring *again = keyring_new(master);

	(void)state;
	assert_int_equal(strlen(keyring_id(keys)), MASTER_KEY_ID_TEXT);
	assert_int_equal(strspn(keyring_id(keys), "0123456789abcdef"), MASTER_KEY_ID_TEXT);
	assert_string_equal(keyring_id(keys), keyring_id(again));
	assert_string_not_equal(keyring_id(keys), keyring_id(other_keys));
	keyring_free(again);
}

static void data_key_comes_back(void **state)
{
	struct data_key back;

	(void)state;
	assert_ok(data_key_unwrap(keys, S("place"), wrapped_key(), &back));
	assert_memory_equal(back.b, key.b, DATA_KEY_BYTES);
}

static void data_key_is_refused_elsewhere(void **state)
{
	struct data_key back;

	(void)state;
	assert_err(data_key_unwrap(keys, S("place2"), wrapped_key(), &back), CRYPTO);
	assert_err(data_key_unwrap(other_keys, S("place"), wrapped_key(), &back), CRYPTO);
	assert_err(data_key_unwrap(keys, S("place"), slice_of(wrapped, WRAPPED_KEY_BYTES - 1), &back), CRYPTO);
	assert_err(data_key_unwrap(keys, S("place"), slice_of(NULL, 0), &back), CRYPTO);
}

/* A box under the wrapping key is no data key unless it has a data key's length. */
static void a_longer_wrapped_key_is_refused(void **state)
{
	uint8_t longer[WRAPPED_KEY_BYTES + 1] = { 0 };
	struct data_key back;

	(void)state;
	memcpy(longer, wrapped, sizeof(wrapped));
	assert_err(data_key_unwrap(keys, S("place"), slice_of(longer, sizeof(longer)), &back), CRYPTO);
}

static void boxes_come_back(void **state)
{
	static const char *const texts[] = { "", "x", "a longer text that fills more than one block of the cipher" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct slice box = seal(&key, &env_system, S("place"), slice_text(texts[i]), &a), plain;

		assert_int_equal(box.n, strlen(texts[i]) + SEAL_OVERHEAD);
		assert_ok(unseal(&key, S("place"), box, &a, &plain));
		assert_slice_equal(plain, slice_text(texts[i]));
	}
}

static void equal_texts_make_different_boxes(void **state)
{
	struct slice one = seal(&key, &env_system, S("p"), S("same"), &a), two = seal(&key, &env_system, S("p"), S("same"), &a);

	(void)state;
	assert_false(slice_eq(one, two));
}

static void a_moved_box_is_refused(void **state)
{
	struct slice box = seal(&key, &env_system, S("user.profile 1"), S("text"), &a), plain;

	(void)state;
	assert_err(unseal(&key, S("user.profile 2"), box, &a, &plain), CRYPTO);
	assert_err(unseal(&key, S(""), box, &a, &plain), CRYPTO);
}

static void any_altered_byte_is_refused(void **state)
{
	struct slice box = seal(&key, &env_system, S("place"), S("text"), &a), plain;
	uint8_t altered[64];

	(void)state;
	for (size_t i = 0; i < box.n; i++) {
		memcpy(altered, box.p, box.n);
		altered[i] ^= 1;
		assert_err(unseal(&key, S("place"), slice_of(altered, box.n), &a, &plain), CRYPTO);
	}
}

static void a_cut_box_is_refused(void **state)
{
	struct slice box = seal(&key, &env_system, S("place"), S("text"), &a), plain;

	(void)state;
	for (size_t n = 0; n < box.n; n++)
		assert_err(unseal(&key, S("place"), slice_of(box.p, n), &a, &plain), CRYPTO);
}

static void other_data_key_is_refused(void **state)
{
	struct slice box = seal(&key, &env_system, S("place"), S("text"), &a), plain;
	struct data_key other = key;

	(void)state;
	other.b[0] ^= 1;
	assert_err(unseal(&other, S("place"), box, &a, &plain), CRYPTO);
}

static void indexes_differ_by_every_input(void **state)
{
	uint8_t base[INDEX_BYTES], again[INDEX_BYTES], other[INDEX_BYTES];

	(void)state;
	seal_index(keys, S("ref"), S("account"), S("value"), base);
	seal_index(keys, S("ref"), S("account"), S("value"), again);
	assert_memory_equal(base, again, INDEX_BYTES);
	seal_index(keys, S("re"), S("account"), S("value"), other);
	assert_memory_not_equal(base, other, INDEX_BYTES);
	seal_index(keys, S("ref"), S("accoun"), S("tvalue"), other);
	assert_memory_not_equal(base, other, INDEX_BYTES);
	seal_index(keys, S("ref"), S("account"), S("valu"), other);
	assert_memory_not_equal(base, other, INDEX_BYTES);
	seal_index(other_keys, S("ref"), S("account"), S("value"), other);
	assert_memory_not_equal(base, other, INDEX_BYTES);
}

/* What lies in databases must still open after any change to this code. */
static void derivations_stay_as_they_are(void **state)
{
	uint8_t prk[SHA256_BYTES], index_key[SHA256_BYTES], want[INDEX_BYTES], got[INDEX_BYTES], master[MASTER_KEY_BYTES] = { 1 };

	(void)state;
	hkdf_extract(S("seal/v1"), slice_of(master, sizeof(master)), prk);
	hkdf_expand(prk, S("seal/v1 index key"), index_key, sizeof(index_key));
	hmac_sha256(slice_of(index_key, sizeof(index_key)), PARTS(S("kind\0scope\0value")), want);
	seal_index(keys, S("kind"), S("scope"), S("value"), got);
	assert_memory_equal(got, want, INDEX_BYTES);
	assert_string_equal(keyring_id(keys), "e83d5e0c2b9aa389");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_id_is_16_digits_and_stable),
		cmocka_unit_test(data_key_comes_back),
		cmocka_unit_test(data_key_is_refused_elsewhere),
		cmocka_unit_test(a_longer_wrapped_key_is_refused),
		cmocka_unit_test(boxes_come_back),
		cmocka_unit_test(equal_texts_make_different_boxes),
		cmocka_unit_test(a_moved_box_is_refused),
		cmocka_unit_test(any_altered_byte_is_refused),
		cmocka_unit_test(a_cut_box_is_refused),
		cmocka_unit_test(other_data_key_is_refused),
		cmocka_unit_test(indexes_differ_by_every_input),
		cmocka_unit_test(derivations_stay_as_they_are),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

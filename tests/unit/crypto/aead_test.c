#include "tests/unit/common/test.h"

#include "crypto/aead.h"
#include "tests/unit/common/vectors.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static struct slice joined(struct slice one, struct slice two)
{
	uint8_t *p = arena_alloc(&a, one.n + two.n + 1);

	if (one.n)
		memcpy(p, one.p, one.n);
	if (two.n)
		memcpy(p + one.n, two.p, two.n);
	return slice_of(p, one.n + two.n);
}

static void check_vector(json_t *test)
{
	struct slice key = vector_bytes(&a, test, "key"), nonce = vector_bytes(&a, test, "iv"), aad = vector_bytes(&a, test, "aad");
	struct slice plain = vector_bytes(&a, test, "msg");
	struct slice box = joined(vector_bytes(&a, test, "ct"), vector_bytes(&a, test, "tag"));
	uint8_t *out = arena_alloc(&a, box.n + 1);

	if (strcmp(vector_text(test, "result"), "valid") != 0) {
		assert_err(aead_open(key.p, nonce.p, aad, box, out), CRYPTO);
		return;
	}
	assert_ok(aead_open(key.p, nonce.p, aad, box, out));
	assert_slice_equal(slice_of(out, box.n - AEAD_TAG_BYTES), plain);
	aead_seal(key.p, nonce.p, aad, plain, out);
	assert_slice_equal(slice_of(out, box.n), box);
}

/* The same file has AES-128: only sealing, without additional data, is used. */
static void boxes_with_128_bits(void **state)
{
	json_t *root = vectors_load("wycheproof-aes-gcm.json"), *group, *test;
	size_t i, j, done = 0;

	(void)state;
	json_array_foreach(vector_member(root, "testGroups"), i, group) {
		if (json_integer_value(vector_member(group, "keySize")) != 8 * AEAD_KEY_BYTES_128 ||
			json_integer_value(vector_member(group, "ivSize")) != 8 * AEAD_NONCE_BYTES)
			continue;
		json_array_foreach(vector_member(group, "tests"), j, test) {
			struct slice plain = vector_bytes(&a, test, "msg"), box;
			uint8_t *out = arena_alloc(&a, plain.n + AEAD_TAG_BYTES);

			if (strcmp(vector_text(test, "result"), "valid") != 0 || vector_bytes(&a, test, "aad").n)
				continue;
			box = joined(vector_bytes(&a, test, "ct"), vector_bytes(&a, test, "tag"));
			aead_seal_128(vector_bytes(&a, test, "key").p, vector_bytes(&a, test, "iv").p, plain, out);
			assert_slice_equal(slice_of(out, box.n), box);
			done++;
		}
	}
	assert_true(done > 10);
	json_decref(root);
}

static void boxes_of_wycheproof(void **state)
{
	json_t *root = vectors_load("wycheproof-aes-gcm.json"), *group, *test;
	size_t i, j, done = 0;

	(void)state;
	json_array_foreach(vector_member(root, "testGroups"), i, group) {
		if (json_integer_value(vector_member(group, "keySize")) != 8 * AEAD_KEY_BYTES ||
			json_integer_value(vector_member(group, "ivSize")) != 8 * AEAD_NONCE_BYTES)
			continue;
		json_array_foreach(vector_member(group, "tests"), j, test) {
			check_vector(test);
			done++;
		}
	}
	assert_int_equal(done, 66);
	json_decref(root);
}

static const uint8_t key[AEAD_KEY_BYTES] = { 1, 2, 3 }, nonce[AEAD_NONCE_BYTES] = { 4, 5, 6 };

static void any_altered_bit_is_refused(void **state)
{
	uint8_t box[5 + AEAD_TAG_BYTES], out[5];

	(void)state;
	aead_seal(key, nonce, S("aad"), S("hello"), box);
	for (size_t bit = 0; bit < 8 * sizeof(box); bit++) {
		box[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_err(aead_open(key, nonce, S("aad"), slice_of(box, sizeof(box)), out), CRYPTO);
		box[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_ok(aead_open(key, nonce, S("aad"), slice_of(box, sizeof(box)), out));
}

static void other_key_nonce_or_aad_is_refused(void **state)
{
	uint8_t box[5 + AEAD_TAG_BYTES], out[5], other_key[AEAD_KEY_BYTES] = { 1, 2, 4 }, other_nonce[AEAD_NONCE_BYTES] = { 4 };
	struct slice all = slice_of(box, sizeof(box));

	(void)state;
	aead_seal(key, nonce, S("aad"), S("hello"), box);
	assert_err(aead_open(other_key, nonce, S("aad"), all, out), CRYPTO);
	assert_err(aead_open(key, other_nonce, S("aad"), all, out), CRYPTO);
	assert_err(aead_open(key, nonce, S("aae"), all, out), CRYPTO);
	assert_err(aead_open(key, nonce, S(""), all, out), CRYPTO);
}

static void short_boxes_are_refused(void **state)
{
	uint8_t box[5 + AEAD_TAG_BYTES], out[5];

	(void)state;
	aead_seal(key, nonce, S(""), S("hello"), box);
	for (size_t n = 0; n < sizeof(box); n++)
		assert_err(aead_open(key, nonce, S(""), slice_of(box, n), out), CRYPTO);
}

static void a_refused_box_leaves_no_plaintext(void **state)
{
	uint8_t box[5 + AEAD_TAG_BYTES], out[5] = { 9, 9, 9, 9, 9 };

	(void)state;
	aead_seal(key, nonce, S(""), S("hello"), box);
	box[sizeof(box) - 1] ^= 1;
	assert_err(aead_open(key, nonce, S(""), slice_of(box, sizeof(box)), out), CRYPTO);
	assert_memory_equal(out, "\0\0\0\0\0", 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boxes_with_128_bits),
		cmocka_unit_test(boxes_of_wycheproof),
		cmocka_unit_test(any_altered_bit_is_refused),
		cmocka_unit_test(other_key_nonce_or_aad_is_refused),
		cmocka_unit_test(short_boxes_are_refused),
		cmocka_unit_test(a_refused_box_leaves_no_plaintext),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

#include "tests/unit/common/test.h"

#include "crypto/p256.h"
#include "tests/unit/common/vectors.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

/* RFC 6979, A.2.5, with SHA-256. The first one's s is high there, n - s here. */
static void signatures_of_the_rfc(void **state)
{
	static const struct {
		const char *message, *signature;
	} known[] = {
		{ "sample", "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
			    "0834e36ad29a83bf2bc9385e491d6099c8fdf9d1ed67aa7ea5f51f93782857a9" },
		{ "test", "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
			  "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083" },
	};
	struct slice key = unhex(&a, "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
	uint8_t out[P256_SIG_BYTES];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_ok(p256_sign(key.p, PARTS(slice_text(known[i].message)), out));
		assert_slice_equal(slice_of(out, sizeof(out)), unhex(&a, known[i].signature));
	}
}

/* The device protocol's preimage (section 3): a label, the kind, the transcript hash, the JSON bytes. */
static void check_session_signature(const char *key, uint8_t kind, const char *hash, const char *text, const char *signature)
{
	struct slice parts[] = { S("rid-device/v1 sig\0"), slice_of(&kind, 1), unhex(&a, hash), slice_text(text) };
	uint8_t out[P256_SIG_BYTES], point[P256_POINT_BYTES];

	assert_ok(p256_sign(unhex(&a, key).p, parts, 4, out));
	assert_slice_equal(slice_of(out, sizeof(out)), unhex(&a, signature));
	assert_ok(p256_public(unhex(&a, key).p, point));
	assert_ok(p256_verify(slice_of(point, sizeof(point)), parts, 4, slice_of(out, sizeof(out))));
}

static void signatures_of_the_device_protocol(void **state)
{
	json_t *root = vectors_load("kat_rid_device_v1_session.json");
	json_t *start = vector_member(root, "start"), *pin = vector_member(root, "pin"), *finish = vector_member(root, "finish");
	const char *json = vector_text(finish, "json"), *dk = vector_text(root, "dk_private");

	(void)state;
	check_session_signature(dk, 1, vector_text(root, "th0"), vector_text(start, "json"), vector_text(start, "signature_dk"));
	check_session_signature(dk, 1, vector_text(pin, "th2"), json, vector_text(finish, "signature_dk"));
	check_session_signature(vector_text(pin, "pin_private"), 3, vector_text(pin, "th2"), json, vector_text(finish, "signature_pin"));
	json_decref(root);
}

static void a_signature_depends_on_key_and_message_alone(void **state)
{
	uint8_t key[P256_SCALAR_BYTES] = { 1 }, one[P256_SIG_BYTES], two[P256_SIG_BYTES];

	(void)state;
	assert_ok(p256_sign(key, PARTS(S("message")), one));
	assert_ok(p256_sign(key, PARTS(S("mess"), S("age")), two));
	assert_memory_equal(one, two, P256_SIG_BYTES);
	assert_ok(p256_sign(key, PARTS(S("other")), two));
	assert_memory_not_equal(one, two, 32); /* another nonce too, or the key would be lost */
	key[0] = 2;
	assert_ok(p256_sign(key, PARTS(S("message")), two));
	assert_memory_not_equal(one, two, 32);
}

/* Verification refuses a high s, so that this proves a low one. */
static void many_signatures_verify(void **state)
{
	uint8_t key[P256_SCALAR_BYTES], point[P256_POINT_BYTES], out[P256_SIG_BYTES];

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct slice message = slice_of(key, (size_t)i % 32);

		p256_generate(&env_system, key, point);
		assert_ok(p256_sign(key, &message, 1, out));
		assert_ok(p256_verify(slice_of(point, sizeof(point)), &message, 1, slice_of(out, sizeof(out))));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_of_the_rfc),
		cmocka_unit_test(signatures_of_the_device_protocol),
		cmocka_unit_test(a_signature_depends_on_key_and_message_alone),
		cmocka_unit_test(many_signatures_verify),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

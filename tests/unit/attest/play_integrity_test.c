/* Play Integrity: one synthetic token for each status, and every way to alter the good one. */
#include "attest/play_integrity.h"
#include "codec/encode.h"
#include "crypto/sign.h"
#include "tests/unit/common/test.h"
#include "tests/unit/common/vectors.h"

static struct arena a;
static json_t *file;
static struct play_integrity_policy policy;
static struct play_integrity_expected expected;

static struct slice b64_member(const char *name)
{
	struct slice bytes;

	assert_ok(b64_read(&a, slice_text(vector_text(file, name)), &bytes));
	return bytes;
}

static int setup(void **state)
{
	(void)state;
	file = vectors_load("play-integrity-synthetic.json");
	policy = (struct play_integrity_policy){ b64_member("decryption_key_b64"), b64_member("verification_key_spki_b64"),
		slice_text(vector_text(file, "package_name")) };
	expected = (struct play_integrity_expected){ slice_text(vector_text(file, "nonce")),
		json_integer_value(vector_member(file, "session_created_ms")), json_integer_value(vector_member(file, "session_expires_ms")) };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	json_decref(file);
	arena_free(&a);
	return 0;
}

static const char *status_of(struct slice token)
{
	return enum_text(&play_integrity_status_enum, (int)play_integrity_verify(&policy, &expected, token, &a));
}

static struct slice good_token(void)
{
	json_t *row = json_array_get(vector_member(file, "cases"), 0);

	assert_string_equal(vector_text(row, "expect"), "VERIFIED");
	return slice_text(vector_text(row, "token"));
}

static void each_status(void **state)
{
	json_t *row;
	size_t i;

	(void)state;
	json_array_foreach(vector_member(file, "cases"), i, row)
		assert_string_equal(status_of(slice_text(vector_text(row, "token"))), vector_text(row, "expect"));
	assert_int_equal(i, 12);
}

static void no_byte_of_a_token_can_be_altered(void **state)
{
	static const char others[] = "Az-.= ";
	struct slice token = good_token();
	uint8_t *altered = arena_alloc(&a, token.n);

	(void)state;
	for (size_t i = 0; i < token.n; i++) {
		memcpy(altered, token.p, token.n);
		altered[i] = (uint8_t)others[i % (sizeof(others) - 1)];
		if (altered[i] != token.p[i])
			assert_string_equal(status_of(slice_of(altered, token.n)), "FAILED_INVALID_JWS");
	}
}

static void no_byte_can_be_cut_off_or_added(void **state)
{
	struct slice token = good_token();

	(void)state;
	for (size_t n = 1; n < token.n; n += 7)
		assert_string_equal(status_of(slice_of(token.p, n)), "FAILED_INVALID_JWS");
	assert_string_equal(status_of(arena_printf(&a, "%.*s.", FMT(token))), "FAILED_INVALID_JWS");
	assert_string_equal(status_of(arena_printf(&a, "%.*sA", FMT(token))), "FAILED_INVALID_JWS");
	assert_string_equal(status_of(arena_printf(&a, ".%.*s", FMT(token))), "FAILED_INVALID_JWS");
}

static void token_of_other_keys(void **state)
{
	struct play_integrity_policy good = policy;
	uint8_t other[PLAY_INTEGRITY_KEY_BYTES];
	struct sign_key *key;

	(void)state;
	memcpy(other, good.decryption_key.p, sizeof(other));
	other[31] ^= 1;
	policy.decryption_key = slice_of(other, sizeof(other));
	assert_string_equal(status_of(good_token()), "FAILED_INVALID_JWS");
	policy = good;
	policy.decryption_key.n = 16;
	assert_string_equal(status_of(good_token()), "FAILED_INVALID_JWS");
	policy = good;
	assert_ok(sign_key_generate(SIGN_ES256, &key));
	policy.verification_key = sign_key_public(key, &a);
	sign_key_free(key);
	assert_string_equal(status_of(good_token()), "FAILED_INVALID_JWS");
	policy.verification_key = S("no key");
	assert_string_equal(status_of(good_token()), "FAILED_INVALID_JWS");
	policy = good;
	assert_string_equal(status_of(good_token()), "VERIFIED");
}

/* Nothing expected is not the same as an empty nonce. */
static void without_a_nonce_nothing_is_verified(void **state)
{
	struct play_integrity_expected good = expected;

	(void)state;
	expected.nonce = S("");
	assert_string_equal(status_of(good_token()), "FAILED_INCORRECT_NONCE");
	expected = good;
}

static void outside_the_session(void **state)
{
	struct play_integrity_expected good = expected;

	(void)state;
	expected.from_ms = good.until_ms;
	expected.until_ms = good.until_ms + 1000;
	assert_string_equal(status_of(good_token()), "FAILED_INVALID_TIMESTAMP");
	expected.from_ms = good.from_ms - 1000;
	expected.until_ms = good.from_ms;
	assert_string_equal(status_of(good_token()), "FAILED_INVALID_TIMESTAMP");
	expected = good;
}

/* Another algorithm in the header, with everything else as it was: refused before the library follows it. */
static void headers_that_are_refused(void **state)
{
	static const char *const headers[] = {
		"{\"alg\":\"dir\",\"enc\":\"A256GCM\"}", "{\"alg\":\"PBES2-HS512+A256KW\",\"enc\":\"A256GCM\",\"p2c\":2147483647,\"p2s\":\"AA\"}",
		"{\"alg\":\"A256KW\",\"enc\":\"A128CBC-HS256\"}", "{\"alg\":\"A256KW\",\"enc\":\"A256GCM\",\"zip\":\"DEF\"}",
		"{\"alg\":\"A256KW\",\"enc\":\"A256GCM\",\"crit\":[\"x\"],\"x\":1}", "{\"alg\":[\"A256KW\"],\"enc\":\"A256GCM\"}",
		"{\"alg\":\"A256KW\"}", "[]", "null", "{\"alg\":\"A256KW\",\"alg\":\"A256KW\",\"enc\":\"A256GCM\"}", "",
	};
	struct slice rest = good_token();

	(void)state;
	slice_cut(&rest, '.');
	for (size_t i = 0; i < COUNT(headers); i++) {
		struct slice token = arena_printf(&a, "%.*s.%.*s", FMT(b64url(&a, slice_text(headers[i]))), FMT(rest));

		assert_string_equal(status_of(token), "FAILED_INVALID_JWS");
	}
}

static void token_that_is_too_large(void **state)
{
	uint8_t *large = arena_alloc(&a, PLAY_INTEGRITY_TOKEN_BYTES_MAX + 1);

	(void)state;
	memset(large, 'A', PLAY_INTEGRITY_TOKEN_BYTES_MAX + 1);
	assert_string_equal(status_of(slice_of(large, PLAY_INTEGRITY_TOKEN_BYTES_MAX + 1)), "FAILED_INVALID_JWS");
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_status),
		TEST(no_byte_of_a_token_can_be_altered),
		TEST(no_byte_can_be_cut_off_or_added),
		TEST(token_of_other_keys),
		TEST(without_a_nonce_nothing_is_verified),
		TEST(outside_the_session),
		TEST(headers_that_are_refused),
		TEST(token_that_is_too_large),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

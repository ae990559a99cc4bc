/* App Attest: real samples of three iPhones up to Apple's root, synthetic good and bad ones, and every way to alter them. */
#include "attest/app_attest.h"
#include "base/timestamp.h"
#include "codec/encode.h"
#include "crypto/hash.h"
#include "tests/unit/common/test.h"
#include "tests/unit/common/vectors.h"

#define DAY_MS (24 * 60 * 60 * INT64_C(1000))

static struct arena a;
static json_t *samples, *synthetic;

static int setup(void **state)
{
	(void)state;
	samples = vectors_load("app-attest-samples.json");
	synthetic = vectors_load("app-attest-synthetic.json");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	json_decref(samples);
	json_decref(synthetic);
	arena_free(&a);
	return 0;
}

static struct slice b64_member(json_t *object, const char *name)
{
	struct slice bytes;

	assert_ok(b64_read(&a, slice_text(vector_text(object, name)), &bytes));
	return bytes;
}

/* ---- real samples ---- */

struct sample {
	struct app_attest_policy policy;
	struct slice key_id, object, hash, public_key;
	int64_t at;
};

static struct sample sample_of(json_t *v)
{
	bool development = strcmp(vector_text(v, "environment"), "development") == 0;
	struct sample s = {
		.policy = { app_attest_apple_root(&a), slice_text(vector_text(v, "appId")),
			development ? APP_ATTEST_DEVELOPMENT : APP_ATTEST_PRODUCTION },
		.key_id = b64_member(v, "keyId"),
		.object = b64_member(v, "object"),
		.hash = b64_member(v, "clientDataHash"),
		.public_key = b64_member(v, "publicKey"),
	};

	assert_ok(time_parse(slice_text(vector_text(v, "time")), &s.at));
	assert_int_equal(s.hash.n, SHA256_BYTES);
	return s;
}

static struct error attest_sample(const struct sample *s, struct slice *ret_public)
{
	return app_attest_attestation(&s->policy, s->key_id, s->object, s->hash.p, s->at, &a, ret_public);
}

static json_t *nth_of(const char *type, size_t n)
{
	json_t *v;
	size_t i;

	json_array_foreach(vector_member(samples, "samples"), i, v)
		if (strcmp(vector_text(v, "type"), type) == 0 && n-- == 0)
			return v;
	return NULL;
}

static struct sample first_attestation(void)
{
	return sample_of(nth_of("attestation", 0));
}

static void root_is_apples(void **state)
{
	static const char fingerprint[] = "1cb9823ba28ba6ad2d33a006941de2ae4f513ef1d4e831b9f7e0fa7b6242c932";
	uint8_t hash[SHA256_BYTES];

	(void)state;
	sha256(app_attest_apple_root(&a), hash);
	assert_slice_equal(slice_of(hash, sizeof(hash)), unhex(&a, fingerprint));
}

static void real_attestations_lead_to_apples_root(void **state)
{
	size_t n = 0;

	(void)state;
	for (json_t *v; (v = nth_of("attestation", n)); n++) {
		struct sample s = sample_of(v);
		struct slice public_key;

		assert_ok(attest_sample(&s, &public_key));
		assert_slice_equal(public_key, s.public_key);
	}
	assert_int_equal(n, 3);
}

static void real_assertions_verify(void **state)
{
	size_t n = 0;

	(void)state;
	for (json_t *v; (v = nth_of("assertion", n)); n++) {
		struct sample s = sample_of(v);
		uint32_t counter;

		assert_ok(app_attest_assertion(&s.policy, s.public_key, 0, s.object, s.hash.p, &a, &counter));
		assert_int_equal(counter, json_integer_value(vector_member(v, "counter")));
		assert_err(app_attest_assertion(&s.policy, s.public_key, counter, s.object, s.hash.p, &a, &counter), SIGNATURE);
	}
	assert_int_equal(n, 3);
}

static void leaf_of_another_time(void **state)
{
	struct sample s = first_attestation();
	struct slice public_key;

	(void)state;
	s.at += 10 * DAY_MS;
	assert_err(attest_sample(&s, &public_key), SIGNATURE);
	s.at -= 20 * DAY_MS;
	assert_err(attest_sample(&s, &public_key), SIGNATURE);
}

static void other_client_data(void **state)
{
	struct sample s = first_attestation();
	uint8_t hash[SHA256_BYTES];
	struct slice public_key;

	(void)state;
	for (size_t i = 0; i < sizeof(hash); i++) {
		memcpy(hash, s.hash.p, sizeof(hash));
		hash[i] ^= 1;
		assert_err(app_attest_attestation(&s.policy, s.key_id, s.object, hash, s.at, &a, &public_key), SIGNATURE);
	}
}

static void other_app_environment_key_or_root(void **state)
{
	struct sample good = first_attestation(), other = sample_of(nth_of("attestation", 1)), s = good;
	struct slice public_key;

	(void)state;
	s.policy.app_id = S("6MURL8TA57.de.vincent-haupert.apple-appattest-pod");
	assert_err(attest_sample(&s, &public_key), SIGNATURE);
	s = good;
	s.policy.place = APP_ATTEST_PRODUCTION;
	assert_err(attest_sample(&s, &public_key), SIGNATURE);
	s = good;
	s.key_id = other.key_id;
	assert_err(attest_sample(&s, &public_key), SIGNATURE);
	s = good;
	s.key_id = slice_of(s.key_id.p, s.key_id.n - 1);
	assert_err(attest_sample(&s, &public_key), SIGNATURE);
	s = good;
	s.policy.root = b64_member(synthetic, "root_cert_der_b64");
	assert_err(attest_sample(&s, &public_key), SIGNATURE);
}

static size_t place_of(struct slice bytes, struct slice wanted)
{
	size_t at = 0;

	while (at < bytes.n && !slice_starts(slice_of(bytes.p + at, bytes.n - at), wanted))
		at++;
	assert_true(at < bytes.n);
	return at;
}

/* The receipt is the only part that may differ: it is not verified here, and nothing is taken from it. */
static bool lies_in_receipt(struct slice object, size_t at)
{
	return at + 1 >= place_of(object, S("receipt")) && at < place_of(object, S("hauthData"));
}

static void no_byte_of_a_real_attestation_can_be_altered(void **state)
{
	struct sample s = first_attestation();
	uint8_t *altered = arena_alloc(&a, s.object.n);
	struct slice object = s.object, public_key;
	size_t refused = 0;

	(void)state;
	for (size_t i = 0; i < object.n; i++) {
		if (lies_in_receipt(object, i))
			continue;
		memcpy(altered, object.p, object.n);
		altered[i] ^= (uint8_t)(1 << i % 8);
		s.object = slice_of(altered, object.n);
		if (!failed(attest_sample(&s, &public_key)))
			fail_msg("byte %zu", i);
		refused++;
	}
	assert_true(refused > 1500);
}

static void no_byte_can_be_cut_off_or_added(void **state)
{
	struct sample s = first_attestation();
	struct slice object = s.object, public_key;
	uint8_t *longer = arena_alloc(&a, object.n + 1);

	(void)state;
	for (size_t n = 0; n < object.n; n += n < 64 ? 1 : 13) {
		struct slice box = boxed(slice_of(object.p, n));

		s.object = box;
		assert_true(failed(attest_sample(&s, &public_key)));
		unbox(box);
	}
	memcpy(longer, object.p, object.n);
	s.object = slice_of(longer, object.n + 1);
	assert_err(attest_sample(&s, &public_key), PARSE);
}

static void no_byte_of_a_real_assertion_can_be_altered(void **state)
{
	struct sample s = sample_of(nth_of("assertion", 0));
	uint8_t *altered = arena_alloc(&a, s.object.n);
	uint32_t counter;

	(void)state;
	for (size_t i = 0; i < s.object.n; i++) {
		memcpy(altered, s.object.p, s.object.n);
		altered[i] ^= (uint8_t)(1 << i % 8);
		if (!failed(app_attest_assertion(&s.policy, s.public_key, 0, slice_of(altered, s.object.n), s.hash.p, &a, &counter)))
			fail_msg("byte %zu", i);
	}
}

static void assertion_of_another_key(void **state)
{
	struct sample s = sample_of(nth_of("assertion", 0)), other = sample_of(nth_of("assertion", 1));
	uint32_t counter;

	(void)state;
	assert_err(app_attest_assertion(&s.policy, other.public_key, 0, s.object, s.hash.p, &a, &counter), SIGNATURE);
}

/* ---- synthetic: one row for each rule ---- */

static struct app_attest_policy synthetic_policy(const char *environment)
{
	return (struct app_attest_policy){
		.root = b64_member(synthetic, "root_cert_der_b64"),
		.app_id = slice_text(vector_text(synthetic, "app_id")),
		.place = strcmp(environment, "PRODUCTION") == 0 ? APP_ATTEST_PRODUCTION : APP_ATTEST_DEVELOPMENT,
	};
}

static struct error attest_row(json_t *row, struct slice *ret_public)
{
	struct app_attest_policy policy = synthetic_policy(vector_text(row, "environment"));

	return app_attest_attestation(&policy, b64_member(synthetic, "key_id_b64"), b64_member(row, "object_b64"),
		vector_bytes(&a, synthetic, "client_data_hash_hex").p, INT64_C(1760000000000), &a, ret_public);
}

static void synthetic_attestations(void **state)
{
	struct slice public_key;
	json_t *row;
	size_t i;

	(void)state;
	json_array_foreach(vector_member(synthetic, "attestations"), i, row) {
		bool good = strcmp(vector_text(row, "expect"), "VERIFIED") == 0;

		if (failed(attest_row(row, &public_key)) == good)
			fail_msg("%s", vector_text(row, "note"));
	}
	assert_int_equal(i, 8);
}

static void synthetic_assertions(void **state)
{
	struct app_attest_policy policy = synthetic_policy("PRODUCTION");
	uint8_t hash[SHA256_BYTES];
	struct slice public_key;
	json_t *row;
	size_t i;

	(void)state;
	assert_ok(attest_row(json_array_get(vector_member(synthetic, "attestations"), 0), &public_key));
	sha256(slice_text(vector_text(synthetic, "assertion_client_data")), hash);
	json_array_foreach(vector_member(synthetic, "assertions"), i, row) {
		bool good = strcmp(vector_text(row, "expect"), "VERIFIED") == 0;
		uint32_t stored = (uint32_t)json_integer_value(vector_member(row, "stored_counter")), counter = 0;

		if (failed(app_attest_assertion(&policy, public_key, stored, b64_member(row, "object_b64"), hash, &a, &counter)) == good)
			fail_msg("%s", vector_text(row, "note"));
		assert_true(!good || counter > stored);
	}
	assert_int_equal(i, 6);
}

static void objects_that_are_none(void **state)
{
	static const char *const rows[] = { "", "00", "a0", "80", "a163666d746f6170706c652d617070617474657374", "f6", "ff" };
	struct app_attest_policy policy = synthetic_policy("PRODUCTION");
	uint8_t hash[SHA256_BYTES] = { 0 }, *large = arena_alloc(&a, APP_ATTEST_OBJECT_BYTES_MAX + 1);
	struct slice public_key;
	uint32_t counter;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice object = unhex(&a, rows[i]);

		assert_err(app_attest_attestation(&policy, S(""), object, hash, 0, &a, &public_key), PARSE);
		assert_err(app_attest_assertion(&policy, S(""), 0, object, hash, &a, &counter), PARSE);
	}
	assert_err(app_attest_attestation(&policy, S(""), slice_of(large, APP_ATTEST_OBJECT_BYTES_MAX + 1), hash, 0, &a, &public_key), LIMIT);
	assert_err(app_attest_assertion(&policy, S(""), 0, slice_of(large, APP_ATTEST_OBJECT_BYTES_MAX + 1), hash, &a, &counter), LIMIT);
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(root_is_apples),
		TEST(real_attestations_lead_to_apples_root),
		TEST(real_assertions_verify),
		TEST(leaf_of_another_time),
		TEST(other_client_data),
		TEST(other_app_environment_key_or_root),
		TEST(no_byte_of_a_real_attestation_can_be_altered),
		TEST(no_byte_can_be_cut_off_or_added),
		TEST(no_byte_of_a_real_assertion_can_be_altered),
		TEST(assertion_of_another_key),
		TEST(synthetic_attestations),
		TEST(synthetic_assertions),
		TEST(objects_that_are_none),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

#include "tests/unit/common/test.h"

#include "base/buf.h"
#include "crypto/hash.h"
#include "crypto/oprf.h"
#include "tests/unit/common/scripted.h"
#include "tests/unit/common/vectors.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static void key_of_the_rfc(void **state)
{
	json_t *root = vectors_load("oprf-p256-sha256.json"), *v = json_array_get(root, 0);
	uint8_t key[P256_SCALAR_BYTES];

	(void)state;
	assert_int_equal(json_integer_value(vector_member(v, "mode")), 0);
	oprf_derive_key(vector_bytes(&a, v, "seed").p, vector_bytes(&a, v, "keyInfo"), key);
	assert_slice_equal(slice_of(key, sizeof(key)), vector_bytes(&a, v, "skSm"));
	json_decref(root);
}

static void check_run(const uint8_t *key, struct slice input, struct slice blind, struct slice blinded, struct slice evaluated,
	struct slice output)
{
	uint8_t element[P256_POINT_BYTES], out[OPRF_OUTPUT_BYTES];

	assert_ok(oprf_blind_with(blind.p, input, element));
	assert_slice_equal(slice_of(element, sizeof(element)), blinded);
	assert_ok(oprf_evaluate(key, blinded, element));
	assert_slice_equal(slice_of(element, sizeof(element)), evaluated);
	assert_ok(oprf_finalize(input, blind.p, evaluated, out));
	assert_slice_equal(slice_of(out, sizeof(out)), output);
}

static void runs_of_the_rfc(void **state)
{
	json_t *root = vectors_load("oprf-p256-sha256.json"), *v = json_array_get(root, 0), *run;
	size_t i;

	(void)state;
	json_array_foreach(vector_member(v, "vectors"), i, run)
		check_run(vector_bytes(&a, v, "skSm").p, vector_bytes(&a, run, "Input"), vector_bytes(&a, run, "Blind"),
			vector_bytes(&a, run, "BlindedElement"), vector_bytes(&a, run, "EvaluationElement"), vector_bytes(&a, run, "Output"));
	assert_int_equal(i, 2);
	json_decref(root);
}

/* Modes 1 and 2 hash with other tags: their blinded elements must not come out. */
static void other_modes_are_others(void **state)
{
	json_t *root = vectors_load("oprf-p256-sha256.json");

	(void)state;
	for (size_t mode = 1; mode <= 2; mode++) {
		json_t *run = json_array_get(vector_member(json_array_get(root, mode), "vectors"), 0);
		uint8_t element[P256_POINT_BYTES];

		assert_ok(oprf_blind_with(vector_bytes(&a, run, "Blind").p, vector_bytes(&a, run, "Input"), element));
		assert_false(slice_eq(slice_of(element, sizeof(element)), vector_bytes(&a, run, "BlindedElement")));
	}
	json_decref(root);
}

/* Device protocol, 5.1: k out of a salt key and the credential's name. */
static void derive_protocol_key(json_t *v, struct slice name, const char *label, const char *info, uint8_t *ret_key)
{
	uint8_t seed[OPRF_SEED_BYTES];

	hkdf(vector_bytes(&a, v, "salt_key"), name, slice_text(label), seed, sizeof(seed));
	oprf_derive_key(seed, slice_text(info), ret_key);
}

static struct slice joined(struct slice one, struct slice two)
{
	struct buf b = buf_arena(&a, 100);

	buf_slice(&b, one);
	buf_slice(&b, two);
	return buf_bytes(&b);
}

static void pin_of_the_device_protocol(void **state)
{
	json_t *root = vectors_load("kat_rid_device_v1.json"), *v = vector_member(root, "pin");
	struct slice name = joined(vector_bytes(&a, v, "registration_id"), vector_bytes(&a, v, "credential_id"));
	uint8_t key[P256_SCALAR_BYTES], wide[P256_WIDE_BYTES], sign_key[P256_SCALAR_BYTES], point[P256_POINT_BYTES];

	(void)state;
	derive_protocol_key(v, name, "rid-pin-oprf", "rid-device/v1 pin", key);
	assert_slice_equal(slice_of(key, sizeof(key)), vector_bytes(&a, v, "k_reg"));
	check_run(key, vector_bytes(&a, v, "oprf_input"), vector_bytes(&a, v, "blind"), vector_bytes(&a, v, "blinded"),
		vector_bytes(&a, v, "evaluated"), vector_bytes(&a, v, "oprf_output"));
	hkdf(name, vector_bytes(&a, v, "oprf_output"), S("rid-device/v1 pin-sign"), wide, sizeof(wide));
	p256_private_from_wide(wide, sign_key);
	assert_slice_equal(slice_of(sign_key, sizeof(sign_key)), vector_bytes(&a, v, "pin_sign_key"));
	assert_ok(p256_public(sign_key, point));
	assert_slice_equal(slice_of(point, sizeof(point)), vector_bytes(&a, v, "pin_sign_pub"));
	json_decref(root);
}

static void session_pin_of_the_device_protocol(void **state)
{
	json_t *root = vectors_load("kat_rid_device_v1_session.json"), *v = vector_member(root, "pin");

	(void)state;
	check_run(vector_bytes(&a, v, "oprf_key").p, vector_bytes(&a, v, "oprf_input"), vector_bytes(&a, v, "blind"),
		vector_bytes(&a, v, "blinded"), vector_bytes(&a, v, "evaluated"), vector_bytes(&a, v, "oprf_output"));
	json_decref(root);
}

static void recovery_of_the_device_protocol(void **state)
{
	json_t *root = vectors_load("kat_rid_device_v1_session.json"), *v = vector_member(root, "recovery");
	uint8_t key[P256_SCALAR_BYTES];

	(void)state;
	derive_protocol_key(vector_member(root, "pin"), vector_bytes(&a, v, "recovery_id"), "rid-rec-oprf", "rid-device/v1 rec", key);
	assert_slice_equal(slice_of(key, sizeof(key)), vector_bytes(&a, v, "oprf_key"));
	check_run(key, vector_bytes(&a, v, "oprf_input"), vector_bytes(&a, v, "blind"), vector_bytes(&a, v, "blinded"),
		vector_bytes(&a, v, "evaluated"), vector_bytes(&a, v, "oprf_output"));
	json_decref(root);
}

static void run(const uint8_t *key, struct slice input, uint8_t ret_output[static OPRF_OUTPUT_BYTES])
{
	uint8_t blind[P256_SCALAR_BYTES], element[P256_POINT_BYTES];

	assert_ok(oprf_blind(&env_system, input, blind, element));
	assert_ok(oprf_evaluate(key, slice_of(element, sizeof(element)), element));
	assert_ok(oprf_finalize(input, blind, slice_of(element, sizeof(element)), ret_output));
}

static void the_blind_does_not_show_in_the_output(void **state)
{
	const uint8_t key[P256_SCALAR_BYTES] = { 7 };
	uint8_t one[OPRF_OUTPUT_BYTES], two[OPRF_OUTPUT_BYTES];

	(void)state;
	run(key, S("1234"), one);
	run(key, S("1234"), two);
	assert_memory_equal(one, two, OPRF_OUTPUT_BYTES);
	run(key, S("1235"), two);
	assert_memory_not_equal(one, two, OPRF_OUTPUT_BYTES);
}

static void blinds_are_drawn_until_one_is_good(void **state)
{
	struct slice random = unhex(&a, "0000000000000000000000000000000000000000000000000000000000000000"
					"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
					"0000000000000000000000000000000000000000000000000000000000000005");
	struct scripted s = scripted_env(random);
	uint8_t blind[P256_SCALAR_BYTES], element[P256_POINT_BYTES];

	(void)state;
	assert_ok(oprf_blind(&s.env, S("input"), blind, element));
	assert_memory_equal(blind, random.p + 64, sizeof(blind));
}

static void bad_elements_are_refused(void **state)
{
	static const char *const bad[] = { "", "00", "000000000000000000000000000000000000000000000000000000000000000000",
		"020000000000000000000000000000000000000000000000000000000000000001",
		"02ffffffff00000001000000000000000000000000ffffffffffffffffffffffff" };
	const uint8_t scalar[P256_SCALAR_BYTES] = { 7 };
	uint8_t out[P256_POINT_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_err(oprf_evaluate(scalar, unhex(&a, bad[i]), out), CRYPTO);
		assert_err(oprf_finalize(S("input"), scalar, unhex(&a, bad[i]), out), CRYPTO);
	}
}

static void bad_blinds_are_refused(void **state)
{
	struct slice element = unhex(&a, "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296");
	const uint8_t zero[P256_SCALAR_BYTES] = { 0 };
	uint8_t out[P256_POINT_BYTES], ones[P256_SCALAR_BYTES];

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	assert_err(oprf_blind_with(zero, S("input"), out), CRYPTO);
	assert_err(oprf_blind_with(ones, S("input"), out), CRYPTO);
	assert_err(oprf_finalize(S("input"), zero, element, out), CRYPTO);
	assert_err(oprf_finalize(S("input"), ones, element, out), CRYPTO);
}

static void inputs_have_a_maximum(void **state)
{
	struct slice element = unhex(&a, "036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296");
	const uint8_t scalar[P256_SCALAR_BYTES] = { 7 }, *input = arena_alloc(&a, 65536);
	uint8_t out[P256_POINT_BYTES];

	(void)state;
	assert_ok(oprf_blind_with(scalar, slice_of(input, 65535), out));
	assert_err(oprf_blind_with(scalar, slice_of(input, 65536), out), LIMIT);
	assert_ok(oprf_finalize(slice_of(input, 65535), scalar, element, out));
	assert_err(oprf_finalize(slice_of(input, 65536), scalar, element, out), LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_of_the_rfc),
		cmocka_unit_test(runs_of_the_rfc),
		cmocka_unit_test(other_modes_are_others),
		cmocka_unit_test(pin_of_the_device_protocol),
		cmocka_unit_test(session_pin_of_the_device_protocol),
		cmocka_unit_test(recovery_of_the_device_protocol),
		cmocka_unit_test(the_blind_does_not_show_in_the_output),
		cmocka_unit_test(blinds_are_drawn_until_one_is_good),
		cmocka_unit_test(bad_elements_are_refused),
		cmocka_unit_test(bad_blinds_are_refused),
		cmocka_unit_test(inputs_have_a_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

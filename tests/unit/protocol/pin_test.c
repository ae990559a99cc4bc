#include "tests/unit/common/test.h"

#include "protocol/pin.h"
#include "tests/unit/common/scripted.h"
#include "tests/unit/common/vectors.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

struct run {
	uint8_t input[SHA256_BYTES], blind[P256_SCALAR_BYTES], blinded[P256_POINT_BYTES], evaluated[P256_POINT_BYTES];
	uint8_t private_key[P256_SCALAR_BYTES], public_key[P256_POINT_BYTES];
};

/* The whole way from a PIN to its key, on both sides. */
static struct run run(const struct env *env, const struct pin_id *id, const uint8_t *ds, const uint8_t *salt_key, struct slice pin)
{
	struct run r;

	assert_ok(pin_blind(env, id, ds, pin, r.input, r.blind, r.blinded));
	assert_ok(pin_evaluate(salt_key, id, slice_of(r.blinded, sizeof(r.blinded)), r.evaluated));
	assert_ok(pin_key(id, r.input, r.blind, slice_of(r.evaluated, sizeof(r.evaluated)), r.private_key));
	assert_ok(p256_public(r.private_key, r.public_key));
	return r;
}

#define CHECK(part, v, name) assert_slice_equal(slice_of(part, sizeof(part)), vector_bytes(&a, v, name))

static void check_vector(json_t *v, struct slice registration, const char *private_name, const char *public_name)
{
	struct scripted s = scripted_env(vector_bytes(&a, v, "blind"));
	struct uuid reg;
	struct pin_id id;
	struct run r;

	memcpy(reg.b, registration.p, UUID_BYTES);
	id = pin_id_of(&reg, vector_bytes(&a, v, "credential_id").p);
	r = run(&s.env, &id, vector_bytes(&a, v, "device_secret").p, vector_bytes(&a, v, "salt_key").p, slice_text(vector_text(v, "pin")));
	CHECK(r.input, v, "oprf_input");
	CHECK(r.blind, v, "blind");
	CHECK(r.blinded, v, "blinded");
	CHECK(r.evaluated, v, "evaluated");
	CHECK(r.private_key, v, private_name);
	CHECK(r.public_key, v, public_name);
}

static void key_of_the_first_vector(void **state)
{
	json_t *root = vectors_load("kat_rid_device_v1.json"), *v = vector_member(root, "pin");

	(void)state;
	check_vector(v, vector_bytes(&a, v, "registration_id"), "pin_sign_key", "pin_sign_pub");
	json_decref(root);
}

static void key_of_the_session(void **state)
{
	json_t *root = vectors_load("kat_rid_device_v1_session.json"), *v = vector_member(root, "pin");
	struct uuid reg;

	(void)state;
	assert_ok(uuid_parse(slice_text(vector_text(root, "registration_id")), &reg));
	check_vector(v, uuid_bytes(&reg), "pin_private", "pin_public");
	json_decref(root);
}

/* Whatever goes into a key makes another key when it is another. */
static void everything_counts(void **state)
{
	const struct pin_id id = { { 1 } }, other_id = { { 2 } };
	const uint8_t one[32] = { 1 }, two[32] = { 2 };
	struct run first = run(&env_system, &id, one, one, S("1234")), again = run(&env_system, &id, one, one, S("1234"));

	(void)state;
	assert_memory_equal(first.private_key, again.private_key, P256_SCALAR_BYTES);
	assert_memory_not_equal(first.blinded, again.blinded, P256_POINT_BYTES);
	again = run(&env_system, &id, one, one, S("1235"));
	assert_memory_not_equal(first.private_key, again.private_key, P256_SCALAR_BYTES);
	again = run(&env_system, &id, two, one, S("1234"));
	assert_memory_not_equal(first.private_key, again.private_key, P256_SCALAR_BYTES);
	again = run(&env_system, &id, one, two, S("1234"));
	assert_memory_not_equal(first.private_key, again.private_key, P256_SCALAR_BYTES);
	again = run(&env_system, &other_id, one, one, S("1234"));
	assert_memory_not_equal(first.private_key, again.private_key, P256_SCALAR_BYTES);
}

static void bad_elements(void **state)
{
	static const char *const bad[] = { "", "00", "000000000000000000000000000000000000000000000000000000000000000000",
		"020000000000000000000000000000000000000000000000000000000000000001" };
	const struct pin_id id = { { 1 } };
	const uint8_t key[32] = { 1 };
	uint8_t out[P256_POINT_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_err(pin_evaluate(key, &id, unhex(&a, bad[i]), out), CRYPTO);
		assert_err(pin_key(&id, key, key, unhex(&a, bad[i]), out), CRYPTO);
	}
}

static void pins_have_a_maximum(void **state)
{
	const struct pin_id id = { { 1 } };
	const uint8_t ds[32] = { 1 }, *pin = arena_alloc(&a, PIN_BYTES_MAX + 1);
	struct run r;

	(void)state;
	assert_ok(pin_blind(&env_system, &id, ds, slice_of(pin, PIN_BYTES_MAX), r.input, r.blind, r.blinded));
	assert_err(pin_blind(&env_system, &id, ds, slice_of(pin, PIN_BYTES_MAX + 1), r.input, r.blind, r.blinded), LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_of_the_first_vector),
		cmocka_unit_test(key_of_the_session),
		cmocka_unit_test(everything_counts),
		cmocka_unit_test(bad_elements),
		cmocka_unit_test(pins_have_a_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

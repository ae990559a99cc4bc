#include "tests/unit/common/test.h"

#include "protocol/transcript.h"
#include "tests/unit/common/vectors.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static struct transcript transcript_of(struct slice th)
{
	struct transcript t;

	assert_int_equal(th.n, SHA256_BYTES);
	memcpy(t.th, th.p, SHA256_BYTES);
	return t;
}

static void advance(struct transcript *t, json_t *v)
{
	transcript_advance(t, vector_bytes(&a, v, "plaintext"), slice_text(vector_text(v, "answer_json")));
}

static void the_whole_session(void **state)
{
	json_t *root = vectors_load("kat_rid_device_v1_session.json");
	struct transcript t = transcript_start(slice_text(vector_text(root, "application_id")));

	(void)state;
	assert_slice_equal(slice_of(t.th, SHA256_BYTES), vector_bytes(&a, root, "th0"));
	advance(&t, vector_member(root, "start"));
	assert_slice_equal(slice_of(t.th, SHA256_BYTES), vector_bytes(&a, vector_member(root, "start"), "th1"));
	advance(&t, vector_member(root, "pin"));
	assert_slice_equal(slice_of(t.th, SHA256_BYTES), vector_bytes(&a, vector_member(root, "pin"), "th2"));
	advance(&t, vector_member(root, "finish"));
	assert_slice_equal(slice_of(t.th, SHA256_BYTES), vector_bytes(&a, vector_member(root, "finish"), "th3"));
	json_decref(root);
}

static void advance_by_hashes(void **state)
{
	struct transcript one = transcript_start(S("id")), two = one;
	uint8_t request[SHA256_BYTES], answer[SHA256_BYTES];

	(void)state;
	sha256(S("request"), request);
	sha256(S("answer"), answer);
	transcript_advance(&one, S("request"), S("answer"));
	transcript_advance_hashed(&two, request, answer);
	assert_memory_equal(&one, &two, sizeof(one));
}

/* Made and verified, and made again from the preimage alone. */
static void check_signature(const struct transcript *t, enum signature_kind kind, struct slice json, struct slice private_key,
	struct slice public_key, struct slice want)
{
	struct slice preimage = transcript_preimage(t, kind, json, &a);
	uint8_t made[P256_SIG_BYTES];

	assert_ok(transcript_sign(t, kind, json, private_key.p, made));
	assert_slice_equal(slice_of(made, sizeof(made)), want);
	assert_ok(transcript_verify(t, kind, json, public_key, want));
	assert_ok(p256_sign(private_key.p, &preimage, 1, made));
	assert_slice_equal(slice_of(made, sizeof(made)), want);
}

static void signature_of_the_start(void **state)
{
	json_t *root = vectors_load("kat_rid_device_v1_session.json"), *v = vector_member(root, "start");
	struct transcript t = transcript_of(vector_bytes(&a, root, "th0"));

	(void)state;
	check_signature(&t, SIG_DEVICE, slice_text(vector_text(v, "json")), vector_bytes(&a, root, "dk_private"),
		vector_bytes(&a, root, "dk_public"), vector_bytes(&a, v, "signature_dk"));
	json_decref(root);
}

static void signatures_of_the_finish(void **state)
{
	json_t *root = vectors_load("kat_rid_device_v1_session.json"), *v = vector_member(root, "finish"), *pin = vector_member(root, "pin");
	struct transcript t = transcript_of(vector_bytes(&a, pin, "th2"));
	struct slice json = slice_text(vector_text(v, "json"));

	(void)state;
	check_signature(&t, SIG_DEVICE, json, vector_bytes(&a, root, "dk_private"), vector_bytes(&a, root, "dk_public"),
		vector_bytes(&a, v, "signature_dk"));
	check_signature(&t, SIG_PIN, json, vector_bytes(&a, pin, "pin_private"), vector_bytes(&a, pin, "pin_public"),
		vector_bytes(&a, v, "signature_pin"));
	json_decref(root);
}

/* ---- refusals ---- */

struct signed_text {
	struct transcript t;
	uint8_t private_key[P256_SCALAR_BYTES], point[P256_POINT_BYTES], signature[P256_SIG_BYTES];
};

static int setup(void **state)
{
	struct signed_text *s = xalloc(sizeof(*s));

	s->t = transcript_start(S("application"));
	p256_generate(&env_system, s->private_key, s->point);
	assert_ok(transcript_sign(&s->t, SIG_DEVICE, S("{}"), s->private_key, s->signature));
	*state = s;
	return 0;
}

static int free_state(void **state)
{
	free(*state);
	return 0;
}

static struct error verified(const struct signed_text *s)
{
	return transcript_verify(&s->t, SIG_DEVICE, S("{}"), slice_of(s->point, sizeof(s->point)), slice_of(s->signature, sizeof(s->signature)));
}

static void every_bit_of_the_signature(void **state)
{
	struct signed_text *s = *state;

	for (size_t bit = 0; bit < sizeof(s->signature) * 8; bit++) {
		s->signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_err(verified(s), SIGNATURE);
		s->signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_ok(verified(s));
}

static void another_transcript(void **state)
{
	struct signed_text *s = *state;

	for (size_t bit = 0; bit < SHA256_BYTES * 8; bit++) {
		s->t.th[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_err(verified(s), SIGNATURE);
		s->t.th[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void another_kind_or_text(void **state)
{
	struct signed_text *s = *state;
	struct slice point = slice_of(s->point, sizeof(s->point)), signature = slice_of(s->signature, sizeof(s->signature));

	for (enum signature_kind kind = SIG_HARDWARE; kind <= SIG_NEW_RECOVERY; kind++)
		assert_err(transcript_verify(&s->t, kind, S("{}"), point, signature), SIGNATURE);
	assert_err(transcript_verify(&s->t, SIG_DEVICE, S("{} "), point, signature), SIGNATURE);
	assert_err(transcript_verify(&s->t, SIG_DEVICE, S(""), point, signature), SIGNATURE);
}

static void lengths_other_than_64(void **state)
{
	struct signed_text *s = *state;
	struct slice point = slice_of(s->point, sizeof(s->point));
	uint8_t longer[P256_SIG_BYTES + 1] = { 0 };

	memcpy(longer, s->signature, P256_SIG_BYTES);
	for (size_t n = 0; n <= sizeof(longer); n++)
		if (n != P256_SIG_BYTES)
			assert_err(transcript_verify(&s->t, SIG_DEVICE, S("{}"), point, slice_of(longer, n)), SIGNATURE);
}

/* s is replaced by n - s, which any plain ECDSA takes. */
static void a_high_s(void **state)
{
	struct signed_text *s = *state;
	const uint8_t *order = unhex(&a, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551").p;
	int borrow = 0;

	for (int i = 31; i >= 0; i--) {
		int digit = order[i] - s->signature[32 + i] - borrow;

		borrow = digit < 0;
		s->signature[32 + i] = (uint8_t)(digit + 256 * borrow);
	}
	assert_err(verified(s), SIGNATURE);
}

static void zero_and_order_as_r_or_s(void **state)
{
	struct signed_text *s = *state;
	const uint8_t *order = unhex(&a, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551").p;
	uint8_t good[P256_SIG_BYTES];

	memcpy(good, s->signature, sizeof(good));
	for (size_t at = 0; at <= 32; at += 32) {
		memset(s->signature + at, 0, 32);
		assert_err(verified(s), SIGNATURE);
		memcpy(s->signature + at, order, 32);
		assert_err(verified(s), SIGNATURE);
		memcpy(s->signature, good, sizeof(good));
	}
}

static void bad_points(void **state)
{
	static const char *const bad[] = { "", "00", "000000000000000000000000000000000000000000000000000000000000000000",
		"020000000000000000000000000000000000000000000000000000000000000001",
		"02ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
		"046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" };
	struct signed_text *s = *state;

	for (size_t i = 0; i < COUNT(bad); i++)
		assert_err(transcript_verify(&s->t, SIG_DEVICE, S("{}"), unhex(&a, bad[i]), slice_of(s->signature, 64)), CRYPTO);
}

static void bad_private_keys(void **state)
{
	struct signed_text *s = *state;
	const uint8_t zero[P256_SCALAR_BYTES] = { 0 };

	assert_err(transcript_sign(&s->t, SIG_DEVICE, S("{}"), zero, s->signature), CRYPTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_session),
		cmocka_unit_test(advance_by_hashes),
		cmocka_unit_test(signature_of_the_start),
		cmocka_unit_test(signatures_of_the_finish),
		cmocka_unit_test_setup_teardown(every_bit_of_the_signature, setup, free_state),
		cmocka_unit_test_setup_teardown(another_transcript, setup, free_state),
		cmocka_unit_test_setup_teardown(another_kind_or_text, setup, free_state),
		cmocka_unit_test_setup_teardown(lengths_other_than_64, setup, free_state),
		cmocka_unit_test_setup_teardown(a_high_s, setup, free_state),
		cmocka_unit_test_setup_teardown(zero_and_order_as_r_or_s, setup, free_state),
		cmocka_unit_test_setup_teardown(bad_points, setup, free_state),
		cmocka_unit_test_setup_teardown(bad_private_keys, setup, free_state),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

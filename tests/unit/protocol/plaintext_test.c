#include "tests/unit/common/test.h"

#include "protocol/plaintext.h"
#include "tests/unit/common/vectors.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

/* A plaintext with these kinds, each with a signature of n bytes. */
static struct slice with_kinds(const uint8_t *kinds, size_t count, size_t n)
{
	struct buf b = buf_arena(&a, 10000);

	buf_u32(&b, 2);
	buf_text(&b, "{}");
	buf_byte(&b, (uint8_t)count);
	for (size_t i = 0; i < count; i++) {
		buf_byte(&b, kinds[i]);
		buf_u16(&b, (uint16_t)n);
		memset(buf_take(&b, n), kinds[i], n);
	}
	assert_ok(buf_ok(&b));
	return buf_bytes(&b);
}

#define READ(...) read_kinds((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

static struct error read_kinds(const uint8_t *kinds, size_t n)
{
	struct plaintext p;

	return plaintext_read(with_kinds(kinds, n, SIGNATURE_BYTES), &p);
}

static void check_vector(const char *part, size_t signatures)
{
	json_t *root = vectors_load("kat_rid_device_v1_session.json"), *v = vector_member(root, part);
	struct slice bytes = vector_bytes(&a, v, "plaintext");
	struct buf again = buf_arena(&a, MESSAGE_BYTES_MAX);
	struct plaintext p;

	assert_ok(plaintext_read(bytes, &p));
	assert_slice_equal(p.json, slice_text(vector_text(v, "json")));
	assert_int_equal(p.n, signatures);
	if (signatures)
		assert_slice_equal(plaintext_signature(&p, SIG_DEVICE), vector_bytes(&a, v, "signature_dk"));
	if (signatures > 1)
		assert_slice_equal(plaintext_signature(&p, SIG_PIN), vector_bytes(&a, v, "signature_pin"));
	plaintext_write(&again, &p);
	assert_slice_equal(buf_bytes(&again), bytes);
	json_decref(root);
}

static void start_of_the_vector(void **state)
{
	(void)state;
	check_vector("start", 1);
}

static void pin_of_the_vector(void **state)
{
	(void)state;
	check_vector("pin", 0);
}

static void finish_of_the_vector(void **state)
{
	(void)state;
	check_vector("finish", 2);
}

static void a_signature_that_is_not_there(void **state)
{
	const uint8_t kinds[] = { SIG_DEVICE };
	struct plaintext p;

	(void)state;
	assert_ok(plaintext_read(with_kinds(kinds, 1, SIGNATURE_BYTES), &p));
	assert_int_equal(plaintext_signature(&p, SIG_PIN).n, 0);
}

static void truncated(void **state)
{
	const uint8_t kinds[] = { SIG_DEVICE, SIG_PIN };
	struct slice whole = with_kinds(kinds, 2, SIGNATURE_BYTES);
	struct plaintext p;

	(void)state;
	for (size_t n = 0; n < whole.n; n++) {
		uint8_t *part = xalloc(n);

		memcpy(part, whole.p, n);
		assert_err(plaintext_read(slice_of(part, n), &p), PARSE);
		free(part);
	}
}

static void a_trailing_byte(void **state)
{
	struct plaintext p;

	(void)state;
	assert_ok(plaintext_read(unhex(&a, "000000027b7d00"), &p));
	assert_err(plaintext_read(unhex(&a, "000000027b7d0000"), &p), PARSE);
}

static void scan_behind_the_signatures(void **state)
{
	struct buf again = buf_arena(&a, MESSAGE_BYTES_MAX);
	struct plaintext p;

	(void)state;
	assert_ok(plaintext_read(unhex(&a, "000000027b7d0000000003abcdef"), &p));
	assert_slice_equal(p.scan, unhex(&a, "abcdef"));
	plaintext_write(&again, &p);
	assert_slice_equal(buf_bytes(&again), unhex(&a, "000000027b7d0000000003abcdef"));
	assert_ok(plaintext_read(unhex(&a, "000000027b7d00"), &p));
	assert_int_equal(p.scan.n, 0);
}

static void scan_that_is_none(void **state)
{
	static const char *const bad[] = {
		"000000027b7d0000000000", "000000027b7d0000000001", "000000027b7d0000000001abcd", "000000027b7d00000001", "000000027b7d00ffffffffab",
	};
	struct plaintext p;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_err(plaintext_read(unhex(&a, bad[i]), &p), PARSE);
}

static void json_longer_than_everything(void **state)
{
	struct plaintext p;

	(void)state;
	assert_err(plaintext_read(unhex(&a, "ffffffff7b7d00"), &p), PARSE);
	assert_err(plaintext_read(unhex(&a, "000000037b7d00"), &p), PARSE);
}

static void unknown_kinds(void **state)
{
	(void)state;
	for (int kind = 0; kind < 256; kind++)
		assert_int_equal(READ((uint8_t)kind).code, kind >= 1 && kind <= 10 ? E_OK : E_PARSE);
}

static void kinds_out_of_order(void **state)
{
	(void)state;
	assert_ok(READ(SIG_DEVICE, SIG_PIN));
	assert_err(READ(SIG_PIN, SIG_DEVICE), PARSE);
	assert_err(READ(SIG_DEVICE, SIG_PIN, SIG_HARDWARE), PARSE);
}

static void doubled_kinds(void **state)
{
	(void)state;
	for (uint8_t kind = SIG_DEVICE; kind <= SIG_NEW_RECOVERY; kind++)
		assert_int_equal(READ(kind, kind).code, kind == SIG_NEW_BIOMETRIC ? E_OK : E_PARSE);
}

static void wrong_signature_lengths(void **state)
{
	const uint8_t kinds[] = { SIG_DEVICE };
	struct plaintext p;

	(void)state;
	assert_err(plaintext_read(with_kinds(kinds, 1, 0), &p), PARSE);
	assert_err(plaintext_read(with_kinds(kinds, 1, SIGNATURE_BYTES - 1), &p), PARSE);
	assert_err(plaintext_read(with_kinds(kinds, 1, SIGNATURE_BYTES + 1), &p), PARSE);
}

static void too_many_signatures(void **state)
{
	uint8_t kinds[SIGNATURES_MAX + 1];

	(void)state;
	memset(kinds, SIG_NEW_BIOMETRIC, sizeof(kinds));
	assert_ok(read_kinds(kinds, SIGNATURES_MAX));
	assert_err(read_kinds(kinds, SIGNATURES_MAX + 1), PARSE);
}

#define FITS(m, ...) kinds_fit(m, (const uint8_t[]){ 0, __VA_ARGS__ }, sizeof((const uint8_t[]){ 0, __VA_ARGS__ }))

static bool kinds_fit(enum message_id m, const uint8_t *kinds, size_t n)
{
	struct plaintext p;

	assert_ok(plaintext_read(with_kinds(kinds + 1, n - 1, SIGNATURE_BYTES), &p)); /* the 0 before stands for nothing */
	return plaintext_kinds_fit(&p, &device_messages[m]);
}

static void kinds_of_each_message(void **state)
{
	(void)state;
	assert_true(FITS(MESSAGE_CFG_GET, ));
	assert_false(FITS(MESSAGE_CFG_GET, SIG_DEVICE));
	assert_true(FITS(MESSAGE_SES_START, SIG_DEVICE));
	assert_false(FITS(MESSAGE_SES_START, ));
	assert_false(FITS(MESSAGE_SES_START, SIG_DEVICE, SIG_PIN));
	assert_true(FITS(MESSAGE_ACT_START, SIG_NEW_DEVICE));
	assert_true(FITS(MESSAGE_ACT_START, SIG_DEVICE, SIG_NEW_DEVICE));
	assert_false(FITS(MESSAGE_ACT_START, SIG_DEVICE));
	assert_true(FITS(MESSAGE_SES_FINISH, SIG_DEVICE));
	assert_true(FITS(MESSAGE_SES_FINISH, SIG_DEVICE, SIG_HARDWARE, SIG_PIN));
	assert_false(FITS(MESSAGE_SES_FINISH, SIG_HARDWARE, SIG_PIN));
	assert_false(FITS(MESSAGE_SES_FINISH, SIG_DEVICE, SIG_RECOVERY));
	assert_true(FITS(MESSAGE_ACT_FINISH, SIG_NEW_PIN, SIG_NEW_BIOMETRIC, SIG_NEW_BIOMETRIC, SIG_NEW_DEVICE));
	assert_false(FITS(MESSAGE_ACT_FINISH, SIG_DEVICE, SIG_NEW_DEVICE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_of_the_vector),
		cmocka_unit_test(pin_of_the_vector),
		cmocka_unit_test(finish_of_the_vector),
		cmocka_unit_test(a_signature_that_is_not_there),
		cmocka_unit_test(truncated),
		cmocka_unit_test(a_trailing_byte),
		cmocka_unit_test(scan_behind_the_signatures),
		cmocka_unit_test(scan_that_is_none),
		cmocka_unit_test(json_longer_than_everything),
		cmocka_unit_test(unknown_kinds),
		cmocka_unit_test(kinds_out_of_order),
		cmocka_unit_test(doubled_kinds),
		cmocka_unit_test(wrong_signature_lengths),
		cmocka_unit_test(too_many_signatures),
		cmocka_unit_test(kinds_of_each_message),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

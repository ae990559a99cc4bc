/* Compact JWE: one that npm's jose made, and everything that is none. */
#include "codec/encode.h"
#include "jose/decrypt.h"
#include "tests/unit/common/test.h"

#define KEY "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define BEHIND_HEADER ".WGVPwRcaxPhCwOOuBqklDcjol2oXhThKaD88hABillIDKe2h8lGmBw.GjSFabVsQ1j5QLkj.aictEx9KRY_9Kg.BRMTZB_Xl6AiBed8QeiQIA"
#define TOKEN "eyJhbGciOiJBMjU2S1ciLCJlbmMiOiJBMjU2R0NNIn0" BEHIND_HEADER

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static struct error open_token(struct slice token, struct slice *ret_plain)
{
	struct slice key;

	assert_ok(b64url_read(&a, S(KEY), &key));
	return jwe_open(token, key, &a, ret_plain);
}

static void token_of_another_implementation(void **state)
{
	struct slice plain;

	(void)state;
	assert_ok(open_token(S(TOKEN), &plain));
	assert_slice_equal(plain, S("plain text"));
}

static void no_byte_can_be_altered(void **state)
{
	static const char others[] = "AzQ-_.= \n";
	struct slice token = S(TOKEN), plain;
	uint8_t *altered = arena_alloc(&a, token.n);

	(void)state;
	for (size_t i = 0; i < token.n; i++) {
		for (size_t c = 0; c < sizeof(others); c++) {
			memcpy(altered, token.p, token.n);
			altered[i] = (uint8_t)others[c];
			if (altered[i] != token.p[i] && !failed(open_token(slice_of(altered, token.n), &plain)))
				fail_msg("byte %zu may be '%c'", i, others[c]);
		}
	}
}

static void cut_off_or_longer(void **state)
{
	struct slice token = S(TOKEN), plain;

	(void)state;
	for (size_t n = 0; n < token.n; n++)
		assert_true(failed(open_token(slice_of(token.p, n), &plain)));
	assert_err(open_token(S(TOKEN "."), &plain), PARSE);
	assert_err(open_token(S(TOKEN ".AAAA"), &plain), PARSE);
	assert_true(failed(open_token(S(TOKEN "A"), &plain)));
	assert_true(failed(open_token(S("." TOKEN), &plain)));
}

static void another_key(void **state)
{
	struct slice plain, other = S("01234567890123456789012345678901");

	(void)state;
	assert_err(jwe_open(S(TOKEN), other, &a, &plain), CRYPTO);
	assert_err(jwe_open(S(TOKEN), slice_of(other.p, 16), &a, &plain), CRYPTO);
	assert_err(jwe_open(S(TOKEN), S(""), &a, &plain), CRYPTO);
}

/* Refused before the library follows them. */
static void headers_that_are_refused(void **state)
{
	static const char *const headers[] = {
		"{\"alg\":\"dir\",\"enc\":\"A256GCM\"}", "{\"alg\":\"PBES2-HS512+A256KW\",\"enc\":\"A256GCM\",\"p2c\":2147483647,\"p2s\":\"AA\"}",
		"{\"alg\":\"A256KW\",\"enc\":\"A128CBC-HS256\"}", "{\"alg\":\"A256KW\",\"enc\":\"A256GCM\",\"zip\":\"DEF\"}",
		"{\"alg\":\"A256KW\",\"enc\":\"A256GCM\",\"crit\":[\"x\"],\"x\":1}", "{\"alg\":[\"A256KW\"],\"enc\":\"A256GCM\"}",
		"{\"alg\":\"A256KW\"}", "[]", "null", "{\"alg\":\"A256KW\",\"alg\":\"A256KW\",\"enc\":\"A256GCM\"}", "x",
	};
	struct slice plain;

	(void)state;
	for (size_t i = 0; i < COUNT(headers); i++) {
		struct slice header = b64url(&a, slice_text(headers[i]));

		assert_err(open_token(arena_printf(&a, "%.*s" BEHIND_HEADER, FMT(header)), &plain), PARSE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(token_of_another_implementation),
		cmocka_unit_test(no_byte_can_be_altered),
		cmocka_unit_test(cut_off_or_longer),
		cmocka_unit_test(another_key),
		cmocka_unit_test(headers_that_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

/* Compact JWS: RFC 7515 with the examples of its appendix A, and everything that is none. */
#include <stdlib.h>

#include "codec/encode.h"
#include "jose/jwt.h"
#include "tests/unit/common/test.h"

/* RFC 7515, appendix A.2 and A.3: the payload is the same in both. */
#define PAYLOAD "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
#define ES256_TOKEN "eyJhbGciOiJFUzI1NiJ9." PAYLOAD \
	".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
#define ES256_X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define ES256_Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define RS256_TOKEN "eyJhbGciOiJSUzI1NiJ9." PAYLOAD \
	".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1" \
	"dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDw" \
	"usC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
#define RS256_N "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs" \
	"D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQ" \
	"Y4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
#define UNSECURED_TOKEN "eyJhbGciOiJub25lIn0." PAYLOAD "."

/* SubjectPublicKeyInfo of a P-256 key up to its point, and of a 2048-bit RSA key around its modulus. */
#define EC_FRONT "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
#define RSA_FRONT "30820122300d06092a864886f70d01010105000382010f003082010a0282010100"
#define RSA_END "0203010001"

struct keys {
	struct arena a;
	struct sign_key *es256, *rs256, *own;
};

static void add_hex(struct arena *a, struct buf *b, const char *digits)
{
	size_t n = strlen(digits) / 2;
	uint8_t *bytes = arena_alloc(a, n);

	assert_ok(hex_read(slice_text(digits), bytes, n));
	buf_add(b, bytes, n);
}

static void add_b64url(struct arena *a, struct buf *b, const char *text)
{
	struct slice bytes;

	assert_ok(b64url_read(a, slice_text(text), &bytes));
	buf_slice(b, bytes);
}

static int setup(void **state)
{
	struct keys *k = xalloc(sizeof(*k));
	struct buf ec = buf_arena(&k->a, 1024), rsa = buf_arena(&k->a, 1024);

	add_hex(&k->a, &ec, EC_FRONT);
	add_b64url(&k->a, &ec, ES256_X);
	add_b64url(&k->a, &ec, ES256_Y);
	add_hex(&k->a, &rsa, RSA_FRONT);
	add_b64url(&k->a, &rsa, RS256_N);
	add_hex(&k->a, &rsa, RSA_END);
	assert_ok(sign_key_from_public(buf_bytes(&ec), &k->es256));
	assert_ok(sign_key_from_public(buf_bytes(&rsa), &k->rs256));
	assert_ok(sign_key_generate(SIGN_ES256, &k->own));
	*state = k;
	return 0;
}

static int teardown(void **state)
{
	struct keys *k = *state;

	sign_key_free(k->es256);
	sign_key_free(k->rs256);
	sign_key_free(k->own);
	arena_free(&k->a);
	free(k);
	return 0;
}

static struct error verify(struct keys *k, struct slice token, const struct sign_key *key)
{
	struct jws jws;
	struct error e = jws_parse(token, &k->a, &jws);

	return failed(e) ? e : jws_check(&jws, key);
}

/* ---- the examples of the RFC ---- */

static void es256_example_verifies(void **state)
{
	struct keys *k = *state;

	assert_ok(verify(k, S(ES256_TOKEN), k->es256));
}

static void rs256_example_verifies(void **state)
{
	struct keys *k = *state;

	assert_ok(verify(k, S(RS256_TOKEN), k->rs256));
}

static void unsecured_example_is_refused(void **state)
{
	struct keys *k = *state;

	assert_true(failed(verify(k, S(UNSECURED_TOKEN), k->es256)));
}

static void payload_of_the_example(void **state)
{
	struct keys *k = *state;
	struct jws jws;

	assert_ok(jws_parse(S(ES256_TOKEN), &k->a, &jws));
	assert_slice_equal(jws.payload, S("{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"));
}

static void members_that_the_example_does_not_have_are_empty(void **state)
{
	struct keys *k = *state;
	struct jws jws;

	assert_ok(jws_parse(S(ES256_TOKEN), &k->a, &jws));
	assert_slice_equal(jws.alg, S("ES256"));
	assert_int_equal(jws.kid.n, 0);
	assert_int_equal(jws.typ.n, 0);
}

/* ---- alterations ---- */

static void assert_no_byte_can_be_altered(struct keys *k, struct slice token, const struct sign_key *key)
{
	static const char others[] = "AzQ-_9.=+ \n";
	uint8_t *altered = arena_alloc(&k->a, token.n);

	for (size_t i = 0; i < token.n; i++) {
		for (size_t c = 0; c < sizeof(others); c++) { /* the zero byte too */
			memcpy(altered, token.p, token.n);
			altered[i] = (uint8_t)others[c];
			if (altered[i] != token.p[i] && !failed(verify(k, slice_of(altered, token.n), key)))
				fail_msg("byte %zu may be '%c'", i, others[c]);
		}
	}
}

static void no_byte_of_an_es256_token_can_be_altered(void **state)
{
	struct keys *k = *state;

	assert_no_byte_can_be_altered(k, S(ES256_TOKEN), k->es256);
}

static void no_byte_of_an_rs256_token_can_be_altered(void **state)
{
	struct keys *k = *state;

	assert_no_byte_can_be_altered(k, S(RS256_TOKEN), k->rs256);
}

static void no_byte_can_be_cut_off(void **state)
{
	struct keys *k = *state;
	struct slice token = S(ES256_TOKEN);

	for (size_t n = 0; n < token.n; n++)
		assert_true(failed(verify(k, slice_of(token.p, n), k->es256)));
	for (size_t n = 1; n < token.n; n++)
		assert_true(failed(verify(k, slice_of(token.p + n, token.n - n), k->es256)));
}

static void nothing_can_be_added(void **state)
{
	struct keys *k = *state;

	assert_true(failed(verify(k, S(ES256_TOKEN "A"), k->es256)));
	assert_true(failed(verify(k, S(ES256_TOKEN "AAAA"), k->es256)));
	assert_err(verify(k, S(ES256_TOKEN "."), k->es256), PARSE);
	assert_err(verify(k, S(ES256_TOKEN ".AAAA"), k->es256), PARSE);
	assert_err(verify(k, S("." ES256_TOKEN), k->es256), PARSE);
	assert_err(verify(k, S(ES256_TOKEN "=="), k->es256), PARSE);
	assert_err(verify(k, S(ES256_TOKEN "\n"), k->es256), PARSE);
}

static void signature_of_another_token_does_not_fit(void **state)
{
	struct keys *k = *state;
	struct slice one, two, head, tail = { 0 };

	assert_ok(jwt_sign(k->own, "k", "t", S("{\"n\":1}"), &k->a, &one));
	assert_ok(jwt_sign(k->own, "k", "t", S("{\"n\":2}"), &k->a, &two));
	head = slice_of(one.p, one.n - 86);
	tail = slice_of(two.p + two.n - 86, 86);
	assert_err(verify(k, arena_printf(&k->a, "%.*s%.*s", FMT(head), FMT(tail)), k->own), SIGNATURE);
}

static void another_key_does_not_fit(void **state)
{
	struct keys *k = *state;

	assert_err(verify(k, S(ES256_TOKEN), k->own), SIGNATURE);
}

/* The header decides nothing: the key's own algorithm has to stand there. */
static void algorithm_has_to_be_that_of_the_key(void **state)
{
	struct keys *k = *state;

	assert_err(verify(k, S(ES256_TOKEN), k->rs256), SIGNATURE);
	assert_err(verify(k, S(RS256_TOKEN), k->es256), SIGNATURE);
}

/* ---- headers ---- */

static struct error parse_with_header(struct keys *k, const char *header)
{
	struct jws jws;

	return jws_parse(arena_printf(&k->a, "%.*s." PAYLOAD ".AAAA", FMT(b64url(&k->a, slice_text(header)))), &k->a, &jws);
}

static void headers_that_are_read(void **state)
{
	static const char *const headers[] = {
		"{}", "{\"alg\":\"ES256\"}", " {\"alg\":\"x\", \"kid\":\"k\", \"typ\":\"JWT\", \"x5t\":{\"a\":[1]}} ", "{\"alg\":\"\"}",
	};

	for (size_t i = 0; i < COUNT(headers); i++)
		assert_ok(parse_with_header(*state, headers[i]));
}

static void headers_that_are_refused(void **state)
{
	static const char *const headers[] = {
		"[]", "null", "1", "\"alg\"", "{", "{}{}", "x", "{\"alg\":1}", "{\"alg\":null}", "{\"kid\":[]}", "{\"typ\":{}}",
		"{\"alg\":\"ES256\",\"alg\":\"ES256\"}", "{\"crit\":[\"b64\"],\"b64\":false}", "{\"crit\":[]}", "{\"crit\":null}",
		"{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}", "{\"alg\":\"\xff\"}",
	};

	for (size_t i = 0; i < COUNT(headers); i++)
		if (!is_err(parse_with_header(*state, headers[i]), E_PARSE))
			fail_msg("%s", headers[i]);
}

static void texts_that_are_no_token(void **state)
{
	static const char *const texts[] = {
		"", ".", "..", "...", "a.b.c", "e30", "e30.e30", "e30..e30", ".e30.e30", "e30.e30.", "e30.e30.e30.e30", "e30.e3.e30",
		"e30 .e30.e30", "e30=.e30.e30", "e31.e30.e30", "{}.{}.{}", "e30.e30.e31",
	};
	struct keys *k = *state;

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct jws jws;

		if (!is_err(jws_parse(slice_text(texts[i]), &k->a, &jws), E_PARSE))
			fail_msg("%s", texts[i]);
	}
}

/* ---- our own ---- */

static void what_we_sign_verifies(void **state)
{
	struct keys *k = *state;
	struct slice token;

	assert_ok(jwt_sign(k->own, "kid-1", "at+jwt", S("{\"a\":1}"), &k->a, &token));
	assert_ok(verify(k, token, k->own));
}

static void header_that_we_write(void **state)
{
	struct keys *k = *state;
	struct slice token, text, header;

	assert_ok(jwt_sign(k->own, "kid-1", "at+jwt", S("{}"), &k->a, &token));
	text = slice_cut(&token, '.');
	assert_ok(b64url_read(&k->a, text, &header));
	assert_slice_equal(header, S("{\"alg\":\"ES256\",\"kid\":\"kid-1\",\"typ\":\"at+jwt\"}"));
}

static void parts_of_what_we_sign(void **state)
{
	struct keys *k = *state;
	struct slice token;
	struct jws jws;

	assert_ok(jwt_sign(k->own, "kid-1", "at+jwt", S("{\"a\":1}"), &k->a, &token));
	assert_ok(jws_parse(token, &k->a, &jws));
	assert_slice_equal(jws.payload, S("{\"a\":1}"));
	assert_slice_equal(jws.kid, S("kid-1"));
	assert_slice_equal(jws.typ, S("at+jwt"));
	assert_int_equal(jws.signature.n, ES256_SIG_BYTES);
	assert_slice_equal(jws.signed_part, slice_of(token.p, token.n - 87));
}

static void payload_that_is_too_large(void **state)
{
	struct keys *k = *state;
	struct slice token;

	assert_err(jwt_sign(k->own, "k", "t", slice_of(arena_alloc(&k->a, 300 * 1024), 300 * 1024), &k->a, &token), LIMIT);
}

/* RFC 7517: the members of a public key, and nothing of a private one. */
static void ec_key_as_jwk(void **state)
{
	struct keys *k = *state;
	struct buf b = buf_arena(&k->a, 4096);
	struct jw w = jw_new(&b);

	jwk_write(&w, k->es256, "one", &k->a);
	assert_slice_equal(buf_bytes(&b), S("{\"kty\":\"EC\",\"use\":\"sig\",\"kid\":\"one\",\"alg\":\"ES256\",\"crv\":\"P-256\",\"x\":\"" ES256_X
		"\",\"y\":\"" ES256_Y "\"}"));
}

static void rsa_key_as_jwk(void **state)
{
	struct keys *k = *state;
	struct buf b = buf_arena(&k->a, 4096);
	struct jw w = jw_new(&b);

	jwk_write(&w, k->rs256, "two", &k->a);
	assert_slice_equal(buf_bytes(&b), S("{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"two\",\"alg\":\"RS256\",\"n\":\"" RS256_N "\",\"e\":\"AQAB\"}"));
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(es256_example_verifies),
		TEST(rs256_example_verifies),
		TEST(unsecured_example_is_refused),
		TEST(payload_of_the_example),
		TEST(members_that_the_example_does_not_have_are_empty),
		TEST(no_byte_of_an_es256_token_can_be_altered),
		TEST(no_byte_of_an_rs256_token_can_be_altered),
		TEST(no_byte_can_be_cut_off),
		TEST(nothing_can_be_added),
		TEST(signature_of_another_token_does_not_fit),
		TEST(another_key_does_not_fit),
		TEST(algorithm_has_to_be_that_of_the_key),
		TEST(headers_that_are_read),
		TEST(headers_that_are_refused),
		TEST(texts_that_are_no_token),
		TEST(what_we_sign_verifies),
		TEST(header_that_we_write),
		TEST(parts_of_what_we_sign),
		TEST(payload_that_is_too_large),
		TEST(ec_key_as_jwk),
		TEST(rsa_key_as_jwk),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

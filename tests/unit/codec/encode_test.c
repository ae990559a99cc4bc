#include "tests/unit/common/test.h"

#include <ctype.h>

#include "codec/encode.h"
#include "tests/unit/common/vectors.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

/* RFC 4648, section 10 */
static const struct {
	const char *plain, *padded, *url;
} known[] = {
	{ "", "", "" },
	{ "f", "Zg==", "Zg" },
	{ "fo", "Zm8=", "Zm8" },
	{ "foo", "Zm9v", "Zm9v" },
	{ "foob", "Zm9vYg==", "Zm9vYg" },
	{ "fooba", "Zm9vYmE=", "Zm9vYmE" },
	{ "foobar", "Zm9vYmFy", "Zm9vYmFy" },
	{ "\xfb\xff\xbf", "+/+/", "-_-_" },
};

enum { KNOWN = sizeof(known) / sizeof(known[0]) };

static void base64_of_the_rfc(void **state)
{
	(void)state;
	for (size_t i = 0; i < KNOWN; i++) {
		struct slice back;

		assert_slice_equal(b64(&a, slice_text(known[i].plain)), slice_text(known[i].padded));
		assert_ok(b64_read(&a, slice_text(known[i].padded), &back));
		assert_slice_equal(back, slice_text(known[i].plain));
	}
}

static void base64url_of_the_rfc(void **state)
{
	(void)state;
	for (size_t i = 0; i < KNOWN; i++) {
		struct slice back;

		assert_slice_equal(b64url(&a, slice_text(known[i].plain)), slice_text(known[i].url));
		assert_ok(b64url_read(&a, slice_text(known[i].url), &back));
		assert_slice_equal(back, slice_text(known[i].plain));
	}
}

static void base64_refuses(void **state)
{
	static const char *const bad[] = { "Z", "Zg", "Zg=", "Zm8", "Zm9v=", "Zg===", "====", "=", "Zg==Zg==", "Z===", "Zm9v\n", "Zm 9",
		"Zh==", "Zm9=", "-_-_", "Zm9v====", "\xc3\xa9\xc3\xa9", "Zg=g", "=Zg=" };
	struct slice out;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_err(b64_read(&a, slice_text(bad[i]), &out), PARSE);
	assert_err(b64_read(&a, S("Zm9\0"), &out), PARSE);
}

static void base64url_refuses(void **state)
{
	static const char *const bad[] = { "Z", "Zg==", "Zm8=", "Zm9vZ", "+/+/", "Zh", "Zm9", "Zm 9", " Zg", "Zg\n", "Zg.", "Z\xc3\xa9" };
	struct slice out;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_err(b64url_read(&a, slice_text(bad[i]), &out), PARSE);
}

static void every_length_comes_back(void **state)
{
	uint8_t bytes[100];

	(void)state;
	for (size_t n = 0; n < sizeof(bytes); n++) {
		struct slice back;

		bytes[n] = (uint8_t)(n * 37 + 200);
		assert_ok(b64url_read(&a, b64url(&a, slice_of(bytes, n)), &back));
		assert_slice_equal(back, slice_of(bytes, n));
		assert_ok(b64_read(&a, b64(&a, slice_of(bytes, n)), &back));
		assert_slice_equal(back, slice_of(bytes, n));
	}
}

static void writers_append(void **state)
{
	struct buf b = buf_arena(&a, 100);

	(void)state;
	buf_text(&b, "x");
	b64url_write(&b, S("foob"));
	hex_write(&b, S("\x00\x9f\xAb"));
	assert_slice_equal(buf_bytes(&b), S("xZm9vYg009fab"));
}

static void writers_respect_the_maximum(void **state)
{
	struct buf b = buf_arena(&a, 5);

	(void)state;
	b64url_write(&b, S("foob"));
	assert_err(buf_ok(&b), LIMIT);
	buf_clear(&b);
	hex_write(&b, S("foo"));
	assert_err(buf_ok(&b), LIMIT);
}

static void hex_comes_back(void **state)
{
	uint8_t out[4];

	(void)state;
	assert_slice_equal(hex(&a, S("\x01\x23\xcd\xef")), S("0123cdef"));
	assert_ok(hex_read(S("0123cDEf"), out, 4));
	assert_memory_equal(out, "\x01\x23\xcd\xef", 4);
	assert_ok(hex_read(S(""), out, 0));
}

static void hex_refuses(void **state)
{
	uint8_t out[4];

	(void)state;
	assert_err(hex_read(S("0123cde"), out, 4), PARSE);
	assert_err(hex_read(S("0123cdef0"), out, 4), PARSE);
	assert_err(hex_read(S("0123cdef01"), out, 4), PARSE);
	assert_err(hex_read(S("0123cdeg"), out, 4), PARSE);
	assert_err(hex_read(S("0x23cdef"), out, 4), PARSE);
	assert_err(hex_read(S("0123cde "), out, 4), PARSE);
}

/* Every byte at every place, with the C library's idea of a digit. */
static void hex_takes_digits_only(void **state)
{
	char text[4];
	uint8_t out[2];

	(void)state;
	for (size_t at = 0; at < sizeof(text); at++) {
		for (int c = 0; c < 256; c++) {
			memset(text, '5', sizeof(text));
			text[at] = (char)c;
			assert_int_equal(!failed(hex_read(slice_of(text, sizeof(text)), out, 2)), c < 128 && isxdigit(c) != 0);
		}
	}
}

static void base64_takes_its_alphabet_only(void **state)
{
	struct slice out;
	char text[4];

	(void)state;
	for (size_t at = 0; at < sizeof(text); at++) {
		for (int c = 0; c < 256; c++) {
			bool both = c < 128 && isalnum(c), padding = at == 3 && c == '=';

			memset(text, 'A', sizeof(text));
			text[at] = (char)c;
			assert_int_equal(!failed(b64_read(&a, slice_of(text, sizeof(text)), &out)),
				both || padding || c == '+' || c == '/');
			assert_int_equal(!failed(b64url_read(&a, slice_of(text, sizeof(text)), &out)), both || c == '-' || c == '_');
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_of_the_rfc),
		cmocka_unit_test(base64url_of_the_rfc),
		cmocka_unit_test(base64_refuses),
		cmocka_unit_test(base64url_refuses),
		cmocka_unit_test(every_length_comes_back),
		cmocka_unit_test(writers_append),
		cmocka_unit_test(writers_respect_the_maximum),
		cmocka_unit_test(hex_comes_back),
		cmocka_unit_test(hex_refuses),
		cmocka_unit_test(hex_takes_digits_only),
		cmocka_unit_test(base64_takes_its_alphabet_only),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

/* The writing half of json.c. */
#include "tests/unit/common/test.h"

#include <math.h>

#include "base/limits.h"
#include "base/text.h"
#include "codec/encode.h"
#include "codec/json.h"
#include "tests/unit/base/fake_env.h"
#include "tests/unit/common/vectors.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static json_t *parsed(struct slice text)
{
	struct slice why = S("");
	json_t *value = NULL;

	if (failed(json_read(text, JSON_UNIQUE, JSON_DEPTH_MAX, &a, &value, &why)))
		fail_msg("%.*s: %.*s", FMT(text), FMT(why));
	return value;
}

static struct slice quoted(struct slice text)
{
	struct buf b = buf_arena(&a, 1 << 20);

	json_quote(&b, text);
	assert_ok(buf_ok(&b));
	return buf_bytes(&b);
}

static void quoted_text_has_the_short_escapes(void **state)
{
	(void)state;
	assert_slice_equal(quoted(S("")), S("\"\""));
	assert_slice_equal(quoted(slice_of(NULL, 0)), S("\"\""));
	assert_slice_equal(quoted(S("a\"b\\c/d e~\x7f")), S("\"a\\\"b\\\\c/d e~\x7f\""));
	assert_slice_equal(quoted(S("\b\t\n\f\r")), S("\"\\b\\t\\n\\f\\r\""));
	assert_slice_equal(quoted(S("\0\1\x1f")), S("\"\\u0000\\u0001\\u001f\""));
	assert_slice_equal(quoted(S("\xe2\x82\xac\xf0\x9f\x98\x80")), S("\"\xe2\x82\xac\xf0\x9f\x98\x80\""));
}

static void bad_bytes_are_replaced_one_by_one(void **state)
{
	(void)state;
	assert_slice_equal(quoted(S("a\xff" "b")), S("\"a\xef\xbf\xbd" "b\""));
	assert_slice_equal(quoted(S("\xe2\x82")), S("\"\xef\xbf\xbd\xef\xbf\xbd\""));
	assert_slice_equal(quoted(S("\xe2\x82\"")), S("\"\xef\xbf\xbd\xef\xbf\xbd\\\"\""));
	assert_slice_equal(quoted(S("\xed\xa0\x80")), S("\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""));
}

/* What quoting should make of any bytes: each byte that begins no well-formed sequence becomes U+FFFD. */
static struct slice repaired(struct slice text)
{
	struct buf b = buf_arena(&a, 1 << 20);

	for (size_t at = 0; at < text.n;) {
		size_t n = 1;

		while (n <= 4 && at + n <= text.n && !text_is_utf8(slice_of(text.p + at, n)))
			n++;
		if (n > 4 || at + n > text.n) {
			buf_text(&b, "\xef\xbf\xbd");
			at++;
		} else {
			buf_add(&b, text.p + at, n);
			at += n;
		}
	}
	return buf_bytes(&b);
}

static void comes_back(struct slice text)
{
	json_t *value = parsed(quoted(text));

	assert_slice_equal(json_text(value), repaired(text));
	json_decref(value);
}

static void every_code_point_comes_back(void **state)
{
	struct buf b = buf_arena(&a, 1 << 23);

	(void)state;
	for (uint32_t point = 0; point < 0x110000; point += point < 0x3000 ? 1 : 251) {
		buf_clear(&b);
		if (point < 0x80) {
			buf_byte(&b, (uint8_t)point);
		} else if (point < 0x800) {
			buf_byte(&b, (uint8_t)(0xc0 | point >> 6));
			buf_byte(&b, (uint8_t)(0x80 | (point & 63)));
		} else if (point < 0x10000) {
			buf_byte(&b, (uint8_t)(0xe0 | point >> 12));
			buf_byte(&b, (uint8_t)(0x80 | (point >> 6 & 63)));
			buf_byte(&b, (uint8_t)(0x80 | (point & 63)));
		} else {
			buf_byte(&b, (uint8_t)(0xf0 | point >> 18));
			buf_byte(&b, (uint8_t)(0x80 | (point >> 12 & 63)));
			buf_byte(&b, (uint8_t)(0x80 | (point >> 6 & 63)));
			buf_byte(&b, (uint8_t)(0x80 | (point & 63)));
		}
		comes_back(buf_bytes(&b));
	}
	arena_free(&a);
}

static void random_bytes_come_back_repaired(void **state)
{
	uint64_t sequence = 30;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint8_t bytes[24];
		size_t n = fake_next(&sequence) % (sizeof(bytes) + 1);

		/* Half of them lean towards what UTF-8 and JSON care about. */
		for (size_t j = 0; j < n; j++) {
			uint64_t dice = fake_next(&sequence);

			bytes[j] = i % 2 ? (uint8_t)(dice >> 20) : (uint8_t)"\"\\\0\n/a\xc2\xe0\xe2\xed\xf0\xf4\x80\x9f\xa0\xbf"[dice >> 20 & 15];
		}
		comes_back(slice_of(bytes, n));
		if (i % 1000 == 0)
			arena_free(&a);
	}
}

static void quoting_respects_the_maximum(void **state)
{
	struct buf b = buf_arena(&a, 6);

	(void)state;
	json_quote(&b, S("abcd"));
	assert_ok(buf_ok(&b));
	buf_clear(&b);
	json_quote(&b, S("abc\n"));
	assert_err(buf_ok(&b), LIMIT);
}

static void writer_puts_the_commas(void **state)
{
	struct buf b = buf_arena(&a, 1000);
	struct jw w = jw_new(&b);

	(void)state;
	jw_open(&w, '{');
	jw_pair(&w, "text", "a\"b");
	jw_pair_text(&w, "slice", S("x\ny"));
	jw_pair_int(&w, "least", INT64_MIN);
	jw_pair_bool(&w, "yes", true);
	jw_key_text(&w, S("o\"dd"));
	jw_null(&w);
	jw_key(&w, "list");
	jw_open(&w, '[');
	jw_int(&w, 1);
	jw_bool(&w, false);
	jw_cstr(&w, "z");
	jw_open(&w, '{');
	jw_close(&w, '}');
	jw_open(&w, '[');
	jw_close(&w, ']');
	jw_raw(&w, S("{\"raw\":1}"));
	jw_close(&w, ']');
	jw_pair(&w, "none", NULL);
	jw_close(&w, '}');
	assert_slice_equal(buf_bytes(&b), S("{\"text\":\"a\\\"b\",\"slice\":\"x\\ny\",\"least\":-9223372036854775808,\"yes\":true,"
		"\"o\\\"dd\":null,\"list\":[1,false,\"z\",{},[],{\"raw\":1}],\"none\":\"\"}"));
}

static struct slice rewritten(struct slice text)
{
	struct buf b = buf_arena(&a, 1 << 20);
	json_t *value = parsed(text);

	json_write_value(&b, value);
	json_decref(value);
	assert_ok(buf_ok(&b));
	return buf_bytes(&b);
}

static void values_are_written_compact_and_in_order(void **state)
{
	(void)state;
	assert_slice_equal(rewritten(S(" { \"z\" : [ 1 , -2 , true , false , null , { } , [ ] , \"\\u00e9\\n\\u0000\" ] , \"a\" : \"/\" } ")),
		S("{\"z\":[1,-2,true,false,null,{},[],\"\xc3\xa9\\n\\u0000\"],\"a\":\"/\"}"));
	assert_slice_equal(rewritten(S("{\"a\\\"\\n\\u20ac\":{\"\":0}}")), S("{\"a\\\"\\n\xe2\x82\xac\":{\"\":0}}"));
	assert_slice_equal(rewritten(S("\"alone\"")), S("\"alone\""));
}

static void reals_keep_their_digits(void **state)
{
	static const char *const same[] = { "0.1", "1.8", "-2.5", "0.0", "-0.0", "3.0", "1234567.891", "0.30000000000000004", "1e+22",
		"4.94065645841247e-324", "1.7976931348623157e+308", "123456789012345.6" };

	(void)state;
	for (size_t i = 0; i < COUNT(same); i++)
		assert_slice_equal(rewritten(slice_text(same[i])), slice_text(same[i]));
	assert_slice_equal(rewritten(S("1E2")), S("100.0"));
	assert_slice_equal(rewritten(S("1.10")), S("1.1"));
}

static void random_reals_come_back_exactly(void **state)
{
	uint64_t sequence = 31;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct buf b = buf_arena(&a, 100);
		struct jw w = jw_new(&b);
		uint64_t bits = fake_next(&sequence);
		double real, back;
		json_t *value;

		memcpy(&real, &bits, sizeof(real));
		if (!isfinite(real))
			continue;
		jw_real(&w, real);
		value = parsed(buf_bytes(&b));
		assert_true(json_is_real(value));
		back = json_real_value(value);
		assert_memory_equal(&back, &real, sizeof(real));
		json_decref(value);
	}
}

/* Whatever was accepted is written so that it reads back as equal. */
static void accepted_texts_of_the_suite_come_back(void **state)
{
	json_t *suite = vectors_load("json-test-suite.json"), *text;
	const char *name;

	(void)state;
	json_object_foreach(suite, name, text) {
		struct buf b = buf_arena(&a, 1 << 20);
		struct slice bytes, why;
		json_t *value, *back;

		assert_ok(b64_read(&a, json_text(text), &bytes));
		if (failed(json_read(bytes, JSON_LAST_WINS, JSON_DEPTH_MAX, &a, &value, &why)))
			continue;
		json_write_value(&b, value);
		back = parsed(buf_bytes(&b));
		assert_true(json_equal(value, back));
		json_decref(value);
		json_decref(back);
	}
	json_decref(suite);
}

static void writing_respects_the_maximum(void **state)
{
	struct buf b = buf_arena(&a, 10);
	json_t *value = parsed(S("[1,2,3,4,5,6]"));

	(void)state;
	json_write_value(&b, value);
	assert_err(buf_ok(&b), LIMIT);
	json_decref(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quoted_text_has_the_short_escapes),
		cmocka_unit_test(bad_bytes_are_replaced_one_by_one),
		cmocka_unit_test(every_code_point_comes_back),
		cmocka_unit_test(random_bytes_come_back_repaired),
		cmocka_unit_test(quoting_respects_the_maximum),
		cmocka_unit_test(writer_puts_the_commas),
		cmocka_unit_test(values_are_written_compact_and_in_order),
		cmocka_unit_test(reals_keep_their_digits),
		cmocka_unit_test(random_reals_come_back_exactly),
		cmocka_unit_test(accepted_texts_of_the_suite_come_back),
		cmocka_unit_test(writing_respects_the_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

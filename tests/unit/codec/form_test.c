#include "tests/unit/common/test.h"

#include "base/buf.h"
#include "codec/form.h"
#include "tests/unit/base/fake_env.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static void decodes(struct slice text, bool plus, struct slice want)
{
	struct slice got = S("");

	assert_ok(percent_decode(text, plus, &a, &got));
	assert_slice_equal(got, want);
}

static void refuses(const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct slice got = S("untouched");

		if (!is_err(percent_decode(slice_text(texts[i]), true, &a, &got), E_PARSE))
			fail_msg("%s is accepted", texts[i]);
		assert_slice_equal(got, S("untouched"));
	}
}

static void escapes_are_decoded_in_either_case(void **state)
{
	(void)state;
	decodes(S("a%20b%2Fc%2f%25%41"), false, S("a b/c/%A"));
	decodes(S("%E2%82%ac"), false, S("\xe2\x82\xac"));
	decodes(S("%01%7f%0A"), false, S("\x01\x7f\n"));
	decodes(S("%2541"), false, S("%41"));
}

static void plus_is_a_space_in_forms_only(void **state)
{
	(void)state;
	decodes(S("a+b"), true, S("a b"));
	decodes(S("a+b"), false, S("a+b"));
	decodes(S("a+%2B"), true, S("a +"));
	decodes(S("%2B+"), false, S("++"));
}

static void plain_text_stays(void **state)
{
	(void)state;
	decodes(S(""), true, S(""));
	decodes(slice_of(NULL, 0), true, S(""));
	decodes(S("plain-_.~!*'()\xc3\xa9"), true, S("plain-_.~!*'()\xc3\xa9"));
}

static void broken_escapes_are_refused(void **state)
{
	static const char *const bad[] = { "%", "a%", "%4", "a%4", "%%", "%%41", "%4%", "%zz", "%g1", "%1g", "%0x41", "%+1", "% 1", "%-1",
		"%u0041", "%\xc3\xa9" };

	(void)state;
	refuses(bad, COUNT(bad));
}

static void escape_cut_by_the_end_is_refused(void **state)
{
	struct slice got;

	(void)state;
	for (size_t n = 1; n <= 2; n++) {
		struct slice part = boxed(slice_of("%4", n));

		assert_err(percent_decode(part, true, &a, &got), PARSE);
		unbox(part);
	}
}

static void zero_bytes_are_refused(void **state)
{
	struct slice got;

	(void)state;
	assert_err(percent_decode(S("a%00b"), true, &a, &got), PARSE);
	assert_err(percent_decode(S("a\0b"), true, &a, &got), PARSE);
	assert_err(percent_decode(S("a\0b%41"), true, &a, &got), PARSE);
	assert_err(percent_decode(S("a\0+b"), true, &a, &got), PARSE);
}

static void what_is_not_utf8_is_refused(void **state)
{
	static const char *const bad[] = { "%ff", "%80", "%c3", "%c3+", "%c0%80", "%ed%a0%80", "%f4%90%80%80", "\xff", "\xc3", "+\xff" };

	(void)state;
	refuses(bad, COUNT(bad));
}

/* Every text, escaped in every way that a client may choose, comes back. */
static void random_texts_come_back(void **state)
{
	static const char hex[] = "0123456789abcdefABCDEF";
	uint64_t sequence = 40;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		struct buf plain = buf_arena(&a, 1000), escaped = buf_arena(&a, 1000);

		for (uint64_t n = fake_next(&sequence) % 20; n > 0; n--) {
			uint8_t c = (uint8_t)(1 + fake_next(&sequence) % 127);
			uint64_t dice = fake_next(&sequence) >> 20;

			buf_byte(&plain, c);
			if (c == ' ' && dice % 2)
				buf_byte(&escaped, '+');
			else if (c == '%' || c == '+' || dice % 3 == 0)
				buf_printf(&escaped, "%%%c%c", hex[c >> 4], hex[(c & 15) + (dice & 4 && (c & 15) > 9 ? 6 : 0)]);
			else
				buf_byte(&escaped, c);
		}
		decodes(buf_bytes(&escaped), true, buf_bytes(&plain));
	}
}

/* All pairs, as "name=value;" each, "!" for one that is broken. */
static void pairs(struct slice form, const char *want)
{
	struct buf b = buf_arena(&a, 1000);
	struct slice name, value;
	struct error e;

	while (form_next(&form, &a, &name, &value, &e)) {
		if (failed(e)) {
			assert_err(e, PARSE);
			buf_text(&b, "!;");
		} else {
			buf_printf(&b, "%.*s=%.*s;", FMT(name), FMT(value));
		}
	}
	assert_slice_equal(buf_bytes(&b), slice_text(want));
}

static void pairs_come_in_order(void **state)
{
	(void)state;
	pairs(S("a=1&b=2&a=3"), "a=1;b=2;a=3;");
	pairs(S("a=b%3Dc%26d&e%3d=+"), "a=b=c&d;e== ;");
}

static void pairs_may_lack_a_part(void **state)
{
	(void)state;
	pairs(S("a"), "a=;");
	pairs(S("a="), "a=;");
	pairs(S("=1"), "=1;");
	pairs(S("="), "=;");
	pairs(S("a=b=c"), "a=b=c;");
}

static void empty_pairs_are_skipped(void **state)
{
	(void)state;
	pairs(slice_of(NULL, 0), "");
	pairs(S(""), "");
	pairs(S("&"), "");
	pairs(S("&&a=1&&&b=2&&"), "a=1;b=2;");
}

static void only_ampersands_separate(void **state)
{
	(void)state;
	pairs(S("a=1;b=2"), "a=1;b=2;");
	pairs(S("a=1?b=2#c"), "a=1?b=2#c;");
}

static void broken_pair_does_not_spoil_the_others(void **state)
{
	(void)state;
	pairs(S("a=1&b=%zz&c=3"), "a=1;!;c=3;");
	pairs(S("a=1&%=2&c=%00&d=%ff&e=5"), "a=1;!;!;!;e=5;");
}

static void writing_escapes_all_but_the_unreserved(void **state)
{
	uint8_t all[256];
	struct buf b;
	struct slice name, value, rest;
	struct error e;

	(void)state;
	b = buf_arena(&a, 4096);
	buf_text(&b, "https://x/?");
	form_write(&b, "a", S("b c&d=e\xc3\xa5~"));
	form_write(&b, "none", S(""));
	form_write(&b, "b", S("-._~"));
	assert_slice_equal(buf_bytes(&b), S("https://x/?a=b%20c%26d%3De%C3%A5~&b=-._~"));
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)(i % 127 + 1); /* what is text comes back as it was */
	b = buf_arena(&a, 4096);
	form_write(&b, "n", slice_of(all, sizeof(all)));
	rest = buf_bytes(&b);
	assert_true(form_next(&rest, &a, &name, &value, &e));
	assert_false(failed(e));
	assert_slice_equal(value, slice_of(all, sizeof(all)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writing_escapes_all_but_the_unreserved),
		cmocka_unit_test(escapes_are_decoded_in_either_case),
		cmocka_unit_test(plus_is_a_space_in_forms_only),
		cmocka_unit_test(plain_text_stays),
		cmocka_unit_test(broken_escapes_are_refused),
		cmocka_unit_test(escape_cut_by_the_end_is_refused),
		cmocka_unit_test(zero_bytes_are_refused),
		cmocka_unit_test(what_is_not_utf8_is_refused),
		cmocka_unit_test(random_texts_come_back),
		cmocka_unit_test(pairs_come_in_order),
		cmocka_unit_test(pairs_may_lack_a_part),
		cmocka_unit_test(empty_pairs_are_skipped),
		cmocka_unit_test(only_ampersands_separate),
		cmocka_unit_test(broken_pair_does_not_spoil_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

/* CBOR: the examples of RFC 8949, appendix A, as far as they are read here, and everything that is refused. */
#include "codec/cbor.h"
#include "codec/encode.h"
#include "tests/unit/common/test.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static struct slice bytes_of(const char *digits)
{
	size_t n = strlen(digits) / 2;
	uint8_t *bytes = arena_alloc(&a, n);

	assert_ok(hex_read(slice_text(digits), bytes, n));
	return slice_of(bytes, n);
}

/* Read from memory that ends where the input ends. */
static struct error read_hex(const char *digits, struct cbor *ret_value)
{
	struct slice box = boxed(bytes_of(digits));
	struct error e = cbor_read(box, &a, ret_value);

	unbox(box);
	return e;
}

static struct cbor good(const char *digits)
{
	struct cbor value;

	assert_ok(cbor_read(bytes_of(digits), &a, &value));
	return value;
}

static void numbers_of_appendix_a(void **state)
{
	static const struct {
		const char *hex;
		int64_t number;
	} rows[] = {
		{ "00", 0 }, { "01", 1 }, { "0a", 10 }, { "17", 23 }, { "1818", 24 }, { "1819", 25 }, { "1864", 100 }, { "1903e8", 1000 },
		{ "1a000f4240", 1000000 }, { "1b000000e8d4a51000", 1000000000000 }, { "20", -1 }, { "29", -10 }, { "3863", -100 },
		{ "3903e7", -1000 }, { "1b7fffffffffffffff", INT64_MAX }, { "3b7fffffffffffffff", INT64_MIN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cbor value = good(rows[i].hex);
		int64_t number;

		assert_ok(cbor_int(&value, &number));
		assert_int_equal(number, rows[i].number);
	}
}

static void numbers_beyond_64_bits_with_sign(void **state)
{
	struct cbor value = good("1bffffffffffffffff");
	int64_t number;

	(void)state;
	assert_true(value.number == UINT64_MAX);
	assert_err(cbor_int(&value, &number), PARSE);
	value = good("3bffffffffffffffff");
	assert_err(cbor_int(&value, &number), PARSE);
}

static void texts_and_bytes_of_appendix_a(void **state)
{
	struct cbor text = good("6449455446"), umlaut = good("62c3bc"), bytes = good("4401020304"), none = good("40"), empty = good("60");
	struct slice s;

	(void)state;
	assert_ok(cbor_text(&text, &s));
	assert_slice_equal(s, S("IETF"));
	assert_ok(cbor_text(&umlaut, &s));
	assert_slice_equal(s, S("\xc3\xbc"));
	assert_ok(cbor_bytes(&bytes, &s));
	assert_slice_equal(s, S("\x01\x02\x03\x04"));
	assert_ok(cbor_bytes(&none, &s));
	assert_int_equal(s.n, 0);
	assert_ok(cbor_text(&empty, &s));
	assert_int_equal(s.n, 0);
	assert_err(cbor_text(&bytes, &s), PARSE);
	assert_err(cbor_bytes(&text, &s), PARSE);
	assert_err(cbor_bytes(NULL, &s), PARSE);
}

static void simple_values(void **state)
{
	struct cbor no = good("f4"), yes = good("f5"), null = good("f6");

	(void)state;
	assert_int_equal(no.kind, CBOR_BOOLEAN);
	assert_int_equal(no.number, 0);
	assert_int_equal(yes.kind, CBOR_BOOLEAN);
	assert_int_equal(yes.number, 1);
	assert_int_equal(null.kind, CBOR_NULL);
}

static void arrays_and_maps_of_appendix_a(void **state)
{
	struct cbor nested = good("8301820203820405"), map = good("a26161016162820203"), keys = good("a201020304"), many;
	struct slice s;

	(void)state;
	assert_int_equal(nested.kind, CBOR_ARRAY);
	assert_int_equal(nested.n, 3);
	assert_int_equal(nested.items[1].items[1].number, 3);
	assert_int_equal(map.kind, CBOR_MAP);
	assert_int_equal(cbor_find_text(&map, "a")->number, 1);
	assert_int_equal(cbor_find_text(&map, "b")->items[0].number, 2);
	assert_null(cbor_find_text(&map, "c"));
	assert_null(cbor_find_int(&map, 1));
	assert_int_equal(cbor_find_int(&keys, 3)->number, 4);
	assert_null(cbor_find_int(&keys, -4));
	assert_null(cbor_find_text(&nested, "a"));
	assert_null(cbor_find_text(NULL, "a"));
	many = good("a56161614161626142616361436164614461656145");
	assert_ok(cbor_text(cbor_find_text(&many, "e"), &s));
	assert_slice_equal(s, S("E"));
}

static void negative_keys_as_cose_has_them(void **state)
{
	struct cbor key = good("a301022001215820" "0000000000000000000000000000000000000000000000000000000000000007");
	struct slice x;

	(void)state;
	assert_int_equal(cbor_find_int(&key, 1)->number, 2);
	assert_int_equal(cbor_find_int(&key, -1)->number, 1);
	assert_ok(cbor_bytes(cbor_find_int(&key, -2), &x));
	assert_int_equal(x.n, 32);
}

static void value_at_the_front(void **state)
{
	struct reader r = { bytes_of("820102" "ff") };
	struct cbor value;

	(void)state;
	assert_ok(cbor_read_front(&r, &a, &value));
	assert_int_equal(value.n, 2);
	assert_int_equal(r.rest.n, 1);
	assert_err(cbor_read_front(&r, &a, &value), PARSE);
	assert_int_equal(r.rest.n, 1);
}

static void refused(void **state)
{
	static const char *const rows[] = {
		"",                        /* nothing */
		"0000",                    /* something behind */
		"18", "19e8", "44010203", "6449", "8201", "a161", "a16161", /* cut short */
		"5f42010243030405ff", "7f657374726561646d696e67ff", "9fff", "bf61610161629f0203ffff", /* indefinite lengths */
		"ff", "1c", "1d", "1e", "1f", /* break, reserved */
		"c074323031332d30332d32315432303a30343a30305a", /* tag */
		"f90000", "fa47c35000", "fb3ff199999999999a", /* floats */
		"f7", "f0", "f818",        /* undefined, unassigned simple values */
		"a201020103", "a2616101616102", "a22001206161", /* a key twice */
		"a1810102", "a1400102", "a1f401", /* keys that are neither number nor text */
		"61ff", "62c328", "63eda080", /* text that is not UTF-8 */
		"5bffffffffffffffff", "7bffffffffffffffff", /* lengths beyond the input */
		"81818181818181818101", "a101a101a101a101a101a101a101a101a101a100", /* too deep */
	};
	struct cbor value;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (!is_err(read_hex(rows[i], &value), E_PARSE))
			fail_msg("%s", rows[i]);
}

static void deepest_that_is_read(void **state)
{
	(void)state;
	good("818181818181818101");
}

static void too_many_items(void **state)
{
	struct cbor value;

	(void)state;
	assert_err(read_hex("9bffffffffffffffff", &value), LIMIT);
	assert_err(read_hex("bbffffffffffffffff", &value), LIMIT);
	assert_err(read_hex("990401", &value), LIMIT);
	assert_err(read_hex("b90201", &value), LIMIT);
	assert_err(read_hex("990400", &value), PARSE);
}

/* Whatever it is: an answer, and no byte is read that is not there. */
static void any_bytes(void **state)
{
	uint32_t seed = 12345;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint8_t bytes[24];
		size_t n = (size_t)i % sizeof(bytes);
		struct slice box;
		struct cbor value;

		for (size_t k = 0; k < n; k++) {
			seed = seed * 1664525 + 1013904223;
			bytes[k] = (uint8_t)(seed >> 24);
		}
		box = boxed(slice_of(bytes, n));
		IGNORE(cbor_read(box, &a, &value)); /* only that it ends well */
		unbox(box);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_of_appendix_a),
		cmocka_unit_test(numbers_beyond_64_bits_with_sign),
		cmocka_unit_test(texts_and_bytes_of_appendix_a),
		cmocka_unit_test(simple_values),
		cmocka_unit_test(arrays_and_maps_of_appendix_a),
		cmocka_unit_test(negative_keys_as_cose_has_them),
		cmocka_unit_test(value_at_the_front),
		cmocka_unit_test(refused),
		cmocka_unit_test(deepest_that_is_read),
		cmocka_unit_test(too_many_items),
		cmocka_unit_test(any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

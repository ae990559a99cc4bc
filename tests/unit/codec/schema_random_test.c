/*
 * Random bodies against a schema with every type of field. Whatever comes in: no crash, faults that make sense, and what is
 * accepted is written as JSON that is accepted again and written as the same. LONG in the environment means ten times as many.
 */
#include "tests/unit/common/test.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "codec/json.h"
#include "tests/unit/base/fake_env.h"
#include "tests/unit/codec/thing.h"

static const char sample[] = "{\"str\":\"a\xc3\xa9\\\"b\",\"text\":\"\\t\\n\",\"uuid\":\"017f22e2-79b0-7cc3-98c4-dc0c0c07398f\",\"bytes\":\"-_8\","
	"\"time\":\"2021-01-21T22:47:27.123Z\",\"timeSeconds\":\"2021-01-21T22:47:27.000Z\",\"timeUtc\":\"2021-01-21T22:47:27+00:00\","
	"\"yes\":false,\"number\":0,\"numberText\":\"-5\",\"numberAny\":3,\"colour\":\"RED\",\"anyCase\":\"light\","
	"\"map\":{\"b\":1.8,\"a\":{}},\"json\":[1,{\"a\":null}],\"point\":{\"x\":1},\"points\":[{\"x\":1,\"label\":\"\"},{\"x\":2}],"
	"\"strings\":[\"a\",\"b\"]}";

/* Pieces that mean something to the reader, each a value of JSON. */
static const char *const values[] = { "null", "true", "false", "0", "-0", "1", "5", "-3", "1.0", "0.1", "1e300", "9223372036854775807",
	"-9223372036854775808", "9223372036854775808", "\"\"", "\"a\"", "\"abc\"", "\"abcdef\"", "\"\\u0000\"", "\"\\ud83d\\ude00x\"",
	"\"\\ud83d\"", "\"\\n\"", "\"\xc2\x85\"", "\"\xff\"", "\"7\"", "\"-_8\"", "\"AAAAAAA\"", "\"-9223372036854775808\"", "\"99999999999999999999\"", "\"RED\"",
	"\"light\"", "\"Light\"", "\"017f22e2-79b0-7cc3-98c4-dc0c0c07398f\"", "\"00000000-0000-0000-0000-000000000000\"",
	"\"2021-01-21T22:47:27.123Z\"", "\"1970-01-01T00:00:00Z\"", "\"0000-01-01T00:00:00-23:59\"", "\"9999-12-31T23:59:59.999Z\"",
	"\"2024-02-29T23:59:59.9999+01:00\"", "[]", "{}", "[null]", "[\"a\"]", "[\"a\",\"\"]", "[\"a\",\"b\",\"c\"]", "{\"a\":1}",
	"{\"a\":1,\"b\":2,\"c\":3}", "{\"a\":0.1,\"\":[{}]}", "{\"x\":1}", "{\"x\":null}", "{\"x\":-1,\"label\":\"abc\"}",
	"{\"x\":1,\"label\":{}}", "[{\"x\":1},{\"x\":2}]", "[{\"x\":1},{\"x\":2,\"label\":\"abcd\"}]", "[{\"x\":1},2,{}]", "[[[[[]]]]]",
	"[1,2,3,4,5,6,7,8,9,10,11]" };

enum { ROUNDS = 20000, BODY_MAX = 4096 };

static struct arena a;

/* How often what happened, so that a test that tests nothing fails. */
struct tally {
	size_t no_json, faults, accepted;
};

static int rounds(void)
{
	return getenv("LONG") ? ROUNDS * 10 : ROUNDS;
}

static size_t below(uint64_t *sequence, size_t bound)
{
	return (size_t)(fake_next(sequence) >> 16) % bound;
}

static void check_faults(const struct invalids *bad)
{
	assert_in_range(bad->n, 1, INVALIDS_MAX);
	for (size_t i = 0; i < bad->n; i++) {
		const struct invalid *one = &bad->list[i];

		assert_int_not_equal(one->name.n, 0);
		assert_true(slice_starts(one->reason, one->name));
		assert_true(one->reason.n > one->name.n);
		assert_true(text_is_utf8(one->reason) && !text_has_controls(one->reason, false));
	}
}

static struct slice written(struct thing *thing)
{
	struct buf b = buf_arena(&a, 1 << 20);

	thing->timeUtc = 0; /* its written form is no time that can be read */
	schema_write(&thing_schema, thing, &b);
	assert_ok(buf_ok(&b));
	return buf_bytes(&b);
}

static struct slice read_and_written(struct slice text, struct invalids *bad)
{
	struct thing thing = { 0 };
	struct slice why, again;
	json_t *value;

	assert_ok(json_read(text, JSON_UNIQUE, JSON_DEPTH_MAX, &a, &value, &why));
	schema_read(&thing_schema, value, &a, bad, &thing);
	again = bad->n ? S("") : written(&thing);
	json_decref(value);
	return again;
}

static void try_body(struct slice text, struct tally *tally)
{
	struct invalids bad = { .arena = &a }, none = { .arena = &a };
	struct slice body = boxed(text), why, again;
	json_t *value = NULL;

	if (failed(json_read(body, JSON_UNIQUE, JSON_DEPTH_MAX, &a, &value, &why)) || !json_is_object(value)) {
		tally->no_json++;
	} else {
		again = read_and_written(body, &bad);
		if (bad.n) {
			tally->faults++;
			check_faults(&bad);
		} else {
			tally->accepted++;
			assert_slice_equal(read_and_written(again, &none), again);
			assert_int_equal(none.n, 0);
		}
	}
	json_decref(value);
	unbox(body);
	arena_free(&a);
}

/* One change in `text`, which has room for BODY_MAX bytes; the new length. */
static size_t mutate(uint8_t *text, size_t n, uint64_t *sequence)
{
	static const char bytes[] = "\"\\{}[]:,0123456789.eE+-u tnf\x80\xc3\xe2\xff\n";
	size_t at = below(sequence, n), length = 1 + below(sequence, 12), from;
	const char *piece;

	switch (below(sequence, 6)) {
	case 0:
		text[at] = (uint8_t)below(sequence, 256);
		return n;
	case 1:
		text[at] = (uint8_t)bytes[below(sequence, sizeof(bytes))];
		return n;
	case 2:
		text[at] ^= (uint8_t)(1 << below(sequence, 8));
		return n;
	case 3: /* take a piece out */
		length = length < n - at ? length : n - at;
		memmove(text + at, text + at + length, n - at - length);
		return n - length ? n - length : 1;
	case 4: /* repeat a piece of itself */
		from = below(sequence, n);
		length = length < n - from ? length : n - from;
		if (n + length > BODY_MAX)
			return n;
		memmove(text + at + length, text + at, n - at);
		memmove(text + at, text + from, length);
		return n + length;
	default: /* put a value in */
		piece = values[below(sequence, COUNT(values))];
		length = strlen(piece);
		if (n + length > BODY_MAX)
			return n;
		memmove(text + at + length, text + at, n - at);
		memcpy(text + at, piece, length);
		return n + length;
	}
}

static void mutated_bodies(void **state)
{
	struct tally tally = { 0 };
	uint64_t sequence = 50;

	(void)state;
	for (int i = 0; i < rounds(); i++) {
		uint8_t text[BODY_MAX];
		size_t n = sizeof(sample) - 1;

		memcpy(text, sample, n);
		for (size_t changes = 1 + below(&sequence, 3); changes > 0; changes--)
			n = mutate(text, n, &sequence);
		try_body(slice_of(text, n), &tally);
	}
	assert_true(tally.no_json > ROUNDS / 10);
	assert_true(tally.faults > ROUNDS / 20);
	assert_true(tally.accepted > ROUNDS / 20);
}

/* Any value for any field: JSON almost always, so that it gets past the parser. */
static void bodies_of_any_values(void **state)
{
	struct tally tally = { 0 };
	uint64_t sequence = 51;

	(void)state;
	for (int i = 0; i < rounds(); i++) {
		struct buf b = buf_arena(&a, BODY_MAX);

		buf_byte(&b, '{');
		for (size_t f = below(&sequence, thing_fields); f < thing_fields; f += 1 + below(&sequence, 30))
			buf_printf(&b, "%s\"%s\":%s", b.n > 1 ? "," : "", thing_schema.fields[f].name, values[below(&sequence, COUNT(values))]);
		buf_byte(&b, '}');
		try_body(buf_bytes(&b), &tally);
	}
	assert_true(tally.faults > ROUNDS / 20);
	assert_true(tally.accepted > ROUNDS / 20);
}

/* Text made of the pieces of JSON without its grammar. */
static void bodies_of_scattered_pieces(void **state)
{
	static const char *const pieces[] = { "{", "}", "[", "]", ":", ",", "\"", "\\", "\"point\"", "\"points\":[", "\"x\":", "{\"map\":{" };
	struct tally tally = { 0 };
	uint64_t sequence = 52;

	(void)state;
	for (int i = 0; i < rounds(); i++) {
		struct buf b = buf_arena(&a, BODY_MAX);

		for (size_t n = below(&sequence, 40); n > 0; n--)
			buf_text(&b, below(&sequence, 2) ? pieces[below(&sequence, COUNT(pieces))] : values[below(&sequence,
				COUNT(values))]);
		try_body(buf_bytes(&b), &tally);
	}
	assert_true(tally.no_json > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mutated_bodies),
		cmocka_unit_test(bodies_of_any_values),
		cmocka_unit_test(bodies_of_scattered_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

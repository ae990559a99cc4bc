#include "tests/unit/common/test.h"

#include "base/limits.h"
#include "codec/encode.h"
#include "codec/json.h"
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

static bool is_refused(struct slice text, enum json_rules rules)
{
	struct slice why = { NULL, 0 };
	json_t *value = NULL;
	struct error e = json_read(text, rules, JSON_DEPTH_MAX, &a, &value, &why);

	if (failed(e)) {
		assert_err(e, PARSE);
		assert_int_not_equal(why.n, 0);
		assert_null(value);
	}
	json_decref(value);
	return failed(e);
}

/* jansson keeps names of members as C strings. No name of ours and no attribute may hold a zero byte anyway. */
static const char known_refusal[] = "y_object_escaped_null_in_key.json";

static void the_json_test_suite(void **state)
{
	json_t *suite = vectors_load("json-test-suite.json"), *text;
	const char *name;
	int wrong = 0;

	(void)state;
	assert_int_equal(json_object_size(suite), 316);
	json_object_foreach(suite, name, text) {
		struct slice bytes;
		bool refused;

		assert_ok(b64_read(&a, json_text(text), &bytes));
		refused = is_refused(bytes, JSON_LAST_WINS);
		if (name[0] == 'n' ? !refused : name[0] == 'y' && refused != !strcmp(name, known_refusal)) {
			print_error("%s: %s\n", name, refused ? "refused" : "accepted");
			wrong++;
		}
	}
	json_decref(suite);
	assert_int_equal(wrong, 0);
}

/* Each text of the suite, cut at every place: never a crash, never a read past the end. */
static void the_json_test_suite_cut_short(void **state)
{
	json_t *suite = vectors_load("json-test-suite.json"), *text;
	const char *name;

	(void)state;
	json_object_foreach(suite, name, text) {
		struct slice bytes;

		assert_ok(b64_read(&a, json_text(text), &bytes));
		for (size_t n = 0; n < bytes.n && n < 60; n++) {
			struct slice part = boxed(slice_of(bytes.p, n));

			is_refused(part, JSON_UNIQUE);
			unbox(part);
		}
	}
	json_decref(suite);
}

static void nothing_is_not_json(void **state)
{
	(void)state;
	assert_true(is_refused(slice_of(NULL, 0), JSON_LAST_WINS));
	assert_true(is_refused(S(" \n"), JSON_LAST_WINS));
}

/* jansson itself steps over these. */
static void zero_bytes_are_refused(void **state)
{
	(void)state;
	assert_true(is_refused(S("1\0"), JSON_LAST_WINS));
	assert_true(is_refused(S("[1\0,2]"), JSON_LAST_WINS));
	assert_true(is_refused(S("{\"a\":true\0}"), JSON_LAST_WINS));
	assert_true(is_refused(S("{}\0"), JSON_LAST_WINS));
	assert_true(is_refused(S("\0{}"), JSON_LAST_WINS));
	assert_true(is_refused(S("\"a\0b\""), JSON_LAST_WINS));
}

static void escaped_zero_in_a_string_is_text(void **state)
{
	json_t *value = parsed(S("\"a\\u0000b\""));

	(void)state;
	assert_slice_equal(json_text(value), S("a\0b"));
	json_decref(value);
}

static void any_value_may_stand_alone(void **state)
{
	static const char *const texts[] = { "1", "-0.5e1", "\"x\"", "true", "false", "null", "[]", "{}", " { } " };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		json_decref(parsed(slice_text(texts[i])));
}

static void doubled_member_is_refused_or_the_last_wins(void **state)
{
	struct slice text = S("{\"a\":1,\"b\":2,\"a\":3}"), why;
	json_t *value;

	(void)state;
	assert_true(is_refused(text, JSON_UNIQUE));
	assert_true(is_refused(S("{\"a\":1,\"\\u0061\":1}"), JSON_UNIQUE));
	assert_true(is_refused(S("[{\"x\":{\"a\":1,\"a\":1}}]"), JSON_UNIQUE));
	assert_ok(json_read(text, JSON_LAST_WINS, JSON_DEPTH_MAX, &a, &value, &why));
	assert_int_equal(json_integer_value(json_object_get(value, "a")), 3);
	json_decref(value);
}

static void same_member_in_different_objects_is_fine(void **state)
{
	(void)state;
	json_decref(parsed(S("{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]},\"A\":1}")));
}

static bool depth_refused(const char *open, const char *middle, const char *close, size_t depth)
{
	struct buf b = buf_arena(&a, 1 << 22);

	for (size_t i = 0; i < depth; i++)
		buf_text(&b, open);
	buf_text(&b, middle);
	for (size_t i = 0; i < depth; i++)
		buf_text(&b, close);
	return is_refused(buf_bytes(&b), JSON_UNIQUE);
}

static void depth_has_its_limit(void **state)
{
	(void)state;
	assert_false(depth_refused("[", "", "]", JSON_DEPTH_MAX));
	assert_true(depth_refused("[", "", "]", JSON_DEPTH_MAX + 1));
	assert_false(depth_refused("[{\"a\":", "1", "}]", JSON_DEPTH_MAX / 2));
	assert_true(depth_refused("[{\"a\":", "[]", "}]", JSON_DEPTH_MAX / 2));
	assert_true(depth_refused("[", "", "", 500000));
	assert_true(depth_refused("]", "", "[", 500000));
}

static void brackets_in_strings_and_siblings_are_not_depth(void **state)
{
	struct buf b = buf_arena(&a, 4096);

	(void)state;
	buf_text(&b, "[\"\\\"");
	for (int i = 0; i < 100; i++)
		buf_text(&b, "[{");
	buf_text(&b, "\\\\\"");
	for (int i = 0; i < 100; i++)
		buf_text(&b, ",[{}]");
	buf_text(&b, "]");
	json_decref(parsed(buf_bytes(&b)));
}

static void refusal_does_not_repeat_the_input(void **state)
{
	struct slice why;
	json_t *value;

	(void)state;
	assert_err(json_read(S("{\"pin\":1234secret}"), JSON_UNIQUE, 5, &a, &value, &why), PARSE);
	assert_null(strstr(arena_cstr(&a, why), "secret"));
	assert_non_null(strstr(arena_cstr(&a, why), "line 1"));
}

static void integers_are_64_bits(void **state)
{
	json_t *value = parsed(S("[9223372036854775807,-9223372036854775808]"));

	(void)state;
	assert_true(json_integer_value(json_array_get(value, 0)) == INT64_MAX);
	assert_true(json_integer_value(json_array_get(value, 1)) == INT64_MIN);
	json_decref(value);
	assert_true(is_refused(S("[9223372036854775808]"), JSON_LAST_WINS));
	assert_true(is_refused(S("[-9223372036854775809]"), JSON_LAST_WINS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_json_test_suite),
		cmocka_unit_test(the_json_test_suite_cut_short),
		cmocka_unit_test(nothing_is_not_json),
		cmocka_unit_test(zero_bytes_are_refused),
		cmocka_unit_test(escaped_zero_in_a_string_is_text),
		cmocka_unit_test(any_value_may_stand_alone),
		cmocka_unit_test(doubled_member_is_refused_or_the_last_wins),
		cmocka_unit_test(same_member_in_different_objects_is_fine),
		cmocka_unit_test(depth_has_its_limit),
		cmocka_unit_test(brackets_in_strings_and_siblings_are_not_depth),
		cmocka_unit_test(refusal_does_not_repeat_the_input),
		cmocka_unit_test(integers_are_64_bits),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}

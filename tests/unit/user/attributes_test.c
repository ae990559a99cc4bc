/* What attributes may be. */
#include "users.h"

static struct answer with(struct users *u, const char *attributes)
{
	return create(u, TEXTU(u, "{\"attributes\":%s}", attributes));
}

static const char *repeated(struct users *u, size_t n, const char *c)
{
	struct buf b = buf_arena(&u->w->f->arena, 64 * 1024);

	for (size_t i = 0; i < n; i++)
		buf_text(&b, c);
	buf_byte(&b, 0);
	return (const char *)b.p;
}

/* n attributes, "a0" and so on. */
static const char *so_many(struct users *u, int n)
{
	struct buf b = buf_arena(&u->w->f->arena, 64 * 1024);

	for (int i = 0; i < n; i++)
		buf_printf(&b, "%s\"a%d\":\"v\"", i ? "," : "{", i);
	buf_text(&b, "}");
	buf_byte(&b, 0);
	return (const char *)b.p;
}

/* ---- values ---- */

static void strings_numbers_and_booleans_are_kept_as_given(void **state)
{
	static const char *const attributes =
		"{\"s\":\"\",\"n\":42,\"neg\":-1,\"real\":1.5,\"whole\":1.0,\"big\":9223372036854775807,\"t\":true,\"f\":false,\"u\":\"\xc3\xa5\xf0\x9f\x98\x80\"}";

	assert_string_equal(attributes_of(*state, with(*state, attributes)), attributes);
}

static void order_is_kept(void **state)
{
	assert_string_equal(attributes_of(*state, with(*state, "{\"z\":1,\"a\":2,\"m\":3}")), "{\"z\":1,\"a\":2,\"m\":3}");
}

static void null_in_a_new_user_is_nothing(void **state)
{
	assert_string_equal(attributes_of(*state, with(*state, "{\"a\":null,\"b\":1}")), "{\"b\":1}");
}

static void last_of_two_counts(void **state)
{
	assert_string_equal(attributes_of(*state, with(*state, "{\"a\":1,\"a\":2}")), "{\"a\":2}");
}

static void objects_and_arrays_are_refused(void **state)
{
	assert_invalid(with(*state, "{\"a\":{}}"), "attributes.a");
	assert_invalid(with(*state, "{\"a\":[]}"), "attributes.a");
}

static void value_of_2000_characters(void **state)
{
	struct users *u = *state;

	assert_status(with(u, TEXTU(u, "{\"a\":\"%s\"}", repeated(u, 2000, "\xf0\x9f\x98\x80"))), 200);
}

static void value_of_2001_characters(void **state)
{
	struct users *u = *state;

	assert_invalid(with(u, TEXTU(u, "{\"a\":\"%s\"}", repeated(u, 2001, "v"))), "attributes.a");
}

static void lines_are_allowed_in_values(void **state)
{
	assert_status(with(*state, "{\"a\":\"one\\r\\n\\ttwo\"}"), 200);
}

static void control_characters_are_refused_in_values(void **state)
{
	static const char *const values[] = { "\\u0000", "\\u0007", "\\u001b", "\\u007f", "\\u0085", "\\u009f" };
	struct users *u = *state;

	for (size_t i = 0; i < COUNT(values); i++)
		assert_invalid(with(u, TEXTU(u, "{\"a\":\"%s\"}", values[i])), "attributes.a");
}

/* ---- names ---- */

static void name_of_64_characters(void **state)
{
	struct users *u = *state;

	assert_status(with(u, TEXTU(u, "{\"%s\":1}", repeated(u, 64, "\xc3\xa5"))), 200);
}

static void name_of_65_characters(void **state)
{
	struct users *u = *state;

	assert_invalid(with(u, TEXTU(u, "{\"%s\":1}", repeated(u, 65, "n"))), "attributes");
}

static void empty_name_is_refused(void **state)
{
	assert_invalid(with(*state, "{\"\":1}"), "attributes");
}

static void control_characters_are_refused_in_names(void **state)
{
	assert_invalid(with(*state, "{\"a\\nb\":1}"), "attributes");
	assert_invalid(with(*state, "{\"a\\u0085b\":1}"), "attributes");
}

static void names_of_the_passkeys_are_ordinary(void **state)
{
	static const char *const attributes = "{\"passkeys-name\":\"n\",\"passkeys-displayname\":\"d\"}";

	assert_string_equal(attributes_of(*state, with(*state, attributes)), attributes);
}

/* ---- how many ---- */

static void hundred_attributes(void **state)
{
	assert_status(with(*state, so_many(*state, 100)), 200);
}

static void one_more_than_a_hundred(void **state)
{
	assert_invalid(with(*state, so_many(*state, 101)), "attributes");
}

static void one_more_in_a_change(void **state)
{
	struct users *u = *state;
	const char *id = text_of(with(u, so_many(u, 100)), "id");
	struct answer before = user_get(u, id);

	assert_invalid(update(u, id, "{\"segment\":\"s\",\"attributes\":{\"b\":1}}"), "attributes");
	assert_slice_equal(user_get(u, id).text, before.text);
}

static void one_more_when_another_goes(void **state)
{
	struct users *u = *state;
	const char *id = text_of(with(u, so_many(u, 100)), "id");

	assert_status(update(u, id, "{\"attributes\":{\"b\":1,\"a0\":null}}"), 200);
	assert_int_equal(json_object_size(member(user_get(u, id), "attributes")), 100);
}

static void nulls_do_not_count(void **state)
{
	struct users *u = *state;
	const char *id = text_of(with(u, so_many(u, 100)), "id");

	assert_status(update(u, id, "{\"attributes\":{\"b\":null,\"c\":null}}"), 200);
}

static void everything_at_its_bound(void **state)
{
	struct users *u = *state;
	struct buf b = buf_arena(&u->w->f->arena, 2 * 1024 * 1024);
	const char *value = repeated(u, 2000, "\xf0\x9f\x98\x80");

	for (int i = 0; i < 100; i++)
		buf_printf(&b, "%s\"%s%02d\":\"%s\"", i ? "," : "{", repeated(u, 62, "\xf0\x9f\x98\x80"), i, value);
	buf_text(&b, "}");
	buf_byte(&b, 0);
	assert_status(with(u, (const char *)b.p), 200);
}

static void every_fault_is_told(void **state)
{
	struct answer answer = with(*state, "{\"a\":[],\"b\":1,\"c\":{},\"\":2}");

	assert_invalid(answer, "attributes.a");
	assert_invalid(answer, "attributes.c");
	assert_invalid(answer, "attributes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(strings_numbers_and_booleans_are_kept_as_given),
		TEST(order_is_kept),
		TEST(null_in_a_new_user_is_nothing),
		TEST(last_of_two_counts),
		TEST(objects_and_arrays_are_refused),
		TEST(value_of_2000_characters),
		TEST(value_of_2001_characters),
		TEST(lines_are_allowed_in_values),
		TEST(control_characters_are_refused_in_values),
		TEST(name_of_64_characters),
		TEST(name_of_65_characters),
		TEST(empty_name_is_refused),
		TEST(control_characters_are_refused_in_names),
		TEST(names_of_the_passkeys_are_ordinary),
		TEST(hundred_attributes),
		TEST(one_more_than_a_hundred),
		TEST(one_more_in_a_change),
		TEST(one_more_when_another_goes),
		TEST(nulls_do_not_count),
		TEST(everything_at_its_bound),
		TEST(every_fault_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

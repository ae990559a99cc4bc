#include "tests/unit/common/test.h"

#include "base/buf.h"
#include "base/settings.h"

static struct arena a;
static struct settings s;

static int setup(void **state)
{
	(void)state;
	settings_defaults(&s);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static const struct setting *found(const char *name)
{
	const struct setting *which = setting_find(slice_text(name));

	assert_non_null(which);
	return which;
}

static err set(const char *name, const char *text)
{
	struct slice why = S("");
	struct error e = settings_set(&s, found(name), slice_text(text), &a, &why);

	if (failed(e))
		assert_true(slice_starts(why, slice_text(name))); /* the sentence begins with its subject */
	return e;
}

static bool fits_together(void)
{
	struct slice why = S("");
	struct error e = settings_check(&s, &why);

	if (failed(e)) {
		assert_err(e, CONFIG);
		assert_int_not_equal(why.n, 0);
	}
	return !failed(e);
}

static void every_default_keeps_its_own_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < setting_count; i++) {
		const struct setting *which = &setting_list[i];

		assert_slice_equal(settings_text(&s, which, &a), slice_text(which->standard));
		assert_ok(set(which->name, which->standard));
		assert_slice_equal(settings_text(&s, which, &a), slice_text(which->standard));
	}
	assert_true(fits_together());
}

static void every_setting_is_found_by_its_name_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < setting_count; i++) {
		const char *name = setting_list[i].name;

		assert_ptr_equal(found(name), &setting_list[i]);
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
		assert_int_not_equal(strlen(setting_list[i].help), 0);
	}
	assert_null(setting_find(S("")));
	assert_null(setting_find(S("por")));
	assert_null(setting_find(S("port ")));
	assert_null(setting_find(S("PORT")));
}

static void numbers_keep_their_bounds(void **state)
{
	(void)state;
	for (size_t i = 0; i < setting_count; i++) {
		const struct setting *which = &setting_list[i];

		if (which->type != SETTING_NUMBER)
			continue;
		assert_true(which->min < which->max);
		assert_ok(set(which->name, (const char *)arena_printf(&a, "%lld", (long long)which->min).p));
		assert_ok(set(which->name, (const char *)arena_printf(&a, "%lld", (long long)which->max).p));
		assert_err(set(which->name, (const char *)arena_printf(&a, "%lld", (long long)which->min - 1).p), CONFIG);
		assert_err(set(which->name, (const char *)arena_printf(&a, "%lld", (long long)which->max + 1).p), CONFIG);
		assert_slice_equal(settings_text(&s, which, &a), arena_printf(&a, "%lld", (long long)which->max));
	}
}

static void what_is_no_number_is_refused(void **state)
{
	static const char *const bad[] = { "", "x", "1x", "0x10", "1.5", "+1", "1 2", "99999999999999999999", "on" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_err(set("port", bad[i]), CONFIG);
	assert_int_equal(s.port, 8080);
}

static void blanks_around_a_value_do_not_count(void **state)
{
	(void)state;
	assert_ok(set("port", " \t81 "));
	assert_int_equal(s.port, 81);
	assert_ok(set("listen", " ::1\t"));
	assert_string_equal(s.listen, "::1");
}

static void switches_are_words_or_digits(void **state)
{
	static const char *const yes[] = { "1", "on", "yes", "true" }, *const no[] = { "0", "off", "no", "false" };
	static const char *const bad[] = { "", "2", "-1", "ON", "y", "enabled" };

	(void)state;
	for (size_t i = 0; i < COUNT(yes); i++) {
		assert_ok(set("log_requests", yes[i]));
		assert_int_equal(s.log_requests, 1);
		assert_ok(set("log_requests", no[i]));
		assert_int_equal(s.log_requests, 0);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_err(set("log_requests", bad[i]), CONFIG);
}

static void choices_are_one_of_their_words(void **state)
{
	static const char *const bad[] = { "", "es256", "ES256|RS256", "|", "ES25", "ES2566", "RS256|" };

	(void)state;
	assert_ok(set("signing_alg", "RS256"));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_err(set("signing_alg", bad[i]), CONFIG);
	assert_string_equal(s.signing_alg, "RS256");
}

static void texts_keep_their_bounds(void **state)
{
	struct buf b = buf_arena(&a, 1000);

	(void)state;
	for (int i = 0; i < 64; i++)
		buf_byte(&b, 'x');
	assert_ok(set("listen", arena_cstr(&a, buf_bytes(&b))));
	buf_byte(&b, 'x');
	assert_err(set("listen", arena_cstr(&a, buf_bytes(&b))), CONFIG);
	assert_err(set("listen", "  "), CONFIG);
	assert_int_equal(strlen(s.listen), 64);
}

static void text_is_a_copy(void **state)
{
	char text[] = "::1";

	(void)state;
	assert_ok(set("listen", text));
	text[0] = 'x';
	assert_string_equal(s.listen, "::1");
}

static void tls_needs_both_files(void **state)
{
	(void)state;
	assert_ok(set("tls_key", "key.pem"));
	assert_false(fits_together());
	assert_ok(set("tls_certificate", "certificate.pem"));
	assert_true(fits_together());
	assert_ok(set("tls_key", ""));
	assert_false(fits_together());
}

static void urls_are_absolute_and_bare(void **state)
{
	static const char *const good[] = { "", "http://localhost:8080", "https://id.example", "https://example.com/a/b", "http://[::1]:80" };
	static const char *const bad[] = { "example.com", "ftp://example.com", "http://", "https://", "https:///a", "https://a/",
		"https://a?b", "https://a#b", "https://a b", "https://user@a", "HTTPS://a", "//a", "http:a" };
	static const char *const names[] = { "public_url", "token_issuer" };

	(void)state;
	for (size_t n = 0; n < COUNT(names); n++) {
		for (size_t i = 0; i < COUNT(bad); i++) {
			assert_ok(set(names[n], bad[i]));
			assert_false(fits_together());
		}
		for (size_t i = 0; i < COUNT(good); i++) {
			assert_ok(set(names[n], good[i]));
			assert_true(fits_together());
		}
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_default_keeps_its_own_rules),
		CASE(every_setting_is_found_by_its_name_alone),
		CASE(numbers_keep_their_bounds),
		CASE(what_is_no_number_is_refused),
		CASE(blanks_around_a_value_do_not_count),
		CASE(switches_are_words_or_digits),
		CASE(choices_are_one_of_their_words),
		CASE(texts_keep_their_bounds),
		CASE(text_is_a_copy),
		CASE(tls_needs_both_files),
		CASE(urls_are_absolute_and_bare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

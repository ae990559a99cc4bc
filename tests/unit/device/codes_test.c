/* Activation codes and their guards (10), on a clock that the test moves. */
#include "api/internal.h"
#include "tests/unit/device/site.h"

enum { MINUTE = 60 * 1000, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static const struct application *application_of(struct site *s)
{
	return application_of_account(applications_now(&s->f->app), s->account);
}

/* An operation and a call around it, as far as codes look at them. */
struct asker {
	struct op op;
	struct http_request http;
	struct call call;
};

static struct asker *asker(struct site *s, const char *peer)
{
	struct asker *a = arena_new(&s->f->arena, struct asker);

	a->http.peer = slice_text(peer);
	a->op = (struct op){ .app = &s->f->app, .arena = &s->f->arena, .http = &a->http, .now = env_now_ms(s->f->app.env) };
	a->call = (struct call){ .op = &a->op, .application = application_of(s) };
	return a;
}

static struct slice make_code(struct site *s)
{
	struct asker *a = asker(s, "192.0.2.1");
	struct slice code;

	a->op.reader = store_read_begin(s->f->app.store);
	code = code_make(&a->op, a->call.application);
	store_read_end(a->op.reader);
	return code;
}

static bool allowed(struct site *s, const char *peer, const char *code)
{
	return code_allowed(&asker(s, peer)->call, slice_text(code));
}

static void wrong(struct site *s, const char *peer)
{
	code_wrong(&asker(s, peer)->call);
}

/* Wrong codes from ever new addresses. */
static void wrong_from_many(struct site *s, int n)
{
	for (int i = 0; i < n; i++)
		wrong(s, TEXT(s->w, "198.51.100.%d", i));
}

/* ---- what codes look like ---- */

static void assert_made_of(struct site *s, const char *config, size_t length, const char *alphabet)
{
	unsigned seen[256] = { 0 };

	site_configure(s, config);
	for (int i = 0; i < 400; i++) {
		struct slice code = make_code(s);

		assert_int_equal(code.n, length);
		for (size_t k = 0; k < code.n; k++) {
			assert_non_null(strchr(alphabet, code.p[k]));
			seen[code.p[k]]++;
		}
	}
	for (const char *c = alphabet; *c; c++)
		assert_true(seen[(uint8_t)*c] > 0);
}

static void alphabets(void **state)
{
	const char *letters = "ABCDEFGHJKLMNPQRSTUVWXYZ", *both = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

	assert_made_of(*state, "", 6, "0123456789");
	assert_made_of(*state, "{\"activationCodeType\":\"ALPHA\",\"activationCodeLength\":9}", 9, letters);
	assert_made_of(*state, "{\"activationCodeType\":\"ALPHANUMERIC\",\"activationCodeLength\":128}", 128, both);
	assert_made_of(*state, "{\"activationCodeType\":\"ANY\",\"activationCodeLength\":8}", 8, both);
}

static void codes_differ(void **state)
{
	assert_false(slice_eq(make_code(*state), make_code(*state)));
}

/* ---- density: pending codes fill at most one ten-thousandth ---- */

static void pending_codes(struct site *s, int n)
{
	database_run(s->db, TEXT(s->w,
		"WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < %d)"
		" INSERT INTO device_operations (id, application, auth_level, timeout_ms, content, code_index, code_ts)"
		" SELECT randomblob(16), (SELECT id FROM applications), 1, 1, x'', randomblob(32), 0 FROM k", n));
}

static void codes_grow_when_the_space_is_crowded(void **state)
{
	struct site *s = *state;

	pending_codes(s, 99);
	assert_int_equal(make_code(s).n, 6);
	pending_codes(s, 1);
	assert_int_equal(make_code(s).n, 10);
	database_run(s->db, "DELETE FROM device_operations WHERE rowid IN (SELECT rowid FROM device_operations LIMIT 1)");
	assert_int_equal(make_code(s).n, 6);
}

static void crowd_bars_nobody_with_a_code(void **state)
{
	struct site *s = *state;

	pending_codes(s, 500);
	assert_true(allowed(s, "192.0.2.1", "123456"));
}

static void space_counts_the_alphabet(void **state)
{
	struct site *s = *state;

	site_configure(s, "{\"activationCodeType\":\"ALPHA\",\"activationCodeLength\":4}"); /* 24^4 / 10000 = 33.2 */
	pending_codes(s, 33);
	assert_int_equal(make_code(s).n, 4);
	pending_codes(s, 1);
	assert_int_equal(make_code(s).n, 8);
}

/* ---- ten wrong ones a minute and address ---- */

static void tenth_wrong_code_closes_its_address(void **state)
{
	struct site *s = *state;

	for (int i = 0; i < 10; i++) {
		assert_true(allowed(s, "192.0.2.1", "123456"));
		wrong(s, "192.0.2.1");
	}
	assert_false(allowed(s, "192.0.2.1", "123456"));
	assert_true(allowed(s, "192.0.2.2", "123456"));
	fixture_advance(s->f, MINUTE / 10);
	assert_true(allowed(s, "192.0.2.1", "123456"));
}

static void asking_alone_counts_nothing(void **state)
{
	for (int i = 0; i < 50; i++)
		assert_true(allowed(*state, "192.0.2.1", "123456"));
}

/* ---- a hundred within an hour ---- */

static void ninety_nine_are_no_attack(void **state)
{
	struct site *s = *state;

	wrong_from_many(s, 99);
	assert_int_equal(make_code(s).n, 6);
	assert_true(allowed(s, "192.0.2.1", "123456"));
}

static void hundred_make_codes_longer_for_a_day(void **state)
{
	struct site *s = *state;

	wrong_from_many(s, 100);
	assert_int_equal(make_code(s).n, 10);
	fixture_advance(s->f, DAY - 1);
	assert_int_equal(make_code(s).n, 10);
	fixture_advance(s->f, 1);
	assert_int_equal(make_code(s).n, 6);
}

static void hundred_close_the_base_length_and_no_other(void **state)
{
	struct site *s = *state;

	wrong_from_many(s, 100);
	assert_false(allowed(s, "203.0.113.5", "123456"));
	assert_false(allowed(s, "203.0.113.5", "12345"));
	assert_true(allowed(s, "203.0.113.5", "1234567890"));
}

static void hundred_count_within_any_hour(void **state)
{
	struct site *s = *state;

	wrong_from_many(s, 1);
	fixture_advance(s->f, HOUR - 1000);
	wrong_from_many(s, 98);
	fixture_advance(s->f, 2000);
	wrong_from_many(s, 1);
	assert_int_equal(make_code(s).n, 6); /* the first one is over an hour ago */
	wrong_from_many(s, 1);
	assert_int_equal(make_code(s).n, 10); /* and these hundred are not, though two clock hours saw them */
}

static void another_application_is_not_concerned(void **state)
{
	struct site *s = *state;
	int64_t other = world_account_number(s->w, world_account(s->w, "sandbox"));
	struct asker *a;

	must(devices_add_mobileid(&s->f->app, other, "Other"));
	wrong_from_many(s, 100);
	a = asker(s, "203.0.113.5");
	a->call.application = application_of_account(applications_now(&s->f->app), other);
	assert_true(code_allowed(&a->call, S("123456")));
}

static void code_is_found_by_a_keyed_hash_alone(void **state)
{
	struct site *s = *state;
	struct asker *a = asker(s, "192.0.2.1");
	struct slice one = code_index(&a->op, a->call.application, S("123456")), two = code_index(&a->op, a->call.application, S("123457"));

	assert_int_equal(one.n, INDEX_BYTES);
	assert_false(slice_eq(one, two));
	assert_slice_equal(one, code_index(&a->op, a->call.application, S("123456")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(alphabets),
		SITE_TEST(codes_differ),
		SITE_TEST(codes_grow_when_the_space_is_crowded),
		SITE_TEST(crowd_bars_nobody_with_a_code),
		SITE_TEST(space_counts_the_alphabet),
		SITE_TEST(tenth_wrong_code_closes_its_address),
		SITE_TEST(asking_alone_counts_nothing),
		SITE_TEST(ninety_nine_are_no_attack),
		SITE_TEST(hundred_make_codes_longer_for_a_day),
		SITE_TEST(hundred_close_the_base_length_and_no_other),
		SITE_TEST(hundred_count_within_any_hour),
		SITE_TEST(another_application_is_not_concerned),
		SITE_TEST(code_is_found_by_a_keyed_hash_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The first start: bootstrap.json, and what is printed. */
#include "server/bootstrap.h"

#include "booted.h"

static const struct bootstrap first = { "a-spge-x", "sandbox-x", "the-secret" };

static json_t *file_of(struct booted *b)
{
	json_t *file = json_load_file(PATH_IN(b, "bootstrap.json"), JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(file);
	return file;
}

static void assert_member(struct booted *b, const char *name, const char *want)
{
	json_t *file = file_of(b);

	assert_string_equal(json_string_value(json_object_get(file, name)), want);
	json_decref(file);
}

static void write_file(struct booted *b, const char *text)
{
	FILE *file = fopen(PATH_IN(b, "bootstrap.json"), "we");

	fputs(text, file);
	fclose(file);
}

static const char *told(struct booted *b, const struct bootstrap *made)
{
	struct error e;

	capture_begin(&b->said, STDOUT_FILENO);
	e = bootstrap_tell(&b->boot, made);
	capture_end(&b->said);
	assert_ok(e);
	return b->said.text;
}

static void what_was_made_is_kept(void **state)
{
	struct booted *b = *state;

	booted_open_well(b);
	assert_ok(bootstrap_keep(&b->boot, &first));
	assert_member(b, "accountId", "a-spge-x");
	assert_member(b, "clientId", "sandbox-x");
	assert_member(b, "clientSecret", "the-secret");
	assert_member(b, "baseUrl", "");
}

static void only_its_owner_may_read_it(void **state)
{
	struct booted *b = *state;
	struct stat st;

	booted_open_well(b);
	assert_ok(bootstrap_keep(&b->boot, &first));
	assert_int_equal(stat(PATH_IN(b, "bootstrap.json"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void nothing_is_left_beside_it(void **state)
{
	struct booted *b = *state;
	struct stat st;

	booted_open_well(b);
	assert_ok(bootstrap_keep(&b->boot, &first));
	assert_int_equal(stat(PATH_IN(b, "bootstrap.json.new"), &st), -1);
}

/* Somebody else who may write there must not lead the secret elsewhere. */
static void link_is_not_followed(void **state)
{
	struct booted *b = *state;
	const char *elsewhere = (const char *)arena_printf(&b->a, "%s.stolen", b->dir).p;
	struct stat st;

	booted_open_well(b);
	assert_int_equal(symlink(elsewhere, PATH_IN(b, "bootstrap.json.new")), 0);
	capture_begin(&b->said, STDERR_FILENO);
	assert_err(bootstrap_keep(&b->boot, &first), IO);
	capture_end(&b->said);
	assert_said(b, "bootstrap.json cannot be written");
	assert_int_equal(stat(elsewhere, &st), -1);
}

static void untold_until_it_is_told(void **state)
{
	struct booted *b = *state;
	struct bootstrap again = { "", "", "" };

	booted_open_well(b);
	assert_ok(bootstrap_keep(&b->boot, &first));
	assert_true(bootstrap_is_untold(&b->boot, &again));
	assert_string_equal(again.account_id, "a-spge-x");
	assert_string_equal(again.client_id, "sandbox-x");
	assert_string_equal(again.secret, "the-secret");
	told(b, &first);
	assert_false(bootstrap_is_untold(&b->boot, &again));
}

static void nothing_kept_is_nothing_untold(void **state)
{
	struct booted *b = *state;
	struct bootstrap none;

	booted_open_well(b);
	assert_false(bootstrap_is_untold(&b->boot, &none));
	write_file(b, "[]");
	assert_false(bootstrap_is_untold(&b->boot, &none));
	write_file(b, "{\"baseUrl\":");
	assert_false(bootstrap_is_untold(&b->boot, &none));
}

static void address_is_brought_up_to_date(void **state)
{
	struct booted *b = *state;

	booted_open_well(b);
	assert_ok(bootstrap_keep(&b->boot, &first));
	b->boot.app.public_url = "http://localhost:81";
	told(b, NULL);
	assert_member(b, "baseUrl", "http://localhost:81");
	b->boot.app.public_url = "http://localhost:82";
	told(b, NULL);
	assert_member(b, "baseUrl", "http://localhost:82");
	assert_member(b, "clientSecret", "the-secret");
}

static void file_that_was_taken_away_stays_away(void **state)
{
	struct booted *b = *state;
	struct stat st;

	booted_open_well(b);
	told(b, NULL);
	assert_int_equal(stat(PATH_IN(b, "bootstrap.json"), &st), -1);
}

static void file_that_is_no_object_is_let_be(void **state)
{
	struct booted *b = *state;
	struct stat st;

	booted_open_well(b);
	write_file(b, "my own notes");
	told(b, NULL);
	assert_int_equal(stat(PATH_IN(b, "bootstrap.json"), &st), 0);
	assert_int_equal(st.st_size, strlen("my own notes"));
}

static void what_somebody_added_stays(void **state)
{
	struct booted *b = *state;

	booted_open_well(b);
	write_file(b, "{\"baseUrl\":\"old\",\"mine\":\"kept\"}");
	told(b, NULL);
	assert_member(b, "mine", "kept");
}

static void first_start_tells_everything(void **state)
{
	struct booted *b = *state;

	booted_open_well(b);
	b->boot.app.public_url = "http://localhost:81";
	told(b, &first);
	assert_said(b, "account        a-spge-x (sandbox)");
	assert_said(b, "client id      sandbox-x");
	assert_said(b, "client secret  the-secret");
	assert_said(b, "http://localhost:81/auth/open/connect/token");
	assert_said(b, "Listening on http://localhost:81 (data in ");
}

static void later_starts_tell_no_secret(void **state)
{
	struct booted *b = *state;

	booted_open_well(b);
	assert_ok(bootstrap_keep(&b->boot, &first));
	assert_null(strstr(told(b, NULL), "the-secret"));
	assert_said(b, "Listening on ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOOTED(what_was_made_is_kept),
		BOOTED(only_its_owner_may_read_it),
		BOOTED(nothing_is_left_beside_it),
		BOOTED(link_is_not_followed),
		BOOTED(untold_until_it_is_told),
		BOOTED(nothing_kept_is_nothing_untold),
		BOOTED(address_is_brought_up_to_date),
		BOOTED(file_that_was_taken_away_stays_away),
		BOOTED(file_that_is_no_object_is_let_be),
		BOOTED(what_somebody_added_stays),
		BOOTED(first_start_tells_everything),
		BOOTED(later_starts_tell_no_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

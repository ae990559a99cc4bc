/* The program put together, and what it says when it cannot be. */
#include "booted.h"

static void everything_is_made_where_nothing_is(void **state)
{
	struct booted *b = *state;
	struct stat st;

	booted_open_well(b);
	assert_true(b->boot.fresh);
	assert_non_null(b->boot.app.store);
	assert_non_null(b->boot.app.accounts);
	assert_non_null(b->boot.app.oauth);
	assert_int_equal(stat(b->dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void second_start_finds_it(void **state)
{
	struct booted *b = *state;

	booted_open_well(b);
	booted_close(b);
	booted_open_well(b);
	assert_false(b->boot.fresh);
}

static void nothing_is_made_for_a_managing_command(void **state)
{
	struct booted *b = *state;
	struct stat st;

	assert_true(failed(booted_open(b, false)));
	assert_said(b, "There is no database in");
	assert_int_equal(stat(b->dir, &st), -1);
}

static void managing_command_opens_what_is_there(void **state)
{
	struct booted *b = *state;

	booted_open_well(b);
	booted_close(b);
	assert_ok(booted_open(b, false));
}

static void second_process_is_kept_out(void **state)
{
	struct booted *b = *state;
	struct boot other;

	booted_open_well(b);
	capture_begin(&b->said, STDERR_FILENO);
	assert_err(boot_open(&other, &b->line, true), LOCKED_BY_PROCESS);
	assert_string_equal(capture_end(&b->said), ""); /* the caller tells */
}

static void bad_setting_stops_before_anything_is_made(void **state)
{
	struct booted *b = *state;
	struct stat st;

	b->options[b->line.option_count++] = (struct command_option){ "port", "x" };
	assert_true(failed(booted_open(b, true)));
	assert_said(b, "port must be a number");
	assert_int_equal(stat(b->dir, &st), -1);
}

static void directory_that_cannot_be_made(void **state)
{
	struct booted *b = *state;

	b->line.data = "/proc/nothing/data";
	assert_true(failed(booted_open(b, true)));
	assert_said(b, "The data directory /proc/nothing/data cannot be made");
}

static void file_instead_of_a_directory(void **state)
{
	struct booted *b = *state;
	FILE *file = fopen(b->dir, "we");

	fclose(file);
	assert_true(failed(booted_open(b, true)));
	assert_true(*b->said.text);
	unlink(b->dir);
}

static void file_that_is_no_database(void **state)
{
	struct booted *b = *state;
	FILE *file;

	booted_open_well(b);
	booted_close(b);
	file = fopen(PATH_IN(b, "reuseid.db"), "we");
	fputs("this is no database, however long it may be, and it is long enough to have a header", file);
	fclose(file);
	assert_true(failed(booted_open(b, true)));
	assert_said(b, "cannot be opened");
}

static void public_url_by_setting(void **state)
{
	struct booted *b = *state;

	b->options[b->line.option_count++] = (struct command_option){ "public-url", "https://id.example.com" };
	booted_open_well(b);
	assert_string_equal(public_url_of(&b->boot, app_settings(&b->boot.app), 81), "https://id.example.com");
}

static void public_url_of_a_port(void **state)
{
	struct booted *b = *state;

	booted_open_well(b);
	assert_string_equal(public_url_of(&b->boot, app_settings(&b->boot.app), 81), "http://localhost:81");
}

static void levels(void **state)
{
	struct settings s;

	(void)state;
	settings_defaults(&s);
	assert_int_equal(level_from(&s), LOG_INFO);
	s.log_level = "debug";
	assert_int_equal(level_from(&s), LOG_DEBUG);
	s.log_level = "warn";
	assert_int_equal(level_from(&s), LOG_WARN);
	s.log_level = "error";
	assert_int_equal(level_from(&s), LOG_ERROR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOOTED(everything_is_made_where_nothing_is),
		BOOTED(second_start_finds_it),
		BOOTED(nothing_is_made_for_a_managing_command),
		BOOTED(managing_command_opens_what_is_there),
		BOOTED(second_process_is_kept_out),
		BOOTED(bad_setting_stops_before_anything_is_made),
		BOOTED(directory_that_cannot_be_made),
		BOOTED(file_instead_of_a_directory),
		BOOTED(file_that_is_no_database),
		BOOTED(public_url_by_setting),
		BOOTED(public_url_of_a_port),
		cmocka_unit_test(levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

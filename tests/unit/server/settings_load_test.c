/* Settings: defaults, the file, the command line. */
#include "capture.h"
#include "server/boot.h"

struct loaded {
	struct arena a;
	struct settings settings;
	struct command_line line;
	struct command_option options[8];
	struct capture said;
	char path[64];
};

static int setup(void **state)
{
	struct loaded *l = xalloc(sizeof(*l));
	int fd;

	strcpy(l->path, "/tmp/settings-XXXXXX");
	fd = mkstemp(l->path);
	assert_true(fd >= 0);
	close(fd);
	l->line = (struct command_line){ .arena = &l->a, .options = l->options };
	*state = l;
	return 0;
}

static int teardown(void **state)
{
	struct loaded *l = *state;

	unlink(l->path);
	arena_free(&l->a);
	free(l);
	return 0;
}

static void file_of(struct loaded *l, struct slice text)
{
	FILE *file = fopen(l->path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(text.p, 1, text.n, file), text.n);
	fclose(file);
	l->line.config = l->path;
}

static void option(struct loaded *l, const char *name, const char *value)
{
	l->options[l->line.option_count++] = (struct command_option){ name, value };
}

static struct error load(struct loaded *l, const char **ret_said)
{
	struct error e;

	capture_begin(&l->said, STDERR_FILENO);
	e = settings_load(&l->line, &l->a, &l->settings);
	*ret_said = capture_end(&l->said);
	return e;
}

static void load_well(struct loaded *l)
{
	const char *said;
	struct error e = load(l, &said);

	if (failed(e) || *said)
		fail_msg("%s", said);
}

/* `why` with the path of the file in front, as FILE. */
static void assert_refused(struct loaded *l, const char *why)
{
	const char *said, *front = "";
	struct error e = load(l, &said);

	assert_err(e, CONFIG);
	if (strncmp(why, "FILE", 4) == 0) {
		front = l->path;
		why += 4;
	}
	if (!strstr(said, (const char *)arena_printf(&l->a, "%s%s\n", front, why).p))
		fail_msg("%s", said);
}

/* ---- defaults and the command line ---- */

static void nothing_said_is_the_default(void **state)
{
	struct loaded *l = *state;

	load_well(l);
	assert_int_equal(l->settings.port, 8080);
	assert_string_equal(l->settings.listen, "127.0.0.1");
	assert_string_equal(l->settings.signing_alg, "ES256");
}

static void option_with_dashes(void **state)
{
	struct loaded *l = *state;

	option(l, "public-url", "https://example.com");
	load_well(l);
	assert_string_equal(l->settings.public_url, "https://example.com");
}

static void last_option_counts(void **state)
{
	struct loaded *l = *state;

	option(l, "port", "1");
	option(l, "port", "2");
	load_well(l);
	assert_int_equal(l->settings.port, 2);
}

static void options_of_the_command_are_let_pass(void **state)
{
	struct loaded *l = *state;

	option(l, "something-else", "x");
	load_well(l);
}

static void bad_option(void **state)
{
	struct loaded *l = *state;

	option(l, "port", "70000");
	assert_refused(l, "port must be a number from 0 to 65535, not \"70000\"");
}

/* ---- the file ---- */

static void file_is_read(void **state)
{
	struct loaded *l = *state;

	file_of(l, S("# a comment\n\n; another\nport = 81\n  public_url=https://example.com  \nlog_level =debug\n"));
	load_well(l);
	assert_int_equal(l->settings.port, 81);
	assert_string_equal(l->settings.public_url, "https://example.com");
	assert_string_equal(l->settings.log_level, "debug");
}

static void file_without_a_line_end(void **state)
{
	struct loaded *l = *state;

	file_of(l, S("port = 81"));
	load_well(l);
	assert_int_equal(l->settings.port, 81);
}

static void file_of_another_system(void **state)
{
	struct loaded *l = *state;

	file_of(l, S("port = 81\r\nlisten = ::1\r\n"));
	load_well(l);
	assert_string_equal(l->settings.listen, "::1");
}

static void empty_file(void **state)
{
	struct loaded *l = *state;

	file_of(l, S(""));
	load_well(l);
}

static void value_may_be_as_long_as_its_setting_says(void **state)
{
	struct loaded *l = *state;
	struct buf b = buf_arena(&l->a, 8192);

	buf_text(&b, "port = 81\ntrusted_proxies = 10.0.0.0/8");
	while (b.n < 3000)
		buf_text(&b, ", 192.168.111.222");
	buf_text(&b, "\nlisten = ::1\n");
	file_of(l, buf_bytes(&b));
	load_well(l);
	assert_true(strlen(l->settings.trusted_proxies) > 2900);
	assert_string_equal(l->settings.listen, "::1");
}

static void value_may_hold_an_equals_sign(void **state)
{
	struct loaded *l = *state;

	file_of(l, S("master_key_file = /keys/a=b\n"));
	load_well(l);
	assert_string_equal(l->settings.master_key_file, "/keys/a=b");
}

static void command_line_wins_over_the_file(void **state)
{
	struct loaded *l = *state;

	file_of(l, S("port = 81\n"));
	option(l, "port", "82");
	load_well(l);
	assert_int_equal(l->settings.port, 82);
}

static void unknown_setting_is_named_with_its_line(void **state)
{
	struct loaded *l = *state;

	file_of(l, S("port = 81\nprot = 82\n"));
	assert_refused(l, "FILE, line 2: there is no setting \"prot\"");
}

static void setting_of_the_command_line_is_written_with_underscores_here(void **state)
{
	struct loaded *l = *state;

	file_of(l, S("public-url = https://example.com\n"));
	assert_refused(l, "FILE, line 1: there is no setting \"public-url\"");
}

static void bad_value_is_named_with_its_line(void **state)
{
	struct loaded *l = *state;

	file_of(l, S("\n\nport = many\n"));
	assert_refused(l, "FILE, line 3: port must be a number from 0 to 65535, not \"many\"");
}

static void every_fault_is_told(void **state)
{
	struct loaded *l = *state;

	file_of(l, S("port = many\nnothing\n[section]\n"));
	option(l, "log-level", "loud");
	assert_refused(l, "FILE, line 1: port must be a number from 0 to 65535, not \"many\"");
	assert_refused(l, "FILE, line 2: it is not \"name = value\"");
	assert_refused(l, "FILE, line 3: sections are not used");
	assert_refused(l, "log_level must be one of debug|info|warn|error, not \"loud\"");
}

/* The next line of a long list would otherwise silently take the place of the first one. */
static void line_that_goes_on_is_refused(void **state)
{
	struct loaded *l = *state;

	file_of(l, S("trusted_proxies = 10.0.0.0/8,\n    192.168.0.0/16\n"));
	assert_refused(l, "FILE, line 2: it is not \"name = value\"");
}

static void setting_twice_is_refused(void **state)
{
	struct loaded *l = *state;

	file_of(l, S("port = 81\nport = 82\n"));
	assert_refused(l, "FILE, line 2: port is set already");
}

static void bytes_that_nobody_sees_are_refused(void **state)
{
	struct loaded *l = *state;

	file_of(l, S("listen = 127.0.0.1\0evil\n"));
	assert_refused(l, "FILE, line 1: listen must not contain control characters");
}

static void rules_that_join_settings_are_checked(void **state)
{
	struct loaded *l = *state;

	file_of(l, S("tls_key = /key.pem\n"));
	assert_refused(l, "tls_certificate and tls_key go together: set both or none");
}

static void missing_file(void **state)
{
	struct loaded *l = *state;

	unlink(l->path);
	l->line.config = l->path;
	assert_refused(l, "FILE: cannot be read: No such file or directory");
}

static void directory_instead_of_a_file(void **state)
{
	struct loaded *l = *state;

	l->line.config = "/tmp";
	assert_refused(l, "/tmp: cannot be read: Is a directory");
}

static void huge_file(void **state)
{
	struct loaded *l = *state;

	file_of(l, slice_of(arena_alloc(&l->a, 100000), 100000));
	assert_refused(l, "FILE: is larger than 65536 bytes");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_said_is_the_default),
		TEST(option_with_dashes),
		TEST(last_option_counts),
		TEST(options_of_the_command_are_let_pass),
		TEST(bad_option),
		TEST(file_is_read),
		TEST(file_without_a_line_end),
		TEST(file_of_another_system),
		TEST(empty_file),
		TEST(value_may_be_as_long_as_its_setting_says),
		TEST(value_may_hold_an_equals_sign),
		TEST(command_line_wins_over_the_file),
		TEST(unknown_setting_is_named_with_its_line),
		TEST(setting_of_the_command_line_is_written_with_underscores_here),
		TEST(bad_value_is_named_with_its_line),
		TEST(every_fault_is_told),
		TEST(line_that_goes_on_is_refused),
		TEST(setting_twice_is_refused),
		TEST(bytes_that_nobody_sees_are_refused),
		TEST(rules_that_join_settings_are_checked),
		TEST(missing_file),
		TEST(directory_instead_of_a_file),
		TEST(huge_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

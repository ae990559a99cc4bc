/* The master key at the start: made once, kept, and never another one than the database's. */
#include "booted.h"

static const char *key_text(struct booted *b, const char *path)
{
	char text[200] = { 0 };
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	assert_int_equal(fread(text, 1, sizeof(text) - 1, file), 65);
	fclose(file);
	return arena_cstr(&b->a, slice_text(text));
}

static void write_key(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	fchmod(fd, mode);
	close(fd);
}

#define OTHER_KEY "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"

static void key_is_made_with_the_database(void **state)
{
	struct booted *b = *state;
	struct stat st;

	booted_open_well(b);
	assert_int_equal(stat(PATH_IN(b, "master.key"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 65);
}

static void key_stays(void **state)
{
	struct booted *b = *state;
	const char *first;

	booted_open_well(b);
	first = key_text(b, PATH_IN(b, "master.key"));
	booted_close(b);
	booted_open_well(b);
	assert_string_equal(key_text(b, PATH_IN(b, "master.key")), first);
}

static void each_database_has_another_key(void **state)
{
	struct booted *b = *state;
	const char *first;

	booted_open_well(b);
	first = key_text(b, PATH_IN(b, "master.key"));
	booted_close(b);
	remove_all(b->dir);
	booted_open_well(b);
	assert_string_not_equal(key_text(b, PATH_IN(b, "master.key")), first);
}

static void key_that_waits_is_taken(void **state)
{
	struct booted *b = *state;

	assert_int_equal(mkdir(b->dir, 0700), 0);
	write_key(PATH_IN(b, "master.key"), OTHER_KEY, 0600);
	booted_open_well(b);
	assert_string_equal(key_text(b, PATH_IN(b, "master.key")), OTHER_KEY);
}

static void key_elsewhere_by_setting(void **state)
{
	struct booted *b = *state;
	const char *path = (const char *)arena_printf(&b->a, "%s.key", b->dir).p;
	struct stat st;

	b->options[b->line.option_count++] = (struct command_option){ "master-key-file", path };
	booted_open_well(b);
	assert_int_equal(stat(PATH_IN(b, "master.key"), &st), -1);
	assert_int_equal(strlen(key_text(b, path)), 65);
}

/* A new key would make everything unreadable that is there. */
static void missing_key_is_never_made_anew(void **state)
{
	struct booted *b = *state;
	struct stat st;

	booted_open_well(b);
	booted_close(b);
	unlink(PATH_IN(b, "master.key"));
	assert_true(failed(booted_open(b, true)));
	assert_said(b, "is missing. Without it nothing in the database can be opened");
	assert_int_equal(stat(PATH_IN(b, "master.key"), &st), -1);
}

static void another_key_is_refused(void **state)
{
	struct booted *b = *state;

	booted_open_well(b);
	booted_close(b);
	unlink(PATH_IN(b, "master.key"));
	write_key(PATH_IN(b, "master.key"), OTHER_KEY, 0600);
	assert_err(booted_open(b, true), WRONG_KEY);
	assert_said(b, "is not the one of this database");
}

static void right_key_works_again(void **state)
{
	struct booted *b = *state;
	const char *right;

	booted_open_well(b);
	booted_close(b);
	right = key_text(b, PATH_IN(b, "master.key"));
	write_key(PATH_IN(b, "master.key"), OTHER_KEY, 0600);
	assert_true(failed(booted_open(b, true)));
	write_key(PATH_IN(b, "master.key"), right, 0600);
	booted_open_well(b);
}

static void key_that_others_may_read_is_refused(void **state)
{
	struct booted *b = *state;

	booted_open_well(b);
	booted_close(b);
	chmod(PATH_IN(b, "master.key"), 0640);
	assert_true(failed(booted_open(b, true)));
	assert_said(b, "that only its owner may read (chmod 600)");
}

static void malformed_key_is_refused(void **state)
{
	static const char *const texts[] = { "", "\n", "0011\n", OTHER_KEY "\n", "zz112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n" };
	struct booted *b = *state;

	booted_open_well(b);
	booted_close(b);
	for (size_t i = 0; i < COUNT(texts); i++) {
		write_key(PATH_IN(b, "master.key"), texts[i], 0600);
		assert_true(failed(booted_open(b, true)));
		assert_said(b, "must be a file of 64 hex digits");
	}
}

static void key_is_never_said(void **state)
{
	struct booted *b = *state;

	booted_open_well(b);
	booted_close(b);
	unlink(PATH_IN(b, "master.key"));
	write_key(PATH_IN(b, "master.key"), OTHER_KEY, 0600);
	assert_true(failed(booted_open(b, true)));
	assert_null(strstr(b->said.text, "0011223344"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOOTED(key_is_made_with_the_database),
		BOOTED(key_stays),
		BOOTED(each_database_has_another_key),
		BOOTED(key_that_waits_is_taken),
		BOOTED(key_elsewhere_by_setting),
		BOOTED(missing_key_is_never_made_anew),
		BOOTED(another_key_is_refused),
		BOOTED(right_key_works_again),
		BOOTED(key_that_others_may_read_is_refused),
		BOOTED(malformed_key_is_refused),
		BOOTED(key_is_never_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

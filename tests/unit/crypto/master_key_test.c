#include "tests/unit/common/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/seal.h"
#include "tests/unit/common/vectors.h"

static char folder[64], path[96];
static uint8_t key[MASTER_KEY_BYTES];

static int setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/master_key_test.XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/key", folder);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static void write_text(const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

#define DIGITS "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void a_made_key_is_read_back(void **state)
{
	uint8_t made[MASTER_KEY_BYTES];
	struct stat st;

	(void)state;
	assert_ok(master_key_create(&env_system, path, made));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 65);
	assert_ok(master_key_read(path, key));
	assert_memory_equal(key, made, MASTER_KEY_BYTES);
}

static void a_known_file_is_read(void **state)
{
	(void)state;
	write_text(DIGITS "\n", 0400);
	assert_ok(master_key_read(path, key));
	for (uint8_t i = 0; i < MASTER_KEY_BYTES; i++)
		assert_int_equal(key[i], i);
}

static void an_existing_file_is_kept(void **state)
{
	(void)state;
	write_text(DIGITS "\n", 0600);
	errno = 0;
	assert_err(master_key_create(&env_system, path, key), IO);
	assert_int_equal(errno, EEXIST);
	assert_ok(master_key_read(path, key));
	assert_int_equal(key[31], 31);
}

static void what_a_cut_short_start_left_does_not_block(void **state)
{
	char beside[128];
	uint8_t made[MASTER_KEY_BYTES];
	FILE *f;

	(void)state;
	snprintf(beside, sizeof(beside), "%s.new", path);
	f = fopen(beside, "w");
	assert_non_null(f);
	fputs("0001", f);
	fclose(f);
	assert_ok(master_key_create(&env_system, path, made));
	assert_ok(master_key_read(path, key));
	assert_memory_equal(key, made, MASTER_KEY_BYTES);
	assert_int_equal(access(beside, F_OK), -1);
}

static void a_missing_file_is_named(void **state)
{
	(void)state;
	errno = 0;
	assert_err(master_key_read(path, key), IO);
	assert_int_equal(errno, ENOENT);
}

static void a_missing_folder_is_an_error(void **state)
{
	(void)state;
	assert_err(master_key_create(&env_system, "/tmp/master_key_test/no/such/folder", key), IO);
}

static void malformed_files_are_refused(void **state)
{
	static const char *const bad[] = { "", "\n", DIGITS, DIGITS "\n\n", DIGITS "0\n", DIGITS "00\n", "0" DIGITS, DIGITS " ",
		DIGITS "\r\n",
		"x00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		write_text(bad[i], 0600);
		assert_err(master_key_read(path, key), CONFIG);
	}
}

static void files_open_to_others_are_refused(void **state)
{
	static const mode_t modes[] = { 0640, 0604, 0660, 0601, 0610, 0620, 0602 };

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		write_text(DIGITS "\n", modes[i]);
		assert_err(master_key_read(path, key), CONFIG);
	}
}

static void a_folder_is_no_key(void **state)
{
	(void)state;
	assert_err(master_key_read(folder, key), CONFIG);
}

static void a_pipe_is_refused_without_waiting(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_err(master_key_read(path, key), CONFIG);
}

#define with_folder(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_folder(a_made_key_is_read_back),
		with_folder(a_known_file_is_read),
		with_folder(an_existing_file_is_kept),
		with_folder(what_a_cut_short_start_left_does_not_block),
		with_folder(a_missing_file_is_named),
		with_folder(a_missing_folder_is_an_error),
		with_folder(malformed_files_are_refused),
		with_folder(files_open_to_others_are_refused),
		with_folder(a_folder_is_no_key),
		with_folder(a_pipe_is_refused_without_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

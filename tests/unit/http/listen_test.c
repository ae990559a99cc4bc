#include "tests/unit/http/fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "http/listen.h"

static struct log silent = { .env = &env_system, .fd = -1, .level = LOG_ERROR + 1 };
static char dir[32], path[64];

static int in_directory(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/http-test-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/admin", dir);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	unlink(path);
	rmdir(dir);
	return 0;
}

static mode_t mode_of(void)
{
	struct stat file;

	assert_int_equal(lstat(path, &file), 0);
	return file.st_mode;
}

static void unix_socket_is_its_owners_whatever_the_umask(void **state)
{
	static const mode_t masks[] = { 0, 022, 077 };

	(void)state;
	for (size_t i = 0; i < COUNT(masks); i++) {
		mode_t before = umask(masks[i]);
		int fd;

		assert_ok(listen_unix(&silent, path, &fd));
		umask(before);
		assert_int_equal(mode_of(), S_IFSOCK | S_IRUSR | S_IWUSR);
		close(fd);
		unlink(path);
	}
}

static void stale_socket_is_replaced(void **state)
{
	int fd;

	(void)state;
	assert_ok(listen_unix(&silent, path, &fd));
	close(fd);
	assert_ok(listen_unix(&silent, path, &fd));
	close(fd);
}

static void socket_in_use_is_left_alone(void **state)
{
	int fd, second;
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_ok(listen_unix(&silent, path, &fd));
	assert_err(listen_unix(&silent, path, &second), IO);
	strcpy(to.sun_path, path);
	assert_int_equal(connect(client, (const struct sockaddr *)&to, sizeof(to)), 0);
	close(client);
	close(fd);
}

static void file_that_is_no_socket_is_left_alone(void **state)
{
	FILE *file = fopen(path, "w");
	int fd;

	(void)state;
	assert_non_null(file);
	fclose(file);
	assert_err(listen_unix(&silent, path, &fd), IO);
	assert_true(S_ISREG(mode_of()));
}

static void link_is_not_followed(void **state)
{
	char target[sizeof(path) + 8];
	int fd;

	(void)state;
	snprintf(target, sizeof(target), "%s2", path);
	assert_ok(listen_unix(&silent, target, &fd));
	close(fd);
	assert_int_equal(symlink(target, path), 0);
	assert_err(listen_unix(&silent, path, &fd), IO);
	assert_true(S_ISLNK(mode_of()));
	unlink(target);
}

static void path_that_does_not_fit_is_refused(void **state)
{
	char longer[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1];
	int fd;

	(void)state;
	memset(longer, 'a', sizeof(longer));
	longer[sizeof(longer) - 1] = 0;
	assert_err(listen_unix(&silent, longer, &fd), CONFIG);
	assert_err(listen_unix(&silent, "", &fd), CONFIG);
}

static void missing_directory_is_an_error(void **state)
{
	int fd;

	(void)state;
	assert_err(listen_unix(&silent, "/nonexistent/admin", &fd), IO);
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const words[] = { "", "localhost", "127.0.0.1:80", "256.0.0.1", "[::1]", "1" };
	uint16_t port;
	int fd;

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++)
		assert_err(listen_tcp(&silent, words[i], 0, &fd, &port), CONFIG);
}

static void port_in_use_is_an_error(void **state)
{
	uint16_t port, same;
	int fd, second;

	(void)state;
	assert_ok(listen_tcp(&silent, "127.0.0.1", 0, &fd, &port));
	assert_int_not_equal(port, 0);
	assert_err(listen_tcp(&silent, "127.0.0.1", port, &second, &same), IO);
	close(fd);
}

int main(void)
{
#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, in_directory, remove_directory)
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(unix_socket_is_its_owners_whatever_the_umask),
		IN_DIRECTORY(stale_socket_is_replaced),
		IN_DIRECTORY(socket_in_use_is_left_alone),
		IN_DIRECTORY(file_that_is_no_socket_is_left_alone),
		IN_DIRECTORY(link_is_not_followed),
		cmocka_unit_test(path_that_does_not_fit_is_refused),
		cmocka_unit_test(missing_directory_is_an_error),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(port_in_use_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

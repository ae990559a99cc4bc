#include "tests/unit/store/fixture.h"

#include <sys/file.h>

#include <sqlite3.h>

/* ---- opening ---- */

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

static void files_are_private(void **state)
{
	struct fixture *f = *state;
	char wal[160];
	mode_t before = umask(0);

	assert_ok(fixture_open(f));
	assert_ok(store_write(f->s, make_things, NULL));
	umask(before);
	snprintf(wal, sizeof(wal), "%s-wal", f->path);
	assert_int_equal(mode_of(f->path), 0600);
	assert_int_equal(mode_of(wal), 0600);
}

static void file_that_others_could_read_is_closed_to_them(void **state)
{
	struct fixture *f = *state;

	assert_ok(fixture_open(f));
	fixture_close(f);
	assert_int_equal(chmod(f->path, 0644), 0);
	assert_ok(fixture_open(f));
	assert_int_equal(mode_of(f->path), 0600);
}

static void content_survives_reopening(void **state)
{
	struct fixture *f = *state;
	int64_t id = 1;

	assert_ok(store_write(f->s, add_thing_at, &id));
	fixture_reopen(f);
	assert_int_equal(things(f), 1);
}

static void close_leaves_one_file(void **state)
{
	struct fixture *f = *state;
	char wal[160];

	fixture_close(f);
	snprintf(wal, sizeof(wal), "%s-wal", f->path);
	assert_int_not_equal(access(wal, F_OK), 0);
}

static void second_opening_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store *second = NULL;

	assert_err(store_open(&f->config, &second), LOCKED_BY_PROCESS);
	assert_null(second);
}

static void second_process_is_refused(void **state)
{
	struct fixture *f = *state;
	char path[128];
	int status, go[2];
	pid_t child;

	assert_int_equal(pipe(go), 0);
	child = fork();
	if (child == 0) {
		snprintf(path, sizeof(path), "%s/lock", f->dir);
		if (flock(open(path, O_RDWR | O_CREAT, 0600), LOCK_EX) == 0 && write(go[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(go[0], path, 1), 1);
	assert_err(fixture_open(f), LOCKED_BY_PROCESS);
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	assert_ok(fixture_open(f));
	close(go[0]);
	close(go[1]);
}

static void write_file(const char *path, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), (ssize_t)n);
	close(fd);
}

static void garbage_is_refused(void **state)
{
	struct fixture *f = *state;
	char junk[8192];

	memset(junk, 'x', sizeof(junk));
	write_file(f->path, junk, sizeof(junk));
	assert_err(fixture_open(f), CONFIG);
}

static void foreign_database_is_refused_and_left_alone(void **state)
{
	struct fixture *f = *state;
	struct stat before, after;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "CREATE TABLE theirs (x)", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(stat(f->path, &before), 0);
	assert_err(fixture_open(f), CONFIG);
	assert_int_equal(stat(f->path, &after), 0);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
}

/* What a process leaves that was killed at its very first start. */
static void empty_file_is_a_new_store(void **state)
{
	struct fixture *f = *state;

	write_file(f->path, "", 0);
	assert_ok(fixture_open(f));
}

static void missing_directory_is_an_error(void **state)
{
	struct fixture *f = *state;

	f->config.dir = "/nowhere/at/all";
	assert_err(fixture_open(f), IO);
}

static void failed_opening_holds_no_lock(void **state)
{
	struct fixture *f = *state;

	write_file(f->path, "junk that is no database, and long enough", 41);
	assert_err(fixture_open(f), CONFIG);
	unlink(f->path);
	assert_ok(fixture_open(f));
}

/* ---- store_write ---- */

static struct error refuse(void *arg, struct tx *tx)
{
	(void)arg;
	(void)tx;
	return FAIL(USER_LOCKED);
}

static void write_tells_the_error_of_its_function(void **state)
{
	struct fixture *f = *state;

	assert_err(store_write(f->s, refuse, NULL), USER_LOCKED);
}

static void taken_unique_value_is_told(void **state)
{
	struct fixture *f = *state;
	int64_t id = 1;

	assert_ok(store_write(f->s, add_thing_at, &id));
	assert_err(store_write(f->s, add_thing_at, &id), TAKEN);
	assert_int_equal(things(f), 1);
}

static void reader_sees_what_was_told_done(void **state)
{
	struct fixture *f = *state;

	for (int64_t id = 1; id <= 200; id++) {
		assert_ok(store_write(f->s, add_thing_at, &id));
		assert_int_equal(things(f), id);
	}
}

static void fresh_store_is_well(void **state)
{
	struct fixture *f = *state;

	assert_ok(store_health(f->s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIRECTORY(files_are_private),
		IN_DIRECTORY(file_that_others_could_read_is_closed_to_them),
		IN_STORE(content_survives_reopening),
		IN_STORE(close_leaves_one_file),
		IN_STORE(second_opening_is_refused),
		IN_DIRECTORY(second_process_is_refused),
		IN_DIRECTORY(garbage_is_refused),
		IN_DIRECTORY(foreign_database_is_refused_and_left_alone),
		IN_DIRECTORY(empty_file_is_a_new_store),
		IN_DIRECTORY(missing_directory_is_an_error),
		IN_DIRECTORY(failed_opening_holds_no_lock),
		IN_STORE(write_tells_the_error_of_its_function),
		IN_STORE(taken_unique_value_is_told),
		IN_STORE(reader_sees_what_was_told_done),
		IN_STORE(fresh_store_is_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

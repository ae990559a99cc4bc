#include "tests/unit/common/test.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/log_file.h"

enum { PAGE = 4096, HEAD = 24, PIECE_MAX = 127 * 1024 };

struct fixture {
	char path[64];
	sqlite3_file *file;
};

static void open_file(struct fixture *f, int kind)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(log_file_vfs());
	int flags = kind | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;

	assert_non_null(vfs);
	f->file = xalloc((size_t)vfs->szOsFile);
	assert_int_equal(vfs->xOpen(vfs, f->path, f->file, flags, &flags), SQLITE_OK);
}

static int set_up(void **state)
{
	struct fixture *f = xalloc(sizeof(*f));

	sqlite3_initialize();
	snprintf(f->path, sizeof(f->path), "/tmp/log_file_test.%d", (int)getpid());
	unlink(f->path);
	open_file(f, SQLITE_OPEN_WAL);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	if (f->file->pMethods)
		f->file->pMethods->xClose(f->file);
	unlink(f->path);
	free(f->file);
	free(f);
	return 0;
}

static int write_at(struct fixture *f, char byte, int n, int64_t at)
{
	char *bytes = xalloc((size_t)n);
	int code;

	memset(bytes, byte, (size_t)n);
	code = f->file->pMethods->xWrite(f->file, bytes, n, at);
	free(bytes);
	return code;
}

static int64_t on_disk(const struct fixture *f)
{
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	return st.st_size;
}

static char byte_on_disk(const struct fixture *f, int64_t at)
{
	int fd = open(f->path, O_RDONLY | O_CLOEXEC);
	char byte = 0;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	close(fd);
	return byte;
}

/* A frame is a head and a page, as SQLite writes them: apart. */
static void write_frame(struct fixture *f, char byte, int64_t at)
{
	assert_int_equal(write_at(f, 'h', HEAD, at), SQLITE_OK);
	assert_int_equal(write_at(f, byte, PAGE, at + HEAD), SQLITE_OK);
}

static void frames_go_to_the_file_when_they_are_synced(void **state)
{
	struct fixture *f = *state;

	write_frame(f, 'a', 0);
	write_frame(f, 'b', HEAD + PAGE);
	assert_int_equal(on_disk(f), 0);
	assert_int_equal(f->file->pMethods->xSync(f->file, SQLITE_SYNC_NORMAL), SQLITE_OK);
	assert_int_equal(on_disk(f), 2 * (HEAD + PAGE));
	assert_int_equal(byte_on_disk(f, 0), 'h');
	assert_int_equal(byte_on_disk(f, HEAD), 'a');
	assert_int_equal(byte_on_disk(f, 2 * HEAD + 2 * PAGE - 1), 'b');
}

static void what_does_not_follow_sends_off_what_waits(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(write_at(f, 'a', 100, 0), SQLITE_OK);
	assert_int_equal(write_at(f, 'b', 10, 20), SQLITE_OK);
	assert_int_equal(on_disk(f), 100);
	assert_int_equal(byte_on_disk(f, 25), 'a');
	assert_int_equal(f->file->pMethods->xSync(f->file, SQLITE_SYNC_NORMAL), SQLITE_OK);
	assert_int_equal(byte_on_disk(f, 25), 'b');
	assert_int_equal(on_disk(f), 100);
}

static void more_than_one_piece_arrives_whole(void **state)
{
	struct fixture *f = *state;
	int64_t at = 0;

	for (int i = 0; i < 100; i++, at += HEAD + PAGE)
		write_frame(f, (char)('a' + i % 26), at);
	assert_int_equal(write_at(f, 'z', PIECE_MAX + 1, at), SQLITE_OK);
	assert_int_equal(f->file->pMethods->xSync(f->file, SQLITE_SYNC_NORMAL), SQLITE_OK);
	assert_int_equal(on_disk(f), at + PIECE_MAX + 1);
	for (int i = 0; i < 100; i++)
		assert_int_equal(byte_on_disk(f, (int64_t)i * (HEAD + PAGE) + HEAD), 'a' + i % 26);
}

static void reading_and_measuring_see_what_waits(void **state)
{
	struct fixture *f = *state;
	sqlite3_int64 size;
	char back[10];

	assert_int_equal(write_at(f, 'a', 10, 0), SQLITE_OK);
	assert_int_equal(f->file->pMethods->xRead(f->file, back, 10, 0), SQLITE_OK);
	assert_memory_equal(back, "aaaaaaaaaa", 10);
	assert_int_equal(write_at(f, 'b', 10, 10), SQLITE_OK);
	assert_int_equal(f->file->pMethods->xFileSize(f->file, &size), SQLITE_OK);
	assert_int_equal(size, 20);
	assert_int_equal(write_at(f, 'c', 10, 20), SQLITE_OK);
	assert_int_equal(f->file->pMethods->xTruncate(f->file, 5), SQLITE_OK);
	assert_int_equal(on_disk(f), 5);
}

static void what_was_never_synced_is_dropped_at_the_end(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(write_at(f, 'a', 10, 0), SQLITE_OK);
	assert_int_equal(f->file->pMethods->xClose(f->file), SQLITE_OK);
	f->file->pMethods = NULL;
	assert_int_equal(on_disk(f), 0);
}

static void other_files_are_the_systems_own(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(f->file->pMethods->xClose(f->file), SQLITE_OK);
	free(f->file);
	open_file(f, SQLITE_OPEN_MAIN_DB);
	assert_int_equal(write_at(f, 'a', 10, 0), SQLITE_OK);
	assert_int_equal(on_disk(f), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(frames_go_to_the_file_when_they_are_synced, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_does_not_follow_sends_off_what_waits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(more_than_one_piece_arrives_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reading_and_measuring_see_what_waits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_never_synced_is_dropped_at_the_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(other_files_are_the_systems_own, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

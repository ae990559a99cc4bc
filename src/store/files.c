#include "store/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

char *path_join(const char *dir, const char *name)
{
	struct buf b = buf_heap(SIZE_MAX);

	buf_text(&b, dir);
	buf_byte(&b, '/');
	buf_text(&b, name);
	buf_byte(&b, 0);
	return (char *)b.p;
}

char *path_suffix(const char *path, const char *suffix)
{
	struct buf b = buf_heap(SIZE_MAX);

	buf_text(&b, path);
	buf_text(&b, suffix);
	buf_byte(&b, 0);
	return (char *)b.p;
}

bool file_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

err file_create(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	ENSURE(fd >= 0, IO);
	ENSURE(close(fd) == 0, IO);
	return OK;
}

err file_create_unique(char *path)
{
	int fd = mkostemp(path, O_CLOEXEC);

	ENSURE(fd >= 0, IO);
	ENSURE(close(fd) == 0, IO);
	return OK;
}

err file_sync(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool synced;

	ENSURE(fd >= 0, IO);
	synced = fsync(fd) == 0;
	close(fd);
	ENSURE(synced, IO);
	return OK;
}

err file_sync_parent(const char *path)
{
	char *dir = xstrdup(path), *slash = strrchr(dir, '/');
	struct error e;

	if (slash == dir)
		slash++;
	if (slash)
		*slash = 0;
	e = file_sync(slash ? dir : ".");
	free(dir);
	return e;
}

err file_rename_new(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return OK;
	/* A file system that has no such rename, such as NFS, has links. */
	ENSURE(errno == EINVAL && link(from, to) == 0, IO);
	unlink(from);
	return OK;
}

static err write_all(int fd, const uint8_t *p, size_t n)
{
	while (n) {
		ssize_t wrote = write(fd, p, n);

		ENSURE(wrote > 0, IO);
		p += wrote;
		n -= (size_t)wrote;
	}
	return OK;
}

static err copy_bytes(int from, int to)
{
	uint8_t block[64 * 1024];
	ssize_t n;

	while ((n = read(from, block, sizeof(block))) > 0)
		TRY(write_all(to, block, (size_t)n));
	ENSURE(n == 0, IO);
	return OK;
}

static err copy_into_new(int from, const char *to)
{
	int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct error e;

	ENSURE(fd >= 0, IO);
	e = copy_bytes(from, fd);
	if (!failed(e) && fsync(fd) != 0)
		e = FAIL(IO);
	if (close(fd) != 0 && !failed(e))
		e = FAIL(IO);
	if (failed(e))
		unlink(to);
	return e;
}

err file_copy(const char *from, const char *to)
{
	int fd = open(from, O_RDONLY | O_CLOEXEC);
	struct error e;

	ENSURE(fd >= 0, IO);
	e = copy_into_new(fd, to);
	close(fd);
	return e;
}

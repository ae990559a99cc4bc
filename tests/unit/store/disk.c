#include "tests/unit/store/disk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct disk disk;

static enum disk_file kind_of(int fd)
{
	char link[64], path[512];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 4)
		return DISK_ANY;
	path[n] = 0;
	if (strcmp(path + n - 4, "-wal") == 0)
		return DISK_LOG;
	return strcmp(path + n - 3, ".db") == 0 ? DISK_DATABASE : DISK_ANY;
}

static int error_for(enum disk_file kind, atomic_int *error)
{
	enum disk_file failing = atomic_load(&disk.failing);

	return failing == DISK_ANY || failing == kind ? atomic_load(error) : 0;
}

int fdatasync(int fd);
ssize_t pwrite64(int fd, const void *p, size_t n, off_t at);

__attribute__((visibility("default"))) int fdatasync(int fd)
{
	enum disk_file kind = kind_of(fd);
	int error = error_for(kind, &disk.sync_errno);

	if (error) {
		errno = error;
		return -1;
	}
	if (syscall(SYS_fdatasync, fd) != 0)
		return -1;
	if (kind == DISK_LOG) {
		atomic_store(&disk.log_writes_unsynced, 0);
		atomic_fetch_add(&disk.log_syncs, 1);
	}
	return 0;
}

__attribute__((visibility("default"))) ssize_t pwrite64(int fd, const void *p, size_t n, off_t at)
{
	enum disk_file kind = kind_of(fd);
	int error = error_for(kind, &disk.write_errno);

	if (error) {
		errno = error;
		return -1;
	}
	if (kind == DISK_LOG)
		atomic_fetch_add(&disk.log_writes_unsynced, 1);
	return syscall(SYS_pwrite64, fd, p, n, at);
}

/*
 * A disk that is full when the test says so. Preloaded into the server: while the file FULL_DISK_FLAG exists, nothing more can be
 * written to files below FULL_DISK_BELOW. The flag file holds the number of bytes that still fit, so that a write can also end in
 * the middle. Emptying, reading and removing files go on, as on a real full disk.
 */
#undef _FILE_OFFSET_BITS /* both pwrite and pwrite64 are defined below */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define REPLACES __attribute__((visibility("default")))
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static ino_t known_flag; /* the flag whose bytes are being used up */
static long bytes_left;

static bool is_below(int fd)
{
	const char *below = getenv("FULL_DISK_BELOW");
	char link[64], path[4096];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof path - 1);
	if (!below || n < 0)
		return false;
	path[n] = '\0';
	return strncmp(path, below, strlen(below)) == 0;
}

static void read_flag(const char *path)
{
	FILE *f = fopen(path, "re");

	bytes_left = 0;
	if (f) {
		if (fscanf(f, "%ld", &bytes_left) != 1)
			bytes_left = 0;
		fclose(f);
	}
}

/* How many of the wanted bytes still fit; all of them while the disk is not full. */
static size_t room(int fd, size_t wanted)
{
	const char *flag = getenv("FULL_DISK_FLAG");
	struct stat st;
	size_t fits = wanted;

	if (!flag || stat(flag, &st) != 0 || !is_below(fd))
		return wanted;
	pthread_mutex_lock(&mutex);
	if (st.st_ino != known_flag) {
		known_flag = st.st_ino;
		read_flag(flag);
	}
	if ((size_t)bytes_left < wanted)
		fits = (size_t)bytes_left;
	bytes_left -= (long)fits;
	pthread_mutex_unlock(&mutex);
	return fits;
}

static bool is_full(int fd, size_t wanted, size_t *ret_fits)
{
	*ret_fits = room(fd, wanted);
	if (wanted == 0 || *ret_fits > 0)
		return false;
	errno = ENOSPC;
	return true;
}

REPLACES ssize_t write(int fd, const void *p, size_t n)
{
	size_t fits;

	return is_full(fd, n, &fits) ? -1 : REAL(write)(fd, p, fits);
}

REPLACES ssize_t writev(int fd, const struct iovec *parts, int count)
{
	size_t fits;

	return is_full(fd, 1, &fits) ? -1 : REAL(writev)(fd, parts, count);
}

REPLACES ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	size_t fits;

	return is_full(fd, n, &fits) ? -1 : REAL(pwrite)(fd, p, fits, at);
}

REPLACES ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	size_t fits;

	return is_full(fd, n, &fits) ? -1 : REAL(pwrite64)(fd, p, fits, at);
}

static bool grows_into_full(int fd, long size)
{
	struct stat st;
	size_t fits;

	return fstat(fd, &st) == 0 && size > st.st_size && is_full(fd, (size_t)(size - st.st_size), &fits);
}

REPLACES int ftruncate(int fd, off_t size)
{
	return grows_into_full(fd, size) ? -1 : REAL(ftruncate)(fd, size);
}

REPLACES int ftruncate64(int fd, off64_t size)
{
	return grows_into_full(fd, size) ? -1 : REAL(ftruncate64)(fd, size);
}

REPLACES int fallocate(int fd, int mode, off_t at, off_t size)
{
	return grows_into_full(fd, at + size) ? -1 : REAL(fallocate)(fd, mode, at, size);
}

REPLACES int posix_fallocate(int fd, off_t at, off_t size)
{
	return grows_into_full(fd, at + size) ? ENOSPC : REAL(posix_fallocate)(fd, at, size);
}

REPLACES int fallocate64(int fd, int mode, off64_t at, off64_t size)
{
	return grows_into_full(fd, at + size) ? -1 : REAL(fallocate64)(fd, mode, at, size);
}

REPLACES int posix_fallocate64(int fd, off64_t at, off64_t size)
{
	return grows_into_full(fd, at + size) ? ENOSPC : REAL(posix_fallocate64)(fd, at, size);
}

/* Files of the store. The key store in it is keystore.c. */
#include "authenticator/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authenticator/keystore.h"

enum { NAME_BYTES_MAX = 64 };

bool store_name_good(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= NAME_BYTES_MAX && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

static err trouble(struct store *s, const char *what, const char *name)
{
	s->why = arena_printf(s->arena, "%s %s: %s", what, name, strerror(errno));
	return FAIL(IO);
}

/* ---- opening ---- */

static err open_directory(struct store *s, const char *path)
{
	struct stat st;

	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return trouble(s, "Cannot make the directory", path);
	s->dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir_fd < 0 || fstat(s->dir_fd, &st) != 0)
		return trouble(s, "Cannot open the directory", path);
	if (st.st_uid == geteuid() && (st.st_mode & 077) == 0)
		return OK;
	s->why = arena_printf(s->arena, "The directory %s has to belong to you and be closed to all others: chmod 700 %s", path, path);
	return FAIL(CONFIG);
}

static err lock(struct store *s, bool quiet)
{
	s->lock_fd = openat(s->dir_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->lock_fd < 0)
		return trouble(s, "Cannot open", "lock");
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return OK;
	if (!quiet)
		fputs("Another process works on this store; waiting for it …\n", stderr);
	while (flock(s->lock_fd, LOCK_EX) != 0)
		if (errno != EINTR)
			return trouble(s, "Cannot lock", "the store");
	return OK;
}

err store_open(struct store *s, const struct env *env, struct arena *a, const char *path, bool quiet)
{
	*s = (struct store){ .env = env, .arena = a, .dir_fd = -1, .lock_fd = -1 };
	TRY(open_directory(s, path));
	TRY(lock(s, quiet));
	return keystore_load(s);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void store_unlock(struct store *s)
{
	close_fd(&s->lock_fd);
}

void store_close(struct store *s)
{
	store_unlock(s);
	close_fd(&s->dir_fd);
	wipe(s->key, sizeof(s->key));
}

/* ---- files ---- */

static const char *file_name(struct store *s, const char *kind, const char *name, const char *suffix)
{
	return (const char *)arena_printf(s->arena, "%s%s%s%s", kind, *name ? "." : "", name, suffix).p;
}

static err read_all(struct store *s, int fd, const char *file, struct slice *ret_bytes)
{
	struct buf b = buf_arena(s->arena, STORE_FILE_BYTES_MAX);
	uint8_t part[4096];
	ssize_t n;

	while ((n = read(fd, part, sizeof(part))) > 0)
		buf_add(&b, part, (size_t)n);
	wipe(part, sizeof(part));
	if (n < 0)
		return trouble(s, "Cannot read", file);
	*ret_bytes = buf_bytes(&b);
	return buf_ok(&b);
}

err store_read(struct store *s, const char *kind, const char *name, const char *suffix, struct slice *ret_bytes)
{
	const char *file = file_name(s, kind, name, suffix);
	int fd = openat(s->dir_fd, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct error e;

	if (fd < 0 && errno == ENOENT)
		return FAIL(NO_ROW);
	if (fd < 0)
		return trouble(s, "Cannot open", file);
	e = read_all(s, fd, file, ret_bytes);
	close(fd);
	return e;
}

static bool write_all(int fd, struct slice bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes = slice_of(bytes.p + n, bytes.n - (size_t)n);
	}
	return fsync(fd) == 0;
}

/* A new file in the old one's place: whoever looks sees the one or the other, also after the power failed. */
err store_write(struct store *s, const char *kind, const char *name, const char *suffix, struct slice bytes)
{
	const char *file = file_name(s, kind, name, suffix), *fresh = file_name(s, file, "", "~");
	int fd = openat(s->dir_fd, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool written;

	if (fd < 0)
		return trouble(s, "Cannot write", file);
	written = write_all(fd, bytes);
	written &= close(fd) == 0;
	if (written && renameat(s->dir_fd, fresh, s->dir_fd, file) == 0 && fsync(s->dir_fd) == 0)
		return OK;
	IGNORE(trouble(s, "Cannot write", file)); /* for its sentence: unlinkat may change errno */
	unlinkat(s->dir_fd, fresh, 0);
	return FAIL(IO);
}

err store_remove(struct store *s, const char *kind, const char *name, const char *suffix)
{
	const char *file = file_name(s, kind, name, suffix);

	if (unlinkat(s->dir_fd, file, 0) != 0 && errno != ENOENT)
		return trouble(s, "Cannot remove", file);
	return fsync(s->dir_fd) == 0 ? OK : trouble(s, "Cannot sync", file);
}

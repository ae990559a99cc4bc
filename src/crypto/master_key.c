/* The master key's file; the contract stands in seal.h. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codec/encode.h"
#include "crypto/seal.h"

enum { FILE_BYTES = 2 * MASTER_KEY_BYTES + 1 };

/* Up to n bytes; fewer only at the end of the file. */
static err read_file(int fd, uint8_t *p, size_t n, size_t *ret_n)
{
	*ret_n = 0;
	while (*ret_n < n) {
		ssize_t got = read(fd, p + *ret_n, n - *ret_n);

		if (got < 0 && errno == EINTR)
			continue;
		ENSURE(got >= 0, IO);
		if (got == 0)
			break;
		*ret_n += (size_t)got;
	}
	return OK;
}

static err read_key(int fd, uint8_t ret_master[static MASTER_KEY_BYTES])
{
	uint8_t text[FILE_BYTES + 1];
	struct error e = OK;
	struct stat st;
	size_t n = 0;

	ENSURE(fstat(fd, &st) == 0, IO);
	ENSURE(S_ISREG(st.st_mode) && (st.st_mode & 077) == 0, CONFIG);
	e = read_file(fd, text, sizeof(text), &n);
	if (!failed(e)) {
		bool shaped = n == FILE_BYTES && text[FILE_BYTES - 1] == '\n';

		if (!shaped || failed(hex_read(slice_of(text, FILE_BYTES - 1), ret_master, MASTER_KEY_BYTES)))
			e = FAIL(CONFIG);
	}
	wipe(text, sizeof(text));
	return e;
}

err master_key_read(const char *path, uint8_t ret_master[static MASTER_KEY_BYTES])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), saved;
	struct error e;

	ENSURE(fd >= 0, IO);
	e = read_key(fd, ret_master);
	saved = errno;
	close(fd);
	errno = saved;
	return e;
}

static err write_key(int fd, const uint8_t master[static MASTER_KEY_BYTES])
{
	struct arena a;
	struct buf text;
	bool done;

	arena_init(&a);
	text = buf_arena(&a, FILE_BYTES);
	hex_write(&text, slice_of(master, MASTER_KEY_BYTES));
	buf_byte(&text, '\n');
	done = write(fd, text.p, text.n) == FILE_BYTES && fsync(fd) == 0;
	arena_free_secret(&a);
	ENSURE(done, IO);
	return OK;
}

static err sync_directory(const char *path)
{
	char *copy = xstrdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC), synced;

	free(copy);
	ENSURE(fd >= 0, IO);
	synced = fsync(fd);
	close(fd);
	ENSURE(synced == 0, IO);
	return OK;
}

static err write_file(const char *path, const uint8_t master[static MASTER_KEY_BYTES])
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct error e;

	ENSURE(fd >= 0, IO);
	e = write_key(fd, master);
	if (close(fd) != 0 && !failed(e))
		e = FAIL(IO);
	return e;
}

/* Written beside its place and put there whole: half a key file, left by a crash, would block every later start. */
static err place_key(const char *path, const char *beside, const uint8_t master[static MASTER_KEY_BYTES])
{
	TRY(write_file(beside, master));
	ENSURE(link(beside, path) == 0, IO);
	return sync_directory(path);
}

err master_key_create(const struct env *env, const char *path, uint8_t ret_master[static MASTER_KEY_BYTES])
{
	struct arena a;
	const char *beside;
	struct error e;
	int saved;

	arena_init(&a);
	beside = (const char *)arena_printf(&a, "%s.new", path).p;
	unlink(beside); /* of a start that was cut short */
	env_random(env, ret_master, MASTER_KEY_BYTES);
	e = place_key(path, beside, ret_master);
	saved = errno;
	unlink(beside);
	errno = saved;
	arena_free(&a);
	return e;
}

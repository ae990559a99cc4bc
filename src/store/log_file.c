#include "store/log_file.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdalign.h>
#include <stdlib.h>

#include "base/arena.h"

#define VFS_NAME "reuseid-log"

enum { WAITING_BYTES_MAX = 127 * 1024 }; /* the system interface writes less than 128 KiB at a time; 31 pages with their frames */

struct log_file {
	sqlite3_file base;
	sqlite3_file *real;   /* behind this, in SQLite's own allocation */
	uint8_t *waiting;     /* what was written but did not go to the file yet: n bytes, to stand there from `at` on */
	size_t n;
	sqlite3_int64 at;
};

static struct log_file *log_file(sqlite3_file *file)
{
	return (struct log_file *)(void *)file;
}

/* A transaction whose write fails is undone, so its bytes are dropped. */
static int flush(struct log_file *f)
{
	size_t n = f->n;

	f->n = 0;
	return n ? f->real->pMethods->xWrite(f->real, f->waiting, (int)n, f->at) : SQLITE_OK;
}

static int log_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
	struct log_file *f = log_file(file);
	bool follows = at == f->at + (sqlite3_int64)f->n && f->n + (size_t)n <= WAITING_BYTES_MAX;
	int code = f->n && !follows ? flush(f) : SQLITE_OK;

	if (code != SQLITE_OK)
		return code;
	if ((size_t)n > WAITING_BYTES_MAX)
		return f->real->pMethods->xWrite(f->real, bytes, n, at);
	if (!f->waiting)
		f->waiting = xalloc(WAITING_BYTES_MAX);
	if (!f->n)
		f->at = at;
	memcpy(f->waiting + f->n, bytes, (size_t)n);
	f->n += (size_t)n;
	return SQLITE_OK;
}

static int log_sync(sqlite3_file *file, int flags)
{
	struct log_file *f = log_file(file);
	int code = flush(f);

	return code == SQLITE_OK ? f->real->pMethods->xSync(f->real, flags) : code;
}

static int log_read(sqlite3_file *file, void *out, int n, sqlite3_int64 at)
{
	struct log_file *f = log_file(file);
	int code = flush(f);

	return code == SQLITE_OK ? f->real->pMethods->xRead(f->real, out, n, at) : code;
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct log_file *f = log_file(file);
	int code = flush(f);

	return code == SQLITE_OK ? f->real->pMethods->xTruncate(f->real, size) : code;
}

static int log_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
	struct log_file *f = log_file(file);
	int code = flush(f);

	return code == SQLITE_OK ? f->real->pMethods->xFileSize(f->real, ret_size) : code;
}

/* What was never synced was never committed. */
static int log_close(sqlite3_file *file)
{
	struct log_file *f = log_file(file);

	free(f->waiting);
	return f->real->pMethods->xClose(f->real);
}

static int log_lock(sqlite3_file *file, int level)
{
	return log_file(file)->real->pMethods->xLock(log_file(file)->real, level);
}

static int log_unlock(sqlite3_file *file, int level)
{
	return log_file(file)->real->pMethods->xUnlock(log_file(file)->real, level);
}

static int log_is_reserved(sqlite3_file *file, int *ret_reserved)
{
	return log_file(file)->real->pMethods->xCheckReservedLock(log_file(file)->real, ret_reserved);
}

static int log_control(sqlite3_file *file, int what, void *arg)
{
	return log_file(file)->real->pMethods->xFileControl(log_file(file)->real, what, arg);
}

static int log_sector(sqlite3_file *file)
{
	return log_file(file)->real->pMethods->xSectorSize(log_file(file)->real);
}

static int log_device(sqlite3_file *file)
{
	return log_file(file)->real->pMethods->xDeviceCharacteristics(log_file(file)->real);
}

static const sqlite3_io_methods log_methods = {
	.iVersion = 1,
	.xClose = log_close,
	.xRead = log_read,
	.xWrite = log_write,
	.xTruncate = log_truncate,
	.xSync = log_sync,
	.xFileSize = log_size,
	.xLock = log_lock,
	.xUnlock = log_unlock,
	.xCheckReservedLock = log_is_reserved,
	.xFileControl = log_control,
	.xSectorSize = log_sector,
	.xDeviceCharacteristics = log_device,
};

/* Where the real file begins behind ours. */
static size_t own_bytes(void)
{
	return (sizeof(struct log_file) + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
}

/* Every file but the log is the system's own. */
static int log_open(sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *file, int flags, int *ret_flags)
{
	sqlite3_vfs *system = vfs->pAppData;
	struct log_file *f = log_file(file);
	int code;

	if (!(flags & SQLITE_OPEN_WAL))
		return system->xOpen(system, path, file, flags, ret_flags);
	*f = (struct log_file){ .real = (sqlite3_file *)(void *)((uint8_t *)file + own_bytes()) };
	code = system->xOpen(system, path, f->real, flags, ret_flags);
	if (code == SQLITE_OK)
		f->base.pMethods = &log_methods;
	return code;
}

static void add(void)
{
	sqlite3_vfs *system = sqlite3_vfs_find(NULL), *own;

	if (!system)
		return;
	own = xalloc(sizeof(*own)); /* for as long as the process lives */
	*own = *system;
	own->pNext = NULL;
	own->zName = VFS_NAME;
	own->pAppData = system;
	own->szOsFile = (int)own_bytes() + system->szOsFile;
	own->xOpen = log_open;
	sqlite3_vfs_register(own, 0);
}

const char *log_file_vfs(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, add);
	return VFS_NAME;
}

#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/files.h"

static err take(int fd)
{
	int locked;

	do
		locked = flock(fd, LOCK_EX | LOCK_NB);
	while (locked < 0 && errno == EINTR);
	if (locked == 0)
		return OK;
	return errno == EWOULDBLOCK ? FAIL(LOCKED_BY_PROCESS) : FAIL(IO);
}

err store_lock(const char *dir, int *ret_fd)
{
	char *path = path_join(dir, "lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct error e;

	free(path);
	ENSURE(fd >= 0, IO);
	e = take(fd);
	if (failed(e))
		close(fd);
	else
		*ret_fd = fd;
	return e;
}

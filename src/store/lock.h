/* One process at a time on a data directory: DIR/lock, held by flock(2), so that the kernel lets go of it even at kill -9. */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include "base/err.h"

/* E_LOCKED_BY_PROCESS when another holds it, E_IO (errno) when DIR cannot be used. Unlock by close(2). */
err store_lock(const char *dir, int *ret_fd);

#endif

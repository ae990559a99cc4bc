/* Versions of SDKs: semantic versioning 2.0.0. */
#ifndef PROTOCOL_VERSION_H
#define PROTOCOL_VERSION_H

#include "base/slice.h"

/* Three numbers, then what may follow behind '-' or '+'. */
bool version_read(struct slice text, uint64_t ret_part[static 3]);
bool version_below(const uint64_t a[static 3], const uint64_t b[static 3]);

#endif

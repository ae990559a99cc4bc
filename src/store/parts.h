/* What a store is made of. Only for this folder. */
#ifndef STORE_PARTS_H
#define STORE_PARTS_H

#include "store/reader.h"
#include "store/writer.h"

#define STORE_FILE "reuseid.db"

struct store {
	const struct log *log;
	char *path;
	int lock_fd;
	struct writer writer;
	struct checkpointer checkpointer;
	struct readers readers;
	struct store_job probe;
	atomic_bool probing;
};

#endif

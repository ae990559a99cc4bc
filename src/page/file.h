/* Inside this folder only: the files of web/, made part of the program when it is built (scripts/embed.py). */
#ifndef PAGE_FILE_H
#define PAGE_FILE_H

#include "base/slice.h"

struct web_file {
	const char *name, *type;
	const char *tag; /* of the content; another content has another one */
	const uint8_t *bytes;
	size_t n;
};

extern const struct web_file web_files[];
extern const size_t web_file_count;

/* NULL when there is none. */
const struct web_file *web_file_find(struct slice name);

#endif

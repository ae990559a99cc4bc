/* Paths and durable file operations that opening, backup and restore share. */
#ifndef STORE_FILES_H
#define STORE_FILES_H

#include "base/buf.h"

/* "DIR/name" and "path" with a suffix; free() them. */
char *path_join(const char *dir, const char *name);
char *path_suffix(const char *path, const char *suffix);

bool file_exists(const char *path);
/* An empty file for us alone (0600); E_IO when it exists. */
err file_create(const char *path);
/* The same with a name of its own: `path` ends in XXXXXX, which is filled in. */
err file_create_unique(char *path);
/* Makes the content of a file, or the names in a directory, durable. */
err file_sync(const char *path);
/* Makes the names in the directory of `path` durable. */
err file_sync_parent(const char *path);
/* Renames, unless the new name stands for something already (E_IO). */
err file_rename_new(const char *from, const char *to);
/* Copies into a new file (0600); removes it again on failure. */
err file_copy(const char *from, const char *to);

#endif

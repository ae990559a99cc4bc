/*
 * How the writer writes SQLite's write-ahead log: the frames of a transaction go to the file in one piece, just before they are
 * synced, where SQLite by itself makes two writes of each page.
 *
 * Only for a connection with synchronous=FULL: there SQLite shows a transaction to others after its sync, so nobody can miss
 * what still waits here. A write that fails is told by the sync.
 */
#ifndef STORE_LOG_FILE_H
#define STORE_LOG_FILE_H

/* The name for sqlite3_open_v2; the first call registers it. */
const char *log_file_vfs(void);

#endif

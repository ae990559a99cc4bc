/*
 * A disk that fails when told to. It stands between SQLite and the kernel: the test program defines fdatasync() and pwrite64(),
 * which libsqlite3 then calls.
 */
#ifndef TEST_STORE_DISK_H
#define TEST_STORE_DISK_H

#include <stdatomic.h>

enum disk_file { DISK_ANY, DISK_LOG, DISK_DATABASE };

struct disk {
	atomic_int write_errno, sync_errno; /* 0: works */
	_Atomic enum disk_file failing;     /* which files the errors are for */
	atomic_int log_writes_unsynced;     /* since the write-ahead log was last synced */
	atomic_int log_syncs;
};

extern struct disk disk;

#endif

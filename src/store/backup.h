/* Backup of a database in use, and restore. Neither ever touches the master key. */
#ifndef STORE_BACKUP_H
#define STORE_BACKUP_H

#include "store/store.h"

/*
 * A consistent copy of the running store into a new file (0600, synced); E_IO when it exists or cannot be made, E_STORAGE_FULL when
 * there is no room for it. It takes its name only when it is whole. Writers go on.
 */
err store_backup(struct store *s, const char *path);
/*
 * Is `from` a whole database of ours that this program can read? E_IO when it is not there, E_CONFIG when it is no such file.
 * `ret_key_id` gets the id of the master key that it needs ("" when none stands in it).
 */
err store_backup_check(const struct log *log, const char *from, char ret_key_id[static 33]);
/*
 * Checks that `from` is a whole database of ours that this program can read (integrity, schema version), then puts it into
 * place as DIR/reuseid.db by rename; E_LOCKED_BY_PROCESS when a server runs on DIR, E_CONFIG when it is no such file,
 * E_TAKEN when DIR has a database already and `replace` is false. On any error DIR is as it was.
 * `ret_key_id` gets the id of the master key that the backup needs ("" when none stands in it).
 */
err store_restore(const struct log *log, const char *from, const char *dir, bool replace, char ret_key_id[static 33]);

#endif

/* The first start: the addresses, the first API client and what to try next, told once and kept for scripts. */
#ifndef SERVER_BOOTSTRAP_H
#define SERVER_BOOTSTRAP_H

#include "account/account.h"
#include "server/boot.h"

/*
 * The keeper of accounts_bootstrap(), ctx a struct boot: writes DATA/bootstrap.json (0600, replaced as a whole). Its baseUrl stays
 * "" until the first start was told.
 */
struct error bootstrap_keep(void *ctx, const struct bootstrap *made);
/* The first start ended before it was told, for instance because its port was taken: gives what it made. */
bool bootstrap_is_untold(struct boot *boot, struct bootstrap *ret_made);
/*
 * `made` NULL: not the first start. Brings baseUrl up to date in DATA/bootstrap.json, when the file still exists, and prints where
 * the server listens.
 */
err bootstrap_tell(struct boot *boot, const struct bootstrap *made);

#endif

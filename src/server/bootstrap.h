/* The first start: the addresses, the first API client and what to try next, told once and kept for scripts. */
#ifndef SERVER_BOOTSTRAP_H
#define SERVER_BOOTSTRAP_H

#include "account/account.h"
#include "server/boot.h"

/*
 * `made` NULL: not the first start. Writes DATA/bootstrap.json (0600, replaced as a whole) at the first start; later only baseUrl
 * is brought up to date there, when the file still exists. Prints where the server listens.
 */
err bootstrap_tell(struct boot *boot, const struct bootstrap *made);

#endif

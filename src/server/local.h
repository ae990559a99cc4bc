/*
 * The program opened on a data directory without serving: a managing command runs its request in here when no server does.
 */
#ifndef SERVER_LOCAL_H
#define SERVER_LOCAL_H

#include "api/api.h"
#include "server/commands.h"

struct local_app;

/*
 * Opens the store of line->data, its master key and what the operator's routes need. E_LOCKED_BY_PROCESS when another process
 * has it open, which the caller tells; every other failure was told on stderr already. Never makes a store where there is none.
 */
err local_app_open(const struct command_line *line, struct local_app **ret_app);
struct api *local_app_api(struct local_app *app);
void local_app_close(struct local_app *app); /* NULL-safe */

#endif

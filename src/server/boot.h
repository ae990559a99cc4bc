/* The program put together: settings, key, store, features. The same for serving and for commands that run by themselves. */
#ifndef SERVER_BOOT_H
#define SERVER_BOOT_H

#include "api/api.h"
#include "server/commands.h"

/* Where things lie in the data directory. */
#define BOOTSTRAP_FILE "bootstrap.json"
#define MASTER_KEY_FILE "master.key"
#define ADMIN_SOCKET "admin.sock"
#define STORE_FILE_NAME "reuseid.db"

struct boot {
	struct arena arena; /* settings and paths */
	struct env env;
	struct log log;
	struct metrics metrics;
	struct app app;
	const char *dir;
	bool fresh; /* there was no database yet */
};

/* Defaults, then the file (--config), then the options. Says on stderr what is wrong. */
err settings_load(const struct command_line *line, struct arena *a, struct settings *ret_settings);

/*
 * Opens everything in the data directory; every failure is told in words on stderr. `create`: make directory, key and database
 * when there is none. On failure nothing is left open.
 */
err boot_open(struct boot *boot, const struct command_line *line, bool create);
void boot_close(struct boot *boot);

/* The setting, or localhost with this port. */
const char *public_url_of(struct boot *boot, const struct settings *settings, uint16_t port);
enum log_level level_from(const struct settings *s);
struct slice path_in(struct arena *a, const char *dir, const char *name);

/* master_key.c: reads or makes the key, and holds its id against the one in the database. */
const char *master_key_path(struct boot *boot);
err master_key_open(struct boot *boot, bool create);
err master_key_check(struct boot *boot);

/* routes.c: THE tables */
extern const struct route_table *const public_tables[];
extern const size_t public_table_count;
extern const struct route_table *const admin_tables[];
extern const size_t admin_table_count;

/* health.c */
extern const struct route_table health_routes;
/* documents.c */
extern const struct route_table document_routes;
/* backup_op.c */
extern const struct route_table backup_routes;

/* What the routes of this folder need to know of the running server; NULL when there is none. */
struct running {
	struct api *api;
	struct http_server *http;
	_Atomic bool ready; /* from the moment the start was told until draining begins */
};

/* answered.c: access log and refusals */
void request_answered(struct app *app, const struct http_request *req, const struct op *op);

/* jobs.c: what has to be done again and again, on a thread of its own */
struct jobs;
/* Before anybody may hurry one; app->hurry is set. They run from the start on until they are stopped. */
struct jobs *jobs_new(struct app *app);
void jobs_start(struct jobs *jobs);
void jobs_stop(struct jobs *jobs);
/* Nobody can hurry one any more. */
void jobs_free(struct jobs *jobs);

#endif

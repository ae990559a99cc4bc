#include "server/local.h"

#include <stdlib.h>

#include "server/boot.h"

struct local_app {
	struct boot boot;
	struct api *api;
};

err local_app_open(const struct command_line *line, struct local_app **ret_app)
{
	struct local_app *local = xalloc(sizeof(*local));
	struct error e = boot_open(&local->boot, line, false);

	if (failed(e)) {
		free(local);
		return e;
	}
	local->api = api_new(&(struct api_config){ .app = &local->boot.app, .tables = admin_tables, .table_count = admin_table_count });
	*ret_app = local;
	return OK;
}

struct api *local_app_api(struct local_app *app)
{
	return app->api;
}

void local_app_close(struct local_app *app)
{
	if (!app)
		return;
	api_free(app->api);
	boot_close(&app->boot);
	free(app);
}

/* reuseid-authenticator: a device in the terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "authenticator/commands.h"

/* No copy of a PIN or a key in a core file. */
static void no_core(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

static int help(struct app *app)
{
	struct buf b = buf_arena(&app->arena, STORE_FILE_BYTES_MAX);

	help_write(&b, app->arguments.command);
	fwrite(b.p, 1, b.n, stdout);
	return EXIT_DONE;
}

static const char *store_path(struct app *app)
{
	const char *path = given(app, OPT_STORE), *home = getenv("HOME");

	if (path || !home)
		return path;
	return (const char *)arena_printf(&app->arena, "%s/.reuseid-authenticator", home).p;
}

static const char *registration_name(const struct app *app)
{
	const char *name = given(app, OPT_AS) ? given(app, OPT_AS) : given(app, OPT_NAME);

	return name ? name : "default";
}

static int run(struct app *app)
{
	const char *path = store_path(app);
	int code;

	_Static_assert(OPT_COUNT <= 32, "options are bits of a mask");

	if (!store_name_good(app->name))
		return say_usage(app, "A registration is called by letters, digits, _ and -, at most 64 of them.");
	if (!path)
		return say_usage(app, "There is no home directory; say with --store where to keep things.");
	if (failed(store_open(&app->store, app->env, &app->arena, path, app->json)))
		return say_failed(app, "%.*s", FMT(app->store.why));
	app->cloud = given(app, OPT_CLOUD) ? given(app, OPT_CLOUD) : (const char *)arena_printf(&app->arena, "%s-cloud", path).p;
	app->http = http_new();
	code = app->arguments.command->run(app);
	rid_close(app->controller);
	http_free(app->http);
	return code;
}

static int run_or_help(struct app *app, int argc, char **argv)
{
	struct slice why = S("");

	if (failed(arguments_read(argc, argv, &app->arena, &app->arguments, &why))) {
		fprintf(stderr, "%.*s `reuseid-authenticator --help` shows what there is.\n", FMT(why));
		return EXIT_USAGE;
	}
	if (given(app, OPT_HELP))
		return help(app);
	if (app->arguments.command->run == run_man)
		return run_man(app);
	app->name = registration_name(app);
	app->json = given(app, OPT_JSON) != NULL;
	return run(app);
}

int main(int argc, char **argv)
{
	struct app app = { .env = &env_system, .store = { .dir_fd = -1, .lock_fd = -1 } };
	int code;

	no_core();
	app.out = buf_arena(&app.arena, 1024 * 1024);
	app.answer = jw_new(&app.out);
	jw_open(&app.answer, '{');
	code = run_or_help(&app, argc, argv);
	store_close(&app.store);
	arena_free_secret(&app.arena);
	return code;
}

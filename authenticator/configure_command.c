/* configure and status */
#include "authenticator/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* ---- configure ---- */

static bool read_file(struct app *app, const char *file, struct slice *ret_text)
{
	bool is_stdin = strcmp(file, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	struct buf b = buf_arena(&app->arena, STORE_FILE_BYTES_MAX);
	uint8_t part[4096];
	ssize_t n = -1;

	while (fd >= 0 && (n = read(fd, part, sizeof(part))) > 0)
		buf_add(&b, part, (size_t)n);
	if (n < 0)
		say_failed(app, "Cannot read %s: %s", file, strerror(errno));
	if (fd >= 0 && !is_stdin)
		close(fd);
	*ret_text = buf_bytes(&b);
	return n == 0;
}

static int ask_configuration(struct app *app, struct configuration *c)
{
	struct slice text;

	*c = (struct configuration){ NULL, given(app, OPT_APPLICATION_ID), given(app, OPT_PUBLIC_KEY), given(app, OPT_SERVER_URL) };
	if (app->arguments.operand) {
		if (c->application_id || c->public_key || c->server_url)
			return say_usage(app, "Give the three values or a file, not both.");
		return read_file(app, app->arguments.operand, &text) && configuration_understood(app, text, c) ? EXIT_DONE : EXIT_NOT_DONE;
	}
	if (!c->application_id || !c->public_key || !c->server_url)
		return say_usage(app, "Give --application-id, --public-key and --server-url, or a file with the quick configuration.");
	return EXIT_DONE;
}

int run_configure(struct app *app)
{
	struct configuration c;
	int code = ask_configuration(app, &c);

	if (code != EXIT_DONE)
		return code;
	if (!controller_open(app, &c, true)) /* also refuses another application under a registration that is there */
		return EXIT_NOT_DONE;
	if (!configuration_save(app, &c))
		return EXIT_NOT_DONE;
	say(app, "Configured: application %s at %s.\n", c.application_id, c.server_url);
	return say_done(app);
}

/* ---- status ---- */

static const char *methods_text(struct app *app, int methods)
{
	struct buf b = buf_arena(&app->arena, 256);

	if (methods & RID_METHOD_DEVICE)
		buf_text(&b, "DEVICE");
	if (methods & RID_METHOD_DEVICE_PIN)
		buf_text(&b, methods & RID_METHOD_DEVICE ? ", DEVICE_PIN" : "DEVICE_PIN");
	return arena_cstr(&app->arena, buf_bytes(&b));
}

static void status_json(struct app *app, const struct configuration *c)
{
	struct jw *w = &app->answer;
	const rid_controller *r = app->controller;

	if (!app->json)
		return;
	jw_pair(w, "registration", app->name);
	jw_pair(w, "applicationId", c->application_id);
	jw_pair(w, "serverUrl", c->server_url);
	jw_pair_bool(w, "activated", rid_is_activated_locally(r));
	jw_pair_bool(w, "unconfirmed", rid_is_unconfirmed(r));
	if (!rid_is_activated_locally(r))
		return;
	jw_pair(w, "deviceId", rid_registration_id(r));
	jw_key(w, "methods");
	jw_open(w, '[');
	if (rid_activated_auth_methods(r) & RID_METHOD_DEVICE)
		jw_cstr(w, "DEVICE");
	if (rid_activated_auth_methods(r) & RID_METHOD_DEVICE_PIN)
		jw_cstr(w, "DEVICE_PIN");
	jw_close(w, ']');
}

static void status_text(struct app *app, const struct configuration *c)
{
	const rid_controller *r = app->controller;

	say(app, "Registration:  %s\nApplication:   %s%s%s\nServer:        %s\n", app->name, c->application_id, c->name ? ", " : "",
		c->name ? c->name : "", c->server_url);
	if (rid_is_activated_locally(r))
		say(app, "Device id:     %s\nMethods:       %s\n", rid_registration_id(r), methods_text(app, rid_activated_auth_methods(r)));
	else
		say(app, "Device id:     not registered\n");
	if (rid_is_unconfirmed(r))
		say(app, "               A registration got no answer; `status --online` finds out how it ended.\n");
}

int run_status(struct app *app)
{
	struct configuration c;
	const rid_step *s = NULL;

	if (!configuration_load(app, &c) || !controller_open(app, &c, true))
		return EXIT_NOT_DONE;
	if (given(app, OPT_ONLINE))
		s = perform(app, rid_is_activated(app->controller));
	status_json(app, &c);
	status_text(app, &c);
	if (s && s->kind == RID_FAILED)
		return say_failure(app, &s->failure);
	if (s)
		say(app, "The server knows this device, and it can be used.\n");
	return say_done(app);
}

/* configure and status */
#include "authenticator/commands.h"

/* ---- configure ---- */

static int ask_configuration(struct app *app, struct configuration *c)
{
	struct slice text;

	*c = (struct configuration){ NULL, given(app, OPT_APPLICATION_ID), given(app, OPT_PUBLIC_KEY), given(app, OPT_SERVER_URL), NULL };
	if (app->arguments.operand) {
		if (c->application_id || c->public_key || c->server_url)
			return say_usage(app, "Give the three values or a file, not both.");
		return file_read(app, app->arguments.operand, STORE_FILE_BYTES_MAX, &text) && configuration_understood(app, text, c)
			? EXIT_DONE : EXIT_NOT_DONE;
	}
	if (!c->application_id || !c->public_key || !c->server_url)
		return say_usage(app, "Give --application-id, --public-key and --server-url, or a file with the quick configuration.");
	return EXIT_DONE;
}

/* A new configuration leaves the phone what it is. */
static const char *phone_before(struct app *app)
{
	struct configuration before;
	struct slice json;

	if (failed(store_read(&app->store, "config", app->name, ".json", &json)))
		return NULL;
	return failed(configuration_parse(&app->arena, json, &before)) ? NULL : before.phone;
}

int run_configure(struct app *app)
{
	struct configuration c;
	int code = ask_configuration(app, &c);

	if (code != EXIT_DONE)
		return code;
	if (given(app, OPT_PHONE))
		c.phone = given(app, OPT_PHONE);
	else if (!c.phone)
		c.phone = phone_before(app);
	if (!controller_open(app, &c, true)) /* also refuses another application under a registration that is there */
		return EXIT_NOT_DONE;
	if (!configuration_save(app, &c))
		return EXIT_NOT_DONE;
	say(app, "Configured: application %s at %s.\n", c.application_id, c.server_url);
	return say_done(app);
}

/* ---- status ---- */

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
	for (int method = RID_METHOD_DEVICE; method <= RID_METHOD_SERVER_SIDE_FACE; method <<= 1)
		if (rid_activated_auth_methods(r) & method)
			jw_cstr(w, method_word(method));
	jw_close(w, ']');
	jw_pair_bool(w, "recovery", rid_is_recovery_activated(r));
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
	if (rid_is_recovery_activated(r))
		say(app, "Recovery:      %s\n",
			rid_activated_recovery_methods(r) == RID_RECOVERY_FACE ? "with the face" : "with a recovery code");
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

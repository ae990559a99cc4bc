/* The table of commands, and those of a few lines. */
#include "authenticator/commands.h"

#include <stdio.h>

const struct command commands[] = {
	{ "configure", "[FILE]", OPT(APPLICATION_ID) | OPT(PUBLIC_KEY) | OPT(SERVER_URL),
		"Say which application and server this device is for",
		"Give the three values, or a FILE (- for standard input) with the quick configuration as the dashboard shows it in a QR code: "
		"{\"v\":1,\"name\":…,\"applicationId\":…,\"publicKey\":…,\"serverUrl\":…}. "
		"With --as for one registration; all others use that of the registration called default.",
		run_configure },
	{ "register", "[CODE]", OPT(NAME) | OPT(DEVICE_NAME) | OPT(METHOD) | OPT(PIN_FILE),
		"Register this device with an activation code",
		"Without a CODE it is asked for, or read from standard input when it is -. A PIN is chosen, unless --method DEVICE says that "
		"the device alone will do. A registration that is there already is replaced when the new one succeeds.",
		run_register },
	{ "pending", NULL, 0, "Show what waits for approval", NULL, run_pending },
	{ "wait", NULL, OPT(TIMEOUT), "Wait until something is to be approved, and show what",
		"Other commands can be used on the store meanwhile.", run_wait },
	{ "approve", NULL, OPT(METHOD) | OPT(PIN_FILE) | OPT(PUSH_SESSION_ID) | OPT(CLIENT_DATA) | OPT(CLIENT_ONLY) | OPT(SAVE_CONTEXT) | OPT(YES),
		"Approve an authentication",
		"Shows title and text first. Control characters and marks that hide or turn text are shown as <U+202E>. "
		"Content that is no text is not shown but can be saved. With --pin-file a PIN is tried once, however many attempts are left.",
		run_approve },
	{ "sign", NULL, OPT(METHOD) | OPT(PIN_FILE) | OPT(PUSH_SESSION_ID) | OPT(CLIENT_DATA) | OPT(SAVE_CONTEXT) | OPT(YES),
		"Approve a signature", "Works as approve does.", run_sign },
	{ "decline", NULL, OPT(PUSH_SESSION_ID), "Refuse what waits for approval", NULL, run_decline },
	{ "status", NULL, OPT(ONLINE), "Show what is configured and registered", NULL, run_status },
	{ "deactivate", NULL, OPT(ONLY_LOCALLY), "Remove the registration, at the server and here", NULL, run_deactivate },
	{ "man", NULL, 0, "Print the manual page", NULL, run_man },
};

const size_t command_count = sizeof(commands) / sizeof(commands[0]);

int run_man(struct app *app)
{
	struct buf b = buf_arena(&app->arena, STORE_FILE_BYTES_MAX);

	man_write(&b, &app->arena);
	fwrite(b.p, 1, b.n, stdout);
	return EXIT_DONE;
}

int run_deactivate(struct app *app)
{
	bool only_locally = given(app, OPT_ONLY_LOCALLY) != NULL;
	struct configuration c;
	const rid_step *s;

	if (!configuration_load(app, &c) || !controller_open(app, &c, !only_locally))
		return EXIT_NOT_DONE;
	s = perform(app, rid_deactivate(app->controller, only_locally));
	if (s->kind == RID_FAILED)
		return say_failure(app, &s->failure);
	say(app, only_locally ? "The registration is removed from here; the server was not asked.\n" : "The registration is removed.\n");
	return say_done(app);
}

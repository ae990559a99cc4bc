/* The table of commands, and those of a few lines. */
#include "authenticator/commands.h"

#include <stdio.h>

/* What stands in for the phone's surroundings, in each finish. */
#define SURROUNDINGS (OPT(LOCATION) | OPT(FACE_SCAN) | OPT(ATTEST_WITH) | OPT(PUSH_NONCE) | OPT(FAULT) | OPT(YES))
#define APPROVAL (OPT(METHOD) | OPT(PIN_FILE) | OPT(PUSH_SESSION_ID) | OPT(CLIENT_DATA) | OPT(SAVE_CONTEXT) | OPT(MATCH) | SURROUNDINGS)

const struct command commands[] = {
	{ "configure", "[FILE]", OPT(APPLICATION_ID) | OPT(PUBLIC_KEY) | OPT(SERVER_URL) | OPT(PHONE),
		"Say which application and server this device is for",
		"Give the three values, or a FILE (- for standard input) with the quick configuration as the dashboard shows it in a QR code: "
		"{\"v\":1,\"name\":…,\"applicationId\":…,\"publicKey\":…,\"serverUrl\":…}. "
		"With --as for one registration; all others use that of the registration called default. --phone says what kind of phone this "
		"stands in for, for instance iOS,hardware,DEVICE_IOS_FACE_ID: its keys lie in the store, sealed, but in no hardware.",
		run_configure },
	{ "register", "[CODE]", OPT(NAME) | OPT(DEVICE_NAME) | OPT(METHOD) | OPT(PIN_FILE) | SURROUNDINGS,
		"Register this device with an activation code",
		"Without a CODE it is asked for, or read from standard input when it is -. A PIN is chosen, unless --method says other methods: "
		"DEVICE is the device alone. A registration that is there already is replaced when the new one succeeds.",
		run_register },
	{ "pending", NULL, 0, "Show what waits for approval", NULL, run_pending },
	{ "wait", NULL, OPT(TIMEOUT), "Wait until something is to be approved, and show what",
		"Other commands can be used on the store meanwhile.", run_wait },
	{ "approve", NULL, APPROVAL | OPT(CLIENT_ONLY),
		"Approve an authentication",
		"Shows title and text first. Control characters and marks that hide or turn text are shown as <U+202E>. "
		"Content that is no text is not shown but can be saved. With --pin-file a PIN is tried once, however many attempts are left. "
		"Where the service provider shows a number, it is asked for, or given with --match.",
		run_approve },
	{ "sign", NULL, APPROVAL, "Approve a signature", "Works as approve does.", run_sign },
	{ "decline", NULL, OPT(PUSH_SESSION_ID), "Refuse what waits for approval", NULL, run_decline },
	{ "pin", NULL, OPT(METHOD) | OPT(PIN_FILE) | OPT(NEW_PIN_FILE) | SURROUNDINGS, "Change the PIN",
		"Asks for the PIN of now and the new one, twice. Another method can authorise it (--method), if the application allows it.", run_pin },
	{ "add-method", "METHOD", OPT(METHOD) | OPT(PIN_FILE) | OPT(NEW_PIN_FILE) | SURROUNDINGS, "Add a method, or give it a new key",
		"METHOD is added; it is authorised with the PIN, or with --method.", run_add_method },
	{ "remove-method", "METHOD", SURROUNDINGS, "Remove a method", "What waits for approval ends.", run_remove_method },
	{ "add-recovery", NULL, OPT(METHOD) | OPT(CODE_FILE) | OPT(CLOUD) | OPT(FACE_SCAN), "Set up a recovery, or change its code",
		"For a phone that gets lost: a backup, locked with a code (or with the face: --method DEVICE_SERVER_SIDE_FACE), goes into the "
		"cloud. Within ten minutes after a registration, an approval with the PIN or a PIN change, which authorises it.",
		run_add_recovery },
	{ "remove-recovery", NULL, OPT(CLOUD), "Give the recovery up", "Is authorised as add-recovery is.", run_remove_recovery },
	{ "recover", NULL, OPT(NAME) | OPT(DEVICE_NAME) | OPT(METHOD) | OPT(PIN_FILE) | OPT(CODE_FILE) | OPT(CLOUD) | SURROUNDINGS,
		"Become the successor of a phone that is lost",
		"On a phone without registration: takes the backup out of the cloud, asks for the recovery code, and chooses a new PIN. Wrong "
		"codes are counted at the server.",
		run_recover },
	{ "push-token", "[TOKEN]", 0, "Say where push messages go; without TOKEN: nowhere",
		"A subscription of Web Push or UnifiedPush as JSON, the device token of APNs in hexadecimal, or FCM's registration token.",
		run_push_token },
	{ "push-heard", "ID", 0, "Say that a push message arrived", "ID is its pushSessionId.", run_push_heard },
	{ "status", NULL, OPT(ONLINE), "Show what is configured and registered", NULL, run_status },
	{ "deactivate", NULL, OPT(ONLY_LOCALLY) | OPT(CLOUD), "Remove the registration, at the server and here", NULL, run_deactivate },
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

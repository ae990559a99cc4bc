/* add-recovery, remove-recovery, recover */
#include "authenticator/commands.h"

static const rid_step *finish_adding(struct app *app, const rid_started *started)
{
	const rid_step *s = NULL;
	char code[PIN_BYTES];
	size_t n = 0;

	if (!phone_prepares(app, started))
		return NULL;
	if (started->recovery_method == RID_RECOVERY_FACE)
		return perform(app, rid_finish_add_or_update_recovery(app->controller, NULL, 0));
	if (secret_choose(app, OPT_CODE_FILE, "recovery code", &started->recovery_code, code, &n))
		s = rid_finish_add_or_update_recovery(app->controller, code, n);
	wipe(code, sizeof(code));
	return s ? perform(app, s) : NULL;
}

static int done(struct app *app, const rid_step *s, const char *words)
{
	if (s->kind == RID_FAILED)
		return say_failure(app, &s->failure);
	if (s->result.warning)
		say(app, "Caution: it is done, but could not be recorded here. Make room on the disk.\n");
	tokens_keep(app, &s->result);
	say(app, "%s\n", words);
	return say_done(app);
}

int run_add_recovery(struct app *app)
{
	unsigned char token[RID_TOKEN_BYTES];
	rid_started started;
	const rid_step *s;
	int method;

	if (!method_given(app, false, &method))
		return EXIT_USAGE;
	if (!begin(app) || !token_take(app, RID_TOKEN_ADD_OR_UPDATE_RECOVERY, token))
		return EXIT_NOT_DONE;
	method = method == RID_METHOD_SERVER_SIDE_FACE ? RID_RECOVERY_FACE : RID_RECOVERY_CODE;
	s = perform(app, rid_start_add_or_update_recovery(app->controller, method, token));
	wipe(token, sizeof(token));
	if (s->kind == RID_SHOW) {
		started = s->started;
		s = finish_adding(app, &started);
	}
	return s ? done(app, s, "A recovery is set up; its backup lies in the cloud.") : EXIT_NOT_DONE;
}

int run_remove_recovery(struct app *app)
{
	unsigned char token[RID_TOKEN_BYTES];
	const rid_step *s;

	if (!begin(app) || !token_take(app, RID_TOKEN_DELETE_RECOVERY, token))
		return EXIT_NOT_DONE;
	rid_want_tokens(app->controller, RID_TOKEN_ADD_OR_UPDATE_RECOVERY);
	s = rid_delete_recovery(app->controller, token);
	wipe(token, sizeof(token));
	return done(app, perform(app, s), "The recovery is given up.");
}

/* ---- recover ---- */

static const rid_step *finish_recovering(struct app *app, const rid_started *started, int methods)
{
	bool by_code = started->recovery_method == RID_RECOVERY_CODE;
	char code[PIN_BYTES], pin[PIN_BYTES];
	size_t code_n = 0, pin_n = 0;
	const rid_step *s = NULL;

	describe_device(app);
	if (phone_prepares(app, started) && (!by_code || secret_read(app, OPT_CODE_FILE, "Recovery code: ", code, &code_n)) &&
		(!(methods & RID_METHOD_DEVICE_PIN) || secret_choose(app, OPT_PIN_FILE, "PIN", &started->pin, pin, &pin_n)))
		s = rid_finish_recovery(app->controller, by_code ? code : NULL, code_n, methods, device_name(app),
			methods & RID_METHOD_DEVICE_PIN ? pin : NULL, pin_n);
	wipe(code, sizeof(code));
	wipe(pin, sizeof(pin));
	return s ? perform(app, s) : NULL;
}

/* A wrong code is asked for again, as long as somebody is there to type another one. */
static const rid_step *recover(struct app *app, const rid_started *started, int methods)
{
	bool person = !given(app, OPT_CODE_FILE) && !app->json && has_terminal();
	const rid_step *s = finish_recovering(app, started, methods);

	while (s && s->kind == RID_FAILED && s->failure.recoverable && person) {
		say_failure(app, &s->failure);
		s = finish_recovering(app, started, methods);
	}
	return s;
}

int run_recover(struct app *app)
{
	rid_started started;
	const rid_step *s;
	int methods;

	if (!method_given(app, true, &methods))
		return EXIT_USAGE;
	if (!begin(app))
		return EXIT_NOT_DONE;
	s = perform(app, rid_start_recovery(app->controller));
	if (s->kind == RID_FAILED && s->failure.number == RID_ERROR_WRONG_STATE)
		return say_failed(app, "There is a registration here already. Remove it, or recover under another name (--as).");
	if (s->kind == RID_SHOW) {
		started = s->started;
		s = recover(app, &started, methods ? methods : RID_METHOD_DEVICE_PIN);
	}
	if (!s)
		return EXIT_NOT_DONE;
	return s->kind == RID_FAILED ? say_failure(app, &s->failure) : registered(app, s);
}

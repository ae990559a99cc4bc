/* push-token, push-heard */
#include "authenticator/commands.h"

static int tell(struct app *app, const rid_step *s, const char *words)
{
	s = perform(app, s);
	if (s->kind == RID_FAILED)
		return say_failure(app, &s->failure);
	say(app, "%s\n", words);
	return say_done(app);
}

int run_push_token(struct app *app)
{
	const char *token = app->arguments.operand;

	if (!begin(app))
		return EXIT_NOT_DONE;
	return tell(app, rid_push_token(app->controller, token),
		token ? "Push messages go there from now on." : "Push messages go nowhere from now on.");
}

int run_push_heard(struct app *app)
{
	if (!app->arguments.operand)
		return say_usage(app, "Say which: the pushSessionId of the message.");
	if (!begin(app))
		return EXIT_NOT_DONE;
	return tell(app, rid_push_heard(app->controller, app->arguments.operand), "The server knows that the message arrived.");
}

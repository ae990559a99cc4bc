/* What a command prints: sentences for a person, or one JSON object for a script. */
#include "authenticator/app.h"

#include <stdio.h>

const char *operation_word(rid_operation operation)
{
	static const char *const words[] = { [RID_OPERATION_NONE] = "operation", [RID_OPERATION_ACTIVATION] = "registration",
		[RID_OPERATION_AUTHENTICATION] = "authentication", [RID_OPERATION_SIGNING] = "signature",
		[RID_OPERATION_ADD_OR_UPDATE] = "change of methods", [RID_OPERATION_DEACTIVATE_METHOD] = "change of methods",
		[RID_OPERATION_ADD_OR_UPDATE_RECOVERY] = "recovery", [RID_OPERATION_DELETE_RECOVERY] = "recovery",
		[RID_OPERATION_RECOVERY] = "recovery" };

	return words[operation];
}

void say(struct app *app, const char *format, ...)
{
	va_list args;

	if (app->json)
		return;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	fflush(stdout);
}

static void print_answer(struct app *app)
{
	jw_close(&app->answer, '}');
	buf_byte(&app->out, '\n');
	fwrite(app->out.p, 1, app->out.n, stdout);
}

int say_done(struct app *app)
{
	if (app->json)
		print_answer(app);
	return EXIT_DONE;
}

/* {…, "error": {"number", "title", "message", "recoverable", "remaining"}} */
static void error_json(struct app *app, const rid_failure *failure, struct slice words)
{
	struct jw *w = &app->answer;

	jw_key(w, "error");
	jw_open(w, '{');
	jw_pair_text(w, "message", words);
	if (failure) {
		jw_pair_int(w, "number", failure->number);
		jw_pair(w, "title", failure->title);
		jw_pair_bool(w, "recoverable", failure->recoverable);
		if (failure->remaining >= 0)
			jw_pair_int(w, "remaining", failure->remaining);
	}
	jw_close(w, '}');
	print_answer(app);
}

static void say_words(struct app *app, const rid_failure *failure, struct slice words)
{
	if (app->json)
		error_json(app, failure, words);
	else
		fprintf(stderr, "%.*s\n", FMT(words));
}

int say_failure(struct app *app, const rid_failure *failure)
{
	say_words(app, failure, failure_words(failure, &app->arena));
	return EXIT_NOT_DONE;
}

int say_failed(struct app *app, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_words(app, NULL, arena_vprintf(&app->arena, format, args));
	va_end(args);
	return EXIT_NOT_DONE;
}

int say_usage(struct app *app, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_words(app, NULL, arena_vprintf(&app->arena, format, args));
	va_end(args);
	return EXIT_USAGE;
}

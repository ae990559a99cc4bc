/* approve, sign, decline, pending, wait */
#include "authenticator/commands.h"

enum { ONE_WAIT_MS = 24 * 3600 * 1000 };

/* ---- what waits ---- */

static void pending_json(struct app *app, const rid_result *r)
{
	struct jw *w = &app->answer;

	if (!app->json)
		return;
	jw_key(w, "pending");
	jw_open(w, '[');
	for (size_t i = 0; i < r->pending_count; i++) {
		jw_open(w, '{');
		jw_pair(w, "operation", r->pending[i].operation == RID_OPERATION_SIGNING ? "SIGNING" : "AUTHENTICATION");
		jw_pair(w, "pushSessionId", r->pending[i].push_session_id);
		jw_pair_int(w, "expires", r->pending[i].expires_ms);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static int tell_pending(struct app *app, const rid_result *r)
{
	pending_json(app, r);
	if (r->pending_count == 0)
		say(app, "Nothing waits for approval.\n");
	for (size_t i = 0; i < r->pending_count; i++) {
		int64_t left_s = (r->pending[i].expires_ms - env_now_ms(app->env)) / 1000;

		say(app, "%s to approve with `%s`, for %lld more seconds (%s)\n", operation_word(r->pending[i].operation),
			r->pending[i].operation == RID_OPERATION_SIGNING ? "sign" : "approve", (long long)(left_s > 0 ? left_s : 0),
			r->pending[i].push_session_id);
	}
	return say_done(app);
}

int run_pending(struct app *app)
{
	const rid_step *s;

	if (!begin(app))
		return EXIT_NOT_DONE;
	s = perform(app, rid_pending(app->controller));
	return s->kind == RID_FAILED ? say_failure(app, &s->failure) : tell_pending(app, &s->result);
}

/* Milliseconds; -1: no such number. */
static int64_t timeout_ms(const struct app *app)
{
	uint64_t seconds;

	if (!given(app, OPT_TIMEOUT))
		return INT64_MAX;
	if (failed(slice_u64(slice_text(given(app, OPT_TIMEOUT)), &seconds)) || seconds > INT32_MAX)
		return -1;
	return (int64_t)seconds * 1000;
}

/* Asks until something is there or the time is over. */
static const rid_step *wait_for(struct app *app, int64_t left_ms)
{
	int64_t until = left_ms == INT64_MAX ? INT64_MAX : env_mono_ms(app->env) + left_ms;
	const rid_step *s;

	do {
		int64_t now = env_mono_ms(app->env), left = until > now ? until - now : 0;

		s = perform(app, rid_wait(app->controller, left < ONE_WAIT_MS ? (uint32_t)left : ONE_WAIT_MS));
	} while (s->kind == RID_DONE && s->result.pending_count == 0 && env_mono_ms(app->env) < until);
	return s;
}

int run_wait(struct app *app)
{
	int64_t limit = timeout_ms(app);
	const rid_step *s;

	if (limit < 0)
		return say_usage(app, "--timeout wants a number of seconds.");
	if (!begin(app))
		return EXIT_NOT_DONE;
	s = perform(app, rid_pending(app->controller)); /* settles what is open, so that nothing has to be stored from here on */
	store_unlock(&app->store);
	if (s->kind == RID_DONE && s->result.pending_count == 0 && limit > 0)
		s = wait_for(app, limit);
	if (s->kind == RID_FAILED)
		return say_failure(app, &s->failure);
	tell_pending(app, &s->result);
	return s->result.pending_count ? EXIT_DONE : EXIT_NOT_DONE;
}

/* ---- approving ---- */

typedef const rid_step *(*starter)(rid_controller *, const rid_start_options *);

static const rid_step *start(struct app *app, starter begin_with)
{
	const rid_start_options options = { given(app, OPT_CLIENT_DATA), given(app, OPT_CLIENT_ONLY) != NULL };

	if (rid_set_push_session_id(app->controller, given(app, OPT_PUSH_SESSION_ID)) != RID_OK) {
		say_failed(app, "There is no such pending operation.");
		return NULL;
	}
	return perform(app, begin_with(app->controller, &options));
}

int choose_method(const struct app *app, int allowed)
{
	int method = given(app, OPT_METHOD) ? methods_read(given(app, OPT_METHOD)) : 0;

	if (method)
		return method;
	if (allowed & RID_METHOD_DEVICE_PIN)
		return RID_METHOD_DEVICE_PIN;
	for (method = RID_METHOD_SERVER_SIDE_FACE; method > RID_METHOD_DEVICE && !(allowed & method); method >>= 1)
		;
	return method;
}

/* What wants no PIN: the device alone, biometrics, a face. */
static const rid_step *without_pin(struct app *app, const rid_started *started, int method)
{
	const char *question = (const char *)arena_printf(&app->arena, "Approve this %s?", operation_word(started->operation)).p;

	if (!given(app, OPT_YES) && !confirmed(app, question)) {
		say_failed(app, "Nothing was approved; it still waits. `decline` refuses it.");
		return NULL;
	}
	return perform(app, rid_finish_authentication_or_signing(app->controller, method, NULL, 0));
}

static const rid_step *with_pin(struct app *app, const rid_started *started)
{
	const char *prompt = (const char *)arena_printf(&app->arena, "PIN, to approve this %s (%d of %d attempts left): ",
		operation_word(started->operation), started->attempts_remaining, started->attempts_total).p;
	const rid_step *s = NULL;
	char pin[PIN_BYTES];
	size_t n = 0;

	if (pin_read(app, prompt, pin, &n))
		s = rid_finish_authentication_or_signing(app->controller, RID_METHOD_DEVICE_PIN, pin, n);
	wipe(pin, sizeof(pin));
	return s ? perform(app, s) : NULL;
}

/* Again after a wrong PIN, as long as somebody is there to type another one. */
static const rid_step *finish(struct app *app, const rid_started *started, int method)
{
	bool person = !given(app, OPT_PIN_FILE) && !app->json && has_terminal();
	const rid_step *s;

	do {
		s = method == RID_METHOD_DEVICE_PIN ? with_pin(app, started) : without_pin(app, started, method);
		if (!s || s->kind != RID_FAILED || !s->failure.recoverable || !person || method != RID_METHOD_DEVICE_PIN)
			return s;
		say_failure(app, &s->failure);
		started = &s->started;
	} while (true);
}

static int approved(struct app *app, const rid_step *s)
{
	if (s->result.warning)
		say(app, "Caution: it is done, but could not be recorded here. Make room on the disk.\n");
	say(app, "Approved: the %s is done.\n", operation_word(s->result.operation));
	if (app->json)
		jw_pair(&app->answer, "operation", s->result.operation == RID_OPERATION_SIGNING ? "SIGNING" : "AUTHENTICATION");
	context_json(app, "after", &s->result.context);
	tokens_keep(app, &s->result);
	context_show_after(app, &s->result.context);
	return say_done(app);
}

static int approve(struct app *app, starter begin_with)
{
	rid_started started;
	const rid_step *s;
	int method;

	if (!method_given(app, false, &method))
		return EXIT_USAGE;
	if (!begin(app) || !(s = start(app, begin_with)))
		return EXIT_NOT_DONE;
	if (s->kind == RID_FAILED)
		return say_failure(app, &s->failure);
	started = s->started;
	context_json(app, "context", &started.context);
	if (!context_show(app, &started.context) || !phone_prepares(app, &started))
		return EXIT_NOT_DONE;
	s = finish(app, &started, choose_method(app, started.methods));
	if (!s)
		return EXIT_NOT_DONE;
	return s->kind == RID_FAILED ? say_failure(app, &s->failure) : approved(app, s);
}

int run_approve(struct app *app)
{
	return approve(app, rid_start_authentication);
}

int run_sign(struct app *app)
{
	return approve(app, rid_start_signing);
}

int run_decline(struct app *app)
{
	const rid_step *s;

	if (!begin(app) || !(s = start(app, rid_start_authentication_or_signing)))
		return EXIT_NOT_DONE;
	if (s->kind == RID_SHOW)
		s = perform(app, rid_cancel_session(app->controller));
	if (s->kind == RID_FAILED)
		return say_failure(app, &s->failure);
	say(app, "Declined.\n");
	return say_done(app);
}

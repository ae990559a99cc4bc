/* pin, add-method, remove-method */
#include "authenticator/commands.h"

/* What authorises it, and the new PIN if it is one. */
struct change {
	char pin[PIN_BYTES], new_pin[PIN_BYTES];
	size_t pin_n, new_pin_n;
	int method;
	bool with_new_pin;
};

static bool read_pins(struct app *app, const rid_started *started, struct change *c)
{
	const char *prompt = (const char *)arena_printf(&app->arena, "PIN of now (%d of %d attempts left): ", started->attempts_remaining,
		started->attempts_total).p;

	if (c->method == RID_METHOD_DEVICE_PIN && !pin_read(app, prompt, c->pin, &c->pin_n))
		return false;
	if (!c->with_new_pin)
		return true;
	/* Where no PIN is needed to authorise it, --pin-file is the new one's. */
	return secret_choose(app, c->method == RID_METHOD_DEVICE_PIN || given(app, OPT_NEW_PIN_FILE) ? OPT_NEW_PIN_FILE : OPT_PIN_FILE, "PIN",
		&started->pin, c->new_pin, &c->new_pin_n);
}

static const rid_step *finish(struct app *app, const rid_started *started)
{
	struct change c = { .method = choose_method(app, started->methods), .with_new_pin = started->new_method == RID_METHOD_DEVICE_PIN };
	const rid_step *s = NULL;

	if (phone_prepares(app, started) && read_pins(app, started, &c))
		s = rid_finish_add_or_update(app->controller, c.method, c.method == RID_METHOD_DEVICE_PIN ? c.pin : NULL, c.pin_n,
			c.with_new_pin ? c.new_pin : NULL, c.new_pin_n);
	wipe(&c, sizeof(c));
	return s ? perform(app, s) : NULL;
}

static int changed(struct app *app, const rid_step *s, const char *what)
{
	if (s->result.warning)
		say(app, "Caution: it is done, but could not be recorded here. Make room on the disk.\n");
	tokens_keep(app, &s->result);
	say(app, "%s Methods: %s.\n", what, methods_text(app, rid_activated_auth_methods(app->controller)));
	return say_done(app);
}

static int change(struct app *app, int method, const char *what)
{
	rid_started started;
	const rid_step *s;
	int ignored;

	if (!method_given(app, false, &ignored))
		return EXIT_USAGE;
	if (!begin(app))
		return EXIT_NOT_DONE;
	s = perform(app, rid_start_add_or_update(app->controller, method));
	if (s->kind == RID_SHOW) {
		started = s->started;
		s = finish(app, &started);
	}
	if (!s)
		return EXIT_NOT_DONE;
	return s->kind == RID_FAILED ? say_failure(app, &s->failure) : changed(app, s, what);
}

int run_pin(struct app *app)
{
	return change(app, RID_METHOD_DEVICE_PIN, "The PIN is changed.");
}

/* One method as operand, or 0 with a sentence said. */
static int method_named(struct app *app)
{
	int method = methods_read(app->arguments.operand);

	if (method && !(method & (method - 1)))
		return method;
	say_usage(app, "Say which method: DEVICE_PIN, DEVICE_IOS_FACE_ID, DEVICE_STRONG_TOUCH_ID, DEVICE_ANDROID_BIOMETRIC_PROMPT or "
		       "DEVICE_SERVER_SIDE_FACE.");
	return 0;
}

int run_add_method(struct app *app)
{
	int method = method_named(app);

	return method ? change(app, method, "The method is added.") : EXIT_USAGE;
}

int run_remove_method(struct app *app)
{
	int method = method_named(app);
	const rid_step *s;

	if (!method)
		return EXIT_USAGE;
	if (!begin(app))
		return EXIT_NOT_DONE;
	s = perform(app, rid_deactivate_auth_method(app->controller, method));
	return s->kind == RID_FAILED ? say_failure(app, &s->failure) : changed(app, s, "The method is removed.");
}

/* register */
#include "authenticator/commands.h"

#include <sys/utsname.h>
#include <unistd.h>

enum { CODE_BYTES_MAX = 256, PIN_TRIES = 3 };

/* From the command line, where others on the machine can see it, from standard input, or asked for. */
static bool read_code(struct app *app, char *code, size_t *ret_n)
{
	const char *operand = app->arguments.operand;
	struct slice text = slice_text(operand);
	ssize_t n;

	if (operand && strcmp(operand, "-") == 0) {
		n = read(STDIN_FILENO, code, CODE_BYTES_MAX);
		*ret_n = n > 0 ? slice_find(slice_of(code, (size_t)n), '\n') : 0;
		return true;
	}
	if (!operand)
		text = line_read(app, "Activation code: ");
	if (text.n == 0 || text.n > CODE_BYTES_MAX) {
		say_failed(app, "No activation code was given.");
		return false;
	}
	memcpy(code, text.p, text.n);
	*ret_n = text.n;
	return true;
}

static const char *alphabet_word(rid_alphabet alphabet)
{
	static const char *const words[] = { [RID_ALPHABET_ANY] = "characters", [RID_ALPHABET_NUMERIC] = "digits",
		[RID_ALPHABET_ALPHA] = "letters", [RID_ALPHABET_ALPHANUMERIC] = "letters and digits" };

	return words[alphabet];
}

/* Typed twice, of the right form, and not the one that everybody tries first. From a file: taken as it is. */
static bool choose_pin(struct app *app, const rid_form *form, char *pin, size_t *ret_n)
{
	char again[PIN_BYTES];
	size_t again_n = 0;
	bool same;

	if (!pin_read(app, (const char *)arena_printf(&app->arena, "New PIN, %d to %d %s: ", form->min, form->max,
		alphabet_word(form->alphabet)).p, pin, ret_n))
		return false;
	if (given(app, OPT_PIN_FILE))
		return true;
	if (rid_pin_check(form, pin, *ret_n) != RID_OK) {
		say(app, "A PIN has %d to %d %s.\n", form->min, form->max, alphabet_word(form->alphabet));
		return choose_pin(app, form, pin, ret_n);
	}
	if (rid_pin_is_weak(pin, *ret_n) && !confirmed(app, "That is a PIN that everybody tries first. Take it all the same?"))
		return choose_pin(app, form, pin, ret_n);
	if (!pin_read(app, "The same again: ", again, &again_n))
		return false;
	same = slice_eq_secret(slice_of(pin, *ret_n), slice_of(again, again_n));
	wipe(again, sizeof(again));
	if (!same)
		say(app, "The two are not the same.\n");
	return same || choose_pin(app, form, pin, ret_n);
}

static const char *device_name(struct app *app)
{
	char host[65] = "";

	if (given(app, OPT_DEVICE_NAME))
		return given(app, OPT_DEVICE_NAME);
	if (gethostname(host, sizeof(host) - 1) != 0 || !host[0])
		return NULL;
	return arena_cstr(&app->arena, slice_text(host));
}

/* What the server keeps about a device, for those who look at lists of them. */
static void describe_device(struct app *app)
{
	struct utsname u;

	if (uname(&u) != 0)
		return;
	rid_set_risk_parameter(app->controller, "operatingSystemType", u.sysname);
	rid_set_risk_parameter(app->controller, "operatingSystemVersion", u.release);
	rid_set_risk_parameter(app->controller, "deviceModel", u.machine);
}

static const rid_step *finish(struct app *app, rid_form form, bool with_pin)
{
	const char *name = device_name(app);
	const rid_step *s;
	char pin[PIN_BYTES];
	size_t n;

	describe_device(app);
	if (!with_pin)
		return perform(app, rid_finish_activation(app->controller, RID_METHOD_DEVICE, name, NULL, 0));
	s = choose_pin(app, &form, pin, &n) ? rid_finish_activation(app->controller, RID_METHOD_DEVICE_PIN, name, pin, n) : NULL;
	wipe(pin, sizeof(pin));
	return s ? perform(app, s) : NULL;
}

static int registered(struct app *app, const rid_step *s)
{
	if (s->result.warning)
		say(app, "Caution: the registration is done, but could not be stored. Make room on the disk, then run `status --online`.\n");
	say(app, "Registered as %s.\n", rid_registration_id(app->controller));
	if (app->json)
		jw_pair(&app->answer, "deviceId", rid_registration_id(app->controller));
	context_json(app, "context", &s->result.context);
	context_show_after(app, &s->result.context);
	return say_done(app);
}

static int with_code(struct app *app, char *code, size_t n, bool with_pin)
{
	const rid_step *s = perform(app, rid_start_activation(app->controller, code, n));

	if (s->kind == RID_SHOW && with_pin && !(s->started.methods & RID_METHOD_DEVICE_PIN))
		with_pin = false;
	if (s->kind == RID_SHOW)
		s = finish(app, s->started.pin, with_pin);
	if (!s)
		return EXIT_NOT_DONE;
	return s->kind == RID_FAILED ? say_failure(app, &s->failure) : registered(app, s);
}

int run_register(struct app *app)
{
	const char *method = given(app, OPT_METHOD);
	char code[CODE_BYTES_MAX];
	size_t n;

	if (!method_good(app))
		return EXIT_USAGE;
	if (!begin(app) || !read_code(app, code, &n))
		return EXIT_NOT_DONE;
	return with_code(app, code, n, !method || strcmp(method, "DEVICE_PIN") == 0);
}

/* register */
#include "authenticator/commands.h"

#include <sys/utsname.h>
#include <unistd.h>

enum { CODE_BYTES_MAX = 256 };

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

const char *device_name(struct app *app)
{
	char host[65] = "";

	if (given(app, OPT_DEVICE_NAME))
		return given(app, OPT_DEVICE_NAME);
	if (gethostname(host, sizeof(host) - 1) != 0 || !host[0])
		return NULL;
	return arena_cstr(&app->arena, slice_text(host));
}

/* What the server keeps about a device, for those who look at lists of them. */
void describe_device(struct app *app)
{
	struct utsname u;

	if (uname(&u) != 0)
		return;
	rid_set_risk_parameter(app->controller, "operatingSystemType", u.sysname);
	rid_set_risk_parameter(app->controller, "operatingSystemVersion", u.release);
	rid_set_risk_parameter(app->controller, "deviceModel", u.machine);
}

static const rid_step *finish(struct app *app, const rid_started *started, int methods)
{
	const char *name = device_name(app);
	const rid_form form = started->pin;
	const rid_step *s;
	char pin[PIN_BYTES];
	size_t n;

	describe_device(app);
	if (!phone_prepares(app, started))
		return NULL;
	if (!(methods & RID_METHOD_DEVICE_PIN))
		return perform(app, rid_finish_activation(app->controller, methods, name, NULL, 0));
	s = secret_choose(app, OPT_PIN_FILE, "PIN", &form, pin, &n) ? rid_finish_activation(app->controller, methods, name, pin, n) : NULL;
	wipe(pin, sizeof(pin));
	return s ? perform(app, s) : NULL;
}

int registered(struct app *app, const rid_step *s)
{
	if (s->result.warning)
		say(app, "Caution: the registration is done, but could not be stored. Make room on the disk, then run `status --online`.\n");
	say(app, "Registered as %s.\n", rid_registration_id(app->controller));
	if (app->json)
		jw_pair(&app->answer, "deviceId", rid_registration_id(app->controller));
	context_json(app, "context", &s->result.context);
	tokens_keep(app, &s->result);
	context_show_after(app, &s->result.context);
	return say_done(app);
}

static int with_code(struct app *app, char *code, size_t n, int methods)
{
	const rid_step *s = perform(app, rid_start_activation(app->controller, code, n));

	if (s->kind == RID_SHOW) {
		rid_started started = s->started;

		if (!methods)
			methods = started.methods & RID_METHOD_DEVICE_PIN ? RID_METHOD_DEVICE_PIN : RID_METHOD_DEVICE;
		s = finish(app, &started, methods);
	}
	if (!s)
		return EXIT_NOT_DONE;
	return s->kind == RID_FAILED ? say_failure(app, &s->failure) : registered(app, s);
}

int run_register(struct app *app)
{
	char code[CODE_BYTES_MAX];
	int methods;
	size_t n;

	if (!method_given(app, true, &methods))
		return EXIT_USAGE;
	if (!begin(app) || !read_code(app, code, &n))
		return EXIT_NOT_DONE;
	return with_code(app, code, n, methods);
}

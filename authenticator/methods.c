/* Methods by their names. */
#include "authenticator/app.h"

static const char *const words[] = { "DEVICE", "DEVICE_PIN", "DEVICE_IOS_FACE_ID", "DEVICE_STRONG_TOUCH_ID", "DEVICE_ANDROID_BIOMETRIC_PROMPT",
	"DEVICE_SERVER_SIDE_FACE" };

enum { METHODS = sizeof(words) / sizeof(words[0]) };

const char *method_word(int method)
{
	for (int i = 0; i < METHODS; i++)
		if (method == 1 << i)
			return words[i];
	return "";
}

const char *methods_text(struct app *app, int methods)
{
	struct buf b = buf_arena(&app->arena, 256);

	for (int i = 0; i < METHODS; i++)
		if (methods >> i & 1)
			buf_printf(&b, "%s%s", b.n ? ", " : "", words[i]);
	return arena_cstr(&app->arena, buf_bytes(&b));
}

static int method_read(struct slice word)
{
	for (int i = 0; i < METHODS; i++)
		if (slice_is(word, words[i]))
			return 1 << i;
	return 0;
}

int methods_read(const char *text)
{
	struct slice rest = slice_text(text);
	int methods = 0;

	while (rest.n) {
		int method = method_read(slice_trim(slice_cut(&rest, ',')));

		if (!method)
			return 0;
		methods |= method;
	}
	return methods;
}

bool method_given(struct app *app, bool several, int *ret_methods)
{
	*ret_methods = given(app, OPT_METHOD) ? methods_read(given(app, OPT_METHOD)) : 0;
	if (!given(app, OPT_METHOD) || (*ret_methods && (several || !(*ret_methods & (*ret_methods - 1)))))
		return true;
	say_usage(app, "The method is %sof DEVICE, DEVICE_PIN, DEVICE_IOS_FACE_ID, DEVICE_STRONG_TOUCH_ID, DEVICE_ANDROID_BIOMETRIC_PROMPT and "
		       "DEVICE_SERVER_SIDE_FACE.", several ? "any " : "one ");
	return false;
}

/* A new PIN or recovery code. */
#include "authenticator/app.h"

static const char *alphabet_word(rid_alphabet alphabet)
{
	static const char *const words[] = { [RID_ALPHABET_ANY] = "characters", [RID_ALPHABET_NUMERIC] = "digits",
		[RID_ALPHABET_ALPHA] = "letters", [RID_ALPHABET_ALPHANUMERIC] = "letters and digits" };

	return words[alphabet];
}

/* Neither of the wrong form nor what everybody tries first. */
static bool good(struct app *app, const char *what, const rid_form *form, const char *secret, size_t n)
{
	const char *question = (const char *)arena_printf(&app->arena, "That is a %s that everybody tries first. Take it all the same?", what).p;

	if (rid_pin_check(form, secret, n) != RID_OK) {
		say(app, "A %s has %d to %d %s.\n", what, form->min, form->max, alphabet_word(form->alphabet));
		return false;
	}
	return !rid_pin_is_weak(secret, n) || confirmed(app, question);
}

/* False: nothing is typed any more. */
static bool typed_twice(struct app *app, enum option_id file, const char *secret, size_t n, bool *ret_same)
{
	char again[PIN_BYTES];
	size_t again_n = 0;
	bool typed = secret_read(app, file, "The same again: ", again, &again_n);

	*ret_same = typed && slice_eq_secret(slice_of(secret, n), slice_of(again, again_n));
	if (typed && !*ret_same)
		say(app, "The two are not the same.\n");
	wipe(again, sizeof(again));
	return typed;
}

bool secret_choose(struct app *app, enum option_id file, const char *what, const rid_form *form, char secret[static PIN_BYTES],
	size_t *ret_n)
{
	const char *prompt = (const char *)arena_printf(&app->arena, "New %s, %d to %d %s: ", what, form->min, form->max,
		alphabet_word(form->alphabet)).p;
	bool same = false;

	if (given(app, file))
		return secret_read(app, file, prompt, secret, ret_n);
	while (!same) {
		if (!secret_read(app, file, prompt, secret, ret_n))
			return false;
		if (good(app, what, form, secret, *ret_n) && !typed_twice(app, file, secret, *ret_n, &same))
			return false;
	}
	return true;
}

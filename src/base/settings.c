#include "base/settings.h"

#define SETTING(TYPE, name, standard, min, max, reload, words, help) \
	{ #name, standard, SETTING_##TYPE, SETTING_##reload, min, max, words, help, offsetof(struct settings, name) },
const struct setting setting_list[] = {
#include "base/settings.def"
};
#undef SETTING

const size_t setting_count = sizeof(setting_list) / sizeof(setting_list[0]);

const struct setting *setting_find(struct slice name)
{
	for (size_t i = 0; i < setting_count; i++)
		if (slice_is(name, setting_list[i].name))
			return &setting_list[i];
	return NULL;
}

static void *place(struct settings *s, const struct setting *which)
{
	return (uint8_t *)s + which->offset;
}

void settings_defaults(struct settings *s)
{
	for (size_t i = 0; i < setting_count; i++) {
		const struct setting *which = &setting_list[i];

		if (which->type == SETTING_TEXT || which->type == SETTING_CHOICE)
			*(const char **)place(s, which) = which->standard;
		else
			IGNORE(slice_i64(slice_text(which->standard), place(s, which))); /* defaults are checked by a test */
	}
}

static bool is_word(const char *words, struct slice text)
{
	struct slice rest = slice_text(words);

	while (rest.n)
		if (slice_eq(slice_cut(&rest, '|'), text))
			return true;
	return false;
}

static err set_number(const struct setting *which, struct slice text, struct arena *a, int64_t *ret_value, struct slice *ret_why)
{
	int64_t value = 0;
	bool number = !failed(slice_i64(text, &value));

	if (which->type == SETTING_SWITCH && !number) {
		bool yes = slice_is(text, "on") || slice_is(text, "yes") || slice_is(text, "true");
		bool no = slice_is(text, "off") || slice_is(text, "no") || slice_is(text, "false");

		number = yes || no;
		value = yes;
	}
	if (!number || value < which->min || value > which->max) {
		*ret_why = arena_printf(a, "%s must be a number from %lld to %lld, not \"%.*s\"", which->name,
			(long long)which->min, (long long)which->max, FMT(text));
		return FAIL(CONFIG);
	}
	*ret_value = value;
	return OK;
}

err settings_set(struct settings *s, const struct setting *which, struct slice text, struct arena *a, struct slice *ret_why)
{
	text = slice_trim(text);
	if (which->type == SETTING_NUMBER || which->type == SETTING_SWITCH)
		return set_number(which, text, a, place(s, which), ret_why);
	if (which->type == SETTING_CHOICE && !is_word(which->words, text)) {
		*ret_why = arena_printf(a, "%s must be one of %s, not \"%.*s\"", which->name, which->words, FMT(text));
		return FAIL(CONFIG);
	}
	if (which->type == SETTING_TEXT && (text.n < (size_t)which->min || text.n > (size_t)which->max)) {
		*ret_why = arena_printf(a, "%s must be from %lld to %lld bytes long", which->name, (long long)which->min,
			(long long)which->max);
		return FAIL(CONFIG);
	}
	*(const char **)place(s, which) = arena_cstr(a, text);
	return OK;
}

static bool is_http_url(const char *text)
{
	struct slice url = slice_text(text);
	size_t scheme = slice_starts(url, S("https://")) ? 8 : slice_starts(url, S("http://")) ? 7 : 0;

	return scheme && url.n > scheme && url.p[scheme] != '/' && url.p[url.n - 1] != '/' && slice_find(url, ' ') == url.n &&
	       slice_find(url, '?') == url.n && slice_find(url, '#') == url.n && slice_find(url, '@') == url.n;
}

err settings_check(const struct settings *s, struct slice *ret_why)
{
	*ret_why = S("tls_certificate and tls_key go together: set both or none");
	ENSURE(!*s->tls_certificate == !*s->tls_key, CONFIG);
	*ret_why = S("public_url must be an absolute http or https URL without a slash at the end, a query or a fragment");
	ENSURE(!*s->public_url || is_http_url(s->public_url), CONFIG);
	*ret_why = S("token_issuer must be an absolute http or https URL without a slash at the end");
	ENSURE(!*s->token_issuer || is_http_url(s->token_issuer), CONFIG);
	return OK;
}

struct slice settings_text(const struct settings *s, const struct setting *which, struct arena *a)
{
	const void *at = (const uint8_t *)s + which->offset;

	if (which->type == SETTING_TEXT || which->type == SETTING_CHOICE)
		return slice_text(*(const char *const *)at);
	return arena_printf(a, "%lld", (long long)*(const int64_t *)at);
}

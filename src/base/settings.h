/*
 * Settings as a struct, made from settings.def. A settings object never changes once made: a reload makes a new one and the
 * places that look at `live` settings fetch the current one for each request.
 */
#ifndef BASE_SETTINGS_H
#define BASE_SETTINGS_H

#include "base/arena.h"

enum setting_type { SETTING_TEXT, SETTING_NUMBER, SETTING_SWITCH, SETTING_CHOICE };
enum setting_reload { SETTING_START, SETTING_LIVE };

#define SETTING_MEMBER_TEXT const char *
#define SETTING_MEMBER_CHOICE const char *
#define SETTING_MEMBER_NUMBER int64_t
#define SETTING_MEMBER_SWITCH int64_t

struct settings {
#define SETTING(TYPE, name, standard, min, max, reload, words, help) SETTING_MEMBER_##TYPE name;
#include "base/settings.def"
#undef SETTING
};

struct setting {
	const char *name, *standard;
	enum setting_type type;
	enum setting_reload reload;
	int64_t min, max; /* value of a number, bytes of a text */
	const char *words, *help;
	size_t offset;
};

extern const struct setting setting_list[];
extern const size_t setting_count;

const struct setting *setting_find(struct slice name); /* NULL: no such setting */
void settings_defaults(struct settings *s);
/* Sets one value from text, kept in the arena. E_CONFIG with a sentence in `ret_why` when it is not allowed. */
err settings_set(struct settings *s, const struct setting *which, struct slice text, struct arena *a, struct slice *ret_why);
/* Rules that join several settings (TLS needs both files, an absolute URL …). E_CONFIG with a sentence in `ret_why`. */
err settings_check(const struct settings *s, struct slice *ret_why);
/* Value as text, for check-config. */
struct slice settings_text(const struct settings *s, const struct setting *which, struct arena *a);

#endif

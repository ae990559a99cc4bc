/* JSON text: strict reading through jansson, writing straight into a buffer. */
#ifndef CODEC_JSON_H
#define CODEC_JSON_H

#include <jansson.h>

#include "base/buf.h"

enum json_rules {
	JSON_LAST_WINS, /* a doubled member: the last one counts, as most parsers have it */
	JSON_UNIQUE,  /* a doubled member is refused */
};

/*
 * Parses exactly one value. E_PARSE with `why` (constant or arena text) when it is not JSON or nested deeper than depth_max.
 * The caller drops the value with json_decref. Refused too, though RFC 8259 allows them: integers beyond 64 bits, reals beyond
 * a double, and U+0000 in the name of a member.
 */
err json_read(struct slice text, enum json_rules rules, int depth_max, struct arena *a, json_t **ret_value, struct slice *ret_why);

static inline struct slice json_text(const json_t *string)
{
	return slice_of(json_string_value(string), json_string_length(string));
}

/* A parsed value as compact text: members in the order they came, reals with 15 digits or what more it takes to read back the same. */
void json_write_value(struct buf *b, json_t *value);

/* Writer. Commas are put by itself: jw_key/jw_… in any sequence that makes sense. */
struct jw {
	struct buf *b;
	bool comma;
};

static inline struct jw jw_new(struct buf *b)
{
	return (struct jw){ b, false };
}

void jw_open(struct jw *w, char bracket);  /* '{' or '[' */
void jw_close(struct jw *w, char bracket); /* '}' or ']' */
void jw_key(struct jw *w, const char *name); /* name needs no escaping */
void jw_key_text(struct jw *w, struct slice name);
void jw_text(struct jw *w, struct slice text);
void jw_cstr(struct jw *w, const char *text);
void jw_int(struct jw *w, int64_t value);
void jw_real(struct jw *w, double value); /* finite */
void jw_bool(struct jw *w, bool value);
void jw_null(struct jw *w);
void jw_raw(struct jw *w, struct slice json); /* JSON text, as it is */

/* "key":"text" and the like, in one call. */
void jw_pair(struct jw *w, const char *name, const char *text);
void jw_pair_text(struct jw *w, const char *name, struct slice text);
void jw_pair_int(struct jw *w, const char *name, int64_t value);
void jw_pair_bool(struct jw *w, const char *name, bool value);

/* A quoted and escaped JSON string. Text that is not UTF-8 has its bad bytes replaced by U+FFFD. */
void json_quote(struct buf *b, struct slice text);

#endif

#include "codec/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

/* Nesting is measured before parsing, because jansson recurses. */
static bool too_deep(struct slice text, int depth_max)
{
	int depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];

		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			if (++depth > depth_max)
				return true;
		} else if (c == '}' || c == ']') {
			depth--;
		}
	}
	return false;
}

err json_read(struct slice text, enum json_rules rules, int depth_max, struct arena *a, json_t **ret_value, struct slice *ret_why)
{
	size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL | (rules == JSON_UNIQUE ? JSON_REJECT_DUPLICATES : 0);
	json_error_t why;
	json_t *value;

	/* jansson 2.14 steps over a zero byte behind a number or a word. */
	*ret_why = S("it holds a zero byte");
	ENSURE(slice_find(text, 0) == text.n, PARSE);
	*ret_why = S("nested too deeply");
	ENSURE(!too_deep(text, depth_max), PARSE);
	value = json_loadb(text.n ? (const char *)text.p : "", text.n, flags, &why);
	if (!value) {
		/* jansson's own text may quote the input; the place is enough. */
		*ret_why = text.n == 0 ? S("it is empty")
				       : arena_printf(a, "near line %d, column %d", why.line, why.column);
		return FAIL(PARSE);
	}
	*ret_value = value;
	return OK;
}

/* Bytes that stand for themselves inside a JSON string. */
static bool plain(uint8_t c)
{
	return c >= 0x20 && c != '"' && c != '\\' && c < 0x80;
}

static void escape(struct buf *b, uint8_t c)
{
	static const char short_forms[] = { ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r' };

	if (c == '"' || c == '\\') {
		buf_byte(b, '\\');
		buf_byte(b, c);
	} else if (c < sizeof(short_forms) && short_forms[c]) {
		buf_byte(b, '\\');
		buf_byte(b, (uint8_t)short_forms[c]);
	} else {
		buf_printf(b, "\\u%04x", c);
	}
}

void json_quote(struct buf *b, struct slice text)
{
	buf_byte(b, '"');
	while (text.n) {
		size_t n = 0;

		while (n < text.n && plain(text.p[n]))
			n++;
		if (n == 0 && text.p[0] >= 0x80)
			n = text_sequence(text);
		if (n) {
			buf_add(b, text.p, n);
		} else {
			n = 1;
			if (text.p[0] < 0x80)
				escape(b, text.p[0]);
			else
				buf_text(b, "\xef\xbf\xbd");
		}
		text = slice_of(text.p + n, text.n - n);
	}
	buf_byte(b, '"');
}

static void sep(struct jw *w)
{
	if (w->comma)
		buf_byte(w->b, ',');
	w->comma = true;
}

void jw_open(struct jw *w, char bracket)
{
	sep(w);
	buf_byte(w->b, (uint8_t)bracket);
	w->comma = false;
}

void jw_close(struct jw *w, char bracket)
{
	buf_byte(w->b, (uint8_t)bracket);
	w->comma = true;
}

void jw_key(struct jw *w, const char *name)
{
	sep(w);
	buf_byte(w->b, '"');
	buf_text(w->b, name);
	buf_add(w->b, "\":", 2);
	w->comma = false;
}

void jw_key_text(struct jw *w, struct slice name)
{
	sep(w);
	json_quote(w->b, name);
	buf_byte(w->b, ':');
	w->comma = false;
}

void jw_text(struct jw *w, struct slice text)
{
	sep(w);
	json_quote(w->b, text);
}

void jw_cstr(struct jw *w, const char *text)
{
	jw_text(w, slice_text(text));
}

void jw_int(struct jw *w, int64_t value)
{
	sep(w);
	buf_i64_text(w->b, value);
}

void jw_real(struct jw *w, double value)
{
	char text[32];
	int digits = 15; /* a double always keeps these; 17 are always enough */

	do
		snprintf(text, sizeof(text), "%.*g", digits, value);
	while (strtod(text, NULL) != value && ++digits <= 17);
	jw_raw(w, slice_text(text));
	if (!strpbrk(text, ".e"))
		buf_text(w->b, ".0"); /* a real stays one */
}

void jw_bool(struct jw *w, bool value)
{
	jw_raw(w, value ? S("true") : S("false"));
}

void jw_null(struct jw *w)
{
	jw_raw(w, S("null"));
}

void jw_raw(struct jw *w, struct slice json)
{
	sep(w);
	buf_slice(w->b, json);
}

void jw_pair(struct jw *w, const char *name, const char *text)
{
	jw_key(w, name);
	jw_cstr(w, text);
}

void jw_pair_text(struct jw *w, const char *name, struct slice text)
{
	jw_key(w, name);
	jw_text(w, text);
}

void jw_pair_int(struct jw *w, const char *name, int64_t value)
{
	jw_key(w, name);
	jw_int(w, value);
}

void jw_pair_bool(struct jw *w, const char *name, bool value)
{
	jw_key(w, name);
	jw_bool(w, value);
}

static void write_value(struct jw *w, json_t *value);

static void write_object(struct jw *w, json_t *object)
{
	const char *name;
	json_t *value;

	jw_open(w, '{');
	json_object_foreach(object, name, value) {
		jw_key_text(w, slice_text(name));
		write_value(w, value);
	}
	jw_close(w, '}');
}

static void write_array(struct jw *w, const json_t *array)
{
	size_t i;
	json_t *value;

	jw_open(w, '[');
	json_array_foreach(array, i, value)
		write_value(w, value);
	jw_close(w, ']');
}

static void write_value(struct jw *w, json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		write_object(w, value);
		break;
	case JSON_ARRAY:
		write_array(w, value);
		break;
	case JSON_STRING:
		jw_text(w, json_text(value));
		break;
	case JSON_INTEGER:
		jw_int(w, json_integer_value(value));
		break;
	case JSON_REAL:
		jw_real(w, json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		jw_bool(w, json_is_true(value));
		break;
	case JSON_NULL:
		jw_null(w);
		break;
	}
}

/* Not jansson's own dump, which writes 0.1 as 0.10000000000000001. Depth is what json_read let in. */
void json_write_value(struct buf *b, json_t *value)
{
	struct jw w = jw_new(b);

	write_value(&w, value);
}

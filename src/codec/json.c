#include "codec/json.h"

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

static size_t wide_run(struct slice text, size_t at)
{
	for (size_t n = 2; n <= 4 && at + n <= text.n; n++)
		if (text_is_utf8(slice_of(text.p + at, n)))
			return n;
	return 0;
}

void json_quote(struct buf *b, struct slice text)
{
	size_t at = 0;

	buf_byte(b, '"');
	while (at < text.n) {
		size_t run = at;

		while (run < text.n && plain(text.p[run]))
			run++;
		buf_add(b, text.p + at, run - at);
		at = run;
		if (at == text.n)
			break;
		if (text.p[at] < 0x80) {
			escape(b, text.p[at++]);
		} else {
			size_t n = wide_run(text, at);

			if (n)
				buf_add(b, text.p + at, n);
			else
				buf_text(b, "\xef\xbf\xbd");
			at += n ? n : 1;
		}
	}
	buf_byte(b, '"');
}

static int dump_into(const char *bytes, size_t n, void *buf)
{
	buf_add(buf, bytes, n);
	return 0;
}

void json_write_value(struct buf *b, const json_t *value)
{
	if (json_dump_callback(value, dump_into, b, JSON_COMPACT | JSON_ENCODE_ANY) != 0)
		b->overflow = true;
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
